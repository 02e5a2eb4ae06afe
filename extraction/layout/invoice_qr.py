"""What an e-invoice's codes say, put over what was read: the code is the truth, a difference is a doubt."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from extraction.layout.invoice_amount import plain
from extraction.readers.e_invoice import CROSS_BORDER, EInvoice
from extraction.readers.qr_code import Slip
from schemas.result import Evidence, Flag, Reading, Severity, Suggestion


def apply_slip(reading: Reading, slip: Slip, page: int) -> None:
    """Put the codes' values in place of the printed ones, in place; keep every difference as a flag."""
    invoice = slip.invoice
    evidence = Evidence(page=page, box=slip.box.rounded(), text=invoice.number, match="qr")
    for path, value in _cells_of(invoice).items():
        printed = reading.values.get(path)
        if printed is not None and not _same(path, str(printed), value):
            reading.doubts.append(_differs(path, value, str(printed)))
        reading.values[path] = value
        reading.evidence[path] = [evidence.model_copy(update={"text": value}), *reading.evidence.get(path, [])]
    if invoice.encoding != CROSS_BORDER:  # a seller abroad may bill in another currency
        reading.values["currency"] = "TWD"
        reading.evidence["currency"] = [evidence]
    _settle(reading)
    if invoice.items:
        _put_items(reading, invoice, evidence)
    if slip.barcode is not None and (slip.barcode.number, slip.barcode.random_code) != (
        invoice.number, invoice.random_code or slip.barcode.random_code):  # fmt: skip
        reading.doubts.append(_differs("invoice_number", invoice.number, slip.barcode.number))
    expected = max(invoice.in_codes or 0, invoice.on_invoice or 0)
    if len(reading.values.get("items") or []) < expected:
        parameters = {"expected": str(expected), "read": str(len(reading.values.get("items") or []))}
        reading.doubts.append(
            Flag(code="qr_items_missing", severity=Severity.WARNING, paths=("items",), parameters=parameters)
        )
    if slip.others:
        parameters = {"numbers": ", ".join(slip.others)}
        reading.doubts.append(
            Flag(code="several_invoices", severity=Severity.WARNING, paths=("invoice_number",), parameters=parameters)
        )


def _cells_of(invoice: EInvoice) -> dict[str, str]:
    cells = {
        "invoice_number": invoice.number,
        "issue_date": invoice.date.isoformat(),
        "random_code": invoice.random_code,
        "seller_tax_id": invoice.seller_tax_id,
        "buyer_tax_id": invoice.buyer_tax_id,
        "total_amount": plain(invoice.total) if invoice.total else None,
        # 0 says that the shop cannot part the tax, and the total repeated says the same: neither is a printed cell
        "sales_amount": plain(invoice.sales) if invoice.sales not in (0, invoice.total) else None,
    }
    return {path: value for path, value in cells.items() if value is not None}


def _settle(reading: Reading) -> None:
    """Drop doubts of the print about cells that the code has settled."""
    settled = {"total_unsure", "date_order_unsure", "date_unsure", "currency_unsure", "low_score"}
    reading.doubts = [
        flag
        for flag in reading.doubts
        if flag.code not in settled or not all(_is_from_code(reading, path) for path in flag.paths)
    ]


def _is_from_code(reading: Reading, path: str) -> bool:
    return any(item.match == "qr" for item in reading.evidence.get(path, []))


def _put_items(reading: Reading, invoice: EInvoice, evidence: Evidence) -> None:
    """Take the codes' lines; printed amounts of the same lines stay where they agree with quantity × price."""
    printed: list[Mapping[str, Any]] = list(reading.values.get("items") or [])
    if len(printed) > len(invoice.items):
        return  # the codes hold only some of the lines: the print says more
    amounts = [_amount(line) for line in printed]
    items = []
    reading.evidence = {path: found for path, found in reading.evidence.items() if not path.startswith("items.")}
    for index, item in enumerate(invoice.items):
        product = item.quantity * item.unit_price
        items.append({
            "description": item.description,
            "quantity": plain(item.quantity),
            "unit_price": plain(item.unit_price),
            "amount": plain(product) if len(printed) == len(invoice.items) and product in amounts else None,
        })  # fmt: skip
        for cell, value in items[-1].items():
            if value is not None:
                reading.evidence[f"items.{index}.{cell}"] = [evidence.model_copy(update={"text": value})]
    reading.values["items"] = items


def _amount(line: Mapping[str, Any]) -> Decimal | None:
    value = line.get("amount")
    return Decimal(str(value)) if value is not None else None


def _same(path: str, printed: str, value: str) -> bool:
    if path.endswith("_amount"):
        return Decimal(printed) == Decimal(value)
    return printed.replace("-", "") == value.replace("-", "")


def _differs(path: str, code: str, printed: str) -> Flag:
    return Flag(
        code="qr_differs",
        severity=Severity.ERROR,
        paths=(path,),
        parameters={"qr": code, "printed": printed},
        suggestions=(
            Suggestion(path=path, value=code, source="qr"),
            Suggestion(path=path, value=printed, source="ocr"),
        ),
    )
