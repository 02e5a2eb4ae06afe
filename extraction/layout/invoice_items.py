"""The lines of an invoice: under column heads where there are any, else every named amount above the sums."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extraction.layout.invoice_amount import Amount, NumberStyle, amounts_in, without_amounts
from extraction.layout.invoice_header import is_item_head
from extraction.layout.invoice_label import SUMMARY, fold_label, kind_of_label
from extraction.layout.invoice_rows import Found, Piece, Row, found

_HEADS = (  # longest first where one word holds another
    ("unit_price", r"單\s?價|UNIT\s?PRICE|U\.?\s?PRICE|U/P|S/PRICE|PRICE|RATE|PRIX(?: UNITAIRE)?|EINZELPREIS|HARGA"),
    ("quantity", r"數\s?量|QTY(?:/HR)?|Q[I1]Y|QUANTITY|QUANTIT[ÉE]|MENGE|ANZAHL|KUANTITI"),
    ("amount", r"金\s?額|LINE TOTAL|TOTAL(?! TAX)|AM[OA]UNT|AMT|小計|總數|MONTANT|BETRAG|SUMME|JUMLAH"
               r"|(?<![A-Z])RM(?![A-Z])"),
    ("description", r"品\s?名(?:規格)?|品項|項目|產品|(?:CODE/)?DESC(?:RIPTION|RINT ION)?|ITEM(?! CODE)|[L1]TEM"
                    r"|PARTICULARS|PRODUCT|DESIGNATION"
                    r"|D[ÉE]SIGNATION|BEZEICHNUNG|ARTIKEL|BUTIRAN"),
    ("other", r"備\s?註|TAX(?:ES)?|DISC(?:OUNT)?[.%()]*|ITEM CODE|DATE|UM(?![A-Z])|UOM|項\s?次"),
)  # fmt: skip
_SUMS = ("total", "including", "due")
_NOT_ITEMS = (*_SUMS, "subtotal", "tax", "service", "rounding", "change", "paid", "other", "summary")
_QUANTITY = re.compile(r"^\(?(\d{1,3})\s?[xX×]?\)?[.、]?\s?(?=[^\W\d]{2}|[^\W\d] )")
_CODE = re.compile(
    r"[A-Z]?[\d\-]*|[A-Z]?\d[\dA-Z\-]*|[A-Z]|x?\s?\d+\s?PC|\([A-Z0-9 ]+\)|[xX]\s?\d+|[\d\s]*No", re.IGNORECASE
)
_HEADER_ROW = re.compile(
    r"地址|電話|TEL\b|PHONE|FAX|員工|收銀|店號|單號|號碼|ASSOCIATE|CASHIER|ORDER|ORD #|日期|時間|機號|STREET"
    r"|ROAD|\d號[鋪舖樓]|商場"
    r"|GST (?:ID|NO|REG)|REG\.? NO|INVOICE|RECEIPT|TABLE|JALAN|JLN|[/-](?:19|20)\d\d(?!\d)|(?:19|20)\d\d[/-]\d"
    r"|\d:\d\d"
    r"|人數|桌號|檯號|座|BILL|TERRITORIES|統編|統一編號", re.IGNORECASE)  # fmt: skip
_MOST_ITEMS = 300


@dataclass
class Item:
    """One line; an absent cell is blank on the paper."""

    cells: dict[str, Found] = field(default_factory=dict)

    @property
    def amount(self) -> Decimal | None:
        """The line's amount, or what quantity and price make where none is printed."""
        cell = self.cells.get("amount")
        return Decimal(cell.value) if cell else None


@dataclass(frozen=True)
class _Column:
    kind: str
    left: float
    right: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def find_items(rows: Sequence[Row], style: NumberStyle) -> list[Item]:
    """Return the lines in the order of the page."""
    for number, row in enumerate(rows):
        columns = _columns_of(row) if is_item_head(row) else []
        if len({column.kind for column in columns} - {"other"}) >= 2:
            body = _body(rows, number + 1, style)
            items = _under_heads(body, columns, style)
            if items:
                return items[:_MOST_ITEMS]
    return _without_heads(rows, style)[:_MOST_ITEMS]


