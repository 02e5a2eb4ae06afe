"""How far each cell may be trusted, from its state, its evidence, the flags, the checks and the agreement of readings.

The rules in words, and what they were measured to miss: `docs/trust.md`.
"""

from collections.abc import Collection

from schemas.document import get_cell, paths_of
from schemas.lexicon import fee_code
from schemas.result import Agreement, CellState, Extraction, Flag, Judgement, Severity

_COVERED = {
    "line_sum_nhi": ("items.*.nhi_amount", "nhi_total"),
    "line_sum_self_pay": ("items.*.self_pay_amount", "self_pay_total"),
    "line_sum_copayment": ("items.*.copayment_amount", "copayment_total"),
    "copayment_sum": ("copayments.*.amount", "copayment_total"),
    "amount_due_identity": ("amount_due", "self_pay_total", "copayment_total", "discount", "prepaid"),
    "balance_identity": ("amount_due", "amount_paid", "balance"),
    "invoice_total": ("sales_amount", "tax_amount", "total_amount"),
    "line_sum_amount": ("items.*.amount",),
    "line_amount": ("items.*.quantity", "items.*.unit_price", "items.*.amount"),
    "tax_id_checksum": ("seller_tax_id", "buyer_tax_id"),
    "national_id_checksum": ("national_id",),
    "hospital_code_checksum": ("hospital_code",),
    "hospital_name_misread": ("hospital_name",),
}
"""Rule → the cells that it bears out where it passed, and casts doubt on where it failed."""
_CHECKSUMS = {"national_id_checksum", "hospital_code_checksum", "tax_id_checksum", "hospital_name_misread"}
"""These bear out a whole value by themselves; of a sum, every part needs its place on the page too."""
_CONTRADICTED = {"not_on_page", "column_mismatch", "row_invented", "left_out", "qr_differs", "date_invalid",
                 "date_future", "required_missing"}  # fmt: skip
"""Errors that speak against this very cell; others speak against one of several."""
_UNTRUSTED = {"wrong_document_type", "truncated", "repetition", "numeric_fault", "page_failed"}
"""Doubts about the whole reading: nothing in it is confirmed."""
_UNKNOWN = {CellState.UNREADABLE, CellState.NOT_READ}
_DIRECT = {"qr", "person"}


def judge(extraction: Extraction, corrected: Collection[str] = ()) -> dict[str, Judgement]:
    """Return the cells that are more or less than plausible; what a person typed is confirmed."""
    if extraction.document is None:
        return {}
    judging = _Judging(extraction, corrected)
    found = {path: judging.cell(path) for path in paths_of(extraction.document)}
    return {path: one for path, one in found.items() if one is not Judgement.PLAUSIBLE}


def covering(path: str) -> list[str]:
    """Return the codes of the rules that bear a cell out where they pass, and cast doubt on it where they fail."""
    return [code for code, cells in _COVERED.items() if _general(path) in cells]


class _Judging:
    def __init__(self, extraction: Extraction, corrected: Collection[str]) -> None:
        self._extraction, self._corrected = extraction, corrected
        asking = [flag for flag in extraction.flags if flag.severity is not Severity.INFO]
        self._named: dict[str, list[Flag]] = {}
        for flag in asking:
            for path in flag.paths:
                self._named.setdefault(path, []).append(flag)
        self._failed = {path for flag in asking for path in _COVERED.get(flag.code, ())}
        self._passed: dict[str, set[str]] = {}
        for check in extraction.checks:
            if check.outcome == "passed":
                for path in _COVERED.get(check.code, ()):
                    self._passed.setdefault(path, set()).add(check.code)
        self._untrusted = any(flag.code in _UNTRUSTED for flag in asking)

    def cell(self, path: str) -> Judgement:
        """Return the judgement of one cell, the worst that anything says of it first."""
        if path in self._corrected:
            return Judgement.CONFIRMED
        flags = self._named.get(path, [])
        if any(self._contradicts(flag, path) for flag in flags):
            return Judgement.WRONG
        general = _general(path)
        agreement = self._extraction.agreement.get(path)
        if flags or self._extraction.state(path) in _UNKNOWN or agreement is Agreement.DIFFER:
            return Judgement.DOUBTFUL
        if get_cell(self._extraction.document, path) is None:  # type: ignore[arg-type]  # there is one
            return Judgement.PLAUSIBLE
        if general in self._failed:
            return Judgement.PLAUSIBLE if agreement is Agreement.AGREED else Judgement.DOUBTFUL
        return Judgement.CONFIRMED if self._is_borne_out(path, general, agreement) else Judgement.PLAUSIBLE

    def _contradicts(self, flag: Flag, path: str) -> bool:
        """Whether the flag says that this very value is wrong; where the code is the value, the print is in doubt."""
        if flag.severity is not Severity.ERROR or flag.code not in _CONTRADICTED:
            return False
        first = self._extraction.readings[0] if self._extraction.readings else None
        return flag.code != "qr_differs" or first is None or str(first.printed(path)) != flag.parameters.get("qr")

    def _is_borne_out(self, path: str, general: str, agreement: Agreement | None) -> bool:
        evidence = self._extraction.evidence.get(path, [])
        if any(one.match in _DIRECT for one in evidence):
            return True
        if self._untrusted:
            return False
        if agreement is Agreement.AGREED:
            return True
        if not evidence or any(one.match == "near" for one in evidence):
            return False
        passed = self._passed.get(general, set())
        value = get_cell(self._extraction.document, path)  # type: ignore[arg-type]
        is_listed = general == "items.*.name" and fee_code(str(value)) is not None
        return is_listed or bool(passed & _CHECKSUMS) or (bool(passed) and len(evidence) == 1)


def _general(path: str) -> str:
    parts = path.split(".")
    return f"{parts[0]}.*.{parts[2]}" if len(parts) == 3 else path
