"""Chinese numerals against a writer that shares nothing with the parser."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.numerals import parse_numerals, parse_words

DIGITS = "零壹貳參肆伍陸柒捌玖"


def write_group(number: int) -> str:
    """Write up to four digits with 零 for a gap."""
    written, gap = "", False
    for power, unit in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit = number // power % 10
        if digit:
            written += ("零" if gap and written else "") + DIGITS[digit] + unit
            gap = False
        else:
            gap = True
    return written


def write_capital(number: int) -> str:
    """Write a number below 10¹² as a bank clerk does."""
    if not number:
        return "零"
    written, previous = "", 1
    for power, unit in ((10**8, "億"), (10**4, "萬"), (1, "")):
        group = number // power % 10**4
        if group:
            written += ("零" if written and (group < 1000 or not previous) else "") + write_group(group) + unit
        previous = group
    return written


def write_grid(number: int, empty: str) -> str:
    """Fill a pre-printed grid of seven places; unused leading ones get the sign for empty."""
    digits, signs, begun = f"{number:07d}", "佰拾萬仟佰拾元", False
    written = ""
    for digit, sign in zip(digits, signs, strict=True):
        begun = begun or digit != "0"
        written += (DIGITS[int(digit)] if begun else empty) + sign
    return written


@given(st.integers(min_value=0, max_value=10**9))
def test_capital_numerals_round_trip(number):
    assert parse_numerals(write_capital(number)) == number
    assert parse_numerals(f"新臺幣{write_capital(number)}元整") == number


@given(st.integers(min_value=1, max_value=9_999_999), st.sampled_from(["零", "×", "X"]))
def test_preprinted_grid_reads_by_its_places(number, empty):
    assert parse_numerals(write_grid(number, empty)) == number


@pytest.mark.parametrize(("text", "number"), [
    ("壹仟貳佰元整", 1200), ("兩佰元", 200), ("参拾", 30), ("弍佰", 200), ("卅伍元", 35), ("廿元", 20), ("卌元", 40),
    ("拾伍元", 15),
    ("叁佰", 300), ("叄佰", 300), ("贰佰", 200), ("陆拾", 60), ("壱万", 10000), ("壹億元", 10**8), ("貳仟零伍", 2005),
    ("零佰零拾壹萬貳仟參佰肆拾伍元", 12345), ("0佰0拾1萬2仟3佰4拾5元", 12345), ("新台幣：壹萬元正", 10000),
    ("大寫 伍佰圓整", 500),
    ("壹佰元零角零分", 100),
])  # fmt: skip
def test_variants_and_grids(text, number):
    assert parse_numerals(text) == number


@pytest.mark.parametrize("text", [
    "", "元整", "X", "○", "〇", "一", "百", "佰拾萬元", "佰拾壹萬", "壹貳參", "壹拾佰", "壹萬貳億", "拾壹萬", "佰元",
    "壹佰元伍", "五分",
    "one hundred", "1200", "1?", "壹仟?佰", "伍元陸拾", "萬元", "壹萬萬",
])  # fmt: skip
def test_what_is_no_numeral_is_none(text):
    assert parse_numerals(text) is None


def test_tenths_and_hundredths_are_kept():
    assert parse_words("壹佰元伍角參分") == Decimal("100.53")
    assert parse_words("伍元參分") == Decimal("5.03")
    assert parse_numerals("壹佰元伍角") is None


@pytest.mark.parametrize(("text", "number"), [
    ("廿五", 25), ("十二", 12), ("三十", 30), ("卅一", 31), ("一百一十四", 114), ("一百十四", 114), ("五", 5),
])  # fmt: skip
def test_everyday_numerals_count_only_if_asked_for(text, number):
    assert parse_numerals(text, everyday=True) == number


@given(st.text("零〇○一二三壹貳參伍十拾百佰千仟萬億廿卅元圓角分整正×X0123456789 :", max_size=20), st.booleans())
def test_any_row_of_numerals_is_a_number_or_none(text, everyday):
    number = parse_numerals(text, everyday=everyday)
    assert number is None or number >= 0


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_none(text):
    parse_words(text)
