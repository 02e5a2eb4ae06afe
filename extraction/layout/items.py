"""Fee lines out of rows: a name with the amounts that stand in its row, each under its payer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from extraction.layout.columns import Column, assign_heads, find_columns
from extraction.layout.heads import Region
from extraction.layout.panels import Panel, find_panels
from extraction.layout.rows import Row, join, usual_height
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.total_words import GRAND, total_field
from extraction.layout.words import PAYERS, Role, looks_like_fee, split_tag

STOPS = frozenset({"nhi_total", "self_pay_total", "amount_due", "amount_paid", "balance", GRAND})
"""Labels after which no fee lines follow until the next head."""

_LEADERS = re.compile(r"[.·…_\-–—:\s]+$|^[•·\s]+")


@dataclass
class Entry:
    """A row's name with its amounts."""

    name: Token | None
    cells: dict[Role, Token] = field(default_factory=dict)
    shown: tuple[Role, ...] = ()
    """Payers whose cells the layout shows in this row."""
    unsure: set[Role] = field(default_factory=set)
    """Payers whose amount may belong to another column."""
    stray: list[Token] = field(default_factory=list)
    """Amounts of the row that no head claims."""
    source: tuple[int, int] = (0, 0)
    """Region and panel."""
    middle: float = 0.0
    tagged: bool = False
    in_table: bool = False
    other_names: list[str] = field(default_factory=list)
    """What another look at the name gave, where it gave something else."""

    @property
    def label(self) -> str:
        """The name as text, empty where it was not read."""
        return self.name.text if self.name else ""


@dataclass(frozen=True)
class ColumnSpan:
    """From where to where a column of amounts reaches on the flat page."""

    role: Role
    left: float
    right: float


@dataclass
class Body:
    """What the rows under the heads hold."""

    entries: list[Entry] = field(default_factory=list)
    totals: list[Entry] = field(default_factory=list)
    """Rows whose name is the label of a total, with their amounts by column."""
    used: set[int] = field(default_factory=set)
    """Tokens (by identity) of the rows that were taken as fee lines or column totals."""
    has_heads: bool = False
    columns: list[ColumnSpan] = field(default_factory=list)
    """Of the tables only; empty where the page has none."""


def read_body(regions: Sequence[Region]) -> Body:
    """Return the fee lines of a page; where nothing says which payer an amount is of, it stays stray."""
    body = Body(has_heads=any(region.heads or region.payer for region in regions))
    for index, region in enumerate(regions):
        if index == 0 and body.has_heads:
            continue
        for number, panel in enumerate(find_panels(region)):
            parts = [(row, panel.part(row)) for row in region.rows]
            parts = [(row, part) for row, part in parts if part.tokens]
            reader = _PairReader(panel) if panel.payer or not panel.heads else _TableReader(panel, parts)
            _read_panel(reader, parts, body, (index, number))
            body.columns += reader.spans()
    if not body.has_heads or any(entry.tagged for entry in body.entries):
        _settle_tags(body.entries)
    return body


def _read_panel(reader: "_PairReader | _TableReader", parts: Sequence[tuple[Row, Row]], body: Body,
                source: tuple[int, int]) -> None:  # fmt: skip
    found: list[tuple[Row, Entry]] = []
    for _, part in parts:
        if _is_foot(part):
            break
        entries = list(reader.entries(part))
        if source[0] == 0 and not any(_is_fee_line(entry) for entry in entries):
            continue  # without heads, rows of a header or of a drug table look like lines too
        for entry in entries:
            entry.source, entry.middle = source, part.middle
            if entry.name is not None and total_field(entry.label):
                body.totals.append(entry)
                if reader.has_columns:
                    body.used |= {id(token) for token in part.tokens}
            else:
                found.append((part, entry))
    if not reader.has_columns and sum(bool(entry.cells and entry.stray) for _, entry in found) >= 2:
        for _, entry in found:
            entry.unsure |= set(entry.cells)  # names with two amounts: there are columns whose heads were not read
    _keep_items(_unwrapped(found), body, reader.has_columns)


