"""The pages of one document made one: lines in the order of the pages, other cells from the page that has them."""

from collections.abc import Mapping, Sequence
from typing import Any

from extraction.readers.matches import same_text
from schemas.document import Document, cells_of, kind_of, lines_of
from schemas.result import Flag, Severity, Suggestion
from schemas.values import ValueKind

_MAY_DIFFER = {"amount_in_words", "notes", "issue_date", "visit_kind", "is_original", "has_stamp"}


def join_pages(
    pages: Sequence[tuple[int, Mapping[str, Any]]], model: type[Document], reader: str
) -> tuple[dict[str, Any], list[Flag]]:
    """Return the values of all pages (page number, values), and a flag for every cell that two pages give otherwise.

    Sums stand on the last page, a page before it may have its own subtotal; all else is taken from the first page.
    """
    values: dict[str, Any] = {}
    flags = []
    for name, field in cells_of(model).items():
        found = [(number, page[name]) for number, page in pages if page.get(name) is not None]
        is_sum = kind_of(field) in (ValueKind.AMOUNT, ValueKind.POINTS)
        values[name] = found[-1 if is_sum else 0][1] if found else None
        others = [(number, text) for number, text in found[1:] if not same_text(str(text), str(found[0][1]))]
        if others and name not in _MAY_DIFFER:
            severity = Severity.WARNING if is_sum else Severity.ERROR
            flags.append(_differ(name, severity, str(found[0][1]), others, reader))
    for name in lines_of(model):
        values[name] = [row for _, page in pages for row in page.get(name) or ()]
    return values, flags


def _differ(name: str, severity: Severity, first: str, others: Sequence[tuple[int, object]], reader: str) -> Flag:
    number, other = others[0]
    texts = dict.fromkeys((first, *(str(text) for _, text in others)))
    return Flag(
        code="pages_differ",
        severity=severity,
        paths=(name,),
        parameters={"first": first, "other": str(other), "page": str(number + 1)},
        suggestions=tuple(Suggestion(path=name, value=text, source=reader) for text in texts),
    )
