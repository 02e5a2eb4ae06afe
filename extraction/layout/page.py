"""One page of a receipt taken apart: its header values, fee lines, copayments and totals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from extraction.layout.across import tell_bands
from extraction.layout.entries import Body, ColumnSpan, Entry
from extraction.layout.evidence import Printed, count_sums
from extraction.layout.flatten import Flattening, fit_columns, fit_rows, fit_tokens
from extraction.layout.grid import Grid, GridRow
from extraction.layout.header import Found, find_header, header_rows
from extraction.layout.heads import Head, Region, find_regions
from extraction.layout.legends import Legends, apply_legends, find_legends, join_units
from extraction.layout.margins import spread_margins
from extraction.layout.merging import merge_entries
from extraction.layout.names import Look, look_again, trim_names
from extraction.layout.rows import Row, find_rows, join_spread, join_upright, name_starts, usual_height
from extraction.layout.rulings import Rulings
from extraction.layout.search import read_body
from extraction.layout.stamps import lift_stamps, without_pieces
from extraction.layout.title import find_unlabelled
from extraction.layout.tokens import Token, TokenKind, cut
from extraction.layout.total_words import is_copayment_line
from extraction.layout.totals import Total, find_totals, printed_totals
from extraction.layout.turned import read_turned
from extraction.layout.under_names import join_under_names
from extraction.layout.words import Role
from schemas.layout import BoundingBox, TextLine

FAINT = 0.5
"""Lines below this score are no evidence of anything but that something is printed there."""
_TOP = 0.25
"""A bare short date in this upper part of the page is the visit's, not a stamp's."""


@dataclass(frozen=True)
class Frame:
    """Heads and columns of a page, for the pages that go on without heads."""

    heads: tuple[Head, ...]
    columns: tuple[ColumnSpan, ...]


@dataclass
class PageLayout:
    """What one page says."""

    number: int
    header: list[Found] = field(default_factory=list)
    items: list[Entry] = field(default_factory=list)
    copayments: list[tuple[Token, Token]] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    stamps: list[BoundingBox] = field(default_factory=list)
    faint: list[BoundingBox] = field(default_factory=list)
    frame: Frame | None = None
    has_heads: bool = False
    grid: Grid = field(default_factory=Grid)


def read_page(number: int, lines: Sequence[TextLine], aspect: float, before: Frame | None = None,
              look: Look | None = None, rulings: Rulings | None = None) -> PageLayout:  # fmt: skip
    """Return the layout of a page; `before` is the frame of the page before, for a page without heads."""
    if look is not None:
        lines = read_turned(lines, look, aspect)
    layout = PageLayout(number, faint=[line.box for line in lines if line.score < FAINT])
    lines = [line for line in lines if line.score >= FAINT or _is_last_of_name(line)]
    flat = fit_rows(lines, aspect)
    kept, layout.stamps = lift_stamps(lines, flat, _TOP)
    rows, flat = _rows(kept, flat)
    rows, legends = _told(rows)
    body = _read_rows(rows, before, _uprights(rulings.flattened(flat) if rulings else None), legends)
    layout.has_heads, layout.frame = body.has_heads, _frame(rows, body, before)
    height = usual_height([token for row in rows for token in row.tokens])
    layout.totals, layout.copayments = find_totals(rows, body, height)
    if look is not None:
        look_again(body.entries, look)
    trim_names(body.entries, layout.stamps)
    layout.grid = Grid(tuple(body.grid), tuple(_grid_row(entry) for entry in body.entries))
    for entry in body.entries:
        if _is_copayment(entry):
            layout.copayments += _copayment(entry)
    layout.items = merge_entries([entry for entry in body.entries if not _is_copayment(entry)])
    printed = header_rows([line for line in lines if line.box not in layout.stamps], flat)
    layout.header = [*find_header(printed), *find_unlabelled(printed)]
    return layout


def _told(rows: Sequence[Row]) -> tuple[list[Row], Legends]:
    """Return the rows with what marks and words before amounts say of payers, and what notes say of marks."""
    height = usual_height([token for row in rows for token in row.tokens])
    rows = [join_units(row) for row in rows]
    legends = find_legends(rows)
    rows = spread_margins(apply_legends(rows, legends), Printed(printed_totals(rows)))
    return tell_bands(join_under_names(rows, height)), legends


def _is_last_of_name(line: TextLine) -> bool:
    """Whether it is the 費 that ends a name set apart, often too pale for a good score."""
    return line.text == "費" and line.score > 0.2


def _rows(lines: Sequence[TextLine], flat: Flattening) -> tuple[list[Row], Flattening]:
    tokens = cut(lines, flat)
    flat = fit_tokens(flat, [token.box.center for token in tokens], usual_height(tokens))
    tokens = cut(lines, flat)
    rights = [(token.right, token.middle) for token in tokens if token.kind is TokenKind.AMOUNT]
    lefts = [(token.left, token.middle) for token in tokens if token.kind is TokenKind.TEXT]
    flat = fit_columns(flat, rights, lefts, 0.25 * usual_height(tokens))
    rows = find_rows(join_upright(without_pieces(cut(lines, flat))))
    starts = name_starts(rows)
    return [join_spread(row, starts) for row in rows], flat


def _uprights(rulings: Rulings | None) -> Callable[[Region], Sequence[float]]:
    """Return what gives the places of the upright rulings that cross most of a region's rows."""

    def crossing(region: Region) -> list[float]:
        middles = [row.middle for row in region.rows if row.amounts()]
        if rulings is None or not middles:
            return []
        return [(line.x0 + line.x1) / 2 for line in rulings.vertical
                if sum(line.y0 < middle < line.y1 for middle in middles) > 0.5 * len(middles)]  # fmt: skip

    return crossing


