"""Copayments against the tariff of level and day, and exempt codes against copayments."""

import datetime as dt
from decimal import Decimal

import pytest
from papers import RECEIPT, changed, checks_of, flags_of, reading, receipt_flags

from schemas.copayments import drug_copayments, level_of, listed_rows, plausible_copayments
from schemas.exemptions import find_exemption
from schemas.result import Severity
from schemas.stays import ceiling

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
    ("COPAY_BASE", "醫學中心", "2005-07-14", 360, False),
    ("COPAY_BASE", "醫學中心", "2005-07-15", 360, True),
    ("COPAY_ER", "醫學中心", "2017-04-14", 550, False),
    ("COPAY_ER", "醫學中心", "2017-04-15", 550, True),
    ("COPAY_BASE", "診所", "2025-12-31", 50, True),
    ("COPAY_BASE", "診所", "2026-01-01", 50, False),
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


@pytest.mark.parametrize(("category", "level"), [
    ("健保 A12", "醫學中心"), ("B30", "區域醫院"), ("R10", "地區醫院"), ("H10", "診所"), ("I20", None), ("健保", None),
])  # fmt: skip
def test_level_of_an_unlisted_hospital_stands_in_the_copayment_code(category, level):
    assert level_of("某某醫院", None, category) == level
    assert level_of("台大醫院", None, category) == "醫學中心"


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
    ("健保 001", True), ("健保(902)", True), ("I22", False), ("榮民", True), ("中低收入戶", False), ("健保 D10", False),
    ("1001", False),
    ("A001", False), (None, False),
])  # fmt: skip
def test_an_exempt_code_or_word_contradicts_a_copayment(category, is_doubted):
    assert ("exempt_with_copayment" in receipt_flags(patient_category=category)) is is_doubted


def test_exempt_code_without_copayment_passes():
    seen = reading(changed(RECEIPT, {**CLEAR, "copayments": [], "patient_category": "健保 001"}))
    assert "exempt_with_copayment" not in flags_of(seen)
    assert checks_of(seen)["exempt_with_copayment"].outcome == "passed"


@pytest.mark.parametrize(("cost", "level", "date", "amounts"), [
    (100, "診所", "2024-01-02", {0}),
    (101, "診所", "2024-01-02", {0, 16, 20}),
    (1001, "診所", "2024-01-02", {0, 160, 200}),
    (100, "醫學中心", "2024-01-02", {0, 8, 10}),
    (1401, "醫學中心", "2024-01-02", {0, 160, 200, 224, 280}),
    (9999, "區域醫院", "2024-01-02", {0, 160, 200, 240, 300}),
    (1401, "醫學中心", "2023-06-30", {0, 160, 200}),
    (500, "醫學中心", "2026-01-01", set()),
])  # fmt: skip
def test_copayment_for_drugs_goes_by_their_cost(cost, level, date, amounts):
    assert drug_copayments(Decimal(cost), level, dt.date.fromisoformat(date)) == amounts


def test_copayment_for_drugs_that_is_another_step_is_doubted():
    drugs = {"copayments": [{"name": "藥品部分負擔", "amount": "100"}]}
    (flag,) = flags_of(reading(changed(RECEIPT, {**CLEAR, **drugs})))["drug_copayment"]
    assert (flag.paths, flag.severity) == (("copayments.0.amount",), Severity.WARNING)
    assert flag.parameters == {"printed": "100", "cost": "412", "plausible": "0, 64, 80"}
    drugs["copayments"][0]["amount"] = "80"
    assert checks_of(reading(changed(RECEIPT, {**CLEAR, **drugs})))["drug_copayment"].outcome == "passed"


