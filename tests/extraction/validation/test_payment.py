"""What is due and paid: every printed form of the identity passes, a wrong amount does not."""

import pytest
from papers import RECEIPT, changed, checks_of, flags_of, invoice_flags, reading, receipt_flags

from schemas.result import Severity

QUIET = {"amount_in_words": None, "amount_paid": None}


@pytest.mark.parametrize("changes", [
    {},
    {"copayment_total": None},
    {"copayments": [], "copayment_total": "210"},
    {"self_pay_total": None},
    {"discount": "50", "amount_due": "410"},
    {"discount": "-50", "amount_due": "510"},
    {"prepaid": "100", "amount_due": "360"},
    {"prepaid": "100", "amount_due": "460"},
    {"discount": "50", "prepaid": "100", "amount_due": "310"},
    {"prepaid": "1000", "amount_due": "-540"},
    {"self_pay_total": "460"},
    {"amount_due": None, "amount_paid": "460"},
])  # fmt: skip
def test_every_printed_form_of_the_amount_due_passes(changes):
    assert receipt_flags(**{**QUIET, **changes}) == {}


def test_points_are_never_money():
    (flag,) = receipt_flags(**QUIET, amount_due="1217")["amount_due_identity"]
    assert flag.severity is Severity.ERROR
    assert flag.parameters["difference"] == "757"
    assert flag.parameters["copayment"] == "210"


def test_amount_due_without_printed_parts_is_a_warning():
    (flag,) = receipt_flags(**QUIET, amount_due="560", self_pay_total=None)["amount_due_identity"]
    assert flag.severity is Severity.WARNING


def test_other_reading_of_the_amount_due_is_suggested():
    seen = reading(changed(RECEIPT, {**QUIET, "amount_due": "480"}), evidence={"amount_due": "NT$460"})
    (flag,) = flags_of(seen)["amount_due_identity"]
    assert [(s.path, s.value) for s in flag.suggestions] == [("amount_due", "460")]


@pytest.mark.parametrize(("changes", "reason"), [
    ({"amount_due": None, "amount_paid": None}, "no_amount_due"),
    ({"amount_due": "?"}, "cell_unreadable"),
    ({"items.1.self_pay_amount": "1?0"}, "cell_unreadable"),
    ({"items": [{"name": "藥費"}], "self_pay_total": None, "copayment_total": None, "copayments": []},
     "no_self_pay_amounts"),
])  # fmt: skip
def test_amount_due_that_cannot_be_checked_says_why(changes, reason):
    check = checks_of(reading(changed(RECEIPT, changes)))["amount_due_identity"]
    assert (check.outcome, check.reason) == ("cannot_check", reason)


def test_more_paid_than_due_is_doubted():
    (flag,) = receipt_flags(amount_paid="1000", amount_in_words=None)["paid_exceeds_due"]
    assert flag.parameters == {"paid": "1000", "due": "460"}


def test_less_paid_than_due_is_doubted_unless_a_balance_is_printed():
    assert "paid_below_due" in receipt_flags(amount_paid="400")
    assert receipt_flags(amount_paid="400", balance="60") == {}
    assert receipt_flags(amount_paid="360", prepaid="100") == {}


def test_balance_must_follow():
    assert "balance_identity" in receipt_flags(amount_paid="400", balance="50")


def test_amount_with_decimals_is_doubted():
    assert set(receipt_flags(amount_paid="460.5", amount_due="460.5")) >= {"fractional_amount"}
    assert "fractional_amount" not in receipt_flags(amount_paid="460.0")
    assert "fractional_amount" in invoice_flags(total_amount="3752.5")
    assert "fractional_amount" not in invoice_flags(items__0__unit_price="767.0")


def test_decimals_on_a_paper_without_a_sign_of_taiwan_question_the_currency():
    seen = reading({"total_amount": "80.90", "items": [{"description": "tea", "amount": "80.90"}]}, "invoice")
    (flag,) = flags_of(seen)["fractional_amount"]
    assert flag.paths == ("currency",)
