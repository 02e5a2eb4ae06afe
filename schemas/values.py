"""From the text printed on paper to a value: amounts, quantities, dates, choices. Each parser raises ValueError."""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from schemas.numerals import parse_numerals

UNREADABLE = "?"
"""What a reader writes for a cell, or for a digit, that it cannot make out."""


class ValueKind(StrEnum):
    """What a field holds; decides its input, its column's type and its alignment."""

    TEXT = "text"
    IDENTIFIER = "identifier"
    AMOUNT = "amount"
    POINTS = "points"
    QUANTITY = "quantity"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


@dataclass(frozen=True)
class Kind:
    """Annotation of a field with its kind."""

    value: ValueKind


def normalize(text: str) -> str:
    """Fold full-width forms and spaces; `︰` becomes a colon (NFKC alone would make two dots of it)."""
    return unicodedata.normalize("NFKC", text.replace("︰", ":")).strip()


# -- amounts ---------------------------------------------------------------------------------------------------------

_CURRENCY = re.compile(r"(?i)NT\$|NTD|TWD|US\$|HK\$|RM|新臺幣|新台幣|[$€£¥￥元圓圆點点整正\s]")


def parse_amount(value: object) -> Decimal | None:
    """Return money or points as printed: `1,200`, `NT$１，２００`, `1200.0`, `(50)`, `壹仟貳佰元整`; nothing is None.

    Both separators in one text: the last is the decimal sign (`1.234,56`). One separator before exactly three digits
    parts thousands (`1.234` is a misread `1,234`: no Taiwanese amount has three decimals).
    """
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decimal(str(value))
    text = normalize(str(value))
    if not text:
        return None
    numerals = parse_numerals(text)
    if numerals is not None:
        return Decimal(numerals)
    bare = _CURRENCY.sub("", text).replace("−", "-").replace("–", "-").replace("、", ",").replace("。", ".")
    negative = bare.startswith("-") or bare.endswith("-") or (bare.startswith("(") and bare.endswith(")"))
    digits = _plain_decimal(bare.strip("-()+"))
    try:
        amount = Decimal(digits)
    except InvalidOperation:
        raise ValueError(f"not an amount: {text!r}") from None
    return -amount if negative else amount


def _plain_decimal(text: str) -> str:
    """Return digits with one point at most, or a text that Decimal refuses."""
    if not re.fullmatch(r"\d[\d.,']*", text):
        return "?"
    text = text.replace("'", "")
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return text
    separators = {character for character in text if character in ".,"}
    head, tail = re.sub(r"[.,]", "", text[:last]), text[last + 1 :]
    groups = re.split(r"[.,]", text)
    thousands = len(separators) == 1 and all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3
    if thousands:
        return head + tail
    if not tail or (len(separators) == 1 and len(groups) > 2):
        return "?"
    return f"{head}.{tail}"


def parse_quantity(value: object) -> Decimal | None:
    """Return a count or measure: `2`, `2.5`, `1,000`, `3 盒`; a point always is the decimal sign."""
    if value is None or isinstance(value, Decimal):
        return value
    text = normalize(str(value)).replace(",", "")
    if not text:
        return None
    match = re.fullmatch(r"[xX×*]?\s*(-?\d+(?:\.\d+)?)\s*[^\d\s]{0,4}", text)
    if not match:
        raise ValueError(f"not a quantity: {text!r}")
    return Decimal(match[1])


def format_decimal(value: Decimal | None) -> str | None:
    """Return the plain decimal string of the JSON line: no exponent, no trailing zeros after a point."""
    if value is None:
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# -- dates -----------------------------------------------------------------------------------------------------------

ROC_OFFSET = 1911
"""民國 year + 1911 = AD year."""

_DATE_FORMS = (
    re.compile(r"(?:中華)?(?:民國|民国)?\s*(?P<y>\d{1,4})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日?"),
    re.compile(r"(?:中華)?(?:民國|民国)?\s*(?P<y>\d{1,4})\s*[/.\-]\s*(?P<m>\d{1,2})\s*[/.\-]\s*(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})"),
    re.compile(r"(?:民國|民国)?(?P<y>\d{3})(?P<m>\d{2})(?P<d>\d{2})"),
    re.compile(r"(?:民國|民国)(?P<y>\d{2})(?P<m>\d{2})(?P<d>\d{2})"),
)
_TIME_TAIL = re.compile(r"[T\s]*\d{1,2}[:時]\d{1,2}(?:[:分]\d{1,2}秒?)?(?:\.\d+)?Z?$")


