"""`and`, `or` where a part may lack its value: what the other parts decide is decided nevertheless."""

from collections.abc import Iterable, Sequence
from typing import Any

from extraction.validation.office.values import Expression, Kind, Lacking, Place


def both(parts: Sequence[Expression]) -> Expression:
    """Return what is true where all parts are, and false where any is."""
    return Expression(Kind.YES_NO, lambda place: not _decided(parts, place, wanted=False), _cells(parts))


def either(parts: Sequence[Expression]) -> Expression:
    """Return what is true where any part is, and false where none is."""
    return Expression(Kind.YES_NO, lambda place: _decided(parts, place, wanted=True), _cells(parts))


def _decided(parts: Sequence[Expression], place: Place, *, wanted: bool) -> bool:
    return any_of(((part, place) for part in parts), wanted=wanted)


def any_of(asked: Iterable[tuple[Expression, Place]], *, wanted: bool) -> bool:
    """Return whether any answer is as wanted; Lacking where none is and one could not be given."""
    lacking: Lacking | None = None
    for part, place in asked:
        try:
            if part.compute(place) is wanted:
                return True
        except Lacking as why:
            if lacking is None or (lacking.is_blank and not why.is_blank):
                lacking = why  # what was not read says more than what is not printed
    if lacking is not None:
        raise lacking
    return False


def _cells(parts: Sequence[Expression]) -> tuple[Any, ...]:
    return tuple(cell for part in parts for cell in part.cells)
