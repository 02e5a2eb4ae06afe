"""The pages of a long file wait packed: they look the same, are read once, and do not fill the memory."""

import io

import numpy as np
import pytest
from drawing import Sheet
from PIL import Image

from extraction.loading import load
from extraction.ocr import OcrEngine
from extraction.packing import UNPACKED, Packed, packed_of
from extraction.page import PageImage
from extraction.remembering import PageEngine
from extraction.slips import Slips, documents_of
from schemas.layout import BoundingBox, TextLine
from settings import Limits


def _page() -> Image.Image:
    sheet = Sheet(620, 500, 18)
    sheet.header()
    return sheet.image


@pytest.fixture(scope="module")
def long_file():
    held = io.BytesIO()
    _page().save(held, "TIFF", save_all=True, append_images=[_page()] * (UNPACKED + 1), compression="tiff_lzw")
    return load(held.getvalue(), "a.tif", Limits())


def test_only_the_pages_of_a_long_file_are_packed(long_file):
    packed = [packed_of(page.image) is not None for page in long_file.pages]

    assert packed == [False] * UNPACKED + [True] * 2


def test_packed_page_looks_the_same_and_stays_packed_when_it_is_numbered_anew(long_file):
    first, last = long_file.pages[0], long_file.pages[-1]

    difference = np.abs(np.asarray(first.image, np.int16) - np.asarray(last.image, np.int16))
    assert difference.mean() < 0.5
    assert last.image is last.image
    assert vars(PageImage(0, last.image))["_image"] is packed_of(last.image)


def test_packed_page_is_read_once_although_it_is_unpacked_anew(monkeypatch):
    asked = []

    def read(self, image, page=0, *, red_channel=True):
        asked.append((page, red_channel))
        return [TextLine(text="診察費", box=BoundingBox(0.1, 0.1, 0.2, 0.2))]

    monkeypatch.setattr(OcrEngine, "read", read)
    engine, one, other = PageEngine(), PageImage(4, Packed(_page())), PageImage(5, Packed(_page()))
    for page in (one, other, one):
        engine.read(page.image, page.number)
    engine.read(one.image, one.number, red_channel=False)

    assert asked == [(4, True), (5, True), (4, False)]


def test_pages_of_a_long_file_that_are_turned_are_packed_again_and_stay_together():
    pages = [PageImage(number, Packed(_page())) for number in range(UNPACKED + 1)]

    def cut(page):
        turned = PageImage(page.number, page.image.rotate(180), rotation=180)
        return Slips((turned, turned)) if page.number == 0 else Slips((turned,))

    documents, is_doubtful = documents_of(pages, cut)

    assert [page.rotation for page in documents[0]] == [0, 180, 180, 180]
    assert all(packed_of(page.image) for page in documents[0])
    assert is_doubtful
