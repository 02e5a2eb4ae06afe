"""Dates as paper prints them, in the ROC calendar and in ours."""

import datetime as dt
import re
import unicodedata
from contextlib import suppress

from schemas.folding import fold_number, normalize
from schemas.numerals import parse_numerals

ROC_OFFSET = 1911
"""民國 year + 1911 = AD year."""

_EARLIEST, _LATEST = 1880, 2200  # nobody on a receipt was born before; a year beyond is two calendars mixed

_ERA = r"(?P<era>(?:中華)?(?:民國|民国))?\s*"
_SEPARATOR = r"\s*[/.\-]\s*"
_YEAR_FIRST = (
    re.compile(_ERA + r"(?P<y>\d{1,4})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日?", re.ASCII),
    re.compile(_ERA + rf"(?P<y>\d{{1,4}}){_SEPARATOR}(?P<m>\d{{1,2}}){_SEPARATOR}(?P<d>\d{{1,2}})", re.ASCII),
    re.compile(_ERA + r"(?P<y>\d{3,4})\s+(?P<m>\d{1,2})\s+(?P<d>\d{1,2})", re.ASCII),
    re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:\d{6})?", re.ASCII),
    re.compile(_ERA + r"(?P<y>\d{3})(?P<m>\d{2})(?P<d>\d{2})(?:\d{6})?", re.ASCII),
    re.compile(r"(?P<era>民國|民国)\s*(?P<y>\d{2})(?P<m>\d{2})(?P<d>\d{2})", re.ASCII),
)
_BEFORE_ERA = re.compile(
    r"(?:民國|民国)前\s*(?P<y>\d{1,2})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日?", re.ASCII
)
_YEAR_LAST = re.compile(r"(\d{1,2})\s*([/.\-])\s*(\d{1,2})\s*\2\s*(\d{4})", re.ASCII)
_AMBIGUOUS = re.compile(r"(\d{1,2})[/\-](\d{1,2})[/\-](\d{4}|\d{2})", re.ASCII)
_NAMED = (
    re.compile(r"(?P<d>\d{1,2})(?:st|nd|rd|th|er)?[\s.\-/]*(?:de\s+)?(?P<m>[a-z]{3,10})[\s.,\-/]*(?:de\s+)?(?P<y>\d{4})",
               re.ASCII | re.IGNORECASE),
    re.compile(r"(?P<m>[a-z]{3,10})[\s.\-]*(?P<d>\d{1,2})(?:st|nd|rd|th)?[\s,]+(?P<y>\d{4})", re.ASCII | re.IGNORECASE),
)  # fmt: skip
_MONTHS = (
    "january jan januar janvier janv enero ene gennaio gen",
    "february feb februar fevrier fevr fev febrero febbraio",
    "march mar marz maerz mars marzo",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag",
    "june jun juni juin junio giugno giu",
    "july jul juli juillet juil julio luglio lug",
    "august aug aout agosto ago",
    "september sep sept septembre septiembre settembre set",
    "october oct oktober okt octobre octubre ottobre ott",
    "november nov novembre noviembre",
    "december dec dezember dez decembre diciembre dic dicembre",
)
"""Months by name in English, German, French, Spanish and Italian, accents folded."""

_MONTH_NUMBERS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
_WEEKDAY = re.compile(
    r"\(?\s*(?:星期|週|周|禮拜)[一二三四五六日天]\s*\)?|\([一二三四五六日]\)"
    r"|\(?\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\)?[.,]?",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?P<gap>[T\s]*)(?:上午|下午|AM|PM)?\s*\d{1,2}[:時]\d{1,2}(?:[:分](?:\d{1,2}秒?)?)?(?:\.\d+)?\s*(?:AM|PM)?"
    r"(?:Z|[+-]\d{2}:?\d{2})?$",
    re.ASCII | re.IGNORECASE,
)
_NUMERALS = re.compile("[〇○零一二三四五六七八九十百廿卅壹貳參叁肆伍陸柒捌玖拾佰]+")
_ZEROS = str.maketrans("OoО", "000")


def parse_date(value: object) -> dt.date | None:
    """Return a date printed in either calendar: `114/05/21`, `中華民國114年5月21日`, `1140521`, `2025-05-21`.

    A year of two or three digits is ROC, of four AD (domain notes §5). Refused as ambiguous: six bare digits, a year of
    one digit without 民國, `05/06/2025` (but not `21/06/2025` nor `05.06.2025`), and ranges. A time or a weekday behind
    the date is dropped.
    """
    if value is None:
        return None
    if isinstance(value, dt.date):
        return _plausible(value.year, value.month, value.day)
    text = fold_number(str(value))
    if not text:
        return None
    text = _without_time(_WEEKDAY.sub(" ", text).strip())
    found = _named(text)
    if found is None:
        digits = _NUMERALS.sub(_numeral, text).translate(_ZEROS)
        found = _year_first(digits) or _year_last(digits)
    if found is None:
        raise ValueError(f"not a date: {text!r}")
    return _plausible(*found)


