"""Which amount is the total: the best label, borne out by subtotal and tax, by what was paid, or by the lines."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from extraction.layout.invoice_amount import Amount, NumberStyle, amounts_in, plain
from extraction.layout.invoice_label import LabelledAmount
from extraction.layout.invoice_rows import Found, Row, found
from extraction.layout.invoice_words import kind_of_label

_BEFORE_TAX = re.compile(r"銷售額|未稅|(?i:EXCL|BEFORE|NETTO|\bHT\b|NET HT)")
"""A subtotal that says that the tax is still to come is no total, whatever else the page lacks."""
_CENT = Decimal("0.011")
_MOST = 4
"""Amounts of one kind that are tried in sums: a receipt has fewer, an invoice's section sums need no try."""


_MOST_ROUNDING = Decimal("0.05")
_NEAR = 3
_PAIR = 2
_RATE_PRINTED = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)\s?%")
"""Rows between a total, its rounding and what is to be paid."""
_RATE = Decimal("0.05")
_LEAST_TAX = 5
"""A smaller tax may be 5 % of another number by chance."""
_FAINT = 3
"""Weight of a label under which an amount that subtotal and tax make is the better guess."""


@dataclass
class Totals:
    """The sums of an invoice; `rivals` are other totals that the labels allow, best first."""

    total: Found | None = None
    sales: Found | None = None
    tax: Found | None = None
    is_sure: bool = False
    rivals: list[Found] = field(default_factory=list)
    row: int | None = None
    is_all: bool = False
    """Whether the page shows no amounts of money but these: a card terminal prints no lines."""

    def negated(self) -> "Totals":
        """Return the sums with the other sign."""
        total, sales, tax = (_negated(cell) for cell in (self.total, self.sales, self.tax))
        rivals = [cell for cell in map(_negated, self.rivals) if cell is not None]
        return Totals(total, sales, tax, self.is_sure, rivals, self.row, self.is_all)


def find_totals(
    labelled: Sequence[LabelledAmount],
    rows: Sequence[Row],
    style: NumberStyle,
    items_sum: Decimal | None,
    in_words: Decimal | None,
) -> Totals:
    """Choose total, tax and sales amount; nothing is computed, every one stands on the page."""
    parts = _Parts(labelled)
    parts.candidates += _after_rounding(parts, rows, style)
    ranked = sorted(
        ((_score(candidate, parts, items_sum, in_words), candidate) for candidate in parts.candidates),
        key=lambda pair: (pair[0][0], pair[1].row),
        reverse=True,
    )
    unlabelled = _without_label(parts, rows, style, items_sum)
    if not ranked or (unlabelled.total and ranked[0][1].weight < _FAINT and ranked[0][0][1] < 1):
        return unlabelled
    (score, support), best = ranked[0]
    value = best.amount.value
    others = [(s[0], c) for s, c in ranked[1:] if c.amount.value != value and c.kind != "subtotal"]
    rivals = [c for s, c in others if c.weight >= best.weight and s >= score - 3]
    result = Totals(best.amount.found(), rivals=_distinct(c.amount.found() for _, c in others), row=best.row)
    result.is_sure = support >= 2 or (best.weight >= 4 and not rivals and (support >= 1 or _is_clear(best.amount)))
    result.tax = (
        _choose_tax(parts, value)
        or _tax_between(parts, rows, style, value)
        or _tax_beside(rows, style, value)
        or _tax_by_rate(parts, rows, style, value)
    )
    result.sales = _choose_sales(parts, value, result.tax)
    result.is_all = _explains_all(result, rows, style)
    return result


def find_form_sums(rows: Sequence[Row], style: NumberStyle) -> Totals | None:
    """Return sales, tax and total of a uniform invoice whose labels are not legible, proven by their arithmetic.

    Three numbers below each other of which the second is 5 % of the first and the third their sum (施行細則 §14).
    """
    alone = []
    for number, row in enumerate(rows):
        amounts = [amount for piece in row.pieces for amount in amounts_in(piece, style)]
        if len(amounts) == 1 and amounts[0].value > 0:
            alone.append((number, amounts[0]))
    for (_, sales), (_, tax), (number, total) in zip(alone, alone[1:], alone[2:], strict=False):
        expected = (sales.value * _RATE).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        if tax.value == expected and sales.value + tax.value == total.value and tax.value >= _LEAST_TAX:
            return Totals(total.found(), sales.found(), tax.found(), is_sure=True, row=number)
    return None