def sum_of(items: Sequence[Item]) -> Decimal | None:
    """Return the sum of the amounts, or None where a line has none."""
    amounts = [item.amount for item in items]
    return sum((a for a in amounts if a is not None), Decimal(0)) if amounts and None not in amounts else None


# -- under heads -----------------------------------------------------------------------------------------------------


def _columns_of(row: Row) -> list[_Column]:
    columns: list[_Column] = []
    for piece in row.pieces:
        text, taken = piece.text.upper(), set[int]()
        for kind, words in _HEADS:
            for match in re.finditer(words, text):
                if not taken & set(range(*match.span())):
                    taken |= set(range(*match.span()))
                    box = piece.part(match.start(), match.end())
                    columns.append(_Column(kind, box.left, box.right))
        if text in ("品", "名") and not any(column.kind == "description" for column in columns):
            columns.append(_Column("description", piece.left, piece.right))
    return _one_of_each(sorted(columns, key=lambda column: column.left))


def _one_of_each(columns: list[_Column]) -> list[_Column]:
    """Keep the last of two columns of a kind (S/Price with tax, Item before Description), the rest as others."""
    last = {column.kind: column for column in columns}
    return [c if last[c.kind] is c else _Column("other", c.left, c.right) for c in columns]


def _body(rows: Sequence[Row], start: int, style: NumberStyle) -> list[Row]:
    """Return the rows from the heads to the first sum."""
    body = []
    for row in rows[start:]:
        kind = kind_of_label(row.text)
        has_amount = any(amounts_in(piece, style) for piece in row.pieces)
        if SUMMARY.search(fold_label(row.text)) or (kind in _SUMS and (has_amount or len(row.pieces) == 1)):
            break
        body.append(row)
    return body


def _under_heads(body: Sequence[Row], columns: Sequence[_Column], style: NumberStyle) -> list[Item]:
    zone = _description_zone(columns)
    items: list[Item] = []
    bare: list[tuple[int, Found]] = []
    lines: list[tuple[int, Item]] = []
    for number, row in enumerate(body):
        if kind_of_label(_label_of(row, style)) in ("subtotal", "tax", "service", "rounding"):
            break
        item = _line_of(row, columns, zone, style)
        if "amount" in item.cells or "unit_price" in item.cells:
            items.append(item)
            lines.append((number, item))
        elif "description" in item.cells:
            bare.append((number, item.cells["description"]))
    _name_codes(lines, bare)
    return [item for item in items if len(item.cells) > 1]


def _label_of(row: Row, style: NumberStyle) -> str:
    return " ".join(piece.text for piece in row.pieces if not amounts_in(piece, style))


def _description_zone(columns: Sequence[_Column]) -> tuple[float, float]:
    head = next((column for column in columns if column.kind == "description"), None)
    numbers = [column for column in columns if column.kind in ("quantity", "unit_price", "amount")]
    if head is None:
        after = [column.left for column in numbers if column.kind != "quantity"]
        return 0.0, min(after, default=1.0)
    left = max(
        (column.right for column in columns if column.right <= head.left and column.kind != "other"), default=0.0
    )
    return left, min((column.left for column in columns if column.left >= head.right), default=1.0)


def _line_of(row: Row, columns: Sequence[_Column], zone: tuple[float, float], style: NumberStyle) -> Item:
    item = Item()
    names: list[Piece] = []
    found_amounts: list[Amount] = []
    numeric = [column for column in columns if column.kind != "description"]
    for piece in row.pieces:
        amounts = amounts_in(piece, style)
        middle = (piece.left + piece.right) / 2
        has_letters = len(re.findall(r"[^\W\d_]", piece.text)) >= 2
        if zone[0] <= middle < zone[1] and (has_letters or not amounts):
            names.append(piece)
            continue
        found_amounts += amounts
    for column, amount in _assign(numeric, sorted(found_amounts, key=lambda a: a.middle)):
        if column.kind != "other":
            item.cells[column.kind] = amount.found()
    if names:
        _describe(item, names)
    return item


