"""A value is found on the page in any form it may be printed in, and nothing else is taken for it."""

import datetime as dt
from decimal import Decimal

import pytest

from extraction.page_text import PageText
from schemas.layout import BoundingBox, TextLine


def page(*texts):
    return PageText([TextLine(text=text, box=BoundingBox(0.1, 0.1, 0.9, 0.2)) for text in texts])


@pytest.mark.parametrize(
    ("printed", "value", "count"),
    [
        ("合計 1,638 元", 1638, 1),
        ("ＮＴ＄１，６３８", 1638, 1),
        ("16,380", 1638, 0),
        ("1638.50", 1638, 0),
        ("藥費 412 150", 150, 1),
        ("藥費 150 150", 150, 2),
    ],
)
def test_numbers_are_found_whole(printed, value, count):
    assert len(page(printed).numbers(Decimal(value))) == count


@pytest.mark.parametrize(
    "printed",
    ["114/05/21", "就診日期:114年5月21日", "中華民國一一四年五月二十一日", "2025-05-21", "1140521", "2025/05/21 09:30"],
)
def test_dates_are_found_in_either_calendar(printed):
    assert page(printed).dates(dt.date(2025, 5, 21))
    assert not page(printed).dates(dt.date(2025, 5, 22))


@pytest.mark.parametrize(
    ("printed", "value", "found"),
    [
        ("病歷號:24853O28姓名", "24853028", True),
        ("AB-1234 5678", "AB12345678", True),
        ("124853028", "24853028", False),
        ("24853029", "24853028", False),
    ],
)
def test_identifiers_are_found_but_for_what_ocr_confuses(printed, value, found):
    assert bool(page(printed).identifiers(value)) is found


def test_names_are_found_as_alike_as_asked():
    lines = page("國泰綜合醫院醫療費用收據", "江廷翰")
    assert lines.texts("國泰綜合醫院")[0].likeness == 100
    assert not lines.texts("江廷翔")
    assert not lines.texts("停車費", 80)
    assert lines.texts("國泰綜合醫院醫療費用收攄", 80)[0].evidence("x").match == "near"
