"""Fees that stand side by side, each payer's amounts in a row below them (`項目 診察費 藥費` / `健保 345 1,412`)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from extraction.layout.entries import Entry, as_unreadable, clean_name, is_garbled_amount
from extraction.layout.rows import Row
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.total_words import total_field
from extraction.layout.words import ASIDE, PAYER_WORDS, PAYERS, Role, head_word, looks_like_fee, tag_payer

_GAP = 3.2
"""Heights between two rows of one band, at the most."""
_TOLD = (Role.NHI, Role.SELF_PAY)
_EDGES: tuple[Callable[[Token], float], ...] = (
    lambda token: token.center,
    lambda token: token.left,
    lambda token: token.right,
)


def first_band(rows: Sequence[Row]) -> int | None:
    """Return where names stand side by side over rows of amounts alone; None where they never do."""
    return next((at for at in range(len(rows)) if _band(rows, at, None)), None)


def entries_across(rows: Sequence[Row], payer: Role | None) -> Iterator[tuple[Row, list[Entry]]]:
    """Yield each band as one row with its fees, and the other rows with none."""
    at = 0
    while at < len(rows):
        band = _band(rows, at, payer)
        tokens = [token for row, _ in band for token in row.tokens]
        yield Row([*rows[at].tokens, *tokens]), list(_fees(_names(rows[at]), band)) if band else []
        at += 1 + len(band)


def tell_bands(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with the words before a band's amounts as payers of their rows: 健保點數 labels totals too."""
    told: dict[int, Row] = dict(enumerate(rows))
    for at in range(len(rows)):
        for index, (row, role) in enumerate(_band(rows, at, None), at + 1):
            first = row.tokens[0]
            if len(row.tokens) == 1 and first.kind is TokenKind.TEXT:
                del told[index]  # a payer without amounts: as a row of its own it would head a section
            elif role in _TOLD and first.kind is TokenKind.TEXT:
                told[index] = Row([replace(first, text=PAYER_WORDS[role], unit=role.value), *row.tokens[1:]])
    return list(told.values())


def _names(row: Row) -> list[Token]:
    """Return the fees' names of a row that holds several and no amounts; the word before them names the row."""
    if row.amounts() or any(token.is_value for token in row.tokens):
        return []
    names = [token for token in row.texts() if not _is_item_head(token)]
    fees = sum(looks_like_fee(token.text) or "費" in token.text for token in names)
    return names if fees >= (1 if _is_item_head(row.tokens[0]) else 2) and fees * 3 >= 2 * len(names) else []


def _is_item_head(token: Token) -> bool:
    word = head_word(token.text)
    return word is not None and word.sure


def _band(rows: Sequence[Row], at: int, payer: Role | None) -> list[tuple[Row, Role | None]]:
    """Return the rows of amounts below a row of names, each with who pays; none where it is no such row."""
    names = _names(rows[at])
    band: list[tuple[Row, Role | None]] = []
    if not names:
        return band
    for before, row in pairwise(rows[at:]):
        role = _amounts_payer(row, payer)
        heads_section = len(row.tokens) == 1 and any(other is None for _, other in band)
        if role is None or heads_section or row.middle - before.middle > _GAP * names[0].height:
            break
        band.append((row, None if role is Role.AMOUNT else role))
    paid = [role for _, role in band if role in PAYERS]
    return band if band and len(paid) == len(set(paid)) and any(row.amounts() for row, _ in band) else []


def _amounts_payer(row: Row, payer: Role | None) -> Role | None:
    """Return who pays what a row of amounts holds, AMOUNT where nothing says it; None for other rows."""
    first, rest = row.tokens[0], row.tokens[1:]
    if first.kind is not TokenKind.TEXT or is_garbled_amount(first):
        first, rest = None, row.tokens  # type: ignore[assignment]
    if any(token.kind is TokenKind.TEXT and not is_garbled_amount(token) for token in rest):
        return None
    if first is None:
        return payer or Role.AMOUNT
    word = head_word(first.text)
    said = tag_payer(first.text) or (word.role if word is not None and word.sure else None)
    if said in PAYERS:
        return said
    is_aside = said in ASIDE or said is Role.AMOUNT or total_field(first.text) in ("subtotal", "grand")
    return (payer or Role.AMOUNT) if said is Role.AMOUNT else Role.OTHER if is_aside and rest else None


def _fees(names: Sequence[Token], band: Sequence[tuple[Row, Role | None]]) -> Iterator[Entry]:
    """Yield a fee for each name, and one without a name for amounts below none."""
    shown = tuple(dict.fromkeys(role for _, role in band if role in PAYERS))
    entries = [Entry(clean_name(name), shown=shown, in_table=True, middle=name.middle) for name in names]
    edge = _edge(names, band)
    step = min((edge(after) - edge(before) for before, after in pairwise(names)), default=0.3)
    lost: list[Entry] = []
    for row, role in band:
        if role is not None and role not in PAYERS:
            continue
        for token in row.tokens:
            if token.kind is TokenKind.TEXT and not is_garbled_amount(token):
                continue
            near = min(range(len(names)), key=lambda at: abs(edge(names[at]) - edge(token)))
            entry = entries[near]
            if abs(edge(names[near]) - edge(token)) > 0.5 * step and not _overlaps(names[near], token):
                entry = _nameless(lost, token, shown, names[0].middle)
            _put(entry, role, token)
    yield from entries
    yield from (entry for entry in lost if entry.has_amount)


def _edge(names: Sequence[Token], band: Sequence[tuple[Row, Role | None]]) -> Callable[[Token], float]:
    """Return the edge by which amounts stand nearest to their names."""
    amounts = [token for row, _ in band for token in row.amounts()]
    return min(_EDGES, key=lambda edge: sum(min(abs(edge(name) - edge(token)) for name in names) for token in amounts))


def _overlaps(name: Token, token: Token) -> bool:
    return min(name.right, token.right) - max(name.left, token.left) > 0.5 * min(name.width, token.width)


def _nameless(lost: list[Entry], token: Token, shown: tuple[Role, ...], middle: float) -> Entry:
    """Return the entry of amounts whose name was not read."""
    for entry in lost:
        if any(_overlaps(other, token) for other in (*entry.cells.values(), *entry.stray)):
            return entry
    lost.append(Entry(None, shown=shown, in_table=True, middle=middle))
    return lost[-1]


def _put(entry: Entry, role: Role | None, token: Token) -> None:
    if token.kind is TokenKind.TEXT:
        token = as_unreadable(token)
    if role is None or role in entry.cells:
        if token.kind is not TokenKind.DASH:
            entry.stray.append(token)
    else:
        entry.cells[role] = token
