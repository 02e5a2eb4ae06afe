"""Papers on a photo: a small one is cut out, several are parted, and what is doubtful is left together."""

import cv2
import numpy as np
import pytest
from drawing import Sheet
from PIL import Image

from extraction.page import PageImage
from extraction.slips import Slips, documents_of, part
from schemas.layout import TextLine


class InkEngine:
    """Sees what is nearly black as lines of text, and reads them all as a receipt's."""

    def __init__(self, document: bool = True) -> None:
        sheet = Sheet()
        sheet.header()
        self._lines = [*sheet.lines, *(line.model_copy(update={"text": "診察費"}) for line in sheet.lines[:2])]
        self._document = document

    def find_boxes(self, image: Image.Image) -> np.ndarray:
        dark = (np.asarray(image.convert("L")) < 45).astype(np.uint8)
        joined = cv2.dilate(dark, np.ones((7, 31), np.uint8))
        figures = cv2.connectedComponentsWithStats(joined)[2][1:]
        boxes = [(x, y, x + w, y + h) for x, y, w, h, area in figures.tolist() if w > 30 and h > 12 and area > 400]
        return np.array([[(a, b), (c, b), (c, d), (a, d)] for a, b, c, d in boxes], np.float32).reshape(-1, 4, 2)

    def read(self, image: Image.Image, page: int = 0) -> list[TextLine]:
        return self._lines if self._document else []

    def read_boxes(self, image: Image.Image, boxes: np.ndarray) -> list[TextLine]:
        return [self._lines[0] for _ in boxes]


def _receipt() -> Image.Image:
    sheet = Sheet(620, 500, 18)
    for row in range(9):
        sheet.text(40, 60 + row * 44, "診察費及處置費")
        sheet.text(560, 60 + row * 44, "1,234", "rm")
    return sheet.image


def _desk(*places: tuple[int, int], size: tuple[int, int] = (2400, 1800)) -> PageImage:
    """Draw receipts on a chequered table."""
    down, across = np.mgrid[0 : size[1], 0 : size[0]]
    pattern = np.where((across // 70 + down // 70) % 2 == 0, 1.0, 0.62)[..., None] * np.array((170, 120, 90))
    picture = Image.fromarray(pattern.astype(np.uint8))
    for place in places:
        picture.paste(_receipt(), place)
    return PageImage(0, picture)


def _same(page: PageImage) -> PageImage:
    return page


def test_small_receipt_is_cut_out_with_all_its_paper() -> None:
    (slip,) = part(_desk((900, 700)), InkEngine(), _same).pages

    assert slip.image.width == pytest.approx(620, abs=90)
    assert slip.image.height == pytest.approx(500, abs=90)


def test_paper_that_fills_the_picture_stays_as_it_is() -> None:
    page = PageImage(0, _receipt())

    assert part(page, InkEngine(), _same) == Slips((page,))


def test_print_beside_the_receipt_is_not_cut_off() -> None:
    page = _desk((200, 200))
    note = Sheet(300, 120, 24)
    note.text(20, 60, "另有附件")
    page.image.paste(note.image, (1900, 1500))

    (slip,) = part(page, InkEngine(), _same).pages

    assert slip.image.width > 1900 - 200


def test_receipts_with_desk_between_are_parted_in_reading_order() -> None:
    page = _desk((1500, 230), (200, 200), (300, 1100))

    slips = part(page, InkEngine(), _same)

    assert len(slips.pages) == 3
    assert not slips.is_doubtful
    assert all(slip.image.width < 800 and slip.image.height < 700 for slip in slips.pages)


def test_receipts_that_lie_on_each_other_stay_together() -> None:
    page = _desk((200, 200), (820, 400))

    assert [slip.image.size[0] > 1000 for slip in part(page, InkEngine(), _same).pages] == [True]


def test_card_beside_a_receipt_makes_no_document() -> None:
    page = _desk((200, 200), (1500, 1100))

    slips = part(page, InkEngine(document=False), _same)

    assert slips == Slips((page,))


def test_only_a_file_of_one_page_is_parted() -> None:
    one, two = PageImage(0, _receipt()), PageImage(1, _receipt())
    both = Slips((one, one))

    documents, doubtful = documents_of([one], lambda _: both)
    assert [len(pages) for pages in documents] == [1, 1]
    assert not doubtful

    documents, doubtful = documents_of([one, two], lambda page: both if page is one else Slips((page,)))
    assert documents == [[one, two]]
    assert doubtful
