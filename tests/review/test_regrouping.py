"""Documents are split and joined by hand: nothing is lost, everything can be taken back, what was typed goes along."""

import json

import pytest
from paged_work import PagedReader, pages, paper, read, submitted
from stored_work import StoredWork, receipt

from review.i18n import catalog
from review.json_lines import json_line
from review.keeping import erase_old, find_old
from review.output import Output
from review.stored import export_records, row_of
from review.workflow import Change, EditConflictError, LockedError, RecordFilter, Status, WrongStatusError

FIRST = paper(("診察費", "345"), ("藥費", "100"), hospital_name="示範醫院", patient_name="王小明", receipt_number="A1")
SECOND = paper(("藥費", "200"), ("檢查費", "50"), hospital_name="示範醫院", patient_name="王小明", receipt_number="B2")
THIRD = paper(("材料費", "5"), patient_name="李大同")
READER = PagedReader("fake", {(0, 0): FIRST, (0, 1): SECOND, (0, 2): THIRD, (9, 0): THIRD, (5, 0): SECOND})


def opened(work: StoredWork, count: int = 3, shade: int = 0, user: str = "ann"):
    return work.workspace.open_for_review(submitted(work, count, READER, shade), user)


def type_in(work, record, **texts: str):
    changes = [Change(path.replace("__", "."), text) for path, text in texts.items()]
    return work.workspace.correct(record.id, record.version, changes, "ann")


def rows(record):
    return [(row.name, row.nhi_amount, row.self_pay_amount) for row in record.extraction.document.items]


def records(work, ids):
    return [work.workspace.record(each) for each in ids]


def split(work, record, *starts):
    ids = work.workspace.split(record.id, record.version, starts, user="ann")
    read(work, READER)
    return records(work, ids)


def lost(record):
    return [each.flag.parameters["value"] for each in record.flags if each.flag.code == "correction_lost"]


def test_pages_become_documents_of_their_own(work):
    record = opened(work)
    first, second = split(work, record, 1)
    assert [row[0] for row in rows(first)] == ["診察費", "藥費"]
    assert [row[0] for row in rows(second)] == ["藥費", "檢查費", "材料費"]
    assert [(each.page_count, each.status, each.batch_id) for each in (first, second)] == [
        (1, Status.TO_REVIEW, record.batch_id), (2, Status.TO_REVIEW, record.batch_id)]  # fmt: skip
    assert all(work.workspace.page_image(second.id, page) for page in (0, 1))
    lines = [json.loads(json_line(row_of(each), catalog("en"))) for each in (first, second)]
    assert [(line["file"], line["part"], line["parts"]) for line in lines] == [("a.tif", 1, 2), ("a.tif", 2, 2)]


def test_old_record_stays_linked_and_counts_no_more(work, tmp_path):
    record = opened(work)
    new = split(work, record, 1)
    workspace = work.workspace
    old = workspace.record(record.id)
    assert (old.status, old.regrouped.is_gone, old.regrouped.others) == (
        Status.SUPERSEDED, True, tuple(each.id for each in new))  # fmt: skip
    assert new[0].regrouped.others == (record.id,)
    assert {each.id for each in workspace.records()} == {each.id for each in new}
    assert workspace.records(RecordFilter(statuses=["superseded"]))[0].id == record.id
    assert (workspace.count_records(), workspace.batches()[0].total, sum(workspace.counts().values())) == (2, 2, 2)
    exported = export_records(workspace, Output(catalog("en"), str(tmp_path / "a.jsonl"), None), (), "ann")
    assert exported == 2
    assert [entry.action for entry in old.history] == ["submitted", "read", "split"]
    assert [entry.action for entry in new[0].history] == ["split_off", "read", "exported"][: len(new[0].history)]
    assert workspace.verify() is None
    with pytest.raises(WrongStatusError):
        workspace.read_again(record.id, ["fake"], user="ann")


def test_what_was_typed_goes_with_its_rows_and_its_page(work):
    record = type_in(work, opened(work, 2), items__1__self_pay_amount="11", items__2__self_pay_amount="22",
                     patient_name="王大明", receipt_number="A-1")  # fmt: skip
    record = work.workspace.insert_row(record.id, record.version, "items", 4, "ann")
    record = type_in(work, record, items__4__name="證明書費", items__4__self_pay_amount="100")
    first, second = split(work, record, 1)
    assert rows(first) == [("診察費", 345, 0), ("藥費", 100, 11)]
    assert rows(second) == [("藥費", 200, 22), ("檢查費", 50, 0), ("證明書費", None, 100)]
    assert [each.extraction.document.patient_name for each in (first, second)] == ["王大明", "王大明"], "read alike"
    assert [each.extraction.document.receipt_number for each in (first, second)] == ["A-1", "B2"], "it is of page 1"
    assert lost(first) == lost(second) == []
    assert first.corrected.keys() == {"items.1.self_pay_amount", "patient_name", "receipt_number"}


