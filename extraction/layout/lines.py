"""Fee lines of one strip, once it is said how the strip is built."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from extraction.layout.across import entries_across
from extraction.layout.entries import Entry, as_unreadable, clean_name, is_garbled_amount, number_of
from extraction.layout.heads import Head
from extraction.layout.rows import Row, join, usual_height
from extraction.layout.structure import PlacedColumn, Strip
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.total_words import is_copayment_line, total_field
from extraction.layout.words import ASIDE, PAYERS, Role, looks_like_fee, split_tag, tag_payer
from extraction.layout.wrapping import unwrapped

_LETTERS = {"健": Role.NHI, "自": Role.SELF_PAY}
_CLEAR = 0.97
_TICK = re.compile(r"[VvYyXx√✓✔☑■●◎○OＶ*＊是]")
_UNITS = {"點": Role.NHI, "元": Role.SELF_PAY}


@dataclass
class StripLines:
    """What a strip holds under one idea of its structure."""

    entries: list[Entry] = field(default_factory=list)
    totals: list[Entry] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    aside: int = 0
    """Amounts that are quantities, prices, codes: explained, and not kept."""
    lost: int = 0
    """Texts in rows of fees that are neither name nor anything else."""
    clashes: int = 0
    """Amounts that fall into a cell that is filled."""


def read_strip(strip: Strip, rows: Sequence[Row], source: tuple[int, int], *, needs_fees: bool,
               units_differ: bool) -> StripLines:  # fmt: skip
    """Return the lines; `needs_fees`: no head says that it is a table, `units_differ`: 點 and 元 tell payers apart."""
    lines = StripLines()
    found: list[tuple[Row, Entry]] = []
    for row, entries in _entries_by_row(strip, rows, lines, units_differ):
        if needs_fees and not any(_is_fee_line(entry) for entry in entries):
            continue  # without heads, rows of a header or of a drug table look like lines too
        for entry in entries:
            entry.source, entry.middle = source, entry.middle or row.middle
            if entry.name is not None and total_field(entry.label) and not _is_discount_line(strip, entry):
                lines.totals.append(entry)
                if strip.has_columns and entry.cells:
                    lines.used |= {id(token) for token in row.tokens}
            elif entry.has_amount or not row.amounts() or not is_copayment_line(entry.label):
                found.append((row, entry))  # a copayment that stands in no column is below the table
    if not strip.has_columns and sum(bool(entry.cells and entry.stray) for _, entry in found) >= 2:
        for _, entry in found:
            entry.unsure |= set(entry.cells)  # names with two amounts: there are columns whose heads were not read
    _keep(_without_sums(unwrapped(found)), lines, strip.has_columns)
    return lines


def _is_discount_line(strip: Strip, entry: Entry) -> bool:
    """Whether a negative amount of a table is one of its lines: 優待 below the table is printed without a sign."""
    amounts = [number for token in entry.cells.values() if (number := number_of(token)) is not None]
    return strip.has_columns and total_field(entry.label) == "discount" and any(number < 0 for number in amounts)


def _entries_by_row(strip: Strip, rows: Sequence[Row], lines: StripLines, units_differ: bool
                    ) -> Iterator[tuple[Row, list[Entry]]]:  # fmt: skip
    reader = _TableRows(strip, rows, lines, units_differ) if strip.has_columns else _PairRows(strip, units_differ)
    bands = entries_across(rows, strip.payer) if strip.is_across else ((row, []) for row in rows)
    for row, entries in bands:
        yield row, entries or list(reader.entries(row))


def _without_sums(found: Sequence[tuple[Row, Entry]]) -> list[tuple[Row, Entry]]:
    """Drop rows without a name that add up what is above them: totals whose label is elsewhere or was not read."""
    kept: list[tuple[Row, Entry]] = []
    for row, entry in found:
        sums = [_total(one.cells[role] for _, one in kept if role in one.cells) for role in entry.cells]
        amounts = [_total([token]) for token in entry.cells.values()]
        is_sum = entry.name is None and not entry.stray and len(kept) > 1 and sums == amounts and any(amounts)
        if not is_sum:
            kept.append((row, entry))
    return kept


def _total(tokens: Iterable[Token]) -> Decimal | None:
    """Return what amounts add up to; None where one of them cannot be read."""
    total = Decimal(0)
    for token in tokens:
        number = number_of(token)
        if number is None and token.kind is TokenKind.AMOUNT:
            return None
        total += number or 0
    return total


def _is_fee_line(entry: Entry) -> bool:
    """Whether a pair on a page without heads speaks of money: by its name, its payer's tag, or a total's label."""
    return entry.tagged or bool(entry.name and (looks_like_fee(entry.label) or total_field(entry.label)))


def _is_fee(label: str) -> bool:
    return looks_like_fee(split_tag(label)[0]) and not total_field(label) and not is_copayment_line(label)


def _keep(found: Sequence[tuple[Row, Entry]], lines: StripLines, has_columns: bool) -> None:
    """Keep rows with an amount, and rows without one only where they are a fee's: named so, or between others."""
    filled = [index for index, (_, entry) in enumerate(found) if entry.has_amount]
    for index, (row, entry) in enumerate(found):
        inside = bool(filled) and filled[0] < index < filled[-1]
        named = entry.name is not None and looks_like_fee(split_tag(entry.label)[0]) and not is_title(entry)
        plain = entry.name is not None and not entry.label.isascii() and len(entry.label) <= 14 and not is_title(entry)
        if entry.has_amount or (named and filled) or (inside and plain and has_columns):
            lines.entries.append(entry)
            lines.used |= {id(token) for token in row.tokens}