def parse_date(value: object) -> dt.date | None:
    """Return a date printed in either calendar: `114/05/21`, `中華民國114年5月21日`, `1140521`, `2025-05-21`.

    A year of one to three digits is ROC, of four AD (domain notes §5). Six bare digits are refused as ambiguous. A time
    behind the date is dropped.
    """
    if value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
        return value
    if isinstance(value, dt.datetime):
        return value.date()
    text = _TIME_TAIL.sub("", normalize(str(value))).strip()
    if not text:
        return None
    numerals = re.sub(r"[〇零一二三四五六七八九十廿卅]+", _numeral_part, text)
    for form in _DATE_FORMS:
        match = form.fullmatch(numerals)
        if match:
            return _date(int(match["y"]), int(match["m"]), int(match["d"]), roc="民" in numerals)
    raise ValueError(f"not a date: {text!r}")


def _date(year: int, month: int, day: int, *, roc: bool) -> dt.date:
    if year < 1000 or roc:
        year += ROC_OFFSET
    return dt.date(year, month, day)


def _numeral_part(match: re.Match[str]) -> str:
    digits = "〇零一二三四五六七八九"
    text = match[0]
    if not any(unit in text for unit in "十廿卅"):
        return "".join(str(max(digits.index(character) - 1, 0)) for character in text)
    number = parse_numerals(text, everyday=True)
    return text if number is None else str(number)


def format_roc_date(value: dt.date) -> str:
    """Return the date as paper shows it: `114/05/21`."""
    return f"{value.year - ROC_OFFSET}/{value.month:02d}/{value.day:02d}"


# -- choices ---------------------------------------------------------------------------------------------------------


def parse_choice(value: object, words: Mapping[str, str]) -> str | None:
    """Return the code for a code or a printed word; `words` maps printed words to codes."""
    if value is None:
        return None
    text = normalize(str(value))
    if not text:
        return None
    if text in words.values():
        return text
    for word, code in words.items():
        if word in text:
            return code
    raise ValueError(f"not one of {sorted(set(words.values()))}: {text!r}")


_YES_NO = {"true": True, "yes": True, "1": True, "是": True, "有": True, "正本": True,
           "false": False, "no": False, "0": False, "否": False, "無": False, "副本": False}  # fmt: skip


def parse_yes_no(value: object) -> bool | None:
    """Return a yes or no, also from 是/否, 有/無, 正本/副本."""
    if value is None or isinstance(value, bool):
        return value
    text = normalize(str(value)).lower()
    if not text:
        return None
    if text not in _YES_NO:
        raise ValueError(f"not yes or no: {text!r}")
    return _YES_NO[text]


# -- texts -----------------------------------------------------------------------------------------------------------


def parse_text(value: object) -> str | None:
    """Return the text without outer spaces, else as printed; nothing is None."""
    if value is None:
        return None
    text = re.sub(r"\s+", " ", str(value)).strip()
    return text or None


def parse_identifier(value: object) -> str | None:
    """Return a number or code with full-width forms folded and spaces removed; leading zeros stay."""
    if value is None:
        return None
    return re.sub(r"\s+", "", normalize(str(value))).upper() or None


_decimal = PlainSerializer(format_decimal, return_type=str | None, when_used="json")

Text = Annotated[str | None, Kind(ValueKind.TEXT), BeforeValidator(parse_text)]
Identifier = Annotated[str | None, Kind(ValueKind.IDENTIFIER), BeforeValidator(parse_identifier)]
Amount = Annotated[Decimal | None, Kind(ValueKind.AMOUNT), BeforeValidator(parse_amount), _decimal]
Points = Annotated[Decimal | None, Kind(ValueKind.POINTS), BeforeValidator(parse_amount), _decimal]
Quantity = Annotated[Decimal | None, Kind(ValueKind.QUANTITY), BeforeValidator(parse_quantity), _decimal]
Date = Annotated[dt.date | None, Kind(ValueKind.DATE), BeforeValidator(parse_date)]
YesNo = Annotated[bool | None, Kind(ValueKind.YES_NO), BeforeValidator(parse_yes_no)]