def test_value_typed_into_a_blank_field_is_told_to_both_parts(work):
    first, second = split(work, type_in(work, opened(work, 2), department="眼科"), 1)
    assert (lost(first), lost(second)) == (["眼科"], ["眼科"])
    assert first.extraction.document.department is None


def test_splitting_is_taken_back_as_it_was(work):
    record = type_in(work, opened(work), items__1__self_pay_amount="11")
    first, second = split(work, record, 1)
    assert work.workspace.undo_regrouping(first.id, user="ann") == [record.id]
    back = work.workspace.record(record.id)
    assert (back.status, rows(back), back.regrouped) == (Status.TO_REVIEW, rows(record), None)
    assert {work.workspace.record(each.id).status for each in (first, second)} == {Status.SUPERSEDED}
    assert [each.id for each in work.workspace.records()] == [record.id]
    assert back.history[-1].action == "put_back"
    assert work.workspace.verify() is None
    with pytest.raises(KeyError):
        work.workspace.undo_regrouping(record.id, user="ann")


def test_splitting_is_taken_back_before_the_parts_were_read(work):
    record = opened(work)
    first, _ = work.workspace.split(record.id, record.version, [1], user="ann")
    assert work.workspace.undo_regrouping(first, user="ann") == [record.id]
    assert work.queue.jobs == []
    assert work.workspace.record(record.id).status is Status.TO_REVIEW


def test_parts_that_were_corrected_since_are_joined_with_their_corrections(work):
    record = opened(work, 2)
    first, second = split(work, record, 1)
    type_in(work, work.workspace.open_for_review(first.id, "ann"), items__1__self_pay_amount="11")
    type_in(work, work.workspace.open_for_review(second.id, "ann"), items__0__self_pay_amount="22")
    (joined,) = work.workspace.undo_regrouping(first.id, user="ann")
    read(work, READER)
    joined = work.workspace.record(joined)
    assert rows(joined) == [("診察費", 345, 0), ("藥費", 100, 11), ("藥費", 200, 22), ("檢查費", 50, 0)]
    assert (joined.page_count, joined.id != record.id, joined.name) == (2, True, "a.tif")


def test_records_of_a_batch_are_joined_in_the_order_given(work):
    files = [("p1.tif", pages(1)), ("p2.tif", pages(1, 5)), ("p3.tif", pages(1, 9))]
    work.workspace.submit(files, readers=("fake",), user="ann")
    one, two, three = (work.workspace.open_for_review(each, "ann") for each in read(work, READER))
    two = type_in(work, two, items__0__self_pay_amount="22", patient_name="王大明")
    joined = work.workspace.join([two.id, one.id], user="ann")
    read(work, READER)
    joined = work.workspace.record(joined)
    assert [row[:2] for row in rows(joined)] == [("藥費", 200), ("檢查費", 50), ("診察費", 345), ("藥費", 100)]
    assert rows(joined)[0][2] == 22
    assert joined.extraction.document.patient_name == "王大明"
    assert (joined.name, joined.page_count) == ("p2.tif + p1.tif", 2)
    assert [entry.action for entry in joined.history] == ["joined_from", "read"]
    assert {each.id for each in work.workspace.records()} == {joined.id, three.id}
    assert not [each for each in joined.duplicates if each.other_id in (one.id, two.id)]


def test_joining_is_taken_back_and_split_where_it_was_changed(work):
    work.workspace.submit([("p1.tif", pages(1)), ("p2.tif", pages(1, 5))], readers=("fake",), user="ann")
    ids = read(work, READER)
    joined = work.workspace.join(ids, user="ann")
    read(work, READER)
    assert work.workspace.undo_regrouping(joined, user="ann") == ids
    joined = work.workspace.join(ids, user="ann")
    read(work, READER)
    type_in(work, work.workspace.open_for_review(joined, "ann"), items__2__self_pay_amount="22")
    new = work.workspace.undo_regrouping(ids[0], user="ann")
    read(work, READER)
    assert [row[2] for each in records(work, new) for row in rows(each)] == [0, 0, 22, 0]
    assert work.workspace.verify() is None


