"""Printed text → amount or quantity, and what the parsers promise about any text."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.values import format_decimal, parse_amount, parse_quantity

ANY_TEXT = st.text(st.characters(), max_size=80)
MONEY = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=2)


@pytest.mark.parametrize(("printed", "value"), [
    ("0", "0"), ("-0", "0"), ("0.00", "0"), ("12", "12"), ("1,200", "1200"), ("1，200", "1200"), ("1、200", "1200"),
    ("1,234,567", "1234567"), ("1,234.5", "1234.5"), ("1.234,56", "1234.56"), ("1.234.567", "1234567"),
    ("1.234", "1234"), ("12,34", "12.34"), ("1200.0", "1200"), ("0.500", "0.5"), ("１２．５", "12.5"),
    ("NT$１，２００", "1200"), ("NT$1,200", "1200"), ("NT$ -50", "-50"), ("-NT$50", "-50"), ("$1,200", "1200"),
    ("新臺幣1,200元整", "1200"), ("新台幣 1200", "1200"), ("1,200元", "1200"), ("7,023點", "7023"), ("US$ 9.50", "9.5"),
    ("RM8.35", "8.35"), ("9,50 €", "9.5"), ("Rp 174.600", "174600"), ("¥1,980", "1980"), ("1'250.00", "1250"),
    ("1 200,50", "1200.5"), ("1, 200", "1200"), ("(50)", "-50"), ("（50）", "-50"), ("−50", "-50"), ("–50", "-50"),
    ("+50", "50"), ("壹仟貳佰元整", "1200"), ("伍佰元", "500"), ("零元整", "0"), ("卅元整", "30"),
    ("壹佰元伍角", "100.5"),
    ("12.3456", "12.3456"), ("007", "7"),
])  # fmt: skip
def test_amount_is_read_as_printed(printed, value):
    assert parse_amount(printed) == Decimal(value)


@pytest.mark.parametrize("printed", ["", " ", "　", "-", "—", "－", "--"])
def test_nothing_or_a_dash_is_an_empty_cell(printed):
    assert parse_amount(printed) is None


@pytest.mark.parametrize("printed", [
    "?", "1?3", "12A", "A12", "O", "1,2O0", "X", "XXX", "×", "○", "一", "十", "1,23,450", "1,234.567", "1.234,567",
    "12,",
    "1,", ",5", "345 412", "1 200", "12 34", "50-", "(50", "50)", "5-0", "--50", "-(", "+-5", "①", "①50", "50²", "½",
    "٣٤", "１２３？", "1/2", "50%", "***", "...", "拾壹萬元", "佰拾壹萬元", "壹貳元", "元", "整", "NT$", "1e5",
    "0x10", "nan",
    "Infinity", "1_000", "1234567890123", "9" * 200, "0,500", "True",
])  # fmt: skip
def test_what_could_be_something_else_is_refused(printed):
    with pytest.raises(ValueError, match=r"."):
        parse_amount(printed)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity"), 10**12, True, [], {"a": 1}]
)
def test_numbers_that_are_no_amount_are_refused(value):
    with pytest.raises(ValueError, match=r"."):
        parse_amount(value)


@given(ANY_TEXT)
def test_any_text_is_an_amount_or_a_value_error(text):
    try:
        value = parse_amount(text)
    except ValueError:
        return
    assert value is None or value.is_finite()


@given(ANY_TEXT)
def test_any_text_is_a_quantity_or_a_value_error(text):
    try:
        value = parse_quantity(text)
    except ValueError:
        return
    assert value is None or value.is_finite()


@given(MONEY)
def test_stored_amount_is_read_back_unchanged(value):
    assert parse_amount(format_decimal(value)) == value


@given(st.decimals(min_value=-(10**6), max_value=10**6, allow_nan=False, allow_infinity=False, places=4))
def test_stored_unit_price_is_read_back_unchanged(value):
    assert parse_amount(format_decimal(value)) == value
    assert parse_quantity(format_decimal(value)) == value


@given(MONEY)
def test_thousands_commas_change_nothing(value):
    assert parse_amount(f"{value:,.2f}") == value
    assert parse_amount(f"NT${abs(value):,.2f}元") == abs(value)


@given(st.integers(min_value=0, max_value=10**9))
def test_full_width_digits_change_nothing(number):
    wide = str(number).translate({48 + digit: 0xFF10 + digit for digit in range(10)})
    assert parse_amount(wide) == number


def test_decimal_string_is_plain():
    assert [format_decimal(value) for value in (
        None, Decimal("1E+3"), Decimal("-0"), Decimal("0.00"), Decimal("1200.0"), Decimal("1.5"), Decimal("1.234"),
    )] == [None, "1000", "0", "0", "1200", "1.5", "1.2340"]  # fmt: skip


@pytest.mark.parametrize(("printed", "value"), [
    ("2", "2"), ("2.5", "2.5"), ("1,000", "1000"), ("1,5", "1.5"), ("3 盒", "3"), ("3盒", "3"), ("x2", "2"),
    ("× 2", "2"),
    ("２", "2"), ("2 pcs.", "2"), ("-1", "-1"), ("1.234", "1.234"),
])  # fmt: skip
def test_quantity_is_read_as_printed(printed, value):
    assert parse_quantity(printed) == Decimal(value)


@pytest.mark.parametrize("printed", ["?", "5?", "5-", "5%", "盒", "2 3", "2x3", "②", "1,23,4", "True", "1..2"])
def test_what_is_no_quantity_is_refused(printed):
    with pytest.raises(ValueError, match=r"."):
        parse_quantity(printed)
