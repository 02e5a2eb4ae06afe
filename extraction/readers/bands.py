"""A long page in bands: cut between its rows, the column heads on top of each, one row in common; and joined again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rapidfuzz import fuzz

from extraction.layout.total_words import total_field
from extraction.layout.words import fold, head_word
from schemas.layout import BoundingBox, TextLine
from schemas.values import UNREADABLE, normalize

_HEAD_GAP = 0.3
"""White between the repeated heads and the band, in heights of a row."""
_REACH = 3
"""Rows by which a cut may move so that the row in common is unlike its neighbours."""
_FEWEST_SLOPES, _LEAST_SLOPE, _MOST_SLOPE = 5, 0.004, 0.15
"""Lines that must say how a page slants, and the slopes (height by width) that are put right here."""
_SAME_NAME = 75.0
_INK = 60
"""Grey levels below the paper from which a pixel is print."""


@dataclass(frozen=True)
class Band:
    """One part of a page, as it is sent."""

    image: Image.Image
    top: float
    """Where the part begins on the page, as a fraction; the repeated heads stand above it."""
    bottom: float
    overlap: int = 0
    """Rows in common with the band before."""
    lines: Sequence[TextLine] = ()
    """Its OCR lines, where they stand once the page's slant is taken out; fractions of the page."""


@dataclass(frozen=True)
class _Row:
    """A printed row in fractions of the page."""

    top: float
    bottom: float
    text: str = ""
    is_head: bool = False

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def bands(image: Image.Image, lines: Sequence[TextLine], rows_per_band: int) -> list[Band]:
    """Return the page in parts of at most so many rows; whole where it has no more.

    Rows are those of `lines`; without lines, those of the ink. The last row of a part is the first of the next.
    """
    upright, straight = _straightened(image, lines)
    rows = _rows_of_lines(straight) if lines else _rows_of_ink(image)
    if len(rows) <= max(rows_per_band, 2):
        return [Band(image, 0.0, 1.0, lines=lines)]
    starts = _starts(rows, max(rows_per_band, 3))
    head = _column_heads(rows)
    found = []
    for number, start in enumerate(starts):
        last = starts[number + 1] if number + 1 < len(starts) else len(rows) - 1
        top = 0.0 if number == 0 else _between(rows, start - 1, start)
        bottom = 1.0 if last == len(rows) - 1 else _between(rows, last, last + 1)
        strip = head if number and head and head[1] < start else None
        inside = [line for line in straight if top <= line.box.center[1] <= bottom]
        found.append(Band(_part(upright, rows, top, bottom, strip), top, bottom, int(number > 0), inside))
    return found


def _straightened(image: Image.Image, lines: Sequence[TextLine]) -> tuple[Image.Image, Sequence[TextLine]]:
    """Return page and lines with the slant taken out: a straight cut through slanted rows parts names from amounts."""
    aspect = image.height / image.width
    wide = [line for line in lines if len(line.corners) == 4 and line.box.width > 2 * line.box.height * aspect]
    slopes = [
        aspect * (line.corners[1][1] - line.corners[0][1]) / (line.corners[1][0] - line.corners[0][0])
        for line in wide
        if line.corners[1][0] > line.corners[0][0]
    ]
    slope = float(np.median(slopes)) if len(slopes) >= _FEWEST_SLOPES else 0.0
    if not _LEAST_SLOPE < abs(slope) < _MOST_SLOPE:
        return image, lines
    # each column of pixels moves up or down by its distance from the middle
    values = (1.0, 0.0, 0.0, slope, 1.0, -slope * image.width / 2)
    sheared = image.convert("RGB").transform(image.size, Image.Transform.AFFINE, values,
                                             Image.Resampling.BICUBIC, fillcolor="white")  # fmt: skip
    return sheared, [_upright(line, slope / aspect) for line in lines]


def _upright(line: TextLine, slope: float) -> TextLine:
    """Return a line where it stands on the page without its slant."""
    corners = tuple((x, y - slope * (x - 0.5)) for x, y in line.corners)
    return line.model_copy(update={"box": _moved(line.box, slope), "corners": corners})


def _moved(box: BoundingBox, slope: float) -> BoundingBox:
    """Return the box of a line as low as it is without its slant."""
    down = slope * (box.center[0] - 0.5)
    slack = min(abs(slope) * box.width, 0.6 * box.height) / 2
    return BoundingBox(box.left, box.top - down + slack, box.right, box.bottom - down - slack)


