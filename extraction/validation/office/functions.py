"""The functions of an office's rules: over the lines of a table, over texts, over one value."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from extraction.validation.office.errors import ExpressionError
from extraction.validation.office.logic import any_of
from extraction.validation.office.values import NUMBERS, Expression, Kind, Lacking, Place, Value, lines
from schemas.folding import normalize
from schemas.lexicon import fold_name

_RUN: dict[str, Callable[[Any], Value]] = {
    "sum": lambda amounts: sum(amounts, Decimal(0)),
    "largest": max,
    "smallest": min,
}
OF_CELLS = tuple(_RUN)
"""Of one cell of the lines."""
OF_LINES = (*OF_CELLS, "count", "any", "all")


def of_lines(name: str, table: str, amount: Expression | None, condition: Expression | None) -> Expression:
    """Return a function over the lines of a table that meet a condition, or all."""
    if name in ("any", "all") and condition is not None:
        wanted = name == "any"
        return Expression(Kind.YES_NO, lambda place: _any(place, table, condition, wanted=wanted) is wanted, (table,))
    if amount is None:
        return Expression(Kind.NUMBER, lambda place: Decimal(len(_matching(place, table, condition))), (table,))

    def compute(place: Place) -> Value:
        amounts = _amounts(place, table, amount, condition)
        if name != "sum" and not amounts:
            raise Lacking(place.facts.lacking(table), is_blank=True)
        return _RUN[name](amounts)

    return Expression(amount.kind, compute, (table,))


def _any(place: Place, table: str, condition: Expression, *, wanted: bool) -> bool:
    each = (Place(place.facts, table, index) for index in lines(place.facts, table))
    return any_of(((condition, line) for line in each), wanted=wanted)


def _matching(place: Place, table: str, condition: Expression | None) -> list[Place]:
    each = [Place(place.facts, table, index) for index in lines(place.facts, table)]
    return [line for line in each if condition is None or condition.compute(line)]


def _amounts(place: Place, table: str, amount: Expression, condition: Expression | None) -> list[Value]:
    """Return the amounts; a blank cell is none, one that was not read leaves the whole unknown."""
    found = []
    for index in lines(place.facts, table):
        line = Place(place.facts, table, index)
        try:
            value = amount.compute(line)
        except Lacking as why:
            if why.is_blank or (condition is not None and condition.compute(line) is False):
                continue
            raise
        if condition is None or condition.compute(line):
            found.append(value)
    return found


OF_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "starts": str.startswith,
    "ends": str.endswith,
    "matches": lambda text, pattern: re.fullmatch(pattern, text) is not None,
}
"""Text and what is looked for in it; but for patterns, compared as names are."""


def of_texts(name: str, text: Expression, wanted: Sequence[Expression]) -> Expression:
    """Return whether a text contains, begins with, ends with or matches any of those written."""
    parts = [each.constant for each in wanted]
    if text.kind is not Kind.TEXT or not all(isinstance(part, str) and part.strip() for part in parts):
        raise ExpressionError("text_wanted", name=name)
    fold = normalize if name == "matches" else fold_name
    looked_for = [str(part) if name == "matches" else fold_name(str(part)) for part in parts]
    for pattern in looked_for if name == "matches" else ():
        try:
            re.compile(pattern)
        except re.error:
            raise ExpressionError("wrong_pattern", pattern=pattern) from None
    run = OF_TEXTS[name]

    def compute(place: Place) -> Value:
        printed = fold(str(text.compute(place)))
        return any(run(printed, part) for part in looked_for)

    return Expression(Kind.YES_NO, compute, text.cells)


OF_VALUES: dict[str, tuple[frozenset[Kind], Kind | None, Callable[[Any], Value]]] = {
    "abs": (frozenset(NUMBERS), None, abs),
    "year": (frozenset({Kind.DATE}), Kind.NUMBER, lambda date: Decimal(date.year)),
    "month": (frozenset({Kind.DATE}), Kind.NUMBER, lambda date: Decimal(date.month)),
    "weekday": (frozenset({Kind.DATE}), Kind.NUMBER, lambda date: Decimal(dt.date.isoweekday(date))),
    "length": (frozenset({Kind.TEXT}), Kind.NUMBER, lambda text: Decimal(len(text))),
}
"""What each takes, what it gives (None: the same), and how."""


def of_value(name: str, inner: Expression) -> Expression:
    """Return a function of one value."""
    takes, gives, run = OF_VALUES[name]
    if inner.kind not in takes:
        raise ExpressionError("kind_wanted", name=name, kind=", ".join(sorted(takes)), found=inner.kind.value)
    return Expression(gives or inner.kind, lambda place: run(inner.compute(place)), inner.cells)


def present(inner: Expression) -> Expression:
    """Return whether the paper shows a value; what was not read stays unknown."""

    def compute(place: Place) -> Value:
        try:
            inner.compute(place)
        except Lacking as why:
            if why.is_blank:
                return False
            raise
        return True

    return Expression(Kind.YES_NO, compute, inner.cells)
