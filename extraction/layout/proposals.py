"""Whose unheaded columns are if the printed totals of the payers say so: a proposal to a person, never a value."""

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


def _agrees(pair: Sequence[Sequence[Token]], printed: Printed) -> bool:
    """Whether each column adds up to a total of its payer; amounts of 0 alone tell nothing."""
    for role, column in zip(_SIDES, pair, strict=True):
        numbers = [number_of(token) for token in column]
        total = sum((number for number in numbers if number is not None), Decimal(0))
        if None in numbers or not total or total not in printed.totals[role]:
            return False
    return True
