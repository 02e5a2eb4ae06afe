"""A long slip photographed in pieces: rows that two pictures both show count once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from rapidfuzz.fuzz import ratio

from extraction.layout.flatten import direction, fit_rows
from extraction.layout.words import fold
from schemas.layout import TextLine
from schemas.result import Flag, Severity

_NUMBER = re.compile(r"\d+")
_ALIKE = 80.0
_CUT = 2
"""Rows at the end of one picture and the beginning of the next that may be cut through by its edge."""
_SURE, _DOUBTFUL = 3, 2
"""Rows in a row that both show: so many are the same paper, so many may also be equal lines that follow each other."""
_AGREEING = 0.8
_COPY = 0.75
"""Share of both pages from which on they show the same paper, not two pieces of it."""


@dataclass(frozen=True)
class _Row:
    """What is printed at one height."""

    text: str
    numbers: tuple[str, ...]
    lines: tuple[TextLine, ...]

    def is_like(self, other: "_Row") -> bool:
        """Whether both may be the same print; digits must agree, words may be misread."""
        return self.numbers == other.numbers and ratio(self.text, other.text) >= _ALIKE


@dataclass(frozen=True)
class Joined:
    """The lines of each page without what the page before shows already."""

    lines: list[list[TextLine]]
    doubts: list[Flag]


def join_pages(lines: Sequence[Sequence[TextLine]], aspects: Sequence[float]) -> Joined:
    """Return the pages' lines with each row once; `aspects` is height by width.

    The last rows of a page are sought at the beginning of the next. A page that repeats all of the one before is a
    copy, not a piece, and a head that every page repeats stands at the beginning of both: neither is touched.
    """
    joined = Joined([list(page) for page in lines], [])
    if len(lines) < 2:
        return joined
    rows = [_rows(page, aspect) for page, aspect in zip(lines, aspects, strict=True)]
    for number, (before, after) in enumerate(pairwise(rows), 1):
        found = _overlap(before, after)
        if found is None:
            continue
        end, start, count = found
        if count < _SURE:
            joined.doubts.append(_doubt(lines[number], number, count))
            continue
        cut = {id(line) for row in before[end:] for line in row.lines}
        seen = {id(line) for row in after[:start] for line in row.lines}
        joined.lines[number - 1] = [line for line in joined.lines[number - 1] if id(line) not in cut]
        joined.lines[number] = [line for line in joined.lines[number] if id(line) not in seen]
    return joined


def _doubt(lines: Sequence[TextLine], number: int, count: int) -> Flag:
    page = lines[0].page if lines else number
    return Flag(code="pages_overlap", severity=Severity.WARNING, paths=("items",),
                parameters={"page": str(page + 1), "before": str(page), "rows": str(count)})  # fmt: skip


def _rows(lines: Sequence[TextLine], aspect: float) -> list[_Row]:
    """Return the print of a page by height, from the top."""
    if not lines:
        return []
    flat = fit_rows(lines, aspect)
    step = 0.6 * float(np.median([direction(line, aspect)[2] for line in lines]))
    placed = sorted(((flat.place(*line.box.center), line) for line in lines), key=lambda one: one[0][1])
    groups: list[list[tuple[float, float, TextLine]]] = []
    for (across, down), line in placed:
        if not groups or down - groups[-1][0][1] > step:
            groups.append([])
        groups[-1].append((across, down, line))
    return [_row([line for _, _, line in sorted(group, key=lambda one: one[0])]) for group in groups]


def _row(lines: Sequence[TextLine]) -> _Row:
    text = fold("".join(line.text for line in lines))
    numbers = tuple(number for line in lines for number in _NUMBER.findall(line.text.replace(",", "")))
    return _Row(text, numbers, tuple(lines))


def _overlap(before: Sequence[_Row], after: Sequence[_Row]) -> tuple[int, int, int] | None:
    """Return where the page before ends, where the next begins anew, and how many rows both show."""
    best: tuple[int, int, int] | None = None
    for cut_end in range(min(_CUT, len(before)) + 1):
        for cut_start in range(min(_CUT, len(after)) + 1):
            found = _aligned(before[: len(before) - cut_end], after[cut_start:])
            is_copy = found + cut_end >= _COPY * len(before) and found + cut_start >= _COPY * len(after)
            if found and not is_copy and (best is None or found > best[2]):
                best = len(before) - cut_end, cut_start + found, found
    return best


def _aligned(before: Sequence[_Row], after: Sequence[_Row]) -> int:
    """Return how many last rows of one are the first rows of the other; all of either are a copy, not a piece."""
    for count in range(min(len(before), len(after)) - 1, _DOUBTFUL - 1, -1):
        pairs = list(zip(before[-count:], after[:count], strict=True))
        ends = pairs[0], pairs[-1]
        if not all(one.is_like(other) for one, other in ends):
            continue
        alike = [one for one, other in pairs if one.is_like(other)]
        telling = {(one.text, one.numbers) for one in alike if one.numbers}
        if len(alike) >= _AGREEING * count and len(telling) >= _DOUBTFUL:
            return count
    return 0
