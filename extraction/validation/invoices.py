"""Arithmetic of invoices: lines, totals, tax and period."""

from decimal import ROUND_HALF_UP, Decimal

from extraction.validation.arithmetic import ONE, settling_value
from extraction.validation.rules import PASSED, CannotCheck, Doubt, Facts, Outcome, plain, rule
from extraction.validation.taiwan import is_uniform_invoice
from schemas.dates import parse_period
from schemas.invoice import Invoice, InvoiceItem
from schemas.result import Severity

_RATE = Decimal("0.05")
_CENT = Decimal("0.01")


def _tolerance(invoice: Invoice) -> Decimal:
    """Return what rounding may cost: a dollar in TWD (domain notes §1.5), a cent elsewhere."""
    return ONE if invoice.currency == "TWD" and is_uniform_invoice(invoice) else 2 * _CENT


def _severity(invoice: Invoice) -> Severity:
    """An error on a uniform invoice; papers abroad add shipping, discounts and tips that no field holds."""
    return Severity.ERROR if is_uniform_invoice(invoice) else Severity.WARNING


@rule("invoice_total", "invoice")
def check_total(facts: Facts) -> Outcome:
    """銷售額 + 營業稅 = 總計 (施行細則 §14); to consumers the price holds the tax (營業稅法 §32), so sales = total."""
    invoice = facts.invoice
    total, sales, tax = invoice.total_amount, invoice.sales_amount, invoice.tax_amount
    if total is None:
        return facts.missing("total_amount", "no_total")
    if sales is None:
        return facts.missing("sales_amount", "no_sales_amount")
    if tax is None and facts.is_unknown("tax_amount"):
        return CannotCheck("cell_unreadable")
    tax = tax or Decimal(0)
    if abs(sales + tax - total) <= (_CENT if tax else 0) or sales == total:
        return PASSED
    expected = sales + tax
    difference = total - expected
    if tax == 0 and invoice.tax_amount is None and abs(_of_rate(sales) - difference) <= ONE:
        return PASSED  # the tax is in the total, its own line is not printed
    severity = Severity.WARNING if abs(difference) <= _tolerance(invoice) else _severity(invoice)
    parameters = {"printed": plain(total), "sum": plain(expected), "difference": plain(difference)}
    suggestions = [
        *settling_value(facts, "total_amount", lambda other: other == expected),
        *settling_value(facts, "sales_amount", lambda other: other + tax == total),
        *settling_value(facts, "tax_amount", lambda other: sales + other == total),
    ]
    return [Doubt(severity, ("total_amount", "sales_amount", "tax_amount"), parameters, tuple(suggestions))]


@rule("line_sum_amount", "invoice")
def check_line_sum(facts: Facts) -> Outcome:
    """Σ line amounts = sales amount, or the total where prices hold the tax. A QR code may leave lines out (§3.4)."""
    invoice = facts.invoice
    if not invoice.items:
        return facts.missing("items", "no_items")
    if any(facts.is_unknown(f"items.{index}.amount") for index in range(len(invoice.items))):
        return CannotCheck("cell_unreadable")
    amounts = [_line_amount(item) for item in invoice.items]
    known = [amount for amount in amounts if amount is not None]
    printed = {name: getattr(invoice, name) for name in ("sales_amount", "total_amount")}
    targets = {name: amount for name, amount in printed.items() if amount is not None}
    if not known:
        return CannotCheck("no_line_amounts")
    if not targets:
        return facts.missing("total_amount", "no_total")
    total = sum(known, Decimal(0))
    with_tax = total + (invoice.tax_amount or 0)
    if any(abs(target - total) <= _rounding(invoice) for target in targets.values()) or with_tax in targets.values():
        return PASSED
    path, target = min(targets.items(), key=lambda pair: abs(pair[1] - total))
    severity = Severity.WARNING if len(known) < len(amounts) else _severity(invoice)
    parameters = {"printed": plain(target), "sum": plain(total), "difference": plain(target - total)}
    return [Doubt(severity, (path, "items"), parameters)]


def _line_amount(item: InvoiceItem) -> Decimal | None:
    """Return the printed amount; a QR code gives quantity and price alone."""
    if item.amount is not None or item.quantity is None or item.unit_price is None:
        return item.amount
    return item.quantity * item.unit_price


def _rounding(invoice: Invoice) -> Decimal:
    """Return what rounding computed amounts may cost; printed whole amounts add up exactly."""
    computed = sum(item.amount is None for item in invoice.items)
    fractions = any(item.unit_price is not None and item.unit_price % 1 for item in invoice.items)
    return ONE * computed if computed and fractions else _CENT


