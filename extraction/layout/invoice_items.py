"""The lines of an invoice: under column heads where there are any, else every named amount above the sums."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extraction.layout.invoice_amount import Amount, NumberStyle, amounts_in, without_amounts
from extraction.layout.invoice_columns import Column, assign, columns_of, complete, description_zone, is_item_head
from extraction.layout.invoice_rows import Found, Piece, Row, found
from extraction.layout.invoice_words import SUMMARY, fold_label, kind_of_label

_SUMS = ("total", "including", "due")
_NOT_ITEMS = (*_SUMS, "subtotal", "tax", "service", "rounding", "change", "paid", "other", "weak", "discount")
_ALL_QUANTITIES = re.compile("TOTALQTY|TOTALQUAMTLTY|總數量|總件數")
_QUANTITY = re.compile(
    r"^\(?(\d{1,3})\s?[xX×]\)?[.\s]*(?=\S)|^(\d{1,3})[.、]?\s+(?=[^\W\d]|[(\[])|^([1-9])(?=[^\W\dA-Za-z寸入])"
)
_CODE = re.compile(
    r"[A-Z]?[\d\-]*|[A-Z]?\d[\dA-Z\-]*|[A-Z]|[x×]?\s?\d+\s?PCS?\)?|\([A-Z0-9 ]+\)|[xX]\s?\d+|[\d\s]*No", re.IGNORECASE
)
_HEADER_ROW = re.compile(
    r"地址|電話|\bTEL\b|PHONE|FAX|員工|收銀|店號|單號|號碼|(?<![a-z])(?:ASSOCIATE|CASHIER|ORDER|TABLE|JALAN|JLN|STREET|ROAD"
    r"|INVOICE|RECEIPT)(?![a-z])|ORD #|日期|時間|機號"
    r"|\d號[鋪舖樓]|商場|GST (?:ID|NO|REG)|REG\.? NO|[/-](?:19|20)\d\d(?!\d)"
    r"|(?:19|20)\d\d[/-]\d|(?<![$\d])\d{1,2}:\d\d|[路街巷弄段]\S{0,8}號|民國|年.{0,4}月|人數|^機\s?\d|桌號|檯號|統編|統一編號",
    re.IGNORECASE,
)
_PRICES_FROM = 0.5
"""Where prices may end, as a fraction of the print's width: a number further left belongs to the name."""
_MOST_ITEMS = 300
_LONGEST_SUM = 22
"""Letters of a row that names a sum; a longer text with such a word in it is what was sold."""

Bare = dict[int, Found]
"""Row number → the text of a row without amounts."""


@dataclass
class Item:
    """One line; an absent cell is blank on the paper."""

    cells: dict[str, Found] = field(default_factory=dict)

    @property
    def amount(self) -> Decimal | None:
        """The line's amount where one is printed."""
        cell = self.cells.get("amount")
        return Decimal(cell.value) if cell else None


def find_items(rows: Sequence[Row], style: NumberStyle, *, is_form: bool = False) -> list[Item]:
    """Return the lines in the order of the page; a printed form has heads, or its lines cannot be told."""
    for number, row in enumerate(rows):
        columns = columns_of(row) if is_item_head(row) else []
        if len({column.kind for column in columns} - {"other"}) >= 2:
            items = _under_heads(rows[number + 1 :], columns, style)
            if items:
                return items[:_MOST_ITEMS]
    return (_of_form(rows, style) if is_form else _without_heads(rows, style))[:_MOST_ITEMS]


def _of_form(rows: Sequence[Row], style: NumberStyle) -> list[Item]:
    """Return the lines of a form whose heads are not legible: only where quantity × price = amount proves them."""
    numbers = [[amount for piece in row.pieces for amount in amounts_in(piece, style)] for row in rows]
    columns = complete([], numbers)
    items = _under_heads(rows, columns, style) if columns else []
    return [item for item in items if {"quantity", "unit_price", "amount"} <= item.cells.keys()]


def sum_of(items: Sequence[Item]) -> Decimal | None:
    """Return the sum of the amounts, or None where a line has none."""
    amounts = [item.amount for item in items]
    return sum((a for a in amounts if a is not None), Decimal(0)) if amounts and None not in amounts else None


# -- under heads -----------------------------------------------------------------------------------------------------