def _unwrapped(found: Sequence[tuple[Row, Entry]]) -> list[tuple[Row, Entry]]:
    """Put a name together whose bracket closes on the next row only (`特殊材料費(人工關節` above `含骨水泥)`)."""
    kept: list[tuple[Row, Entry]] = []
    for row, entry in found:
        before = kept[-1][1] if kept else None
        if before is not None and before.name and entry.name and not before.cells and not before.stray:
            opened = before.label.count("(") > before.label.count(")")
            if opened and entry.label.count(")") > entry.label.count("("):
                kept.pop()
                entry.name = join(before.name, entry.name)
        kept.append((row, entry))
    return kept


def _is_fee_line(entry: Entry) -> bool:
    """Whether a pair on a page without heads speaks of money: by its name, its payer's tag, or a total's label."""
    return entry.tagged or bool(entry.name and (looks_like_fee(entry.label) or total_field(entry.label)))


def _is_foot(row: Row) -> bool:
    """Whether the totals of the page begin here: a strong label, or two labels side by side."""
    labels = [total_field(token.text) for token in row.texts() if not token.is_value]
    known = [label for label in labels if label]
    if known == [GRAND] and len(row.amounts()) > 1:
        return False  # 費用合計 below a table adds up its columns
    return any(label in STOPS for label in known) or len(known) >= 2


def _keep_items(found: Sequence[tuple[Row, Entry]], body: Body, has_columns: bool) -> None:
    """Keep rows with an amount, and rows without one only where they are a fee's: named so, or between others."""
    filled = [index for index, (_, entry) in enumerate(found) if entry.cells or entry.stray]
    for index, (row, entry) in enumerate(found):
        has_amount = bool(entry.cells or entry.stray)
        inside = bool(filled) and filled[0] < index < filled[-1]
        named = entry.name is not None and looks_like_fee(split_tag(entry.label)[0])
        plain = entry.name is not None and not entry.label.isascii() and len(entry.label) <= 14
        if has_amount or (named and filled) or (inside and plain and has_columns):
            body.entries.append(entry)
            body.used |= {id(token) for token in row.tokens}


def is_garbled_amount(token: Token) -> bool:
    """Whether a text is an amount that the OCR could not make out."""
    digits = sum(character.isdigit() for character in token.text)
    return (
        token.kind is TokenKind.TEXT
        and not token.is_value
        and digits > 0
        and digits * 2 >= len(token.text)
        and len(token.text) <= 9
        and token.text.isascii()
        and not re.search(r"[/:()\-]", token.text)
    )


def _as_unreadable(token: Token) -> Token:
    return replace(token, kind=TokenKind.AMOUNT, text="?")


def clean_name(token: Token) -> Token:
    """Return a name without dot leaders."""
    return replace(token, text=_LEADERS.sub("", token.text) or token.text)


# -- name and amount pairs -------------------------------------------------------------------------------------------


class _PairReader:
    """Rows of name and amount, once or several times; the payer is the panel's, or the line's own tag or unit."""

    has_columns = False

    def __init__(self, panel: Panel) -> None:
        self._payer = panel.payer

    def spans(self) -> list[ColumnSpan]:
        return []

    def entries(self, row: Row) -> Iterator[Entry]:
        name: Token | None = None
        before: Entry | None = None
        tokens = list(row.tokens)
        for index, token in enumerate(tokens):
            if is_garbled_amount(token) and name is not None and not _amount_follows(tokens, index):
                token = _as_unreadable(token)
            if token.kind is TokenKind.TEXT:
                if name is not None:
                    yield self._entry(name, None)
                name = token
            elif name is not None:
                if before is not None:
                    yield before
                before, name = self._entry(name, token), None
            elif token.kind is TokenKind.AMOUNT and before is not None:
                before.stray.append(token)  # two amounts behind one name: which is meant, nothing says
        yield from (one for one in (before, self._entry(name, None) if name else None) if one is not None)

    def _entry(self, name: Token, amount: Token | None) -> Entry:
        bare, tag = split_tag(name.text)
        unit = {"點": Role.NHI, "元": Role.SELF_PAY}.get(amount.unit if amount else "")
        payer = tag or self._payer or unit
        entry = Entry(clean_name(replace(name, text=bare)), tagged=bool(tag or unit))
        if payer is None:
            entry.stray = [amount] if amount else []
            return entry
        entry.shown = (payer,)
        if amount is not None:
            entry.cells = {payer: amount}
            if unit is Role.NHI and payer is Role.SELF_PAY:
                entry.unsure = {payer}
        return entry


