"""Choices, yes or no, texts and identifiers as printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.invoice import INVOICE_KINDS, TAX_KINDS, parse_invoice_number
from schemas.medical_receipt import VISIT_KINDS
from schemas.values import normalize, parse_choice, parse_identifier, parse_text, parse_yes_no


@pytest.mark.parametrize(("printed", "words", "code"), [
    ("門診", VISIT_KINDS, "outpatient"), ("急診", VISIT_KINDS, "emergency"), ("門急診", VISIT_KINDS, "outpatient"),
    ("住院醫療費用收據", VISIT_KINDS, "inpatient"), ("EMERGENCY", VISIT_KINDS, "emergency"),
    ("出院", VISIT_KINDS, "inpatient"),
    ("電子發票證明聯", INVOICE_KINDS, "electronic"), ("電子計算機統一發票", INVOICE_KINDS, "computer"),
    ("三聯式統一發票", INVOICE_KINDS, "triplicate"), ("二聯式收銀機統一發票", INVOICE_KINDS, "duplicate"),
    ("免用統一發票收據", INVOICE_KINDS, "exempt"), ("應稅", TAX_KINDS, "taxable"), ("零稅率", TAX_KINDS, "zero_rated"),
    ("免稅", TAX_KINDS, "exempt"),
])  # fmt: skip
def test_printed_word_names_its_code(printed, words, code):
    assert parse_choice(printed, words) == code


@pytest.mark.parametrize(("printed", "words"), [
    ("□門診 ■急診 □住院", VISIT_KINDS), ("應稅 零稅率 免稅", TAX_KINDS), ("門診/住院", VISIT_KINDS),
    ("內科", VISIT_KINDS), ("?", VISIT_KINDS),
])  # fmt: skip
def test_row_of_boxes_or_another_word_is_refused(printed, words):
    with pytest.raises(ValueError, match=r"."):
        parse_choice(printed, words)


@pytest.mark.parametrize(("printed", "value"), [
    ("是", True), ("有", True), ("正本", True), ("1", True), (True, True), ("否", False), ("副本", False),
    ("無", False), ("", None),
    (None, None),
])  # fmt: skip
def test_yes_and_no(printed, value):
    assert parse_yes_no(printed) is value


def test_texts_keep_their_spelling_but_for_spaces_and_control_characters():
    assert parse_text("  王 小明\n ") == "王 小明"
    assert parse_text("ＡＢＣ（股）") == "ＡＢＣ（股）"
    assert parse_text("a\x00b\ud800c") == "abc"
    assert parse_text(" \u3000 ") is None


def test_identifiers_keep_their_zeros():
    assert parse_identifier(" ００１２ 34 ") == "001234"
    assert parse_identifier("ab-1") == "AB-1"
    assert parse_identifier("") is None
    with pytest.raises(ValueError, match="digit"):
        parse_identifier("①23")


@pytest.mark.parametrize(("printed", "number"), [
    ("AB-12345678", "AB12345678"), ("ab 1234 5678", "AB12345678"), ("ＡＢ１２３４５６７８", "AB12345678"),
    ("INV-100", "INV-100"),
    (None, None),
])  # fmt: skip
def test_invoice_numbers_lose_their_hyphen_and_foreign_ones_keep_it(printed, number):
    assert parse_invoice_number(printed) == number


def test_colon_of_vertical_print_stays_a_colon():
    assert normalize("１０︰３０") == "10:30"


@given(st.text(st.characters(), max_size=60))
def test_texts_can_always_be_stored_in_a_workbook(text):
    value = parse_text(text)
    if value is not None:
        value.encode()
        assert not any(ord(character) < 32 for character in value)
    for parse in (parse_identifier, parse_yes_no, lambda printed: parse_choice(printed, VISIT_KINDS)):
        try:
            parse(text)
        except ValueError:
            continue
