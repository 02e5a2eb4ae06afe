"""Printed text → date in either calendar, and what is refused because it may be two dates."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dates import format_roc_date, parse_date, parse_period, possible_dates

MAY_21 = dt.date(2025, 5, 21)
ROC_DATES = st.dates(dt.date(1912, 1, 1), dt.date(2100, 12, 31))


@pytest.mark.parametrize("printed", [
    "114/05/21", "114/5/21", "114-05-21", "114.05.21", "114. 5. 21", "114年5月21日", "114 年 05 月 21 日", "1140521",
    "中華民國114年5月21日", "民國114年5月21日", "民國 114/05/21", "中華民國一一四年五月廿一日",
    "中華民國一百一十四年五月二十一日",
    "2025/05/21", "2025-05-21", "2025.05.21", "20250521", "2025年5月21日", "二〇二五年五月二十一日",
    "二○二五年五月二一日",
    "１１４／０５／２１", "114/O5/21", "114/〇5/21", "114 05 21", "2025/05/21 10:30", "2025/05/21 10:30:59",
    "114/05/21 10時30分",
    "114/05/21 上午10:30", "2025-05-21 10:30 PM", "2025-05-21T10:30:00+08:00", "2025-05-21T10:30:00Z",
    "2025-05-2110:30",
    "1140521103059", "20250521103059", "2025/05/21(三)", "114年5月21日(星期三)", "114/05/21 週三 10:30",
    "Wed, 21 May 2025",
    "21 May 2025", "21MAY2025", "May 21, 2025", "21. Mai 2025", "21 mai 2025", "21 de mayo de 2025", "21/05/2025",
    "05/21/2025", "21.05.2025", "21-05-2025",
])  # fmt: skip
def test_every_printed_form_of_a_date(printed):
    assert parse_date(printed) == MAY_21


@pytest.mark.parametrize(("printed", "date"), [
    ("99/12/31", dt.date(2010, 12, 31)), ("民國990105", dt.date(2010, 1, 5)), ("0990105", dt.date(2010, 1, 5)),
    ("113/02/29", dt.date(2024, 2, 29)), ("1130229", dt.date(2024, 2, 29)), ("民國前5年3月2日", dt.date(1907, 3, 2)),
    ("民國5年3月2日", dt.date(1916, 3, 2)), ("05.06.2025", dt.date(2025, 6, 5)), ("05/05/2025", dt.date(2025, 5, 5)),
])  # fmt: skip
def test_other_years(printed, date):
    assert parse_date(printed) == date


@pytest.mark.parametrize("printed", [
    "?", "114/?5/21", "114/05", "114年05-06月", "2023/01/05~2023/01/09", "112/01/05-112/01/09", "20230105至20230109",
    "20250230", "114/02/29", "1140229", "114/13/01", "114/00/10", "990105", "05/06/2025", "06/07/16", "5/6/25",
    "2025-05-219:30", "民國2025年5月1日", "1140/5/21", "0000-00-00", "2910/05/21", "11470521", "114705721", "②/5/21",
    "114/05/2I", "today", "一", "民國", "99999999999999999999", "114/05/21/3", "May 2025", "32 May 2025", "21 Foo 2025",
])  # fmt: skip
def test_no_date_or_more_than_one_is_refused(printed):
    with pytest.raises(ValueError, match=r"."):
        parse_date(printed)


def test_nothing_stays_nothing_and_dates_stay_dates():
    assert parse_date(None) is None
    assert parse_date("  ") is None
    assert parse_date(MAY_21) == MAY_21
    assert parse_date(dt.datetime(2025, 5, 21, 10, 30)) == MAY_21


def test_ambiguous_date_is_offered_both_ways():
    assert possible_dates("05/06/2025") == [dt.date(2025, 6, 5), dt.date(2025, 5, 6)]
    assert possible_dates("06/07/16") == [dt.date(2016, 7, 6), dt.date(2016, 6, 7)]
    assert possible_dates("25/06/18") == [dt.date(2018, 6, 25)]
    assert possible_dates("114/05/21") == []


@given(ROC_DATES)
def test_roc_date_round_trip(date):
    assert parse_date(format_roc_date(date)) == date


@given(st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)))
def test_iso_and_written_dates_round_trip(date):
    assert parse_date(date.isoformat()) == date
    assert parse_date(f"{date:%Y%m%d}") == date
    assert parse_date(f"{date.year}年{date.month}月{date.day}日") == date
    assert parse_date(format_roc_date(date)) == date


@given(ROC_DATES)
def test_every_roc_form_says_the_same(date):
    year = date.year - 1911
    assert parse_date(f"中華民國{year}年{date.month}月{date.day}日") == date
    assert parse_date(f"{year:03d}{date.month:02d}{date.day:02d}") == date


@given(st.text(st.characters(), max_size=80))
def test_any_text_is_a_date_or_a_value_error(text):
    try:
        parse_date(text)
        parse_period(text)
    except ValueError:
        return


@given(st.text("0123456789年月日民國中華前/-.: ~至零一二三十廿TAMP", max_size=24))
def test_any_row_of_date_signs_is_a_date_or_a_value_error(text):
    try:
        parse_date(text)
        parse_period(text)
        possible_dates(text)
    except ValueError:
        return


@pytest.mark.parametrize("printed", [
    "114年05-06月", "114年5-6月", "114年05月-06月", "114年 05 ~ 06 月", "114年5、6月份", "一一四年五、六月份",
    "2025年05-06月", "11406",
    "中華民國114年5-6月", "１１４年０５－０６月",
])  # fmt: skip
def test_every_printed_form_of_a_period(printed):
    assert parse_period(printed) == (2025, 5)


@pytest.mark.parametrize("printed", ["", "114年", "114年06-07月", "114年5-8月", "11405", "114年13-14月", "May"])
def test_what_is_no_period_is_none(printed):
    assert parse_period(printed) is None
