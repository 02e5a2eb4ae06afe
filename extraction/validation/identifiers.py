"""Check digits and forms of identity, tax and institution numbers."""

from collections.abc import Callable

from extraction.validation.rules import PASSED, CannotCheck, Doubt, Facts, Outcome, rule
from extraction.validation.taiwan import is_uniform_invoice
from schemas.identifiers import (
    has_national_id_form,
    is_invoice_number,
    is_masked,
    is_valid_hospital_code,
    is_valid_national_id,
    is_valid_tax_id,
    unmask_form,
)
from schemas.lexicon import fold_name, hospitals
from schemas.result import Severity, Suggestion


@rule("tax_id_checksum", "invoice")
def check_tax_ids(facts: Facts) -> Outcome:
    """統一編號: weighted digit sum divisible by 5 (Ministry of Finance, since 2023-04-01)."""
    if facts.invoice.currency != "TWD":
        return CannotCheck("foreign_invoice")
    numbers = {path: getattr(facts.invoice, path) for path in ("seller_tax_id", "buyer_tax_id")}
    known = {path: number for path, number in numbers.items() if number is not None}
    if not known:
        return facts.missing("seller_tax_id", "no_tax_id")
    wrong = [(path, number) for path, number in known.items() if not is_valid_tax_id(number)]
    is_ours = is_uniform_invoice(facts.invoice)  # else the currency may be a default, and the number a VAT number
    return [
        Doubt(Severity.ERROR if is_ours or len(number) == 8 else Severity.WARNING, (path,), {"number": number},
              _fitting(facts, path, is_valid_tax_id))
        for path, number in wrong
    ]  # fmt: skip


@rule("national_id_checksum", "medical_receipt")
def check_national_id(facts: Facts) -> Outcome:
    """身分證字號 and both forms of 居留證號 (Ministry of the Interior); hidden digits are never invented."""
    printed = facts.receipt.national_id
    if printed is None:
        return facts.missing("national_id", "no_national_id")
    number = unmask_form(printed)
    has_form = has_national_id_form(number)
    if is_masked(number) and has_form:
        return CannotCheck("masked")
    if is_valid_national_id(number):
        return PASSED
    # another form may be a passport's number
    severity = Severity.ERROR if has_form else Severity.WARNING
    suggestions = _fitting(facts, "national_id", is_valid_national_id)
    return [Doubt(severity, ("national_id",), {"number": printed}, suggestions)]


@rule("hospital_code_checksum", "medical_receipt")
def check_hospital_code(facts: Facts) -> Outcome:
    """醫事機構代碼: derived from the NHI's open data, which 6 of 613 real codes break, so a warning."""
    code = facts.receipt.hospital_code
    if code is None:
        return facts.missing("hospital_code", "no_hospital_code")
    if is_valid_hospital_code(code) or code in {hospital.code for hospital in hospitals()}:
        return PASSED
    name = fold_name(facts.receipt.hospital_name or "")
    listed = tuple(
        Suggestion(path="hospital_code", value=hospital.code, source="lexicon")
        for hospital in hospitals()
        if name == fold_name(hospital.name)
    )
    suggestions = _fitting(facts, "hospital_code", is_valid_hospital_code) + listed
    return [Doubt(Severity.WARNING, ("hospital_code",), {"number": code}, suggestions)]


@rule("invoice_number_format", "invoice")
def check_invoice_number(facts: Facts) -> Outcome:
    """字軌號碼: two letters and eight digits (e-invoice specification field 1)."""
    number = facts.invoice.invoice_number
    if number is None:
        return facts.missing("invoice_number", "no_invoice_number")
    if is_invoice_number(number):
        return PASSED
    if facts.invoice.currency != "TWD" or facts.invoice.invoice_kind in {"commercial", "exempt"}:
        return CannotCheck("not_a_uniform_invoice")
    severity = Severity.ERROR if is_uniform_invoice(facts.invoice) else Severity.WARNING
    suggestions = _fitting(facts, "invoice_number", is_invoice_number)
    return [Doubt(severity, ("invoice_number",), {"number": number}, suggestions)]


def _fitting(facts: Facts, path: str, is_valid: Callable[[str], bool]) -> tuple[Suggestion, ...]:
    """Return other readings of the number that hold."""
    others = [other for other in facts.alternatives(path) if isinstance(other, str) and is_valid(other)]
    return tuple(Suggestion(path=path, value=other, source="ocr") for other in others[:3])
