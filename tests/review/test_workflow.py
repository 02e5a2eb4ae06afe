"""The life of a record: nothing is lost, nobody is overwritten, every step can be taken back."""

import datetime as dt

import pytest
from stored_work import fake_pipelines, picture, receipt

from extraction.errors import DegenerateOutputError, ReaderUnavailableError
from extraction.readers.fake import small_receipt
from review.reading import Pipelines, Reading
from review.workflow import (
    Change,
    EditConflictError,
    LockedError,
    OpenFlagsError,
    OriginalMissingError,
    RecordNotFoundError,
    Status,
    WrongStatusError,
)
from schemas.result import CellState
from storage.tables import ExtractionRow, ReadingRow, RecordRow

CELL = "items.1.self_pay_amount"


def actions(record):
    return [entry.action for entry in record.history]


def open_errors(record):
    return [item.key for item in record.flags if item.is_open and item.flag.severity == "error"]


# -- from file to record ----------------------------------------------------------------------------------------------


def test_document_waits_for_a_person_with_its_page_and_original(work):
    (record_id,) = work.add()
    record = work.workspace.record(record_id)
    assert (record.status, record.name, record.version) == (Status.TO_REVIEW, "0.png", 1)
    assert record.extraction.document.hospital_name == "示範醫院"
    assert actions(record) == ["submitted", "read"]
    assert work.workspace.original(record_id) == ("0.png", picture(0))
    assert work.workspace.page_image(record_id, 0).startswith(b"\xff\xd8")


def test_same_bytes_are_flagged_with_the_earlier_record(work):
    (first,) = work.add()
    work.workspace.submit([("copy.png", picture(0))], readers=("fake",), user="ann")
    (second,) = work.read()
    flags = {item.flag.code: item.flag for item in work.workspace.record(second).flags}
    assert flags["duplicate_file"].parameters == {"record": first}
    assert "duplicate_file" not in {item.flag.code for item in work.workspace.record(first).flags}


def test_failed_document_keeps_its_cause_and_can_be_read_again(work):
    (record_id,) = work.add(DegenerateOutputError("raw"))
    failed = work.workspace.record(record_id)
    assert (failed.status, failed.error.code, failed.extraction) == (Status.FAILED, "degenerate_output", None)
    assert work.workspace.retry(record_id, "ann").status is Status.QUEUED
    work.read()
    record = work.workspace.record(record_id)
    assert (record.status, record.error) == (Status.TO_REVIEW, None)
    assert actions(record) == ["submitted", "failed", "retried", "read"]


def test_file_that_cannot_be_stored_is_reported_and_the_others_go_on(work, monkeypatch):
    put, refused = work.files._write, []

    def write(path, data):
        if not refused:
            refused.append(path)
            raise OSError("disk full")
        put(path, data)

    monkeypatch.setattr(work.files, "_write", write)
    work.workspace.submit([("a.png", picture(1)), ("b.png", picture(2))], readers=("fake",), user="ann")
    (batch,) = work.workspace.batches()
    assert [failure.code for failure in batch.failures] == ["not_stored"]
    assert len(work.read()) == 1
    with pytest.raises(OriginalMissingError):
        work.workspace.original(batch.failures[0].record_id)


def test_reading_twice_stores_once(work):
    (record_id,) = work.add()
    reading = Reading(work.database, work.files, Pipelines(fake_pipelines(receipt(hospital_name="他院"))))
    assert not reading.begin(record_id, 1)
    reading.read(record_id, 1)
    record = work.workspace.record(record_id)
    assert record.extraction.document.hospital_name == "示範醫院"
    assert actions(record).count("read") == 1
    with work.database.read() as session:
        assert session.query(ReadingRow).count() == session.query(ExtractionRow).count() == 1


def test_late_answer_of_an_older_attempt_is_not_taken(work):
    (record_id,) = work.add(ReaderUnavailableError())
    work.workspace.retry(record_id, "ann")
    Reading(work.database, work.files, Pipelines(fake_pipelines())).read(record_id, 1)
    assert work.workspace.record(record_id).status is Status.QUEUED


def test_unknown_record_is_our_error(work):
    with pytest.raises(RecordNotFoundError):
        work.workspace.record("nobody")
    with pytest.raises(RecordNotFoundError):
        work.workspace.open_for_review("nobody", "ann")


# -- locks ------------------------------------------------------------------------------------------------------------


def test_record_in_review_is_closed_to_others_until_it_is_taken_over(work):
    record = work.open_one(user="ann")
    assert (record.status, record.lock.user) == (Status.IN_REVIEW, "ann")
    with pytest.raises(LockedError) as caught:
        work.workspace.open_for_review(record.id, "bob")
    assert (caught.value.user, caught.value.until) == ("ann", record.lock.until)
    with pytest.raises(LockedError):
        work.correct(record, "bob", hospital_name="他院")
    taken = work.workspace.open_for_review(record.id, "bob", take_over=True)
    assert taken.lock.user == "bob"
    assert taken.history[-1].details == {"from": "ann"}


