"""The built-in reader as a whole: with a scripted engine for its decisions, with the real one for a few pages."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from drawing import Sheet
from PIL import Image

from extraction.errors import UnknownDocumentTypeError
from extraction.ocr import OcrEngine
from extraction.page import PageImage
from extraction.readers import READERS, make_readers
from extraction.readers.local import LocalReader
from schemas.layout import TextLine
from settings import Settings

NAMES, HEADS, AMOUNTS = (90, "lm"), [(700, "mm"), (1000, "mm")], [(740, "rm"), (1040, "rm")]


class ScriptedEngine(OcrEngine):
    """Gives the lines it was told, for the red channel and for colour."""

    def __init__(self, red: Sequence[TextLine], colour: Sequence[TextLine] = ()) -> None:
        super().__init__()
        self.answers = {True: list(red), False: list(colour)}
        self.asked: list[bool] = []

    def read(self, image: Image.Image, page: int = 0, *, red_channel: bool = True) -> list[TextLine]:
        self.asked.append(red_channel)
        return [line.model_copy(update={"page": page}) for line in self.answers[red_channel]]

    def read_boxes(self, image: Image.Image, boxes: object, *, red_channel: bool = True) -> list[TextLine]:
        return [self.answers[True][0].model_copy(update={"text": ""}) for _ in boxes]


def receipt(drug_fee: str = "150", total: str = "250") -> Sheet:
    sheet = Sheet()
    sheet.header()
    end = sheet.table(280, [NAMES, *HEADS], [("項目", "健保點數", "自費金額")])
    end = sheet.table(
        end, [NAMES, *AMOUNTS], [("診察費", "345", ""), ("藥費", "1,412", drug_fee), ("掛號費", "", "100")]
    )
    sheet.foot(end + 30, ["健保點數合計：1757", f"自費合計：{total}", "應繳金額：250"])
    return sheet


def page_of(sheet: Sheet, **more: object) -> PageImage:
    return PageImage(0, sheet.image, **more)


def test_sums_that_agree_need_no_second_look():
    sheet = receipt()
    engine = ScriptedEngine(sheet.lines)
    reading = LocalReader(engine).read([page_of(sheet)], "auto")
    assert engine.asked == [True]
    assert reading.document_type == "medical_receipt"
    assert len(reading.attempts) == 1 and not reading.doubts
    assert reading.pages[0].text_height > 28 and len(reading.lines) == len(sheet.lines)


def test_colour_is_read_where_sums_differ_and_wins_if_it_adds_up():
    wrong, right = receipt("750"), receipt("150")
    engine = ScriptedEngine(wrong.lines, right.lines)
    reading = LocalReader(engine).read([page_of(wrong)], "auto")
    assert engine.asked == [True, False]
    assert reading.values["items"][1]["self_pay_amount"] == "150"
    assert [attempt.cause for attempt in reading.attempts] == ["sums_disagree", None]
    assert not reading.doubts  # the sum settles it


def test_two_reads_that_differ_and_do_not_add_up_are_both_shown():
    engine = ScriptedEngine(receipt("750").lines, receipt("760").lines)
    reading = LocalReader(engine).read([page_of(receipt())], "auto")
    assert reading.values["items"][1]["self_pay_amount"] == "750"
    flag = next(flag for flag in reading.doubts if flag.code == "reads_differ")
    assert flag.paths == ("items.1.self_pay_amount",)
    assert {suggestion.value for suggestion in flag.suggestions} == {"750", "760"}


def test_pale_digits_of_a_column_that_adds_up_are_not_doubted():
    sheet = receipt()
    pale = [line.model_copy(update={"score": 0.9}) if line.text == "100" else line for line in sheet.lines]
    assert not LocalReader(ScriptedEngine(pale)).read([page_of(sheet)], "auto").doubts


def test_text_layer_needs_no_ocr():
    sheet = receipt()
    engine = ScriptedEngine([])
    reading = LocalReader(engine).read([page_of(sheet, text_layer=tuple(sheet.lines))], "auto")
    assert engine.asked == []
    assert reading.values["self_pay_total"] == "250"
    assert reading.pages[0].score == 1.0


def test_neither_receipt_nor_invoice_is_refused():
    sheet = Sheet()
    sheet.text(100, 100, "會議通知")
    with pytest.raises(UnknownDocumentTypeError):
        LocalReader(ScriptedEngine(sheet.lines)).read([page_of(sheet)], "auto")


@pytest.mark.parametrize(("wanted", "flagged"), [("invoice", True), ("medical_receipt", False)])
def test_forced_type_is_followed_and_flagged_where_the_page_says_otherwise(wanted, flagged):
    sheet = receipt()
    reading = LocalReader(ScriptedEngine(sheet.lines, sheet.lines)).read([page_of(sheet)], wanted)
    assert reading.document_type == wanted
    assert any(flag.code == "wrong_document_type" for flag in reading.doubts) is flagged


def test_small_print_asks_for_another_photo():
    sheet = receipt()
    small = PageImage(0, sheet.image.resize((400, 322)))
    lines = [line.model_copy(update={"score": 0.94}) for line in sheet.lines]
    reading = LocalReader(ScriptedEngine(lines)).read([small], "auto")
    assert [flag.parameters["causes"] for flag in reading.doubts if flag.code == "photograph_again"] == ["small"]


def test_readers_are_made_by_name():
    assert set(READERS) >= {"local", "fake"}
    assert {name: reader.name for name, reader in make_readers(["local", "fake"], Settings()).items()} == {
        "local": "local",
        "fake": "fake",
    }


@pytest.mark.shared
@pytest.mark.parametrize("name", ["A01_light.jpg", "C02_clean.png", "E03_photo.jpg"])
def test_shared_pages_are_read_line_by_line(shared_data: Path, name: str):
    labels = (shared_data / "synthetic" / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    truth = next(label["document"] for label in map(json.loads, labels) if label["file"] == name)
    image = Image.open(shared_data / "synthetic" / name).convert("RGB")
    reading = LocalReader(OcrEngine()).read([PageImage(0, image)], "auto")

    def line(item: dict[str, str | None]) -> tuple[str | None, ...]:
        amounts = ((item.get(cell) or "0").replace(",", "") for cell in ("nhi_amount", "self_pay_amount"))
        return (item["name"], *amounts)

    assert sorted(map(line, reading.values["items"])) == sorted(map(line, truth["items"]))
    assert reading.values["patient_name"] == truth["patient_name"]


class SharpEngine(ScriptedEngine):
    """Reads every place that it is asked to look at again as one text."""

    def __init__(self, lines: Sequence[TextLine], again: str) -> None:
        super().__init__(lines, lines)
        self.again = again

    def read_boxes(self, image: Image.Image, boxes: object, *, red_channel: bool = True) -> list[TextLine]:
        return [self.answers[True][0].model_copy(update={"text": self.again, "score": 0.95}) for _ in boxes]


def test_unknown_name_is_read_again_and_both_readings_are_shown():
    sheet = receipt()
    lines = [
        line.model_copy(update={"text": "掛號賣", "score": 0.9}) if line.text == "掛號費" else line
        for line in sheet.lines
    ]
    reading = LocalReader(SharpEngine(lines, "掛號費")).read([page_of(sheet)], "auto")
    assert reading.values["items"][2]["name"] == "掛號費"
    (flag,) = reading.doubts
    assert (flag.code, flag.paths) == ("reads_differ", ("items.2.name",))
    assert [suggestion.value for suggestion in flag.suggestions] == ["掛號費", "掛號賣"]


def test_name_that_stays_unknown_is_kept_as_first_read():
    sheet = receipt()
    lines = [
        line.model_copy(update={"text": "光療美容", "score": 0.9}) if line.text == "掛號費" else line
        for line in sheet.lines
    ]
    reading = LocalReader(SharpEngine(lines, "光瘀美容")).read([page_of(sheet)], "auto")
    assert reading.values["items"][2]["name"] == "光療美容" and not reading.doubts


def test_lost_end_of_a_name_set_apart_is_looked_for_in_its_place():
    sheet = Sheet()
    sheet.header()
    sheet.table(280, [NAMES, *HEADS], [("項目", "健保點數", "自費金額")])
    for row, name in enumerate(("檢驗費", "病房費", "掛號費")):
        for index, character in enumerate(name if row < 2 else name[:2]):
            sheet.text(90 + 95 * index, 330 + row * 42, character)
        sheet.row(330 + row * 42, [(740, "rm", "800"), (1040, "rm", "0")])
    reading = LocalReader(SharpEngine(sheet.lines, "費")).read([page_of(sheet)], "auto")
    assert [item["name"] for item in reading.values["items"]] == ["檢驗費", "病房費", "掛號費"]


def test_slip_in_two_overlapping_pictures_counts_each_row_once():
    rows = [(f"品項{name}費", f"{37 * number + 101}", "0") for number, name in enumerate("甲乙丙丁戊己庚辛壬癸")]
    columns = [(80, "lm"), (700, "rm"), (1100, "rm")]
    first, second = Sheet(height=900), Sheet(height=700)
    first.header()
    first.table(300, columns, [("項目", "健保點數", "自費金額"), *rows[:7]])
    below = second.table(60, columns, rows[3:])
    second.foot(below + 20, ["健保合計：2675", "自費合計：0"])
    pages = [PageImage(0, first.image), PageImage(1, second.image)]
    lines = [first.lines, [line.model_copy(update={"page": 1}) for line in second.lines]]

    class Pair(ScriptedEngine):
        def read(self, image, page=0, *, red_channel=True):
            return lines[page]

    reading = LocalReader(Pair([])).read(pages, "medical_receipt")
    assert [item["name"] for item in reading.values["items"]] == [name for name, *_ in rows]
    assert sum(int(item["nhi_amount"]) for item in reading.values["items"]) == 2675
