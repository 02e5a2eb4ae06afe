"""What the printed totals of the payers say of unheaded columns and of misplaced amounts: a proposal, never a value."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import permutations

from extraction.layout.columns import find_columns
from extraction.layout.entries import Entry, number_of
from extraction.layout.evidence import Printed
from extraction.layout.rows import Row, usual_height
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.words import Role

_SIDES = (Role.NHI, Role.SELF_PAY)
_MOST = 5
"""Columns among which those of the payers are sought."""


def propose(entries: Sequence[Entry], printed: Printed) -> None:
    """Note in the entries, in place, which amount would be whose, where just one way agrees with both totals."""
    if any(entry.cells for entry in entries) or not all(printed.totals.get(role) for role in _SIDES):
        return
    rows = [Row([token for token in entry.stray if token.kind is TokenKind.AMOUNT]) for entry in entries]
    tokens = [token for row in rows for token in row.tokens]
    columns = [column.tokens for column in find_columns(rows, usual_height(tokens))] if tokens else []
    if not 2 <= len(columns) <= _MOST:
        return
    agreeing = [pair for pair in permutations(columns, 2) if _agrees(pair, printed)]
    if len(agreeing) != 1:
        return
    role_of = {id(token): role for role, column in zip(_SIDES, agreeing[0], strict=True) for token in column}
    for entry in entries:
        entry.proposal = {role_of[id(token)]: token for token in entry.stray if id(token) in role_of}


def doubt_misplaced(entries: Sequence[Entry], printed: Printed) -> None:
    """Take amounts out of their cells, in place, by which one payer's sum is too large and the other's too small.

    Nothing else makes both sums differ by the same amount: the lines were given to the wrong payer.
    """
    for role, other in (_SIDES, _SIDES[::-1]):
        surplus = {_sum(entries, role) - total for total in printed.totals.get(role, ())}
        lack = {total - _sum(entries, other) for total in printed.totals.get(other, ())}
        for amount in surplus & lack:
            if amount <= 0 or len(wrong := _adding_up(entries, role, other, amount)) == 0:
                continue
            for entry in wrong:
                token = entry.cells.pop(role)
                entry.stray.append(token)
                entry.proposal = {other: token}
            return


def _adding_up(entries: Sequence[Entry], role: Role, other: Role, amount: Decimal) -> Sequence[Entry]:
    """Return the only lines in a row with nothing under the other payer that add up to an amount."""
    found = []
    for start in range(len(entries)):
        added = Decimal(0)
        for end in range(start, len(entries)):
            number = number_of(entries[end].cells.get(role))
            if number_of(entries[end].cells.get(other)) or number is None:
                break
            added += number
            if added == amount and number:
                found.append(entries[start : end + 1])
                break
            if added > amount:
                break
    return found[0] if len(found) == 1 else []


def _sum(entries: Sequence[Entry], role: Role) -> Decimal:
    return sum((number for entry in entries if (number := number_of(entry.cells.get(role))) is not None), Decimal(0))


def _agrees(pair: Sequence[Sequence[Token]], printed: Printed) -> bool:
    """Whether each column adds up to a total of its payer; amounts of 0 alone tell nothing."""
    for role, column in zip(_SIDES, pair, strict=True):
        numbers = [number_of(token) for token in column]
        total = sum((number for number in numbers if number is not None), Decimal(0))
        if None in numbers or not total or total not in printed.totals[role]:
            return False
    return True
