"""Whose the amounts of a table without headings are: what the printed totals of both payers leave possible.

The columns stand where both sums hold; rows that are missing count with the amounts that the page has for them. Where
the sums fail by the same amount in opposite directions, and one set of rows alone would put them right, it is those.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.document import Document, get_cell
from schemas.result import Flag, Suggestion
from schemas.values import format_decimal, parse_amount

PAYERS = ("nhi_amount", "self_pay_amount")
TOTALS = ("nhi_total", "self_pay_total")
_MOST_WAYS = 4096  # sums that are followed: twelve rows have as many, beyond that nothing is unique anyway
_Way = tuple[Decimal, Decimal]


@dataclass(frozen=True)
class Placing:
    """What the totals say of the columns."""

    holds: bool = False
    exchanged: tuple[int, ...] = ()
    """The rows that alone can have their two amounts the wrong way round."""


def place(document: Document, known: Sequence[bool], missing: Sequence[Flag]) -> Placing:
    """Return what the totals leave possible; `known` says of each total whether it can be built upon."""
    rows = [tuple(getattr(row, cell) or Decimal(0) for cell in PAYERS) for row in getattr(document, "items", ())]
    totals = [getattr(document, name, None) or Decimal(0) for name in TOTALS]
    sums = [sum((row[side] for row in rows), Decimal(0)) for side in (0, 1)]
    if not any(totals) or any((totals[side] or sums[side]) and not known[side] for side in (0, 1)):
        return Placing()
    gap = (totals[0] - sums[0], totals[1] - sums[1])
    if gap in _sums_of([_loose(flag) for flag in missing]):
        return Placing(holds=True)
    if not missing and gap[0] == -gap[1]:
        return Placing(exchanged=_only_set([row[1] - row[0] for row in rows], gap[0]))
    return Placing()


def exchange(document: Document, row: int) -> tuple[Suggestion, ...]:
    """Return the suggestions that exchange the two amounts of a row."""
    values = [get_cell(document, f"items.{row}.{cell}") for cell in PAYERS]
    return tuple(
        Suggestion(path=f"items.{row}.{cell}", value=None if value is None else format_decimal(value), source="rule")
        for cell, value in zip(PAYERS, reversed(values), strict=True)
    )


def _loose(flag: Flag) -> list[Decimal]:
    """Return the amounts of a missing row that nobody could give to a payer."""
    amounts = []
    for text in flag.parameters.get("amounts", "").split(", "):
        try:
            value = parse_amount(text)
        except ValueError:
            continue
        if value:
            amounts.append(value)
    return amounts


def _sums_of(rows: Sequence[Sequence[Decimal]]) -> set[_Way]:
    """Return every pair of sums that rows can give, each amount to one payer; of two amounts one to each."""
    nothing = Decimal(0)
    ways: set[_Way] = {(nothing, nothing)}
    for amounts in rows:
        if len(amounts) > 2:
            return set()
        one, other = (*amounts, nothing, nothing)[:2]
        ways = {(nhi + a, own + b) for nhi, own in ways for a, b in ((one, other), (other, one))}
        if len(ways) > _MOST_WAYS:
            return set()
    return ways


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