def _read_rows(rows: Sequence[Row], before: Frame | None, uprights: Callable[[Region], Sequence[float]],
               legends: Legends) -> Body:  # fmt: skip
    totals = printed_totals(rows)
    if legends.implied is not None:
        body = read_body(find_regions(rows), totals, uprights, legends.implied)
        if count_sums(body.entries, Printed(totals))["sum"] == 2:
            return body
    body = read_body(find_regions(rows), totals, uprights, legends.rest)
    if body.has_heads or before is None:
        return body
    inherited = read_body([Region(), Region(heads=before.heads, rows=list(rows))], totals, uprights)
    agrees = inherited.columns and all(_fits(span, before.columns) for span in inherited.columns)
    return inherited if agrees else body


def _fits(span: ColumnSpan, columns: Sequence[ColumnSpan]) -> bool:
    over = [other for other in columns if min(span.right, other.right) - max(span.left, other.left) > 0]
    return len(over) == 1 and over[0].role is span.role


def _frame(rows: Sequence[Row], body: Body, before: Frame | None) -> Frame | None:
    heads = [region.heads for region in find_regions(rows) if region.heads]
    if heads and body.columns:
        return Frame(heads[-1], tuple(body.columns))
    return before if not body.has_heads or (before and not heads) else None


def _grid_row(entry: Entry) -> GridRow:
    amounts = tuple((role, token.box) for role, token in entry.cells.items() if token.kind is TokenKind.AMOUNT)
    return GridRow(entry.name.box if entry.name else None, amounts, *entry.source)


def _is_copayment(entry: Entry) -> bool:
    """Whether a line is a kind of copayment, by its name or because it stands in a list of copayments."""
    return is_copayment_line(entry.label) or (entry.shown == (Role.COPAYMENT,) and not entry.stray)


def _copayment(entry: Entry) -> list[tuple[Token, Token]]:
    amounts = [entry.cells[role] for role in (Role.COPAYMENT, Role.SELF_PAY) if role in entry.cells]
    amounts += list(entry.cells.values()) + entry.stray
    return [(entry.name, amounts[0])] if entry.name and amounts else []
