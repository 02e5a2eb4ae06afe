"""What a person asks of the machine: other readers, everything that was answered, unknown names, their own place."""

import datetime as dt

import pytest
from stored_work import StoredWork, picture, receipt

from extraction.errors import DegenerateOutputError, ReaderError, ReaderUnavailableError
from extraction.readers.fake import small_receipt
from extraction.readers.profiles import ReaderOptions
from review.workflow import (
    LockedError,
    RecordNotFoundError,
    Status,
    UnknownReaderError,
    WrongStatusError,
)
from schemas.result import Attempt, Severity
from storage.tables import OptionsRow, RecordRow, WaitRow


def answered(reader: str, *attempts: Attempt):
    return small_receipt().model_copy(update={"reader": reader, "attempts": list(attempts), "prompt": "sha256:1"})


def test_everything_a_reader_answered_is_kept_whole(work: StoredWork):
    long = "藥費 0\n" * 200_000 + "\x00 end"
    loop = Attempt(kind="structure", cause="repetition", raw=long, seconds=4.1, tokens_in=2700, tokens_out=400)
    last = Attempt(kind="structure", raw="{}", seconds=2.0, tokens_in=2700, tokens_out=310, finish_reason="stop")
    (record_id,) = work.add(answered("rolmocr", loop, last))
    (stored,) = work.workspace.readings(record_id)
    assert (stored.attempt, stored.position, stored.reading.prompt) == (1, 0, "sha256:1")
    assert stored.reading.attempts == [loop, last]
    assert len(work.workspace.record(record_id).extraction.readings[0].attempts) == 2
    with pytest.raises(RecordNotFoundError):
        work.workspace.readings("nobody")


def test_answers_of_a_reader_that_failed_are_kept(work: StoredWork):
    error = DegenerateOutputError("藥費藥費藥費", cause="repetition")
    error.attempts = (Attempt(kind="structure", cause="repetition", raw="藥費藥費藥費", tokens_out=40),)
    (record_id,) = work.add(error)
    assert work.workspace.record(record_id).status is Status.FAILED
    (stored,) = work.workspace.readings(record_id)
    assert stored.reading.attempts == list(error.attempts)


def test_half_a_character_of_a_cut_stream_is_no_obstacle(work: StoredWork):
    (record_id,) = work.add(answered("rolmocr", Attempt(raw="a\ud83d")))
    (stored,) = work.workspace.readings(record_id)
    assert stored.reading.attempts[0].raw == "a\N{REPLACEMENT CHARACTER}"


def test_answers_before_a_server_went_away_are_kept_too(work: StoredWork):
    error = ReaderUnavailableError("endpoint_unreachable", address="http://gpu:8000")
    error.attempts = (Attempt(kind="transcribe", raw="醫療費用收據", seconds=3.0),
                      Attempt(kind="structure", cause="endpoint_unreachable"))  # fmt: skip
    (record_id,) = work.add(error)
    waiting = work.workspace.record(record_id)
    assert (waiting.status, waiting.wait.cause, waiting.error) == (Status.QUEUED, "unreachable", None)
    work.queue.enqueue(record_id, 1)
    work.read(answered("fake", Attempt(raw="{}")))
    first, second = work.workspace.readings(record_id)
    assert [first.position, second.position] == [0, 1]
    assert [attempt.raw for attempt in first.reading.attempts] == ["醫療費用收據", None]
    assert work.workspace.record(record_id).status is Status.TO_REVIEW
    with work.database.read() as session:
        assert session.query(WaitRow).count() == 0


def test_finished_document_is_read_anew_and_both_readings_stay(work: StoredWork):
    (record_id,) = work.add()
    queued = work.workspace.read_again(record_id, ["rolmocr"], ReaderOptions(temperature=0.3), user="ann")
    assert (queued.status, queued.readers, queued.party) == (Status.QUEUED, ("rolmocr",), "示範醫院")
    work.read(answered("rolmocr"))
    record = work.workspace.record(record_id)
    assert (record.status, record.party) == (Status.TO_REVIEW, "示範醫院")
    assert [(stored.attempt, stored.reading.reader) for stored in work.workspace.readings(record_id)] == [
        (1, "fake"), (2, "rolmocr")
    ]  # fmt: skip
    assert [entry.action for entry in record.history] == ["submitted", "read", "read_again", "read"]
    assert work.workspace.verify() is None


def read_again(work: StoredWork, record_id: str, *answers):
    work.workspace.read_again(record_id, ["fake"], user="ann")
    work.read(*answers)
    return work.workspace.record(record_id)


def rows(*names_and_points: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "nhi_amount": points, "self_pay_amount": "0"} for name, points in names_and_points]


def test_document_that_somebody_else_has_open_is_not_read_again(work: StoredWork):
    record = work.open_one()
    with pytest.raises(LockedError):
        work.workspace.read_again(record.id, ["fake"], user="bob")


