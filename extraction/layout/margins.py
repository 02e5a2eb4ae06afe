"""Payers' words in merged cells beside the names: each stands at the middle of its rows, not above or in the first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, pairwise

from extraction.layout.entries import number_of
from extraction.layout.evidence import Printed
from extraction.layout.rows import Row
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.total_words import total_field
from extraction.layout.words import PAYER_WORDS, Role, fold, section_payer, tag_payer

_TOLD = (Role.NHI, Role.SELF_PAY)
"""Kinds of copayment are told by their names."""
_FITS, _APART = 0.3, 0.45
"""Steps between rows by which a word may stand off the middle of its rows, and by which another cut must fit worse."""
_MOST = 4


@dataclass(frozen=True)
class _Margin:
    """A list with words beside it: the lines without the words, and the words."""

    start: int
    end: int
    lines: tuple[Row, ...]
    words: tuple[tuple[Token, Role], ...]


def spread_margins(rows: Sequence[Row], printed: Printed) -> list[Row]:
    """Return the rows with the payer of a merged cell at each of its rows; where its reach is unclear, at none."""
    margin = _find(rows)
    if margin is None:
        return list(rows)
    step = _step(margin.lines)
    ranked = sorted(_cuts(margin, step), key=lambda one: one[0])
    adding = [cut for _, cut in ranked if _adds_up(margin, cut, printed)]
    fits = ranked[0][0] < _FITS
    if len(adding) == 1:
        chosen: tuple[int, ...] | None = adding[0]
    elif _are_above(margin, step) or (_are_in_firsts(margin, step) and not fits):
        return list(rows)
    elif _are_in_firsts(margin, step):
        chosen = None  # at the middle of its rows, or in the first of them: both may be
    else:
        is_clear = fits and (len(ranked) < 2 or ranked[1][0] > ranked[0][0] + _APART)
        chosen = ranked[0][1] if is_clear else None
    return [*rows[: margin.start], *_marked(margin, chosen), *rows[margin.end :]]


def _find(rows: Sequence[Row]) -> _Margin | None:
    """Return the first list beside which words of two payers stand, left of where all its names begin."""
    for start in range(len(rows)):
        lines: list[Row] = []
        words: list[tuple[Token, Role]] = []
        end = start
        for row in rows[start:]:
            word = _word(row.tokens[0]) if not _is_line(row) or len(row.texts()) > 1 else None
            rest = Row(row.tokens[1:]) if word is not None else row
            if rest.tokens and not _is_line(rest):
                break
            words += [(row.tokens[0], word)] if word is not None else []
            lines += [rest] if rest.tokens else []
            end += 1
        if len(lines) >= 3 and 2 <= len(words) <= _MOST and len({role for _, role in words}) == len(words):
            first_name = min(line.tokens[0].left for line in lines)
            return _Margin(start, end, tuple(lines), tuple(words)) if all(
                word.right <= first_name + 1e-6 for word, _ in words) else None  # fmt: skip
    return None


def _word(token: Token) -> Role | None:
    if token.kind is not TokenKind.TEXT or token.is_value:
        return None
    return tag_payer(token.text) or section_payer(token.text)


def _is_line(row: Row) -> bool:
    """Whether a row is a fee, or adds up those of its part; 合計 ends the list."""
    first = row.tokens[0]
    is_total = total_field(first.text) is not None and not _is_part_sum(row)
    return first.kind is TokenKind.TEXT and bool(row.amounts()) and not first.is_value and not is_total


def _is_part_sum(row: Row) -> bool:
    return fold(row.tokens[0].text) in ("小計", "SUBTOTAL")


def _step(lines: Sequence[Row]) -> float:
    steps = sorted(after.middle - before.middle for before, after in pairwise(lines))
    return steps[len(steps) // 2]


def _away(word: Token, margin: _Margin, step: float) -> float:
    """Return how many steps a word stands from the nearest line."""
    return min(abs(word.middle - line.middle) for line in margin.lines) / max(step, 1e-6)


def _are_above(margin: _Margin, step: float) -> bool:
    """Whether the words stand in rows of their own, as heads of sections do."""
    return all(_away(word, margin, step) > 0.7 for word, _ in margin.words)


def _are_in_firsts(margin: _Margin, step: float) -> bool:
    """Whether each word may stand in the first of its rows."""
    at_top = margin.words[0][0].middle < margin.lines[0].middle + _FITS * step
    return at_top and all(_away(word, margin, step) < _FITS for word, _ in margin.words)


def _cuts(margin: _Margin, step: float) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Yield where each word's rows may begin, with how far the words stand from the middle of their rows."""
    count = len(margin.lines)
    for inner in combinations(range(1, count), len(margin.words) - 1):
        starts = (0, *inner, count)
        off = max(
            abs(word.middle - (margin.lines[first].middle + margin.lines[last - 1].middle) / 2) / max(step, 1e-6)
            for (word, _), (first, last) in zip(margin.words, pairwise(starts), strict=True)
        )
        yield off, starts


def _adds_up(margin: _Margin, starts: Sequence[int], printed: Printed) -> bool:
    """Whether each word's rows add up to a total that is printed for its payer."""
    for (_, role), (first, last) in zip(margin.words, pairwise(starts), strict=True):
        fees = [line for line in margin.lines[first:last] if not _is_part_sum(line)]
        numbers = [number_of(token) for line in fees for token in line.amounts()[-1:]]
        total = sum((number for number in numbers if number is not None), Decimal(0))
        is_silent = role is Role.COPAYMENT and role not in printed.totals
        if not is_silent and (None in numbers or total not in printed.totals.get(role, frozenset())):
            return False
    return True


def _marked(margin: _Margin, starts: Sequence[int] | None) -> list[Row]:
    if starts is None:
        return list(margin.lines)
    marked: list[Row] = []
    for (word, role), (first, last) in zip(margin.words, pairwise(starts), strict=True):
        lines = margin.lines[first:last]
        tag = replace(word, text=PAYER_WORDS[role], unit=role.value) if role in _TOLD else None
        marked += [Row([replace(tag, middle=line.middle), *line.tokens]) for line in lines] if tag else lines
    return marked
