"""`== != < <= > >= in`: of the same kind only; texts as names are compared, whatever their width, spaces and case."""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from extraction.validation.office.errors import ExpressionError
from extraction.validation.office.values import NUMBERS, Expression, Kind, Place, Value, constant
from schemas.dates import parse_date
from schemas.lexicon import fold_name

_RUN: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def compare(left: Expression, symbol: str, right: Sequence[Expression]) -> Expression:
    """Return a comparison with one other, or for `in` and `not in` with each of several."""
    others = [_like(each, left) for each in right]
    left = _like(left, others[0]) if len(others) == 1 else left
    for each in others:
        _require_same_kind(left, symbol, each)
    cells = (*left.cells, *(cell for each in others for cell in each.cells))

    def compute(place: Place) -> Value:
        value = _plain(left.compute(place))
        if symbol in ("in", "not in"):
            return any(_plain(each.compute(place)) == value for each in others) is (symbol == "in")
        return _RUN[symbol](value, _plain(others[0].compute(place)))

    return Expression(Kind.YES_NO, compute, cells)


def _like(written: Expression, other: Expression) -> Expression:
    """Return a written text as a value of the cell it is compared with: a date, a choice, a category."""
    if not isinstance(written.constant, str):
        return written
    accepts = other.accepts or (parse_date if other.kind is Kind.DATE else None)
    if accepts is None:
        return written
    try:
        value = accepts(written.constant)
    except ValueError:
        value = None
    if value is None:
        raise ExpressionError("never_holds", text=written.constant, cell=", ".join(other.cells))
    return constant(other.kind, value)


def _require_same_kind(left: Expression, symbol: str, right: Expression) -> None:
    kinds = {left.kind, right.kind}
    units = kinds - {Kind.NUMBER} if kinds <= NUMBERS else kinds
    if len(units) > 1 or (symbol[0] in "<>" and units & {Kind.TEXT, Kind.YES_NO}):
        raise ExpressionError("kinds_differ", left=left.kind.value, right=right.kind.value, sign=symbol)


def _plain(value: Value) -> Value:
    return fold_name(value) if isinstance(value, str) else value
