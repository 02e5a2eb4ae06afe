"""What a model says is held against the page: what is there is evidence, what is not is a flag at the cell."""

import copy

import pytest

from extraction.grounding import Outcome, ground
from schemas.layout import BoundingBox, TextLine
from schemas.result import Evidence, PageQuality, Reading, Severity

ROWS = [("診察費", "345", "0"), ("藥費", "412", "150"), ("材料費", "0", "60")]
HEADER = {"hospital_name": "示範醫院", "patient_name": "王小明", "visit_date": "114/05/21", "receipt_number": "A0001",
          "nhi_total": "757", "self_pay_total": "210"}  # fmt: skip
COLUMNS = {"name": (0.1, 0.3), "nhi_amount": (0.5, 0.6), "self_pay_amount": (0.7, 0.8)}


def witness(score=0.99):
    """Return what the built-in reader says of a small receipt, each cell a line of its own."""
    values = {**HEADER, "items": [], "copayments": []}
    evidence, lines = {}, []

    def put(path, text, box):
        evidence[path] = [Evidence(page=0, box=box, text=text, score=score)]
        lines.append(TextLine(text=text, box=box, score=score))

    for number, (path, text) in enumerate(HEADER.items()):
        put(path, text, BoundingBox(0.1, 0.02 * number, 0.4, 0.02 * number + 0.015))
    for index, row in enumerate(ROWS):
        cells = dict(zip(COLUMNS, row, strict=True))
        values["items"].append(cells)
        for cell, text in cells.items():
            left, right = COLUMNS[cell]
            top = 0.3 + 0.05 * index
            put(f"items.{index}.{cell}", text, BoundingBox(left, top, right, top + 0.02))
    pages = [PageQuality(page=0, width=1000, height=1400, score=score)]
    return Reading(reader="local", document_type="medical_receipt", values=values, evidence=evidence, lines=lines,
                   pages=pages)  # fmt: skip


def model(change=lambda values: None):
    values = copy.deepcopy(witness().values)
    change(values)
    return Reading(reader="model", model="m", document_type="medical_receipt", values=values)


def put(path, value):
    def change(values):
        *row, cell = path.split(".")
        (values[row[0]][int(row[1])] if row else values)[cell] = value

    return change


def swap(values):
    row = values["items"][1]
    row["nhi_amount"], row["self_pay_amount"] = row["self_pay_amount"], row["nhi_amount"]


def collapse(values):
    values["items"][1] |= {"nhi_amount": None, "self_pay_amount": "562"}


def test_a_right_reading_has_evidence_and_no_flag():
    found = ground(model(), witness())
    assert found.flags == []
    assert found.outcomes["items.1.nhi_amount"] is Outcome.AGREED
    assert found.evidence["patient_name"][0].text == "王小明"
    assert {check.outcome for check in found.checks} == {"passed"}


@pytest.mark.parametrize(
    ("change", "code", "paths"),
    [
        (put("receipt_number", "A0007"), "not_on_page", ("receipt_number",)),
        (put("visit_date", "114/05/12"), "not_on_page", ("visit_date",)),
        (put("patient_name", "王小朋"), "not_on_page", ("patient_name",)),
        (put("hospital_name", "示範診所"), "not_on_page", ("hospital_name",)),
        (put("nhi_total", "767"), "not_on_page", ("nhi_total",)),
        (put("nhi_total", "210"), "readers_differ", ("nhi_total",)),
        (put("nhi_total", None), "left_out", ("nhi_total",)),
        (put("items.0.name", "衛生紙"), "not_on_page", ("items.0.name",)),
        (put("items.0.nhi_amount", "346"), "not_on_page", ("items.0.nhi_amount",)),
        (put("items.1.self_pay_amount", None), "left_out", ("items.1.self_pay_amount",)),
        (swap, "column_mismatch", ("items.1.nhi_amount", "items.1.self_pay_amount")),
        (collapse, "column_mismatch", ("items.1.nhi_amount", "items.1.self_pay_amount")),
        (lambda values: values["items"].pop(1), "row_missing", ("items",)),
        (lambda values: values["items"].insert(1, {"name": "便當", "self_pay_amount": "80"}), "row_invented",
         ("items.1.name", "items.1.self_pay_amount")),
        (lambda values: values["items"].append(dict(values["items"][1])), "row_invented",
         ("items.3.name", "items.3.nhi_amount", "items.3.self_pay_amount")),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_flagged_where_it_is(change, code, paths):
    (flag,) = ground(model(change), witness()).flags
    assert (flag.code, flag.paths) == (code, paths)
    assert flag.severity is (Severity.WARNING if code == "readers_differ" else Severity.ERROR)


def test_swapped_amounts_are_put_right_by_the_suggestions():
    (flag,) = ground(model(swap), witness()).flags
    assert [(one.path, one.value) for one in flag.suggestions] == [
        ("items.1.nhi_amount", "412"),
        ("items.1.self_pay_amount", "150"),
    ]


def test_a_missing_row_comes_ready_to_be_put_in():
    (flag,) = ground(model(lambda values: values["items"].pop(1)), witness()).flags
    assert {one.path: one.value for one in flag.suggestions} == {
        "items.1.name": "藥費", "items.1.nhi_amount": "412", "items.1.self_pay_amount": "150"}  # fmt: skip
    assert flag.suggestions[0].evidence[0].text == "藥費"


def test_where_the_ocr_is_unsure_it_only_warns():
    flags = ground(model(put("visit_date", "114/05/12")), witness(score=0.8)).flags
    assert [(flag.code, flag.severity) for flag in flags] == [("not_on_page", Severity.WARNING)]


def test_reordered_rows_are_no_fault():
    assert ground(model(lambda values: values["items"].reverse()), witness()).flags == []


def test_a_page_without_text_says_that_nothing_can_be_checked():
    found = ground(model(swap), Reading(reader="local", document_type="medical_receipt"))
    assert found.flags == []
    assert {(check.outcome, check.reason) for check in found.checks} == {("cannot_check", "no_text_on_page")}


def test_rows_of_a_table_that_the_witness_does_not_understand_are_one_doubt():
    seen = witness()
    seen.values["items"] = []
    seen.evidence = {path: found for path, found in seen.evidence.items() if not path.startswith("items.")}
    (flag,) = ground(model(), seen).flags
    assert (flag.code, flag.severity) == ("layout_unsure", Severity.WARNING)


def test_an_amount_of_a_second_group_is_found_beside_the_name_there():
    seen = witness()
    for cell, text in (("name", "診察費"), ("self_pay_amount", "88")):
        left, right = COLUMNS[cell]
        seen.lines.append(TextLine(text=text, box=BoundingBox(left, 0.8, right, 0.82), score=0.99))
    found = ground(model(put("items.0.self_pay_amount", "88")), seen)
    assert found.flags == []
    assert found.evidence["items.0.self_pay_amount"][0].text == "88"