def test_lock_that_ran_out_frees_the_record(work):
    record = work.open_one(user="ann")
    with work.database.write() as session:
        session.get_one(RecordRow, record.id).locked_until = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    assert work.workspace.counts()["to_review"] == 1
    assert work.workspace.record(record.id).status is Status.TO_REVIEW
    assert work.workspace.next_to_review() == record.id
    assert work.workspace.open_for_review(record.id, "bob").lock.user == "bob"


def test_released_record_waits_again_and_only_its_holder_can_release_it(work):
    record = work.open_one(user="ann")
    work.workspace.release(record.id, "bob")
    assert work.workspace.record(record.id).status is Status.IN_REVIEW
    work.workspace.release(record.id, "ann")
    assert work.workspace.record(record.id).status is Status.TO_REVIEW


def test_editing_prolongs_the_lock(work):
    record = work.open_one()
    assert work.correct(record, hospital_name="他院").lock.until > record.lock.until


# -- corrections ------------------------------------------------------------------------------------------------------


def test_correction_is_parsed_checked_kept_and_told(work):
    record = work.open_one(receipt(self_pay_total="175"))
    assert open_errors(record)
    record = work.workspace.correct(record.id, record.version, [Change("self_pay_total", " 150元 ")], "ann")
    assert str(record.extraction.document.self_pay_total) == "150"
    assert not open_errors(record)
    assert record.corrected == {"self_pay_total": "175"}
    assert actions(record)[-1] == "correct"
    (change,) = record.history[-1].details["changes"]
    assert (change["before"]["value"], change["after"]["value"]) == ("175", "150")


def test_states_follow_what_is_typed(work):
    record = work.open_one()
    for text, state in (("", CellState.BLANK), ("0", CellState.ZERO), ("?", CellState.UNREADABLE),
                        ("15O", CellState.UNREADABLE), ("15", CellState.VALUE)):  # fmt: skip
        record = work.workspace.correct(record.id, record.version, [Change(CELL, text)], "ann")
        assert record.extraction.state(CELL) is state
    record = work.workspace.correct(record.id, record.version, [Change(CELL, "15O")], "ann")
    assert record.extraction.unparsed[CELL] == "15O"
    assert any(CELL in item.flag.paths for item in record.flags)


def test_same_text_again_is_no_change(work):
    record = work.open_one()
    again = work.correct(record, hospital_name="示範醫院")
    assert (again.version, again.can_undo) == (record.version, False)


def test_second_save_gets_both_values_and_overwrites_nothing(work):
    record = work.open_one()
    work.correct(record, hospital_name="甲醫院")
    with pytest.raises(EditConflictError) as caught:
        work.correct(record, hospital_name="乙醫院")
    (conflict,) = caught.value.conflicts
    assert (conflict.path, conflict.current, conflict.wanted) == ("hospital_name", "甲醫院", "乙醫院")
    assert work.workspace.record(record.id).extraction.document.hospital_name == "甲醫院"


def test_undo_and_redo_go_all_the_way_and_survive_a_reload(work):
    record = work.open_one()
    wanted = ["甲醫院", "乙醫院", "丙醫院"]
    for name in wanted:
        record = work.correct(record, hospital_name=name)
    workspace = work.open()
    assert workspace.record(record.id).extraction.document.hospital_name == "丙醫院"
    names = [workspace.undo(record.id, "ann").extraction.document.hospital_name for _ in range(4)]
    assert names == ["乙醫院", "甲醫院", "示範醫院", "示範醫院"]
    assert not workspace.record(record.id).can_undo
    names = [workspace.redo(record.id, "ann").extraction.document.hospital_name for _ in range(4)]
    assert names == [*wanted, "丙醫院"]
    assert workspace.verify() is None


def test_new_change_after_undo_closes_the_way_forward(work):
    record = work.open_one()
    work.correct(record, hospital_name="甲醫院")
    record = work.workspace.undo(record.id, "ann")
    record = work.correct(record, patient_name="李大華")
    assert (record.can_undo, record.can_redo) == (True, False)
    record = work.workspace.redo(record.id, "ann")
    assert record.extraction.document.hospital_name == "示範醫院"
    record = work.workspace.undo(record.id, "ann")
    assert (record.extraction.document.patient_name, record.can_undo) == ("王小明", False)


def test_rows_come_and_go_and_come_back(work):
    record = work.open_one()
    record = work.workspace.insert_row(record.id, record.version, "items", 1, "ann")
    assert [item.name for item in record.extraction.document.items] == ["診察費", None, "藥費"]
    assert record.extraction.evidence["items.2.self_pay_amount"][0].text == "150"
    record = work.correct(record, items__1__name="檢查費", items__1__nhi_amount="1")
    record = work.workspace.delete_row(record.id, record.version, "items", 0, "ann")
    assert [item.name for item in record.extraction.document.items] == ["檢查費", "藥費"]
    for _ in range(3):
        record = work.workspace.undo(record.id, "ann")
    assert [item.name for item in record.extraction.document.items] == ["診察費", "藥費"]
    for line, index in (("items", 3), ("items", -1), ("rows", 0)):
        with pytest.raises(KeyError):
            work.workspace.insert_row(record.id, record.version, line, index, "ann")


