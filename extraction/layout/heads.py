"""Heads of columns and sections: they cut the page into regions and say which payer an amount belongs to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from extraction.layout.across import first_band
from extraction.layout.rows import Row, usual_height
from extraction.layout.sections import is_titled_sum, may_head_section, opens_lines, section_of
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.total_words import is_copayment_line, total_field
from extraction.layout.words import ASIDE, PAYERS, HeadWord, Role, head_word, looks_like_fee

_STACK_GAP = 2.2
"""Heights between two lines of one block of heads."""


@dataclass(frozen=True)
class Head:
    """The head of one column, perhaps printed on several lines."""

    role: Role | None
    """None for a text among heads that says nothing known: a misread head still has its place."""
    left: float
    right: float
    payer: Role | None = None
    """Of a name column: whose items it lists."""
    tokens: tuple[Token, ...] = ()

    @property
    def center(self) -> float:
        """Middle on the flat page."""
        return (self.left + self.right) / 2

    @property
    def is_money(self) -> bool:
        """Whether what stands below is money that somebody pays."""
        return self.role in PAYERS or self.role is Role.AMOUNT


@dataclass
class Region:
    """Rows that stand under the same heads, or under one section head; neither where the page has none."""

    heads: tuple[Head, ...] = ()
    payer: Role | None = None
    """Of the section in which the rows stand."""
    rows: list[Row] = field(default_factory=list)
    top: float = 0.0
    mark: Token | None = None
    """The section's head."""

    @property
    def is_of_one_payer(self) -> bool:
        """Whether a section's head, or one payer's heads, say whose the rows are until another section begins."""
        payers = {head.role for head in self.heads if head.role in PAYERS}
        return self.payer is not None or len(payers) == 1


def find_regions(rows: Sequence[Row]) -> list[Region]:
    """Return the regions from top to bottom; the first one holds what stands above every head."""
    regions, index = [Region()], 0
    height = usual_height([token for row in rows for token in row.tokens])
    while index < len(rows):
        count = _head_rows(rows, index, height)
        if count:
            words = [_words(row) for row in rows[index : index + count]]
            late, rest = _late_heads(rows[index + count]) if index + count < len(rows) else ([], None)
            heads = build_heads([*words, late] if late else words, height)
            first = [rest] if rest is not None else []
            regions.append(Region(heads, _section_above(regions[-1]), first, rows[index].middle, regions[-1].mark))
            index += count + len(first)
            continue
        opens = opens_lines(_following(rows, index, height)) or first_band(rows[index + 1 : index + 3]) == 0
        payer = section_of(rows, index) if opens else None
        if payer is not None:
            token = rows[index].tokens[0]
            rest = Row([] if is_titled_sum(rows, index) else rows[index].tokens[1:])
            regions.append(Region((), payer, [rest] if rest.tokens else [], rows[index].middle, token))
        elif regions[-1].is_of_one_payer and may_head_section(rows[index]):
            regions.append(Region((), None, [], rows[index].middle, rows[index].tokens[0]))
        else:
            regions[-1].rows.append(rows[index])
        index += 1
    return [region for at, region in enumerate(_with_feet(regions, height)) if at == 0 or region.rows]


def _with_feet(regions: Sequence[Region], height: float) -> list[Region]:
    """Give heads below which no line stands to the table right above them that has none: they are at its foot."""
    found: list[Region] = []
    for region in regions:
        above = found[-1] if found else None
        if above is None or above.heads or above.payer or not region.heads or not _is_foot_of(region, above, height):
            found.append(region)
            continue
        first = next(at for at, row in enumerate(above.rows) if _is_line(row))
        found[-1] = replace(above, rows=above.rows[:first])
        found.append(replace(region, rows=above.rows[first:], top=above.rows[first].middle))
    return found


def _is_foot_of(region: Region, above: Region, height: float) -> bool:
    last = next((row for row in reversed(above.rows) if _is_line(row)), None)
    ends = [at for at, row in enumerate(region.rows) if any(total_field(token.text) for token in row.texts())]
    has_lines = any(_is_line(row) for row in region.rows[: min(ends, default=None)])
    return last is not None and not has_lines and 0 < region.top - last.middle < 3 * height


