"""Inpatient stays: the share of the cost by days and ward, its ceiling, and the difference for a ward."""

import datetime as dt

import pytest
from papers import RECEIPT, changed, checks_of, flags_of, reading, receipt_flags

from schemas.result import Severity
from schemas.stays import is_stay_copayment, shares_of

STAY = changed(RECEIPT, {
    "visit_date": None, "admission_date": "114/05/01", "discharge_date": "114/05/11", "issue_date": "114/05/11",
    "items": [{"name": "病房費", "nhi_amount": "20000", "self_pay_amount": None},
              {"name": "雙人房差額 1,800元×10日", "nhi_amount": None, "self_pay_amount": "18000"}],
    "copayments": [{"name": "30日以內(急)", "amount": "2000"}], "copayment_total": "2000", "nhi_total": "20000",
    "self_pay_total": "18000", "amount_due": "20000", "amount_paid": "20000", "amount_in_words": None,
})  # fmt: skip
UNSETTLED = {"copayment_total": None, "amount_due": None, "amount_paid": None}


def stay_flags(code, **changes):
    return flags_of(reading(changed(STAY, {path.replace("__", "."): value for path, value in changes.items()}))).get(
        code, []
    )


def stay_check(code, **changes):
    seen = reading(changed(STAY, {path.replace("__", "."): value for path, value in changes.items()}))
    return checks_of(seen)[code]


@pytest.mark.parametrize(("name", "shares"), [
    ("30日以內(急)", [("急性", 10)]),
    ("部分負擔(急性)30日內", [("急性", 10)]),
    ("31-60日(急)", [("急性", 20)]),
    ("部分負擔30-60日內", [("急性", 20)]),
    ("部分負擔明細(61天以上)", [("急性", 30)]),
    ("30日以內(慢)", [("慢性", 5)]),
    ("31-90日(慢)", [("慢性", 10)]),
    ("住院部分負擔(慢性181日以上)", [("慢性", 30)]),
    ("５％", [("慢性", 5)]),
    ("20%", [("急性", 20), ("慢性", 20)]),
    ("住院部分負擔30日以內", [("急性", 10), ("慢性", 5)]),
])  # fmt: skip
def test_names_of_buckets_tell_the_share(name, shares):
    assert is_stay_copayment(name)
    assert [(one.ward, one.percent) for one in shares_of(name, dt.date(2025, 5, 1))] == shares


@pytest.mark.parametrize("name", ["基本部分負擔", "藥品部分負擔", "急診部分負擔", "伙食費共計5日"])
def test_other_copayments_are_not_of_a_stay(name):
    assert not is_stay_copayment(name)


def test_a_stay_as_the_tariff_has_it_passes():
    assert flags_of(reading(STAY)).keys() <= {"required_missing", "unknown_fee_item"}
    assert stay_check("stay_copayment").outcome == "passed"
    assert stay_check("ward_difference").outcome == "passed"


@pytest.mark.parametrize(("changes", "severity"), [
    ({"copayments__0__amount": "2002"}, Severity.WARNING),
    ({"copayments__0__amount": "20000"}, Severity.WARNING),
    ({"copayments__0__amount": "1200"}, Severity.WARNING),
    ({"copayments__0__amount": "1200", "copayment_total": "1200", "amount_due": "19200"}, Severity.INFO),
    ({"copayments__0__name": "31-60日(急)", "copayments__0__amount": "3000"}, Severity.WARNING),
    ({"items__0__nhi_amount": "600000", "nhi_total": "600000", "copayments__0__amount": "60000"}, Severity.WARNING),
    ({"items__0__nhi_amount": "600000", "nhi_total": "600000", "copayments__0__amount": "50000"}, Severity.WARNING),
])  # fmt: skip
def test_a_copayment_that_no_share_of_the_points_makes_is_doubted(changes, severity):
    flags = stay_flags("stay_copayment", **{**UNSETTLED, **changes})
    assert [(flag.severity, flag.paths) for flag in flags] == [(severity, ("copayments.0.amount", "nhi_total"))]


