"""Totals, tax, lines, period and words of invoices."""

import pytest
from papers import INVOICE, changed, checks_of, flags_of, invoice_flags, reading, receipt_flags

from schemas.result import Severity

SLIP = {"invoice_kind": "electronic", "buyer_tax_id": None, "sales_amount": None, "tax_amount": None}


@pytest.mark.parametrize(("sales", "tax", "total"), [
    ("3573", "179", "3752"), ("3572", "180", "3752"), ("3752", "0", "3752"), ("3752", "179", "3752"),
    ("3573", None, "3752"), ("3752", None, "3752"),
])  # fmt: skip
def test_printed_forms_of_a_total_pass(sales, tax, total):
    found = invoice_flags(sales_amount=sales, tax_amount=tax, total_amount=total)
    assert not {"invoice_total", "tax_rate"} & set(found)


def test_total_that_does_not_add_up_is_flagged():
    (flag,) = invoice_flags(total_amount="3952")["invoice_total"]
    assert flag.severity is Severity.ERROR
    assert flag.parameters == {"printed": "3952", "sum": "3752", "difference": "200"}


def test_total_off_by_one_asks_for_a_look():
    (flag,) = invoice_flags(total_amount="3753")["invoice_total"]
    assert flag.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("total", "sales", "tax"), [("340", "324", "16"), ("1000", "952", "48"), ("3150", "3000", "150")]
)
def test_tax_in_the_price_is_split_as_the_ministry_does(total, sales, tax):
    changes = {**SLIP, "items": [], "sales_amount": sales, "tax_amount": tax, "total_amount": total}
    assert flags_of(reading(changed(INVOICE, changes), "invoice")) == {}


def test_tax_that_is_not_five_percent_is_flagged():
    (flag,) = invoice_flags(tax_amount="197", total_amount="3770")["tax_rate"]
    assert flag.parameters == {"printed": "197", "expected": "179"}


def test_tax_on_an_exempt_invoice_is_flagged():
    assert "tax_rate" in invoice_flags(tax_kind="免稅")
    assert "tax_rate" not in invoice_flags(tax_kind="免稅", tax_amount="0", total_amount="3573")


@pytest.mark.parametrize(("changes", "reason"), [
    ({"currency": "USD"}, "foreign_invoice"), ({"tax_amount": None}, "no_tax_amount"),
    ({"tax_amount": "1?9"}, "cell_unreadable"), ({"tax_kind": "混合"}, "mixed_tax"),
    ({"sales_amount": None, "total_amount": None}, "no_sales_amount"),
])  # fmt: skip
def test_tax_that_cannot_be_checked_says_why(changes, reason):
    assert checks_of(reading(changed(INVOICE, changes), "invoice"))["tax_rate"].reason == reason


def test_slip_with_quantity_and_price_alone_is_added():
    lines = [{"description": "繃帶", "quantity": "4", "unit_price": "56"}, {"description": "口罩", "quantity": "2",
             "unit_price": "587"}]  # fmt: skip
    changes = {**SLIP, "items": lines, "total_amount": "1398"}
    assert flags_of(reading(changed(INVOICE, changes), "invoice")) == {}
    changes["total_amount"] = "1390"
    assert "line_sum_amount" in flags_of(reading(changed(INVOICE, changes), "invoice"))


def test_line_missing_from_the_sum_is_flagged():
    assert "line_sum_amount" in invoice_flags(items=INVOICE["items"][:1])


@pytest.mark.parametrize(("quantity", "price", "amount"), [
    ("3", "767", "2301"), ("3", "33.3333", "100"), ("2.5", "33", "83"), ("2", "100", "210"), ("1", "100", "-100"),
])  # fmt: skip
def test_line_multiplies_up_to_rounding(quantity, price, amount):
    line = {"description": "藥水", "quantity": quantity, "unit_price": price, "amount": amount}
    assert "line_amount" not in invoice_flags(items=[line])


def test_line_that_does_not_multiply_is_flagged():
    (flag,) = invoice_flags(items__0__amount="2310")["line_amount"]
    assert flag.paths == ("items.0.amount", "items.0.quantity", "items.0.unit_price")
    assert flag.parameters == {"printed": "2310", "product": "2301"}
    assert "line_amount" in invoice_flags(items__0__amount="2302", sales_amount="3574")


def test_foreign_invoice_is_only_doubted():
    found = invoice_flags(currency="USD", invoice_number="INV-100", total_amount="4000")
    assert {flag.severity for flags in found.values() for flag in flags} == {Severity.WARNING}


@pytest.mark.parametrize("period", ["114年05-06月", "114年5、6月", "11406", "一一四年五、六月份", None])
def test_date_within_its_period_passes(period):
    assert "period_mismatch" not in invoice_flags(period=period)


def test_date_outside_its_period_is_flagged():
    (flag,) = invoice_flags(period="114年03-04月")["period_mismatch"]
    assert flag.parameters == {"date": "2025-05-21", "period": "2025-03/04"}
    seen = reading(changed(INVOICE, {"period": "春季"}), "invoice")
    assert checks_of(seen)["period_mismatch"].reason == "period_not_understood"


def test_words_and_digits_must_agree():
    assert invoice_flags(amount_in_words="參仟柒佰伍拾貳元整") == {}
    (flag,) = invoice_flags(amount_in_words="參仟柒佰貳拾伍元整")["words_differ"]
    assert flag.parameters == {"words": "3725", "digits": "3752"}
    assert [(s.path, s.value) for s in flag.suggestions] == [("total_amount", "3725")]
    assert invoice_flags(amount_in_words="零佰零拾零萬參仟柒佰伍拾貳元") == {}


def test_words_of_a_receipt_are_due_or_paid():
    assert receipt_flags(amount_due="460", amount_paid="400", balance="60", amount_in_words="肆佰元整") == {}
    assert "words_differ" in receipt_flags(amount_in_words="肆佰元整")


def test_words_that_are_no_numeral_cannot_be_checked():
    seen = reading(changed(INVOICE, {"amount_in_words": "three thousand"}), "invoice")
    assert checks_of(seen)["words_differ"].reason == "words_not_understood"