@pytest.mark.parametrize(("changes", "reason"), [
    ({"copayments": []}, "no_drug_copayment"),
    ({"items.1.nhi_amount": None}, "no_drug_cost"),
    ({"visit_date": None}, "no_dates"),
    ({"visit_date": "115/01/02"}, "no_copayment_tariff"),
    ({"hospital_name": "某某醫院", "hospital_code": None}, "level_unknown"),
])  # fmt: skip
def test_copayment_for_drugs_that_cannot_be_checked_says_why(changes, reason):
    paper = changed(RECEIPT, {"copayments": [{"name": "藥品部分負擔", "amount": "100"}]})
    check = checks_of(reading(changed(paper, changes)))["drug_copayment"]
    assert (check.outcome, check.reason) == ("cannot_check", reason)


@pytest.mark.parametrize(("name", "amount"), [("檢驗檢查部分負擔", "60"), ("復健部分負擔", "70")])
def test_copayments_that_no_tariff_has_are_doubted(name, amount):
    kinds = {**CLEAR, "copayments": [{"name": name, "amount": amount}]}
    assert "copayment_implausible" in flags_of(reading(changed(RECEIPT, kinds)))


@pytest.mark.parametrize("date", ["115/01/02", "94/07/14"])
def test_where_the_tariff_is_not_known_nothing_is_doubted(date):
    seen = reading(changed(RECEIPT, {**CLEAR, "visit_date": date, "copayments.0.amount": "999"}))
    assert "copayment_implausible" not in flags_of(seen)


@pytest.mark.parametrize(("category", "code", "by_word"), [
    ("健保 001", "001", False), ("重大傷病 001", "001", False), ("榮民", "榮民", True),
    ("榮 眷", "榮眷", True),
    ("重大傷病", "重大傷病", True), ("低收入戶", "低收入", True), ("分娩", "分娩", True),
    ("山地離島", "山地離島", True),
    ("健保職災", "職災", True), ("替代役", "替代役", True), ("三歲以下兒童", "三歲以下", True),
    ("健保 915", "915", False),
])  # fmt: skip
def test_exemptions_are_known_by_code_and_by_word(category, code, by_word):
    found = find_exemption(category, dt.date(2024, 1, 2))
    assert (found.printed, found.by_word) == (code, by_word)


@pytest.mark.parametrize("category", ["中低收入戶", "非重大傷病", "一般健保", "榮總員工", "000"])
def test_words_that_exempt_nobody_are_no_exemption(category):
    assert find_exemption(category, dt.date(2024, 1, 2)) is None


def test_exemptions_are_those_of_the_day():
    assert find_exemption("重大傷病", dt.date(2010, 1, 2)) is None
    assert find_exemption("重大傷病", None) is not None


def test_a_word_of_exemption_only_informs_where_sums_bear_the_copayment_out():
    (flag,) = receipt_flags(patient_category="榮民")["exempt_with_copayment"]
    assert (flag.severity, flag.parameters) == (Severity.INFO, {"code": "榮民"})
    (flag,) = receipt_flags(patient_category="榮民", copayment_total="999", amount_due="1")["exempt_with_copayment"]
    assert flag.severity is Severity.WARNING


def test_a_code_for_drugs_exempts_drugs_only():
    assert "exempt_with_copayment" not in receipt_flags(patient_category="I22")
    drugs = receipt_flags(patient_category="I22", copayments__1__name="藥品部分負擔")["exempt_with_copayment"]
    assert drugs[0].paths == ("copayments.1.amount", "patient_category")


def test_every_row_of_the_tables_names_its_source():
    for name in ("copayments.csv", "stay_copayments.csv", "stay_ceilings.csv", "copayment_exemptions.csv"):
        assert all(row["source"] for row in listed_rows(name))


def test_a_ceiling_that_no_notice_confirms_is_not_known():
    assert ceiling([dt.date(2025, 3, 1)]) == 51000
    assert ceiling([dt.date(2026, 3, 1)]) is None
    assert ceiling([dt.date(2024, 12, 30), dt.date(2025, 1, 4)]) == 51000


def test_a_word_that_exempts_only_on_a_condition_never_asks():
    (flag,) = receipt_flags(patient_category="重大傷病", copayment_total="999", amount_due="1")["exempt_with_copayment"]
    assert flag.severity is Severity.INFO
