"""What every reader says of pages before any value: their type, their quality, and the doubt about a type."""

from collections.abc import Sequence

from extraction.classify import DocumentType, classify
from extraction.page import PageImage
from extraction.picture_quality import measure
from extraction.readers.qr_code import find_codes, read_slip
from extraction.seams import count_titles, names_two_papers
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


def several_papers(pages: Sequence[Sequence[TextLine]]) -> Flag | None:
    """Return the doubt about a page with two titles, or with two patients or numbers: a paper may lie on another."""
    if any(count_titles(lines) > 1 or names_two_papers(lines) for lines in pages):
        return Flag(code="several_documents", severity=Severity.WARNING)
    return None


def quality(page: PageImage, lines: Sequence[TextLine]) -> PageQuality:
    """Return size, turn and mean score of a page, and what is measured on its print."""
    plain = PageQuality(page=page.number, width=page.image.width, height=page.image.height, rotation=page.rotation)
    if not lines or page.text_layer:
        return plain
    score = round(sum(line.score for line in lines) / len(lines), 4)
    return plain.model_copy(update={"score": score, **measure(page.image, lines)})
