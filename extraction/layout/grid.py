"""The table of a page as geometry found it, without any model: its columns, and its rows with the places of amounts.

`read_page(...).grid` holds it; boxes and edges are fractions of the page image. A column reaches from the left edge of
its widest amount to the right edge; on a slanted photo compare by row, or with some slack.
"""

from dataclasses import dataclass

from extraction.layout.words import Role
from schemas.layout import BoundingBox


@dataclass(frozen=True)
class GridColumn:
    """A column of amounts; `role` is None where nothing on the page says what they are."""

    role: Role | None
    left: float
    right: float
    top: float
    bottom: float
    region: int
    panel: int
    """From 0, from left to right within the region."""


@dataclass(frozen=True)
class GridRow:
    """A fee line: where its name stands, and each payer's amount."""

    name: BoundingBox | None
    amounts: tuple[tuple[Role, BoundingBox], ...]
    region: int
    panel: int


@dataclass(frozen=True)
class Grid:
    """Columns and rows of a page in the order of reading."""

    columns: tuple[GridColumn, ...] = ()
    rows: tuple[GridRow, ...] = ()
