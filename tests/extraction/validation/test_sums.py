"""Line sums of receipts: printed forms that pass, cells that do not, and what is suggested."""

import pytest
from papers import RECEIPT, changed, checks_of, flags_of, reading, receipt_flags

from schemas.result import Severity


def test_total_that_does_not_add_up_is_flagged():
    (flag,) = receipt_flags(nhi_total="857")["line_sum_nhi"]
    assert flag.severity is Severity.ERROR
    assert flag.parameters == {"printed": "857", "sum": "757", "difference": "100"}
    assert flag.paths == ("nhi_total", "items")


def test_line_that_does_not_add_up_is_flagged():
    assert "line_sum_self_pay" in receipt_flags(items__1__self_pay_amount="750")
    assert "line_sum_nhi" in receipt_flags(items__1__nhi_amount="472")


def test_off_by_one_asks_for_a_look_only():
    (flag,) = receipt_flags(nhi_total="758")["line_sum_nhi"]
    assert flag.severity is Severity.WARNING


def test_point_of_a_printed_decimal_does_not_count():
    assert receipt_flags(nhi_total="757.0", items__0__nhi_amount="345.0") == {}


@pytest.mark.parametrize("unknown", ["?", "1?2"])
def test_sum_with_an_unreadable_cell_cannot_be_checked(unknown):
    seen = reading(changed(RECEIPT, {"items.1.nhi_amount": unknown}))
    check = checks_of(seen)["line_sum_nhi"]
    assert (check.outcome, check.reason) == ("cannot_check", "cell_unreadable")
    assert "unreadable" in flags_of(seen)


def test_sum_with_a_cell_nobody_read_cannot_be_checked():
    values = changed(RECEIPT, {"items.1.nhi_amount": None})
    check = checks_of(reading(values, not_read=("items.1.nhi_amount",)))["line_sum_nhi"]
    assert (check.outcome, check.reason) == ("cannot_check", "cell_unreadable")


def test_unreadable_total_is_not_a_missing_one():
    assert checks_of(reading(changed(RECEIPT, {"nhi_total": "?"})))["line_sum_nhi"].reason == "cell_unreadable"
    assert checks_of(reading(changed(RECEIPT, {"nhi_total": None})))["line_sum_nhi"].reason == "no_nhi_total"
    assert checks_of(reading(changed(RECEIPT, {"items": []})))["line_sum_nhi"].reason == "no_items"


def test_empty_cell_counts_as_nothing_only_if_the_sum_agrees():
    assert "line_sum_nhi" in receipt_flags(items__0__nhi_amount=None)


def test_total_of_a_column_without_any_amount_is_doubted():
    lines = [{"name": "藥費", "self_pay_amount": "250"}]
    (flag,) = receipt_flags(items=lines)["line_sum_nhi"]
    assert flag.severity is Severity.WARNING
    lines = [{"name": "藥費", "nhi_amount": "757"}]
    (flag,) = receipt_flags(items=lines)["line_sum_self_pay"]
    assert flag.severity is Severity.ERROR


def test_self_pay_total_with_copayment_passes_where_the_lines_give_the_amount_due():
    assert receipt_flags(self_pay_total="460") == {}


def test_self_pay_total_with_copayment_is_doubted_where_the_amount_due_says_otherwise():
    assert "line_sum_self_pay" in receipt_flags(self_pay_total="460", amount_due="670", amount_paid="670",
                                                amount_in_words=None)  # fmt: skip


def test_copayment_among_the_lines_is_not_counted_twice():
    lines = [*RECEIPT["items"], {"name": "部分負擔", "self_pay_amount": "210"}]
    assert receipt_flags(items=lines, self_pay_total="460") == {}
    assert receipt_flags(items=lines, self_pay_total="250") == {}


def test_self_pay_total_beside_the_registration_fee_passes_where_the_lines_give_the_amount_due():
    assert receipt_flags(self_pay_total="150") == {}
    assert "line_sum_self_pay" in receipt_flags(self_pay_total="150", amount_due="360", amount_paid="360",
                                                amount_in_words=None)  # fmt: skip


def test_total_after_the_discount_passes():
    assert receipt_flags(discount="50", self_pay_total="200", amount_due="410", amount_paid="410",
                         amount_in_words=None) == {}  # fmt: skip


def test_total_claimed_from_the_nhi_asks_for_a_look():
    (flag,) = receipt_flags(nhi_total="547")["line_sum_nhi"]
    assert flag.severity is Severity.WARNING


def test_copayments_by_kind_are_added():
    (flag,) = receipt_flags(copayments__0__amount="110")["copayment_sum"]
    assert flag.parameters["difference"] == "60"
    assert checks_of(reading(changed(RECEIPT, {"copayments": []})))["copayment_sum"].reason == "no_copayments"


def test_copayment_column_is_added_where_the_table_has_one():
    changes = {"items.0.copayment_amount": "170", "items.1.copayment_amount": "40", "copayments": []}
    assert checks_of(reading(changed(RECEIPT, changes)))["line_sum_copayment"].outcome == "passed"
    changes["items.1.copayment_amount"] = "46"
    assert "line_sum_copayment" in flags_of(reading(changed(RECEIPT, changes)))


def test_other_reading_of_one_cell_is_suggested_where_it_settles_the_sum():
    values = changed(RECEIPT, {"items.1.nhi_amount": "472"})
    (flag,) = flags_of(reading(values, evidence={"items.1.nhi_amount": "412"}))["line_sum_nhi"]
    assert [(s.path, s.value, s.source) for s in flag.suggestions] == [("items.1.nhi_amount", "412", "ocr")]


def test_other_reading_of_the_total_is_suggested():
    (flag,) = flags_of(reading(changed(RECEIPT, {"nhi_total": "767"}), evidence={"nhi_total": "757"}))["line_sum_nhi"]
    assert [(s.path, s.value) for s in flag.suggestions] == [("nhi_total", "757")]


def test_number_is_never_made_up():
    (flag,) = receipt_flags(items__1__nhi_amount="472")["line_sum_nhi"]
    assert flag.suggestions == ()


def test_amount_in_the_wrong_column_is_suggested_back():
    found = receipt_flags(items__1__nhi_amount=None, items__1__self_pay_amount="412", self_pay_total="0",
                          items__2__self_pay_amount=None)  # fmt: skip
    assert [(s.path, s.value) for s in found["line_sum_nhi"][0].suggestions] == [("items.1.nhi_amount", "412")]
    assert [(s.path, s.value) for s in found["line_sum_self_pay"][0].suggestions] == [("items.1.self_pay_amount", None)]


def test_exchanged_columns_of_one_line_are_suggested_back():
    found = receipt_flags(items__1__nhi_amount="150", items__1__self_pay_amount="412")
    assert [s.value for s in found["line_sum_nhi"][0].suggestions] == ["412"]
    assert [s.value for s in found["line_sum_self_pay"][0].suggestions] == ["150"]
