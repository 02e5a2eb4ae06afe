"""Columns of amounts, and which head each belongs to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from extraction.layout.heads import Head
from extraction.layout.rows import Row
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.words import Role

_ALONE = 0.3
"""Cost, in page widths, of leaving a column of amounts without a head."""
_DRIFT = 0.5
"""Heads are set over their columns in one way: a column that strays to the other side of its head pays for it."""
_CLEAR = 0.02
"""Margin in page widths by which the best reading of the columns must beat the second best."""


@dataclass
class Column:
    """Amounts that stand below each other."""

    tokens: list[Token] = field(default_factory=list)
    role: Role | None = None
    is_sure: bool = True

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


def assign_heads(columns: Sequence[Column], heads: Sequence[Head]) -> None:
    """Give each column the role of a head: in order from left to right, at the least total distance.

    A column is unsure where another order costs hardly more.
    """
    best = _best(columns, heads, {})
    for index, head in enumerate(best[1]):
        columns[index].role = None if head is None else heads[head].role
    for index, head in enumerate(best[1]):
        other = _best(columns, heads, {index: head})
        columns[index].is_sure = head is not None and other[0] - best[0] > _CLEAR


def _best(columns: Sequence[Column], heads: Sequence[Head],
          banned: dict[int, int | None]) -> tuple[float, tuple[int | None, ...]]:  # fmt: skip
    """Return cost and heads of the cheapest reading; `banned` gives a column a head that it may not take."""
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
                options.append((position, offset, abs(offset) * 0.5 + away + turn, position))
            for position, offset, price, head_index in options:
                if index in banned and banned[index] == head_index:
                    continue
                key, total = (position, round(offset, 4)), cost + price
                if key not in following or total < following[key][0]:
                    following[key] = (total, (*chosen, head_index))
        states = following
    return min(states.values(), default=(float("inf"), (None,) * len(columns)))


def _alone(column: Column) -> float:
    return _ALONE * min(1.0, len(column.tokens) / 3)
