"""What every reader says of pages before any value: their type, their quality, and the doubt about a type."""

from collections.abc import Sequence
from statistics import median

from extraction.classify import DocumentType, classify
from extraction.layout.flatten import direction
from extraction.page import PageImage
from extraction.readers.qr_code import find_codes, read_slip
from schemas.layout import TextLine
from schemas.result import Flag, PageQuality, Severity


def find_type(pages: Sequence[PageImage], lines: Sequence[Sequence[TextLine]]) -> DocumentType | None:
    """Return the type that the lines, or else the codes on the pages, tell of."""
    every = [line for page in lines for line in page]
    found = classify(every)
    if found is None and any(read_slip(find_codes(page.image, thorough=False)) for page in pages):
        found = classify(every, has_codes=True)
    return found


def wrong_type(wanted: str, found: DocumentType | None) -> Flag:
    """Return the doubt about a document that does not look like the type asked for."""
    severity = Severity.ERROR if found else Severity.WARNING
    return Flag(code="wrong_document_type", severity=severity,
                parameters={"type": wanted, "other": found or "unknown"})  # fmt: skip


def quality(page: PageImage, lines: Sequence[TextLine]) -> PageQuality:
    """Return size, turn, height of the print and mean score of a page."""
    width, height = page.image.size
    aspect = height / width
    heights = [direction(line, aspect)[2] * width for line in lines]
    has_text = bool(lines) and not page.text_layer
    return PageQuality(
        page=page.number,
        width=width,
        height=height,
        rotation=page.rotation,
        text_height=round(median(heights), 1) if has_text else 0.0,
        score=round(sum(line.score for line in lines) / len(lines), 4) if has_text else 1.0,
    )
