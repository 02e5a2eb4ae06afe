"""Whether copayments are such as may be charged at that level of institution on that day."""

from collections.abc import Iterator
from decimal import Decimal

from extraction.validation.payment import check_amount_due
from extraction.validation.rules import PASSED, CannotCheck, Doubt, Facts, Outcome, plain, rule
from extraction.validation.sums import check_copayment_sum, check_line_copayment_sum
from schemas.copayments import copayment_kinds, drug_copayments, level_of, plausible_copayments
from schemas.exemptions import find_exemption
from schemas.lexicon import fee_code
from schemas.result import Severity

_OUTSIDE_NHI = "自費"
_DRUGS = "COPAY_DRUG"


def named_copayments(facts: Facts) -> Iterator[tuple[str, str, Decimal]]:
    """Yield path, name and amount of every copayment that is named: listed, or a line of the table."""
    for index, part in enumerate(facts.receipt.copayments):
        if part.name is not None and part.amount is not None:
            yield f"copayments.{index}.amount", part.name, part.amount
    for index, item in enumerate(facts.receipt.items):
        if item.name and item.self_pay_amount is not None and (item.fee_code or "").startswith("COPAY"):
            yield f"items.{index}.self_pay_amount", item.name, item.self_pay_amount


def _kinds(facts: Facts) -> Iterator[tuple[str, str, Decimal]]:
    for path, name, amount in named_copayments(facts):
        yield path, fee_code(name) or "", amount


def is_borne_out(outcome: Outcome) -> bool:
    """Whether a rule could be applied and has no doubt."""
    return not isinstance(outcome, CannotCheck) and not outcome


def unusual(facts: Facts) -> Severity:
    """Return how an unusual copayment is told: sums that hold say that it was read right, and is the hospital's way."""
    sums = (check_copayment_sum, check_line_copayment_sum, check_amount_due)
    return Severity.INFO if any(is_borne_out(check(facts)) for check in sums) else Severity.WARNING


def is_outside_nhi(facts: Facts) -> bool:
    """Whether the patient pays all by himself, so that no tariff applies."""
    return _OUTSIDE_NHI in (facts.receipt.patient_category or "")


def _level(facts: Facts) -> str | None:
    receipt = facts.receipt
    return level_of(receipt.hospital_name, receipt.hospital_code, receipt.patient_category)


@rule("copayment_implausible", "medical_receipt")
def check_copayments(facts: Facts) -> Outcome:
    """Fixed amounts by level and day (健保法 §43 and its tariffs, domain notes §2); a total of kinds is not judged."""
    lines = [line for line in _kinds(facts) if line[1] in copayment_kinds()]
    date = facts.receipt.visit_date or facts.receipt.admission_date
    level = _level(facts)
    if not lines:
        return CannotCheck("no_copayment_kinds")
    if is_outside_nhi(facts):
        return CannotCheck("outside_nhi")
    if date is None:
        return facts.missing("visit_date", "no_dates")
    if level is None:
        return CannotCheck("level_unknown")
    allowed = {kind: plausible_copayments(kind, level, date) for _, kind, _ in lines}
    if not any(allowed.values()):
        return CannotCheck("no_copayment_tariff")
    severity = unusual(facts)
    return [
        Doubt(severity, (path,),
              {"printed": plain(amount), "level": level, "plausible": ", ".join(map(plain, sorted(allowed[kind])))})
        for path, kind, amount in lines
        if allowed[kind] and amount not in allowed[kind]
    ]  # fmt: skip


@rule("drug_copayment", "medical_receipt")
def check_drug_copayment(facts: Facts) -> Outcome:
    """The copayment for drugs goes by their cost, a step of NT$20 for each NT$100 (tariff of 2023-07-01 and before)."""
    receipt = facts.receipt
    lines = [(path, amount) for path, kind, amount in _kinds(facts) if kind == _DRUGS and amount]
    costs = [item.nhi_amount for item in receipt.items if item.fee_code == "DRUG" and item.nhi_amount]
    date, level = receipt.visit_date, _level(facts)
    if not lines:
        return CannotCheck("no_drug_copayment")
    if not costs:
        return CannotCheck("no_drug_cost")
    if date is None:
        return facts.missing("visit_date", "no_dates")
    if level is None:
        return CannotCheck("level_unknown")
    cost, printed = sum(costs, Decimal(0)), sum((amount for _, amount in lines), Decimal(0))
    allowed = drug_copayments(cost, level, date)
    if not allowed:
        return CannotCheck("no_copayment_tariff")
    if printed in allowed or len(lines) > 1:  # several prescriptions have a step each
        return PASSED
    parameters = {"printed": plain(printed), "cost": plain(cost), "plausible": ", ".join(map(plain, sorted(allowed)))}
    return [Doubt(unusual(facts), tuple(path for path, _ in lines), parameters)]


@rule("exempt_with_copayment", "medical_receipt")
def check_exempt(facts: Facts) -> Outcome:
    """No copayment for the exempt (健保法 §48, §49, §94); a code is of the visit, a word (榮民) of the patient."""
    receipt = facts.receipt
    found = find_exemption(receipt.patient_category or "", receipt.visit_date or receipt.admission_date)
    if found is None:
        return facts.missing("patient_category", "no_exempt_code")
    paths = [path for path, kind, amount in _kinds(facts) if amount and (kind == _DRUGS or not found.drugs_only)]
    if receipt.copayment_total and not found.drugs_only:
        paths.append("copayment_total")
    if not paths:
        return PASSED
    severity = unusual(facts) if found.by_word else Severity.WARNING
    if found.is_conditional:
        severity = Severity.INFO
    return [Doubt(severity, (*paths, "patient_category"), {"code": found.printed})]
