"""Invoices of every kind: text lines and codes → a reading. Not found stays None, doubtful is flagged."""

from collections.abc import Sequence
from typing import Any

from extraction.layout.invoice_amount import amounts_in, decide_style
from extraction.layout.invoice_date import IssueDate, find_issue_date
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
from extraction.layout.invoice_label import labelled_amounts
from extraction.layout.invoice_merge import merge_readings, needs_colour
from extraction.layout.invoice_party import Parties, find_parties
from extraction.layout.invoice_place import Place, find_place
from extraction.layout.invoice_qr import apply_slip
from extraction.layout.invoice_rows import Found, Row, rows_of
from extraction.layout.invoice_total import Totals, find_totals
from extraction.page import PageImage
from extraction.readers.qr_code import find_codes, read_slip
from schemas.document import cells_of
from schemas.invoice import Invoice, InvoiceItem
from schemas.layout import TextLine
from schemas.numerals import parse_numerals
from schemas.result import Flag, Reading, Severity, Suggestion

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
    taiwanese = place.country == "TW"
    items = find_items(rows, style)
    words = find_words(rows)
    totals = find_totals(labelled_amounts(rows, style), rows, style, sum_of(items), _number(words) if words else None)
    date = find_issue_date(rows, taiwanese=taiwanese, month_first=place.month_first, guess=place.currency == "USD")
    track = find_track_number(rows) if taiwanese else None
    kind = find_kind(rows)
    cells: dict[str, Found | None] = {
        "invoice_number": track or find_invoice_number(rows),
        "invoice_kind": kind,
        "issue_date": date.cell if date else None,
        "period": find_period(rows) if taiwanese else None,
        "random_code": find_random_code(rows),
        "sales_amount": totals.sales,
        "tax_kind": find_tax_kind(rows) if taiwanese else None,
        "tax_amount": totals.tax,
        "total_amount": totals.total,
        "amount_in_words": words,
        "carrier": find_carrier(rows),
    }
    parties = find_parties(rows, style, taiwanese=taiwanese)
    cells |= {name: getattr(parties, name) for name in ("seller_tax_id", "buyer_tax_id")}
    cells |= {"seller_name": parties.seller, "buyer_name": parties.buyer}
    for path, cell in cells.items():
        _put(reading, path, cell)
    reading.values["currency"] = place.currency
    if place.evidence is not None:
        reading.evidence["currency"] = [place.evidence.evidence]
    _put_items(reading, items)
    reading.doubts += [*_date_doubts(date), *_total_doubts(totals), *_place_doubts(place), *_party_doubts(parties)]


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


def _number(words: Found) -> Any:  # noqa: ANN401 - Decimal or None
    from decimal import Decimal

    number = parse_numerals(words.value)
    return None if number is None else Decimal(number)


# -- doubts ----------------------------------------------------------------------------------------------------------


def _warning(code: str, path: str, parameters: dict[str, str], others: Sequence[str] = ()) -> Flag:
    suggestions = tuple(Suggestion(path=path, value=other, source="ocr") for other in others)
    return Flag(code=code, severity=Severity.WARNING, paths=(path,), parameters=parameters, suggestions=suggestions)


def _date_doubts(date: IssueDate | None) -> list[Flag]:
    if date is None:
        return []
    printed = date.cell.evidence.text
    if date.other is not None:
        parameters = {"printed": printed, "chosen": date.cell.value, "other": date.other.isoformat()}
        return [_warning("date_order_unsure", "issue_date", parameters, [date.other.isoformat()])]
    if date.rival is not None:
        parameters = {"chosen": date.cell.value, "other": date.rival.value}
        return [_warning("date_unsure", "issue_date", parameters, [date.rival.value])]
    return []


def _total_doubts(totals: Totals) -> list[Flag]:
    if totals.total is None or totals.is_sure:
        return []
    rivals = [rival.value for rival in totals.rivals[:3]]
    parameters = {"printed": totals.total.evidence.text, "others": ", ".join(rivals) or "–"}
    return [_warning("total_unsure", "total_amount", parameters, rivals)]


def _place_doubts(place: Place) -> list[Flag]:
    return [] if place.is_sure else [_warning("currency_unsure", "currency", {"chosen": place.currency})]


def _party_doubts(parties: Parties) -> list[Flag]:
    if parties.seller is None or parties.seller_is_sure:
        return []
    return [_warning("seller_unsure", "seller_name", {"chosen": parties.seller.value})]
