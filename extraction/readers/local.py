"""The built-in reader: RapidOCR's lines, or a PDF's own text, and geometry. Needs no GPU and no network."""

import time
from collections.abc import Sequence

import numpy as np

from extraction.errors import UnknownDocumentTypeError
from extraction.layout.doubts import doubt_pages
from extraction.layout.invoice import merge_readings, needs_colour, read_invoice
from extraction.layout.names import Corners, Look
from extraction.layout.overlap import join_pages
from extraction.layout.receipt import note_stamp, read_receipt
from extraction.layout.rulings import find_rulings
from extraction.layout.second_look import agreement, choose, needs_second_look, settle
from extraction.layout.stamps import find_red_stamp
from extraction.ocr import OcrEngine
from extraction.page import PageImage
from extraction.readers.about_pages import find_type, quality, several_papers, wrong_type
from extraction.readers.base import DocumentTypeChoice
from schemas.layout import TextLine
from schemas.result import Attempt, Reading

Lines = list[list[TextLine]]


class LocalReader:
    """Reads receipts and invoices on the machine itself."""

    name = "local"

    def __init__(self, engine: OcrEngine) -> None:
        """Take the engine that gives the text lines."""
        self._engine = engine

    def read(self, pages: Sequence[PageImage], document_type: DocumentTypeChoice) -> Reading:
        """Read the pages of one document."""
        started = time.perf_counter()
        lines = self._lines(pages, red_channel=True)
        found = find_type(pages, lines)
        if document_type == "auto" and found is None:
            raise UnknownDocumentTypeError
        wanted = found if document_type == "auto" else document_type
        read = self._read_invoice if wanted == "invoice" else self._read_receipt
        reading = read(pages, lines, started)
        if wanted == "medical_receipt":
            for page in pages:
                if box := find_red_stamp(page.image):
                    note_stamp(reading, page.number, box)
        if several := several_papers(lines):
            reading.doubts.insert(0, several)
        if found != wanted:
            reading.doubts.insert(0, wrong_type(str(wanted), found))
        reading.pages = [quality(page, page_lines) for page, page_lines in zip(pages, lines, strict=True)]
        doubt_pages(reading, reading.pages)
        reading.doubts += join_pages(lines, _aspects(pages)).doubts
        reading.seconds = round(time.perf_counter() - started, 3)
        return reading

    def _lines(self, pages: Sequence[PageImage], *, red_channel: bool) -> Lines:
        lines = [
            list(page.text_layer) or self._engine.read(page.image, page.number, red_channel=red_channel)
            for page in pages
        ]
        return join_pages(lines, _aspects(pages)).lines

    def _read_receipt(self, pages: Sequence[PageImage], lines: Lines, started: float) -> Reading:
        aspects = _aspects(pages)
        looks = [None if page.text_layer else self._look(page) for page in pages]
        rulings = [find_rulings(page.image) for page in pages]
        reading = read_receipt(aspects, lines, looks, rulings)
        reading.lines = [line for page in lines for line in page]
        reading.attempts = [Attempt(seconds=_since(started))]
        if not needs_second_look(reading) or all(page.text_layer for page in pages):
            settle(reading)
            return reading
        begun = time.perf_counter()
        colour = self._lines(pages, red_channel=False)
        second = read_receipt(aspects, colour, looks, rulings)
        second.lines = [line for page in colour for line in page]
        chosen = choose(reading, second)
        cause = "sums_disagree" if agreement(reading).differing else "field_missing"
        settle(chosen)
        chosen.attempts = [Attempt(cause=cause, seconds=_since(started)), Attempt(seconds=_since(begun))]
        return chosen

    def _look(self, page: PageImage) -> Look:
        """Return what reads places of a page once more, in colour."""

        def look(places: Sequence[Corners]) -> list[TextLine]:
            boxes = np.array(places, np.float32) * np.array(page.image.size, np.float32)
            return self._engine.read_boxes(page.image, boxes, red_channel=False)

        return look

    def _read_invoice(self, pages: Sequence[PageImage], lines: Lines, started: float) -> Reading:
        reading = read_invoice(pages, lines)
        reading.attempts = [Attempt(seconds=_since(started))]
        if not needs_colour(reading) or all(page.text_layer for page in pages):
            return reading
        begun = time.perf_counter()
        second = read_invoice(pages, self._lines(pages, red_channel=False))
        attempts = [Attempt(cause="field_missing", seconds=_since(started)), Attempt(seconds=_since(begun))]
        return merge_readings(reading, second).model_copy(update={"attempts": attempts})


def _aspects(pages: Sequence[PageImage]) -> list[float]:
    return [page.image.height / page.image.width for page in pages]


def _since(start: float) -> float:
    return round(time.perf_counter() - start, 3)
