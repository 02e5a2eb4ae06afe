"""The comparisons that an office writes: what they give, what they lack, what is refused and why."""

import datetime as dt
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from papers import INVOICE, RECEIPT, TODAY, changed, extraction, reading

from extraction.validation.office.errors import ExpressionError
from extraction.validation.office.expressions import FUNCTIONS, Vocabulary, parse, parse_condition
from extraction.validation.office.values import Lacking, Place
from extraction.validation.rules import Facts
from schemas.invoice import Invoice
from schemas.lexicon import shipped_fee_codes
from schemas.medical_receipt import MedicalReceipt

RECEIPTS = Vocabulary(MedicalReceipt, {"excluded": ["衛生紙", "藥"]}, shipped_fee_codes())
INVOICES = Vocabulary(Invoice, {}, frozenset())


def compute(text, changes=None, not_read=(), paper=RECEIPT, vocabulary=RECEIPTS):
    kind = "invoice" if vocabulary is INVOICES else "medical_receipt"
    facts = Facts(extraction(reading(changed(paper, changes or {}), kind, not_read)), TODAY)
    return parse(text, vocabulary).compute(Place(facts))


@pytest.mark.parametrize(("text", "expected"), [
    ("self_pay_total <= 250", True),
    ("self_pay_total < 250", False),
    ("100 < self_pay_total <= 250", True),
    ("self_pay_total + copayment_total == amount_due", True),
    ("-self_pay_total < 0", True),
    ("amount_due - 60 == amount_paid * 2 - 520", True),
    ("self_pay_total / amount_due > 0.5", True),
    ("abs(self_pay_total - amount_due) == 210", True),
    ("visit_date == '2025-05-21'", True),
    ("visit_date >= '114/05/22'", False),
    ("today - visit_date > 180", True),
    ("visit_date + 30 > issue_date", True),
    ("year(visit_date) == 2025 and month(visit_date) == 5 and weekday(visit_date) == 3", True),
    ("hospital_name == '國 泰 綜合醫院'", True),
    ("hospital_code in ['1101020018', '0401180014']", True),
    ("hospital_code not in ['1101020018']", False),
    ("contains(hospital_name, '國泰')", True),
    ("contains(hospital_name, ['臺大', '國泰'])", True),
    ("starts(national_id, 'a1') and ends(national_id, '89')", True),
    ("matches(national_id, '[A-Z][0-9]{9}') and length(national_id) == 10", True),
    ("matches(national_id, '[0-9]+')", False),
    (r"matches(national_id, '\w\d{9}\b')", True),
    ("sum(items.self_pay_amount) == self_pay_total", True),
    ("sum(items.nhi_amount) == nhi_total", True),
    ("sum(items.self_pay_amount, fee_code == 'REG') == 100", True),
    ("sum(items.self_pay_amount, fee_code in ['SURG']) == 0", True),
    ("largest(items.self_pay_amount) == 150 and smallest(items.self_pay_amount) == 100", True),
    ("count(items) == 3 and count(items, contains(name, excluded)) == 1", True),
    ("any(items, name in excluded)", False),
    ("all(items, length(name) >= 2)", True),
    ("any(copayments, amount > 170)", False),
    ("sum(copayments.amount) == copayment_total", True),
    ("present(hospital_name) and not present(chart_number)", True),
    ("self_pay_total > 200 or copayment_total > 500", True),
])  # fmt: skip
def test_expression_of_a_receipt(text, expected):
    assert compute(text) is expected


@pytest.mark.parametrize(("text", "expected"), [
    ("quantity * unit_price == amount", None),
    ("all(items, quantity * unit_price == amount)", True),
    ("invoice_kind == '三聯式' and invoice_kind != 'duplicate'", True),
    ("tax_amount / sales_amount < 0.0502", True),
    ("currency == 'TWD'", True),
])  # fmt: skip
def test_expression_of_an_invoice(text, expected):
    if expected is None:
        with pytest.raises(ExpressionError):
            parse(text, INVOICES)
    else:
        assert compute(text, paper=INVOICE, vocabulary=INVOICES) is expected


@pytest.mark.parametrize(("text", "changes", "not_read", "reason", "cell"), [
    ("chart_number == '1'", {}, (), "value_missing", "chart_number"),
    ("self_pay_total <= 9", {"self_pay_total": "?"}, (), "value_unread", "self_pay_total"),
    ("balance <= 9", {}, ("balance",), "value_unread", "balance"),
    ("sum(items.self_pay_amount) > 1", {"items.1.self_pay_amount": "?"}, (), "value_unread", "items.1.self_pay_amount"),
    ("count(items) > 1", {"items": []}, (), "value_missing", "items"),
    ("self_pay_total / discount > 1", {"discount": "0"}, (), "divided_by_zero", None),
    ("present(balance)", {"balance": "?"}, (), "value_unread", "balance"),
    ("largest(items.copayment_amount) > 1", {}, (), "value_missing", "items"),
    ("chart_number == '1' or balance == 0", {"balance": "?"}, (), "value_unread", "balance"),
    ("not chart_number == '1'", {}, (), "value_missing", "chart_number"),
])  # fmt: skip
def test_expression_without_its_value_says_what_it_lacks(text, changes, not_read, reason, cell):
    with pytest.raises(Lacking) as lacking:
        compute(text, changes, not_read)
    assert (lacking.value.why.reason, lacking.value.why.parameters.get("cell")) == (reason, cell)


