"""The engine on drawn pages: a few seconds for loading the models once."""

import cv2
import pytest
from drawing import Sheet
from PIL import Image

from extraction.errors import ReaderError
from extraction.ocr import OcrEngine


@pytest.fixture(scope="module")
def engine() -> OcrEngine:
    return OcrEngine()


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    page = Sheet(900, 420)
    page.text(60, 60, "醫療費用收據")
    page.row(140, [(60, "lm", "檢驗費"), (500, "rm", "1,412"), (800, "rm", "0")])
    page.row(220, [(60, "lm", "藥事服務費"), (500, "rm", "69"), (800, "rm", "100")])
    return page


def test_lines_have_text_box_and_a_box_for_each_character(engine, sheet):
    lines = {line.text: line for line in engine.read(sheet.image, 3)}
    assert {"醫療費用收據", "檢驗費", "1,412", "69", "100"} <= set(lines)
    amount = lines["1,412"]
    printed = next(line for line in sheet.lines if line.text == "1,412")
    assert amount.page == 3 and amount.score > 0.9
    assert amount.box.overlaps(printed.box)
    assert len(amount.characters) == len(amount.character_scores) == 5
    assert [box.left for box in amount.characters] == sorted(box.left for box in amount.characters)


def test_red_stamp_vanishes_in_the_red_channel(engine, sheet):
    red = Image.new("RGB", (300, 60), (255, 60, 60))
    stamped = sheet.image.copy()
    stamped.paste(red, (450, 300))
    assert "69" in {line.text for line in engine.read(stamped)}


def test_simplified_characters_are_never_read(engine):
    page = Sheet(600, 200)
    page.text(60, 100, "药费检验疗", size=40)
    text = "".join(line.text for line in engine.read(page.image))
    assert not set(text) & set("药费检验疗")


def test_detection_is_not_repeated_for_the_same_image(engine, sheet, monkeypatch):
    image = sheet.image.copy()
    boxes = engine.find_boxes(image)
    assert len(boxes) >= 6 and boxes.shape[1:] == (4, 2)

    def fail(*_: object) -> None:
        raise AssertionError("detected twice")

    from extraction import ocr

    monkeypatch.setattr(ocr._models(1), "_detector", fail)
    assert engine.read(image)


def test_empty_page_has_no_lines(engine):
    assert engine.read(Image.new("RGB", (500, 400), "white")) == []
    assert len(engine.find_boxes(Image.new("RGB", (40, 30), "white"))) == 0


def test_failure_of_the_engine_is_a_reader_error(engine, monkeypatch):
    from extraction import ocr

    def fail(*_: object) -> None:
        raise cv2.error("broken")

    monkeypatch.setattr(ocr._models(1), "_detector", fail)
    with pytest.raises(ReaderError) as caught:
        engine.read(Image.new("RGB", (500, 400), "white"))
    assert caught.value.parameters["cause"] == "error"
