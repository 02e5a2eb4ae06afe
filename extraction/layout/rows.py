"""Tokens of one printed row, and names that were set apart one character at a time put together again."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from extraction.layout.tokens import Token, TokenKind
from extraction.layout.total_words import is_complete
from extraction.layout.words import head_word

_ROW = 0.55
"""Two tokens stand on one row if their centres differ by less than this share of the usual height."""
_APART = 0.8
"""Heights up to which a name without amounts and amounts without a name are one row."""
_SPREAD_GAP = 5.0
"""Heights between two single characters of a spread name (`藥　　　　費`)."""
_NAME_GAP = 1.2
_PIECE = 3
"""Characters of a piece of a head that is printed on several lines, at the most."""


@dataclass
class Row:
    """Tokens at one height, from left to right."""

    tokens: list[Token] = field(default_factory=list)

    @property
    def middle(self) -> float:
        """Height of the row on the flat page."""
        return sum(token.middle for token in self.tokens) / len(self.tokens)

    def texts(self) -> list[Token]:
        """Return the texts of the row."""
        return [token for token in self.tokens if token.kind is TokenKind.TEXT]

    def amounts(self) -> list[Token]:
        """Return the amounts of the row."""
        return [token for token in self.tokens if token.kind is TokenKind.AMOUNT]


def usual_height(tokens: Sequence[Token]) -> float:
    """Return the median height of the tokens."""
    return float(np.median([token.height for token in tokens])) if tokens else 0.02


def find_rows(tokens: Sequence[Token]) -> list[Row]:
    """Return the rows from top to bottom; two tokens that overlap from side to side never share one."""
    height = usual_height(tokens)
    rows: list[Row] = []
    for token in sorted(tokens, key=lambda token: token.middle):
        near = [row for row in rows[-6:] if abs(row.middle - token.middle) < _ROW * height and _has_room(row, token)]
        if near:
            min(near, key=lambda row: abs(row.middle - token.middle)).tokens.append(token)
        else:
            rows.append(Row([token]))
    for row in rows:
        row.tokens.sort(key=lambda token: token.left)
    return _paired(sorted(rows, key=lambda row: row.middle), height)


def _paired(rows: Sequence[Row], height: float) -> list[Row]:
    """Put a name and an amount together that stand close in rows of their own."""
    paired: list[Row] = []
    for row in rows:
        before = paired[-1] if paired else None
        if before is not None and _completes(before, row) and row.middle - before.middle < _APART * height:
            paired[-1] = Row(sorted([*before.tokens, *row.tokens], key=lambda token: token.left))
        else:
            paired.append(row)
    return paired


def _completes(first: Row, second: Row) -> bool:
    name, other = (first, second) if first.texts() else (second, first)
    is_pair = not name.amounts() and not other.texts() and bool(other.amounts())
    return is_pair and all(_has_room(first, token) for token in second.tokens)


def _has_room(row: Row, token: Token) -> bool:
    return all(
        min(other.right, token.right) - max(other.left, token.left) < 0.3 * min(other.width, token.width)
        for other in row.tokens
    )


def join_upright(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens with heads put together whose characters or halves stand below each other."""
    height = usual_height(tokens)
    pieces = [token for token in tokens if token.kind is TokenKind.TEXT and not token.is_value
              and len(token.text) <= _PIECE and not _is_sure_head(token.text)]  # fmt: skip
    chains: list[list[Token]] = []
    for token in sorted(pieces, key=lambda token: token.middle):
        fits = [chain for chain in chains if abs(chain[-1].center - token.center) < 0.4 * height
                and 0.6 * height < token.middle - chain[-1].middle < 1.8 * height]  # fmt: skip
        if fits:
            fits[0].append(token)
        else:
            chains.append([token])
    runs = [run for chain in chains for run in _heads_in(chain)]
    used = {id(token) for run in runs for token in run}
    return [token for token in tokens if id(token) not in used] + [_upright(run) for run in runs]


