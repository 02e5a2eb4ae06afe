"""One idea of how a region is built: strips side by side, each with names and columns, or with pairs of one payer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from extraction.layout.columns import Column
from extraction.layout.heads import Head, Region
from extraction.layout.rows import Row
from extraction.layout.total_words import GRAND, SUBTOTAL, total_field
from extraction.layout.words import Role

STOPS = frozenset({"nhi_total", "self_pay_total", "amount_due", "amount_paid", "balance", GRAND})
"""Labels after which no fee lines follow until the next head."""


@dataclass(frozen=True)
class PlacedColumn:
    """Amounts below each other with what they are taken for."""

    column: Column
    role: Role | None
    """None where nothing says what they are; AMOUNT where each line says itself who pays."""
    head: Head | None = None


@dataclass(frozen=True)
class Strip:
    """A vertical strip of a region."""

    left: float
    right: float
    heads: tuple[Head, ...] = ()
    columns: tuple[PlacedColumn, ...] = ()
    """Empty where rows are pairs of name and amount, however many stand in one."""
    payer: Role | None = None
    """Of the amounts of which no column and no line says who pays."""
    misfit: float = 0.0
    """How far columns stand from their heads, in page widths."""
    is_across: bool = False
    """Whether fees stand side by side, with each payer's amounts in a row below them."""

    @property
    def has_columns(self) -> bool:
        """Whether each row is a name with a cell under each head."""
        return bool(self.columns)


@dataclass(frozen=True)
class Structure:
    """One way to read a region."""

    strips: tuple[Strip, ...]
    kind: str = ""


@dataclass
class Parts:
    """What of a region's rows stands in each strip, cut once for all structures that share it."""

    region: Region
    found: dict[tuple[float, float], list[Row]] = field(default_factory=dict)

    def of(self, left: float, right: float) -> list[Row]:
        """Return the rows between two edges down to where the totals begin."""
        key = (left, right)
        if key not in self.found:
            rows = []
            for row in self.region.rows:
                if _is_foot_of_all(row):
                    break
                part = Row([token for token in row.tokens if left <= token.center < right])
                if part.tokens and _is_foot(part):
                    break
                if part.tokens:
                    rows.append(part)
            self.found[key] = rows
        return self.found[key]


def _is_foot_of_all(row: Row) -> bool:
    """Whether a row holds the labels of several totals and one of them is the page's, wherever they stand."""
    labels = [label for token in row.texts() if not token.is_value and (label := total_field(token.text))]
    return len(labels) >= 2 and SUBTOTAL not in labels and any(label in STOPS for label in labels)


def _is_foot(row: Row) -> bool:
    """Whether the totals of the page begin here: a strong label, or two labels side by side."""
    labels = [total_field(token.text) for token in row.texts() if not token.is_value]
    known = [label for label in labels if label]
    if known == [GRAND] and len(row.amounts()) > 1:
        return False  # 費用合計 below a table adds up its columns
    return any(label in STOPS for label in known) or len(known) >= 2


def names_of(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that hold both a name and an amount."""
    return [row for row in rows if row.amounts() and row.texts()]