def _plausible(year: int, month: int, day: int) -> dt.date:
    if not _EARLIEST <= year <= _LATEST:
        raise ValueError(f"no year of a receipt: {year}")
    return dt.date(year, month, day)


def possible_dates(text: str) -> list[dt.date]:
    """Return what a date that `parse_date` refuses as ambiguous may mean: `05/06/2025`, `06/07/16`; day first."""
    match = _AMBIGUOUS.fullmatch(normalize(text))
    if not match:
        return []
    first, second, year = (int(part) for part in match.groups())
    found = []
    for month, day in ((second, first), (first, second)):
        with suppress(ValueError):
            found.append(dt.date(year if year >= 1000 else 2000 + year, month, day))
    return found


def format_roc_date(value: dt.date) -> str:
    """Return the date as paper shows it: `114/05/21`."""
    year = value.year - ROC_OFFSET
    if year < 1:
        return f"民國前{1 - year}年{value.month:02d}月{value.day:02d}日"
    return f"{year:0{3 if year < 10 else 2}d}/{value.month:02d}/{value.day:02d}"


def _without_time(text: str) -> str:
    match = _TIME.search(text)
    if not match:
        return text
    head = text[: match.start()].strip()
    # `2025-05-219:30` may be the 2nd at 19:30 or the 21st at 9:30
    if not match["gap"] and not re.search(r"[/.\-]\d{2}$|日$|^\d{7,8}$", head):
        raise ValueError(f"date and time run together: {text!r}")
    return head


def _year_first(text: str) -> tuple[int, int, int] | None:
    before = _BEFORE_ERA.fullmatch(text)
    if before:
        return ROC_OFFSET + 1 - int(before["y"]), int(before["m"]), int(before["d"])
    for form in _YEAR_FIRST:
        match = form.fullmatch(text)
        if not match:
            continue
        year, has_era = int(match["y"]), bool(match.groupdict().get("era"))
        if not has_era and "年" not in text and (year < 10 or match["y"].startswith("0")) and len(match["y"]) < 3:
            return None  # `5/6/25`, `05/06/25`: nobody can tell which is the year
        is_roc = has_era or year < 1000
        return year + ROC_OFFSET if is_roc else year, int(match["m"]), int(match["d"])
    return None


def _year_last(text: str) -> tuple[int, int, int] | None:
    match = _YEAR_LAST.fullmatch(text)
    if not match:
        return None
    first, separator, second, year = int(match[1]), match[2], int(match[3]), int(match[4])
    if separator == "." or first > 12 or first == second:
        return year, second, first
    return (year, first, second) if second > 12 else None


def _named(text: str) -> tuple[int, int, int] | None:
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    for form in _NAMED:
        match = form.fullmatch(plain.strip(" ,"))
        month = _MONTH_NUMBERS.get(match["m"].lower()) if match else None
        if match and month:
            return int(match["y"]), month, int(match["d"])
    return None


def _numeral(match: re.Match[str]) -> str:
    """Turn 一一四 and 一百一十四 alike into 114; what is neither stays and is refused later."""
    text = match[0]
    if not any(unit in text for unit in "十百廿卅拾佰"):
        return "".join(str(_digit(character)) for character in text)
    number = parse_numerals(text, everyday=True)
    return text if number is None else str(number)


def _digit(character: str) -> int:
    return 0 if character in "〇○零" else parse_numerals(character, everyday=True) or 0


_PERIOD = re.compile(
    _ERA + r"(?P<y>\d{2,4})\s*年?\s*(?P<first>\d{1,2})\s*月?\s*[-~至、,.]\s*(?P<last>\d{1,2})\s*月份?", re.ASCII
)
_PERIOD_CODE = re.compile(r"(?P<y>\d{3})(?P<last>0[2468]|1[02])", re.ASCII)


def parse_period(text: str) -> tuple[int, int] | None:
    """Return AD year and first month of an invoice period: `114年05-06月`, `一一四年五、六月份`, the code `11406`."""
    digits = _NUMERALS.sub(_numeral, fold_number(text)).replace("–", "-").replace("—", "-").replace("〜", "~")
    match = _PERIOD.fullmatch(digits) or _PERIOD_CODE.fullmatch(digits)
    if not match:
        return None
    year, last = int(match["y"]), int(match["last"])
    first = int(match.groupdict().get("first") or last - 1)
    if last - first != 1 or last % 2 or last > 12:
        return None
    return (year + ROC_OFFSET if year < 1000 else year), first
