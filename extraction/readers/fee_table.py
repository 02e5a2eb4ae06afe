"""Fee lines out of the tables of a transcript: each amount under the payer that its column's head names, or none."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from extraction.layout.total_words import GRAND, SUBTOTAL, total_field
from extraction.layout.words import ASIDE, PAYERS, HeadWord, Role, looks_like_fee, section_payer, split_tag
from extraction.readers.cells import head, is_amount, printed_amount
from extraction.readers.markup import Cell, Table
from schemas.values import UNREADABLE

Row = tuple[Cell, ...]
_MOST_HEAD_ROWS = 3
UNKNOWN_PAYERS = (Role.NHI, Role.SELF_PAY)
"""What stays unread where nothing says whose an amount is."""


@dataclass
class Fee:
    """One line, or one total's row: amounts by payer as printed, and the payers whose cell could not be told."""

    name: str
    amounts: dict[Role, str | None] = field(default_factory=dict)
    unread: set[Role] = field(default_factory=set)
    source: tuple[int, int] = (0, 0)
    """Table or section, and group of columns in it."""
    tagged: bool = False


@dataclass(frozen=True)
class Panel:
    """One group of columns: a name and the amounts that belong to it."""

    name: int
    payers: dict[Role, int]
    unknown: tuple[int, ...] = ()
    payer: Role | None = None
    """Whose items the head of the names says these are."""

    @property
    def columns(self) -> tuple[int, ...]:
        """All columns of amounts."""
        return (*self.payers.values(), *self.unknown)


@dataclass
class TableFees:
    """What a table holds."""

    fees: list[Fee] = field(default_factory=list)
    totals: list[Fee] = field(default_factory=list)
    rest: list[tuple[str, ...]] = field(default_factory=list)
    """Rows that are no fee lines: labels and values of the header or the foot."""


def read_table(table: Table, number: int, payer: Role | None = None) -> TableFees:
    """Return the fee lines of a table; `payer` is that of the section it stands in, `number` tells tables apart."""
    found, rows, panels = TableFees(), _once(table.rows), tuple[Panel, ...]()
    has_heads, index, width, headless = False, 0, _usual_width(rows), _headless(rows)
    while index < len(rows):
        count = _head_rows(rows, index)
        if count:
            body = rows[index + count :]
            width = _usual_width([row for row in body if _section(row) is None])
            panels = _panels(rows[index : index + count], body)
            has_heads = True
            found.rest += [] if panels else [_texts(row) for row in rows[index : index + count]]
            index += count
            continue
        section = _section(rows[index])
        if section is not None:
            payer = section
            panels = panels if has_heads else _headless(rows[index + 1 :])
            number += 1000  # another part of the page: a name may come again for another payer
        else:
            _read_row(rows[index], panels or headless, found, payer, (number, has_heads), width)
        index += 1
    return found