def is_title(entry: Entry) -> bool:
    """Whether a name without amounts is the title of what follows (`二、住院類`): numbered, or a class of fees."""
    return bool(re.match(r"[(]?(?:[一二三四五六七八九十]|[壹貳參肆伍陸柒捌玖拾])[)、.:]", entry.label)
                or re.search(r"(?:類別?|明細|項目|部分)$", entry.label)) and not entry.has_amount  # fmt: skip


def _payer_of_line(tag: Role | None, amount: Token | None, payer: Role | None, units_differ: bool) -> Role | None:
    """Return who pays an amount: the line's own word first, then its unit, then the section."""
    unit = amount.unit if amount is not None else ""
    said = tag or _LETTERS.get(unit)
    if said is None and units_differ:
        said = _UNITS.get(unit)
    return said or payer or _UNITS.get(unit)


# -- name and amount pairs -------------------------------------------------------------------------------------------


class _PairRows:
    """Rows of name and amount, once or several times; the payer is the strip's, or the line's own tag or unit."""

    def __init__(self, strip: Strip, units_differ: bool) -> None:
        self._payer = strip.payer
        self._units_differ = units_differ

    def entries(self, row: Row) -> Iterator[Entry]:
        name: Token | None = None
        before: Entry | None = None
        if _names_payers(row):
            yield from self._sentence(row)
            return
        tag = _row_tag(row) if len(row.amounts()) == 1 else None
        tokens = [token for token in row.tokens if tag is None or tag_payer(token.text) is None]
        for index, token in enumerate(tokens):
            if is_garbled_amount(token) and name is not None and not _amount_follows(tokens, index):
                token = as_unreadable(token)
            if token.kind is TokenKind.TEXT:
                if name is not None and _is_noise(name, token):
                    continue
                if name is not None:
                    yield self._entry(name, None, tag)
                name = token
            elif name is not None:
                if before is not None:
                    yield before
                before, name = self._entry(name, token, tag), None
            elif token.kind is TokenKind.AMOUNT and before is not None:
                before.stray.append(token)  # two amounts behind one name: which is meant, nothing says
        yield from (one for one in (before, self._entry(name, None, tag) if name else None) if one is not None)

    def _sentence(self, row: Row) -> Iterator[Entry]:
        """Read `診察費：健保345點，自費50元`: each amount is of the payer named before it."""
        entry: Entry | None = None
        payer: Role | None = None
        for token in row.tokens:
            said = _word_payer(token)
            if said is not None:
                payer = said
            elif token.kind is TokenKind.TEXT:
                if entry is not None:
                    yield entry
                entry, payer = Entry(clean_name(token), tagged=True), None
            elif entry is not None and token.kind is TokenKind.AMOUNT:
                if payer is None or payer in entry.cells:
                    entry.stray.append(token)
                else:
                    entry.cells[payer] = token
                    entry.shown = (*entry.shown, payer)
                payer = None
        if entry is not None:
            yield entry

    def _entry(self, name: Token, amount: Token | None, row_tag: Role | None) -> Entry:
        bare, tag = split_tag(name.text)
        tag = tag or _marked_payer(name)
        payer = _payer_of_line(tag or row_tag, amount, self._payer, self._units_differ)
        said = bool(tag or row_tag or (amount and amount.unit in {*_UNITS, *_LETTERS}))
        entry = Entry(clean_name(replace(name, text=bare)), tagged=said)
        if payer is None:
            entry.stray = [amount] if amount else []
            return entry
        entry.shown = (payer,)
        if amount is not None:
            entry.cells = {payer: amount}
            if amount.unit == "點" and payer is Role.SELF_PAY:
                entry.unsure = {payer}
        return entry


