"""The lines that a form's table is ruled with, found on the picture: solid, dotted, dashed and broken ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from extraction.layout.flatten import Flattening

_SIDE = 1400
"""Pixels of the longer side that is looked at: on A4 print is 16 high there and a hairline still leaves a trace."""
_STRIP = 24
"""Pixels along a line that are judged at once: longer than a stroke of usual print, short enough for a slant."""
_THICK = 9
_FAINTEST = 10
_WHOLE, _SOLID, _DOTTED, _DOTS = 0.97, 0.8, 0.9, 0.25
"""Of a strip, the ink of a line between other ink, of one alone, of a dotted one closed, and as it is."""
_GAP, _UPRIGHT_GAP = 15, 9
"""Pixels between two dots or dashes of one line, at the most: brackets and ones stand below each other as well."""
_BARE = 0.1
"""Ink beside a line that is not whole, at the most: the strokes of print have others beside them."""
_MISSING = 3
"""Strips that may lack: print or a stamp stands over the line there."""
_TOUCHED, _ASIDE = 10, 4
"""Strips that may lack between two pieces that are lines themselves, and pixels that they may be out of line."""
_SHORTEST, _LONG, _VERY_LONG = 3, 6, 20
"""Strips: of a line that is whole in each; of any; of one amid print."""
_STEEPEST = 0.12

Mask = NDArray[np.uint8]


@dataclass(frozen=True)
class _Place:
    """Rows of a strip that a line covers; print that touches it makes them more."""

    first: int
    last: int
    best: int
    is_dotted: bool
    is_whole: bool
    is_amid: bool
    """Whether there is ink above and below, as a stroke of print has."""

    def nearest(self, expected: float) -> float:
        """Return the row that is the line's, by where it should be."""
        if self.last - self.first < 5:
            return self.best
        return min(max(expected, self.first + 1.0), self.last - 1.0)


@dataclass(frozen=True)
class Ruling:
    """One line, from left to right or from top to bottom; fractions of the page, or flat coordinates."""

    x0: float
    y0: float
    x1: float
    y1: float
    is_dotted: bool = False

    def flattened(self, flat: Flattening) -> "Ruling":
        """Return it in the coordinates in which rows are level and columns plumb (page widths)."""
        return Ruling(*flat.place(self.x0, self.y0), *flat.place(self.x1, self.y1), self.is_dotted)


@dataclass(frozen=True)
class Rulings:
    """What was found; nothing is a normal answer, many forms have no lines."""

    horizontal: tuple[Ruling, ...] = ()
    vertical: tuple[Ruling, ...] = ()

    def flattened(self, flat: Flattening) -> "Rulings":
        """Return the same lines as the text lines stand after this flattening."""
        return Rulings(
            tuple(line.flattened(flat) for line in self.horizontal),
            tuple(line.flattened(flat) for line in self.vertical),
        )


@dataclass
class _Run:
    """Strips that belong to one line."""

    strips: list[int]
    places: list[float]
    dotted: int = 0
    whole: int = 0
    amid: int = 0

    def add(self, strip: int, place: _Place) -> None:
        """Go on through one more strip."""
        self.places.append(place.nearest(self.expected(strip)))
        self.strips.append(strip)
        self.dotted += place.is_dotted
        self.whole += place.is_whole
        self.amid += place.is_amid

    def extend(self, other: "_Run") -> None:
        """Take in another run that goes on behind this one."""
        self.strips += other.strips
        self.places += other.places
        self.dotted += other.dotted
        self.whole += other.whole
        self.amid += other.amid

    def expected(self, strip: int) -> float:
        """Return where the line should stand in a strip, from its last stretch."""
        strips, places = self.strips[-8:], self.places[-8:]
        if len(strips) < 3:
            return places[-1]
        slope = (places[-1] - places[0]) / (strips[-1] - strips[0])
        return places[-1] + slope * (strip - strips[-1])

    def fit(self) -> tuple[float, float]:
        """Return slope and base of the straight line through its places."""
        slope, base = np.polyfit(np.array(self.strips, float), np.array(self.places), 1)
        return float(slope), float(base)


