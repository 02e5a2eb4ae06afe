"""Readings beside a record: rows find each other whatever was dropped or invented; what is taken is what was read."""

import datetime as dt

from stored_work import receipt

from review.comparison import compare, paired_rows, take_all, take_row
from review.comparison import side_of as typed
from review.workflow import StoredReading
from schemas.medical_receipt import FeeItem

ROWS = [
    {"name": "診察費", "nhi_amount": "300", "self_pay_amount": "0"},
    {"name": "藥費", "nhi_amount": "412", "self_pay_amount": "150"},
]
EXTRA = {"name": "證明書費", "self_pay_amount": "100"}


def stored(position=0, **values):
    return StoredReading(attempt=1, position=position, at=dt.datetime.now(dt.UTC), reading=receipt(**values))


def comparison(*others, **values):
    return compare(typed(stored(**values)), [stored(index, **other) for index, other in enumerate(others)])


def shape_of(found):
    return [(slot.ours, *slot.theirs) for slot in found.slots["items"]]


def test_rows_are_paired_by_what_they_say_not_by_their_number():
    found = comparison({"items": [EXTRA, *ROWS]}, {"items": ROWS[1:]}, items=ROWS)
    assert shape_of(found) == [(None, 0, None), (0, 1, None), (1, 2, 0)]


def test_a_row_that_two_readings_have_and_the_record_lacks_is_one_row():
    found = comparison({"items": [*ROWS, EXTRA]}, {"items": [*ROWS, EXTRA]}, items=ROWS)
    assert shape_of(found) == [(0, 0, 0), (1, 1, 1), (None, 2, 2)]


def test_a_misread_name_does_not_part_rows_of_the_same_amounts():
    rows = [FeeItem(name="診察費", nhi_amount=300), FeeItem(name="藥費", nhi_amount=412)]
    read = [FeeItem(name="冷察費", nhi_amount=300), FeeItem(name="樂賣", nhi_amount=412)]
    assert paired_rows(rows, read) == {0: 0, 1: 1}


def test_taking_a_row_that_the_record_lacks_puts_it_where_it_stands_and_fills_it():
    plan = take_row(comparison({"items": [ROWS[0], EXTRA, ROWS[1]]}, items=ROWS), 0, "items", 1)
    assert (plan.deleted, plan.inserted) == ((), (("items", 1),))
    assert ("items.1.name", "證明書費", None) in plan.changes
    assert all(change.path.startswith("items.1.") for change in plan.changes)


def test_taking_all_drops_adds_and_changes_rows_but_leaves_what_was_not_read():
    read = {"items": [{**ROWS[1], "self_pay_amount": "999"}, EXTRA], "patient_name": None, "department": "眼科"}
    other = stored(**read)
    unread = other.reading.model_copy(update={"not_read": ["patient_name"]})
    whole = StoredReading(attempt=1, position=0, at=other.at, reading=unread)
    plan = take_all(compare(typed(stored(items=ROWS)), [whole]), 0)
    assert (plan.deleted, plan.inserted) == ((("items", 0),), (("items", 1),))
    told = {change.path: change.text for change in plan.changes}
    assert told["items.0.self_pay_amount"] == "999"
    assert told["items.1.name"] == "證明書費"
    assert told["department"] == "眼科"
    assert "patient_name" not in told


def test_nothing_differs_between_a_record_and_its_only_reading():
    found = comparison({}, {})
    assert take_all(found, 0) == take_all(found, 1)
    assert not take_all(found, 0).changes
