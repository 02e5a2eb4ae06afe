"""What every reader promises, whoever it asks: the built-in ones, and every shipped profile against a server."""

import logging
from contextlib import contextmanager
from pathlib import Path

import pytest
import vllm_dialect as dialect
from PIL import Image

from extraction.errors import DocumentError, ReaderError
from extraction.ocr import RememberingEngine
from extraction.page import PageImage
from extraction.pipeline import Pipeline
from extraction.readers import READERS, make_readers, reader_names
from extraction.readers.fake import FakeReader
from extraction.readers.profiles import ReaderOptions, shipped_profiles
from extraction.shaping import shape
from schemas.document import cells_of, lines_of
from schemas.registry import DOCUMENT_TYPES
from schemas.result import Extraction, Reading
from settings import Limits, Settings

SAMPLE = Path(__file__).parents[3] / "samples" / "clinic_slip.jpg"
TRANSCRIPT = (
    "# 示範醫院門診醫療費用收據\n姓名: 王小明\n就診日期: 114/05/21\n\n"
    "| 項目 | 健保點數 | 自費金額 |\n|---|---|---|\n| 診察費 | 345 | 0 |\n| 藥費 | 412 | 150 |\n"
)
DOCUMENT = {
    "hospital_name": "示範醫院", "patient_name": "王小明", "visit_date": "114/05/21", "nhi_total": "757",
    "items": [{"name": "診察費", "nhi_amount": "345", "copayment_amount": None, "self_pay_amount": "0"}],
}  # fmt: skip
NAMES = reader_names(Settings())
MODELS = [name for name in NAMES if name not in READERS]


def model(asked):
    """Answer a schema with a document of it, anything else with a transcript."""
    wanted = asked.body.get("response_format")
    if not wanted:
        return dialect.text(TRANSCRIPT)
    whole = dialect.sample(wanted["json_schema"]["schema"])
    if "document_type" in whole:
        return dialect.answer({"document_type": "medical_receipt"})
    return dialect.answer({**whole, **{key: value for key, value in DOCUMENT.items() if key in whole}})


@pytest.fixture(scope="module")
def server():
    with dialect.DialectServer(default=model) as running:
        yield running


@pytest.fixture(scope="module")
def pages():
    with Image.open(SAMPLE) as image:
        return [PageImage(0, image.convert("RGB"))]


ENGINE = RememberingEngine()  # the lines of the one page are read once for all readers


def make(name, server):
    if name in MODELS:
        server.model = shipped_profiles()[name].model
    return make_readers([name], Settings(), ReaderOptions(base_url=server.base_url), ENGINE)[name]


@contextmanager
def told(server, *replies):
    """Queue replies, and take back those that nobody asked for."""
    server.queue(*replies)
    try:
        yield
    finally:
        server._replies.clear()


@pytest.fixture(params=NAMES)
def reader(request, server):
    return make(request.param, server)


def test_reader_gives_one_reading_of_the_type_asked_for(reader, pages, caplog):
    caplog.set_level(logging.DEBUG)
    reading = reader.read(pages, "medical_receipt")
    assert isinstance(reading, Reading)
    assert reading.reader == reader.name
    assert reading.document_type == "medical_receipt"
    assert reading.values["items"]
    assert [quality.page for quality in reading.pages] == [0]
    assert reading.attempts
    for row in reading.values["items"]:
        assert not row["name"] or row["name"] == "?" or row["name"] not in caplog.text, "no value in a log"


def test_values_are_texts_as_printed_in_cells_that_exist(reader, pages):
    reading = reader.read(pages, "medical_receipt")
    model = DOCUMENT_TYPES[reading.document_type]
    for name, value in reading.values.items():
        if name in lines_of(model):
            assert all(set(row) <= set(cells_of(lines_of(model)[name])) for row in value)
            assert all(isinstance(cell, str) or cell is None for row in value for cell in row.values())
        else:
            assert name in cells_of(model)
            assert isinstance(value, str) or value is None


def test_every_path_that_is_named_exists(reader, pages):
    reading = reader.read(pages, "medical_receipt")
    shaped = shape(reading)
    existing = {*cells_of(type(shaped.document))} | {
        f"{name}.{index}.{cell}"
        for name, part in lines_of(type(shaped.document)).items()
        for index in range(len(getattr(shaped.document, name)))
        for cell in cells_of(part)
    }
    named = {*reading.evidence, *reading.not_read, *(path for flag in reading.doubts for path in flag.paths)}
    assert named <= existing | set(lines_of(type(shaped.document)))


def test_evidence_lies_on_the_page(reader, pages):
    for found in reader.read(pages, "medical_receipt").evidence.values():
        for one in found:
            assert one.page == 0
            assert 0 <= one.box.left <= one.box.right <= 1
            assert 0 <= one.box.top <= one.box.bottom <= 1


def test_extraction_of_a_reading_survives_its_json(reader, pages):
    told = FakeReader(reader.read(pages, "medical_receipt"))
    extraction = (
        Pipeline({"fake": told}, Limits()).extract(SAMPLE.read_bytes(), SAMPLE.name, readers=["fake"]).extraction
    )
    assert extraction.error is None
    text = extraction.model_dump_json()
    assert Extraction.model_validate_json(text).model_dump_json() == text


def test_reader_decides_the_type_where_none_is_given(reader, pages):
    assert reader.read(pages, "auto").document_type == "medical_receipt"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "fake"])
def test_blank_page_is_no_document(name, server):
    nothing = dialect.text("再見") if name == "paddleocr_vl" else dialect.answer({"document_type": "neither"})
    with told(server, *[nothing] * (0 if name in READERS else 2)), pytest.raises((ReaderError, DocumentError)):
        make(name, server).read([PageImage(0, Image.new("RGB", (400, 500), "white"))], "auto")


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("fault", [dialect.exclamation(), dialect.text(""), dialect.model_not_found("x")])
def test_model_that_gives_nothing_is_an_error_of_ours_with_its_attempts(name, fault, server, pages):
    with told(server, *[fault] * 8), pytest.raises(ReaderError) as caught:
        make(name, server).read(pages, "medical_receipt")
    assert caught.value.attempts[-1].cause
