"""What an expression of an office's rule computes with: kinds of values, cells, and how both are compared."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from extraction.validation.rules import CannotCheck, Facts
from schemas.dates import parse_date
from schemas.document import DocumentPart, cells_of, get_cell, kind_of, lines_of, parse_cell
from schemas.lexicon import fee_code
from schemas.values import ValueKind

Value = Decimal | dt.date | str | bool
FEE_CODE = "fee_code"


class Kind(StrEnum):
    """What a part of an expression gives. Points are not money: the two are neither added nor compared."""

    NUMBER = "number"
    MONEY = "money"
    POINTS = "points"
    TEXT = "text"
    DATE = "date"
    YES_NO = "yes_no"


NUMBERS = {Kind.NUMBER, Kind.MONEY, Kind.POINTS}
_KINDS = {ValueKind.AMOUNT: Kind.MONEY, ValueKind.POINTS: Kind.POINTS, ValueKind.QUANTITY: Kind.NUMBER,
          ValueKind.DATE: Kind.DATE, ValueKind.YES_NO: Kind.YES_NO}  # fmt: skip


class Lacking(Exception):  # noqa: N818 - an answer, not an error
    """A value is missing, so that the expression has none; `why` says which."""

    def __init__(self, why: CannotCheck, *, is_blank: bool = False) -> None:
        """Take the reason, and whether nothing is printed in the cell rather than that it was not read."""
        super().__init__(why.reason)
        self.why, self.is_blank = why, is_blank


@dataclass(frozen=True)
class Place:
    """Where an expression is computed: a document, and where it looks at lines, one of them."""

    facts: Facts
    table: str = ""
    index: int = 0

    def path(self, cell: str) -> str:
        """Return the path of a cell that is named as `items.*.name` or `nhi_total`."""
        return cell.replace("*", str(self.index))


@dataclass(frozen=True)
class Expression:
    """A part of a rule, ready to compute."""

    kind: Kind
    compute: Callable[[Place], Value]
    """Raises Lacking."""
    cells: tuple[str, ...] = ()
    """What it looks at: `nhi_total`, `items.*.name` for the line that is looked at, `items` for all of them."""
    constant: Value | None = None
    accepts: Callable[[str], Value | None] | None = None
    """Turns a written text into a value of this cell; ValueError where the cell can never hold it."""


def constant(kind: Kind, value: Value) -> Expression:
    """Return an expression that is always this."""
    return Expression(kind, lambda _: value, constant=value)


def cell(model: type[DocumentPart], name: str, table: str = "") -> Expression | None:
    """Return the cell of the document, or of the lines of a table; None where there is none of that name."""
    owner = lines_of(model)[table] if table else model
    if table and name == FEE_CODE and FEE_CODE in owner.model_computed_fields:
        return Expression(Kind.TEXT, _fee_code, (f"{table}.*.name",))
    field = cells_of(owner).get(name)
    if field is None:
        return None
    general = f"{table}.*.{name}" if table else name
    kind = kind_of(field)
    accepts: Callable[[str], Value | None] | None = None
    if kind is ValueKind.DATE:
        accepts = parse_date
    elif kind is ValueKind.CHOICE:
        accepts = lambda text: parse_cell(field, text)  # noqa: E731
    return Expression(_KINDS.get(kind, Kind.TEXT), lambda place: read(place, general), (general,), accepts=accepts)


def read(place: Place, general: str) -> Value:
    """Return the value of a cell; Lacking where it has none."""
    path = place.path(general)
    value: Value | None = get_cell(place.facts.document, path)
    if value is None:
        raise Lacking(place.facts.lacking(path), is_blank=not place.facts.is_unknown(path))
    return value


def _fee_code(place: Place) -> Value:
    """Return the category; a text of none for a fee that the lists do not know, which another rule flags."""
    return fee_code(str(read(place, f"{place.table}.*.name"))) or ""


def lines(facts: Facts, table: str) -> range:
    """Return the indices of a table's lines; Lacking where there is none."""
    count = len(getattr(facts.document, table))
    if not count:
        raise Lacking(facts.lacking(table))
    return range(count)