def find_rulings(image: Image.Image) -> Rulings:
    """Return the lines of a page, in fractions of it."""
    grey = _small(image)
    level, plumb = _level(grey, _GAP), _level(np.ascontiguousarray(grey.T), _UPRIGHT_GAP)
    upright = [Ruling(line.y0, line.x0, line.y1, line.x1, line.is_dotted) for line in plumb]
    return Rulings(tuple(sorted(level, key=lambda line: line.y0)), tuple(sorted(upright, key=lambda line: line.x0)))


def _small(image: Image.Image) -> Mask:
    factor = max(image.size) // _SIDE
    grey = image.getchannel("G") if image.mode == "RGB" else image.convert("L")
    if factor > 1:
        grey = grey.reduce(factor)
    scale = _SIDE / max(grey.size)
    pixels = np.ascontiguousarray(grey)
    if scale < 1:
        pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    return pixels


def _level(grey: Mask, gap: int) -> list[Ruling]:
    """Return the level lines of a picture."""
    found = _Found(grey, gap)
    open_runs: list[_Run] = []
    done: list[_Run] = []
    for strip in range(found.count):
        going = [run for run in open_runs if strip - run.strips[-1] <= _MISSING + 1]
        done += [run for run in open_runs if strip - run.strips[-1] > _MISSING + 1]
        open_runs = _linked(going, strip, found.places(strip))
    runs = _joined([run for run in (*done, *open_runs) if _is_line(run)])
    kept = [run for run in runs if not any(_is_part(run, other) for other in runs if other is not run)]
    return [_ruling(run, found, grey.shape[1], grey.shape[0]) for run in kept]