def _assign(columns: Sequence[_Column], amounts: Sequence[Amount]) -> list[tuple[_Column, Amount]]:
    """Give amounts to columns in their order, so that the distances are least: columns may lean."""

    def distance(column: _Column, amount: Amount) -> float:
        return min(abs(column.middle - amount.middle), abs(column.right - amount.right))

    if len(amounts) > len(columns):
        nearest = sorted(amounts, key=lambda amount: min((distance(c, amount) for c in columns), default=1.0))
        amounts = sorted(nearest[: len(columns)], key=lambda amount: amount.middle)
    choices = (zip(chosen, amounts, strict=True) for chosen in itertools.combinations(columns, len(amounts)))
    pairs = [list(choice) for choice in choices]
    return min(pairs, key=lambda choice: sum(distance(c, a) for c, a in choice), default=[])


def _describe(item: Item, names: Sequence[Piece]) -> None:
    """Join the texts of the description; a count before the name is the quantity where no column gave one."""
    text = " ".join(piece.text for piece in names).strip()
    match = _QUANTITY.match(text)
    if match and "quantity" not in item.cells:
        item.cells["quantity"] = found(names[0], match[1], match.start(1), match.end(1))
        text = text[match.end() :]
    text = re.sub(r"^[\s:.\-]+", "", text).strip()
    if text:
        whole = names[0].line.box
        for piece in names[1:]:
            whole = whole.union(piece.line.box)
        evidence = found(names[0], text).evidence.model_copy(update={"box": whole.rounded(), "text": text})
        item.cells["description"] = Found(text, evidence)


def _name_codes(lines: Sequence[tuple[int, Item]], bare: Sequence[tuple[int, Found]]) -> None:
    """Give a line that shows but a code the name on the row above or below it, whichever way the page does it."""
    names = dict(bare)
    lacking = [
        (number, item)
        for number, item in lines
        if "description" not in item.cells or _CODE.fullmatch(item.cells["description"].value)
    ]
    if not lacking:
        return
    step = -1 if min(names, default=10**6) < lines[0][0] else 1
    for number, item in lacking:
        if number + step in names:
            item.cells["description"] = names[number + step]


# -- without heads ---------------------------------------------------------------------------------------------------


def _without_heads(rows: Sequence[Row], style: NumberStyle) -> list[Item]:
    """Return the named amounts above the first sum of a shop receipt."""
    lines: list[tuple[int, Item]] = []
    bare: list[tuple[int, Found]] = []
    for number, row in enumerate(rows):
        if _HEADER_ROW.search(row.text):
            continue
        amounts = [amount for piece in row.pieces for amount in amounts_in(piece, style)]
        kind = kind_of_label(_text_before(row, amounts[-1])) if amounts else None
        if kind in ("subtotal", *_SUMS) and amounts:
            break
        item = Item()
        texts = [piece for piece in row.pieces if re.search(r"[^\W\d]", piece.text) and not _only_amount(piece, style)]
        if texts:
            _describe_before(item, texts, amounts[-1] if amounts else None)
        is_discount = kind == "discount" and bool(lines)
        if amounts and _is_price(amounts[-1], style) and (kind not in _NOT_ITEMS or is_discount):
            item.cells["amount"] = amounts[-1].found()
            lines.append((number, item))
        elif "description" in item.cells and not amounts:
            bare.append((number, item.cells["description"]))
    else:
        return []  # no sum: nothing says that these are lines
    _name_codes(lines, bare)
    return [item for _, item in lines if "description" in item.cells]


def _text_before(row: Row, amount: Amount) -> str:
    texts = [piece.text for piece in row.pieces if piece is not amount.piece and piece.left < amount.piece.left]
    return " ".join([*texts, amount.piece.text[: amount.start]])


def _only_amount(piece: Piece, style: NumberStyle) -> bool:
    amounts = amounts_in(piece, style)
    return bool(amounts) and len(fold_label(without_amounts(piece, amounts))) <= 2


def _is_price(amount: Amount, style: NumberStyle) -> bool:
    at_right = amount.right > 0.5
    return at_right and (amount.has_decimals or amount.currency is not None or not style.has_cents)


def _describe_before(item: Item, texts: Sequence[Piece], amount: Amount | None) -> None:
    _describe(item, texts)
    cell = item.cells.get("description")
    if cell and amount is not None and amount.piece in texts:
        text = re.sub(r"[\s$]*" + re.escape(amount.piece.text[amount.start :]) + r"$", "", cell.value).strip()
        if text:
            item.cells["description"] = Found(text, cell.evidence)
