"""What the patient owes and paid on a medical receipt."""

from collections.abc import Callable
from decimal import Decimal

from extraction.validation.arithmetic import Column, column, settling_value, severity_of
from extraction.validation.rules import PASSED, CannotCheck, Doubt, Facts, Outcome, plain, rule
from extraction.validation.sums import copayment_lines, copayments, deductions, payable_by_lines
from extraction.validation.taiwan import is_uniform_invoice
from schemas.result import Severity


@rule("amount_due_identity", "medical_receipt")
def check_amount_due(facts: Facts) -> Outcome:
    """Σ self-pay + copayment − discount − prepaid = amount due (A4 to A10); points are never money (A11)."""
    receipt = facts.receipt
    path = "amount_due" if receipt.amount_due is not None or facts.is_unknown("amount_due") else "amount_paid"
    due: Decimal | None = getattr(receipt, path)
    if due is None:
        return facts.missing(path, "no_amount_due")
    items, kinds = column(facts, "items", "self_pay_amount"), column(facts, "copayments", "amount")
    used = ("self_pay_total", "copayment_total", "discount", "prepaid")
    if items.is_unknown or kinds.is_unknown or any(facts.is_unknown(name) for name in used):
        return CannotCheck("cell_unreadable")
    if items.is_empty and receipt.self_pay_total is None and not copayments(facts):
        return CannotCheck("no_self_pay_amounts")
    payable = _payable(facts, items)
    if due in payable:
        return PASSED
    self_pay = items.total - copayment_lines(facts) if receipt.self_pay_total is None else receipt.self_pay_total
    copayment = max(copayments(facts), default=Decimal(0))
    expected = self_pay + copayment - (receipt.discount or 0) - (receipt.prepaid or 0)
    certain = path == "amount_due" and receipt.self_pay_total is not None and receipt.copayment_total is not None
    nearest = min((abs(due - candidate) for candidate in payable), default=abs(due - expected))
    return [
        Doubt(
            severity_of(nearest) if certain else Severity.WARNING,
            (path, "self_pay_total", "copayment_total"),
            {
                "printed": plain(due), "sum": plain(expected), "difference": plain(due - expected),
                "self_pay": plain(self_pay), "copayment": plain(copayment),
                "discount": plain(receipt.discount or Decimal(0)), "prepaid": plain(receipt.prepaid or Decimal(0)),
            },
            tuple(settling_value(facts, path, lambda other: other in payable))[:3],
        )
    ]  # fmt: skip


def _payable(facts: Facts, items: Column) -> set[Decimal]:
    """Return every amount that the forms in use would print as due."""
    by_lines = payable_by_lines(facts, items)
    total = facts.receipt.self_pay_total
    if total is None:
        return by_lines
    bases = {total + copayment for copayment in copayments(facts) or {Decimal(0)}}
    # the total holds the copayment already: it stands among the lines, or only so do the lines make the total
    if copayment_lines(facts) or total in by_lines:
        bases.add(total)
    return by_lines | {base - deduction for base in bases for deduction in deductions(facts)}


@rule("paid_exceeds_due", "medical_receipt")
def check_paid(facts: Facts) -> Outcome:
    """實收 ≤ 應收 (A6), or more by 欠卡費 (A4); else it is cash before change, or one of the two misread."""
    deposits = sum((item.self_pay_amount or Decimal(0) for item in facts.receipt.items
                    if item.fee_code == "DEPOSIT_CARD"), Decimal(0))  # fmt: skip
    return _compared(facts, lambda due, paid: paid <= due or paid == due + deposits)


@rule("paid_below_due", "medical_receipt")
def check_underpaid(facts: Facts) -> Outcome:
    """實收 < 應收 leaves 欠款 (A6), which then is printed; else one of the two is rather misread."""
    is_told = facts.receipt.balance is not None or facts.is_unknown("balance")
    return _compared(facts, lambda due, paid: is_told or due <= paid or due - paid in deductions(facts))


def _compared(facts: Facts, is_right: Callable[[Decimal, Decimal], bool]) -> Outcome:
    """Doubt what is due and what was paid unless the two, in this order, are right together."""
    receipt = facts.receipt
    if receipt.amount_due is None:
        return facts.missing("amount_due", "no_amount_due")
    if receipt.amount_paid is None:
        return facts.missing("amount_paid", "no_amount_paid")
    if is_right(receipt.amount_due, receipt.amount_paid):
        return PASSED
    parameters = {"paid": plain(receipt.amount_paid), "due": plain(receipt.amount_due)}
    return [Doubt(Severity.WARNING, ("amount_paid", "amount_due"), parameters)]


@rule("balance_identity", "medical_receipt")
def check_balance(facts: Facts) -> Outcome:
    """Amount due − paid = balance, after the prepayment or before it (A9)."""
    receipt = facts.receipt
    for name in ("balance", "amount_due", "amount_paid"):
        if getattr(receipt, name) is None:
            return facts.missing(name, f"no_{name}")
    due, paid, balance = receipt.amount_due or Decimal(0), receipt.amount_paid or Decimal(0), receipt.balance
    expected = due - paid
    if balance in (expected, expected - (receipt.prepaid or 0)):
        return PASSED
    parameters = {"printed": plain(balance or Decimal(0)), "sum": plain(expected)}
    return [Doubt(Severity.ERROR, ("balance", "amount_due", "amount_paid"), parameters)]


@rule("fractional_amount", "medical_receipt")
def check_fractions(facts: Facts) -> Outcome:
    """Points and dollars on receipts are whole (1200.0 included): `12.34` has lost a digit or kept a speck."""
    return _fractions(facts, ("items", "copayments"))


@rule("fractional_amount", "invoice")
def check_invoice_fractions(facts: Facts) -> Outcome:
    """Amounts of a uniform invoice are whole dollars; only unit prices have decimals."""
    if facts.invoice.currency != "TWD":
        return CannotCheck("foreign_invoice")
    doubts = _fractions(facts, ("items",))
    if doubts and not is_uniform_invoice(facts.invoice):
        return [Doubt(Severity.WARNING, ("currency",), doubts[0].parameters)]  # TWD is rather the default than printed
    return doubts


def _fractions(facts: Facts, lines: tuple[str, ...]) -> list[Doubt]:
    cells = {name: value for name, value in facts.document if isinstance(value, Decimal)}
    for name in lines:
        for index, line in enumerate(getattr(facts.document, name)):
            cells |= {f"{name}.{index}.{cell}": value for cell, value in line if isinstance(value, Decimal)}
    exempt = ("quantity", "unit_price")
    return [
        Doubt(Severity.WARNING, (path,), {"printed": plain(value)})
        for path, value in cells.items()
        if value != value.to_integral_value() and not path.endswith(exempt)
    ]
