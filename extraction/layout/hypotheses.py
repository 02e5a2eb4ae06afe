"""The ways in which a region may be built, from cuts into strips and heads given to columns; evidence chooses."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

from extraction.layout.across import first_band
from extraction.layout.columns import Column, assignments, find_columns
from extraction.layout.heads import Head, Region
from extraction.layout.rows import Row, usual_height
from extraction.layout.sections import starts_row
from extraction.layout.strips import Cut, find_cuts, is_name, off_center
from extraction.layout.structure import Parts, PlacedColumn, Strip, Structure
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.words import PAYERS, Role

_MOST, _PER_CUT, _PER_STRIP = 40, 9, 4
"""Structures of a region that are weighed, those with one cut, and ways to read one strip."""


def structures(parts: Parts, uprights: Sequence[float] = ()) -> list[Structure]:
    """Return the structures a region may have."""
    region = parts.region
    found: list[Structure] = []
    if not region.heads and first_band(parts.of(-1.0, 2.0)) is not None:
        found.append(Structure((Strip(-1.0, 2.0, payer=region.payer, is_across=True),)))
    for cut in _cuts(region):
        options = [list(_strips(parts, left, right, heads, uprights))[:_PER_STRIP] for left, right, heads in cut]
        found += [Structure(strips) for strips in islice(_combined(options), _PER_CUT)]
    return found[:_MOST]


def _cuts(region: Region) -> list[Cut]:
    """Return the cuts of a region; a lone payer's word far right of the names may head a column."""
    mark = region.mark
    if region.heads or mark is None or region.payer is None:
        return find_cuts(region)
    height = usual_height([token for row in region.rows for token in row.tokens])
    if starts_row(mark, region.rows, height):
        return [((-1.0, 2.0, ()),)]
    head = Head(region.payer, mark.left, mark.right, None, (mark,))
    return find_cuts(replace(region, heads=(head,)))


def _combined(options: Sequence[Sequence[Strip]]) -> Iterator[tuple[Strip, ...]]:
    """Combine the strips: all where they are few, else the first of each with one other at a time."""
    if any(not one for one in options):
        return
    if len(options) <= 2:
        places = product(*(range(len(one)) for one in options))
        for place in sorted(places, key=sum):
            yield tuple(one[at] for one, at in zip(options, place, strict=True))
        return
    first = tuple(one[0] for one in options)
    yield first
    for at, others in enumerate(options):
        for other in others[1:]:
            yield (*first[:at], other, *first[at + 1 :])
    alike = min(len(one) for one in options)
    for at in range(1, alike):
        yield tuple(one[at] for one in options)


def _strips(parts: Parts, left: float, right: float, heads: Sequence[Head], uprights: Sequence[float]
            ) -> Iterator[Strip]:  # fmt: skip
    """Return the ways to read one strip."""
    rows = parts.of(left, right)
    payer = parts.region.payer
    columns = find_columns(rows, usual_height([token for row in rows for token in row.tokens]))
    if heads:
        pairs = _pair_payer(heads)
        if pairs is not None and _may_be_pairs(rows, columns):
            yield Strip(left, right, tuple(heads), payer=pairs, misfit=_group_misfit(rows, heads))
        yield from _tables(left, right, heads, columns, rows, payer, uprights)
        return
    yield Strip(left, right, payer=payer)
    if len(columns) == 1:
        yield Strip(left, right, (), (PlacedColumn(columns[0], Role.AMOUNT),), payer)
    for at in range(len(columns) - 1, -1, -1):
        if len(columns) > 1 and len(columns[at].tokens) >= 2:
            placed = [PlacedColumn(column, Role.AMOUNT if index == at else None)
                      for index, column in enumerate(columns)]  # fmt: skip
            yield Strip(left, right, (), tuple(placed), payer)


def _tables(left: float, right: float, heads: Sequence[Head], columns: Sequence[Column], rows: Sequence[Row],
            payer: Role | None, uprights: Sequence[float]) -> Iterator[Strip]:  # fmt: skip
    if not columns:
        return
    told = {None, *(head.role for head in heads)}
    own = payer or next((head.payer for head in heads if head.role is Role.NAME and head.payer not in told), None)
    telling = [head for head in heads if head.role is not Role.NAME]
    for beside in _before_names(columns, rows, heads):
        usual = [column for column in columns if column not in beside]
        for one in assignments(usual, telling, uprights)[: _PER_STRIP - 1]:
            placed = [PlacedColumn(column, _role(head, heads, one.heads), head)
                      for column, head in zip(usual, one.heads, strict=True)]  # fmt: skip
            placed += [PlacedColumn(column, Role.OTHER) for column in beside]
            placed.sort(key=lambda column: column.column.center)
            yield Strip(left, right, tuple(heads), tuple(placed), own, one.cost)


def _before_names(columns: Sequence[Column], rows: Sequence[Row], heads: Sequence[Head]) -> Iterator[list[Column]]:
    """Yield which columns before the names are left aside: numbers and codes; none where payers' heads stand there."""
    beside = [column for column in columns if _is_left_of_names(column, rows)]
    if beside and any(head.is_money and head.left < beside[-1].right for head in heads):
        yield []
    yield beside


def _role(head: Head | None, heads: Sequence[Head], used: Sequence[Head | None]) -> Role | None:
    """Return what a head says of its column.

    小計 is the amount where there is no other (單價 | 數量 | 小計), 應付 beside both payers' columns is their sum.
    """
    role = head.role if head is not None else None
    roles = {one.role for one in used if one is not None}
    if role is Role.LINE_TOTAL and not any(one.is_money for one in heads):
        return Role.AMOUNT
    return Role.LINE_TOTAL if role is Role.AMOUNT and {Role.NHI, Role.SELF_PAY} <= roles else role


def _is_left_of_names(column: Column, rows: Sequence[Row]) -> bool:
    """Whether amounts stand before the names: running numbers or codes."""
    ids = {id(token) for token in column.tokens}
    own = [row for row in rows if any(id(token) in ids for token in row.tokens)]
    named = [row for row in own if _first_name(row) is not None]
    return len(named) > 0 and all(
        (name := _first_name(row)) is not None and name.left > column.right - 1e-6 for row in named
    )


def _first_name(row: Row) -> Token | None:
    return next((token for token in row.tokens if token.kind is TokenKind.TEXT and not token.is_value
                 and not token.text.isascii()), None)  # fmt: skip


def _pair_payer(heads: Sequence[Head]) -> Role | None:
    """Return whose all amounts of a strip are, if its heads name one payer and no other column."""
    payers = {head.role for head in heads if head.role in PAYERS} | {head.payer for head in heads if head.payer}
    others = [head for head in heads if head.role not in PAYERS and head.role is not Role.NAME]
    return next(iter(payers)) if len(payers) == 1 and not others else None


def _may_be_pairs(rows: Sequence[Row], columns: Sequence[Column]) -> bool:
    """Whether rows hold several names, or all amounts stand in one column."""
    filled = [row for row in rows if row.amounts()]
    several = sum(sum(is_name(token) for token in row.texts()) > 1 for row in filled)
    large = [column for column in columns if len(column.tokens) > max(1.0, 0.2 * len(filled))]
    return several > 0.3 * len(filled) or len(large) <= 1


def _group_misfit(rows: Sequence[Row], heads: Sequence[Head]) -> float:
    tokens = [token for row in rows for token in row.tokens if row.amounts()]
    payers = [head for head in heads if head.role in PAYERS]
    if not tokens or not payers or any(head.role is Role.NAME for head in heads):
        return 0.0
    return 0.2 * off_center(tokens, payers[0])
