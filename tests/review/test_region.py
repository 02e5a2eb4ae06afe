"""A box on the page read again: what of it can go into which cell, and what is said where nothing can."""

import io

import pytest
from PIL import Image, ImageDraw

from review.pictures import scaled
from review.region import read_region
from schemas.layout import BoundingBox, TextLine

BOX = BoundingBox(0.2, 0.4, 0.5, 0.44)


class Engine:
    """Sees the lines that it was told to, and keeps the pictures that it was shown."""

    def __init__(self, *texts, score=0.95, whole=""):
        self.lines = [
            TextLine(text=text, box=BoundingBox(across, down, across + 0.2, down + 0.2), score=score)
            for down, line in zip((0.1, 0.4, 0.7), texts, strict=False)
            for across, text in reversed(list(zip((0.1, 0.4, 0.7), line.split("|"), strict=False)))
        ]
        self.whole, self.pictures = whole, []

    def read(self, image, page=0, *, red_channel=True):
        self.pictures.append(image)
        return self.lines

    def read_boxes(self, image, boxes, *, red_channel=True):
        return [TextLine(text=self.whole, box=BoundingBox(0, 0, 1, 1), score=0.9)]


def page(width=1200, height=1600):
    image = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).rectangle((width * 0.25, height * 0.41, width * 0.45, height * 0.43), fill="black")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()


def read(engine, path="self_pay_total", document_type="medical_receipt"):
    return read_region(page(), BOX, engine, document_type, path)


@pytest.mark.parametrize(
    ("path", "printed", "text"),
    [
        ("self_pay_total", "1,200元", "1,200元"),
        ("self_pay_total", "合計：1,200", "1,200"),
        ("patient_name", "姓名：王小明", "王小明"),
        ("patient_name", "王|小明", "王小明"),
        ("hospital_name", "Cathay|Hospital", "Cathay Hospital"),
        ("visit_date", "114年5月21日", "114年5月21日"),
        ("items.3.nhi_amount", "0", "0"),
    ],
)
def test_text_is_what_the_cell_takes(path, printed, text):
    assert read(Engine(printed), path).text == text


def test_one_value_among_other_print_is_taken():
    found = read(Engine("自費合計", "1,200"))
    assert (found.text, found.seen) == ("1,200", "自費合計1,200")


@pytest.mark.parametrize(
    ("lines", "problem"), [((), "empty"), (("自費合計",), "no_value"), (("1,200", "350"), "several")]
)
def test_what_is_no_single_value_is_told_and_never_chosen(lines, problem):
    found = read(Engine(*lines))
    assert (found.text, found.problem) == (None, problem)


def test_pale_print_is_unsure():
    assert not read(Engine("1,200", score=0.6)).is_sure


def test_print_that_the_detector_misses_is_read_as_one_line():
    assert read(Engine(whole="350")).text == "350"


def test_small_box_is_enlarged_and_stands_on_paper():
    engine = Engine("1")
    read_region(page(), BoundingBox(0.3, 0.415, 0.33, 0.425), engine, "medical_receipt", "self_pay_total")
    (picture,) = engine.pictures
    assert picture.height > 96
    assert picture.getpixel((0, 0)) == picture.getpixel((picture.width - 1, 0))


def test_unknown_cell_is_refused():
    with pytest.raises(KeyError):
        read(Engine("1"), "nothing")


def test_small_picture_is_upright_and_no_larger_than_asked():
    image = Image.new("RGB", (3000, 1000), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by the camera
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    with Image.open(io.BytesIO(scaled(buffer.getvalue(), 1400))) as small:
        assert (small.format, small.height) == ("JPEG", 1400)
        assert small.width < 500
    with pytest.raises((OSError, ValueError)):
        scaled(b"no picture", 1400)
