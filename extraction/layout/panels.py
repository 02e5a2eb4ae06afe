"""Side-by-side parts of a region: each has its own names, and either columns or one payer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extraction.layout.heads import Head, Region
from extraction.layout.rows import Row, name_starts
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.total_words import total_field
from extraction.layout.words import PAYERS, Role, fold

_GROUPED = 0.3
"""Share of names right of the first payer's head from which on each payer has names of its own."""


@dataclass(frozen=True)
class Panel:
    """A vertical strip of a region."""

    left: float
    right: float
    heads: tuple[Head, ...] = ()
    payer: Role | None = None
    """Set where every amount of the strip is this payer's, however many name and amount pairs a row has."""

    def part(self, row: Row) -> Row:
        """Return what of a row stands in the strip."""
        return Row([token for token in row.tokens if self.left <= token.center < self.right])


def find_panels(region: Region) -> list[Panel]:
    """Return the panels of a region from left to right."""
    if not region.heads:
        return [Panel(-1.0, 2.0, payer=region.payer)]
    sets = _head_sets(region.heads)
    if len(sets) > 1:
        return _cut(region.rows, sets)
    heads = sets[0]
    payers = [head for head in heads if head.role in PAYERS]
    if not any(head.role is Role.NAME for head in heads) and len(payers) >= 2 and _is_grouped(region.rows, payers):
        return _groups(region.rows, payers)
    return [_panel(-1.0, 2.0, heads, region.rows)]


def _panel(left: float, right: float, heads: Sequence[Head], rows: Sequence[Row]) -> Panel:
    """Return a panel; where it has one money head over several pairs a row, every amount is that payer's."""
    panel = Panel(left, right, tuple(heads))
    columns = [head for head in heads if head.role is not Role.NAME]
    if len(columns) != 1 or columns[0].role not in PAYERS:
        return panel
    parts = [panel.part(row) for row in rows]
    several = sum(_has_pairs(part) for part in parts)
    return (
        replace(panel, payer=columns[0].role) if several > 0.3 * sum(bool(part.amounts()) for part in parts) else panel
    )


def _has_pairs(row: Row) -> bool:
    """Whether a name stands behind an amount that has a name of its own."""
    kinds = "".join("n" if token.kind is TokenKind.TEXT else "a" for token in row.tokens)
    return re.search("na+n+a", kinds) is not None


def _head_sets(heads: Sequence[Head]) -> list[list[Head]]:
    """Cut the heads where a name head follows money, or where a payer comes a second time."""
    names = sum(head.role is Role.NAME for head in heads)
    sets: list[list[Head]] = [[]]
    for head in heads:
        current = sets[-1]
        has_money = any(one.role in (*PAYERS, Role.AMOUNT) for one in current)
        next_set = head.role is Role.NAME and has_money and (names > 1 or _is_last_money(head, heads))
        again = not names and head.role in PAYERS and any(one.role is head.role for one in current)
        if next_set or again:
            sets.append([])
        sets[-1].append(head)
    return sets if all(_has_money(one) for one in sets) else [list(heads)]


def _is_last_money(head: Head, heads: Sequence[Head]) -> bool:
    return False if head.payer is None else any(one.center > head.center for one in heads)


def _has_money(heads: Sequence[Head]) -> bool:
    return any(head.role in (*PAYERS, Role.AMOUNT) for head in heads)


def _names(rows: Sequence[Row]) -> list[Token]:
    return [
        token
        for row in rows
        if row.amounts()
        for token in row.texts()
        if total_field(token.text) is None and not token.is_value and not token.text.isascii()
    ]


def _cut(rows: Sequence[Row], sets: Sequence[Sequence[Head]]) -> list[Panel]:
    edges = [-1.0]
    names = _names(rows)
    for before, after in pairwise(sets):
        last, first = before[-1], after[0]
        between = [token.left for token in names if last.center < token.left < max(first.right, first.center)]
        starts = [start for start in name_starts(rows) if last.center < start < max(first.right, first.center)]
        edges.append(min(starts or between or [(last.right + first.left) / 2]) - 0.004)
    edges.append(2.0)
    return [_panel(left, right, heads, rows) for left, right, heads in zip(edges, edges[1:], sets, strict=False)]


def _is_grouped(rows: Sequence[Row], payers: Sequence[Head]) -> bool:
    names = _names(rows)
    right = sum(token.left > payers[0].center for token in names)
    return bool(names) and right > _GROUPED * len(names)


def _groups(rows: Sequence[Row], payers: Sequence[Head]) -> list[Panel]:
    """Cut between payers where the heads then stand best over their own parts, and where names begin again."""
    tokens = [token for row in rows if row.amounts() for token in row.tokens
              if token.kind is TokenKind.AMOUNT or total_field(token.text) is None]  # fmt: skip
    starts = name_starts(rows) or sorted({token.left for token in _names(rows)})
    edges = [-1.0]
    for first, second in pairwise(payers):
        options = [start - 0.004 for start in starts if edges[-1] < start and first.center < start <= second.right]
        if not options:
            options = [(first.center + second.center) / 2]
        edges.append(min(options, key=lambda edge: _misfit(tokens, edge, first, second)))
    edges.append(2.0)
    return [Panel(left, right, (head,), head.role)
            for left, right, head in zip(edges, edges[1:], payers, strict=False)]  # fmt: skip


def _misfit(tokens: Sequence[Token], edge: float, first: Head, second: Head) -> float:
    left = [token for token in tokens if token.center < edge]
    right = [token for token in tokens if token.center >= edge]
    if not left or not right:
        return 9.0
    names = [{fold(token.text) for token in part if token.kind is TokenKind.TEXT} for part in (left, right)]
    repeated = len(names[0] & names[1]) / max(1, min(len(names[0]), len(names[1])))
    return _off(left, first) + _off(right, second) - 0.2 * repeated


def _off(tokens: Sequence[Token], head: Head) -> float:
    left, right = min(token.left for token in tokens), max(token.right for token in tokens)
    return min(abs((left + right) / 2 - head.center), abs(left - head.left))
