"""Whether copayments are such as may be charged at that level of institution on that day."""

import re
from collections.abc import Iterator
from decimal import Decimal

from extraction.validation.payment import check_amount_due
from extraction.validation.rules import PASSED, CannotCheck, Doubt, Facts, Outcome, plain, rule
from extraction.validation.sums import check_copayment_sum
from schemas.copayments import copayment_kinds, level_of, plausible_copayments
from schemas.lexicon import fee_code
from schemas.result import Severity

_OUTSIDE_NHI = "自費"
# 部分負擔代號 that mean no copayment: 001-009, 801, 802, 901-914 (NHI code system); I22 is a pharmacy's
_EXEMPT = re.compile(r"(?<![A-Z\d])(?:00[1-9]|80[12]|90[1-9]|91[0-4]|I22)(?!\d)")


def _lines(facts: Facts) -> Iterator[tuple[str, str, Decimal]]:
    """Yield path, kind and amount of every copayment that is named: listed, or a line of the table."""
    for index, part in enumerate(facts.receipt.copayments):
        if part.name is not None and part.amount is not None:
            yield f"copayments.{index}.amount", fee_code(part.name) or "", part.amount
    for index, item in enumerate(facts.receipt.items):
        if item.self_pay_amount is not None and (item.fee_code or "").startswith("COPAY"):
            yield f"items.{index}.self_pay_amount", item.fee_code or "", item.self_pay_amount


def _holds(outcome: Outcome) -> bool:
    return not isinstance(outcome, CannotCheck) and not outcome


@rule("copayment_implausible", "medical_receipt")
def check_copayments(facts: Facts) -> Outcome:
    """Fixed amounts by level and day (健保法 §43 and its tariffs, domain notes §2); a total of kinds is not judged."""
    receipt = facts.receipt
    lines = [line for line in _lines(facts) if line[1] in copayment_kinds()]
    date = receipt.visit_date or receipt.admission_date
    level = level_of(receipt.hospital_name, receipt.hospital_code)
    if not lines:
        return CannotCheck("no_copayment_kinds")
    if _OUTSIDE_NHI in (receipt.patient_category or ""):
        return CannotCheck("outside_nhi")
    if date is None:
        return facts.missing("visit_date", "no_dates")
    if level is None:
        return CannotCheck("level_unknown")
    allowed = {kind: plausible_copayments(kind, level, date) for _, kind, _ in lines}
    if not any(allowed.values()):
        return CannotCheck("no_copayment_tariff")
    # sums that hold say that it was read right: then only the hospital's own practice is unusual
    is_borne_out = any(_holds(sums(facts)) for sums in (check_copayment_sum, check_amount_due))
    severity = Severity.INFO if is_borne_out else Severity.WARNING
    return [
        Doubt(severity, (path,),
              {"printed": plain(amount), "level": level, "plausible": ", ".join(map(plain, sorted(allowed[kind])))})
        for path, kind, amount in lines
        if allowed[kind] and amount not in allowed[kind]
    ]  # fmt: skip


@rule("exempt_with_copayment", "medical_receipt")
def check_exempt(facts: Facts) -> Outcome:
    """An exempt 部分負擔代號 means no copayment (健保法 §48); words such as 榮民 prove none for this visit."""
    receipt = facts.receipt
    found = _EXEMPT.search(receipt.patient_category or "")
    if found is None:
        return facts.missing("patient_category", "no_exempt_code")
    paths = [path for path, _, amount in _lines(facts) if amount]
    if receipt.copayment_total:
        paths.append("copayment_total")
    if not paths:
        return PASSED
    return [Doubt(Severity.WARNING, (*paths, "patient_category"), {"code": found.group()})]
