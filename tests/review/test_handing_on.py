"""Postponed, sent back, commented, and taken in the order that a person chose."""

import datetime as dt
from decimal import Decimal

import pytest
from stored_work import receipt

from review.workflow import EditConflictError, LockedError, RecordFilter, Status
from storage.risk import money_at_risk

SOON = dt.timedelta(hours=2)


def now():
    return dt.datetime.now(dt.UTC)


def push_back(work, record_id, **values):
    from storage.tables import RecordRow

    with work.database.write() as session:
        row = session.get_one(RecordRow, record_id)
        for name, value in values.items():
            setattr(row, name, value)


def test_postponed_record_leaves_the_queue_and_comes_back(work):
    first, second = work.add(receipt(), receipt())
    work.workspace.open_for_review(first, "ann")
    record = work.workspace.postpone(first, now() + SOON, "ann", "call the hospital")
    assert (record.status, record.lock) == (Status.TO_REVIEW, None)
    assert record.postponed_until is not None
    assert record.history[-1].details["reason"] == "call the hospital"
    assert work.workspace.next_to_review(user="ann") == second
    assert work.workspace.next_to_review(after=second, user="ann") is None
    assert work.workspace.count_postponed() == 1
    assert [each.id for each in work.workspace.records(RecordFilter(set_aside=True))] == [first]
    push_back(work, first, postponed_until=now() - dt.timedelta(seconds=1))
    assert work.workspace.next_to_review(user="ann", order="age") == first
    assert work.workspace.record(first).postponed_until is None


def test_postponed_record_is_brought_back_at_once(work):
    record = work.open_one()
    work.workspace.postpone(record.id, now() + SOON, "ann")
    assert work.workspace.next_to_review() is None
    assert work.workspace.postpone(record.id, None, "ann").history[-1].action == "resumed"
    assert work.workspace.next_to_review() == record.id


def test_nobody_postpones_what_somebody_else_has_open(work):
    record = work.open_one(user="bob")
    with pytest.raises(LockedError):
        work.workspace.postpone(record.id, now() + SOON, "ann")


def test_record_sent_to_somebody_is_theirs_first_and_nobody_elses(work):
    first, second = work.add(receipt(), receipt())
    work.workspace.send_back(second, "bob", "which visit is this?", "ann")
    record = work.workspace.record(second)
    assert (record.sent_to, record.history[-1].details["reason"]) == ("bob", "which visit is this?")
    assert work.workspace.next_to_review(user="bob", order="age") == second
    assert work.workspace.next_to_review(after=first, user="ann") is None
    approved = work.workspace.approve(second, record.version, "bob")
    assert approved.sent_to is None


@pytest.mark.parametrize(("to", "reason"), [("", "why"), ("bob", " ")])
def test_sending_back_needs_a_name_and_a_reason(work, to, reason):
    record = work.open_one()
    with pytest.raises(ValueError, match="reason"):
        work.workspace.send_back(record.id, to, reason, "ann")


def test_comment_is_kept_in_the_history_whatever_the_status_and_is_no_change(work):
    record = work.open_one()
    work.workspace.comment(record.id, "  the stamp is hard to read ", "bob")
    record = work.workspace.approve(record.id, record.version, "ann")  # the version that was seen still counts
    record = work.workspace.comment(record.id, "asked again", "bob")
    remarks = [(entry.user, entry.details["reason"]) for entry in record.history if entry.action == "commented"]
    assert remarks == [("bob", "the stamp is hard to read"), ("bob", "asked again")]
    assert work.workspace.verify() is None
    with pytest.raises(ValueError, match="empty"):
        work.workspace.comment(record.id, " ", "bob")


WRONG_TOTAL = {"self_pay_total": "99999"}


def test_queue_follows_the_order_that_was_chosen(work):
    calm, _ = work.add(receipt(), receipt())
    costly, _ = work.add(receipt(**WRONG_TOTAL), receipt(self_pay_total="151"))

    def walk(order):
        found = [work.workspace.next_to_review(order=order)]
        while (following := work.workspace.next_to_review(after=found[-1], order=order)) not in found:
            found.append(following)
        return found

    by_risk, by_age = walk("risk"), walk("age")
    assert (by_risk[0], by_age[0]) == (costly, calm)
    assert sorted(by_risk) == sorted(by_age) == sorted(walk("batch")) == sorted(walk("flags"))
    assert [each.id for each in work.workspace.records(RecordFilter(order="risk"))] == by_risk
    assert [each.id for each in work.workspace.records(RecordFilter(order="age"))] == by_age


def test_place_in_the_queue_holds_while_a_document_is_corrected(work):
    first, second, third = work.add(receipt(self_pay_total="9000"), receipt(self_pay_total="8000"),
                                    receipt(self_pay_total="7000"))  # fmt: skip
    record = work.workspace.open_for_review(first, "ann")
    record = work.correct(record, self_pay_total="150")
    assert record.risk < 9000
    assert work.workspace.next_to_review(after=first, user="ann", order="risk") == second
    assert work.workspace.next_to_review(after=second, user="ann", order="risk") == third


def test_order_is_kept_for_each_person(work):
    assert work.workspace.queue_order("ann") == "risk"
    work.workspace.choose_order("ann", "flags")
    assert (work.workspace.queue_order("ann"), work.workspace.queue_order("bob")) == ("flags", "risk")
    work.workspace.choose_order("ann", "risk")
    assert work.workspace.preferences("ann") == {}


def test_money_at_risk_is_what_the_doubtful_amounts_come_to(work):
    record = work.open_one(receipt(**WRONG_TOTAL))
    assert record.risk >= 99999
    fine = work.open_one(receipt())
    assert money_at_risk(fine.extraction, (), fine.total) == 0
    points = work.open_one(receipt(nhi_total="99999"))
    assert points.risk < 99999, "points are no money"


def test_amount_that_nobody_could_read_risks_the_total(work):
    record = work.open_one(receipt(amount_paid="?"))
    assert record.total is not None
    assert record.risk >= record.total


def test_absurd_number_does_not_stop_the_reading(work):
    record = work.open_one(receipt(self_pay_total="9" * 14))
    assert record.extraction.document.self_pay_total == 99999999999999 or record.extraction.unparsed
    assert record.risk <= Decimal(10**12)


def test_stale_version_is_still_refused_after_a_postponement(work):
    record = work.open_one()
    work.workspace.postpone(record.id, now() + SOON, "ann")
    changed = work.correct(record, hospital_name="甲醫院")
    assert changed.version > record.version
    with pytest.raises(EditConflictError):
        work.correct(record, hospital_name="乙醫院")