def test_persons_changes_are_made_again_on_the_new_reading(work: StoredWork):
    record = work.correct(work.open_one(), patient_name="王大明", items__1__self_pay_amount="170")
    record = work.workspace.swap_columns(record.id, record.version, 0, "ann")
    new = receipt(patient_name="王小朋", hospital_name="示範總醫院",
                  items=[{"name": "掛號費", "nhi_amount": None, "self_pay_amount": "50"},
                         *small_receipt().values["items"]])  # fmt: skip
    record = read_again(work, record.id, new)
    document = record.extraction.document
    assert (record.status, document.patient_name, document.hospital_name) == (
        Status.TO_REVIEW, "王大明", "示範總醫院")  # fmt: skip
    assert document.items[2].self_pay_amount == 170, "the change follows its row"
    assert (document.items[1].nhi_amount, document.items[1].self_pay_amount) == (0, 345)
    assert record.corrected["patient_name"] == "王小朋"
    assert [entry.action for entry in record.history][-2:] == ["read_again", "read"]
    record = work.workspace.open_for_review(record.id, "ann")
    for _ in range(3):
        record = work.workspace.undo(record.id, "ann")
    assert record.extraction.document.patient_name == "王小朋", "it can be undone as before"
    assert work.workspace.verify() is None


def test_swap_that_the_new_reading_needs_no_more_is_not_made_again(work: StoredWork):
    record = work.open_one()
    record = work.workspace.swap_columns(record.id, record.version, 0, "ann")
    items = small_receipt().values["items"]
    right = [{**items[0], "nhi_amount": "0", "self_pay_amount": "345"}, items[1]]
    record = read_again(work, record.id, receipt(items=right))
    assert (record.extraction.document.items[0].nhi_amount, record.can_undo) == (0, False)


def test_change_of_a_row_that_is_not_there_for_certain_is_told(work: StoredWork):
    record = work.correct(work.open_one(receipt(items=rows(("藥費", "1"), ("檢查費", "2")))), items__0__nhi_amount="11")
    record = read_again(work, record.id, receipt(items=rows(("藥費", "5"), ("藥費", "6"), ("檢查費", "2"))))
    assert [row.nhi_amount for row in record.extraction.document.items] == [5, 6, 2]
    (lost,) = [each.flag for each in record.flags if each.flag.code == "correction_lost"]
    assert (lost.paths, lost.parameters, lost.severity) == (
        ("items",), {"cell": "items.0.nhi_amount", "value": "11"}, Severity.ERROR)  # fmt: skip
    assert record.errors >= 1
    record = work.correct(work.workspace.open_for_review(record.id, "ann"), patient_name="王大明")
    assert "correction_lost" in {each.flag.code for each in record.flags if each.is_open}, "it stays until decided"


def test_rows_that_were_put_in_or_taken_out_are_so_again_but_none_twice(work: StoredWork):
    record = work.open_one(receipt(items=rows(("藥費", "1"), ("章戳", "9"), ("檢查費", "2"))))
    record = work.workspace.delete_row(record.id, record.version, "items", 1, "ann")
    record = work.workspace.insert_row(record.id, record.version, "items", 1, "ann")
    record = work.correct(record, items__1__name="材料費", items__1__nhi_amount="7")
    same = read_again(work, record.id, receipt(items=rows(("藥費", "1"), ("章戳", "9"), ("檢查費", "2"))))
    assert [(row.name, row.nhi_amount) for row in same.extraction.document.items] == [
        ("藥費", 1), ("材料費", 7), ("檢查費", 2)]  # fmt: skip
    found = read_again(work, record.id, receipt(items=rows(("藥費", "1"), ("材料費", "70"), ("檢查費", "2"))))
    assert [(row.name, row.nhi_amount) for row in found.extraction.document.items] == [
        ("藥費", 1), ("材料費", 7), ("檢查費", 2)]  # fmt: skip


def test_other_type_of_document_takes_no_change_and_says_so(work: StoredWork):
    record = work.correct(work.open_one(), patient_name="王大明")
    invoice = small_receipt().model_copy(update={"document_type": "invoice", "values": {"total_amount": "9"},
                                                 "evidence": {}})  # fmt: skip
    record = read_again(work, record.id, invoice)
    assert record.document_type == "invoice"
    assert [each.flag.parameters["value"] for each in record.flags if each.flag.code == "correction_lost"] == ["王大明"]