def test_swapped_columns_swap_back(work):
    record = work.open_one()
    swapped = work.workspace.swap_columns(record.id, record.version, 1, "ann")
    assert str(swapped.extraction.document.items[1].nhi_amount) == "150"
    assert open_errors(swapped)
    back = work.workspace.swap_columns(record.id, swapped.version, 1, "ann")
    assert str(back.extraction.document.items[1].self_pay_amount) == "150"
    assert not open_errors(back)


# -- flags and decisions ----------------------------------------------------------------------------------------------


def test_dismissed_warning_is_closed_and_can_be_opened_again(work):
    work.add()
    work.workspace.submit([("copy.png", picture(0))], readers=("fake",), user="ann")
    (record_id,) = work.read()
    record = work.workspace.open_for_review(record_id, "ann")
    key = next(item.key for item in record.flags if item.flag.code == "duplicate_file")
    warnings = record.warnings
    record = work.workspace.dismiss(record_id, record.version, key, "ann")
    assert record.warnings == warnings - 1
    assert next(item.decision for item in record.flags if item.key == key) == "dismissed"
    assert work.workspace.undo(record_id, "ann").warnings == warnings


def test_error_cannot_be_dismissed(work):
    record = work.open_one(receipt(nhi_total="999"))
    with pytest.raises(OpenFlagsError):
        work.workspace.dismiss(record.id, record.version, open_errors(record)[0], "ann")


def test_open_error_blocks_approval_until_it_is_overridden_with_a_reason(work):
    record = work.open_one(receipt(nhi_total="999"))
    keys = open_errors(record)
    for overrides in ({}, dict.fromkeys(keys, "  ")):
        with pytest.raises(OpenFlagsError) as caught:
            work.workspace.approve(record.id, record.version, "ann", overrides)
        assert list(caught.value.keys) == keys
    approved = work.workspace.approve(record.id, record.version, "ann", dict.fromkeys(keys, "printed so"))
    assert (approved.status, approved.errors, approved.risk, approved.lock) == (Status.APPROVED, 0, 0, None)
    assert {item.reason for item in approved.flags if item.key in keys} == {"printed so"}
    assert set(approved.history[-1].details["overrides"]) == set(keys)
    assert work.workspace.verify() is None


def test_approving_twice_is_once(work):
    record = work.open_one()
    first = work.workspace.approve(record.id, record.version, "ann")
    second = work.workspace.approve(record.id, record.version, "ann")
    assert second == first


def test_approval_of_what_was_changed_meanwhile_is_refused(work):
    record = work.open_one()
    work.correct(record, hospital_name="甲醫院")
    with pytest.raises(EditConflictError):
        work.workspace.approve(record.id, record.version, "ann")


def test_approved_record_is_closed_until_it_is_reopened(work):
    record = work.open_one()
    record = work.workspace.approve(record.id, record.version, "ann")
    with pytest.raises(WrongStatusError):
        work.correct(record, hospital_name="甲醫院")
    with pytest.raises(WrongStatusError):
        work.workspace.undo(record.id, "ann")
    record = work.workspace.reopen(record.id, "ann")
    assert record.status is Status.TO_REVIEW
    assert work.correct(record, hospital_name="甲醫院").status is Status.IN_REVIEW
    with pytest.raises(WrongStatusError):
        work.workspace.reopen(record.id, "ann")


def test_rejected_record_keeps_its_reason_and_can_be_reopened(work):
    record = work.open_one()
    record = work.workspace.reject(record.id, record.version, "ann", "not ours")
    assert (record.status, record.history[-1].details) == (Status.REJECTED, {"reason": "not ours"})
    assert work.workspace.reopen(record.id, "ann").status is Status.TO_REVIEW


def test_failed_record_can_be_put_aside_and_comes_back_as_failed(work):
    (record_id,) = work.add(ReaderUnavailableError())
    version = work.workspace.record(record_id).version
    with pytest.raises(WrongStatusError):
        work.workspace.open_for_review(record_id, "ann")
    assert work.workspace.reject(record_id, version, "ann", "blank page").status is Status.REJECTED
    assert work.workspace.reopen(record_id, "ann").status is Status.FAILED


def test_export_is_told_and_changes_nothing_else(work):
    record = work.open_one()
    record = work.workspace.approve(record.id, record.version, "ann")
    work.workspace.record_export([record.id], "bob")
    after = work.workspace.record(record.id)
    assert (after.status, after.version) == (record.status, record.version)
    assert (after.history[-1].action, after.history[-1].user) == ("exported", "bob")


def test_raw_answers_stay_as_they_were_read(work):
    record = work.open_one(small_receipt())
    work.correct(record, hospital_name="甲醫院")
    with work.database.read() as session:
        (kept,) = session.query(ReadingRow).all()
        assert '"示範醫院"' in kept.data
        assert "甲醫院" not in kept.data + session.query(ExtractionRow).one().data
