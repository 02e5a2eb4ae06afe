"""Discounts, shipping, service and rounding between the lines and the total: lines too, where the sums prove it."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from extraction.layout.invoice_amount import plain
from extraction.layout.invoice_items import Item, sum_of
from extraction.layout.invoice_label import LabelledAmount
from extraction.layout.invoice_rows import Found, Row, found
from extraction.layout.invoice_total import Totals

_CENT = Decimal("0.011")
_MOST, _MOST_TOGETHER = 6, 3


def with_extras(
    items: list[Item], labelled: Sequence[LabelledAmount], rows: Sequence[Row], totals: Totals
) -> list[Item]:
    """Return the lines with those extras that make them the printed sum; without that proof nothing is added."""
    lines = sum_of(items)
    wanted = _targets(totals)
    if lines is None or not wanted or _is_near(lines, wanted):
        return items
    extras = [item for item in labelled if item.kind in ("discount", "service", "rounding") and item.amount.value][
        :_MOST
    ]
    for size in range(1, min(len(extras), _MOST_TOGETHER) + 1):
        for chosen in itertools.combinations(extras, size):
            for signed in itertools.product(*(_signs(item) for item in chosen)):
                if _is_near(lines + sum(signed), wanted):
                    pairs = zip(chosen, signed, strict=True)
                    return [*items, *(_line(item, value, rows) for item, value in pairs)]
    return items


def _targets(totals: Totals) -> list[Decimal]:
    total, sales, tax = (
        None if cell is None else Decimal(cell.value) for cell in (totals.total, totals.sales, totals.tax)
    )
    wanted = [value for value in (total, sales) if value is not None]
    return wanted + ([total - tax] if total is not None and tax is not None else [])


def _is_near(value: Decimal, wanted: Sequence[Decimal]) -> bool:
    return any(abs(value - one) < _CENT for one in wanted)


def _signs(item: LabelledAmount) -> Iterator[Decimal]:
    value = item.amount.value
    if item.kind == "discount":
        yield -abs(value)
    else:
        yield value
    if item.kind == "rounding":
        yield -value


def _line(item: LabelledAmount, value: Decimal, rows: Sequence[Row]) -> Item:
    amount = replace(item.amount.found(), value=plain(value))
    piece = next((p for p in rows[item.row].pieces if p.text and p.text in item.label), item.amount.piece)
    name = found(piece, item.label) if piece is not item.amount.piece else Found(item.label, amount.evidence)
    return Item({"description": name, "amount": amount})