def _amount_follows(tokens: Sequence[Token], index: int) -> bool:
    return index + 1 < len(tokens) and tokens[index + 1].kind is TokenKind.AMOUNT


def _settle_tags(entries: Sequence[Entry]) -> None:
    """Let units speak where both stand on the page: a section of one payer would have one unit."""
    units = {token.unit for entry in entries for token in (*entry.cells.values(), *entry.stray)}
    if not {"點", "元"} <= units:
        return
    for entry in entries:
        for role, token in list(entry.cells.items()):
            wanted = {"點": Role.NHI, "元": Role.SELF_PAY}.get(token.unit)
            if wanted and wanted is not role and len(entry.cells) == 1:
                entry.cells, entry.shown, entry.unsure = {wanted: token}, (wanted,), set()


# -- tables ----------------------------------------------------------------------------------------------------------


class _TableReader:
    """Rows of a name and a cell under each head."""

    has_columns = True

    def __init__(self, panel: Panel, parts: Sequence[tuple[Row, Row]]) -> None:
        body = []
        for _, part in parts:
            if _is_foot(part):
                break
            body.append(part)
        self._height = usual_height([token for row in body for token in row.tokens])
        self._columns = find_columns(body, self._height)
        assign_heads(self._columns, panel.heads)
        self._other = [head for head in panel.heads if head.role is Role.OTHER]
        self._shown = tuple(role for role in PAYERS if any(head.role is role for head in panel.heads))
        self._column_of = {id(token): column for column in self._columns for token in column.tokens}
        self._first = min((c.left for c in self._columns if c.role in (*PAYERS, Role.AMOUNT)), default=2.0)

    def spans(self) -> list[ColumnSpan]:
        return [ColumnSpan(c.role, c.left, c.right) for c in self._columns if c.role in PAYERS]

    def entries(self, row: Row) -> Iterator[Entry]:
        entry = Entry(self._name(row), shown=self._shown, in_table=True)
        for token in row.tokens:
            if token.kind is TokenKind.AMOUNT:
                self._put(entry, token)
            elif token.kind is TokenKind.DASH or is_garbled_amount(token):
                column = self._under(token)
                if column is not None and column.role in PAYERS:
                    cell = token if token.kind is TokenKind.DASH else _as_unreadable(token)
                    entry.cells.setdefault(column.role, cell)
        if entry.name is not None or entry.cells or entry.stray:
            yield entry

    def _put(self, entry: Entry, token: Token) -> None:
        column = self._column_of.get(id(token))
        if column is None:
            return
        if column.role in PAYERS:
            entry.cells[column.role] = token
            if not column.is_sure:
                entry.unsure.add(column.role)
        elif column.role is Role.AMOUNT:
            entry.stray.append(token)
        elif column.role is None:
            self._put_loose(entry, token)

    def _put_loose(self, entry: Entry, token: Token) -> None:
        """Place an amount that stands in no column: under the one it overlaps, with a doubt."""
        column = self._under(token)
        if column is not None and column.role in PAYERS and column.role not in entry.cells:
            entry.cells[column.role] = token
            entry.unsure.add(column.role)
        elif self._is_column(token) and (entry.name is None or token.left > entry.name.right):
            entry.stray.append(token)

    def _under(self, token: Token) -> Column | None:
        named = [c for c in self._columns if c.role is not None]
        slack = 0.5 * self._height
        over = [c for c in named if c.left - slack < token.center < c.right + slack]
        return min(over, key=lambda c: abs(c.center - token.center), default=None)

    def _is_column(self, token: Token) -> bool:
        """Whether the amount is one of several below each other: a single one may be a piece of a stamp."""
        return len(self._column_of[id(token)].tokens) > 1

    def _name(self, row: Row) -> Token | None:
        texts = [token for token in row.texts() if not self._is_other(token) and not is_garbled_amount(token)]
        left = [token for token in texts if token.left < self._first]
        name: Token | None = None
        for token in left or texts[:1]:
            name = token if name is None else join(name, token)
        return clean_name(name) if name else None

    def _is_other(self, token: Token) -> bool:
        """Whether a text stands in a column of codes, units or remarks."""
        return any(head.left < token.center < head.right for head in self._other) and len(token.text) <= 10
