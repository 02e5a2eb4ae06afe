"""Inpatient stays: the patient's share of the cost by days and ward, and the difference for a better ward."""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal

from extraction.validation.arithmetic import ONE, column
from extraction.validation.copayment import is_borne_out, is_outside_nhi, named_copayments, unusual
from extraction.validation.rules import PASSED, CannotCheck, Doubt, Facts, Outcome, plain, rule
from extraction.validation.sums import check_nhi_sum, check_self_pay_sum, copayments
from schemas.lexicon import bare_name, fee_code, fold_name
from schemas.result import Severity
from schemas.stays import Share, ceiling, is_stay_copayment, shares_of

_WARD = "ROOM_DIFF"
_DAYS = re.compile(r"(?:共?計)?(\d+(?:\.5)?)[日天晚]")
_RATE = re.compile(r"(?<![\d.])(\d{1,3}(?:,\d{3})+|\d{3,6})(?=元?[/每*×X@]|元)")


def _dates(facts: Facts) -> list[dt.date]:
    receipt = facts.receipt
    dates = (receipt.admission_date, receipt.discharge_date)
    return [date for date in dates if date] or [date for date in (receipt.visit_date,) if date]


def _nights(facts: Facts) -> int | None:
    """Return the nights of the stay: the day of admission counts, that of discharge does not."""
    admitted, discharged = facts.receipt.admission_date, facts.receipt.discharge_date
    return None if admitted is None or discharged is None else (discharged - admitted).days


@rule("stay_copayment", "medical_receipt")
def check_stay_copayment(facts: Facts) -> Outcome:
    """Copayment of a stay = share × points of its days, to the ceiling of a stay (A3; 健保法 §47, notices)."""
    lines = [(path, name, amount) for path, name, amount in named_copayments(facts)
             if amount and is_stay_copayment(name)]  # fmt: skip
    points = column(facts, "items", "nhi_amount").total if facts.receipt.nhi_total is None else facts.receipt.nhi_total
    dates = _dates(facts)
    if not lines:
        return CannotCheck("no_stay_copayment")
    if is_outside_nhi(facts):
        return CannotCheck("outside_nhi")
    if not points:
        return facts.missing("nhi_total", "no_nhi_total")
    if not dates:
        return facts.missing("admission_date", "no_dates")
    meant = {path: shares_of(name, max(dates)) for path, name, _ in lines}
    if not all(meant.values()):
        return CannotCheck("no_copayment_tariff")
    return list(_stay_doubts(facts, lines, meant, points))


def _stay_doubts(facts: Facts, lines: list[tuple[str, str, Decimal]], meant: dict[str, tuple[Share, ...]],
                 points: Decimal) -> Iterator[Doubt]:  # fmt: skip
    nights, limit = _nights(facts), ceiling(_dates(facts))
    for path, _, amount in lines:
        shares = meant[path]
        highest = max(shares, key=lambda share: share.percent)
        parameters = {"printed": plain(amount), "points": plain(points), "percent": str(highest.percent),
                      "expected": plain(highest.of(points).quantize(ONE)),
                      "ceiling": plain(limit) if limit is not None else "–"}  # fmt: skip
        is_over = limit is not None and amount > limit and all(share.has_ceiling for share in shares)
        is_early = nights is not None and all(share.first_day > nights + 1 for share in shares)
        if amount > highest.of(points) + ONE or is_over:
            yield Doubt(Severity.WARNING, (path, "nhi_total"), parameters)
        elif is_early or (
            len(lines) == 1 and nights is not None and not _is_share(amount, shares, points, nights, limit)
        ):
            yield Doubt(unusual(facts), (path, "nhi_total"), parameters)


def _is_share(amount: Decimal, shares: tuple[Share, ...], points: Decimal, nights: int, limit: Decimal | None) -> bool:
    """Whether the one copayment of a stay is the share of all its points, or the ceiling in its place."""
    for share in shares:
        if share.first_day > 1 or (share.last_day is not None and nights > share.last_day):
            return True  # the points of these days alone are not printed
        full = share.of(points)
        if abs(full - amount) <= ONE or (share.has_ceiling and full > amount and limit in (None, amount)):
            return True
    return False


@rule("copayment_exceeds_points", "medical_receipt")
def check_copayment_within_points(facts: Facts) -> Outcome:
    """The copayment is a part of the NHI points and counted once with them (A2, A12): never more."""
    total = facts.receipt.nhi_total
    known = [amount for amount in copayments(facts) if amount]
    if total is None:
        return facts.missing("nhi_total", "no_nhi_total")
    if not known:
        return facts.missing("copayment_total", "no_copayment_total")
    if is_outside_nhi(facts):
        return CannotCheck("outside_nhi")
    if total >= min(known):
        return PASSED
    parameters = {"printed": plain(min(known)), "points": plain(total)}
    severity = unusual(facts) if is_borne_out(check_nhi_sum(facts)) else Severity.WARNING
    return [Doubt(severity, ("copayment_total", "nhi_total"), parameters)]


@rule("ward_difference", "medical_receipt")
def check_ward_difference(facts: Facts) -> Outcome:
    """Difference for a ward = daily rate × nights (A13); leaving late costs half a day or one more at some places."""
    named = [(f"items.{index}.", item.name, item.self_pay_amount) for index, item in enumerate(facts.receipt.items)
             if item.name and item.self_pay_amount and _is_ward(item.name)]  # fmt: skip
    if not named:
        return CannotCheck("no_ward_difference")
    told = [line for line in named if _first(_DAYS, fold_name(line[1]))]
    if not told:
        return CannotCheck("no_ward_days")
    return [doubt for row, name, amount in told for doubt in _ward_doubts(facts, row, fold_name(name), amount)]


def _ward_doubts(facts: Facts, row: str, name: str, amount: Decimal) -> Iterator[Doubt]:
    days, rate, nights = _first(_DAYS, name) or ONE, _first(_RATE, name), _nights(facts)
    parameters = {"printed": plain(amount), "days": plain(days), "nights": "–" if nights is None else str(nights),
                  "rate": "–" if rate is None else plain(rate)}  # fmt: skip
    is_long = nights is not None and days > max(nights, 1) + 1
    if is_long or (rate is not None and rate * days != amount):
        yield Doubt(Severity.WARNING, (row + "self_pay_amount", row + "name"), parameters)
    elif rate is None and days == days.to_integral_value() and amount % days:
        severity = Severity.INFO if is_borne_out(check_self_pay_sum(facts)) else Severity.WARNING
        yield Doubt(severity, (row + "self_pay_amount", row + "name"), parameters)


def _is_ward(name: str) -> bool:
    return fee_code(name) == _WARD or fee_code(re.sub(r"\d.*", "", bare_name(name))) == _WARD


def _first(pattern: re.Pattern[str], text: str) -> Decimal | None:
    found = pattern.search(text)
    return Decimal(found[1].replace(",", "")) if found else None
