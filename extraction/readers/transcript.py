"""A model's transcript put into the schema by our own code: columns by their heads, and nothing without a head."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from extraction.layout.header import Found, HeaderRow, find_header
from extraction.layout.invoice import read_invoice
from extraction.layout.title import find_unlabelled
from extraction.layout.total_words import total_field
from extraction.layout.words import PAYERS, Role, fold, same_name, section_payer
from extraction.readers.cells import is_amount
from extraction.readers.fee_lines import LineReader, normalize_keeping_gaps
from extraction.readers.fee_table import Fee, of_columns, read_table
from extraction.readers.goods_table import read_goods, tabulated
from extraction.readers.markup import Block, Table, Text, parse_markup
from schemas.document import cells_of
from schemas.layout import BoundingBox, TextLine
from schemas.medical_receipt import MedicalReceipt
from schemas.result import Flag
from schemas.values import normalize

_TOTALS = (
    "nhi_total", "copayment_total", "self_pay_total", "discount", "prepaid", "amount_due", "amount_paid", "balance",
)  # fmt: skip
_TRACK_NUMBER = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2})\s?[-–—]\s?(\d{8})(?!\d)")
_LABEL_AND_VALUE = re.compile(r"[^\d\s:]{2,}\s?:?\s?\S*\d\S*")
_CHARACTER, _PITCH, _HEIGHT = 0.006, 0.01, 0.006
"""Of the page on which a transcript is set for the code that reads printed pages: widths and heights of its lines."""


@dataclass
class Parsed:
    """What a transcript says: values as printed, paths that it shows but nobody can tell, and doubts."""

    values: dict[str, Any]
    not_read: list[str] = field(default_factory=list)
    doubts: list[Flag] = field(default_factory=list)


def values_from_transcript(text: str, document_type: str) -> Parsed:
    """Return the values of a transcript of one page, with Markdown, HTML or OTSL tables or plain lines."""
    blocks = parse_markup(text)
    return _invoice(blocks) if document_type == "invoice" else _receipt(blocks)


# -- receipts ----------------------------------------------------------------------------------------------------------


def _receipt(blocks: Sequence[Block]) -> Parsed:
    fees: list[Fee] = []
    totals: list[tuple[str, str | None, bool, str]] = []
    lines: list[str] = []
    for number, block in enumerate(blocks):
        if isinstance(block, Text):
            lines.append(block.text)
            continue
        found = read_table(block, number, _section_above(lines))
        fees += found.fees
        totals += [(*total, row.name) for row in found.totals for total in of_columns(row)]
        lines += _joined_rows(found.rest)
    read = LineReader(lines).read()
    fees += read.fees
    totals += [(*total, "") for total in read.totals]
    parsed = _filled(_merged(fees), totals)
    parsed.values["copayments"] = [{"name": name, "amount": amount} for name, amount in read.copayments]
    _put_header(parsed.values, [line for index, line in enumerate(lines) if index not in read.used])
    return parsed


def _section_above(lines: Sequence[str]) -> Role | None:
    """Return whose the table is by the section head that stands alone above it."""
    return section_payer(normalize(lines[-1]).rstrip(":")) if lines else None


def _joined_rows(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Give rows of labels and values as lines; amounts under their labels come behind them."""
    index = 0
    while index < len(rows):
        row, below = rows[index], rows[index + 1] if index + 1 < len(rows) else ()
        labels = [total_field(text) is not None for text in row]
        if len(row) == len(below) and all(labels) and all(is_amount(text) for text in below):
            yield "    ".join(f"{label}: {value}" for label, value in zip(row, below, strict=True))
            index += 1
        else:
            yield "    ".join(row)
        index += 1


def _merged(fees: Sequence[Fee]) -> list[Fee]:
    """Put together the lines of one name that the page lists once for each payer."""
    merged: list[Fee] = []
    for fee in fees:
        shown = fee.amounts.keys() | fee.unread
        partner = next(
            (
                other
                for other in merged
                if len(shown) == 1
                and shown.isdisjoint(other.amounts.keys() | other.unread)
                and (other.source != fee.source or (other.tagged and fee.tagged))
                and same_name(other.name, fee.name)
            ),
            None,
        )
        if partner is None:
            merged.append(fee)
        else:
            partner.amounts.update(fee.amounts)
            partner.unread |= fee.unread
    return merged