@pytest.mark.parametrize("changes", [
    {"items__0__nhi_amount": "600000", "nhi_total": "600000", "copayments__0__amount": "51000"},
    {"copayments__0__name": "30日以內(慢)", "copayments__0__amount": "1000"},
    {"admission_date": None, "copayments__0__amount": "500"},
    {"discharge_date": "114/06/20", "issue_date": None, "copayments__0__amount": "900"},
    {"copayments": [{"name": "30日以內(急)", "amount": "1500"}, {"name": "31-60日(急)", "amount": "1000"}],
     "discharge_date": "114/06/20", "issue_date": None},
])  # fmt: skip
def test_what_the_law_allows_or_the_paper_does_not_tell_passes(changes):
    assert stay_flags("stay_copayment", **{**UNSETTLED, **changes}) == []


@pytest.mark.parametrize(("changes", "reason"), [
    ({"copayments": []}, "no_stay_copayment"),
    ({"nhi_total": None, "items__0__nhi_amount": None}, "no_nhi_total"),
    ({"admission_date": None, "discharge_date": None}, "no_dates"),
    ({"patient_category": "自費"}, "outside_nhi"),
    ({"admission_date": "115/01/02", "discharge_date": "115/01/09"}, "no_copayment_tariff"),
])  # fmt: skip
def test_a_stay_that_cannot_be_checked_says_why(changes, reason):
    check = stay_check("stay_copayment", **changes)
    assert (check.outcome, check.reason) == ("cannot_check", reason)


@pytest.mark.parametrize(("name", "amount", "severity"), [
    ("雙人房差額 1,800元×9日", "18000", Severity.WARNING),
    ("雙人房差額12日", "18000", Severity.WARNING),
    ("單人房7日", "18000", Severity.INFO),
    ("單人房9日", "18000", None),
    ("病房費差額(單人房2.5天)", "18000", None),
])  # fmt: skip
def test_the_difference_for_a_ward_is_rate_by_days(name, amount, severity):
    flags = stay_flags("ward_difference", items__1__name=name, items__1__self_pay_amount=amount)
    assert [flag.severity for flag in flags] == ([severity] if severity else [])


@pytest.mark.parametrize(("name", "reason"), [("單人房", "no_ward_days"), ("藥費", "no_ward_difference")])
def test_a_ward_that_cannot_be_checked_says_why(name, reason):
    check = stay_check("ward_difference", items__1__name=name)
    assert (check.outcome, check.reason) == ("cannot_check", reason)


def test_a_copayment_above_the_points_that_hold_it_is_doubted():
    (flag,) = receipt_flags(nhi_total="200")["copayment_exceeds_points"]
    assert (flag.parameters, flag.severity) == ({"printed": "210", "points": "200"}, Severity.WARNING)
    small = {f"items__{index}__nhi_amount": amount for index, amount in enumerate(("90", "60", "50"))}
    (flag,) = receipt_flags(nhi_total="200", **small)["copayment_exceeds_points"]
    assert flag.severity is Severity.INFO
    assert "copayment_exceeds_points" not in receipt_flags()


def test_a_copayment_among_the_points_is_counted_once():
    among = {"name": "基本部分負擔", "nhi_amount": "170", "self_pay_amount": None}
    assert "line_sum_nhi" not in flags_of(reading(changed(RECEIPT, {"items": [*RECEIPT["items"], among]})))


def test_a_card_deposit_may_be_paid_above_what_is_due():
    deposit = {"name": "欠卡費", "nhi_amount": None, "self_pay_amount": "500"}
    seen = reading(changed(RECEIPT, {"items": [*RECEIPT["items"], deposit], "amount_paid": "960"}))
    assert "paid_exceeds_due" not in flags_of(seen)
    assert "paid_exceeds_due" in receipt_flags(amount_paid="960")
