"""What a table's rows hold once its structure is known: names with their amounts, and rows that add up columns."""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal

from extraction.layout.grid import GridColumn
from extraction.layout.stamps import without_stamp
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.words import Role
from schemas.values import parse_amount

_LEADERS = re.compile(r"[.·…_\-–—:。、,;\s]+$|^[•·\s]+")
_BOXES = re.compile(r"[■□☑☐◻▪]+")
"""What the OCR makes of a stamp's edge."""
_STAMPED = "收費專用訖章"
"""Characters of a stamp's words, glued to an amount below them."""


@dataclass
class Entry:
    """A row's name with its amounts."""

    name: Token | None
    cells: dict[Role, Token] = field(default_factory=dict)
    shown: tuple[Role, ...] = ()
    """Payers whose cells the layout shows in this row."""
    unsure: set[Role] = field(default_factory=set)
    """Payers whose amount may belong to another column."""
    rivals: dict[Role, Token | None] = field(default_factory=dict)
    """What stands in a cell if the page is built otherwise, which explains it almost as well."""
    stray: list[Token] = field(default_factory=list)
    """Amounts of the row that no head claims."""
    proposal: dict[Role, Token] = field(default_factory=dict)
    """Whose the stray amounts would be by the printed totals alone."""
    source: tuple[int, int] = (0, 0)
    """Region and strip."""
    middle: float = 0.0
    tagged: bool = False
    in_table: bool = False
    other_names: list[str] = field(default_factory=list)
    """What another look at the name gave, where it gave something else."""

    @property
    def label(self) -> str:
        """The name as text, empty where it was not read."""
        return self.name.text if self.name else ""

    @property
    def has_amount(self) -> bool:
        """Whether anything stands where an amount would."""
        return bool(self.cells or self.stray)


@dataclass(frozen=True)
class ColumnSpan:
    """From where to where a column of amounts reaches on the flat page."""

    role: Role
    left: float
    right: float


@dataclass
class Body:
    """What the rows under the heads hold."""

    entries: list[Entry] = field(default_factory=list)
    totals: list[Entry] = field(default_factory=list)
    """Rows whose name is the label of a total, with their amounts by column."""
    used: set[int] = field(default_factory=set)
    """Tokens (by identity) of the rows that were taken as fee lines or column totals."""
    has_heads: bool = False
    columns: list[ColumnSpan] = field(default_factory=list)
    """Of the tables only; empty where the page has none."""
    grid: list[GridColumn] = field(default_factory=list)


def is_garbled_amount(token: Token) -> bool:
    """Whether a text is an amount that the OCR could not make out."""
    bare = token.text.strip(_STAMPED)
    digits = sum(character.isdigit() for character in bare)
    return (
        token.kind is TokenKind.TEXT
        and not token.is_value
        and digits > 0
        and digits * 2 >= len(bare)
        and len(bare) <= 9
        and bare.isascii()
        and not re.search(r"[/:()\-]", bare)
    )


def as_unreadable(token: Token) -> Token:
    """Return the token as an amount nobody can make out."""
    return replace(token, kind=TokenKind.AMOUNT, text="?")


def clean_name(token: Token) -> Token:
    """Return a name without dot leaders and pieces of a stamp."""
    bare = _BOXES.sub("", _LEADERS.sub("", token.text)).strip()
    return replace(token, text=without_stamp(bare) or token.text)


def number_of(token: Token | None) -> Decimal | None:
    """Return the value of an amount; None where there is none, or none that can be read."""
    if token is None or token.kind is not TokenKind.AMOUNT or token.text == "?":
        return None
    try:
        return parse_amount(token.text)
    except ValueError:
        return None
