"""The order of work on one file, with a reader that says what it is told."""

import datetime as dt
from io import BytesIO

import pytest
from PIL import Image

from extraction.errors import ReaderUnavailableError, UnknownDocumentTypeError
from extraction.pipeline import Pipeline
from extraction.readers.fake import FakeReader, small_receipt
from schemas.result import CellState, Extraction, Flag, Severity
from settings import Limits

TODAY = dt.date(2025, 6, 1)


def picture(width=600, height=800, frames=1, form="PNG") -> bytes:
    buffer = BytesIO()
    pages = [Image.new("RGB", (width, height), (250 - i, 250, 250)) for i in range(frames)]
    pages[0].save(buffer, form, **({"save_all": True, "append_images": pages[1:]} if frames > 1 else {}))
    return buffer.getvalue()


def extract(*answers, data=None, **options):
    readers = {"fake": FakeReader(*answers)}
    options.setdefault("readers", ("fake",))
    return Pipeline(readers, Limits()).extract(data or picture(), "a.png", today=TODAY, **options)


def codes(extraction):
    return {flag.code for flag in extraction.flags}


def test_clean_reading_becomes_a_typed_document_without_errors():
    extraction = extract().extraction
    assert extraction.error is None
    assert extraction.document.visit_date == dt.date(2025, 5, 21)
    assert extraction.document.items[1].nhi_amount == 412
    assert extraction.state("items.0.self_pay_amount") is CellState.ZERO
    assert extraction.state("items.0.copayment_amount") is CellState.BLANK
    assert not [flag for flag in extraction.flags if flag.severity is Severity.ERROR]
    assert extraction.evidence["patient_name"][0].text == "王小明"


def test_sum_that_does_not_add_up_is_a_flag_not_an_error():
    reading = small_receipt()
    reading.values["nhi_total"] = "758"
    extraction = extract(reading).extraction
    assert extraction.document.nhi_total == 758
    assert "line_sum_nhi" in codes(extraction)


def test_doubts_of_the_reader_reach_the_extraction():
    reading = small_receipt()
    reading.doubts = [Flag(code="layout_unsure", severity=Severity.ERROR)]
    assert "layout_unsure" in codes(extract(reading).extraction)


@pytest.mark.parametrize("error", [ReaderUnavailableError(reader="fake"), UnknownDocumentTypeError()])
def test_failed_reader_gives_a_named_failure_and_keeps_the_pages(error):
    outcome = extract(error)
    assert outcome.extraction.error.code == error.key
    assert outcome.extraction.document is None
    assert len(outcome.pages) == 1


def test_broken_file_gives_a_named_failure():
    extraction = extract(data=b"nothing of use").extraction
    assert extraction.error.code == "unsupported_format"
    assert len(extraction.sha256) == 64


def test_pages_of_one_file_are_one_document():
    outcome = extract(data=picture(frames=3, form="TIFF"))
    assert outcome.extraction.page_count == len(outcome.pages) == 3


def test_cell_that_two_readers_give_otherwise_is_flagged_with_both_values():
    other = small_receipt()
    other.reader, other.values["items"][1]["self_pay_amount"] = "other", "750"
    readers = {"fake": FakeReader(), "other": FakeReader(other)}
    extraction = (
        Pipeline(readers, Limits()).extract(picture(), "a.png", readers=("fake", "other"), today=TODAY).extraction
    )
    flag = next(flag for flag in extraction.flags if flag.code == "readers_differ")
    assert flag.paths == ("items.1.self_pay_amount",)
    assert {suggestion.value for suggestion in flag.suggestions} == {"150", "750"}
    assert extraction.document.items[1].self_pay_amount == 150


def test_line_that_only_one_reader_has_is_flagged():
    other = small_receipt()
    other.values["items"].append({"name": "掛號費", "self_pay_amount": "100"})
    readers = {"fake": FakeReader(), "other": FakeReader(other)}
    extraction = (
        Pipeline(readers, Limits()).extract(picture(), "a.png", readers=("fake", "other"), today=TODAY).extraction
    )
    (flag,) = [flag for flag in extraction.flags if flag.code == "row_missing"]
    assert [(one.path, one.value) for one in flag.suggestions] == [
        ("items.2.name", "掛號費"),
        ("items.2.self_pay_amount", "100"),
    ]


def test_extraction_survives_its_json():
    extraction = extract().extraction
    again = Extraction.model_validate_json(extraction.model_dump_json())
    assert again.document == extraction.document
    assert again.states == extraction.states
