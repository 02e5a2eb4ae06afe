"""The lines of an invoice out of a table of a transcript, each cell by the head of its column."""

from collections.abc import Sequence

from extraction.layout.invoice_columns import columns_of
from extraction.layout.invoice_rows import Piece, Row
from extraction.layout.invoice_words import kind_of_label
from extraction.layout.total_words import total_field
from extraction.readers.cells import is_amount, printed_amount
from extraction.readers.fee_lines import words_of
from extraction.readers.markup import Block, Cell, Table
from schemas.document import cells_of
from schemas.invoice import InvoiceItem
from schemas.layout import BoundingBox, TextLine

_FOOT = frozenset({"total", "subtotal", "tax", "including", "due", "paid", "change", "rounding"})
_MONEY = ("unit_price", "amount")


def read_goods(table: Table) -> list[dict[str, str | None]]:
    """Return the lines under heads that name a thing and a number; none where no such heads are printed."""
    kinds: dict[str, int] = {}
    goods: list[dict[str, str | None]] = []
    for row in table.rows:
        heads = _heads(row)
        if heads:
            kinds = heads
        elif kinds and (line := _line(row, kinds)):
            goods.append(line)
    return goods


def tabulated(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks with lines under a line of heads made a table: a name and a number for every other head."""
    result: list[Block] = []
    rows: list[tuple[Cell, ...]] = []
    for block in [*blocks, None]:
        cells = () if block is None or isinstance(block, Table) else _cells(block.text, rows)
        if rows and cells and len(cells) == len(rows[0]):
            rows.append(cells)
            continue
        if rows:
            result.append(Table(tuple(rows)))
            rows = []
        if _heads(cells):
            rows = [cells]
        elif block is not None:
            result.append(block)
    return result


def _cells(line: str, rows: Sequence[object]) -> tuple[Cell, ...]:
    """Return the words of a line of heads, or the name and the numbers of a line under it."""
    texts = line.split()
    if rows:
        words = words_of(line)
        texts = [word.text for word in words]
        if not words or words[0].amount is not None or any(word.amount is None for word in words[1:]):
            return ()
    return tuple(Cell(text, place) for place, text in enumerate(texts))


def _heads(row: Sequence[Cell]) -> dict[str, int]:
    """Return the column of each kind; of two columns of a kind neither is taken."""
    if any(character.isdigit() for cell in row for character in cell.text):
        return {}
    kinds = [_kind(cell.text) for cell in row]
    found = {kind: kinds.index(kind) for kind in kinds if kind and kind != "other" and kinds.count(kind) == 1}
    is_head = "description" in found and len(found) > 1
    return found if is_head else {}


def _kind(text: str) -> str | None:
    bare = "".join(text.split()) if not text.isascii() else text
    if not bare or len(bare) > 24:
        return None
    box = BoundingBox(0.0, 0.0, 1.0, 1.0)
    columns = columns_of(Row([Piece(bare, 0.0, 1.0, 0.0, 1.0, TextLine(text=bare, box=box))]))
    kinds = {column.kind for column in columns}
    return kinds.pop() if len(kinds) == 1 else "other" if kinds else None


def _line(row: Sequence[Cell], kinds: dict[str, int]) -> dict[str, str | None] | None:
    cells = {kind: row[column] for kind, column in kinds.items() if column < len(row)}
    name = cells["description"].text if "description" in cells else ""
    others = [cell for kind, cell in cells.items() if kind != "description"]
    if not name or any(cell.origin == cells["description"].origin for cell in others):
        return None
    has_count = any(cells[kind].text for kind in ("quantity", "unit_price") if kind in cells)
    if not any(is_amount(cell.text) for cell in others) or (_is_foot(name) and not has_count):
        return None
    line: dict[str, str | None] = {field: None for field in cells_of(InvoiceItem)} | {"description": name}
    for kind, cell in cells.items():
        if kind == "description":
            continue
        printed = printed_amount(cell.text) if kind in _MONEY else None
        line[kind] = printed.text if printed else cell.text or None
    return line


def _is_foot(name: str) -> bool:
    return total_field(name) is not None or kind_of_label(name) in _FOOT
