"""What a model is asked to answer, and what its answer becomes."""

import json
import re

import pytest
from pydantic import ValidationError

from extraction.readers.wire import (
    NUMBER_PATTERN,
    TOTALS,
    field_guide,
    totals_guide,
    totals_model,
    unanswered,
    values_of,
    wire_model,
)
from extraction.shaping import shape
from schemas.document import cells_of, lines_of
from schemas.registry import DOCUMENT_TYPES
from schemas.result import CellState, Reading

TYPES = list(DOCUMENT_TYPES)


def answer(document_type: str, **cells: object) -> str:
    model = wire_model(document_type)
    empty = {name: [] if name in lines_of(DOCUMENT_TYPES[document_type]) else None for name in model.model_fields}
    return json.dumps({**empty, **cells}, ensure_ascii=False)


def objects(schema: object) -> list[dict]:
    """Return every schema of an object inside."""
    if isinstance(schema, list):
        return [found for inner in schema for found in objects(inner)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" else []
    return own + [found for inner in schema.values() for found in objects(inner)]


@pytest.mark.parametrize("document_type", TYPES)
def test_keys_are_those_of_the_class_in_the_order_of_the_page(document_type):
    model, wire = DOCUMENT_TYPES[document_type], wire_model(document_type)
    assert list(wire.model_fields) == list(model.model_fields)
    assert list(totals_model(document_type).model_fields) == list(TOTALS[document_type])


@pytest.mark.parametrize("document_type", TYPES)
def test_schema_keeps_to_what_every_grammar_engine_enforces(document_type):
    for wire in (wire_model(document_type), totals_model(document_type)):
        schema = wire.model_json_schema()
        assert objects(schema)
        for part in objects(schema):
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])
        text = json.dumps(schema)
        for keyword in (
            "maxLength",
            "minLength",
            "format",
            "allOf",
            "not",
            "if",
            "default",
            "uniqueItems",
            "multipleOf",
        ):
            assert f'"{keyword}"' not in text
        assert "\\\\" not in text  # llama.cpp drops a pattern with a backslash whole


def test_number_of_lines_is_bounded():
    for document_type in TYPES:
        for name in lines_of(DOCUMENT_TYPES[document_type]):
            assert wire_model(document_type).model_json_schema()["properties"][name]["maxItems"] <= 200


@pytest.mark.parametrize(
    "printed", ["0", "?", "1,200", "1200.0", "1?5", "-50", "(50)", "1.234,56", "1'234.50", "345 412"]
)
def test_amounts_may_be_copied_as_printed(printed):
    assert re.fullmatch(NUMBER_PATTERN, printed)


@pytest.mark.parametrize("text", ["", "NT$50", "abc", "-", "9" * 20, "藥費"])
def test_what_is_no_number_does_not_fit_the_pattern(text):
    assert not re.fullmatch(NUMBER_PATTERN, text)


def test_cells_keep_their_four_states():
    lines = [{"name": "藥費", "nhi_amount": "1,200", "copayment_amount": None, "self_pay_amount": "0"},
             {"name": "診察費", "nhi_amount": "?", "copayment_amount": None, "self_pay_amount": "1?5"}]  # fmt: skip
    read = wire_model("medical_receipt").model_validate_json(answer("medical_receipt", items=lines))
    shaped = shape(Reading(reader="x", document_type="medical_receipt", values=values_of(read)))
    assert shaped.document.items[0].nhi_amount == 1200
    assert shaped.states["items.0.copayment_amount"] is CellState.BLANK
    assert shaped.states["items.0.self_pay_amount"] is CellState.ZERO
    assert shaped.states["items.1.nhi_amount"] is CellState.UNREADABLE
    assert shaped.unparsed["items.1.self_pay_amount"] == "1?5"


@pytest.mark.parametrize(("name", "value"), [("visit_kind", "emergency"), ("is_original", "yes"), ("has_stamp", "no")])
def test_choices_are_values_of_their_fields(name, value):
    read = wire_model("medical_receipt").model_validate_json(answer("medical_receipt", **{name: value}))
    shaped = shape(Reading(reader="x", document_type="medical_receipt", values=values_of(read)))
    assert getattr(shaped.document, name) == {"yes": True, "no": False}.get(value, value)


def test_every_choice_on_offer_is_taken_by_its_field():
    for document_type, model in DOCUMENT_TYPES.items():
        properties = wire_model(document_type).model_json_schema()["properties"]
        for name in cells_of(model):
            for value in properties[name]["anyOf"][0].get("enum", ()):
                reading = Reading(reader="x", document_type=document_type, values={name: value})
                assert (shape(reading).states.get(name) is CellState.UNREADABLE) == (value == "?"), (name, value)


def test_server_that_enforces_nothing_is_read_as_leniently_as_print():
    text = answer("invoice", total_amount=1200.5, invoice_kind="電子發票", sales_amount="NT$1,143")
    read = wire_model("invoice").model_validate_json(text)
    shaped = shape(Reading(reader="x", document_type="invoice", values=values_of(read)))
    assert (str(shaped.document.total_amount), shaped.document.invoice_kind) == ("1200.5", "electronic")
    assert shaped.document.sales_amount == 1143


def test_number_in_place_of_a_code_is_asked_again():
    with pytest.raises(ValidationError):
        wire_model("invoice").model_validate_json(answer("invoice", seller_tax_id=7446415))


def test_unknown_keys_are_asked_again():
    with pytest.raises(ValidationError):
        wire_model("invoice").model_validate_json(answer("invoice", vat="1"))


def test_cells_that_an_answer_leaves_out_are_not_read():
    read = wire_model("medical_receipt").model_validate({"items": [{"name": "藥費"}], "copayments": []})
    missing = unanswered(read)
    assert "items.0.nhi_amount" in missing
    assert "hospital_name" in missing
    assert "items.0.name" not in missing


@pytest.mark.parametrize("text", ["", "  ", "null", "None", "N/A"])
def test_words_for_nothing_are_nothing(text):
    read = wire_model("invoice").model_validate_json(answer("invoice", seller_name=text))
    assert values_of(read)["seller_name"] is None


def test_cell_as_long_as_a_page_is_unreadable():
    read = wire_model("invoice").model_validate_json(answer("invoice", seller_name="店" * 301, notes="備" * 301))
    assert values_of(read)["seller_name"] == "?"
    assert values_of(read)["notes"] == "備" * 301


@pytest.mark.parametrize("document_type", TYPES)
def test_guide_names_every_key_and_stays_short(document_type):
    guide = field_guide(document_type)
    for name in wire_model(document_type).model_fields:
        assert re.search(rf"^{name}(\[\])?: ", guide, re.MULTILINE)
    assert len(guide) < 2300  # some 650 tokens, a quarter of a page's picture
    assert len(totals_guide(document_type).splitlines()) == 3
