import pytest
from drawing import Sheet
from PIL import Image

from extraction.ocr import OcrEngine
from extraction.orientation import upright
from extraction.page import PageImage


@pytest.fixture(scope="module")
def engine() -> OcrEngine:
    return OcrEngine()


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    page = Sheet(1000, 700)
    page.header()
    page.table(
        300, [(90, "lm"), (600, "rm"), (850, "rm")], [("藥事服務費", "1,412", "150"), ("放射線診療費", "69", "0")]
    )
    return page


@pytest.mark.parametrize(("turned", "expected"), [(None, 0), (Image.Transpose.ROTATE_90, 90),
                                                  (Image.Transpose.ROTATE_180, 180),
                                                  (Image.Transpose.ROTATE_270, 270)])  # fmt: skip
def test_turned_page_is_righted(engine, sheet, turned, expected):
    image = sheet.image if turned is None else sheet.image.transpose(turned)
    page = upright(PageImage(0, image), engine)
    assert page.rotation == expected
    assert page.image.tobytes() == sheet.image.tobytes()


def test_blank_page_and_text_layer_are_left_alone(engine, sheet):
    blank = PageImage(0, Image.new("RGB", (300, 300), "white"))
    assert upright(blank, engine) is blank
    born_digital = PageImage(0, sheet.image.transpose(Image.Transpose.ROTATE_180), tuple(sheet.lines))
    assert upright(born_digital, engine) is born_digital
