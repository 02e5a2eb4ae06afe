"""Words that say whose lines follow below them: heads of sections, in a row of their own, in the margin, with a sum."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from extraction.layout.entries import number_of
from extraction.layout.rows import Row
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.total_words import total_field
from extraction.layout.words import PAYERS, Role, head_word, looks_like_fee, section_payer, tag_payer

_MOST_TAGGED = 0.6
"""Share of rows with a payer's word in the margin from which on the words are a column, not heads of sections."""


def opens_lines(rows: Sequence[Row]) -> bool:
    """Whether fee lines follow closely: 健保 or 自費 alone may also be a value or a motto of the header."""
    return any(
        (len(token.text) <= 7 or "," in token.text)
        and (not token.is_value or any(looks_like_fee(name.text) for name in row.texts()[:2]))
        for row in rows
        if row.tokens[0].kind is TokenKind.TEXT
        for token in row.amounts()
    )


def starts_row(mark: Token, below: Sequence[Row], height: float) -> bool:
    """Whether a lone payer's word stands where the names below it begin: else it is a column's head."""
    names = [row.tokens[0].left for row in below if row.amounts() and row.tokens[0].kind is TokenKind.TEXT][:3]
    return not names or mark.left < max(names) + 3 * height


def section_of(rows: Sequence[Row], index: int) -> Role | None:
    """Return the payer of a section head: alone on its row, with its sum, or in the margin of its first row."""
    first, following = rows[index].tokens[0], rows[index].tokens[1:]
    if first.kind is not TokenKind.TEXT or first.is_value:
        return None
    in_margin = len(following) > 1 and following[0].kind is TokenKind.TEXT and bool(rows[index].amounts())
    if in_margin and _are_tags(rows, index):
        return None
    return section_payer(first.text) if in_margin or not following or is_titled_sum(rows, index) else None


def _are_tags(rows: Sequence[Row], index: int) -> bool:
    """Whether nearly every row of the list begins with a payer's word: each speaks of its own row only."""
    if sum(looks_like_fee(token.text) for token in rows[index].texts()) > 1:
        return False  # 健保: 診察費 345  藥費 1,412
    left, height = rows[index].tokens[0].left, rows[index].tokens[0].height
    listed = [*_list(rows[index:]), *_list(rows[index - 1 :: -1] if index else ())]
    marked = sum(abs(first.left - left) < 2 * height and _names_payer(first) for first in listed)
    return marked > 1 and marked > _MOST_TAGGED * len(listed)


def _list(rows: Sequence[Row]) -> Iterator[Token]:
    """Yield with what each row begins, as long as they are lines of one list."""
    for row in rows:
        first = row.tokens[0]
        if not row.amounts() or first.kind is not TokenKind.TEXT or total_field(first.text):
            return
        yield first


def _names_payer(token: Token) -> bool:
    return tag_payer(token.text) is not None or section_payer(token.text) is not None


def is_titled_sum(rows: Sequence[Row], index: int) -> bool:
    """Whether a payer's word and an amount are the title of the lines below: they add up to it, or stand indented."""
    first, amounts = rows[index].tokens[0], rows[index].tokens[1:]
    if len(amounts) != 1 or amounts[0].kind is not TokenKind.AMOUNT:
        return False
    if section_payer(first.text) is None:
        return False
    lines = _lines_below(rows, index)
    is_label = total_field(first.text) in ("nhi_total", "self_pay_total")
    is_indented = (
        not is_label and bool(lines) and all(line.tokens[0].left > first.left + first.height for line in lines)
    )
    total, added = number_of(amounts[0]), Decimal(0)
    for count, line in enumerate(lines, 1):
        added += number_of(line.tokens[-1]) or 0
        if added == total and (count > 1 or is_indented):
            return True
    return is_indented and len(lines) > 1


def may_head_section(row: Row) -> bool:
    """Whether a row may be the head of a section that was misread: 健保填目 alone."""
    first = row.tokens[0]
    word = head_word(first.text) if len(row.tokens) == 1 and first.kind is TokenKind.TEXT else None
    return word is not None and not word.sure and word.role in PAYERS and not first.is_value


def _lines_below(rows: Sequence[Row], index: int) -> list[Row]:
    """Return the rows of a name and an amount down to the next title or total."""
    lines = []
    for row in rows[index + 1 :]:
        name, last = row.tokens[0], row.tokens[-1]
        is_line = name.kind is TokenKind.TEXT and last.kind is TokenKind.AMOUNT and len(row.tokens) > 1
        if not is_line or total_field(name.text) or section_payer(name.text) is not None:
            break
        lines.append(row)
    return lines