def _heads_in(chain: Sequence[Token]) -> list[Sequence[Token]]:
    """Return the longest run of tokens below each other that together say what a column holds."""
    for length in range(len(chain), 1, -1):
        for start in range(len(chain) - length + 1):
            run = chain[start : start + length]
            if _is_sure_head("".join(token.text for token in run)):
                return [run]
    return []


def _upright(chain: Sequence[Token]) -> Token:
    whole = chain[0]
    for token in chain[1:]:
        whole = replace(
            whole,
            text=whole.text + token.text,
            printed=whole.printed + token.printed,
            box=whole.box.union(token.box),
            left=min(whole.left, token.left),
            right=max(whole.right, token.right),
            score=min(whole.score, token.score),
            corners=(),
        )
    return replace(whole, middle=sum(token.middle for token in chain) / len(chain))


# -- spread names ----------------------------------------------------------------------------------------------------


def name_starts(rows: Sequence[Row]) -> list[float]:
    """Return where names begin: left edges of texts behind an amount or at the start of a row, seen on three rows."""
    height = usual_height([token for row in rows for token in row.tokens])
    edges = sorted(
        token.left
        for row in rows
        for before, token in zip([None, *row.tokens], row.tokens, strict=False)
        if token.kind is TokenKind.TEXT and (before is None or before.kind is TokenKind.AMOUNT) and row.amounts()
    )
    starts, group = [], edges[:1]
    for edge in edges[1:]:
        if edge - group[-1] > 0.4 * height:
            starts.append(group)
            group = []
        group.append(edge)
    starts.append(group)
    return [float(np.median(group)) for group in starts if len(group) >= 3]


def join_spread(row: Row, starts: Sequence[float]) -> Row:
    """Return the row with spread names joined; a name never runs over a place where names begin."""
    joined: list[Token] = []
    for token in _without_inner_dashes(row.tokens):
        if joined and _belongs(joined[-1], token, starts):
            joined[-1] = join(joined[-1], token)
        else:
            joined.append(token)
    return Row(joined)


def _belongs(before: Token, token: Token, starts: Sequence[float]) -> bool:
    if before.kind is not TokenKind.TEXT or token.kind is not TokenKind.TEXT or before.is_value != token.is_value:
        return False
    if is_complete(before.text) and is_complete(token.text):
        return False
    height = min(before.height, token.height)
    gap = token.left - before.right
    if gap > 0.5 * height and (_is_sure_head(before.text) or _is_sure_head(token.text)):
        return False
    if gap > 0.2 * height and any(abs(token.left - start) < 0.5 * height for start in starts):
        return False
    return gap < (_SPREAD_GAP if len(token.text) == 1 and _is_spread(before) else _NAME_GAP) * height


def _is_sure_head(text: str) -> bool:
    word = head_word(text) if len(text) > 1 else None
    return word is not None and word.sure


def _is_spread(token: Token) -> bool:
    """Whether what is there so far is one character, or characters set apart."""
    return len(token.text) == 1 or token.width > 1.2 * len(token.text) * token.height


def _without_inner_dashes(tokens: Sequence[Token]) -> list[Token]:
    """Drop what the OCR makes of the space inside a spread name: a dot or a dash between single characters."""
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        inside = (
            token.kind is TokenKind.DASH
            and kept
            and after is not None
            and all(one.kind is TokenKind.TEXT for one in (kept[-1], after))
            and len(after.text) == 1
            and after.left - kept[-1].right < _SPREAD_GAP * token.height
        )
        if not inside:
            kept.append(token)
    return kept


def join(first: Token, second: Token) -> Token:
    """Return two neighbours as one text."""
    gap = second.left - first.right
    wordy = first.text[-1:].isascii() and second.text[:1].isascii() and gap > 0.15 * first.height
    space = " " if wordy else ""
    return replace(
        first,
        text=f"{first.text}{space}{second.text}",
        printed=f"{first.printed}{space}{second.printed}",
        box=first.box.union(second.box),
        right=max(first.right, second.right),
        middle=(first.middle + second.middle) / 2,
        height=max(first.height, second.height),
        score=min(first.score, second.score),
        unit=first.unit or second.unit,
        corners=(),
        parts=(*(first.parts or (first,)), *(second.parts or (second,))),
    )
