"""Test vectors of the domain notes (§4), and that no digits crash a check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import identifiers
from schemas.identifiers import (
    has_national_id_form,
    is_invoice_number,
    is_masked,
    is_random_code,
    is_valid_hospital_code,
    is_valid_national_id,
    is_valid_tax_id,
    unmask_form,
)
from schemas.lexicon import hospitals

QUESTIONS = [is_valid_tax_id, is_valid_national_id, is_valid_hospital_code, is_invoice_number, is_random_code,
             has_national_id_form, is_masked]  # fmt: skip


@pytest.mark.parametrize("number", [
    "04595257", "10458575", "10458574", "19312376", "04595252", "10458570", "00501508", "62140097", "00000074",
])  # fmt: skip
def test_valid_tax_ids(number):
    assert is_valid_tax_id(number)


@pytest.mark.parametrize("number", ["12345678", "0459525", "045952570", "0459525A", "０４５９５２５７", "٠٤٥٩٥٢٥٧", ""])
def test_invalid_tax_ids(number):
    assert not is_valid_tax_id(number)


@pytest.mark.parametrize("number", [
    "A123456789", "F112345672", "B212345670", "A800000014", "A870000015", "A880000018", "A890000011", "AA00000009",
])  # fmt: skip
def test_valid_national_and_resident_ids(number):
    assert is_valid_national_id(number)


@pytest.mark.parametrize("number", ["A123456788", "A200501503", "A323456789", "a123456789", "AE00000009", "1123456789"])
def test_invalid_national_ids(number):
    assert not is_valid_national_id(number)


def test_letters_of_national_ids_are_those_of_the_ministry():
    letters = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))
    assert letters == identifiers._LETTERS


@given(
    st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    st.sampled_from("1289ABCD"),
    st.from_regex(r"[0-9]{7}", fullmatch=True),
)
def test_exactly_one_check_digit_fits(letter, second, digits):
    fitting = [check for check in "0123456789" if is_valid_national_id(f"{letter}{second}{digits}{check}")]
    assert len(fitting) == 1


@pytest.mark.parametrize(("printed", "masked"), [
    ("A12****789", "A12****789"), ("E121***289", "E121***289"), ("E121○○○289", "E121***289"),
    ("E121＊＊＊289", "E121***289"),
    ("E121XXX289", "E121***289"), ("E121●●●289", "E121***289"), ("E121OOO289", "E121***289"),
    ("K247947***", "K247947***"),
])  # fmt: skip
def test_hidden_places_become_stars_and_nothing_is_invented(printed, masked):
    assert unmask_form(printed) == masked
    assert is_masked(masked)
    assert has_national_id_form(masked)


@pytest.mark.parametrize("printed", ["A12O456789", "A12X456789", "A12OO56789", "X123456789"])
def test_misread_letter_is_no_mask(printed):
    assert unmask_form(printed) == printed


def test_codes_of_listed_hospitals_hold_but_for_the_known_exceptions():
    wrong = [hospital.code for hospital in hospitals() if not is_valid_hospital_code(hospital.code)]
    assert len(wrong) <= 3
    assert is_valid_hospital_code("0401180014")
    assert not is_valid_hospital_code("0401180015")


def test_forms_of_invoice_numbers():
    assert is_invoice_number("AB12345678")
    assert not any(map(is_invoice_number, ["A112345678", "AB1234567", "AB123456789", "ab12345678", "AB１２345678"]))
    assert is_random_code("0122")
    assert not is_random_code("12")


@given(st.text(max_size=14) | st.from_regex(r"[A-Z0-9]{0,14}", fullmatch=True))
def test_any_text_gets_an_answer(text):
    for question in QUESTIONS:
        assert question(text) in (True, False)
    assert len(unmask_form(text)) == len(text)
