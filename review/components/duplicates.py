"""Two records that may be one document, side by side, for a person to decide."""

from typing import Any

from review.components import resources
from review.components.cells import Sheet, cell, sheet_of
from review.components.page_frame import Frame
from review.i18n import path_label
from review.workflow import Record, RecordNotFoundError, Workspace

_MOST = 3
_FIELDS = ("hospital_name", "seller_name", "patient_name", "visit_date", "issue_date", "receipt_number",
           "invoice_number", "nhi_total", "self_pay_total", "amount_due", "total_amount")  # fmt: skip


def duplicate_data(frame: Frame, workspace: Workspace, record: Record, sheet: Sheet | None) -> list[dict[str, Any]]:
    """Return the undecided pairs of a record with the values and first pages of both."""
    pairs = []
    for pair in [pair for pair in record.duplicates if pair.decision is None][:_MOST]:
        try:
            other = workspace.record(pair.other_id)
        except RecordNotFoundError:
            continue
        pairs.append({
            "other": other.id,
            "name": other.name,
            "status": frame.text(f"status.{other.status.value}"),
            "rows": _rows(frame, sheet, sheet_of(frame, other)),
            "images": [resources.page_address(each.id, 0) for each in (record, other)],
        })  # fmt: skip
    return pairs


def _rows(frame: Frame, mine: Sheet | None, theirs: Sheet | None) -> list[dict[str, Any]]:
    rows = []
    for field in _FIELDS:
        sheets = [sheet for sheet in (mine, theirs) if sheet is not None and field in sheet.known]
        if not sheets:
            continue
        values = [cell(sheet, field)["value"] if sheet in sheets else "" for sheet in (mine, theirs)]
        if any(values):
            label = path_label(frame.texts, sheets[0].type, field)
            rows.append({"label": label, "values": values, "differs": values[0] != values[1]})
    return rows
