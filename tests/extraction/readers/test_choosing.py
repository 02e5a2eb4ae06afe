"""Readers by page and by document type: who reads which page, and that nothing of what they read gets lost."""

import threading

import pytest
from PIL import Image

from extraction.errors import ReaderError, ReaderUnavailableError, UnknownDocumentTypeError
from extraction.page import PageImage
from extraction.pipeline import Pipeline
from extraction.readers import make_readers
from extraction.readers.choosing import ChoosingReader
from extraction.readers.fake import FakeReader, small_receipt
from schemas.layout import BoundingBox, TextLine
from schemas.reader_choice import parse_choice
from schemas.result import Attempt, Evidence, Flag, Severity
from settings import Limits, Settings

RECEIPT = ("示範醫院", "門診醫療費用收據", "診察費", "健保點數", "自費金額", "病歷號碼")
INVOICE = ("電子發票證明聯", "統一編號", "總計", "AB-12345678")


class Remote(FakeReader):
    def __init__(self, name, *answers, is_down=False):
        super().__init__(*answers)
        self.name, self.is_down, self.cancel, self.seen = name, is_down, None, []

    def check(self):
        if self.is_down:
            raise ReaderUnavailableError("endpoint_unreachable")

    def read(self, pages, document_type):
        self.seen.append([page.number for page in pages])
        return super().read(pages, document_type).model_copy(update={"reader": self.name})


def pages(count):
    return [PageImage(number, Image.new("RGB", (300, 400), "white")) for number in range(count)]


def look(words):
    return lambda page: [
        TextLine(text=text, box=BoundingBox(0.1, 0.1 * n, 0.4, 0.1 * n + 0.04), page=page.number)
        for n, text in enumerate(words)
    ]


def chosen(text, readers, words=RECEIPT):
    return ChoosingReader(text, parse_choice(text), readers, look(words))


def part(name, nhi, **more):
    return small_receipt().model_copy(update={
        "values": {"hospital_name": "示範醫院", "patient_name": None, "nhi_total": None,
                   "items": [{"name": name, "nhi_amount": nhi, "self_pay_amount": "0"}], **more},
        "evidence": {"items.0.nhi_amount": [Evidence(page=0, box=BoundingBox(0, 0, 1, 1), text=nhi)]},
        "not_read": ["items.0.copayment_amount"], "attempts": [Attempt(kind="structure", raw=name)],
        "doubts": [Flag(code="low_score", severity=Severity.WARNING, paths=("items.0.name",)),
                   Flag(code="wrong_document_type", severity=Severity.WARNING)],
    })  # fmt: skip


def test_pages_go_to_their_reader_and_their_rows_stand_behind_each_other():
    model = Remote("rolmocr", part("診察費", "345"))
    rest = Remote("local", part("藥費", "412", nhi_total="757"))
    reading = chosen("rolmocr@1-2+local", {"rolmocr": model, "local": rest}).read(pages(4), "medical_receipt")
    assert (model.seen, rest.seen) == ([[0, 1]], [[2, 3]])
    assert [row["name"] for row in reading.values["items"]] == ["診察費", "藥費"]
    assert reading.values["nhi_total"] == "757"
    assert [reading.evidence[f"items.{n}.nhi_amount"][0].text for n in (0, 1)] == ["345", "412"]
    assert reading.not_read == ["items.0.copayment_amount", "items.1.copayment_amount"]
    assert [flag.paths for flag in reading.doubts] == [("items.0.name",), ("items.1.name",)]
    assert [attempt.raw for attempt in reading.attempts] == ["診察費", "藥費"]
    assert reading.reader == "rolmocr@1-2+local"


def test_pages_between_those_of_another_reader_stay_in_their_place():
    model = Remote("rolmocr", part("乙", "2"))
    rest = Remote("local", part("甲", "1"), part("丙", "3"))
    reading = chosen("rolmocr@2+local", {"rolmocr": model, "local": rest}).read(pages(3), "medical_receipt")
    assert [row["name"] for row in reading.values["items"]] == ["甲", "乙", "丙"]


def test_cell_that_two_readers_give_otherwise_is_flagged():
    parts = {"a": Remote("a", part("甲", "1", patient_name="王小明")),
             "local": Remote("local", part("乙", "2", patient_name="李大華"))}  # fmt: skip
    reading = chosen("a@1+local", parts).read(pages(2), "medical_receipt")
    assert [flag.paths for flag in reading.doubts if flag.code == "pages_differ"] == [("patient_name",)]


@pytest.mark.parametrize(("words", "name"), [(RECEIPT, "rolmocr"), (INVOICE, "gemma3")])
def test_type_that_the_lines_tell_chooses_the_reader(words, name):
    parts = {each: Remote(each) for each in ("rolmocr", "gemma3", "local")}
    reader = chosen("medical_receipt=rolmocr+invoice=gemma3", parts, words)
    assert reader.read(pages(1), "auto").reader == name
    assert reader.read(pages(1), "invoice").reader == "gemma3", "the type that a person names counts"


def test_paper_of_no_known_type_goes_to_the_built_in_reader():
    parts = {"rolmocr": Remote("rolmocr"), "local": FakeReader(UnknownDocumentTypeError())}
    with pytest.raises(UnknownDocumentTypeError):
        chosen("medical_receipt=rolmocr", parts, ("您好",)).read(pages(1), "auto")
    assert parts["local"].history == [(1, "auto")]


def test_document_of_a_type_whose_server_runs_does_not_wait_for_the_other():
    parts = {"rolmocr": Remote("rolmocr", is_down=True), "gemma3": Remote("gemma3"), "local": FakeReader()}
    reader = chosen("medical_receipt=rolmocr+invoice=gemma3", parts, INVOICE)
    reader.check()
    assert reader.read(pages(1), "auto").reader == "gemma3"
    with pytest.raises(ReaderUnavailableError) as caught:
        reader.read(pages(1), "medical_receipt")
    assert caught.value.parameters["reader"] == "rolmocr"
    with pytest.raises(ReaderUnavailableError):
        Pipeline({"x": reader}, Limits()).check(["x"], waited_for="rolmocr")
    Pipeline({"x": reader}, Limits()).check(["x"], waited_for="gemma3")


def test_answers_before_a_later_part_failed_are_kept_and_a_question_can_be_called_off():
    failing = Remote("rolmocr", ReaderError("key_refused"))
    reader = chosen("rolmocr@2+local", {"rolmocr": failing, "local": Remote("local", part("甲", "1"))})
    reader.cancel = threading.Event()
    with pytest.raises(ReaderError) as caught:
        reader.read(pages(2), "medical_receipt")
    assert [attempt.raw for attempt in caught.value.attempts] == ["甲"]
    assert failing.cancel is reader.cancel


def test_choice_is_a_reader_of_the_registry():
    made = make_readers(["rolmocr@1-3+local"], Settings())["rolmocr@1-3+local"]
    assert isinstance(made, ChoosingReader)
    with pytest.raises(KeyError):
        make_readers(["nobody@1+local"], Settings())
