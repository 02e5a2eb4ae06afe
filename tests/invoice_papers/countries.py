"""How countries write an invoice: words, money, dates, names (`countries.toml`)."""

import datetime as dt
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Style:
    """What one paper uses of its country's ways."""

    sign: str
    """`{}` stands for the number."""
    thousands: str
    date: str


@dataclass(frozen=True)
class Country:
    """One country's ways; of several wordings one is taken."""

    code: str
    language: str
    currency: str
    signs: list[str]
    decimal: str
    thousands: list[str]
    dates: list[str]
    rates: list[int]
    sellers: list[str]
    shops: list[str]
    buyers: list[str]
    streets: list[str]
    towns: list[str]
    tax_id: list[str]
    words: dict[str, list[str]]

    def money(self, amount: Decimal, style: Style) -> str:
        """Write an amount."""
        signs = str.maketrans({",": style.thousands, ".": self.decimal})
        text = style.sign.replace("{}", f"{abs(amount):,.2f}".translate(signs))
        return f"-{text}" if amount < 0 else text

    def date(self, date: dt.date, form: str) -> str:
        """Write a date; %N is the month's name in the language, %S its first letters."""
        name = self.words["months"][date.month - 1]
        form = form.replace("%N", name).replace("%S", name[:3]).replace("%-d", str(date.day))
        return date.strftime(form)


def _load() -> tuple[Country, ...]:
    data: dict[str, Any] = tomllib.loads(Path(__file__).with_name("countries.toml").read_text(encoding="utf-8"))
    return tuple(Country(words=data["words"][one["language"]], **one) for one in data["countries"])


COUNTRIES = _load()