class _Parts:
    """The labelled amounts by kind, distinct values only."""

    def __init__(self, labelled: Sequence[LabelledAmount]) -> None:
        self.of: dict[str, list[LabelledAmount]] = {}
        self._known: dict[tuple[int, Decimal], bool] = {}
        for item in labelled:
            self.of.setdefault(item.kind, []).append(item)
        self.candidates = self._named("total", "including", "due", "weak") or [
            item for item in self._named("subtotal") if not _BEFORE_TAX.search(item.label)
        ] or self._named("paid")  # fmt: skip

    def _named(self, *kinds: str) -> list[LabelledAmount]:
        return [item for kind in kinds for item in self.of.get(kind, []) if item.amount.value > 0 and item.weight > -1]

    def values(self, kind: str) -> list[Decimal]:
        return list(dict.fromkeys(abs(item.amount.value) for item in self.of.get(kind, [])))[-_MOST:]

    def signed(self, kind: str) -> list[Decimal]:
        return list(dict.fromkeys(item.amount.value for item in self.of.get(kind, [])))[-_MOST:]

    def adds_up(self, candidate: LabelledAmount) -> bool:
        """Whether sums above the candidate, with tax and the rest, make its amount."""
        key = (candidate.row, candidate.amount.value)
        if key not in self._known:
            self._known[key] = self._adds_up(candidate)
        return self._known[key]

    def _adds_up(self, candidate: LabelledAmount) -> bool:
        zero, value = [Decimal(0)], candidate.amount.value
        subtotals = self.values("subtotal")
        if any(one + other == value for one, other in itertools.combinations(subtotals, 2)):
            return True
        above = [
            item.amount.value
            for kind in ("subtotal", "total", "including", "weak")
            for item in self.of.get(kind, [])
            if item.row < candidate.row and item.amount.value != value
        ]
        bases = list(dict.fromkeys(above))[-_MOST:]
        roundings = [sign * rounding for rounding in self.values("rounding") for sign in (1, -1)]
        extras = itertools.product(
            bases, zero + self.values("tax"), zero + self.values("service"),
            zero + self.values("discount"), zero + roundings,
        )  # fmt: skip
        return any(
            abs(subtotal + tax + service - discount + rounding - value) < _CENT
            for subtotal, tax, service, discount, rounding in extras
            if tax or service or discount or rounding
        )


def _after_rounding(parts: _Parts, rows: Sequence[Row], style: NumberStyle) -> list[LabelledAmount]:
    """Return amounts that are a total and its rounding, with no label of their own: what is to be paid."""
    known = {item.amount.value for item in parts.candidates}
    after = [
        replace(item, kind="total", weight=total.weight + 1)
        for total, item in itertools.product(parts.candidates, parts.of.get("rounding", []))
        if 0 < abs(item.amount.value - total.amount.value) <= _MOST_ROUNDING < item.amount.value
    ]
    for total, rounding in itertools.product(parts.candidates, parts.of.get("rounding", [])):
        wanted = total.amount.value + rounding.amount.value
        if not rounding.amount.value or wanted in known or not 0 < rounding.row - total.row <= _NEAR:
            continue
        for number in range(rounding.row + 1, min(rounding.row + 1 + _NEAR, len(rows))):
            amounts = [amount for piece in rows[number].pieces for amount in amounts_in(piece, style)]
            is_bare = len(amounts) == 1 and amounts[0].value == wanted and kind_of_label(rows[number].text) is None
            if is_bare:
                after.append(LabelledAmount("total", "", amounts[0], number, total.weight))
                break
    return after


def _score(
    candidate: LabelledAmount, parts: _Parts, items_sum: Decimal | None, in_words: Decimal | None
) -> tuple[float, float]:
    """Return label weight plus support, and the support alone."""
    value, is_named = candidate.amount.value, candidate.kind not in ("subtotal", "paid")
    same = sum(other.amount.value == value for other in parts.candidates) - 1
    support = min(same, 1) * is_named + 3.0 * parts.adds_up(candidate)
    support += is_named and value in parts.values("paid")
    support += is_named and value in parts.values("subtotal")
    # no label names a total, and what was paid is the subtotal: nothing can have been added
    support += 2.0 * (not is_named and candidate.kind == "subtotal" and value in parts.values("paid"))
    support -= 1.5 * any(
        other.row > candidate.row and other.amount.value != value and parts.adds_up(other)
        for other in parts.candidates
        if other.kind in ("total", "including", "due")
    )
    cash, change = parts.values("paid"), parts.values("change")
    support += 2.0 * any(abs(paid - back - value) < _CENT for paid in cash for back in change if paid != value)
    support += 2.0 * (is_named and items_sum is not None and abs(items_sum - value) < _CENT)
    support += 3.0 * (in_words is not None and in_words == value)
    return candidate.weight + support, support


def _is_clear(amount: Amount) -> bool:
    return amount.is_exact and amount.piece.line.score >= 0.9


