"""Columns of amounts, and the ways in which heads can be given to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from extraction.layout.heads import Head
from extraction.layout.rows import Row
from extraction.layout.tokens import Token, TokenKind

_ALONE = 0.3
"""Cost, in page widths, of leaving a column of amounts without a head."""
_DRIFT = 0.5
"""Heads are set over their columns in one way: a column that strays to the other side of its head pays for it."""
_NEAR = 0.25
"""Page widths beyond which a head is not tried in place of a nearer one."""
_RULED = 0.15
"""Cost of a ruling between a column and its head."""


_IMPOSSIBLE = float("inf")


@dataclass
class Column:
    """Amounts that stand below each other."""

    tokens: list[Token] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Leftmost edge."""
        return min(token.left for token in self.tokens)

    @property
    def right(self) -> float:
        """Rightmost edge."""
        return max(token.right for token in self.tokens)

    @property
    def center(self) -> float:
        """Middle between both edges."""
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Assignment:
    """A head, or none, for each column from left to right, and how badly they fit."""

    heads: tuple[Head | None, ...]
    cost: float


def find_columns(rows: Sequence[Row], height: float) -> list[Column]:
    """Return the columns from left to right, by whichever edge (right, middle, left) needs fewest."""
    amounts = [token for row in rows for token in row.tokens if token.kind is TokenKind.AMOUNT]
    edges: tuple[Callable[[Token], float], ...] = (
        lambda token: token.right,
        lambda token: token.center,
        lambda token: token.left,
    )
    options = [_cluster(amounts, edge, 0.7 * height) for edge in edges]
    return _merge(min(options, key=len), rows) if amounts else []


def _cluster(amounts: Sequence[Token], edge: Callable[[Token], float], tolerance: float) -> list[Column]:
    columns: list[Column] = []
    for token in sorted(amounts, key=edge):
        if columns and edge(token) - edge(columns[-1].tokens[-1]) <= tolerance:
            columns[-1].tokens.append(token)
        else:
            columns.append(Column([token]))
    return sorted(columns, key=lambda column: column.center)


def _merge(columns: list[Column], rows: Sequence[Row]) -> list[Column]:
    """Join columns that overlap and never hold two amounts of one row: it is one column set unevenly."""
    row_of = {id(token): index for index, row in enumerate(rows) for token in row.tokens}
    merged: list[Column] = []
    for column in columns:
        if merged:
            last = merged[-1]
            shared = min(last.right, column.right) - max(last.left, column.left)
            narrow = min(last.right - last.left, column.right - column.left)
            apart = {row_of[id(t)] for t in last.tokens}.isdisjoint(row_of[id(t)] for t in column.tokens)
            if shared > 0.4 * narrow and apart:
                last.tokens.extend(column.tokens)
                continue
        merged.append(column)
    return merged


def assignments(columns: Sequence[Column], heads: Sequence[Head], uprights: Sequence[float] = ()) -> list[Assignment]:
    """Return ways to give heads to columns in order from left to right, the cheapest first.

    The first is the best of all; each other one is the best that gives one column another head that is near, or none.
    """
    best = _best(columns, heads, uprights, {})
    found = {best[1]: best[0]}
    for index, (column, head) in enumerate(zip(columns, best[1], strict=True)):
        near = [at for at, one in enumerate(heads) if abs(one.center - column.center) < _NEAR]
        for other in (None, *near):
            if other != head:
                cost, chosen = _best(columns, heads, uprights, {index: other})
                found.setdefault(chosen, cost)
    ordered = sorted(found.items(), key=lambda one: (one[1], one[0] != best[1]))
    return [
        Assignment(tuple(None if at is None else heads[at] for at in chosen), cost)
        for chosen, cost in ordered
        if cost < _IMPOSSIBLE
    ]


def _best(columns: Sequence[Column], heads: Sequence[Head], uprights: Sequence[float],
          forced: dict[int, int | None]) -> tuple[float, tuple[int | None, ...]]:  # fmt: skip
    """Return cost and heads of the cheapest reading; `forced` gives a column the head that it must take."""
    states: dict[tuple[int, float], tuple[float, tuple[int | None, ...]]] = {(-1, 0.0): (0.0, ())}
    for index, column in enumerate(columns):
        following: dict[tuple[int, float], tuple[float, tuple[int | None, ...]]] = {}
        for (last, drift), (cost, chosen) in states.items():
            options: list[tuple[int, float, float, int | None]] = [(last, drift, _alone(column), None)]
            for position in range(last + 1, len(heads)):
                head = heads[position]
                offset = column.center - head.center
                away = max(head.left - column.right, column.left - head.right, 0.0)
                turn = _DRIFT * abs(offset - drift) if chosen and drift else 0.0
                ruled = _RULED * _between(column.center, head.center, uprights)
                options.append((position, offset, abs(offset) * 0.5 + away + turn + ruled, position))
            for position, offset, price, head_index in options:
                if index in forced and forced[index] != head_index:
                    continue
                key, total = (position, round(offset, 4)), cost + price
                if key not in following or total < following[key][0]:
                    following[key] = (total, (*chosen, head_index))
        states = following
    return min(states.values(), default=(_IMPOSSIBLE, (None,) * len(columns)))


def _between(first: float, second: float, uprights: Sequence[float]) -> int:
    left, right = min(first, second), max(first, second)
    return sum(left < line < right for line in uprights)


def _alone(column: Column) -> float:
    return _ALONE * min(1.0, len(column.tokens) / 3)