@rule("line_amount", "invoice")
def check_line_amounts(facts: Facts) -> Outcome:
    """Quantity × unit price = amount, up to the rounding of both; B2B unit prices may be without tax (§3.4)."""
    invoice = facts.invoice
    checked, doubts = 0, []
    for index, item in enumerate(invoice.items):
        if item.quantity is None or item.unit_price is None or item.amount is None:
            continue
        checked += 1
        product = item.quantity * item.unit_price
        if not _is_product(invoice, product, item.unit_price, item.amount):
            paths = tuple(f"items.{index}.{cell}" for cell in ("amount", "quantity", "unit_price"))
            parameters = {"printed": plain(item.amount), "product": plain(product)}
            doubts.append(Doubt(_severity(invoice), paths, parameters))
    return doubts if checked else CannotCheck("no_line_amounts")


def _is_product(invoice: Invoice, product: Decimal, price: Decimal, amount: Decimal) -> bool:
    """Whether the amount is the product as printed; whole numbers multiply exactly, anything else is rounded."""
    if amount in (product, -product):
        return True
    slack = _tolerance(invoice) + _half_last_place(price) * (abs(product / price) if price else Decimal(0))
    is_whole = product == product.to_integral_value() and price == price.to_integral_value()
    return abs(product * (1 + _RATE) - amount) <= slack or (not is_whole and abs(product - amount) <= slack)


def _half_last_place(price: Decimal) -> Decimal:
    """Return half a unit of the last printed decimal; a whole price is exact."""
    exponent = price.normalize().as_tuple().exponent
    return Decimal(5).scaleb(exponent - 1) if isinstance(exponent, int) and exponent < 0 else Decimal(0)


@rule("tax_rate", "invoice")
def check_tax(facts: Facts) -> Outcome:
    """Tax = 5 % of the sales, half a dollar up (施行細則 §14), or of the total ÷ 1.05; none if exempt or zero-rated."""
    invoice = facts.invoice
    tax = invoice.tax_amount
    if not is_uniform_invoice(invoice):
        return CannotCheck("foreign_invoice")
    if tax is None:
        return facts.missing("tax_amount", "no_tax_amount")
    if invoice.tax_kind == "mixed":
        return CannotCheck("mixed_tax")
    if invoice.sales_amount is None and invoice.total_amount is None:
        return CannotCheck("no_sales_amount")
    expected = _expected_taxes(invoice)
    slack = ONE if tax else Decimal(0)
    if any(abs(tax - candidate) <= slack for candidate in expected):
        return PASSED
    parameters = {"printed": plain(tax), "expected": plain(expected[0])}
    suggestions = tuple(settling_value(facts, "tax_amount", lambda other: other in expected))
    return [Doubt(Severity.ERROR, ("tax_amount", "sales_amount", "total_amount"), parameters, suggestions)]


def _expected_taxes(invoice: Invoice) -> list[Decimal]:
    if invoice.tax_kind in {"zero_rated", "exempt"}:
        return [Decimal(0)]
    sales, total = invoice.sales_amount, invoice.total_amount
    expected = [] if sales is None else [_of_rate(sales)]
    if total is not None and (sales is None or sales == total):
        expected.append(_of_rate(total / (1 + _RATE)))
        if invoice.tax_kind is None:
            expected.append(Decimal(0))  # a slip to a consumer: the tax is in the prices
    return expected


def _of_rate(amount: Decimal) -> Decimal:
    return (amount * _RATE).quantize(ONE, rounding=ROUND_HALF_UP)


@rule("period_mismatch", "invoice")
def check_period(facts: Facts) -> Outcome:
    """The date lies in the printed two months (統一發票使用辦法; e-invoice specification, Code 39)."""
    invoice = facts.invoice
    if invoice.period is None:
        return facts.missing("period", "no_period")
    if invoice.issue_date is None:
        return facts.missing("issue_date", "no_issue_date")
    period = parse_period(invoice.period)
    if period is None:
        return CannotCheck("period_not_understood")
    year, first = period
    date = invoice.issue_date
    if date.year == year and date.month in (first, first + 1):
        return PASSED
    parameters = {"date": date.isoformat(), "period": f"{year}-{first:02d}/{first + 1:02d}"}
    return [Doubt(Severity.ERROR, ("issue_date", "period"), parameters)]
