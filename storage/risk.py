"""Money at risk in a document: what its doubtful and wrong amounts come to while somebody still has to look."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from schemas.document import field_at, get_cell, kind_of, paths_of
from schemas.result import CellState, Extraction, Judgement, Severity
from schemas.values import ValueKind
from storage.records import DUPLICATES, RecordFlag

_DOUBTED = (Judgement.DOUBTFUL, Judgement.WRONG)
_UNKNOWN = (CellState.UNREADABLE, CellState.NOT_READ)
_PRICE = "unit_price"
"""Stands in the amount of its line already."""
_MOST = Decimal(10**12)
"""Misread digits may make any number; above this one the order no longer matters."""


def money_at_risk(extraction: Extraction, flags: Sequence[RecordFlag], total: Decimal | None) -> Decimal:
    """Return the sum; points are no money and do not count. `total` stands for an amount that nobody could read.

    A document that may be there twice risks all of its total.
    """
    asking = [item.flag for item in flags if item.is_open and item.flag.severity is not Severity.INFO]
    whole = abs(total or Decimal(0))
    if not asking or extraction.document is None:
        return Decimal(0)
    if any(flag.code in DUPLICATES for flag in asking):
        return min(whole, _MOST)
    named = {path for flag in asking for path in flag.paths}
    found, is_unknown = Decimal(0), False
    for path in _amounts(extraction):
        row = path.rpartition(".")[0]
        if path in named or row in named or extraction.judgements.get(path) in _DOUBTED:
            value = get_cell(extraction.document, path)
            found += abs(value) if isinstance(value, Decimal) else Decimal(0)
            is_unknown = is_unknown or extraction.state(path) in _UNKNOWN
    return min(found + (whole if is_unknown else 0), _MOST)


def _amounts(extraction: Extraction) -> Iterator[str]:
    document = extraction.document
    if document is None:
        return
    for path in paths_of(document):
        if kind_of(field_at(type(document), path)) is ValueKind.AMOUNT and not path.endswith(f".{_PRICE}"):
            yield path