def _is_line(row: Row) -> bool:
    """Whether a row is a fee with an amount."""
    return bool(row.amounts()) and any(
        looks_like_fee(token.text) and not is_copayment_line(token.text) for token in row.texts()
    )


def _section_above(region: Region) -> Role | None:
    """Return the payer of a section whose own column heads follow at once."""
    return region.payer if not region.heads and not any(row.amounts() for row in region.rows) else None


def _words(row: Row) -> list[tuple[Token, HeadWord | None]]:
    return [(token, None if token.is_value else head_word(token.text)) for token in row.texts()]


def _head_rows(rows: Sequence[Row], start: int, height: float) -> int:
    """Return how many rows from here on are one block of column heads; 0 for none."""
    count, best = 0, 0
    while start + count < len(rows) and count < 4:
        row = rows[start + count]
        if count and row.middle - rows[start + count - 1].middle > _STACK_GAP * height:
            break
        if not _is_head_like(row, count > 0):
            break
        count += 1
        if _is_column_head_block([pair for one in rows[start : start + count] for pair in _words(one)], count):
            best = count
    if not any(_is_table_row(row) for row in rows[start : start + best]):
        return 0
    near = rows[start + best : start + best + 6] or rows[max(0, start - 2) : start]
    return best if any(row.amounts() for row in near) else 0


def _late_heads(row: Row) -> tuple[list[tuple[Token, HeadWord | None]], Row | None]:
    """Return the heads at one end of a row that is a fee line at the other: one panel's heads stand a row lower."""
    words = [head_word(token.text) if token.kind is TokenKind.TEXT and not token.is_value else None
             for token in row.tokens]  # fmt: skip
    known = [word is not None and word.sure for word in words]
    for cut in range(1, len(known)):
        left, right = row.tokens[:cut], row.tokens[cut:]
        for heads, lines, is_known in ((right, left, known[cut:]), (left, right, known[:cut])):
            if len(heads) > 1 and all(is_known) and any(token.kind is TokenKind.AMOUNT for token in lines):
                return [(token, head_word(token.text)) for token in heads], Row(list(lines))
    return [], None


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
    has_money = any(word.role in (Role.AMOUNT, Role.LINE_TOTAL) for word in found)
    if not any(word.sure for word in payers):
        return has_item and has_money and len(found) >= 2 and count == 1
    return len(payers) >= 2 or (has_item and len(found) >= 2) or len(found) >= 3


def _following(rows: Sequence[Row], index: int, height: float) -> Sequence[Row]:
    """Return the next rows behind a section's head, without heads of its columns."""
    heads = _head_rows(rows, index + 1, height)
    return [rows[index], *rows[index + 1 + heads : index + 4 + heads]]


# -- heads on several lines ------------------------------------------------------------------------------------------


def build_heads(rows: Sequence[Sequence[tuple[Token, HeadWord | None]]], height: float) -> tuple[Head, ...]:
    """Stack words that stand above each other; a payer over several columns is given to their money."""
    grouped = _in_groups(rows)
    if grouped:
        return grouped
    heads: list[Head] = []
    over: list[Head] = []
    for level in range(len(rows) - 1, -1, -1):
        for token, word in rows[level]:
            new = _head(token, word)
            below = [head for head in heads if _overlap(head, new, height)]
            if level == len(rows) - 1 or not below:
                (over if level < len(rows) - 1 and (new.role in PAYERS or new.payer) else heads).append(new)
            elif len(below) == 1 and not (new.role in PAYERS and below[0].role in ASIDE):
                heads[heads.index(below[0])] = _stacked(below[0], new)
            elif new.role in PAYERS or new.payer:
                over.append(new)
    heads = _under(heads, over)
    return tuple(_with_payers(sorted(heads, key=lambda head: head.center)))


