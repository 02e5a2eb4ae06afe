"""The lines of a document as tables, from their class: columns, cells, and which total a column must meet."""

from typing import Any

from review.components.cells import NUMERIC, Sheet, cell
from review.components.field_form import column
from schemas.document import DocumentPart, cells_of, kind_of, lines_of

_TONES = {"nhi_amount": "nhi", "copayment_amount": "copayment", "self_pay_amount": "self-pay"}
"""Columns with a colour of their own: mixing them up is the worst error there is."""
_TOTALS = {
    "nhi_amount": ("nhi_total",),
    "copayment_amount": ("copayment_total",),
    "self_pay_amount": ("self_pay_total",),
    "amount": ("sales_amount", "total_amount", "copayment_total"),
}
"""Column → the printed totals that its sum is held against, the first that the paper shows."""
_NARROW = {"quantity", "tax_kind"}


def tables(sheet: Sheet) -> list[dict[str, Any]]:
    """Return every list of lines as a table; all but the items may be empty."""
    return [_table(sheet, name, model) for name, model in lines_of(type(sheet.document)).items()]


def _table(sheet: Sheet, name: str, model: type[DocumentPart]) -> dict[str, Any]:
    cells = cells_of(model)
    columns = [
        {
            **column(sheet.frame, cell_name, kind_of(declared)),
            "name": cell_name,
            "label": sheet.frame.texts(f"field.{sheet.type}.{name}_{cell_name}"),
            "tone": _TONES.get(cell_name) or ("narrow" if cell_name in _NARROW else None),
            "summed": kind_of(declared) in NUMERIC and cell_name in _TOTALS,
            "total": _total(sheet, cell_name),
        }
        for cell_name, declared in cells.items()
    ]
    count = len(getattr(sheet.document, name))
    return {
        "name": name,
        "optional": name != "items",
        "columns": columns,
        "rows": [[cell(sheet, f"{name}.{index}.{each}") for each in cells] for index in range(count)],
        "swappable": {"nhi_amount", "self_pay_amount"} <= set(cells),
    }


def _total(sheet: Sheet, name: str) -> str | None:
    known = [total for total in _TOTALS.get(name, ()) if total in sheet.known]
    printed = (total for total in known if getattr(sheet.document, total) is not None)
    return next(printed, known[0] if known else None)