def _under_heads(body: Sequence[Row], columns: Sequence[Column], style: NumberStyle) -> list[Item]:
    zone = description_zone(columns)
    columns = complete(columns, [_line_of(row, columns, zone, style)[1] for row in body])
    zone = description_zone(columns)
    bare: Bare = {}
    lines: list[tuple[int, Item]] = []
    is_closed = False
    for number, row in enumerate(body):
        item, amounts = _line_of(row, columns, zone, style)
        kind = _kind_of(row, style)
        if _ends_lines(row, kind, item, amounts, has_lines=bool(lines)):
            break
        is_named_sum = kind in ("subtotal", "tax") or (
            kind in _NOT_ITEMS and not item.cells.keys() & {"quantity", "unit_price"}
        )
        is_closed = is_closed or (kind == "subtotal" and bool(amounts))
        if amounts and is_named_sum and not (amounts[-1].value < 0 and lines and not is_closed):
            continue
        if "amount" in item.cells or "unit_price" in item.cells:
            lines.append((number, item))
        elif "description" in item.cells and not amounts and kind not in _SUMS:
            bare[number] = item.cells["description"]
    _name_codes(lines, bare)
    return [item for _, item in lines if len(item.cells) > 1]


def _ends_lines(row: Row, kind: str | None, item: Item, amounts: Sequence[Amount], *, has_lines: bool) -> bool:
    """Whether the lines end here: at the first sum with its amount, at the summary of taxes, at what was paid."""
    label = fold_label(row.text)
    if SUMMARY.find(row.text) or _ALL_QUANTITIES.search(label):
        return True
    if kind in _SUMS:
        return bool(amounts) or len(row.pieces) == 1
    is_line = bool(item.cells.keys() & {"quantity", "unit_price"})
    return bool(amounts) and not is_line and has_lines and kind in ("weak", "paid", "tax", "service", "rounding")


def _kind_of(row: Row, style: NumberStyle) -> str | None:
    """Return what the row's texts name, the first sum before anything else."""
    named_last = _label_beside_amount(row, style)
    if named_last is not None:
        return named_last
    kinds = [kind_of_label(without_amounts(piece, amounts_in(piece, style))) for piece in row.pieces]
    kinds.append(kind_of_label(" ".join(piece.text for piece in row.pieces if not amounts_in(piece, style))))
    named = [kind for kind in kinds if kind is not None]
    kind = next((kind for kind in named if kind in _SUMS), named[0] if named else None)
    numbered = [place for place, piece in enumerate(row.pieces) if amounts_in(piece, style)]
    before = row.pieces[: numbered[-1] + 1] if numbered else row.pieces
    letters = fold_label(re.sub(r"\d", "", "".join(piece.text for piece in before)))
    return kind if kind in _SUMS or len(letters) <= _LONGEST_SUM or letters.startswith(("SUB", "TOTAL")) else None


def _label_beside_amount(row: Row, style: NumberStyle) -> str | None:
    """Return what the text beside the last amount names, where other texts stand before it (a remark at the left)."""
    texts = [piece for piece in row.pieces if not amounts_in(piece, style)]
    is_beside = len(texts) > 1 and row.pieces[-1] is not texts[-1] and row.pieces[-2] is texts[-1]
    kind = kind_of_label(texts[-1].text) if is_beside else None
    return kind if kind in _NOT_ITEMS else None


def _line_of(
    row: Row, columns: Sequence[Column], zone: tuple[float, float], style: NumberStyle
) -> tuple[Item, list[Amount]]:
    item = Item()
    names: list[Piece] = []
    numbers: list[Amount] = []
    head = next((column for column in columns if column.kind == "description"), None)
    for piece in row.pieces:
        amounts = amounts_in(piece, style)
        in_zone = zone[0] <= (piece.left + piece.right) / 2 < zone[1]
        has_letters = len(re.findall(r"[^\W\d_]", piece.text)) >= 2
        is_code = head is not None and piece.left < head.right and piece.right > head.left
        if in_zone and (has_letters or not amounts or is_code):
            names.append(piece)
        else:
            numbers += amounts
    for column, amount in assign([column for column in columns if column.kind != "description"], numbers, style):
        if column.kind != "other":
            item.cells[column.kind] = amount.found()
    if names:
        _describe(item, names)
    return item, numbers


