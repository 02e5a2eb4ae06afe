"""What stands on one paper: chosen at random, with sums that agree."""

import datetime as dt
import random
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from invoice_papers.countries import COUNTRIES, Country, Style
from invoice_papers.sheet import Sheet

CENT = Decimal("0.01")


@dataclass
class Paper:
    """A sheet with its truth, in the format of labels of real documents."""

    kind: str
    language: str
    sheet: Sheet
    truth: dict[str, Any]

    def label(self, file: str) -> dict[str, Any]:
        """Return the line for `labels.jsonl`."""
        return {"file": file, "lang": self.language, "doc_type": "invoice", "fields": self.truth}


@dataclass
class Facts:
    """One sale."""

    rng: random.Random
    country: Country
    is_shop: bool = False
    sign: int = 1
    style: Style = field(init=False)
    lines: list[tuple[str, int, Decimal, Decimal]] = field(init=False)

    def __post_init__(self) -> None:
        rng, country = self.rng, self.country
        self.style = Style(rng.choice(country.signs), rng.choice(country.thousands), rng.choice(country.dates))
        self.seller = rng.choice(country.shops if self.is_shop else country.sellers)
        self.buyer, self.street, self.town = (
            rng.choice(country.buyers),
            rng.choice(country.streets),
            rng.choice(country.towns),
        )
        self.tax_id = rng.choice(country.tax_id)
        self.date = dt.date(2024, 1, 1) + dt.timedelta(days=rng.randrange(640))
        self.due = self.date + dt.timedelta(days=rng.choice((14, 30)))
        self.delivery = self.date - dt.timedelta(days=rng.randrange(1, 9))
        year = self.date.year
        forms = (
            f"INV-{rng.randrange(1000, 99999)}",
            f"{year}-{rng.randrange(100, 9999):05d}",
            f"RE{rng.randrange(10**5)}",
        )
        self.number = rng.choice((*forms, f"{rng.randrange(10**5, 10**7)}", f"F{year}/{rng.randrange(10, 999):04d}"))
        self.order, self.customer = f"PO-{rng.randrange(10**3, 10**5)}", str(rng.randrange(10**4, 10**6))
        goods = rng.sample(country.words["goods"], rng.randrange(1, 6))
        self.lines = []
        for name in goods:
            count = rng.choice((1, 1, 2, 3, 5, 12))
            top = 60 if self.is_shop else 900
            price = Decimal(rng.randrange(2 * 100, top * 100, 5)) / 100
            self.lines.append((name, count, price, self.sign * count * price))
        self.rate = rng.choice(country.rates)
        self.net = sum((line[3] for line in self.lines), Decimal(0))
        self.tax = (self.net * self.rate / 100).quantize(CENT, ROUND_HALF_UP)
        self.total = self.net + self.tax

    def word(self, key: str) -> str:
        """Return one wording."""
        return self.rng.choice(self.country.words[key])

    def money(self, amount: Decimal) -> str:
        """Write an amount as this paper does."""
        return self.country.money(amount, self.style)

    def bare(self, amount: Decimal) -> str:
        """Write an amount without its currency."""
        return self.country.money(amount, Style("{}", self.style.thousands, self.style.date))

    def day(self, date: dt.date) -> str:
        """Write a date as this paper does."""
        return self.country.date(date, self.style.date)

    def include_tax(self) -> None:
        """Let the prices hold the tax, as in a shop."""
        self.total = self.net
        self.tax = (self.net * self.rate / (100 + self.rate)).quantize(CENT, ROUND_HALF_UP)
        self.net = self.total - self.tax

    def truth(self, **more: Any) -> dict[str, Any]:
        """Return the truth; None drops a field that the paper does not show."""
        fields = {
            "seller_name": self.seller,
            "invoice_number": self.number,
            "date": self.date.isoformat(),
            "total": str(self.total),
            "tax": str(self.tax),
            "currency": self.country.currency,
            "items": [
                {"name": name, "qty": count, "unit_price": str(price), "amount": str(amount)}
                for name, count, price, amount in self.lines
            ],
        }
        return {key: value for key, value in (fields | more).items() if value is not None}


def pick(rng: random.Random, codes: str = "") -> Country:
    """Return a country, of some only where their codes are given."""
    return rng.choice([one for one in COUNTRIES if not codes or one.code in codes.split()])