def _choose_tax(parts: _Parts, total: Decimal) -> Found | None:
    """Return the tax that makes subtotal and total agree, else the only one there is."""
    taxes = [item for item in parts.of.get("tax", []) if abs(item.amount.value) < total and item.weight >= 0]
    roundings = [Decimal(0), *parts.signed("rounding")]
    bases = [*parts.values("subtotal"), *parts.values("weak")]
    for item in taxes:
        if any(abs(subtotal + item.amount.value + rounding - total) < _CENT
               for subtotal in bases for rounding in roundings):  # fmt: skip
            return item.amount.found()
    values = {item.amount.value for item in taxes}
    return taxes[-1].amount.found() if len(values) == 1 else None


def _tax_between(parts: _Parts, rows: Sequence[Row], style: NumberStyle, total: Decimal) -> Found | None:
    """Return an amount without a legible label between sales amount and total that is exactly their difference."""
    for item in parts.of.get("subtotal", []):
        wanted = total - item.amount.value
        for row in rows[item.row + 1 : item.row + 4]:
            for amount in (amount for piece in row.pieces for amount in amounts_in(piece, style)):
                if wanted > 0 and amount.value == wanted:
                    return amount.found()
    return None


def _tax_beside(rows: Sequence[Row], style: NumberStyle, total: Decimal) -> Found | None:
    """Return the second of two sums that stand behind one label and make the total: 合计 | ¥340.00 | ¥44.20."""
    for row in rows:
        amounts = [amount for piece in row.pieces for amount in amounts_in(piece, style)]
        if len(amounts) == _PAIR and kind_of_label(row.text) in ("total", "subtotal") and (
            amounts[0].value > amounts[1].value > 0 and amounts[0].value + amounts[1].value == total
        ):  # fmt: skip
            return amounts[1].found()
    return None


def _tax_by_rate(parts: _Parts, rows: Sequence[Row], style: NumberStyle, total: Decimal) -> Found | None:
    """Return the tax of which the rate alone is printed, where that rate of the subtotal is all that the total adds."""
    for piece in (piece for row in rows for piece in row.pieces):
        match = _RATE_PRINTED.search(piece.text)
        if match is None or amounts_in(piece, style):
            continue
        rate = Decimal(match[1].replace(",", "."))
        for subtotal in parts.values("subtotal"):
            tax = total - subtotal
            if rate and tax > 0 and abs(subtotal * rate / 100 - tax) < _CENT:
                return found(piece, plain(tax), match.start(), match.end(), "near")
    return None


def _explains_all(totals: Totals, rows: Sequence[Row], style: NumberStyle) -> bool:
    cells = (totals.total, totals.sales, totals.tax)
    known = {Decimal(cell.value) for cell in cells if cell is not None}
    amounts = [amount for row in rows for piece in row.pieces for amount in amounts_in(piece, style)]
    return all(amount.value in known for amount in amounts if _is_money(amount, style))


def _is_money(amount: Amount, style: NumberStyle) -> bool:
    return amount.has_decimals or amount.currency is not None or not style.has_cents


def _negated(cell: Found | None) -> Found | None:
    if cell is None:
        return None
    return replace(cell, value=cell.value[1:] if cell.value.startswith("-") else f"-{cell.value}")


def _choose_sales(parts: _Parts, total: Decimal, tax: Found | None) -> Found | None:
    """Return the subtotal that, with the tax, makes the total; or the one printed as 銷售額."""
    wanted = total - (Decimal(tax.value) if tax else 0)
    subtotals = parts.of.get("subtotal", [])
    for item in subtotals:
        if abs(item.amount.value - wanted) <= Decimal("0.05"):
            return item.amount.found()
    return next((item.amount.found() for item in subtotals if "銷售額" in item.label), None)


def _without_label(parts: _Parts, rows: Sequence[Row], style: NumberStyle, items_sum: Decimal | None) -> Totals:
    """Without any label of a total: the amount that subtotal and tax make; sure where the lines make the subtotal."""
    for subtotal, tax in itertools.product(parts.of.get("subtotal", []), parts.of.get("tax", [])):
        wanted = subtotal.amount.value + tax.amount.value
        for number, row in enumerate(rows[tax.row + 1 :], tax.row + 1):
            for amount in (amount for piece in row.pieces for amount in amounts_in(piece, style)):
                if amount.value == wanted:
                    is_sure = items_sum is not None and abs(items_sum - subtotal.amount.value) < _CENT
                    return Totals(amount.found(), subtotal.amount.found(), tax.amount.found(), is_sure, row=number)
    return Totals()


def _distinct(cells: Iterable[Found]) -> list[Found]:
    return list({cell.value: cell for cell in cells}.values())
