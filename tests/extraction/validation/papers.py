"""Made-up papers as readings, and what the rules say of them."""

import datetime as dt
from copy import deepcopy

from extraction.shaping import shape
from extraction.validation import validate
from schemas.layout import BoundingBox
from schemas.result import Check, Evidence, Extraction, Flag, Reading

TODAY = dt.date(2026, 3, 1)

RECEIPT = {
    "hospital_name": "國泰綜合醫院",
    "hospital_code": "1101020018",
    "patient_name": "王小明",
    "national_id": "A123456789",
    "birth_date": "75/03/02",
    "visit_date": "114/05/21",
    "issue_date": "114/05/21",
    "items": [
        {"name": "診察費", "nhi_amount": "345", "self_pay_amount": None},
        {"name": "藥費", "nhi_amount": "412", "self_pay_amount": "150"},
        {"name": "掛號費", "nhi_amount": None, "self_pay_amount": "100"},
    ],
    "copayments": [{"name": "基本部分負擔", "amount": "170"}, {"name": "復健部分負擔", "amount": "40"}],
    "nhi_total": "757",
    "copayment_total": "210",
    "self_pay_total": "250",
    "amount_due": "460",
    "amount_paid": "460",
    "amount_in_words": "肆佰陸拾元整",
}

INVOICE = {
    "invoice_number": "AB12345678",
    "invoice_kind": "triplicate",
    "issue_date": "114/05/21",
    "period": "114年05-06月",
    "seller_name": "維康醫療用品股份有限公司",
    "seller_tax_id": "04595257",
    "buyer_tax_id": "04595252",
    "items": [
        {"description": "優碘藥水", "quantity": "3", "unit_price": "767", "amount": "2301"},
        {"description": "紗布敷料", "quantity": "2", "unit_price": "636", "amount": "1272"},
    ],
    "sales_amount": "3573",
    "tax_amount": "179",
    "total_amount": "3752",
}


def reading(values: dict, document_type: str = "medical_receipt", not_read: tuple = (), evidence: dict | None = None):
    """Return a reading of printed texts."""
    found = {
        path: [Evidence(page=0, box=BoundingBox(0, 0, 1, 1), text=text)] for path, text in (evidence or {}).items()
    }
    return Reading(reader="test", document_type=document_type, values=values, not_read=list(not_read), evidence=found)


def extraction(seen: Reading) -> Extraction:
    """Return the extraction of a reading, not yet checked."""
    shaped = shape(seen)
    return Extraction(
        file="a.jpg", sha256="0", document_type=seen.document_type, document=shaped.document, states=shaped.states,
        unparsed=shaped.unparsed, evidence=seen.evidence, readings=[seen],
    )  # fmt: skip


def changed(paper: dict, changes: dict) -> dict:
    """Return the paper with other printed texts at some paths."""
    values = deepcopy(paper)
    for path, printed in changes.items():
        name, *rest = path.split(".")
        if rest:
            values[name][int(rest[0])][rest[1]] = printed
        else:
            values[name] = printed
    return values


def flags_of(seen: Reading, today: dt.date = TODAY) -> dict[str, list[Flag]]:
    """Return the flags of a reading by code."""
    by_code: dict[str, list[Flag]] = {}
    for flag in validate(extraction(seen), today)[0]:
        by_code.setdefault(flag.code, []).append(flag)
    return by_code


def checks_of(seen: Reading, today: dt.date = TODAY) -> dict[str, Check]:
    """Return the checks of a reading by code."""
    return {check.code: check for check in validate(extraction(seen), today)[1]}


def receipt_flags(**more: object) -> dict[str, list[Flag]]:
    """Return the flags of the receipt with changes at paths (`__` for a point)."""
    return flags_of(reading(changed(RECEIPT, {path.replace("__", "."): value for path, value in more.items()})))


def invoice_flags(**more: object) -> dict[str, list[Flag]]:
    """Return the flags of the invoice with changes at paths (`__` for a point)."""
    changes = {path.replace("__", "."): value for path, value in more.items()}
    return flags_of(reading(changed(INVOICE, changes), "invoice"))