def _is_noise(name: Token, token: Token) -> bool:
    """Whether a text behind a fee's name is a piece of a stamp's date or frame."""
    return token.text.isascii() and looks_like_fee(name.text) and not re.search(r"[A-Za-z]{2}", token.text)


def _amount_follows(tokens: Sequence[Token], index: int) -> bool:
    return index + 1 < len(tokens) and tokens[index + 1].kind is TokenKind.AMOUNT


def _names_payers(row: Row) -> bool:
    """Whether payers are named right before amounts, behind a name."""
    said = [_word_payer(token) for token in row.tokens]
    named = [at for at, payer in enumerate(said) if payer is not None and at > 0 and _amount_follows(row.tokens, at)]
    return bool(named) and any(token.kind is TokenKind.TEXT and said[at] is None
                               for at, token in enumerate(row.tokens[: named[0]]))  # fmt: skip


def _word_payer(token: Token) -> Role | None:
    """Return the payer that a text names and nothing else."""
    if token.kind is not TokenKind.TEXT:
        return None
    return tag_payer(token.text) or (_marked_payer(token) if token.text == "部分負擔" else None)


def _marked_payer(name: Token) -> Role | None:
    """Return the payer that a mark at a name stands for, by the page's own note."""
    return Role(name.unit) if name.kind is TokenKind.TEXT and name.unit else None


def _row_tag(row: Row) -> Role | None:
    """Return the payer that a word of its own in the row names."""
    texts = [token for token in row.texts() if not token.is_value]
    tags = {tag_payer(token.text) for token in texts} - {None}
    return next(iter(tags)) if len(tags) == 1 and (len(texts) > 1 or texts[0] is not row.tokens[0]) else None


# -- tables ----------------------------------------------------------------------------------------------------------