def _describe(item: Item, names: Sequence[Piece]) -> None:
    """Join the texts of the description; a count before the name is the quantity where no column gave one."""
    text = " ".join(piece.text for piece in names).strip()
    match = _QUANTITY.match(text)
    if match and "quantity" not in item.cells:
        group = next(number for number in (1, 2, 3) if match[number])
        item.cells["quantity"] = found(names[0], match[group], match.start(group), match.end(group))
        text = text[match.end() :]
    text = re.sub(r"^[\s:.\-]+", "", text).strip()
    if text:
        whole = names[0].line.box
        for piece in names[1:]:
            whole = whole.union(piece.line.box)
        printed = " ".join(piece.text for piece in names)
        evidence = found(names[0], text).evidence.model_copy(update={"box": whole.rounded(), "text": printed})
        item.cells["description"] = Found(text, evidence)


def _name_codes(lines: Sequence[tuple[int, Item]], bare: Bare) -> None:
    """Give a line that shows but a code the name on the row above or below it, whichever way the page does it."""
    lacking = [
        (number, item)
        for number, item in lines
        if "description" not in item.cells or _CODE.fullmatch(item.cells["description"].value)
    ]
    if not lacking:
        return
    step = -1 if min(bare, default=10**6) < lines[0][0] else 1
    for number, item in lacking:
        if number + step in bare:
            item.cells["description"] = bare[number + step]


# -- without heads ---------------------------------------------------------------------------------------------------


def _without_heads(rows: Sequence[Row], style: NumberStyle) -> list[Item]:
    """Return the named amounts above the first sum of a shop receipt."""
    lines: list[tuple[int, Item]] = []
    bare: Bare = {}
    pieces = [piece for row in rows for piece in row.pieces]
    left, right = min((p.left for p in pieces), default=0.0), max((p.right for p in pieces), default=1.0)
    prices_from = left + _PRICES_FROM * (right - left)
    for number, row in enumerate(rows):
        if _HEADER_ROW.search(row.text):
            continue
        amounts = [amount for piece in row.pieces for amount in amounts_in(piece, style)]
        kind = _kind_of(row, style)
        if kind in ("subtotal", *_SUMS) and amounts:
            _name_codes(lines, bare)
            _continue_names(lines, bare)
            return [item for _, item in lines if "description" in item.cells]
        item = Item()
        texts = [piece for piece in row.pieces if re.search(r"[^\W\d]", piece.text) and not _only_amount(piece, style)]
        if texts:
            price = amounts[-1] if amounts and amounts[-1].right > prices_from else None
            _describe_before(item, texts, price)
        is_discount = bool(amounts) and bool(lines) and amounts[-1].value < 0
        if amounts and _is_price(amounts[-1], style, prices_from) and (kind not in _NOT_ITEMS or is_discount):
            item.cells["amount"] = amounts[-1].found()
            lines.append((number, item))
        elif "description" in item.cells:
            bare[number] = item.cells["description"]
    return []  # no sum: nothing says that these are lines


def _continue_names(lines: Sequence[tuple[int, Item]], bare: Bare) -> None:
    """Put the rows above a price before its name where the first of them begins with the count (`1 Surface Pro 6`)."""
    before = -1
    for number, item in lines:
        above = [bare[row] for row in range(before + 1, number) if row in bare]
        starts = [place for place, cell in enumerate(above) if _QUANTITY.match(cell.evidence.text)]
        before = number
        if "quantity" in item.cells or not starts or "description" not in item.cells:
            continue
        first = above[starts[-1]]
        match = _QUANTITY.match(first.evidence.text)
        names = [cell.value for cell in above[starts[-1] :]]
        item.cells["quantity"] = Found(next(group for group in match.groups() if group), first.evidence) if match else (
            first)  # fmt: skip
        item.cells["description"] = Found(" ".join([*names, item.cells["description"].value]), first.evidence)


def _only_amount(piece: Piece, style: NumberStyle) -> bool:
    amounts = amounts_in(piece, style)
    rest = re.sub(r"(?i)\b(?:RM|HKD?|NTD?|USD|SR|ZRL|x)\b", "", without_amounts(piece, amounts))
    return bool(amounts) and not re.search(r"[^\W\d_]", rest)


def _is_price(amount: Amount, style: NumberStyle, prices_from: float) -> bool:
    return amount.right > prices_from and (amount.has_decimals or amount.currency is not None or not style.has_cents)


def _describe_before(item: Item, texts: Sequence[Piece], amount: Amount | None) -> None:
    _describe(item, texts)
    cell = item.cells.get("description")
    if cell and amount is not None and amount.piece in texts:
        text = re.sub(r"[\s$]*" + re.escape(amount.piece.text[amount.start :]) + r"$", "", cell.value).strip()
        if text:
            item.cells["description"] = Found(text, cell.evidence)
