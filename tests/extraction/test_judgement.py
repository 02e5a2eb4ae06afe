"""Each cell ends confirmed, plausible, doubtful or wrong, and a document is confirmed only as a whole."""

import datetime as dt

import pytest
from test_grounding import model, put, swap, witness

from extraction.assembly import conclude
from extraction.grounding import ground
from extraction.page import LoadedFile
from schemas.layout import BoundingBox, TextLine
from schemas.result import Evidence, Extraction, Flag, Judgement, Reading, Severity

TODAY = dt.date(2025, 6, 1)


def concluded(*readings):
    """Return the extraction of readings, the first one a model's."""
    extraction = Extraction(file="a.png", sha256="", page_count=1, readings=list(readings))
    groundings = {0: ground(readings[0], witness())} if readings[0].model else {}
    conclude(extraction, LoadedFile("a.png", "", "image/png", ()), groundings, TODAY)
    return extraction


def test_what_model_and_page_agree_on_is_confirmed():
    extraction = concluded(model())
    assert extraction.is_confirmed
    assert extraction.judgement("patient_name") is Judgement.CONFIRMED


@pytest.mark.parametrize(
    ("change", "path", "judgement"),
    [
        (swap, "items.1.nhi_amount", Judgement.WRONG),
        (put("nhi_total", "767"), "nhi_total", Judgement.WRONG),
        (put("nhi_total", "210"), "nhi_total", Judgement.DOUBTFUL),
        (put("nhi_total", "767"), "patient_name", Judgement.CONFIRMED),
        (put("nhi_total", "767"), "items.0.nhi_amount", Judgement.PLAUSIBLE),
        (put("doctor", "?"), "doctor", Judgement.DOUBTFUL),
    ],
)
def test_a_doubt_is_judged_where_it_is(change, path, judgement):
    extraction = concluded(model(change))
    assert extraction.judgement(path) is judgement
    assert not extraction.is_confirmed


def test_the_built_in_reader_alone_confirms_amounts_by_sums_but_no_person():
    extraction = concluded(witness())
    assert extraction.judgement("items.1.nhi_amount") is Judgement.CONFIRMED
    assert extraction.judgement("items.1.name") is Judgement.CONFIRMED
    assert extraction.judgement("patient_name") is Judgement.PLAUSIBLE
    assert not extraction.is_confirmed


def test_judgements_survive_storage_and_older_extractions_have_none():
    extraction = concluded(model(swap))
    stored = extraction.model_dump(mode="json")
    assert Extraction.model_validate(stored).judgements == extraction.judgements
    for name in ("judgements", "agreement"):
        del stored[name]
    assert Extraction.model_validate(stored).judgement("patient_name") is Judgement.PLAUSIBLE


def without_evidence(change=lambda values: None):
    """Return a model's extraction where the OCR found nothing on the page."""
    extraction = Extraction(file="a.png", sha256="", page_count=1, readings=[model(change)])
    nothing = Reading(reader="local", document_type="medical_receipt")
    conclude(extraction, LoadedFile("a.png", "", "image/png", ()), {0: ground(model(change), nothing)}, TODAY)
    return extraction


def test_without_text_on_the_page_sums_confirm_nothing_and_failed_ones_cast_doubt():
    assert without_evidence().judgements == {}
    assert not without_evidence().is_confirmed
    extraction = without_evidence(put("nhi_total", "767"))
    assert extraction.judgement("nhi_total") is Judgement.DOUBTFUL
    assert extraction.judgement("items.0.nhi_amount") is Judgement.DOUBTFUL
    assert extraction.judgement("patient_name") is Judgement.PLAUSIBLE
    reasons = {check.code: check.reason for check in extraction.checks if check.outcome == "cannot_check"}
    assert reasons.keys() >= {"not_on_page", "column_mismatch", "row_missing"}


def from_code(change=lambda values: None):
    """Return an invoice's reading whose number and total come from its QR code."""
    values = {"invoice_number": "AB12345678", "total_amount": "3752", "seller_name": "示範行"}
    change(values)
    evidence = {path: [Evidence(page=0, box=BoundingBox(0, 0, 1, 1), text=values[path], match="qr")]
                for path in ("invoice_number", "total_amount")}  # fmt: skip
    line = TextLine(text="示範行 3762", box=BoundingBox(0, 0, 1, 0.1), score=0.99)
    return Reading(reader="local", document_type="invoice", values=values, evidence=evidence, lines=[line])


def test_what_a_code_says_is_confirmed_and_only_doubtful_where_the_print_differs():
    extraction = Extraction(file="a.png", sha256="", page_count=1, readings=[from_code()])
    conclude(extraction, LoadedFile("a.png", "", "image/png", ()), {}, TODAY)
    assert extraction.judgement("total_amount") is Judgement.CONFIRMED
    assert extraction.judgement("seller_name") is Judgement.PLAUSIBLE
    seen = from_code()
    seen.doubts = [Flag(code="qr_differs", severity=Severity.ERROR, paths=("total_amount",),
                        parameters={"qr": "3752", "printed": "3762"})]  # fmt: skip
    extraction = Extraction(file="a.png", sha256="", page_count=1, readings=[seen])
    conclude(extraction, LoadedFile("a.png", "", "image/png", ()), {}, TODAY)
    assert extraction.judgement("total_amount") is Judgement.DOUBTFUL


def test_a_model_that_says_otherwise_than_the_code_is_wrong_even_where_the_print_agrees_with_it():
    values = {"invoice_number": "AB12345678", "total_amount": "3762", "seller_name": "示範行"}
    told = Reading(reader="model", model="m", document_type="invoice", values=values)
    extraction = Extraction(file="a.png", sha256="", page_count=1, readings=[told])
    conclude(extraction, LoadedFile("a.png", "", "image/png", ()), {0: ground(told, from_code())}, TODAY)
    (flag,) = [flag for flag in extraction.flags if flag.code == "qr_differs"]
    assert [(one.source, one.value) for one in flag.suggestions] == [("qr", "3752")]
    assert extraction.judgement("total_amount") is Judgement.WRONG
    assert extraction.judgement("invoice_number") is Judgement.CONFIRMED


def test_rows_of_another_type_cannot_be_compared_and_it_says_so():
    found = ground(model(), from_code())
    assert {check.code: check.reason for check in found.checks if check.outcome == "cannot_check"} == {
        "column_mismatch": "no_same_type", "row_missing": "no_same_type"}  # fmt: skip
