"""Two reads of one receipt, of the red channel and in colour: which is kept, and what stays in doubt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from extraction.layout.words import fold
from schemas.lexicon import fee_code
from schemas.result import Flag, Reading, Severity, Suggestion
from schemas.values import parse_amount

_COLUMNS = {"nhi_amount": "nhi_total", "copayment_amount": "copayment_total", "self_pay_amount": "self_pay_total"}
_REQUIRED = ("hospital_name", "patient_name", "visit_date")


@dataclass(frozen=True)
class Agreement:
    """Columns whose lines add up to the printed total, those whose do not."""

    agreeing: frozenset[str]
    differing: frozenset[str]


def agreement(reading: Reading) -> Agreement:
    """Compare the sums of the columns with the printed totals; a column without a total is neither."""
    agreeing: set[str] = set()
    differing: set[str] = set()
    for column, field in _COLUMNS.items():
        total = _decimal(reading.values.get(field))
        amounts = [item.get(column) for item in reading.values["items"]]
        if total is None or (column == "copayment_amount" and not any(amounts)):
            continue
        parsed = [_decimal(amount) for amount in amounts if amount is not None]
        sums = None not in parsed and total in _accepted(reading, column, [one for one in parsed if one is not None])
        (agreeing if sums else differing).add(column)
    return Agreement(frozenset(agreeing), frozenset(differing))


def _accepted(reading: Reading, column: str, amounts: Sequence[Decimal]) -> set[Decimal]:
    """Return the totals that the lines bear out; self-pay is also printed with copayment, or without registration."""
    total = sum(amounts, Decimal(0))
    if column != "self_pay_amount":
        return {total}
    copayment = _decimal(reading.values.get("copayment_total")) or Decimal(0)
    registration = [_decimal(item.get(column)) for item in reading.values["items"] if fee_code(item["name"]) == "REG"]
    return {total, total + copayment, total - sum((one for one in registration if one is not None), Decimal(0))}


def settle(reading: Reading) -> None:
    """Drop doubts that sums remove: pale digits and covered cells of a column whose lines add up to its printed total.

    Measured: where a column adds up its amounts are right, so a pale 0 in it asks for no look. Doubts about which
    column an amount is of stay.
    """
    settled = agreement(reading).agreeing
    quiet = {f"items.{index}.{column}" for column in settled for index in range(len(reading.values["items"]))}
    quiet |= {_COLUMNS[column] for column in settled} | _settled_payment(reading, settled)
    reading.not_read = [path for path in reading.not_read if path not in quiet]
    reading.doubts = [flag for flag in reading.doubts if flag.code != "low_score" or not set(flag.paths) <= quiet]


def _settled_payment(reading: Reading, settled: frozenset[str]) -> set[str]:
    """Return the payment fields that follow from the settled totals: due is self-pay and copayment, paid is due."""
    if "self_pay_amount" not in settled:
        return set()
    names = ("self_pay_total", "copayment_total", "discount", "prepaid", "amount_due", "amount_paid")
    self_pay, copayment, discount, prepaid, due, paid = (_decimal(reading.values.get(name)) for name in names)
    zero = Decimal(0)
    if due is None or (self_pay or zero) + (copayment or zero) - (discount or zero) - (prepaid or zero) != due:
        return set()
    found = {"amount_due", "copayment_total", "discount", "prepaid"}
    return found | {"amount_paid"} if paid == due else found


def needs_second_look(reading: Reading) -> bool:
    """Whether sums do not agree, or what every receipt shows was not found."""
    missing = [field for field in _REQUIRED if reading.values.get(field) is None]
    return bool(agreement(reading).differing or missing or not reading.values["items"])


def choose(first: Reading, second: Reading) -> Reading:
    """Return the read with more agreeing sums, the first of equals; what the other reads differently is doubted."""
    ours, theirs = agreement(first), agreement(second)
    better = (len(theirs.agreeing), -len(theirs.differing), _filled(second)) > (
        len(ours.agreeing), -len(ours.differing), _filled(first))  # fmt: skip
    kept, other = (second, first) if better else (first, second)
    _fill_header(kept, other)
    kept.doubts += list(_differences(kept, other))
    return kept


def _filled(reading: Reading) -> int:
    return sum(reading.values.get(field) is not None for field in _REQUIRED) + bool(reading.values["items"])


def _fill_header(kept: Reading, other: Reading) -> None:
    """Take what only the other read saw, with its place."""
    for field, value in other.values.items():
        if isinstance(value, str) and kept.values.get(field) is None:
            kept.values[field] = value
            kept.evidence[field] = other.evidence[field]
            kept.doubts += [flag for flag in other.doubts if flag.paths == (field,) and flag not in kept.doubts]


def _differences(kept: Reading, other: Reading) -> Iterator[Flag]:
    """Yield a doubt for each amount that the two reads give differently, in a column that does not add up."""
    settled = agreement(kept).agreeing
    pairs = list(zip_longest(kept.values["items"], other.values["items"]))
    if len(kept.values["items"]) != len(other.values["items"]):
        pairs = [(item, _same_line(item, other)) for item in kept.values["items"]]
    for index, (ours, theirs) in enumerate(pairs):
        for column in _COLUMNS:
            if theirs is None or column in settled:
                continue
            yield from _difference(f"items.{index}.{column}", ours.get(column), theirs.get(column))
    for column, field in _COLUMNS.items():
        if column not in settled:
            yield from _difference(field, kept.values.get(field), other.values.get(field))


def _same_line(item: dict[str, Any], other: Reading) -> dict[str, Any] | None:
    same = [line for line in other.values["items"] if fold(line["name"] or "") == fold(item["name"] or "")]
    return same[0] if len(same) == 1 else None


def _difference(path: str, ours: str | None, theirs: str | None) -> Iterator[Flag]:
    if _decimal(ours) == _decimal(theirs) and (ours is None) == (theirs is None):
        return
    suggestions = tuple(Suggestion(path=path, value=value, source="ocr") for value in (ours, theirs))
    yield Flag(code="reads_differ", severity=Severity.ERROR, paths=(path,), suggestions=suggestions,
               parameters={"first": ours or "–", "second": theirs or "–"})  # fmt: skip


def _decimal(text: str | None) -> Decimal | None:
    try:
        return parse_amount(text)
    except ValueError:
        return None