def count_rows(quads: NDArray[np.float32], size: tuple[int, int]) -> int:
    """Return how many rows the boxes of a detector make, before anything is recognised; more where a page slants."""
    scaled = quads / np.array(size, np.float32)
    boxes = (BoundingBox(*quad.min(axis=0).tolist(), *quad.max(axis=0).tolist()) for quad in scaled)
    return len(_rows_of_lines([TextLine(text="", box=box) for box in boxes]))


def table_rows(lines: Sequence[TextLine]) -> list[str]:
    """Return the texts of the rows that look like lines of a table: a name and a number, no total."""
    return [row.text.replace("\t", " ") for row in _rows_of_lines(lines) if _is_table_line(row.text)]


def _starts(rows: Sequence[_Row], most: int) -> list[int]:
    """Return the first row of each band, so that all bands are about equally long."""
    count = -(-(len(rows) - 1) // (most - 1))
    starts = [0]
    for number in range(1, count):
        ideal = round(number * (len(rows) - 1) / count)
        lowest, highest = max(starts[-1] + 2, ideal - _REACH), min(len(rows) - 3, starts[-1] + most - 1, ideal + _REACH)
        options = [row for row in range(lowest, highest + 1)] or [
            max(starts[-1] + 1, min(ideal, starts[-1] + most - 1))
        ]
        starts.append(min(options, key=lambda row: (_is_like_neighbours(rows, row), abs(row - ideal))))
    while len(rows) - starts[-1] > most:  # moved cuts left too much for the last
        starts.append(starts[-1] + most - 1)
    return starts


def _is_like_neighbours(rows: Sequence[_Row], index: int) -> bool:
    """Whether a row is a poor one to have in common: no line of a table, or printed again beside itself."""
    text = rows[index].text
    if not text:
        return False
    near = [rows[other].text for other in (index - 1, index + 1) if 0 <= other < len(rows)]
    return not _is_table_line(text) or text in near


def _is_table_line(text: str) -> bool:
    has_both = any(character.isdigit() for character in text) and any(not c.isascii() for c in text)
    return has_both and total_field(text.split("\t")[0]) is None


def _between(rows: Sequence[_Row], above: int, below: int) -> float:
    """Return a height that cuts neither row where they do not overlap, else the middle of both."""
    upper = max(row.bottom for row in rows[max(0, above - 1) : above + 1])
    lower = min(row.top for row in rows[below : below + 2])
    if upper <= lower:
        return (upper + lower) / 2
    return (rows[above].middle + rows[below].middle) / 2


def _part(image: Image.Image, rows: Sequence[_Row], top: float, bottom: float,
          head: tuple[int, int] | None) -> Image.Image:  # fmt: skip
    height = image.height
    part = image.crop((0, int(top * height), image.width, max(int(top * height) + 1, round(bottom * height))))
    if head is None:
        return part
    above = 0.0 if head[0] == 0 else _between(rows, head[0] - 1, head[0])
    below = _between(rows, head[1], head[1] + 1)
    strip = image.crop((0, int(above * height), image.width, round(below * height)))
    gap = max(2, round(_HEAD_GAP * (rows[head[1]].bottom - rows[head[1]].top) * height))
    joined = Image.new("RGB", (image.width, strip.height + gap + part.height), "white")
    joined.paste(strip, (0, 0))
    joined.paste(part, (0, strip.height + gap))
    return joined


def _column_heads(rows: Sequence[_Row]) -> tuple[int, int] | None:
    """Return the first and last row of the column heads, which may be printed on several rows."""
    first = next((index for index, row in enumerate(rows) if row.is_head), None)
    if first is None:
        return None
    last = first
    while last + 1 < len(rows) and rows[last + 1].is_head and last - first < 3:
        last += 1
    return first, last


# -- rows --------------------------------------------------------------------------------------------------------------


def _rows_of_lines(lines: Sequence[TextLine]) -> list[_Row]:
    rows: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda one: one.box.center[1]):
        if rows and _is_beside(rows[-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_row(sorted(row, key=lambda line: line.box.left)) for row in rows]


def _is_beside(row: Sequence[TextLine], line: TextLine) -> bool:
    middle = sum(other.box.center[1] for other in row) / len(row)
    height = min(sum(other.box.height for other in row) / len(row), line.box.height)
    return line.box.center[1] - middle < 0.5 * height


def _row(row: Sequence[TextLine]) -> _Row:
    words = [head_word(line.text) for line in row]
    has_numbers = any(character.isdigit() for line in row for character in line.text)
    is_head = sum(word is not None for word in words) >= 2 and not has_numbers
    return _Row(min(line.box.top for line in row), max(line.box.bottom for line in row),
                "\t".join(line.text for line in row), is_head)  # fmt: skip


def _rows_of_ink(image: Image.Image) -> list[_Row]:
    """Return runs of pixel rows that hold print; ruled lines across the page are none."""
    grey = image.convert("L")
    counts = np.cumsum(grey.histogram())  # of some million pixels: sorting them for a percentile takes ten times longer
    paper = int(np.searchsorted(counts, 0.8 * counts[-1]))
    share = np.count_nonzero(np.asarray(grey) < max(paper - _INK, 0), axis=1) / grey.width
    printed: NDArray[np.bool_] = (share > 0.002) & (share < 0.6)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], printed.astype(np.int8), [0]))))
    runs = [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    tall = [end - start for start, end in runs if end - start > 4]
    if not tall:
        return []
    usual = float(np.median(tall))
    kept = [(start, end) for start, end in runs if end - start > 0.4 * usual]
    return [_Row(start / image.height, end / image.height) for start, end in kept]


# -- joining -----------------------------------------------------------------------------------------------------------


def join_bands(parts: Sequence[Mapping[str, Any]], overlap: int | Sequence[int] = 1) -> dict[str, Any]:
    """Return the values of all parts as one; `overlap` says how many rows each part has in common with the one before.

    Never more rows are taken for the same than are in common, so rows that are printed twice stay two. What two parts
    say differently becomes `?`. Whole pages are joined with `overlap` 0.
    """
    common = [overlap] * len(parts) if isinstance(overlap, int) else list(overlap)
    joined: dict[str, Any] = {}
    for number, part in enumerate(parts):
        left = common[number] if number else 0
        for name, value in part.items():
            if isinstance(value, list):
                before = joined.get(name) or []
                joined[name] = _joined(before, value, left)
                left -= len(before) + len(value) - len(joined[name])  # a row in common is of one list only
            else:
                joined[name] = _settled(name, joined.get(name), value)
    return joined


def _joined(before: list[dict[str, Any]], after: Sequence[dict[str, Any]], common: int) -> list[dict[str, Any]]:
    for count in range(min(common, len(before), len(after)), 0, -1):
        pairs = list(zip(before[-count:], after[:count], strict=True))
        if all(_is_same_row(first, second) for first, second in pairs):
            return [*before[:-count], *(_merged(first, second) for first, second in pairs), *after[count:]]
    return [*before, *after]


def _is_same_row(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two readings may be of one printed row: much the same name, and no amount that contradicts."""
    names: list[tuple[str | None, str | None]] = []
    amounts: list[tuple[str | None, str | None]] = []
    for key in first.keys() | second.keys():
        pair = (first.get(key), second.get(key))
        (names if key in ("name", "description") else amounts).append(pair)
    if not all(_is_same_name(*pair) for pair in names):
        return False
    differing = [pair for pair in amounts if not _may_be_same(*pair)]
    agreeing = [pair for pair in amounts if pair[0] is not None and _plain(pair[0]) == _plain(pair[1])]
    is_exact = all(_plain(one) == _plain(other) for one, other in names)
    return not differing or (is_exact and len(agreeing) > len(differing))


def _is_same_name(first: str | None, second: str | None) -> bool:
    if first is None or second is None or UNREADABLE in (first, second):
        return True
    return fold(first) == fold(second) or fuzz.ratio(fold(first), fold(second)) >= _SAME_NAME


def _may_be_same(first: str | None, second: str | None) -> bool:
    one, other = _plain(first) or "0", _plain(second) or "0"  # a dash is read as nothing or as 0
    if UNREADABLE in (one, other) or one == other:
        return True
    is_partly = UNREADABLE in one + other and len(one) == len(other)
    return is_partly and all(a == b or UNREADABLE in (a, b) for a, b in zip(one, other, strict=True))


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return one row of two readings; where only one saw an amount, nobody knows."""
    merged = {}
    for key in {**first, **second}:
        one, other = first.get(key), second.get(key)
        seen = one is not None and other is not None
        if seen or _may_be_same(one, other) or key in ("name", "description"):
            merged[key] = _settled(key, one, other)
        else:
            merged[key] = UNREADABLE
    return merged


def _settled(name: str, first: str | None, second: str | None) -> str | None:
    """Return what both say, the one that says more of the same, or `?` where they differ."""
    if first is None or second is None:
        return second if first is None else first
    if _plain(first) == _plain(second):
        return first
    if name == "notes":
        return f"{first}\n{second}"
    clear = [text for text in (first, second) if UNREADABLE not in text]
    if len(clear) == 1 and (UNREADABLE in (first, second) or _may_be_same(first, second)):
        return clear[0]
    return UNREADABLE


def _plain(text: str | None) -> str:
    return "" if text is None else normalize(text).replace(" ", "").replace(",", "")