class _Found:
    """Coverage of every row of every strip."""

    def __init__(self, grey: Mask, gap: int) -> None:
        thin = _ink(grey, (1, _THICK))
        every = _ink(grey, (_THICK * 2 - 1, _THICK * 2 - 1), of_darkest=0.2)
        closed = cv2.morphologyEx(thin, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
        upright = np.ones((3, 1), np.uint8)
        self.count = max(grey.shape[1] // _STRIP, 1)
        bare = self._coverage(thin)
        solid, joined = self._coverage(cv2.dilate(thin, upright)), self._coverage(cv2.dilate(closed, upright))
        beside = cv2.blur(self._coverage(every), (1, 3), borderType=cv2.BORDER_CONSTANT)
        above, below = _shifted(beside, -5), _shifted(beside, 5)
        lonely = np.maximum(above, below) < _BARE
        self._is_amid = np.minimum(above, below) >= _BARE
        self._is_whole = solid >= _WHOLE
        self._is_solid = self._is_whole | ((solid >= _SOLID) & lonely)
        # the place is where most ink is; rows around it are as covered, for the slant's sake
        self._weight = cv2.blur(bare, (1, 3), borderType=cv2.BORDER_CONSTANT)
        is_line = self._is_solid | ((joined >= _DOTTED) & (solid >= _DOTS) & lonely)
        self._is_line = is_line & (self._weight > 0)
        self._joined = cv2.dilate(closed, upright) | every

    def _coverage(self, mask: Mask) -> NDArray[np.float32]:
        height, width = mask.shape
        if width < _STRIP:
            return np.asarray(mask.mean(axis=1, keepdims=True), np.float32)
        cut = mask[:, : self.count * _STRIP].reshape(height, self.count, _STRIP)
        return np.asarray(cut.mean(axis=2), np.float32)

    def places(self, strip: int) -> list[_Place]:
        """Return where a line crosses a strip."""
        rows = np.flatnonzero(self._is_line[:, strip])
        found = []
        for group in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(rows) else []:
            first, last = int(group[0]), int(group[-1])
            best = first + int(np.argmax(self._weight[first : last + 1, strip]))
            solid, whole = (bool(mask[group, strip].any()) for mask in (self._is_solid, self._is_whole))
            found.append(_Place(first, last, best, not solid, whole, bool(self._is_amid[best, strip])))
        return found

    def grown(self, run: _Run) -> tuple[int, int]:
        """Return from which pixel to which a line runs: its strips, and what it covers of the next few."""
        start, end = run.strips[0] * _STRIP, min((run.strips[-1] + 1) * _STRIP, self._joined.shape[1])
        slope, base = run.fit()
        around = np.arange(max(start - 3 * _STRIP, 0), min(end + 3 * _STRIP, self._joined.shape[1]))
        rows = np.clip(np.round(slope * (around / _STRIP - 0.5) + base), 0, self._joined.shape[0] - 1).astype(int)
        bare = around[self._joined[rows, around] == 0]
        before, after = bare[bare < start + _STRIP // 2], bare[bare >= end - _STRIP // 2]
        return (int(before[-1]) + 1 if len(before) else int(around[0]),
                int(after[0]) if len(after) else int(around[-1]) + 1)  # fmt: skip


def _ink(grey: Mask, kernel: tuple[int, int], of_darkest: float = 0.0) -> Mask:
    """Return what is darker than the paper around it and no thicker than the kernel (width, height).

    `of_darkest` leaves out what is far paler than the print: JPEG puts a faint halo around each stroke.
    """
    shape = np.ones((kernel[1], kernel[0]), np.uint8)
    dark = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, shape)
    some = dark[::4, ::4]
    least = max(_FAINTEST, 3 * int(np.median(some)) + 4, int(of_darkest * np.percentile(some, 99.5)))
    return np.asarray(dark >= least, np.uint8)


def _shifted(values: NDArray[Any], rows: int) -> NDArray[Any]:
    moved = np.zeros_like(values)
    if rows > 0:
        moved[:-rows] = values[rows:]
    else:
        moved[-rows:] = values[:rows]
    return moved


def _linked(runs: list[_Run], strip: int, places: Sequence[_Place]) -> list[_Run]:
    """Add a strip's places to the lines that they go on; the others begin lines of their own."""
    free = sorted(runs, key=lambda run: -len(run.strips))
    for place in places:
        near = [
            (abs(run.expected(strip) - place.nearest(run.expected(strip))), index) for index, run in enumerate(free)
        ]
        distance, index = min(near, default=(np.inf, 0))
        if near and distance <= 2.0 + 0.5 * (strip - free[index].strips[-1]):
            free.pop(index).add(strip, place)
        else:
            runs.append(_Run([strip], [place.best], place.is_dotted, place.is_whole, place.is_amid))
    return runs


def _joined(runs: Sequence[_Run]) -> list[_Run]:
    """Make one of two lines that go on in each other: print may touch a line along several words."""
    joined: list[_Run] = []
    for run in sorted(runs, key=lambda one: one.strips[0]):
        for before in joined:
            gap = run.strips[0] - before.strips[-1]
            if 0 < gap <= _TOUCHED and abs(before.expected(run.strips[0]) - run.places[0]) <= _ASIDE:
                before.extend(run)
                break
        else:
            joined.append(run)
    return joined


def _is_line(run: _Run) -> bool:
    """Whether it is long, straight and mostly there."""
    count, span = len(run.strips), run.strips[-1] - run.strips[0] + 1
    if count < (_SHORTEST if run.whole == count else _LONG) or count < 0.6 * span:
        return False
    if run.amid > 0.5 * count and count < _VERY_LONG:
        return False
    along, across = np.array(run.strips, float), np.array(run.places)
    slope, base = run.fit()
    bend = np.abs(across - slope * along - base)
    return bool(abs(slope) < _STEEPEST * _STRIP and np.median(bend) < 1.5 + 0.03 * span)


def _is_part(run: _Run, other: _Run) -> bool:
    """Whether it runs within a longer line: the two edges of a thick one."""
    if len(run.strips) > len(other.strips) or (len(run.strips) == len(other.strips) and run.places <= other.places):
        return False
    at = np.interp(run.strips, other.strips, other.places)
    within = (np.array(run.strips) >= other.strips[0]) & (np.array(run.strips) <= other.strips[-1])
    return bool(within.all() and np.abs(at - run.places).max() < 4)


def _ruling(run: _Run, found: _Found, length: int, breadth: int) -> Ruling:
    """Return a level line in fractions of its picture."""
    start, end = found.grown(run)
    slope, base = run.fit()
    y0, y1 = ((slope * (at / _STRIP - 0.5) + base + 0.5) / breadth for at in (start, end))
    dotted = run.dotted > 0.5 * len(run.strips)
    return Ruling(round(start / length, 5), round(y0, 5), round(end / length, 5), round(y1, 5), dotted)
