"""Text lines of an invoice put into rows: the slant is taken out, then lines of one height are joined."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np

from schemas.layout import BoundingBox, TextLine
from schemas.result import Evidence
from schemas.values import normalize

Match = Literal["exact", "folded", "near", "qr", "text_layer", "person"]
WEAKEST = 0.5
"""Lines of a lower score are noise as often as text."""
_IDEOGRAPHS = re.compile("[\u4e00-\u9fff]+")
_FEWEST_EVEN = 4
_SKIPPED = 1.75
"""Steps from one ideograph to the next, by their median: 1.5 at most, 2 where one was not read (杏一 as 杏)."""


def unaccented(text: str) -> str:
    """Return a text of the same length without accents, which OCR drops as often as not."""
    plain = (unicodedata.normalize("NFD", character)[0] if "À" <= character <= "ž" else character for character in text)
    return "".join(plain)


@dataclass(frozen=True)
class Piece:
    """One text line: its text folded (NFKC), its place with the slant taken out, its source."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    line: TextLine

    @property
    def center(self) -> float:
        """Height of the middle."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """Height as a fraction of the page's."""
        return self.bottom - self.top

    def has_gap(self, start: int, end: int) -> bool:
        """Whether two neighbours of four or more ideographs stand apart as if one between them was not read."""
        boxes = self.line.characters[start:end]
        if len(self.line.characters) != len(self.text) or len(boxes) < _FEWEST_EVEN:
            return False
        if not _IDEOGRAPHS.fullmatch(self.text[start:end]):
            return False
        steps = sorted(after.center[0] - before.center[0] for before, after in pairwise(boxes))
        return steps[-1] > _SKIPPED * steps[len(steps) // 2] > 0

    def part(self, start: int, end: int) -> BoundingBox:
        """Return where the characters from start to end stand on the page as it is."""
        box, size = self.line.box, max(len(self.text), 1)
        characters = self.line.characters
        if len(characters) == len(self.text) and start < end <= size:
            found = characters[start]
            for other in characters[start + 1 : end]:
                found = found.union(other)
            return found
        return BoundingBox(
            box.left + box.width * start / size, box.top, box.left + box.width * min(end, size) / size, box.bottom
        )


@dataclass
class Row:
    """Pieces of one height, from left to right."""

    pieces: list[Piece] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All texts, two spaces between them."""
        return "  ".join(piece.text for piece in self.pieces)

    @property
    def center(self) -> float:
        """Height of the middle."""
        return sum(piece.center for piece in self.pieces) / len(self.pieces)

    @property
    def page(self) -> int:
        """Page of the row."""
        return self.pieces[0].line.page

    @property
    def height(self) -> float:
        """Mean height of the pieces."""
        return sum(piece.height for piece in self.pieces) / len(self.pieces)


def rows_of(lines: Sequence[TextLine]) -> list[Row]:
    """Return the rows of one page from top to bottom."""
    kept = [line for line in lines if line.score >= WEAKEST and line.text.strip()]
    slope, change = _slant(kept)
    pieces = [_piece(line, slope, change) for line in kept]
    rows: list[Row] = []
    for piece in sorted(pieces, key=lambda p: p.center):
        fitting = [row for row in rows[-6:] if _belongs(piece, row)]
        if fitting:
            min(fitting, key=lambda row: abs(row.center - piece.center)).pieces.append(piece)
        else:
            rows.append(Row([piece]))
    for row in rows:
        row.pieces.sort(key=lambda p: p.left)
    return sorted(rows, key=lambda row: row.center)


def _piece(line: TextLine, slope: float, change: float) -> Piece:
    box = line.box
    middle, half = box.center[1], box.height / 2
    if line.corners:
        left, right = line.corners[0], line.corners[1]
        low_left, low_right = line.corners[3], line.corners[2]
        half = abs(low_left[1] - left[1] + low_right[1] - right[1]) / 4
    shift = (slope + change * middle) * (box.center[0] - 0.5)
    return Piece(normalize(line.text), box.left, box.right, middle - shift - half, middle - shift + half, line)


def _belongs(piece: Piece, row: Row) -> bool:
    if abs(piece.center - row.center) > 0.55 * min(piece.height, row.height):
        return False
    narrow = min(piece.right - piece.left, 1.0)
    return all(min(piece.right, p.right) - max(piece.left, p.left) < 0.3 * narrow for p in row.pieces)


def _slant(lines: Sequence[TextLine]) -> tuple[float, float]:
    """Fit slope = a + b·y over the long lines, four rounds without the odd ones."""
    found = [
        ((c[1][1] - c[0][1] + c[2][1] - c[3][1]) / 2 / (c[1][0] - c[0][0]), line.box.center[1], line.box.width)
        for line in lines
        if (c := line.corners) and line.box.width > 2 * line.box.height and c[1][0] - c[0][0] > 0.04
    ]
    if len(found) < 3:
        return 0.0, 0.0
    slopes, heights, weights = np.array(found).T
    keep = np.abs(slopes - np.median(slopes)) < 0.15
    change, slope = 0.0, float(np.median(slopes))
    for _ in range(4):
        if keep.sum() < 6 or np.ptp(heights[keep]) < 0.2:
            return float(np.average(slopes[keep], weights=weights[keep])) if keep.any() else slope, 0.0
        change, slope = (float(v) for v in np.polyfit(heights[keep], slopes[keep], 1, w=np.sqrt(weights[keep])))
        rest = np.abs(slopes - slope - change * heights)
        keep = rest <= max(2.5 * float(np.median(rest)), 1e-4)
    return slope, change


@dataclass(frozen=True)
class Found:
    """A cell as it will stand in the reading, with its evidence."""

    value: str
    evidence: Evidence
    has_gap: bool = False
    """Whether room for a character is left between two ideographs of the print."""


def found(piece: Piece, value: str, start: int = 0, end: int | None = None, match: Match = "exact") -> Found:
    """Return a cell with the characters of the piece that it was read from."""
    end = len(piece.text) if end is None else end
    text = piece.text[start:end].strip() or piece.text
    box = piece.part(start, end).rounded()
    evidence = Evidence(page=piece.line.page, box=box, text=text, match=match, score=piece.line.score)
    return Found(value, evidence, piece.has_gap(start, end))
