"""Rows of two readings of one table, paired by name, amounts and place on the page, never by their index."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from rapidfuzz.fuzz import ratio

from schemas.document import DocumentPart, cells_of, kind_of
from schemas.layout import BoundingBox
from schemas.lexicon import fold_name
from schemas.values import ValueKind

NUMBERS = frozenset({ValueKind.AMOUNT, ValueKind.POINTS, ValueKind.QUANTITY})
FOUND_NAME = 66.0
"""Likeness of two names that finds a row; far too weak to accept the name (notes of the OCR, grounding)."""
_SAME_CELL, _OTHER_CELL = 30.0, 22.0
_ALL_CELLS = 14.0
_PLACE, _ORDER = 25.0, 6.0
_ENOUGH = 40.0
"""Below, two rows are not one: half a name and a place, or two amounts, reach it."""


@dataclass(frozen=True)
class RowView:
    """A row as alignment sees it."""

    name: str
    numbers: Mapping[str, Decimal]
    """Cell → amount; blank and 0 are left out, since they are alike everywhere."""
    box: BoundingBox | None = None
    page: int = 0


@dataclass(frozen=True)
class Pairs:
    """Which row of the first reading is which of the second, and the rows that only one of them has."""

    both: dict[int, int] = field(default_factory=dict)
    only_first: tuple[int, ...] = ()
    only_second: tuple[int, ...] = ()


def view_of(row: DocumentPart, box: BoundingBox | None = None, page: int = 0) -> RowView:
    """Return a typed row as alignment sees it."""
    cells = cells_of(type(row))
    name = getattr(row, next(iter(cells))) or ""
    numbers = {cell: getattr(row, cell) for cell, declared in cells.items() if kind_of(declared) in NUMBERS}
    return RowView(fold_name(str(name)), {cell: value for cell, value in numbers.items() if value}, box, page)


def name_likeness(one: str, other: str) -> float:
    """Return how alike two folded names are, 0 to 100; brackets that only one of them has count little."""
    bare, others = (re.sub(r"\([^)]*\)|^[*#※.\d-]+", "", name) or name for name in (one, other))
    return max(ratio(one, other), ratio(bare, others) - 5.0)


def align_rows(first: Sequence[RowView], second: Sequence[RowView]) -> Pairs:
    """Return the pairing of the greatest likeness over all: rows may be dropped, doubled, invented and out of order."""
    worth = [[_worth(a, b, i / len(first), j / len(second)) for j, b in enumerate(second)] for i, a in enumerate(first)]
    both = _earliest({i: j for i, j in _assign(worth).items() if worth[i][j] > 0}, first)
    return Pairs(
        both,
        tuple(i for i in range(len(first)) if i not in both),
        tuple(j for j in range(len(second)) if j not in set(both.values())),
    )


def _earliest(both: Mapping[int, int], rows: Sequence[RowView]) -> dict[int, int]:
    """Give pairs of rows that are said over and over to the first of them: the copies are what is too much."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for index, row in enumerate(rows):
        if row.box is None:
            alike.setdefault((row.name, *sorted(row.numbers.items())), []).append(index)
    found = dict(both)
    for indices in alike.values():
        theirs = sorted(found.pop(index) for index in indices if index in found)
        found |= dict(zip(indices, theirs, strict=False))
    return found


def _worth(one: RowView, other: RowView, place: float, other_place: float) -> float:
    """Return the likeness of two rows above what two different rows have; 0 where they are not one."""
    name = name_likeness(one.name, other.name) if one.name and other.name else 0.0
    same = sum(other.numbers.get(cell) == value for cell, value in one.numbers.items())
    elsewhere = len(set(one.numbers.values()) & set(other.numbers.values())) - same
    likeness = (name if name >= FOUND_NAME else name / 3) + _SAME_CELL * same + _OTHER_CELL * max(elsewhere, 0)
    if one.numbers and one.numbers == other.numbers:
        likeness += _ALL_CELLS
    if one.box is not None and other.box is not None:
        likeness += _PLACE if one.page == other.page and _shares_line(one.box, other.box) else -_PLACE
    if likeness < _ENOUGH:
        return 0.0
    return likeness - _ORDER * abs(place - other_place)


def _shares_line(one: BoundingBox, other: BoundingBox) -> bool:
    middle = other.center[1]
    return one.top <= middle <= one.bottom


def _assign(worth: Sequence[Sequence[float]]) -> dict[int, int]:
    """Return row → column of the greatest sum (Hungarian method with potentials, cubic in the rows)."""
    count = len(worth)
    if not count or not worth[0]:
        return {}
    width = max(len(worth[0]), count)  # a row may stay alone: columns of no worth
    cost = [[-value for value in row] + [0.0] * (width - len(row)) for row in worth]
    by_row, by_column = [0.0] * (count + 1), [0.0] * (width + 1)
    taken = [0] * (width + 1)
    for row in range(1, count + 1):
        _augment(cost, row, by_row, by_column, taken)
    return {taken[column] - 1: column - 1 for column in range(1, len(worth[0]) + 1) if taken[column]}


def _augment(cost: Sequence[Sequence[float]], row: int, by_row: list[float], by_column: list[float],
             taken: list[int]) -> None:  # fmt: skip
    """Give one more row a column, moving others where that is cheaper."""
    width = len(taken) - 1
    least, before, seen = [float("inf")] * (width + 1), [0] * (width + 1), [False] * (width + 1)
    taken[0], column = row, 0
    while taken[column]:
        seen[column] = True
        at, delta, following = taken[column], float("inf"), 0
        line, shift = cost[at - 1], by_row[at]
        for other in range(1, width + 1):
            if seen[other]:
                continue
            reduced = line[other - 1] - shift - by_column[other]
            if reduced < least[other]:
                least[other], before[other] = reduced, column
            if least[other] < delta:
                delta, following = least[other], other
        for other in range(width + 1):
            if seen[other]:
                by_row[taken[other]] += delta
                by_column[other] -= delta
            else:
                least[other] -= delta
        column = following
    while column:
        taken[column] = taken[before[column]]
        column = before[column]
