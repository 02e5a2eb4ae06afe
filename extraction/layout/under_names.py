"""Amounts on the line below their name, each behind the word of its payer (`診察費` / `健保 345點  自費 50元`)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from extraction.layout.entries import is_garbled_amount
from extraction.layout.rows import Row
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.total_words import total_field
from extraction.layout.words import PAYER_WORDS, PAYERS, Role, head_word, looks_like_fee, tag_payer

_GAP = 2.6
"""Heights between a name and the line of its amounts, at the most."""
_GLUED = re.compile(r"(?P<word>.+?)\s+(?P<rest>[OoD〇○]|[O\d][\d,.]*)")


def join_under_names(rows: Sequence[Row], height: float) -> list[Row]:
    """Return the rows with amounts below a name put beside it, where the page does so more than once."""
    rows = [Row([part for token in row.tokens for part in _parts(token)]) for row in rows]
    named = [_names_row(row) for row in rows]
    strict = [_is_payers_row(row, strict=True) for row in rows]
    below = [strict[at] and any(named[max(0, at - 2) : at]) for at in range(len(rows))]
    if sum(below) < 2:
        return list(rows)
    joined: list[Row] = []
    bottom = 0.0
    is_open = False
    for at, row in enumerate(rows):
        if is_open and row.middle - bottom < _GAP * height and _is_payers_row(row, strict=not strict[at]):
            before = joined[-1].tokens if joined[-1].amounts() else joined[-1].tokens[:1]
            joined[-1] = Row([*before, *(_as_tag(token) for token in row.tokens)])
            bottom = row.middle
            continue
        joined.append(row)
        is_open, bottom = named[at], row.middle
    return joined


def _names_row(row: Row) -> bool:
    texts = row.texts()
    noise = texts[1:]
    return (
        0 < len(texts) == len(row.tokens)
        and all(token.text.isascii() and len(token.text) < 4 for token in noise)
        and not texts[0].is_value
        and not texts[0].text.isascii()
        and total_field(texts[0].text) is None
        and _payer(texts[0]) is None
        and (looks_like_fee(texts[0].text) or len(texts[0].text) <= 14)
    )


def _is_payers_row(row: Row, *, strict: bool) -> bool:
    """Whether a row holds amounts behind payers' words and nothing else; strictly, it begins with such a word."""
    payers = [_payer(token) for token in row.tokens]
    if strict and (payers[0] is None or len(row.tokens) < 2):
        return False
    told = any(payers) and bool(row.amounts())
    return told and all(payer is not None or token.kind is not TokenKind.TEXT or is_garbled_amount(token)
                        for payer, token in zip(payers, row.tokens, strict=True))  # fmt: skip


def _payer(token: Token) -> Role | None:
    if token.kind is not TokenKind.TEXT:
        return None
    word = head_word(token.text)
    said = word.role if word is not None and word.sure and word.role in PAYERS else None
    return said or tag_payer(token.text)


def _parts(token: Token) -> list[Token]:
    """Cut an amount off the payer's word that it was glued to: `NHI O` is a zero, `自費 O26` is unreadable."""
    match = _GLUED.fullmatch(token.text) if token.kind is TokenKind.TEXT and not token.is_value else None
    if match is None or _payer(replace(token, text=match["word"])) is None:
        return [token]
    edge = token.left + token.width * match.start("rest") / len(token.text)
    word = replace(token, text=match["word"], right=edge - 1e-4)
    rest = replace(token, text=match["rest"], left=edge, score=min(token.score, 0.9))
    return [word, replace(rest, kind=TokenKind.AMOUNT, text="0") if len(match["rest"]) == 1 else rest]


def _as_tag(token: Token) -> Token:
    """Return a payer's word as one of its row only: 健保點數 is the label of a total elsewhere."""
    payer = _payer(token)
    return replace(token, text=PAYER_WORDS[payer], is_value=False, unit=payer.value) if payer is not None else token
