"""What every reader says of pages before any value: their type, their quality, and the doubt about a type."""

import re
from collections.abc import Sequence

from extraction.classify import DocumentType, classify
from extraction.page import PageImage
from extraction.picture_quality import measure
from extraction.readers.qr_code import find_codes, read_slip
from schemas.layout import TextLine
from schemas.result import Flag, PageQuality, Severity
from schemas.values import normalize

_TITLE = re.compile(r"^[\u4e00-\u9fff]{0,20}(?:醫療費用|醫療|費用|門診|住院)收據(?:[(].*)?$")
"""A receipt's title, perhaps behind the hospital's name: seen once at most on each of 130 single receipts."""
_TITLE_SCORE = 0.7


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
    """Return the doubt about a page with the titles of two receipts: stapled or touching ones were read as one."""
    for lines in pages:
        texts = (re.sub(r"\s", "", normalize(line.text)) for line in lines if line.score >= _TITLE_SCORE)
        if sum(_TITLE.match(text) is not None for text in texts) > 1:
            return Flag(code="several_documents", severity=Severity.WARNING)
    return None


def quality(page: PageImage, lines: Sequence[TextLine]) -> PageQuality:
    """Return size, turn and mean score of a page, and what is measured on its print."""
    plain = PageQuality(page=page.number, width=page.image.width, height=page.image.height, rotation=page.rotation)
    if not lines or page.text_layer:
        return plain
    score = round(sum(line.score for line in lines) / len(lines), 4)
    return plain.model_copy(update={"score": score, **measure(page.image, lines)})