class _TableRows:
    """Rows of a name and a cell under each head."""

    def __init__(self, strip: Strip, rows: Sequence[Row], lines: StripLines, units_differ: bool) -> None:
        self._strip, self._lines, self._units_differ = strip, lines, units_differ
        self._height = usual_height([token for row in rows for token in row.tokens])
        self._shown = tuple(role for role in PAYERS if any(head.role is role for head in strip.heads))
        self._column_of = {id(token): one for one in strip.columns for token in one.column.tokens}
        starts = sorted(token.left for row in rows for token in row.texts() if looks_like_fee(token.text))
        names = starts[len(starts) // 2] if starts else -1.0
        self._beside = [
            head
            for head in strip.heads
            if (head.role is None or head.role in ASIDE) and not head.left - self._height < names < head.right
        ]
        self._names, self._first = names, self._end_of_names(names)
        filled = {id(one.head) for one in strip.columns}
        has_amounts = any(one.role is Role.AMOUNT for one in strip.columns)
        self._ticked = [head for head in strip.heads if has_amounts and head.role in PAYERS and id(head) not in filled]

    def _end_of_names(self, names: float) -> float:
        """Return where the first column right of the names begins."""
        columns = [one.column for one in self._strip.columns if len(one.column.tokens) > 1 or one.head is not None]
        right = [column.left for column in columns if column.center > names]
        return min(right, default=2.0)

    def entries(self, row: Row) -> Iterator[Entry]:
        labels = [token for token in row.texts() if total_field(token.text) or is_copayment_line(token.text)]
        if len(labels) > 1:
            return  # totals beside each other below the table
        tag = _row_tag(row) or self._tick(row) or self._lone_tag(row)
        entry = Entry(self._name(row, tag), shown=self._shown, in_table=True, tagged=tag is not None)
        if entry.name is not None:
            bare, own = split_tag(entry.name.text)
            own = own or _marked_payer(entry.name)
            if own is not None and any(one.role is Role.AMOUNT for one in self._strip.columns):
                entry.name, tag, entry.tagged = replace(entry.name, text=bare), tag or own, True
        for token in row.tokens:
            if token.kind is TokenKind.AMOUNT:
                self._put(entry, token, tag)
            elif token.kind is TokenKind.DASH or is_garbled_amount(token):
                one = self._under(token)
                role = self._role(one, token, tag) if one is not None else None
                if role in PAYERS:
                    entry.cells.setdefault(role, token if token.kind is TokenKind.DASH else as_unreadable(token))
        if not entry.has_amount and entry.name is not None and _is_fee(entry.label):
            entry.stray = [token for token in row.amounts()  # in no payer's column, yet somebody pays it
                           if token.left > entry.name.right and not self._is_aside(token)]  # fmt: skip
        if entry.name is not None or entry.has_amount:
            yield entry

    def _tick(self, row: Row) -> Role | None:
        """Return the payer under whose head a row bears a tick in place of an amount."""
        ticked = {head.role for head in self._ticked for token in row.texts() if self._is_tick(token, head)}
        return next(iter(ticked)) if len(ticked) == 1 else None

    def _lone_tag(self, row: Row) -> Role | None:
        """Return the payer that a row without a name bears: its name stands in the row above."""
        texts = row.texts()
        is_alone = len(texts) == 1 and texts[0].left > self._names + 3 * self._height
        return (
            tag_payer(texts[0].text)
            if is_alone and any(one.role is Role.AMOUNT for one in self._strip.columns)
            else None
        )

    def _is_tick(self, token: Token, head: Head) -> bool:
        return bool(_TICK.fullmatch(token.text)) and head.left - self._height < token.center < head.right + self._height

    def _is_aside(self, token: Token) -> bool:
        role = self._column_of[id(token)].role if id(token) in self._column_of else None
        return role in ASIDE and role is not Role.LINE_TOTAL

    def _role(self, placed: PlacedColumn, token: Token, tag: Role | None) -> Role | None:
        if placed.role is Role.AMOUNT:
            return _payer_of_line(tag, token, self._strip.payer, self._units_differ) or Role.AMOUNT
        return placed.role

    def _put(self, entry: Entry, token: Token, tag: Role | None) -> None:
        placed = self._column_of.get(id(token))
        if placed is None:
            return
        role = self._role(placed, token, tag)
        if role in ASIDE:
            self._lines.aside += 1
        elif role is Role.AMOUNT:
            entry.stray.append(token)
        elif role is None or role is Role.NAME:
            self._put_loose(entry, token, placed)
        elif role in entry.cells:
            self._lines.clashes += 1
            entry.unsure.add(role)
            entry.stray.append(token)
        else:
            entry.cells[role] = token
            if tag is not None and tag is not role:
                self._lines.clashes += 1  # the row's own word says another payer than the column's head
                entry.unsure.add(role)
            if placed.role is Role.AMOUNT and role not in self._shown:
                entry.shown = (*entry.shown, role)
                entry.tagged = entry.tagged or token.unit in {*_UNITS, *_LETTERS}

    def _put_loose(self, entry: Entry, token: Token, placed: PlacedColumn) -> None:
        """Place an amount that stands in no column: under the one it overlaps, with a doubt."""
        other = self._under(token)
        if other is not None and other.role in PAYERS and other.role not in entry.cells:
            entry.cells[other.role] = token
            entry.unsure.add(other.role)
        elif self._is_money(token, placed) and (entry.name is None or token.left > entry.name.right):
            entry.stray.append(token)

    def _is_money(self, token: Token, placed: PlacedColumn) -> bool:
        """Whether an amount is one of several below each other, or clear enough to be no piece of a stamp."""
        return len(placed.column.tokens) > 1 or (len(token.text) > 1 and token.score >= _CLEAR and not token.is_value)

    def _under(self, token: Token) -> PlacedColumn | None:
        slack = 0.5 * self._height
        over = [
            one
            for one in self._strip.columns
            if one.role is not None and one.column.left - slack < token.center < one.column.right + slack
        ]
        return min(over, key=lambda one: abs(one.column.center - token.center), default=None)

    def _name(self, row: Row, tag: Role | None) -> Token | None:
        texts = [token for token in row.texts() if not self._is_beside(token) and not is_garbled_amount(token)
                 and (tag is None or tag_payer(token.text) is None)
                 and not any(self._is_tick(token, head) for head in self._ticked)]  # fmt: skip
        left = [token for token in texts if token.left < self._first]
        name: Token | None = None
        for token in left or texts[:1]:
            name = token if name is None else join(name, token)
        if row.amounts():
            self._lines.lost += sum(len(token.text) > 1 and looks_like_fee(token.text) for token in texts
                                    if token not in (left or texts[:1]))  # fmt: skip
        return clean_name(name) if name else None

    def _is_beside(self, token: Token) -> bool:
        """Whether a text stands in a column of codes, units or remarks."""
        return len(token.text) <= 10 and any(head.left < token.center < head.right for head in self._beside)
