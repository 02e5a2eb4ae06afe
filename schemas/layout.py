"""Where text stands on a page: one origin (top left), one unit (fractions of the page, 0 to 1)."""

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field


class BoundingBox(NamedTuple):
    """A rectangle in fractions of the page; in JSON a list of four numbers."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width as a fraction of the page's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height as a fraction of the page's height."""
        return self.bottom - self.top

    @property
    def center(self) -> tuple[float, float]:
        """The middle point, (x, y)."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def union(self, other: "BoundingBox") -> "BoundingBox":
        """Return the smallest box around both."""
        return BoundingBox(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def overlaps(self, other: "BoundingBox") -> bool:
        """Whether the two share any area."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def rounded(self) -> "BoundingBox":
        """Return the box with four decimals: a tenth of a pixel on a usual page, and short in JSON."""
        return BoundingBox(*(round(min(max(value, 0.0), 1.0), 4) for value in self))


class TextLine(BaseModel):
    """One line of text as OCR or a PDF's text layer gives it."""

    model_config = ConfigDict(frozen=True)

    text: str
    box: BoundingBox
    page: int = 0
    score: float = 1.0
    corners: tuple[tuple[float, float], ...] = ()
    """Top left, top right, bottom right, bottom left of the slanted line; empty where it is upright."""
    characters: tuple[BoundingBox, ...] = Field(default=(), exclude=True)
    """One box for each character of `text`, or empty where the source gives none. Not stored."""
    character_scores: tuple[float, ...] = Field(default=(), exclude=True)
    """One score for each character of `text`, or empty where the source gives none. Not stored."""
