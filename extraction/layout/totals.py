"""Amounts beside the labels of totals, wherever on the page they stand."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal

from extraction.layout.entries import Body, Entry
from extraction.layout.rows import Row, usual_height
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.total_words import GRAND, SUBTOTAL, is_copayment_line, total_field
from extraction.layout.words import Role, fold
from schemas.values import parse_amount

_COLUMN_FIELDS = {Role.NHI: "nhi_total", Role.COPAYMENT: "copayment_total", Role.SELF_PAY: "self_pay_total"}
_CURRENCIES = ("NT$", "NT", "新臺幣", "元", "$")
_REACH = 0.9
"""How far right of its label, in page widths, an amount may stand."""


@dataclass(frozen=True)
class Total:
    """One printed total; `token` is the amount, or a dash where the cell is blank."""

    field: str
    token: Token
    label: Token
    by_column: bool = False


def find_totals(rows: Sequence[Row], body: Body, height: float) -> tuple[list[Total], list[tuple[Token, Token]]]:
    """Return the totals, and the copayments printed by kind as (name, amount)."""
    totals = [total for entry in body.totals for total in _of_columns(entry)]
    copayments: list[tuple[Token, Token]] = []
    for index, row in enumerate(rows):
        below = rows[index + 1] if index + 1 < len(rows) else None
        for position, token in enumerate(row.tokens):
            if token.kind is not TokenKind.TEXT or id(token) in body.used:
                continue
            name = _field(row, token)
            kind = is_copayment_line(token.text)
            if (name is None or name in (SUBTOTAL, GRAND)) and not kind:
                continue
            amount = _beside(row, position) or (_under(row, below, token, height) if name else None)
            if amount is None:
                continue
            if name is None:
                copayments.append((_without_stroke(token), amount))
            else:
                totals.append(Total(name, amount, token))
    return totals, copayments


def _without_stroke(token: Token) -> Token:
    """Return a copayment's name without a stroke of the pen before it, which reads as 一."""
    return replace(token, text=re.sub(r"^一(?=[門急藥檢復基住])", "", token.text))


def printed_totals(rows: Sequence[Row]) -> dict[Role, frozenset[Decimal]]:
    """Return the totals that stand beside a payer's own label, wherever on the page."""
    height = usual_height([token for row in rows for token in row.tokens])
    found: dict[Role, set[Decimal]] = {}
    role_of = {field: role for role, field in _COLUMN_FIELDS.items()}
    for total in find_totals(rows, Body(), height)[0]:
        if total.field in role_of and total.token.kind is TokenKind.AMOUNT:
            with suppress(ValueError):
                amount = parse_amount(total.token.text)
                if amount is not None:
                    found.setdefault(role_of[total.field], set()).add(amount)
    return {role: frozenset(amounts) for role, amounts in found.items()}


def _field(row: Row, token: Token) -> str | None:
    """Return the field of a label; 合計 ending a strip of copayments (部分負擔 5% 10% 合計) is theirs."""
    field, first = total_field(token.text), row.texts()[0]
    if field == SUBTOTAL and first is not token and total_field(first.text) == "copayment_total":
        return "copayment_total"
    return field


def _of_columns(entry: Entry) -> list[Total]:
    """A row of totals inside a table: each amount is its own column's, unless the label names one field."""
    field = total_field(entry.label)
    label = entry.name
    if field is None or label is None:
        return []
    if field in (SUBTOTAL, GRAND):
        return [Total(_COLUMN_FIELDS[role], token, label, True) for role, token in entry.cells.items()]
    if not entry.in_table:
        return []  # beside its label, like any total
    if len(entry.shown) == 1:
        return [Total(field, token, label) for token in entry.cells.values()]
    own = {"nhi_total": Role.NHI, "copayment_total": Role.COPAYMENT}.get(field, Role.SELF_PAY)
    amounts = [(role, token) for role, token in entry.cells.items() if token.kind is TokenKind.AMOUNT]
    filled = {role: token for role, token in amounts if token.text != "0"}
    token = entry.cells.get(own) if own in filled or not filled else filled.get(Role.SELF_PAY)
    token = token or (next(iter(filled.values())) if len(filled) == 1 else None)
    return [Total(field, token, label)] if token else []


def _beside(row: Row, position: int) -> Token | None:
    if position + 1 >= len(row.tokens):
        return None
    token, label = row.tokens[position + 1], row.tokens[position]
    if token.kind is TokenKind.TEXT and fold(token.text) in _CURRENCIES and position + 2 < len(row.tokens):
        token = row.tokens[position + 2]
    return token if token.kind is not TokenKind.TEXT and token.left - label.right < _REACH else None


def _under(row: Row, below: Row | None, label: Token, height: float) -> Token | None:
    """Return the amount below a label, where labels stand in one row and their amounts in the next."""
    if row.amounts() or below is None or below.texts() or below.middle - row.middle > 2.5 * height:
        return None
    for token in below.tokens:
        nearest = min(row.texts(), key=lambda text: abs(text.center - token.center))
        if nearest is label and min(token.right, label.right) - max(token.left, label.left) > -height:
            return token
    return None
