"""From printed texts to cells: blank, zero, unreadable and not read are four things and none becomes another."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.shaping import shape
from schemas.document import field_at, get_cell, kind_of, paths_of
from schemas.medical_receipt import MedicalReceipt
from schemas.result import CellState, Extraction, Reading
from schemas.values import ValueKind

NUMBERS = {ValueKind.AMOUNT, ValueKind.POINTS, ValueKind.QUANTITY}
BLANKS = st.sampled_from([None, "", " ", "　"])
ZEROS = st.sampled_from(["0", "0.0", "０", "NT$0", "零元", "-0", "0點"])
UNKNOWNS = st.sampled_from(["?", "？", "??", " ? ", "1?3", "?00", "1,2?0", "１？３"])
VALUES = st.integers(1, 10**6).map(str)
HEADER_NUMBERS = ["nhi_total", "copayment_total", "self_pay_total", "discount", "prepaid", "amount_due", "amount_paid"]


def shaped(values: dict, not_read: tuple = (), document_type: str = "medical_receipt"):
    return shape(Reading(reader="test", document_type=document_type, values=values, not_read=list(not_read)))


@pytest.mark.parametrize(("printed", "value", "state"), [
    (None, None, "blank"), ("", None, "blank"), ("-", None, "blank"), ("0", Decimal(0), "zero"),
    ("0.0", Decimal(0), "zero"),
    ("?", None, "unreadable"), ("1?3", None, "unreadable"), ("abc", None, "unreadable"), ("7,023", Decimal(7023), None),
])  # fmt: skip
def test_each_state_from_its_wire_form(printed, value, state):
    found = shaped({"nhi_total": printed})
    assert found.document.nhi_total == value
    assert found.states.get("nhi_total") == state


def test_cell_that_no_reader_reported_is_not_read():
    found = shaped({"items": [{"name": "藥費", "nhi_amount": None}]}, not_read=("items.0.nhi_amount", "visit_date"))
    assert found.states["items.0.nhi_amount"] is CellState.NOT_READ
    assert found.states["visit_date"] is CellState.NOT_READ
    assert found.states["items.0.self_pay_amount"] is CellState.BLANK


def test_value_that_a_reader_gives_is_read_whatever_else_it_says():
    found = shaped({"nhi_total": "5", "self_pay_total": "?"}, not_read=("nhi_total", "self_pay_total"))
    assert "nhi_total" not in found.states
    assert found.states["self_pay_total"] is CellState.UNREADABLE


@pytest.mark.parametrize(("path", "printed"), [
    ("nhi_total", "1?3"), ("nhi_total", "345 412"), ("visit_date", "114/02/30"), ("visit_date", "114/0?/21"),
    ("visit_kind", "□門診 ■急診"), ("national_id", "A12?456789"), ("is_original", "補發"),
])  # fmt: skip
def test_text_that_is_no_value_is_kept_for_the_person(path, printed):
    found = shaped({path: printed})
    assert get_cell(found.document, path) is None
    assert found.states[path] is CellState.UNREADABLE
    assert found.unparsed[path] == printed


def test_wholly_unreadable_cell_keeps_no_text():
    assert shaped({"nhi_total": "？"}).unparsed == {}
    assert shaped({"hospital_name": "？？"}).states["hospital_name"] is CellState.UNREADABLE


def test_question_mark_within_a_text_stays():
    found = shaped({"notes": "Questions? Call us."})
    assert found.document.notes == "Questions? Call us."
    assert "notes" not in found.states


def test_default_of_a_field_is_not_blank():
    assert shaped({}, document_type="invoice").document.currency == "TWD"
    assert "currency" not in shaped({}, document_type="invoice").states
    assert "currency" not in shaped({"currency": None}, document_type="invoice").states


def test_dates_of_both_calendars_are_the_same_date():
    found = shaped({"visit_date": "中華民國114年5月21日", "issue_date": "2025-05-21"})
    assert found.document.visit_date == found.document.issue_date == dt.date(2025, 5, 21)


@given(st.dictionaries(st.sampled_from(HEADER_NUMBERS), st.one_of(
    st.tuples(st.just("blank"), BLANKS), st.tuples(st.just("zero"), ZEROS), st.tuples(st.just("unreadable"), UNKNOWNS),
    st.tuples(st.just("value"), VALUES), st.tuples(st.just("not_read"), st.none()))))  # fmt: skip
def test_no_state_turns_into_another(cells):
    not_read = tuple(path for path, (state, _) in cells.items() if state == "not_read")
    found = shaped({path: printed for path, (_, printed) in cells.items()}, not_read)
    for path, (state, _) in cells.items():
        assert found.states.get(path, CellState.VALUE) == state
        value = get_cell(found.document, path)
        assert (value == 0 and value is not None) == (state == "zero")
        assert (value is None) == (state in {"blank", "unreadable", "not_read"})


@given(st.dictionaries(st.sampled_from([*MedicalReceipt.model_fields]), st.none() | st.text(max_size=20)),
    st.lists(st.dictionaries(st.sampled_from(["name", "nhi_amount", "self_pay_amount"]), st.text(max_size=9)),
                max_size=3))  # fmt: skip
def test_any_reading_becomes_a_document_with_states_that_fit(values, items):
    found = shaped({**values, "items": items, "copayments": []})
    for path in paths_of(found.document):
        value, state = get_cell(found.document, path), found.states.get(path, CellState.VALUE)
        is_number = kind_of(field_at(MedicalReceipt, path)) in NUMBERS
        assert (value is not None) == (state in {CellState.VALUE, CellState.ZERO})
        assert (state is CellState.ZERO) == (is_number and value is not None and value == 0)
        assert path not in found.unparsed or state is CellState.UNREADABLE


ODD_CELLS = st.none() | st.text(max_size=12) | st.floats() | st.booleans() | st.decimals() | st.dates() | st.integers()


@given(st.dictionaries(st.sampled_from(sorted(MedicalReceipt.model_fields)), ODD_CELLS),
       st.lists(st.dictionaries(st.sampled_from(["name", "nhi_amount", "self_pay_amount"]), ODD_CELLS),
                max_size=3))  # fmt: skip
def test_any_document_is_stored_and_read_back_unchanged(values, items):
    found = shaped({**values, "items": items, "copayments": []})
    stored = Extraction(file="a.jpg", sha256="0", document_type="medical_receipt", document=found.document,
                        states=found.states, unparsed=found.unparsed)  # fmt: skip
    assert Extraction.model_validate_json(stored.model_dump_json()) == stored


@given(st.lists(st.dictionaries(st.sampled_from(["description", "quantity", "unit_price", "amount"]), ODD_CELLS),
                max_size=3), ODD_CELLS, ODD_CELLS)  # fmt: skip
def test_any_invoice_is_stored_and_read_back_unchanged(items, number, tax_id):
    found = shaped({"items": items, "invoice_number": number, "seller_tax_id": tax_id}, document_type="invoice")
    stored = Extraction(file="a.jpg", sha256="0", document_type="invoice", document=found.document,
                        states=found.states, unparsed=found.unparsed)  # fmt: skip
    assert Extraction.model_validate_json(stored.model_dump_json()) == stored