@pytest.mark.parametrize(("text", "changes", "expected"), [
    ("chart_number == '1' or self_pay_total == 250", {}, True),
    ("chart_number == '1' and self_pay_total == 9", {}, False),
    ("any(items, self_pay_amount == 150)", {"items.0.self_pay_amount": "?"}, True),
    ("all(items, self_pay_amount == 9)", {"items.0.self_pay_amount": "?"}, False),
    ("sum(items.self_pay_amount, name == '藥費') == 150", {"items.2.self_pay_amount": "?"}, True),
])  # fmt: skip
def test_what_other_parts_decide_needs_no_missing_value(text, changes, expected):
    assert compute(text, changes) is expected


@pytest.mark.parametrize(("text", "key", "told"), [
    ("self_pay_totl <= 5", "unknown_name", "self_pay_total"),
    ("self_pay_total = 5", "syntax", ""),
    ("self_pay_total <= ", "syntax", ""),
    ("self_pay_total", "condition_wanted", ""),
    ("nhi_total + self_pay_total > 5", "kinds_differ", "points"),
    ("nhi_total > self_pay_total", "kinds_differ", "money"),
    ("visit_date > 5", "kinds_differ", "date"),
    ("visit_date == 'yesterday'", "never_holds", "yesterday"),
    ("visit_kind == 'outpatien'", "never_holds", "outpatien"),
    ("hospital_name < 'a'", "kinds_differ", "text"),
    ("self_pay_total == '5'", "kinds_differ", "text"),
    ("self_pay_total in 5", "list_wanted", "excluded"),
    ("excluded == '5'", "list_out_of_place", "excluded"),
    ("items.name == '藥費'", "lines_wanted_once", "items"),
    ("sum(items) > 5", "cell_of_lines_wanted", "sum"),
    ("count(items.name) > 5", "table_wanted", "count"),
    ("sum(items.name) > 5", "kind_wanted", "text"),
    ("sum(items.amount) > 5", "unknown_name", "amount"),
    ("sum(items.nhi_amount, name) > 5", "condition_wanted", ""),
    ("any(items)", "arguments", "any"),
    ("abs(self_pay_total, 5) > 5", "arguments", "abs"),
    ("abs(hospital_name) > 5", "kind_wanted", "text"),
    ("contains(self_pay_total, '5')", "text_wanted", "contains"),
    ("contains(hospital_name, '')", "text_wanted", "contains"),
    ("matches(hospital_name, '(')", "wrong_pattern", "("),
    ("any(items, fee_code == 'DRUGS')", "never_holds", "DRUGS"),
    ("self_pay_total ** 9 > 5", "not_allowed", "**"),
    ("__import__('os').system('true')", "unknown_function", "__import__"),
    ("open('/etc/passwd')", "unknown_function", "open"),
    ("hospital_name.__class__", "not_allowed", "__class__"),
    ("[x for x in items]", "not_allowed", "for"),
    ("(lambda: 1)()", "unknown_function", "lambda"),
    ("f'{hospital_name}' == '1'", "not_allowed", "f"),
    ("hospital_name[0] == 'A'", "not_allowed", "[0]"),
    ("(" * 300 + "1" + ")" * 300 + " == 1", "syntax", ""),
    ("-" * 900 + "1 == 1", "too_deep", "60"),
    ("1" + " + 1" * 400 + " == 1", "too_deep", "60"),
    ("1 == 1 and " * 300 + "1 == 1", "too_long", "2000"),
])  # fmt: skip
def test_expression_that_cannot_be_used_is_refused_when_it_is_read(text, key, told):
    with pytest.raises(ExpressionError) as refused:
        parse_condition(text, RECEIPTS)
    assert refused.value.key == key
    assert told in str(refused.value.parameters)


def test_every_function_is_documented():
    page = (Path(__file__).resolve().parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")
    assert {name for name in FUNCTIONS if f"`{name}(" not in page} == set()


def test_today_is_the_day_of_the_check():
    assert compute("today == '2026-03-01'") is True
    assert dt.date(2026, 3, 1) == TODAY


PIECES = ["self_pay_total", "nhi_total", "items", "items.name", "items.nhi_amount", "visit_date", "today",
          "excluded", "sum(", "any(", "present(", "contains(", ")", "(", ",", "<=", "==", "in", "not", "and", "+", "-",
          "/", "5", "0", "'x'", "['x']", "'114/01/01'", "lambda", ":", "{", "\\", "\0", "if", "x"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join) | st.text(max_size=20))
def test_whatever_is_written_is_computed_or_refused(text):
    facts = Facts(extraction(reading(RECEIPT)), TODAY)
    with suppress(ExpressionError, Lacking):
        parse(text, RECEIPTS).compute(Place(facts))