def _in_groups(rows: Sequence[Sequence[tuple[Token, HeadWord | None]]]) -> tuple[Head, ...]:
    """Return the heads where payers stand over sets that are alike (自費 | 健保 over 項目 金額 | 項目 金額)."""
    if len(rows) != 2:
        return ()
    over, heads = ([_head(token, word) for token, word in row] for row in rows)
    starts = [at for at, head in enumerate(heads) if head.role is Role.NAME and head.payer is None]
    sets = [heads[start:end] for start, end in pairwise([*starts, len(heads)])]
    payers = [head.payer or head.role for head in over]
    fits = len(sets) == len(over) == len(set(payers)) > 1 and set(payers) <= set(PAYERS) and starts[0] == 0
    if not fits or any(one.role in PAYERS or one.payer for one in heads):
        return ()
    found: list[Head] = []
    for above, payer, own in zip(over, payers, sets, strict=True):
        money = [one for one in own if one.role is Role.AMOUNT] or [one for one in own if one.role is Role.LINE_TOTAL]
        if not money or above.right < own[0].left or above.left > own[-1].right:
            return ()
        found += [replace(one, role=payer) if one is money[-1] else replace(one, payer=payer)
                  if one.role is Role.NAME else one for one in own]  # fmt: skip
    return tuple(found)


def _head(token: Token, word: HeadWord | None) -> Head:
    if word is None:
        return Head(None, token.left, token.right, None, (token,))
    return Head(word.role, token.left, token.right, word.payer, (token,))


def _overlap(first: Head, second: Head, height: float) -> bool:
    return min(first.right, second.right) - max(first.left, second.left) > -0.3 * height


def _stacked(below: Head, above: Head) -> Head:
    """Return one head of two words: the upper one tells whose money or items the lower one speaks of."""
    role, payer = below.role, below.payer
    is_translation = role is None and all(token.text.isascii() for token in below.tokens)
    if is_translation or (role is Role.AMOUNT and above.role is not None and above.role is not Role.NAME):
        role = above.role
    elif role is Role.AMOUNT and above.payer is not None:
        role = above.payer
    if role is Role.NAME:
        payer = payer or above.payer or (above.role if above.role in PAYERS else None)
    is_wide = above.right - above.left > 1.6 * (below.right - below.left)
    left, right = (below.left, below.right) if is_wide else (
        min(below.left, above.left), max(below.right, above.right))  # fmt: skip
    return Head(role, left, right, payer, below.tokens + above.tokens)


def _under(heads: Sequence[Head], over: Sequence[Head]) -> list[Head]:
    """Give money without a payer that of the nearest head above; one with no such money is a column's head itself."""
    given: list[Head] = list(heads)
    used: set[int] = set()
    for index, head in enumerate(given):
        if over and head.role is Role.AMOUNT:
            near = min(over, key=lambda one: max(one.left - head.right, head.left - one.right,
                                                 0.1 * abs(one.center - head.center)))  # fmt: skip
            given[index] = replace(head, role=near.payer or near.role, tokens=head.tokens + near.tokens)
            used.add(id(near))
    alone = [head for head in over if id(head) not in used and not any(
        one.role is head.role and min(one.right, head.right) > max(one.left, head.left) for one in given)]  # fmt: skip
    return given + alone


def _with_payers(heads: Sequence[Head]) -> Iterator[Head]:
    """Give `金額` the payer of the item head on its left (健保申報項目 | 點數 | 自付費用項目 | 金額)."""
    payer = mark = _mark(heads)
    is_total = mark is not None and all(head.role is not Role.AMOUNT for head in heads)
    for head in heads[1:] if mark is not None else heads:
        if head.role is Role.NAME:
            payer = head.payer or mark
        elif head.role is None and not all(token.text.isascii() for token in head.tokens):
            payer = None  # perhaps the misread head of other items
        elif payer is not None and (head.role is Role.AMOUNT or (is_total and head.role is Role.LINE_TOTAL)):
            yield replace(head, role=payer)
            continue
        elif head.role is payer:
            payer = None  # 健保項目 has its 點數: a 金額 behind it is of items whose head was not read
        yield head


def _mark(heads: Sequence[Head]) -> Role | None:
    """Return the payer that stands left of the heads as the section's mark (健保 | 項目 | 金額)."""
    first = heads[0] if heads else None
    if first is None or first.role not in PAYERS or any(head.role in PAYERS for head in heads[1:]):
        return None
    if any(head.payer not in (None, first.role) for head in heads[1:]):
        return None
    roles = {head.role for head in heads[1:]}
    return first.role if Role.NAME in roles and roles & {Role.AMOUNT, Role.LINE_TOTAL} else None
