"""One page of a document is read again by another reader; what was read of the others, and typed, stays."""

import pytest
from paged_work import PagedReader, pages, paper, read, submitted
from stored_work import StoredWork

from review.workflow import Change, LockedError, Status, UnknownReaderError, WrongStatusError

FIRST = paper(("診察費", "345"), ("藥費", "100"), hospital_name="示範醫院", patient_name="王小明")
SECOND = paper(("藥費", "200"), ("檢查費", "50"), nhi_total="700")
THIRD = paper(("材料費", "5"))
PAPERS = {(0, 0): FIRST, (0, 1): SECOND, (0, 2): THIRD}
BETTER = {(0, 1): paper(("藥費", "220"), ("注射費", "30"), ("檢查費", "50"), nhi_total="750", reader="rolmocr")}


def rows(record):
    return [(row.name, row.nhi_amount) for row in record.extraction.document.items]


@pytest.fixture
def record(work: StoredWork):
    return work.workspace.open_for_review(submitted(work, 3, PagedReader("fake", PAPERS)), "ann")


def again(work: StoredWork, record, page: int = 1, reader: PagedReader | None = None):
    reader = reader or PagedReader("rolmocr", BETTER)
    work.workspace.read_page_again(record.id, page, reader.name, user="ann")
    read(work, reader)
    assert reader.asked == [(0, page)], "no other page is asked for"
    return work.workspace.record(record.id)


def test_rows_of_the_page_are_replaced_and_all_others_stay(work, record):
    new = again(work, record)
    assert rows(new) == [("診察費", 345), ("藥費", 100), ("藥費", 220), ("注射費", 30), ("檢查費", 50), ("材料費", 5)]
    document = new.extraction.document
    assert (document.patient_name, document.nhi_total, new.status) == ("王小明", 750, Status.TO_REVIEW)
    places = {path: items[0].page for path, items in new.extraction.evidence.items()}
    assert [places[f"items.{row}.name"] for row in range(6)] == [0, 0, 1, 1, 1, 2]
    assert new.readers == ("rolmocr@2+fake",)
    assert new.page_count == 3


def test_both_readings_are_kept_and_the_history_tells(work, record):
    new = again(work, record)
    stored = work.workspace.readings(record.id)
    assert [(each.attempt, each.reading.reader) for each in stored] == [(1, "fake"), (2, "rolmocr@2+fake")]
    assert [attempt.raw for attempt in stored[1].reading.attempts] == ["rolmocr 0"]
    assert [entry.action for entry in new.history][-2:] == ["page_read_again", "read"]
    assert new.history[-2].details == {"attempt": 2, "page": 2, "readers": ["rolmocr"]}
    assert work.workspace.verify() is None


def test_what_was_typed_stays_on_pages_that_were_not_read_and_on_rows_that_are_the_same(work, record):
    changes = [Change("patient_name", "王大明"), Change("items.1.self_pay_amount", "11"),
               Change("items.3.self_pay_amount", "22"), Change("items.4.self_pay_amount", "33")]  # fmt: skip
    record = work.workspace.correct(record.id, record.version, changes, "ann")
    new = again(work, record)
    amounts = [row.self_pay_amount for row in new.extraction.document.items]
    assert amounts == [0, 11, 0, 0, 22, 33], "藥費 stands on two pages: the row of page 1 is known by its page"
    assert new.extraction.document.patient_name == "王大明"
    assert not [each for each in new.flags if each.flag.code == "correction_lost"]


def test_what_was_typed_into_a_row_that_is_gone_is_told(work, record):
    record = work.workspace.correct(record.id, record.version, [Change("items.3.self_pay_amount", "22")], "ann")
    other = paper(("藥費", "200"), ("衛材", "9"), ("雜費", "1"))
    new = again(work, record, reader=PagedReader("rolmocr", {(0, 1): other}))
    assert "correction_lost" in {each.flag.code for each in new.flags if each.is_open}


