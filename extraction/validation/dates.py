"""Dates that are none, that lie ahead, long ago, or in the wrong order."""

import datetime as dt
from collections.abc import Iterator

from extraction.validation.rules import PASSED, CannotCheck, Doubt, Facts, Outcome, rule
from schemas.dates import possible_dates
from schemas.document import cells_of, get_cell, kind_of
from schemas.result import CellState, Severity, Suggestion
from schemas.values import UNREADABLE, ValueKind

_DAY = dt.timedelta(days=1)
# claims are made within two years, tax and books kept for ten: an older year has lost a digit (14/05/21 for 114/05/21)
_LONG_AGO = 15 * 365 * _DAY
_LONG_STAY = 365 * _DAY
_ORDER = (
    ("birth_date", "visit_date", Severity.ERROR),
    ("birth_date", "admission_date", Severity.ERROR),
    ("admission_date", "discharge_date", Severity.ERROR),
    ("visit_date", "discharge_date", Severity.ERROR),
    ("visit_date", "issue_date", Severity.WARNING),
    ("discharge_date", "issue_date", Severity.WARNING),
)


def _paths(facts: Facts) -> list[str]:
    return [name for name, field in cells_of(type(facts.document)).items() if kind_of(field) is ValueKind.DATE]


def _dates(facts: Facts) -> Iterator[tuple[str, dt.date]]:
    for path in _paths(facts):
        value = get_cell(facts.document, path)
        if value is not None:
            yield path, value


@rule("date_invalid")
def check_date_forms(facts: Facts) -> Outcome:
    """A printed date must exist, and be one date: 05/06/2025 is offered as both. A missing digit is another rule's."""
    doubts = []
    for path in _paths(facts):
        printed = facts.extraction.unparsed.get(path, UNREADABLE)
        if facts.extraction.state(path) is CellState.UNREADABLE and UNREADABLE not in printed:
            meant = [date for date in possible_dates(printed) if date <= facts.today + _DAY]
            suggestions = tuple(Suggestion(path=path, value=date.isoformat(), source="rule") for date in meant)
            doubts.append(Doubt(Severity.ERROR, (path,), {"printed": printed}, suggestions))
    return doubts


@rule("date_future")
def check_future(facts: Facts) -> Outcome:
    """Nothing on a receipt happens later than today; a day's grace for clocks and time zones."""
    dates = list(_dates(facts))
    if not dates:
        return CannotCheck("no_dates")
    late = [(path, date) for path, date in dates if date > facts.today + _DAY]
    return [Doubt(Severity.ERROR, (path,), {"date": date.isoformat()}) for path, date in late]


@rule("date_old")
def check_long_ago(facts: Facts) -> Outcome:
    """A ROC year of two digits (14/05/21) has most likely lost one; births may be long ago."""
    dates = [(path, date) for path, date in _dates(facts) if path != "birth_date"]
    if not dates:
        return CannotCheck("no_dates")
    old = [(path, date) for path, date in dates if date < facts.today - _LONG_AGO]
    return [Doubt(Severity.WARNING, (path,), {"date": date.isoformat()}) for path, date in old]


@rule("date_order", "medical_receipt")
def check_order(facts: Facts) -> Outcome:
    """Birth, visit or admission, discharge, issue: in this order (domain notes §5)."""
    dates = dict(_dates(facts))
    pairs = [(first, second, severity) for first, second, severity in _ORDER if first in dates and second in dates]
    if not pairs:
        return CannotCheck("single_date")
    return [
        Doubt(severity, (first, second), {"first": dates[first].isoformat(), "second": dates[second].isoformat()})
        for first, second, severity in pairs
        if dates[first] > dates[second]
    ]


@rule("long_stay", "medical_receipt")
def check_stay(facts: Facts) -> Outcome:
    """A stay of more than a year on one receipt is rather a misread year; unconfirmed, so a warning."""
    admitted, discharged = facts.receipt.admission_date, facts.receipt.discharge_date
    if admitted is None or discharged is None:
        return CannotCheck("no_stay")
    if discharged - admitted <= _LONG_STAY:
        return PASSED
    days = str((discharged - admitted).days)
    return [Doubt(Severity.WARNING, ("admission_date", "discharge_date"), {"days": days})]
