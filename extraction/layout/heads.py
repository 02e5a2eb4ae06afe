"""Heads of columns and sections: they cut the page into regions and say which payer an amount belongs to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from extraction.layout.rows import Row, usual_height
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.words import PAYERS, HeadWord, Role, head_word, section_payer


@dataclass(frozen=True)
class Head:
    """The head of one column, perhaps printed on several lines."""

    role: Role
    left: float
    right: float
    payer: Role | None = None
    """Of a name column: whose items it lists."""
    tokens: tuple[Token, ...] = ()

    @property
    def center(self) -> float:
        """Middle on the flat page."""
        return (self.left + self.right) / 2


@dataclass
class Region:
    """Rows that stand under the same heads, or under one section head; neither where the page has none."""

    heads: tuple[Head, ...] = ()
    payer: Role | None = None
    rows: list[Row] = field(default_factory=list)
    top: float = 0.0


def find_regions(rows: Sequence[Row]) -> list[Region]:
    """Return the regions from top to bottom; the first one holds what stands above every head."""
    regions, index = [Region()], 0
    height = usual_height([token for row in rows for token in row.tokens])
    while index < len(rows):
        count = _head_rows(rows, index, height)
        if count:
            heads = _build_heads([_words(row) for row in rows[index : index + count]], height)
            regions.append(Region(heads=heads, top=rows[index].middle))
            index += count
            continue
        payer = _section(rows[index]) if _opens_lines(rows[index : index + 4]) else None
        if payer is not None and not _starts_row(rows[index].tokens[0], rows[index + 1 :], height):
            token = rows[index].tokens[0]
            head = Head(payer, token.left, token.right, None, (token,))
            regions.append(Region(heads=(head,), top=rows[index].middle))
        elif payer is not None:
            rest = Row(rows[index].tokens[1:])
            regions.append(Region(payer=payer, rows=[rest] if rest.tokens else [], top=rows[index].middle))
        else:
            regions[-1].rows.append(rows[index])
        index += 1
    return regions


def _words(row: Row) -> list[tuple[Token, HeadWord | None]]:
    return [(token, None if token.is_value else head_word(token.text)) for token in row.texts()]


def _head_rows(rows: Sequence[Row], start: int, height: float) -> int:
    """Return how many rows from here on are one block of column heads; 0 for none."""
    count, best = 0, 0
    while start + count < len(rows) and count < 4:
        row = rows[start + count]
        if count and row.middle - rows[start + count - 1].middle > 2.2 * height:
            break
        if not _is_head_like(row, count > 0):
            break
        count += 1
        if _is_column_head_block([pair for one in rows[start : start + count] for pair in _words(one)], count):
            best = count
    return best if any(_is_table_row(row) for row in rows[start : start + best]) else 0


def _is_head_like(row: Row, follows: bool) -> bool:
    if row.amounts() or not row.texts():
        return False
    words = _words(row)
    known = sum(word is not None for _, word in words)
    if known == 0:
        return follows and all(token.text.isascii() and len(token.text) > 2 for token, _ in words)
    return known * 2 >= len(words)


def _is_table_row(row: Row) -> bool:
    return sum(word is not None for _, word in _words(row)) >= 2


def _is_column_head_block(words: Sequence[tuple[Token, HeadWord | None]], count: int) -> bool:
    found = [word for _, word in words if word is not None]
    payers = [word for word in found if word.role in PAYERS or word.payer is not None]
    has_item = any(word.role is Role.NAME for word in found)
    has_money = any(word.role is Role.AMOUNT for word in found)
    if not any(word.sure for word in payers):
        return has_item and has_money and len(found) >= 2 and count == 1
    return len(payers) >= 2 or (has_item and len(found) >= 2)


def _opens_lines(rows: Sequence[Row]) -> bool:
    """Whether fee lines follow closely: 健保 or 自費 alone may also be a value or a motto of the header."""
    return any(
        (len(token.text) <= 7 or "," in token.text) and not token.is_value and row.tokens[0].kind is TokenKind.TEXT
        for row in rows
        for token in row.amounts()
    )


def _starts_row(head: Token, below: Sequence[Row], height: float) -> bool:
    """Whether a lone head stands where the names below it begin: else it is a column's, and the others were lost."""
    names = [row.tokens[0].left for row in below if row.amounts() and row.tokens[0].kind is TokenKind.TEXT][:3]
    return not names or head.left < max(names) + 3 * height


def _section(row: Row) -> Role | None:
    """Return the payer of a section head: alone on its row, or in the margin of the section's first row."""
    first, following = row.tokens[0], row.tokens[1:]
    in_margin = len(following) > 1 and following[0].kind is TokenKind.TEXT and row.amounts()
    if first.kind is not TokenKind.TEXT or first.is_value or not (in_margin or not following):
        return None
    return section_payer(first.text)


# -- heads on several lines ------------------------------------------------------------------------------------------


def _build_heads(rows: Sequence[Sequence[tuple[Token, HeadWord | None]]], height: float) -> tuple[Head, ...]:
    """Stack words that stand above each other; a word over several columns gives its payer to each of them."""
    used: set[Token] = set()
    heads: list[Head] = []
    for level in range(len(rows) - 1, -1, -1):
        for token, word in rows[level]:
            if word is None or token in used:
                continue
            stack = [(token, word)]
            for above in reversed(rows[:level]):
                over = [(t, w) for t, w in above if w is not None and _overlap(t, token, height)]
                stack += over
                used.update(t for t, _ in over)
            heads.append(_stacked(stack))
    return tuple(_with_payers(sorted(heads, key=lambda head: head.center)))


def _overlap(first: Token, second: Token, height: float) -> bool:
    return min(first.right, second.right) - max(first.left, second.left) > -0.3 * height


def _stacked(stack: Sequence[tuple[Token, HeadWord]]) -> Head:
    """Return the head of a stack whose first word is the lowest."""
    token, word = stack[0]
    role, payer = word.role, word.payer
    for _, above in stack[1:]:
        if role is Role.AMOUNT and (above.role in PAYERS or above.role is Role.OTHER):
            role = above.role
        elif role is Role.NAME:
            payer = payer or above.payer or (above.role if above.role in PAYERS else None)
        elif role is Role.AMOUNT and above.payer is not None:
            role = above.payer
    same_width = [token, *(t for t, _ in stack[1:] if t.width < 1.6 * token.width)]
    return Head(role, min(t.left for t in same_width), max(t.right for t in same_width), payer,
                tuple(t for t, _ in stack))  # fmt: skip


def _with_payers(heads: Sequence[Head]) -> Iterator[Head]:
    """Give `金額` the payer of the item head on its left (健保申報項目 | 點數 | 自付費用項目 | 金額)."""
    payer = None
    for head in heads:
        if head.role is Role.NAME:
            payer = head.payer
        elif head.role is Role.AMOUNT and payer is not None:
            yield Head(payer, head.left, head.right, None, head.tokens)
            continue
        yield head
