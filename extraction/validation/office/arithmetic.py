"""`+ - * /` of an office's rules: numbers with their units, and days on the calendar."""

import datetime as dt
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from extraction.validation.office.errors import ExpressionError
from extraction.validation.office.values import NUMBERS, Expression, Kind, Lacking, Place, Value
from extraction.validation.rules import CannotCheck

_RUN: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


def calculate(left: Expression, symbol: str, right: Expression) -> Expression:
    """Return the result of `+ - * /` on numbers, and of days added to dates or counted between them."""
    kind = _result_kind(left.kind, symbol, right.kind)
    if kind is None:
        raise ExpressionError("kinds_differ", left=left.kind.value, right=right.kind.value, sign=symbol)

    def compute(place: Place) -> Value:
        return _run(left.compute(place), symbol, right.compute(place))

    return Expression(kind, compute, (*left.cells, *right.cells))


def _run(left: Value, symbol: str, right: Value) -> Value:
    if isinstance(left, dt.date):
        if isinstance(right, dt.date):
            return Decimal((left - right).days)
        days = dt.timedelta(days=int(right))
        return left + days if symbol == "+" else left - days
    if symbol == "/" and not right:
        raise Lacking(CannotCheck("divided_by_zero"))
    result: Decimal = _RUN[symbol](left, right)
    return result


def _result_kind(left: Kind, symbol: str, right: Kind) -> Kind | None:
    if Kind.DATE in (left, right):
        if left is right:
            return Kind.NUMBER if symbol == "-" else None
        return Kind.DATE if left is Kind.DATE and right is Kind.NUMBER and symbol in "+-" else None
    if not {left, right} <= NUMBERS:
        return None
    if left is right:
        return {"*": Kind.NUMBER if left is Kind.NUMBER else None, "/": Kind.NUMBER}.get(symbol, left)
    if Kind.NUMBER not in (left, right) or (symbol == "/" and left is Kind.NUMBER):
        return None
    return left if right is Kind.NUMBER else right
