"""Names on two lines of print, and translations below or beside them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extraction.layout.entries import Entry
from extraction.layout.rows import Row, join
from extraction.layout.words import looks_like_fee
from schemas.lexicon import fee_code

_BESIDE = re.compile(r"(?P<name>.*[^\x00-\x7f][)\]]?)\s*\(?(?P<gloss>[A-Za-z][A-Za-z&.,/\-' ]{3,})\)?")
_CLOSE = 0.88
"""A line of a name stands nearer to its other line, in usual steps between rows, than a row of its own would."""


def unwrapped(found: Sequence[tuple[Row, Entry]]) -> list[tuple[Row, Entry]]:
    """Return the rows with names put together that run over two lines, without the names' translations."""
    pairs = _spanned(found)
    step = _usual_step(pairs)
    kept: list[tuple[Row, Entry]] = []
    for row, entry in pairs:
        before = kept[-1] if kept else None
        if before is not None and _is_gloss(before[1], entry):
            _take_amounts(before[1], entry)
            before[1].name = before[1].name and replace(
                before[1].name, printed=f"{before[1].name.printed} {entry.label}".strip())  # fmt: skip
            continue
        if before is not None and _is_mark(before[1], entry):
            before[1].unsure |= set(entry.cells)
            _take_amounts(before[1], entry)
            continue
        if before is not None and _goes_on(before, (row, entry), step):
            _join(before[1], entry)
            continue
        kept.append((row, entry))
    for _, entry in kept:
        _drop_gloss(entry)
    return kept


def _spanned(found: Sequence[tuple[Row, Entry]]) -> list[tuple[Row, Entry]]:
    """Put the payers' rows of one name together, of which the name stands in the first only; one alone is doubted."""
    kept: list[tuple[Row, Entry]] = []
    spanned: list[tuple[Entry, Entry]] = []
    for row, entry in found:
        before = kept[-1][1] if kept else None
        is_open = (
            before is not None
            and before.name is not None
            and before.tagged
            and set(before.cells).isdisjoint(entry.cells)
        )
        if before is not None and is_open and entry.name is None and entry.tagged and entry.cells and not entry.stray:
            spanned.append((before, entry))
            _take_amounts(before, entry)
        else:
            kept.append((row, entry))
    if len(spanned) == 1:
        spanned[0][0].unsure |= set(spanned[0][1].cells)
    return kept


def _usual_step(found: Sequence[tuple[Row, Entry]]) -> float:
    """Return the usual distance between rows that hold amounts."""
    middles = [row.middle for row, entry in found if entry.has_amount]
    steps = sorted(after - before for before, after in pairwise(middles))
    return steps[len(steps) // 2] if steps else 0.0


def _is_gloss(before: Entry, entry: Entry) -> bool:
    """Whether a line without amounts is the English name of the one above it."""
    return bool(
        entry.name is not None
        and not (entry.has_amount and (before.stray or set(before.cells) & set(entry.cells)))
        and before.name is not None
        and not before.name.text.isascii()
        and entry.label.isascii()
        and len(re.sub(r"[^A-Za-z]", "", entry.label)) >= 3
        and entry.middle - before.middle < (1.3 if entry.has_amount else 2.2) * before.name.height
        and abs(entry.name.left - before.name.left) < 6 * before.name.height
    )


def _is_mark(before: Entry, entry: Entry) -> bool:
    """Whether a line's name is one character of a stamp that has drawn the amounts of the line above to itself."""
    return bool(
        before.name is not None
        and entry.name is not None
        and entry.has_amount
        and not before.has_amount
        and len(entry.label) == 1
        and entry.middle - before.middle < entry.name.height
    )


def _take_amounts(entry: Entry, other: Entry) -> None:
    entry.cells = {**other.cells, **entry.cells}
    entry.stray += other.stray
    entry.unsure |= other.unsure
    entry.shown = tuple(dict.fromkeys((*entry.shown, *other.shown)))
    entry.tagged = entry.tagged or other.tagged


def _goes_on(before: tuple[Row, Entry], after: tuple[Row, Entry], step: float) -> bool:
    """Whether two lines are one name: only one has amounts, and bracket, lexicon or spacing say so."""
    first, second = before[1], after[1]
    if first.name is None or second.name is None or (first.has_amount and second.has_amount):
        return False
    if second.label.isascii() or second.middle - first.middle > 3 * first.name.height:
        return False
    opened = first.label.count("(") > first.label.count(")") and second.label.count(")") > second.label.count("(")
    if opened:
        return True
    whole = first.label + second.label
    known = fee_code(whole) is not None and (fee_code(first.label) is None or fee_code(second.label) is None)
    is_close = bool(step) and after[0].middle - before[0].middle < _CLOSE * step
    plain = abs(first.name.left - second.name.left) < 2 * first.name.height and len(second.label) <= 10
    if known and (is_close or fee_code(first.label) is None):
        return True
    return is_close and plain and not (looks_like_fee(first.label) and looks_like_fee(second.label))


def _join(first: Entry, second: Entry) -> None:
    """Make one line of two lines of print."""
    if first.name is not None and second.name is not None:
        first.name = join(first.name, second.name)
    _take_amounts(first, second)


def _drop_gloss(entry: Entry) -> None:
    """Keep the Chinese name of `診察費 Diagnosis Fee`; the translation stays in what is printed."""
    name = entry.name
    match = _BESIDE.fullmatch(name.text) if name is not None else None
    if match and name is not None and len(match["name"]) >= 2:
        entry.name = replace(name, text=match["name"].rstrip(" ("))
