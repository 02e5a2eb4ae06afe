"""Whose the amounts of a table without headings are: what the printed totals of both payers leave possible.

Amounts under the wrong payer make one sum too great and the other too small. Where both hold, or fail in one direction
or one alone, the columns stand: then a row is missing or too much, or an amount is wrong, and the sums tell of that.
Where they fail by the same amount in opposite directions, and one set of rows alone would put them right, it is those.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.document import Document, get_cell
from schemas.result import Suggestion
from schemas.values import format_decimal

PAYERS = ("nhi_amount", "self_pay_amount")
TOTALS = ("nhi_total", "self_pay_total")
_MOST_WAYS = 4096  # sums that are followed: twelve rows have as many


@dataclass(frozen=True)
class Placing:
    """What the totals say of the columns."""

    holds: bool = False
    """Both sums are right."""
    stands: bool = False
    """What is wrong with the sums is not whose the amounts are."""
    exchanged: tuple[int, ...] = ()
    """The rows that alone can have their two amounts the wrong way round."""


def place(document: Document, known: Sequence[bool], doubted: Collection[int]) -> Placing:
    """Return what the totals leave possible: `known` says if each total can be built upon, `doubted` which rows are."""
    rows = [tuple(getattr(row, cell) or Decimal(0) for cell in PAYERS) for row in getattr(document, "items", ())]
    totals = [getattr(document, name, None) or Decimal(0) for name in TOTALS]
    sums = [sum((row[side] for row in rows), Decimal(0)) for side in (0, 1)]
    if not any(totals) or any((totals[side] or sums[side]) and not known[side] for side in (0, 1)):
        return Placing()
    gap = (totals[0] - sums[0], totals[1] - sums[1])
    if gap[0] * gap[1] >= 0:
        return Placing(holds=gap == (0, 0), stands=True)
    if gap[0] == -gap[1]:
        shifts = [row[1] - row[0] if index in doubted else Decimal(0) for index, row in enumerate(rows)]
        return Placing(exchanged=_only_set(shifts, gap[0]))
    return Placing()


def exchange(document: Document, row: int) -> tuple[Suggestion, ...]:
    """Return the suggestions that exchange the two amounts of a row."""
    values = [get_cell(document, f"items.{row}.{cell}") for cell in PAYERS]
    return tuple(
        Suggestion(path=f"items.{row}.{cell}", value=None if value is None else format_decimal(value), source="rule")
        for cell, value in zip(PAYERS, reversed(values), strict=True)
    )


def _only_set(shifts: Sequence[Decimal], gap: Decimal) -> tuple[int, ...]:
    """Return the rows whose shifts add up to the gap if only one set of rows does; else nothing."""
    ways: dict[Decimal, tuple[int, tuple[int, ...]]] = {Decimal(0): (1, ())}
    for row, shift in enumerate(shifts):
        if not shift:
            continue
        grown = dict(ways)
        for total, (count, rows) in ways.items():
            others = grown.get(total + shift, (0, ()))
            grown[total + shift] = (others[0] + count, (*rows, row))
        ways = grown
        if len(ways) > _MOST_WAYS:
            return ()
    count, rows = ways.get(gap, (0, ()))
    return rows if count == 1 else ()