def _once(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with an amount that spans several of them in the first only; what the others hold is unknown."""
    seen: set[int] = set()
    result = []
    for row in rows:
        again = {cell.origin for cell in row if cell.origin in seen and is_amount(cell.text)}
        result.append(tuple(Cell(UNREADABLE, cell.origin) if cell.origin in again else cell for cell in row))
        seen |= {cell.origin for cell in row}
    return result


# -- heads -------------------------------------------------------------------------------------------------------------


def _unique(row: Row) -> list[Cell]:
    """Return the cells that say something, a spanning one once."""
    return list({cell.origin: cell for cell in row if cell.text}.values())


def _texts(row: Row) -> tuple[str, ...]:
    return tuple(cell.text for cell in _unique(row))


def _head_rows(rows: Sequence[Row], start: int) -> int:
    """Return how many rows from here on are one block of column heads; 0 for none."""
    best = 0
    if _section(rows[start]) is not None:
        return 0
    for count in range(1, min(_MOST_HEAD_ROWS, len(rows) - start) + 1):
        cells = _unique(rows[start + count - 1])
        words = [head(cell.text) for cell in cells]
        known = sum(word is not None for word in words)
        if any(is_amount(cell.text) for cell in cells) or known * 2 < len(words) or not known:
            break
        if _section(rows[start + count - 1]) is not None:
            break  # 健保項目 under the heads begins a part of the table, it does not name the column
        block = [head(cell.text) for row in rows[start : start + count] for cell in _unique(row)]
        if _is_head_block([word for word in block if word is not None], count):
            best = count
    return best


def _is_head_block(words: Sequence[HeadWord], count: int) -> bool:
    payers = [word for word in words if word.role in PAYERS or word.payer is not None]
    has_item = any(word.role is Role.NAME for word in words)
    has_money = any(word.role is Role.AMOUNT for word in words)
    if not any(word.sure for word in payers):
        return has_item and has_money and count == 1
    return len(payers) >= 2 or (has_item and len(words) >= 2)


def _section(row: Row) -> Role | None:
    cells = _unique(row)
    return section_payer(cells[0].text) if len(cells) == 1 else None


def _panels(heads: Sequence[Row], body: Sequence[Row]) -> tuple[Panel, ...]:
    """Return the groups of columns; none where no column holds names, as in a strip of totals."""
    until = next((index for index in range(len(body)) if _head_rows(body, index)), len(body))
    body = [row for row in body[:until] if _section(row) is None]
    width = _usual_width(body) or max(len(row) for row in heads)
    holds_text = [_holds_text(body, column) for column in range(width)]
    spread = [_spread(row, holds_text) for row in heads]
    if max(len(row) for row in spread) != width:
        return _headless(body)  # a head is missing or one too many: nobody knows which
    filled = [row + (Cell("", -1),) * (width - len(row)) for row in spread]
    words = [_column_word(column) for column in zip(*filled, strict=True)]
    if any(word and word.role is Role.NAME and not text for word, text in zip(words, holds_text, strict=True)) and body:
        return _headless(body)  # heads that stand beside their columns
    has_named = any(word is not None and word.role is Role.NAME for word in words)
    roles = [_role(word, text, has_named) for word, text in zip(words, holds_text, strict=True)]
    return _grouped(roles, words, [_holds_anything(body, column) for column in range(width)])


def _usual_width(body: Sequence[Row]) -> int:
    """Return the number of cells that most rows have."""
    widths = Counter(len(row) for row in body)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _spread(row: Row, holds_text: Sequence[bool]) -> Row:
    """Widen a row of heads to the table: two heads over eight columns stand over four each, if both fours are alike."""
    words, width = [head(cell.text) for cell in row], len(holds_text)
    payers_alone = bool(words) and all(word is not None and word.role is not Role.NAME for word in words)
    share = width // max(len(row), 1)
    if payers_alone and 1 < len(row) < width and share * len(row) == width:
        groups = {tuple(holds_text[start : start + share]) for start in range(0, width, share)}
        if len(groups) == 1:
            return tuple(cell for cell in row for _ in range(share))
    return row


def _column_word(column: Sequence[Cell]) -> HeadWord | None:
    """Return what the heads above each other say together: `健保` over `金額` is an NHI amount."""
    words = [head(cell.text) for cell in {cell.origin: cell for cell in column if cell.text}.values()]
    stack = [word for word in words if word is not None]
    if not stack:
        return None
    word = stack[-1]
    for above in reversed(stack[:-1]):
        says = above.role if above.role in PAYERS else above.payer
        if word.role is Role.AMOUNT and says is not None:
            word = HeadWord(says, None, above.sure)
        elif word.role is Role.AMOUNT and above.role in ASIDE:
            word = above
        elif word.role is Role.NAME and word.payer is None:
            word = replace(word, payer=says)
    return word


def _holds_text(body: Sequence[Row], column: int) -> bool:
    cells = [row[column].text for row in body if len(row) > column and row[column].text]
    amounts = sum(is_amount(text) for text in cells)
    return len(cells) > 2 * amounts


def _holds_anything(body: Sequence[Row], column: int) -> bool:
    return any(len(row) > column and printed_amount(row[column].text) is not None for row in body)


def _role(word: HeadWord | None, holds_text: bool, has_named: bool) -> Role | None:
    """Return what a column holds, by its head and its cells; None for what nothing is said of."""
    if word is None:
        return Role.NAME if holds_text and not has_named else Role.OTHER if holds_text else None
    if word.role in PAYERS and holds_text and not has_named:
        return Role.NAME  # the head of a group stands over its names
    return word.role


def _grouped(roles: Sequence[Role | None], words: Sequence[HeadWord | None],
             filled: Sequence[bool]) -> tuple[Panel, ...]:  # fmt: skip
    names = [column for column, role in enumerate(roles) if role is Role.NAME]
    panels, payer = [], None
    for number, name in enumerate(names):
        first = 0 if number == 0 else name
        last = names[number + 1] if number + 1 < len(names) else len(roles)
        word = words[name]
        if word is not None:
            payer = word.payer or (word.role if word.role in PAYERS else None)
        panels.append(_panel(range(first, last), name, roles, filled, payer))
    return tuple(panel for panel in panels if panel.columns)


def _panel(columns: Sequence[int], name: int, roles: Sequence[Role | None], filled: Sequence[bool],
           payer: Role | None) -> Panel:  # fmt: skip
    payers: dict[Role, int] = {}
    unknown: list[int] = []
    twice: set[Role] = set()
    for column in columns:
        role = roles[column]
        if column == name or role in ASIDE or role is Role.NAME:
            continue
        if role in PAYERS and role not in payers:
            payers[role] = column
        elif role in PAYERS:
            twice.add(role)
        elif filled[column] and (role is Role.AMOUNT or column > name):
            unknown.append(column)
    is_shifted = any(roles[column] is None and column > name for column in unknown) and not all(
        filled[column] for column in payers.values()
    )
    if twice or is_shifted:  # two columns under one head, or amounts beside their heads
        return Panel(name, {}, tuple(column for column in columns if filled[column] and column != name), payer)
    if payer is not None and not payers and len(unknown) == 1:
        return Panel(name, {payer: unknown[0]}, (), payer)
    return Panel(name, payers, tuple(unknown), payer)


def _headless(rows: Sequence[Row]) -> tuple[Panel, ...]:
    """Return pairs of a name and an amount, once or several times a row, where no heads are printed."""
    body = [row for row in rows if _section(row) is None]
    width = max((len(row) for row in body), default=0)
    roles = [Role.NAME if _holds_text(body, column) else None for column in range(width)]
    return _grouped(roles, [None] * width, [_holds_anything(body, column) for column in range(width)])


# -- rows --------------------------------------------------------------------------------------------------------------


def _read_row(row: Row, panels: Sequence[Panel], found: TableFees, payer: Role | None,
              source: tuple[int, bool], width: int) -> None:  # fmt: skip
    number, has_heads = source
    fees = [fee for index, panel in enumerate(panels) if (fee := _fee(row, panel, payer, (number, index)))]
    is_short = len(row) != width and any(fee.amounts or fee.unread for fee in fees)
    totals = [fee for fee in fees if total_field(fee.name)]
    if totals or not all(_is_line(fee, has_heads) for fee in fees) or not fees:
        found.totals += [] if is_short else [fee for fee in totals if fee.amounts]
        found.rest.append(_texts(row))
        return
    for fee in fees:
        if is_short:  # a cell is missing or one too many, nobody knows which
            fee.unread |= {role for role, text in fee.amounts.items()}
            fee.amounts = {}
        found.fees.append(fee)


def _is_line(fee: Fee, has_heads: bool) -> bool:
    """Whether a name with its amounts is a fee's; without heads only what is named like one."""
    has_amount = bool(fee.unread) or any(text is not None for text in fee.amounts.values())
    if not has_heads and not fee.amounts:
        return looks_like_fee(split_tag(fee.name)[0])
    return has_amount or looks_like_fee(fee.name) or (fee.name != UNREADABLE and len(fee.name) <= 14)


def _fee(row: Row, panel: Panel, payer: Role | None, source: tuple[int, int]) -> Fee | None:
    name = row[panel.name].text if len(row) > panel.name else ""
    cells = {role: row[column] for role, column in panel.payers.items() if len(row) > column}
    loose = [row[column] for column in panel.unknown if len(row) > column and row[column].text]
    if not name and not any(cell.text for cell in (*cells.values(), *loose)):
        return None
    fee = Fee(name or UNREADABLE, source=source)
    if len(row) > panel.name and any(cell.origin == row[panel.name].origin for cell in (*cells.values(), *loose)):
        return fee  # one cell across the table: a remark
    for role, cell in cells.items():
        _put(fee, role, cell, shared=sum(other.origin == cell.origin for other in cells.values()) > 1)
    for role in panel.payers.keys() - cells.keys():
        fee.unread.add(role)
    if not panel.payers and loose:
        _put_loose(fee, loose, payer)
    elif (
        loose
        and panel.payer is None
        and set(UNKNOWN_PAYERS) - panel.payers.keys()
        and not _is_total_column(loose, cells)
    ):
        fee.unread |= set(UNKNOWN_PAYERS) - panel.payers.keys()
    return fee


def _is_total_column(loose: Sequence[Cell], cells: dict[Role, Cell]) -> bool:
    """Whether the amounts without a payer repeat those that have one."""
    return {cell.text for cell in loose} <= {cell.text for cell in cells.values()}


def _put(fee: Fee, role: Role, cell: Cell, *, shared: bool) -> None:
    printed = printed_amount(cell.text)
    if shared and cell.text:
        fee.unread.add(role)
    elif printed is None:
        fee.amounts[role] = cell.text or None
    elif printed.payer is Role.NHI and role is not Role.NHI:
        fee.unread.add(role)  # points under a head for money
    else:
        fee.amounts[role] = printed.text


def _put_loose(fee: Fee, loose: Sequence[Cell], payer: Role | None) -> None:
    """Give an amount without a payer's head to the section, to the name's own tag, or to the unit; else to nobody."""
    bare, tag = split_tag(fee.name)
    printed = [printed_amount(cell.text) for cell in loose]
    unit = printed[0].payer if len(printed) == 1 and printed[0] else None
    whose = tag or payer or (Role.NHI if unit is Role.NHI else None)
    if whose is None or len(loose) > 1 or (unit is Role.NHI and whose is not Role.NHI):
        fee.unread |= set(UNKNOWN_PAYERS)
        return
    fee.name, fee.tagged = (bare, True) if tag else (fee.name, unit is Role.NHI and payer is None)
    _put(fee, whose, loose[0], shared=False)


def of_columns(total: Fee) -> Iterator[tuple[str, str | None, bool]]:
    """Yield the fields that a row of totals gives: (field, amount, whether by its column)."""
    named = total_field(total.name)
    fields = {Role.NHI: "nhi_total", Role.COPAYMENT: "copayment_total", Role.SELF_PAY: "self_pay_total"}
    if named in (SUBTOTAL, GRAND):
        yield from ((fields[role], text, True) for role, text in total.amounts.items())
    elif named is not None:
        texts = {text for text in total.amounts.values() if text not in (None, "0")}
        own = {"nhi_total": Role.NHI, "copayment_total": Role.COPAYMENT, "self_pay_total": Role.SELF_PAY}.get(named)
        if len(texts) == 1:
            yield named, texts.pop(), False
        elif own in total.amounts:
            yield named, total.amounts[own], False
