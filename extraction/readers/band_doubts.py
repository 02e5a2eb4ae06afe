"""The doubts about an answer that broke off, ran in circles or was none: of which page, and of which rows."""

from collections.abc import Sequence

from extraction.errors import DegenerateOutputError, ReaderError
from extraction.readers.bands import Band, table_rows
from schemas.result import Flag, Severity

_LONGEST_TEXT = 40


def answer_doubt(cause: str, severity: Severity, page: int, place: dict[str, str] | None = None) -> Flag:
    """Return the doubt about the answer for a page; `place` names the part that it was about."""
    return Flag(
        code="truncated" if cause == "truncated" else "numeric_fault" if cause == "numeric_fault" else "repetition",
        severity=severity,
        parameters={"page": str(page + 1), **(place or {})},
    )


def page_failed(page: int, error: ReaderError, place: dict[str, str] | None = None) -> Flag:
    """Return the doubt about a page, or a part of it, that gave no values."""
    if isinstance(error, DegenerateOutputError):
        return answer_doubt(error.parameters.get("cause", ""), Severity.ERROR, page, place)
    parameters = {"page": str(page + 1), "cause": error.key, **(place or {})}
    return Flag(code="page_failed", severity=Severity.ERROR, parameters=parameters)


def band_doubt(error: ReaderError, page: int, part: Band, parts: Sequence[Band]) -> Flag:
    """Return the doubt about one band: where it lies and, as far as the OCR shows, how many rows it has and which."""
    if len(parts) == 1:
        return page_failed(page, error)
    place = {"top": str(round(part.top * 100)), "bottom": str(round(part.bottom * 100))}
    rows = table_rows(part.lines)
    if rows:
        place |= {"rows": str(len(rows)), "first": rows[0][:_LONGEST_TEXT], "last": rows[-1][:_LONGEST_TEXT]}
    return page_failed(page, error, place)
