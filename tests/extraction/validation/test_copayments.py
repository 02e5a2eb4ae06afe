"""Copayments against the tariff of level and day, and exempt codes against copayments."""

import datetime as dt

import pytest
from papers import RECEIPT, changed, checks_of, flags_of, reading, receipt_flags

from schemas.copayments import level_of, plausible_copayments
from schemas.result import Severity

CLEAR = {"amount_in_words": None, "copayment_total": None, "self_pay_total": None, "amount_due": None,
         "amount_paid": None}  # fmt: skip


@pytest.mark.parametrize(("kind", "level", "date", "amount", "fits"), [
    ("COPAY_BASE", "醫學中心", "2017-04-14", 360, True),
    ("COPAY_BASE", "醫學中心", "2017-04-15", 360, False),
    ("COPAY_BASE", "醫學中心", "2017-04-15", 420, True),
    ("COPAY_BASE", "醫學中心", "2024-01-02", 336, True),
    ("COPAY_BASE", "診所", "2024-01-02", 420, False),
    ("COPAY_ER", "醫學中心", "2023-06-30", 450, True),
    ("COPAY_ER", "醫學中心", "2023-07-01", 450, False),
    ("COPAY_ER", "區域醫院", "2023-07-01", 400, True),
    ("COPAY_DRUG", "區域醫院", "2023-06-30", 300, False),
    ("COPAY_DRUG", "區域醫院", "2023-07-01", 300, True),
    ("COPAY_DRUG", "診所", "2023-07-01", 10, False),
    ("COPAY_DRUG", "診所", "2023-07-01", 0, True),
])  # fmt: skip
def test_tariff_follows_level_and_day(kind, level, date, amount, fits):
    assert (amount in plausible_copayments(kind, level, dt.date.fromisoformat(date))) is fits


@pytest.mark.parametrize(("name", "code", "level"), [
    ("台大醫院", None, "醫學中心"),
    ("某某醫院", "0401180014", "醫學中心"),
    ("安心診所", None, "診所"),
    ("某某醫院", None, None),
    ("榮總", None, None),
    (None, None, None),
])  # fmt: skip
def test_level_is_listed_or_named_and_never_guessed(name, code, level):
    assert level_of(name, code) == level


def test_amount_outside_the_tariff_is_doubted_with_what_it_may_be():
    (flag,) = receipt_flags(**CLEAR, copayments__0__amount="171")["copayment_implausible"]
    assert (flag.paths, flag.severity) == (("copayments.0.amount",), Severity.WARNING)
    assert flag.parameters == {"printed": "171", "level": "醫學中心", "plausible": "0, 40, 50, 136, 170, 336, 420"}


def test_amount_that_sums_bear_out_is_told_but_asks_for_nothing():
    (flag,) = receipt_flags(**{**CLEAR, "copayment_total": "211"}, copayments__0__amount="171")["copayment_implausible"]
    assert flag.severity is Severity.INFO


@pytest.mark.parametrize(("changes", "reason"), [
    ({"copayments": []}, "no_copayment_kinds"),
    ({"patient_category": "自費"}, "outside_nhi"),
    ({"visit_date": None}, "no_dates"),
    ({"hospital_name": "某某醫院", "hospital_code": None}, "level_unknown"),
    ({"visit_date": "90/01/01"}, "no_copayment_tariff"),
])  # fmt: skip
def test_copayment_that_cannot_be_checked_says_why(changes, reason):
    check = checks_of(reading(changed(RECEIPT, changes)))["copayment_implausible"]
    assert (check.outcome, check.reason) == ("cannot_check", reason)


@pytest.mark.parametrize(("category", "is_doubted"), [
    ("健保 001", True), ("健保(902)", True), ("I22", True), ("榮民", False), ("健保 D10", False), ("1001", False),
    ("A001", False), (None, False),
])  # fmt: skip
def test_only_an_exempt_code_contradicts_a_copayment(category, is_doubted):
    assert ("exempt_with_copayment" in receipt_flags(patient_category=category)) is is_doubted


def test_exempt_code_without_copayment_passes():
    seen = reading(changed(RECEIPT, {**CLEAR, "copayments": [], "patient_category": "健保 001"}))
    assert "exempt_with_copayment" not in flags_of(seen)
    assert checks_of(seen)["exempt_with_copayment"].outcome == "passed"
