"""Invoices of every kind: text lines and codes → a reading. Not found stays None, doubtful is flagged."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from extraction.layout.invoice_amount import amounts_in, decide_style, plain
from extraction.layout.invoice_date import find_issue_date
from extraction.layout.invoice_doubt import print_doubts
from extraction.layout.invoice_extras import with_extras
from extraction.layout.invoice_header import (
    find_carrier,
    find_invoice_number,
    find_kind,
    find_period,
    find_random_code,
    find_tax_kind,
    find_track_number,
    find_words,
)
from extraction.layout.invoice_items import Item, find_items, sum_of
from extraction.layout.invoice_label import is_credit_note, labelled_amounts, negated
from extraction.layout.invoice_merge import merge_readings, needs_colour
from extraction.layout.invoice_party import find_parties
from extraction.layout.invoice_place import find_place
from extraction.layout.invoice_qr import apply_slip
from extraction.layout.invoice_rows import Found, Row, rows_of
from extraction.layout.invoice_total import Totals, find_form_sums, find_totals
from extraction.page import PageImage
from extraction.readers.qr_code import find_codes, read_slip
from schemas.document import cells_of
from schemas.invoice import Invoice, InvoiceItem
from schemas.layout import TextLine
from schemas.numerals import parse_numerals
from schemas.result import Reading

_LEGIBLE = 0.9
"""Line score from which the amount in words may stand for a total that is not printed in digits."""

__all__ = ["merge_readings", "needs_colour", "read_invoice"]


def read_invoice(pages: Sequence[PageImage], lines: Sequence[Sequence[TextLine]]) -> Reading:
    """Return what the pages of one invoice say; `lines` are the text lines of each page, in its order."""
    reading = Reading(reader="local", document_type="invoice", lines=[line for page in lines for line in page])
    reading.values = {name: None for name in cells_of(Invoice)} | {"items": []}
    rows = [row for page in lines for row in rows_of(page)]
    if rows:
        _read_print(reading, rows)
    for page in pages:
        slip = read_slip(find_codes(page.image, thorough=_may_have_codes(reading)))
        if slip is not None:
            apply_slip(reading, slip, page.number)
            reading.values["invoice_kind"] = "electronic"
            break
    return reading


def _may_have_codes(reading: Reading) -> bool:
    """Whether codes are worth a longer search: the page has the number or the words of an e-invoice."""
    return reading.values.get("invoice_kind") == "electronic" or reading.values.get("random_code") is not None


def _read_print(reading: Reading, rows: Sequence[Row]) -> None:
    pieces = [piece for row in rows for piece in row.pieces]
    style = decide_style(piece.text for piece in pieces)
    place = find_place(pieces, [amount for piece in pieces for amount in amounts_in(piece, style)])
    taiwanese, kind = place.country == "TW", find_kind(rows)
    is_form = kind.value in ("triplicate", "duplicate")
    items = find_items(rows, style, is_form=is_form)
    words = find_words(rows)
    in_words = _number(words)
    labelled, lines_sum = labelled_amounts(rows, style), sum_of(items)
    is_credit = is_credit_note(labelled)
    if is_credit:
        labelled, lines_sum = negated(labelled), None if lines_sum is None else -lines_sum
    totals = find_totals(labelled, rows, style, lines_sum, in_words)
    if is_credit:
        totals = totals.negated()
    if is_form and (totals.total is None or totals.sales is None or totals.tax is None or not totals.is_sure):
        totals = find_form_sums(rows, style) or totals
        items = [item for item in items if not _is_sum(item, totals)]
    if totals.total is None and words is not None and in_words is not None and words.evidence.score >= _LEGIBLE:
        totals.total = Found(plain(in_words), words.evidence)
    items = with_extras(items, labelled, rows, totals)
    date = find_issue_date(rows, taiwanese=taiwanese, month_first=place.month_first, guess=place.currency == "USD")
    parties = find_parties(rows, style, taiwanese=taiwanese, is_stamped=is_form)
    cells: dict[str, Found | None] = {
        "invoice_number": (find_track_number(rows) if taiwanese else None) or find_invoice_number(rows),
        "invoice_kind": kind,
        "issue_date": date.cell if date else None,
        "period": find_period(rows) if taiwanese else None,
        "random_code": find_random_code(rows) if taiwanese else None,
        "seller_name": parties.seller,
        "seller_tax_id": parties.seller_tax_id,
        "buyer_name": parties.buyer,
        "buyer_tax_id": parties.buyer_tax_id,
        "sales_amount": totals.sales,
        "tax_kind": find_tax_kind(rows) if taiwanese else None,
        "tax_amount": totals.tax,
        "total_amount": totals.total,
        "amount_in_words": words,
        "carrier": find_carrier(rows) if taiwanese else None,
    }
    for path, cell in cells.items():
        _put(reading, path, cell)
    reading.values["currency"] = place.currency
    if place.evidence is not None:
        reading.evidence["currency"] = [place.evidence.evidence]
    _put_items(reading, items)
    reading.doubts += print_doubts(cells, date, totals, place, parties, items)


def _is_sum(item: Item, totals: Totals) -> bool:
    """Whether what was taken for a line is one of the sums, whose labels are not legible on this form."""
    cell = item.cells.get("amount")
    boxes = [sum_.evidence.box for sum_ in (totals.sales, totals.tax, totals.total) if sum_ is not None]
    return cell is not None and any(cell.evidence.box.overlaps(box) for box in boxes)


def _put(reading: Reading, path: str, cell: Found | None) -> None:
    if cell is not None:
        reading.values[path] = cell.value
        reading.evidence[path] = [cell.evidence]


def _put_items(reading: Reading, items: Sequence[Item]) -> None:
    lines: list[dict[str, Any]] = []
    for index, item in enumerate(items):
        lines.append({name: None for name in cells_of(InvoiceItem)})
        for name, cell in item.cells.items():
            lines[-1][name] = cell.value
            reading.evidence[f"items.{index}.{name}"] = [cell.evidence]
    reading.values["items"] = lines


def _number(words: Found | None) -> Decimal | None:
    number = parse_numerals(words.value) if words else None
    return None if number is None else Decimal(number)
