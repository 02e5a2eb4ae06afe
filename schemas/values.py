"""From the text printed on paper to a value: amounts, quantities, dates, choices. Each parser raises ValueError."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from schemas.dates import ROC_OFFSET as ROC_OFFSET
from schemas.dates import format_roc_date as format_roc_date
from schemas.dates import parse_date
from schemas.folding import fold_code, fold_number, printable
from schemas.folding import normalize as normalize
from schemas.numerals import parse_words

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


# -- amounts ---------------------------------------------------------------------------------------------------------

_CODES = r"NT\$|NTD|NT|TWD|US\$|USD|HK\$|HKD|S\$|SGD|A\$|AUD|RM|MYR|RMB|CNY|JPY|EUR|GBP|IDR|RP|[$€£¥₩₹]|新[臺台]幣"
_AMOUNT = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+])?\s*(?:(?:{_CODES})\.?:?\s*)?(?P<inner>[-+])?\s*"
    rf"(?P<digits>[0-9][0-9.,' ]*)\s*(?:{_CODES}|[元圓圆点點]?[整正]?)\s*(?P<close>\))?",
    re.IGNORECASE,
)
_DASHES = re.compile(r"[-‐‑‒–—―─−]{1,4}")
_MOST_DECIMALS = 24  # more than a float gives
_FORMS = (
    (re.compile(r"[0-9]{1,12}"), ""),
    (re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3}){1,3}(?:\.[0-9]{1,2})?"), ","),
    (re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3}){1,3}(?:,[0-9]{1,2})?"), "."),
    (re.compile(r"[1-9][0-9]{0,2}(?:'[0-9]{3}){1,3}(?:[.,][0-9]{1,2})?"), "'"),
    # a space between digits may part two cells; before two decimals it parts thousands
    (re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3}){1,3}[.,][0-9]{2}"), " "),
    (re.compile(r"[0-9]{1,12}[.,][0-9]{1,2}"), ""),
    (re.compile(rf"0\.[0-9]{{1,{_MOST_DECIMALS}}}|[0-9]{{1,12}}\.[0-9]{{4,{_MOST_DECIMALS}}}"), ""),
)
"""What the digits of an amount may look like, and the sign that parts thousands there."""


def parse_amount(value: object) -> Decimal | None:
    """Return money or points as printed: `1,200`, `NT$１，２００`, `1200.0`, `(50)`, `壹仟貳佰元整`; nothing is None.

    Both separators in one text: the last is the decimal sign (`1.234,56`). One separator before exactly three digits
    parts thousands (`1.234` is a misread `1,234`: no Taiwanese amount has three decimals). A dash alone is an empty
    cell. What could be two amounts is refused: `345 412`, `1,23,450`, `50-`.
    """
    if value is None:
        return None
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return _finite(Decimal(str(value)))
    text = fold_number(str(value)).replace("−", "-").replace("–", "-").replace("、", ",").replace("。", ".")
    if not text or _DASHES.fullmatch(text):
        return None
    words = parse_words(text)
    if words is not None:
        return _finite(words)
    match = _AMOUNT.fullmatch(text)
    if not match or bool(match["open"]) != bool(match["close"]) or (match["sign"] and match["inner"]):
        raise ValueError(f"not an amount: {text!r}")
    amount = _decimal_of(match["digits"])
    is_negative = "-" in (match["sign"], match["inner"]) or bool(match["open"])
    return amount.copy_negate() if is_negative and amount else amount  # unary minus would round


def _decimal_of(printed: str) -> Decimal:
    digits = re.sub(r"\s*([.,'])\s*", r"\1", printed.strip())
    for form, thousands in _FORMS:
        if form.fullmatch(digits):
            return Decimal(digits.replace(thousands, "").replace(",", ".") if thousands else digits.replace(",", "."))
    raise ValueError(f"not an amount: {printed!r}")


def _finite(number: Decimal) -> Decimal:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_MOST_DECIMALS or abs(number) >= Decimal(10) ** 12:
        raise ValueError("no number of a receipt")
    return number or Decimal(0)


def parse_quantity(value: object) -> Decimal | None:
    """Return a count or measure: `2`, `2.5`, `1,000`, `3 盒`; a point always is the decimal sign."""
    if value is None:
        return None
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return _finite(Decimal(str(value)))
    text = fold_number(str(value))
    if not text:
        return None
    match = re.fullmatch(r"[xX×*]?\s*(-?[0-9][0-9.,]*)\s*[^\W\d_]{0,6}\.?", text)
    digits = match[1] if match else ""
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", digits):
        digits = digits.replace(",", "")
    if not re.fullmatch(r"-?[0-9]+([.,][0-9]+)?", digits):
        raise ValueError(f"not a quantity: {text!r}")
    return _finite(Decimal(digits.replace(",", ".")))


def format_decimal(value: Decimal | None) -> str | None:
    """Return the plain decimal string of the JSON line: no exponent, no trailing zeros after a point.

    Three decimals get a fourth: `1.234` would be read back as 1,234, and `1234.567` not at all.
    """
    if value is None:
        return None
    text = format(value or Decimal(0), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text}0" if re.fullmatch(r"-?[0-9]+\.[0-9]{3}", text) else text


# -- choices ---------------------------------------------------------------------------------------------------------


_BOXES = re.compile(r"[□■☐☑☒✓✔/、,\s]")


def parse_choice(value: object, words: Mapping[str, str]) -> str | None:
    """Return the code for a code or a printed word; `words` maps printed words to codes, the more telling one first.

    A row of boxes to tick (`□門診 ■急診`) names several: refused, since the tick is not in the text.
    """
    if value is None:
        return None
    text = normalize(str(value))
    if not text:
        return None
    if text.lower() in words.values():
        return text.lower()
    rest, codes = text, []
    for word in sorted(words, key=len, reverse=True):  # 門急診 before the 急診 in it
        if word in rest:
            rest = rest.replace(word, " ")
            codes.append(words[word])
    if codes and not (len(set(codes)) > 1 and _BOXES.search(text)):
        return min(codes, key=list(words.values()).index)
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
    text = re.sub(r"\s+", " ", printable(str(value))).strip()
    return text or None


def parse_identifier(value: object) -> str | None:
    """Return a number or code with full-width forms folded and spaces removed; leading zeros stay."""
    if value is None:
        return None
    return fold_code(str(value)).upper() or None


_decimal = PlainSerializer(format_decimal, return_type=str | None, when_used="json")

Text = Annotated[str | None, Kind(ValueKind.TEXT), BeforeValidator(parse_text)]
Identifier = Annotated[str | None, Kind(ValueKind.IDENTIFIER), BeforeValidator(parse_identifier)]
Amount = Annotated[Decimal | None, Kind(ValueKind.AMOUNT), BeforeValidator(parse_amount), _decimal]
Points = Annotated[Decimal | None, Kind(ValueKind.POINTS), BeforeValidator(parse_amount), _decimal]
Quantity = Annotated[Decimal | None, Kind(ValueKind.QUANTITY), BeforeValidator(parse_quantity), _decimal]
Date = Annotated[dt.date | None, Kind(ValueKind.DATE), BeforeValidator(parse_date)]
YesNo = Annotated[bool | None, Kind(ValueKind.YES_NO), BeforeValidator(parse_yes_no)]