def _filled(fees: Sequence[Fee], totals: Sequence[tuple[str, str | None, bool, str]]) -> Parsed:
    values: dict[str, Any] = {name: None for name in cells_of(MedicalReceipt)} | {"items": [], "copayments": []}
    parsed = Parsed(values)
    for index, fee in enumerate(fees):
        shown = {Role.NHI, Role.SELF_PAY} | fee.amounts.keys() | fee.unread
        line = {role.value: None if role in fee.unread else fee.amounts.get(role) for role in PAYERS if role in shown}
        values["items"].append({"name": fee.name, **line})
        parsed.not_read += [f"items.{index}.{role.value}" for role in PAYERS if role in fee.unread]
    for name in _TOTALS:
        labelled = [text for found, text, by_column, _ in totals if found == name and not by_column]
        by_column = [(text, label) for found, text, is_column, label in totals if found == name and is_column]
        chosen = labelled or _column_total(by_column)
        values[name] = chosen[-1] if chosen else None
        if len({normalize(text or "0").replace(",", "") for text in chosen}) > 1:
            values[name] = None
            parsed.not_read.append(name)  # printed twice, differently: which is meant, nobody knows
    return parsed


def _column_total(totals: Sequence[tuple[str | None, str]]) -> list[str | None]:
    """Return the one total of a column; subtotals of several parts are none."""
    grand = [text for text, label in totals if fold(label)[:2] in ("合計", "總計", "總額", "共計")]
    plain = [text for text, label in totals if not fold(label).startswith(("承", "接", "過", "本頁"))]
    candidates = grand or plain
    return candidates if len(set(candidates)) == 1 else []


def _put_header(values: dict[str, Any], lines: Sequence[str]) -> None:
    rows = [HeaderRow(row, 1.0) for row in _set(lines) if row]
    found = [*find_header(rows), *find_unlabelled(rows)]
    for name in cells_of(MedicalReceipt):
        candidates = [one for one in found if one.field == name]
        if candidates and name not in _TOTALS:
            values[name] = max(candidates, key=_rank).text
    if values["visit_date"] is None:
        values["visit_date"] = values["admission_date"]  # of a stay, the first day


def _rank(found: Found) -> int:
    """A longer label is more telling."""
    return found.rank


# -- invoices ----------------------------------------------------------------------------------------------------------


def _invoice(blocks: Sequence[Block]) -> Parsed:
    """Set the transcript as a page for the code that reads printed invoices; the lines of its tables by their heads."""
    rows: list[list[TextLine]] = []
    goods: list[dict[str, str | None]] = []
    for block in tabulated(blocks):
        if isinstance(block, Table):
            rows += _set_table(block, len(rows))
        else:  # parted at its hyphen, an invoice's number looks like a thing and its price
            rows += _set(_pairs_apart(_TRACK_NUMBER.sub(r"\1\2", block.text)), len(rows))
        goods += read_goods(block) if isinstance(block, Table) else []
    reading = read_invoice((), [[line for row in rows for line in row]])
    parsed = Parsed(reading.values, list(reading.not_read), list(reading.doubts))
    if goods:
        parsed.values["items"] = goods
        parsed.doubts = [flag for flag in parsed.doubts if not any(path.startswith("items") for path in flag.paths)]
    return parsed


def _pairs_apart(line: str) -> list[str]:
    """Give each of several labels with their values a line: a code behind the first hides the label of the second."""
    pieces = re.split(r"\s{2,}", line.strip())
    is_pairs = len(pieces) > 1 and all(_LABEL_AND_VALUE.fullmatch(piece) for piece in pieces)
    return pieces if is_pairs else [line]


# -- setting -----------------------------------------------------------------------------------------------------------


def _set(lines: Sequence[str], first: int = 0) -> list[list[TextLine]]:
    """Set lines on a page: what stands two spaces or more apart is a line of its own."""
    rows = []
    for number, line in enumerate(lines, start=first):
        text = normalize_keeping_gaps(line)
        pieces = re.finditer(r"\S+(?: \S+)*", text)
        rows.append([_set_text(piece[0], piece.start() * _CHARACTER, number) for piece in pieces])
    return rows


def _set_table(table: Table, first: int) -> list[list[TextLine]]:
    """Set a table on a page: each cell in the middle of its column or columns."""
    width = 1.0 / max(table.width, 1)
    rows = []
    for number, row in enumerate(table.rows, start=first):
        places: dict[int, list[int]] = {}
        for column, cell in enumerate(row):
            places.setdefault(cell.origin, []).append(column)
        texts = {cell.origin: cell.text for cell in row}
        rows.append([
            _set_text(texts[origin], (min(columns) + max(columns) + 1) * width / 2, number, width * len(columns))
            for origin, columns in places.items() if texts[origin]
        ])  # fmt: skip
    return rows


def _set_text(text: str, left: float, number: int, width: float | None = None) -> TextLine:
    size = len(text) * _CHARACTER
    if width is not None:
        size = min(size, 0.9 * width)
        left -= size / 2
    top = number * _PITCH
    return TextLine(text=text, box=BoundingBox(left, top, left + size, top + _HEIGHT))