def test_another_page_after_that_keeps_the_first(work, record):
    again(work, record)
    third = PagedReader("gemma3", {(0, 2): paper(("材料費", "7"), reader="gemma3")})
    new = again(work, record, 2, third)
    assert rows(new)[2:] == [("藥費", 220), ("注射費", 30), ("檢查費", 50), ("材料費", 7)]
    assert new.readers == ("gemma3@3+rolmocr@2+fake",)
    back = again(work, record, 1, PagedReader("fake", PAPERS))
    assert rows(back)[2:] == [("藥費", 200), ("檢查費", 50), ("材料費", 7)]


def test_row_of_unknown_page_is_kept_and_doubted_unless_the_page_has_it(work):
    def without_place(reading, row):
        for path in [path for path in reading.evidence if path.startswith(f"items.{row}.")]:
            del reading.evidence[path]
        return reading

    first = without_place(paper(("診察費", "345"), ("雜費", "7"), hospital_name="示範醫院"), 1)
    second = without_place(paper(("檢查費", "50"), ("藥費", "200")), 0)
    reader = PagedReader("fake", {(0, 0): first, (0, 1): second})
    record = work.workspace.open_for_review(submitted(work, 2, reader), "ann")
    work.workspace.read_page_again(record.id, 1, "fake", user="ann")
    reader.papers[0, 1] = paper(("檢查費", "50"), ("藥費", "250"))
    read(work, reader)
    new = work.workspace.record(record.id)
    assert rows(new) == [("診察費", 345), ("雜費", 7), ("檢查費", 50), ("藥費", 250)]
    unclear = [each.flag for each in new.flags if each.flag.code == "row_of_page"]
    assert [(flag.paths, flag.parameters) for flag in unclear] == [(("items.1",), {"page": "2"})]


def test_reader_that_fails_leaves_the_earlier_reading(work, record):
    from extraction.errors import DegenerateOutputError
    from extraction.readers.fake import FakeReader

    failing = FakeReader(DegenerateOutputError("!!!!", cause="numeric_fault"))
    failing.name = "rolmocr"
    work.workspace.read_page_again(record.id, 1, "rolmocr", user="ann")
    read(work, failing)
    new = work.workspace.record(record.id)
    assert (new.status, len(rows(new)), new.history[-1].action) == (Status.TO_REVIEW, 5, "failed")


def test_document_of_one_page_is_read_as_a_whole(work):
    reader = PagedReader("fake", PAPERS)
    record = work.workspace.open_for_review(submitted(work, 1, reader), "ann")
    work.workspace.read_page_again(record.id, 0, "rolmocr", user="ann")
    read(work, PagedReader("rolmocr", {(0, 0): paper(("診察費", "346"), reader="rolmocr")}))
    assert (rows(work.workspace.record(record.id)), work.workspace.record(record.id).readers) == (
        [("診察費", 346)], ("rolmocr",))  # fmt: skip


def test_what_cannot_be_read_again_is_refused_and_left_as_it_is(work, record):
    workspace = work.workspace
    with pytest.raises(KeyError):
        workspace.read_page_again(record.id, 3, "fake", user="ann")
    with pytest.raises(UnknownReaderError):
        workspace.read_page_again(record.id, 0, "nobody", user="ann")
    with pytest.raises(LockedError):
        workspace.read_page_again(record.id, 0, "fake", user="bob")
    workspace.reject(record.id, record.version, "ann", "twice")
    with pytest.raises(WrongStatusError):
        workspace.read_page_again(record.id, 0, "fake", user="ann")
    workspace.submit([("b.tif", pages(2, 9))], readers=("fake",), user="ann")
    waiting = next(each for each in workspace.records() if each.name == "b.tif")
    with pytest.raises(WrongStatusError):
        workspace.read_page_again(waiting.id, 0, "fake", user="ann")
