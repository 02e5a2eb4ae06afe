"""The lists that ship with the product."""

from collections import Counter

import pytest

from schemas.lexicon import bare_name, fee_code, fee_entries, hospitals, ocr_confusions


def test_every_name_belongs_to_one_fee_item():
    names = Counter(name for entry in fee_entries() for name in entry.names)
    assert [name for name, count in names.items() if count > 1] == []


def test_hospital_codes_are_unique():
    codes = [hospital.code for hospital in hospitals()]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 10 for code in codes)


@pytest.mark.parametrize(("printed", "code"), [
    ("藥費", "DRUG"), ("掛 號 費", "REG"), ("基本部份負擔", "COPAY_BASE"), ("自費檢查費", "EXAM"),
    ("藥品(自費)", "DRUG"),
    ("病房費(雙人房3天)", "ROOM"), ("**雙人房計3日", "ROOM_DIFF"), ("*藥費", "DRUG"), ("藥費部分負擔", "COPAY_DRUG"),
    ("麻醉材料費", "MATERIAL"), ("30日以內(急)", "COPAY_INP_A30"), ("石膏費", "TREAT"), ("不明費用", None), ("", None),
])  # fmt: skip
def test_category_of_a_printed_name(printed, code):
    assert fee_code(printed) == code


def test_bare_name_never_becomes_empty():
    assert bare_name("自費") == "自費"
    assert bare_name("(門診)") != ""


def test_confusions_name_single_characters():
    assert ocr_confusions()["藥"] == "樂鍊桑"
    assert all(len(character) == 1 for character in ocr_confusions())
