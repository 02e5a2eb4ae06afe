"""Line sums of a medical receipt: each column against its printed total."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from extraction.validation.arithmetic import Column, column, settling_cells, settling_value, severity_of
from extraction.validation.rules import PASSED, CannotCheck, Doubt, Facts, Outcome, plain, rule
from schemas.document import get_cell
from schemas.result import Severity, Suggestion
from schemas.values import format_decimal

_OTHER_COLUMN = {"nhi_amount": "self_pay_amount", "self_pay_amount": "nhi_amount"}
_TOTALS = {"nhi_amount": "nhi_total", "self_pay_amount": "self_pay_total"}


@rule("line_sum_nhi", "medical_receipt")
def check_nhi_sum(facts: Facts) -> Outcome:
    """Σ points = NHI total (A1 of the domain notes); less the copayment it is the claimed total (A2, 施行細則 §11).

    A copayment that stands among the points is in them already (點數含部分負擔) and is counted once (A12).
    """
    points = column(facts, "items", "nhi_amount")
    among = sum((item.nhi_amount for item in facts.receipt.items
                 if item.nhi_amount is not None and (item.fee_code or "").startswith("COPAY")), Decimal(0))  # fmt: skip
    outcome = _compare(facts, points, "nhi_total", "no_nhi_total", [points.total - among] if among else [])
    claimed = [points.total - copayment for copayment in copayments(facts) if copayment]
    # a clinic slip may print the total alone
    if points.is_empty or facts.receipt.nhi_total in claimed:
        return _as_warnings(outcome)
    return outcome


@rule("line_sum_self_pay", "medical_receipt")
def check_self_pay_sum(facts: Facts) -> Outcome:
    """Σ self-pay = self-pay total (A6); forms print it with copayment (A5), after the discount (A8) or less 掛號費.

    Those pass only where the lines give the amount due as well: else a misread line would pass as a copayment.
    """
    money = column(facts, "items", "self_pay_amount")
    discount = facts.receipt.discount or Decimal(0)
    registration = _self_pay_of(facts, "REG")
    totals = {money.total, money.total - copayment_lines(facts)} | {
        money.total + copayment for copayment in copayments(facts)
    }
    others = {total - part - fee for total in totals for part in (Decimal(0), discount) for fee in (0, registration)}
    outcome = _compare(facts, money, "self_pay_total", "no_self_pay_total")
    if isinstance(outcome, CannotCheck) or facts.receipt.self_pay_total not in others:
        return outcome
    due = facts.receipt.amount_due if facts.receipt.amount_due is not None else facts.receipt.amount_paid
    return PASSED if due in payable_by_lines(facts, money) else _as_warnings(outcome)


def _as_warnings(outcome: Outcome) -> Outcome:
    if isinstance(outcome, CannotCheck):
        return outcome
    return [Doubt(Severity.WARNING, doubt.paths, doubt.parameters, doubt.suggestions) for doubt in outcome]


@rule("line_sum_copayment", "medical_receipt")
def check_line_copayment_sum(facts: Facts) -> Outcome:
    """Σ copayment column = copayment total (A3), where the table has that column; the basic one may be beside."""
    part = column(facts, "items", "copayment_amount")
    if not part.is_unknown and not part.total:
        return CannotCheck("no_line_copayments")
    beside = column(facts, "copayments", "amount")
    if beside.is_unknown:
        return CannotCheck("cell_unreadable")
    return _compare(facts, part, "copayment_total", "no_copayment_total", [part.total + beside.total])


@rule("copayment_sum", "medical_receipt")
def check_copayment_sum(facts: Facts) -> Outcome:
    """Σ copayments by kind = copayment total (A3)."""
    kinds = column(facts, "copayments", "amount")
    if not kinds.amounts:
        return CannotCheck("no_copayments")
    in_table = column(facts, "items", "copayment_amount").total
    return _compare(facts, kinds, "copayment_total", "no_copayment_total", [kinds.total + in_table], lines="copayments")


def copayment_lines(facts: Facts) -> Decimal:
    """Return what the self-pay column holds in copayment lines (the right half of a two-panel clinic form)."""
    return _self_pay_of(facts, "COPAY")


def _self_pay_of(facts: Facts, fee_code: str) -> Decimal:
    amounts = (item.self_pay_amount for item in facts.receipt.items if (item.fee_code or "").startswith(fee_code))
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def copayments(facts: Facts) -> set[Decimal]:
    """Return what the receipt says the copayment is, by each place that says it; empty where none does."""
    receipt = facts.receipt
    found = {receipt.copayment_total} if receipt.copayment_total is not None else set()
    kinds, in_table = column(facts, "copayments", "amount"), column(facts, "items", "copayment_amount")
    found |= {part.total for part in (kinds, in_table) if not part.is_empty}
    in_lines = copayment_lines(facts)
    return found | ({in_lines} if in_lines else set())


def payable_by_lines(facts: Facts, money: Column) -> set[Decimal]:
    """Return what the self-pay lines and the copayment make payable, less discount, prepayment, both or neither."""
    own = money.total - copayment_lines(facts)
    bases = {own + copayment for copayment in copayments(facts) or {Decimal(0)}}
    return {base - deduction for base in bases for deduction in deductions(facts)}


def deductions(facts: Facts) -> set[Decimal]:
    """Return what may be taken off: discount, prepayment, both or neither."""
    discount, prepaid = facts.receipt.discount or Decimal(0), facts.receipt.prepaid or Decimal(0)
    return {Decimal(0), discount, prepaid, discount + prepaid}


def _compare(
    facts: Facts, part: Column, total_path: str, absent: str, accepted: Sequence[Decimal] = (), lines: str = "items"
) -> Outcome:
    total: Decimal | None = get_cell(facts.document, total_path)
    if not part.amounts:
        return facts.missing(lines, "no_items")
    if total is None:
        return facts.missing(total_path, absent)
    if part.is_unknown:
        return CannotCheck("cell_unreadable")
    if total == part.total or total in accepted:
        return PASSED
    difference = total - part.total
    suggestions = [
        *settling_cells(facts, part, difference),
        *settling_value(facts, total_path, lambda other: other == part.total),
        *_column_moves(facts, part, difference),
    ]
    parameters = {"printed": plain(total), "sum": plain(part.total), "difference": plain(difference)}
    return [Doubt(severity_of(difference), (total_path, lines), parameters, tuple(suggestions[:3]))]


def _column_moves(facts: Facts, part: Column, difference: Decimal) -> Iterator[Suggestion]:
    """Yield the cell's new amount where one line with its two columns exchanged would make both sums right."""
    cell = next(iter(part.amounts)).rsplit(".", 1)[-1]
    other_cell = _OTHER_COLUMN.get(cell)
    if other_cell is None:
        return
    other = column(facts, "items", other_cell)
    other_total: Decimal | None = get_cell(facts.document, _TOTALS[other_cell])
    if other.is_unknown or other_total is None or other_total - other.total != -difference:
        return
    pairs = zip(part.amounts.items(), other.amounts.values(), strict=True)
    fitting = [(path, theirs) for (path, ours), theirs in pairs if (theirs or 0) - (ours or 0) == difference]
    if len(fitting) == 1:
        path, theirs = fitting[0]
        yield Suggestion(path=path, value=format_decimal(theirs), source="rule")