@pytest.mark.parametrize("error", [DegenerateOutputError("!!", cause="numeric_fault"), ReaderError("key_refused")])
def test_reading_that_fails_leaves_what_was_read_before_and_the_history_says_so(work: StoredWork, error):
    record = work.correct(work.open_one(), patient_name="王大明")
    before = work.workspace.record(record.id)
    queued = work.workspace.read_again(record.id, ["rolmocr"], user="ann")
    assert (queued.status, queued.extraction) == (Status.QUEUED, before.extraction), "it is shown until it is read"
    work.read(error)
    after = work.workspace.record(record.id)
    assert (after.status, after.error, after.extraction) == (Status.TO_REVIEW, None, before.extraction)
    assert (after.errors, after.warnings, after.party, after.can_undo) == (
        before.errors, before.warnings, before.party, True)  # fmt: skip
    assert (after.history[-1].action, after.history[-1].details["code"]) == ("failed", error.key)
    work.correct(work.workspace.open_for_review(record.id, "ann"), patient_name="王大朋")
    assert work.workspace.page_image(record.id, 0)
    assert work.workspace.cancel(read_once_more(work, record.id), "ann") == 1
    assert work.workspace.record(record.id).extraction.document.patient_name == "王大朋"
    assert work.workspace.verify() is None


def read_once_more(work: StoredWork, record_id: str) -> str:
    return work.workspace.read_again(record_id, ["fake"], user="ann").id


def test_decided_document_is_reopened_before_it_is_read_anew(work: StoredWork):
    record = work.open_one()
    work.workspace.approve(record.id, record.version, "ann")
    with pytest.raises(WrongStatusError):
        work.workspace.read_again(record.id, ["fake"], user="ann")


@pytest.mark.parametrize("readers", [["rolmcor"], ["local", "nobody"], []])
def test_unknown_reader_is_refused_before_anything_is_kept(work: StoredWork, readers):
    with pytest.raises(UnknownReaderError) as caught:
        work.workspace.submit([("a.png", picture())], readers=readers, user="ann")
    assert {"local", "rolmocr"} <= set(caught.value.known)
    assert work.workspace.batches() == []


def test_server_named_for_one_batch_is_a_reader_of_its_own(work: StoredWork):
    named = ReaderOptions(base_url="http://gpu:9000/v1", model="some/model")
    work.workspace.submit([("a.png", picture())], readers=["endpoint"], options=named, user="ann")
    with pytest.raises(UnknownReaderError):
        work.workspace.submit([("a.png", picture())], readers=["endpoint"], user="ann")


def test_options_are_kept_once_however_many_documents_have_them(work: StoredWork):
    changed = ReaderOptions(structure="只抄寫" * 500)
    for number in range(2):
        work.workspace.submit([("a.png", picture(number))], readers=["rolmocr"], options=changed, user="ann")
    work.workspace.submit([("b.png", picture(9))], readers=["rolmocr"], options=ReaderOptions(), user="ann")
    with work.database.read() as session:
        assert session.query(OptionsRow).count() == 1
        assert session.query(RecordRow).filter(RecordRow.options.is_(None)).count() == 1


def test_queued_documents_say_what_those_before_them_wait_for(work: StoredWork):
    down = ReaderUnavailableError("endpoint_unreachable", address="http://gpu:8000", reader="rolmocr")
    work.workspace.submit([("a.png", picture(1)), ("b.png", picture(2))], readers=["rolmocr"], user="ann")
    work.workspace.submit([("c.png", picture(3))], readers=["internvl3"], user="ann")
    other = ReaderOptions(base_url="http://other:9000/v1")
    work.workspace.submit([("d.png", picture(4))], readers=["rolmocr"], options=other, user="ann")
    work.queue.jobs = work.queue.jobs[:1]
    work.read(down)
    waits = {record.name: record.wait for record in work.workspace.records()}
    assert [waits["a.png"].reader, waits["b.png"].cause] == ["rolmocr", "unreachable"]
    assert waits["c.png"] is waits["d.png"] is None
    assert [batch.wait and batch.wait.reader for batch in work.workspace.batches()] == [None, None, "rolmocr"]
    assert waits["a.png"].since <= dt.datetime.now(dt.UTC) < waits["a.png"].next_try_at + dt.timedelta(seconds=1)


def test_document_called_back_takes_no_answer_that_comes_late(work: StoredWork):
    work.workspace.submit([("a.png", picture(1))], readers=["fake"], user="ann")
    (record,) = work.workspace.records()
    assert work.workspace.cancel(record.id, "ann") == 1
    work.queue.jobs = [(record.id, 1)]
    work.read()
    assert work.workspace.record(record.id).error.code == "cancelled"
    assert work.workspace.counts()["failed"] == 1


def test_whoever_comes_back_goes_on_with_what_they_have_open(work: StoredWork):
    first, second, third = work.add(*[small_receipt()] * 3)
    assert work.workspace.next_to_review(user="ann") == first
    work.workspace.open_for_review(second, "ann")
    assert work.workspace.next_to_review(user="ann") == second
    assert work.workspace.next_to_review(user="bob") == first
    assert work.workspace.next_to_review(after=second, user="ann") == third
    work.workspace.release(second, "ann")
    assert work.workspace.next_to_review(user="ann") == first
