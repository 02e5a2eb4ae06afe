"""Known mistakes of models, made in a reading that is right: what the product must notice."""

import copy
import datetime as dt
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from schemas.dates import parse_date
from schemas.document import cells_of, kind_of, lines_of
from schemas.registry import DOCUMENT_TYPES
from schemas.values import ValueKind, format_decimal, parse_amount

Values = dict[str, Any]
Mistake = Callable[[Values, str, random.Random], bool]
"""Spoils the values in place; False where the document has nothing of the kind."""

_OTHER_WORDS = ("衛生紙", "停車費", "便當", "礦泉水", "計程車資", "電池", "雨傘")
_TOTALS = {"medical_receipt": ("nhi_total", "self_pay_total", "amount_due", "copayment_total"),
           "invoice": ("total_amount", "sales_amount", "tax_amount")}  # fmt: skip
_ROW_NAMES = {"medical_receipt": "name", "invoice": "description"}
_KEPT = 0.5  # of the rows of an answer that broke off


def columns_swapped(values: Values, document_type: str, dice: random.Random) -> bool:
    """Exchange NHI and self-pay amounts of some rows, at times of all."""
    rows = [row for row in values.get("items") or () if _differ(row.get("nhi_amount"), row.get("self_pay_amount"))]
    if document_type != "medical_receipt" or not rows:
        return False
    for row in rows if dice.random() < 0.5 else dice.sample(rows, max(1, len(rows) // 3)):
        row["nhi_amount"], row["self_pay_amount"] = row.get("self_pay_amount"), row.get("nhi_amount")
    return True


def collapsed(values: Values, document_type: str, dice: random.Random) -> bool:
    """Put what the NHI pays under self-pay, as models do that know one amount column only."""
    rows = [row for row in values.get("items") or () if _number(row.get("nhi_amount"))]
    if document_type != "medical_receipt" or not rows:
        return False
    for row in rows:
        row["self_pay_amount"], row["nhi_amount"] = _sum(row["nhi_amount"], row.get("self_pay_amount")), None
    if dice.random() < 0.5 and values.get("nhi_total"):
        values["self_pay_total"], values["nhi_total"] = _sum(values["nhi_total"], values.get("self_pay_total")), None
    return True


def all_swapped(values: Values, document_type: str, dice: random.Random) -> bool:
    """Exchange the two columns of all rows together with their totals, so that every sum still holds."""
    rows = [row for row in values.get("items") or () if _differ(row.get("nhi_amount"), row.get("self_pay_amount"))]
    if document_type != "medical_receipt" or not rows:
        return False
    for row in rows:
        row["nhi_amount"], row["self_pay_amount"] = row.get("self_pay_amount"), row.get("nhi_amount")
    values["nhi_total"], values["self_pay_total"] = values.get("self_pay_total"), values.get("nhi_total")
    return True


def rows_shifted(values: Values, document_type: str, dice: random.Random) -> bool:
    """Give the amounts of some rows one row lower, the last to the first: the sum of the column still holds."""
    cells = [cell for cell in _numbers(document_type)]
    rows = values.get("items") or []
    if len(rows) < 2:
        return False
    first = dice.randrange(len(rows) - 1)
    some = rows[first : first + dice.randrange(2, 5)]
    before = [{cell: row.get(cell) for cell in cells} for row in some]
    for row, amounts in zip(some, [before[-1], *before[:-1]], strict=True):
        row |= amounts
    return any(
        _differ(row.get(cell), amounts[cell]) for row, amounts in zip(some, before, strict=True) for cell in cells
    )


def digit_lost(values: Values, document_type: str, dice: random.Random) -> bool:
    """Leave a digit of one amount of a row out, or say one twice."""
    cells = [(row, cell) for row in values.get("items") or () for cell in _numbers(document_type)
             if _number(row.get(cell)) >= 10]  # fmt: skip
    if not cells:
        return False
    row, cell = dice.choice(cells)
    text = str(row[cell]).replace(",", "")
    places = [place for place, letter in enumerate(text) if letter.isdigit() and "." not in text[:place]]
    place = dice.choice(places)
    shorter = text[:place] + text[place + 1 :]
    is_number = shorter.lstrip("0") == shorter and _number(shorter) > 0
    row[cell] = shorter if is_number and dice.random() < 0.5 else text[:place] + text[place] + text[place:]
    return _differ(row[cell], text)


def digit_wrong(values: Values, document_type: str, dice: random.Random) -> bool:
    """Change one digit of one amount of a row."""
    cells = [(row, cell) for row in values.get("items") or () for cell in _numbers(document_type)
             if _number(row.get(cell))]  # fmt: skip
    if not cells:
        return False
    row, cell = dice.choice(cells)
    row[cell] = _other_digit(str(row[cell]), dice)
    return True


def row_dropped(values: Values, document_type: str, dice: random.Random) -> bool:
    """Leave one row out."""
    rows = values.get("items") or []
    if not rows:
        return False
    del rows[dice.randrange(len(rows))]
    return True


def each_third_dropped(values: Values, document_type: str, dice: random.Random) -> bool:
    """Leave each third row out."""
    rows = values.get("items") or []
    if len(rows) < 3:
        return False
    del rows[dice.randrange(3) :: 3]
    return True


def row_invented(values: Values, document_type: str, dice: random.Random) -> bool:
    """Put in a row that is not on the page."""
    name = _ROW_NAMES[document_type]
    made: dict[str, str | None] = {cell: None for cell in cells_of(lines_of(DOCUMENT_TYPES[document_type])["items"])}
    amount = str(dice.randrange(30, 3000))
    made[name] = dice.choice(("營養諮詢費", "心理衡鑑費", "輸血費", "復健治療費", *_OTHER_WORDS))
    made |= {"self_pay_amount": amount} if name == "name" else {"quantity": "1", "unit_price": amount, "amount": amount}
    rows = values.setdefault("items", [])
    rows.insert(dice.randrange(len(rows) + 1), made)
    return True


def item_renamed(values: Values, document_type: str, dice: random.Random) -> bool:
    """Call an item by a word that does not belong."""
    rows = values.get("items") or []
    if not rows:
        return False
    row, name = dice.choice(rows), _ROW_NAMES[document_type]
    row[name] = dice.choice([word for word in _OTHER_WORDS if word != row.get(name)])
    return True


def date_wrong(values: Values, document_type: str, dice: random.Random) -> bool:
    """Change day, month or year by one digit."""
    return _spoil(values, ("visit_date", "admission_date", "discharge_date", "issue_date"), dice, _other_date)


def total_wrong(values: Values, document_type: str, dice: random.Random) -> bool:
    """Change one digit of a total."""
    names = tuple(name for name in _TOTALS[document_type] if _number(values.get(name)))
    return _spoil(values, names, dice, _other_digit)


def identifier_wrong(values: Values, document_type: str, dice: random.Random) -> bool:
    """Change one digit of a number that names something."""
    fields = cells_of(DOCUMENT_TYPES[document_type]).items()
    names = tuple(name for name, declared in fields if kind_of(declared) is ValueKind.IDENTIFIER and name != "currency")
    return _spoil(values, names, dice, _other_digit)


def name_wrong(values: Values, document_type: str, dice: random.Random) -> bool:
    """Change the last character of a person's name."""
    return _spoil(values, ("patient_name",), dice, lambda text, _: text[:-1] + ("明" if text[-1] != "明" else "朋"))


def repetition(values: Values, document_type: str, dice: random.Random) -> bool:
    """Give one row over and over."""
    rows = values.get("items") or []
    if not rows:
        return False
    at = dice.randrange(len(rows))
    rows[at:at] = [dict(rows[at]) for _ in range(dice.randrange(1, 8))]
    return True


def truncation(values: Values, document_type: str, dice: random.Random) -> bool:
    """Break off within the rows: what stands behind them in the answer is lost too."""
    rows = values.get("items") or []
    if len(rows) < 2:
        return False
    del rows[max(1, int(len(rows) * _KEPT)) :]
    model = DOCUMENT_TYPES[document_type]
    names = list(model.model_fields)
    for name in names[names.index("items") + 1 :]:
        values[name] = [] if name in lines_of(model) else None
    return True


MISTAKES: dict[str, Mistake] = {
    each.__name__: each
    for each in (columns_swapped, collapsed, digit_wrong, row_dropped, each_third_dropped, row_invented, item_renamed,
                 date_wrong, total_wrong, identifier_wrong, name_wrong, repetition, truncation, all_swapped,
                 rows_shifted, digit_lost)
}  # fmt: skip
"""Kind of mistake → what makes it."""


def spoiled(values: Values, document_type: str, kind: str, dice: random.Random) -> Values | None:
    """Return the values with a mistake of this kind; None where the document has no place for it."""
    made = copy.deepcopy(values)
    if kind == "none":
        return made
    return made if MISTAKES[kind](made, document_type, dice) else None


def _spoil(values: Values, names: tuple[str, ...], dice: random.Random, spoil: Callable[[str, random.Random], str],
           ) -> bool:  # fmt: skip
    places = [name for name in names if any(letter.isdigit() or spoil is not _other_digit
                                            for letter in str(values.get(name) or ""))]  # fmt: skip
    if not places:
        return False
    name = dice.choice(places)
    values[name] = spoil(str(values[name]), dice)
    return True


def _other_digit(text: str, dice: random.Random) -> str:
    places = [place for place, letter in enumerate(text) if letter.isdigit()]
    place = dice.choice(places)
    lowest = 1 if place == places[0] else 0  # a leading 0 would be no amount
    digit = dice.choice([str(one) for one in range(lowest, 10) if str(one) != text[place]])
    return text[:place] + digit + text[place + 1 :]


def _other_date(text: str, dice: random.Random) -> str:
    """Return an ISO date with its day, month or year off."""
    date = parse_date(text) or dt.date(2000, 1, 1)
    year, month, day = date.year, date.month, date.day
    part = dice.choice("ymd")
    if part == "y":
        year -= dice.choice((1, 10))
    elif part == "m":
        month = month % 12 + 1
    day = min(day % 28 + 1 if part == "d" else day, 28 if month == 2 else 30)
    return f"{year:04}-{month:02}-{day:02}"


def _numbers(document_type: str) -> Iterator[str]:
    for cell, declared in cells_of(lines_of(DOCUMENT_TYPES[document_type])["items"]).items():
        if kind_of(declared) in (ValueKind.AMOUNT, ValueKind.POINTS):
            yield cell


def _number(text: object) -> Decimal:
    return parse_amount(text) or Decimal(0)


def _differ(one: object, other: object) -> bool:
    return _number(one) != _number(other)


def _sum(one: object, other: object) -> str | None:
    return format_decimal(_number(one) + _number(other))