def test_steps_of_joined_documents_are_undone_one_by_one(work):
    work.workspace.submit([("p1.tif", pages(1)), ("p2.tif", pages(1, 5))], readers=("fake",), user="ann")
    ids = read(work, READER)
    for each, amount in zip(ids, ("11", "22"), strict=True):
        type_in(work, work.workspace.open_for_review(each, "ann"), items__0__self_pay_amount=amount)
    joined = work.workspace.join(ids, user="ann")
    read(work, READER)
    work.workspace.open_for_review(joined, "ann")
    assert [row[2] for row in rows(work.workspace.undo(joined, "ann"))] == [11, 0, 0, 0]
    assert [row[2] for row in rows(work.workspace.undo(joined, "ann"))] == [0, 0, 0, 0]


def test_page_is_cut_in_two_by_a_line(work):
    record = opened(work, 1)
    ids = work.workspace.cut_page(record.id, record.version, 0, "across", 0.4, user="ann")
    read(work, READER)
    first, second = records(work, ids)
    sizes = [each.extraction.readings[0].pages[0] for each in (first, second)]
    assert all(size.height for size in sizes)
    assert [len(work.workspace.page_image(each, 0)) > 0 for each in ids] == [True, True]
    again = work.workspace.cut_page(second.id, second.version, 0, "down", 0.5, user="ann")
    read(work, READER)
    assert work.workspace.undo_regrouping(again[0], user="ann") == [second.id]
    with pytest.raises(KeyError):
        work.workspace.cut_page(first.id, first.version, 0, "down", 0.0, user="ann")


def test_cut_parts_of_a_page_get_what_was_typed_where_it_stands(work):
    record = type_in(work, opened(work, 1), items__0__self_pay_amount="11", items__1__self_pay_amount="22")
    ids = work.workspace.cut_page(record.id, record.version, 0, "across", 0.39, user="ann")
    upper = paper(("診察費", "345"), hospital_name="示範醫院")
    read(work, PagedReader("fake", {(0, 0): upper}))
    first, second = records(work, ids)
    assert rows(first) == [("診察費", 345, 11)]
    assert rows(second) == [("診察費", 345, 0)], (
        "the row stands above the line: what was typed there is not of this part"
    )
    assert (lost(first), lost(second)) == ([], ["22"])


def test_what_cannot_be_regrouped_is_refused_and_left_as_it_is(work):
    record, other = opened(work), opened(work, 1, 9)
    for starts in ([], [0], [3], [1, 3]):
        with pytest.raises(KeyError):
            work.workspace.split(record.id, record.version, starts, user="ann")
    with pytest.raises(EditConflictError):
        work.workspace.split(record.id, record.version - 1, [1], user="ann")
    with pytest.raises(LockedError):
        work.workspace.split(record.id, record.version, [1], user="bob")
    for ids in ([record.id], [record.id, record.id], [record.id, other.id]):
        with pytest.raises(KeyError):
            work.workspace.join(ids, user="ann")
    new = split(work, record, 1)
    part = work.workspace.open_for_review(new[0].id, "bob")
    with pytest.raises(LockedError):
        work.workspace.undo_regrouping(record.id, user="ann")
    work.workspace.reject(part.id, part.version, "bob", "no")
    with pytest.raises(WrongStatusError):
        work.workspace.undo_regrouping(record.id, user="ann")


def test_superseded_record_is_erased_after_its_time_when_nothing_of_it_is_open(work):
    from stored_work import grow_old

    record = opened(work)
    new = split(work, record, 1)
    grow_old(work, record.id)
    assert find_old(work.settings, 30) == []
    for each in new:
        part = work.workspace.open_for_review(each.id, "ann")
        work.workspace.reject(part.id, part.version, "ann", "no")
    assert list(erase_old(work.settings, 30, "ann")) == [record.id]
    assert work.workspace.original(new[0].id)[0] == "a.tif", "the file of the parts is kept"
    assert work.workspace.record(new[0].id).regrouped is None or work.workspace.record(new[0].id).regrouped.others == ()
    assert work.workspace.verify() is None


def test_undone_regrouping_of_unread_documents_queues_them_again(work):
    work.workspace.submit([("p1.tif", pages(1)), ("p2.tif", pages(1, 5))], readers=("fake",), user="ann")
    ids = [record_id for record_id, _ in work.queue.jobs]
    joined = work.workspace.join(ids, user="ann")
    assert [job[0] for job in work.queue.jobs] == [joined]
    work.workspace.undo_regrouping(joined, user="ann")
    assert work.queue.jobs == [(record_id, 2) for record_id in ids]
    assert len(read(work, READER)) == 2
    assert {each.status for each in work.workspace.records()} == {Status.TO_REVIEW}


def test_other_documents_are_left_alone(work):
    (other,) = work.add(receipt())
    record = opened(work)
    split(work, record, 1, 2)
    assert work.workspace.record(other).status is Status.TO_REVIEW
    assert len(work.workspace.records()) == 4
