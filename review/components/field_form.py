"""The header fields and totals of a document, from its class: a new field of a schema appears here by itself."""

from typing import Any

from review.components.cells import NUMERIC, Sheet, cell, other_calendar
from review.components.page_frame import Frame
from schemas.document import cells_of, field_at, is_required, kind_of
from schemas.values import UNREADABLE, ValueKind

_MAIN = {
    "department", "chart_number", "national_id", "receipt_number", "nhi_total", "copayment_total", "self_pay_total",
    "amount_due", "amount_paid", "seller_name", "seller_tax_id", "buyer_tax_id", "sales_amount", "tax_amount",
}  # fmt: skip
"""Shown even when the paper leaves them out; so are required ones. The others wait behind a button while blank."""
_WIDE = {"hospital_name", "seller_name", "buyer_name", "notes", "amount_in_words"}
"""Names of hospitals have up to 28 characters."""
_WITH_TOTALS = {"amount_in_words"}


def column(frame: Frame, name: str, kind: ValueKind) -> dict[str, Any]:
    """Return how a cell of this kind is typed: a number, a text, or a choice."""
    choices = None
    if kind is ValueKind.YES_NO:
        choices = [["true", frame.text("yes")], ["false", frame.text("no")], [UNREADABLE, UNREADABLE]]
    elif kind is ValueKind.CHOICE:
        prefix = f"choice.{name}."
        codes = [key.removeprefix(prefix) for key in frame.texts.keys() if key.startswith(prefix)]  # noqa: SIM118
        choices = [*([code, frame.texts(prefix + code)] for code in codes), [UNREADABLE, UNREADABLE]]
    return {"kind": kind.value, "numeric": kind in NUMERIC, "choices": choices}


def forms(sheet: Sheet) -> dict[str, list[dict[str, Any]]]:
    """Return the fields above the items and the totals below them."""
    header, totals = split(sheet)
    return {"header": [_field(sheet, name) for name in header], "totals": [_field(sheet, name) for name in totals]}


def split(sheet: Sheet) -> tuple[list[str], list[str]]:
    """Return the names of the header fields and of the totals, each in the order of the class."""
    header: list[str] = []
    totals: list[str] = []
    for name, declared in cells_of(type(sheet.document)).items():
        is_total = kind_of(declared) in NUMERIC or name in _WITH_TOTALS
        (totals if is_total else header).append(name)
    return header, totals


def _field(sheet: Sheet, name: str) -> dict[str, Any]:
    declared = field_at(type(sheet.document), name)
    kind = kind_of(declared)
    return {
        **cell(sheet, name),
        **column(sheet.frame, name, kind),
        "label": sheet.label(name),
        "hint": other_calendar(sheet, name) if kind is ValueKind.DATE else "",
        "main": is_required(declared) or name in _MAIN,
        "wide": name in _WIDE,
    }
