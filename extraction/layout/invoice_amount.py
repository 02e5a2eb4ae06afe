"""Amounts on an invoice of any country: where they stand, what they are worth, which sign parts the decimals."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from extraction.layout.invoice_rows import Found, Piece, found

_CURRENCY = (
    r"NT\$|HK\$|US\$|SG?\$|AU?\$|CA?\$|MOP\$?|NTD|HKD|USD|TWD|MYR|EUR|GBP|SGD|IDR|JPY|CNY|CHF|AUD|CAD|INR|KRW|THB|PHP"
    r"|RM|Rp\.?|Rs\.?|Fr\.|[$€£¥₹₩฿₱]"
    r"|S(?=\d+[.,]\d\d(?!\d))"  # OCR's reading of a dollar sign
)
_FORM = (
    r"(?<![A-Za-z0-9.,/#_*@])(?<!\d:)(?<!\d-)(?<![A-Z]{2}-)(?P<negative>[-−–]\s?|\()?"
    rf"(?P<currency>{_CURRENCY})?\s?(?P<minus>-)?"
    r"(?P<number>\d{1,3}(?:[,.'’]\d{3})+(?:[.,]\d{1,2})?|\d{1,3}(?: \d{3})+,\d\d|{PARTED}\d+(?:[.,:]\d{1,4})?)"
    rf"(?P<close>\))?(?P<trailing>-(?!\d))?\s?(?P<unit>{_CURRENCY}|[元圓円圆])?(?:SR|ZRL|ZR|SVC|TX|(?<=[.,]\d\d)[A-Z])?"
    r"(?!\s?%|[A-Za-z0-9]|[/:\-.,]\d|[年月日點点])"
)
_AMOUNT = re.compile(_FORM.replace("{PARTED}", ""))
_AMOUNT_WITH_CENTS = re.compile(_FORM.replace("{PARTED}", r"\d{1,4} \d\d(?![\d.,])|"))
"""`16 85` is 16.85 where amounts have cents, else a count and an amount."""
_WRITTEN_DATE = re.compile(
    r"(?<!\d)\d{1,2}(?:st|nd|rd|th|er|\.)? (?:de )?[^\W\d]{3,10}\.?,? (?:del? )?(?:19|20)\d\d(?!\d|[.,]\d)"
    r"|[^\W\d]{3,10}\.? \d{1,2}(?:st|nd|rd|th)? ?, ?(?:19|20)\d\d(?!\d|[.,]\d)"
)
_DOTTED_DATE = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?\d{2,4}")
_PERCENT = re.compile(r"\(?[@＠]?\s*\d{1,2}(?:[.,]\d+)?\s?%\)?")


@dataclass(frozen=True)
class NumberStyle:
    """How a document writes numbers."""

    decimal: str = "."
    has_cents: bool = False
    """Whether amounts with two decimals were seen: then a lone `2.450` has three."""


@dataclass(frozen=True)
class Amount:
    """One amount on the page."""

    value: Decimal
    piece: Piece
    start: int
    end: int
    currency: str | None = None
    is_exact: bool = True
    """False where the sign before the decimals had to be put in (`16 85`, `$16:00`)."""
    has_decimals: bool = False

    @property
    def right(self) -> float:
        """Right edge on the page, fraction of the width."""
        return self.piece.part(self.start, self.end).right

    @property
    def middle(self) -> float:
        """Horizontal middle on the page."""
        return self.piece.part(self.start, self.end).center[0]

    def found(self) -> Found:
        """Return it as a cell: plain digits as value, the printed text as evidence."""
        match = "exact" if self.is_exact else "folded"
        return found(self.piece, plain(self.value), self.start, self.end, match)  # type: ignore[arg-type]


def plain(value: Decimal) -> str:
    """Return a text that the schema's parser reads as this value and no other (`0.125` would be thousands to it)."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
        head, _, tail = text.partition(".")
        return f"{head}.{tail}0" if len(tail) in (1, 3) else text
    return text


def decide_style(texts: Iterable[str]) -> NumberStyle:
    """Decide the decimal sign by what stands before two last digits on the whole document."""
    points = commas = dimes = 0
    for text in (_DOTTED_DATE.sub(" ", text) for text in texts):
        points += len(re.findall(r"\d\.\d\d(?![\d.,/-])", text))
        commas += len(re.findall(r"\d,\d\d(?![\d.,])", text))
        dimes += len(re.findall(r"(?<![\d.])\d+\.\d(?![\d.,/-])", text))
    return NumberStyle("," if commas > points else ".", max(points, commas) > 0 or dimes > 2)


def amounts_in(piece: Piece, style: NumberStyle) -> list[Amount]:
    """Return the amounts of one piece; dates, times, codes, telephone numbers and percentages are none."""
    text = re.sub(r"(?<=RM)[O○](?=[.,]\d)", "0", piece.text)
    for none in (_PERCENT, _WRITTEN_DATE):
        text = none.sub(lambda match: "\0" * len(match[0]), text)
    result = []
    for match in (_AMOUNT_WITH_CENTS if style.has_cents else _AMOUNT).finditer(text):
        value, is_exact = _value(match["number"], style, bool(match["currency"]))
        if value is None:
            continue
        currency = match["currency"] or match["unit"]
        is_behind = match["trailing"] and currency != "¥"  # `¥5,500-` is closed against digits added later
        if match["negative"] or match["minus"] or is_behind:
            value = -value
        has_decimals = not match["number"].isdigit()
        result.append(Amount(value, piece, match.start(), match.end(), currency, is_exact, has_decimals))
    return result


def without_amounts(piece: Piece, amounts: Iterable[Amount]) -> str:
    """Return the text of a piece around its amounts and percentages."""
    text = piece.text
    for amount in amounts:
        text = text[: amount.start] + "\0" * (amount.end - amount.start) + text[amount.end :]
    return _PERCENT.sub("", text).replace("\0", " ").strip()


def _value(number: str, style: NumberStyle, has_currency: bool) -> tuple[Decimal | None, bool]:
    if re.fullmatch(r"\d{1,4} \d\d", number):
        return (Decimal(number.replace(" ", ".")), False) if style.has_cents else (None, False)
    if ":" in number:
        return (Decimal(number.replace(":", ".")), False) if has_currency and number[-3] == ":" else (None, False)
    number = number.replace("'", "").replace("’", "").replace(" ", "")
    if re.fullmatch(r"\d+", number):
        is_code = (number.startswith("0") and number != "0" and not re.fullmatch(r"0\d?", number)) or len(number) > 8
        return (None, False) if is_code else (Decimal(number), True)
    last = max(number.rfind("."), number.rfind(","))
    sign, head, tail = number[last], re.sub(r"[.,]", "", number[:last]), number[last + 1 :]
    several = len(re.findall(r"[.,]", number)) > 1
    is_grouped = several and len(set(re.findall(r"[.,]", number))) == 1
    is_thousands = len(tail) == 3 and (is_grouped or sign != style.decimal or not style.has_cents)
    return (Decimal(head + tail), True) if is_thousands and head != "0" else (Decimal(f"{head}.{tail}"), True)
