"""What an inpatient stay costs the patient: shares by ward and day, and the ceiling of a year (健保法 §47)."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from schemas.copayments import listed_rows
from schemas.lexicon import fee_code, fold_name

ACUTE, CHRONIC = "急性", "慢性"
_SPAN = re.compile(r"(\d+)[日天]?[-~至到](\d+)")
_UP_TO = re.compile(r"(\d+)[日天]?(?:以?內|以下)")
_FROM = re.compile(r"(\d+)[日天]?(?:以上|\+)")
_PERCENT = re.compile(r"(\d+)%")
_DAYS = re.compile(r"\d+[日天]")


@dataclass(frozen=True)
class Share:
    """The part of the cost of some days of a stay that the patient pays."""

    ward: str
    first_day: int
    last_day: int | None
    percent: int
    since: dt.date
    until: dt.date

    @property
    def has_ceiling(self) -> bool:
        """Whether the ceiling of a stay covers these days: acute to 30, chronic to 180."""
        return self.last_day is not None and self.last_day <= (30 if self.ward == ACUTE else 180)

    def of(self, points: Decimal) -> Decimal:
        """Return the share of a cost."""
        return points * self.percent / 100


@cache
def _shares() -> tuple[Share, ...]:
    return tuple(
        Share(
            row["ward"], int(row["first_day"]), int(row["last_day"]) if row["last_day"] else None, int(row["rate"]),
            dt.date.fromisoformat(row["since"]), dt.date.fromisoformat(row["until"]),
        )
        for row in listed_rows("stay_copayments.csv")
    )  # fmt: skip


@cache
def _ceilings() -> dict[int, Decimal]:
    return {int(row["year"]): Decimal(row["per_stay"]) for row in listed_rows("stay_ceilings.csv")}


def ceiling(dates: Iterable[dt.date]) -> Decimal | None:
    """Return the highest ceiling of the years of these days; None where one year's is not known."""
    found = [_ceilings().get(date.year) for date in dates]
    return max((amount for amount in found if amount is not None), default=None) if all(found) else None


def is_stay_copayment(name: str) -> bool:
    """Whether the name is that of an inpatient copayment: as the list has it, or as a box of days or percents."""
    folded = fold_name(name)
    if (fee_code(name) or "").startswith("COPAY_INP") or ("住院" in folded and "部分負擔" in folded):
        return True
    is_box = bool(_PERCENT.search(folded)) or ("部分負擔" in folded and bool(_DAYS.search(folded)))
    return is_box and any(_fits(share, folded) for share in _shares())


def shares_of(name: str, date: dt.date) -> tuple[Share, ...]:
    """Return the shares that the name may mean on that day: one, where it tells ward and days; none, if unknown."""
    folded = fold_name(name)
    known = [share for share in _shares() if share.since <= date <= share.until]
    return tuple(share for share in known if _fits(share, folded)) or tuple(known)


def _fits(share: Share, folded: str) -> bool:
    named = {ward for ward in (ACUTE, CHRONIC) if ward[0] in folded}
    if named and share.ward not in named:
        return False
    if found := _PERCENT.search(folded):
        return int(found[1]) == share.percent
    if found := _SPAN.search(folded):  # 30-60日 is printed for the 31st to the 60th day
        return abs(int(found[1]) - share.first_day) <= 1 and int(found[2]) == share.last_day
    if found := _UP_TO.search(folded):
        return share.first_day == 1 and int(found[1]) == share.last_day
    if found := _FROM.search(folded):
        return share.last_day is None and abs(int(found[1]) - share.first_day) <= 1
    return True
