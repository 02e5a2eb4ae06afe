"""Where text would stand on a flat page seen from straight above. No image is warped: only coordinates move.

Two shears whose strength changes linearly over the page undo rotation and most perspective. Without them a third of
the amounts of a photo end up in the wrong row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from schemas.layout import TextLine

_ROUNDS = 4
_TILTS = np.linspace(-0.02, 0.02, 41)
_TILT_CHANGES = np.linspace(-0.04, 0.04, 17)
_LEANS = np.linspace(-0.16, 0.16, 65)
_TURNS = np.linspace(-0.24, 0.24, 25)


@dataclass(frozen=True)
class Flattening:
    """Page fractions → flat coordinates: both axes in page widths, rows level and columns plumb."""

    aspect: float
    """Height of the page divided by its width."""
    slope: float = 0.0
    slope_change: float = 0.0
    lean: float = 0.0
    lean_change: float = 0.0
    middle: float = 0.0
    """Height around which columns are turned."""

    def slope_at(self, y: float) -> float:
        """Return the direction of the rows at a height in page widths."""
        return self.slope + self.slope_change * y

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return the flat place of a point given in page fractions."""
        down = y * self.aspect
        v = down - self.slope_at(down) * (x - 0.5)
        return x - (self.lean + self.lean_change * (x - 0.5)) * (v - self.middle), v


def direction(line: TextLine, aspect: float) -> tuple[float, float, float]:
    """Return slope, width and height of a line in page widths."""
    if not line.corners:
        return 0.0, line.box.width, line.box.height * aspect
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = line.corners
    width = (x1 + x2 - x0 - x3) / 2
    height = (y2 + y3 - y0 - y1) / 2 * aspect
    return ((y1 + y2 - y0 - y3) / 2 * aspect) / max(width, 1e-6), width, height


def fit_rows(lines: Sequence[TextLine], aspect: float) -> Flattening:
    """Return the flattening that makes rows level, from the long lines, robust against slanted stamps."""
    slopes, heights, weights = [], [], []
    for line in lines:
        slope, width, height = direction(line, aspect)
        if width > 2.5 * height > 0:
            slopes.append(slope)
            heights.append(line.box.center[1] * aspect)
            weights.append(width)
    if len(slopes) < 3:
        return Flattening(aspect)
    observed, base = np.array(slopes), np.array(weights)
    design = np.stack([np.ones_like(observed), np.array(heights)], axis=1)
    if np.ptp(design[:, 1]) < 0.1:
        return Flattening(aspect, slope=float(np.average(observed, weights=base)))
    solution = np.array([np.median(observed), 0.0])
    for _ in range(_ROUNDS):
        rest = np.abs(observed - design @ solution)
        spread = max(float(np.median(rest)) * 1.5, 0.002)
        root = np.sqrt(base / (1 + (rest / spread) ** 2))
        solution, *_ = np.linalg.lstsq(design * root[:, None], observed * root, rcond=None)
    return Flattening(aspect, slope=float(solution[0]), slope_change=float(solution[1]))


def fit_tokens(flat: Flattening, places: Sequence[tuple[float, float]], height: float) -> Flattening:
    """Return the flattening under which the pieces of a row stand most exactly at one height.

    `places` are (x, y) of tokens in page fractions. The directions of short lines are known badly: on a photograph
    names and their amounts on the other side of the page drift apart by half a row.
    """
    if len(places) < 12:
        return flat
    points = np.array(places)
    across, down = points[:, 0] - 0.5, points[:, 1] * flat.aspect
    tilts, turns = (grid.ravel() for grid in np.meshgrid(_TILTS, _TILT_CHANGES))
    centre = float(down.mean())
    slopes = flat.slope + flat.slope_change * down + tilts[:, None] + turns[:, None] * (down - centre)
    gaps = np.diff(np.sort(down - slopes * across, axis=1), axis=1)
    agreement = np.exp(-gaps / (0.12 * height)).sum(axis=1)
    best = int(np.argmax(agreement - len(places) * (1.5 * np.abs(tilts) + 0.5 * np.abs(turns))))
    tilt, turn = float(tilts[best]), float(turns[best])
    return replace(flat, slope=flat.slope + tilt - turn * centre, slope_change=flat.slope_change + turn)


def fit_columns(flat: Flattening, rights: Sequence[tuple[float, float]], lefts: Sequence[tuple[float, float]],
                tolerance: float) -> Flattening:  # fmt: skip
    """Return the flattening that also lines up the right edges of amounts and the left edges of texts."""
    if len(rights) + len(lefts) < 6:
        return flat
    middle = float(np.mean([v for _, v in (*rights, *lefts)]))
    leans, turns = (grid.ravel() for grid in np.meshgrid(_LEANS, _TURNS))
    # A page turned without perspective leans as its rows slope, and few edges must not make a lean of their own.
    score = -10.0 * np.abs(leans + flat.slope_at(middle)) - 5.0 * np.abs(turns)
    for edges in (rights, lefts):
        if len(edges) >= 3:
            score = score + _agreement(np.array(edges), leans, turns, middle, tolerance)
    best = int(np.argmax(score))
    return replace(flat, lean=float(leans[best]), lean_change=float(turns[best]), middle=middle)


def _agreement(edges: NDArray[np.float64], leans: NDArray[np.float64], turns: NDArray[np.float64], middle: float,
               tolerance: float) -> NDArray[np.float64]:  # fmt: skip
    across, down = edges[:, 0], edges[:, 1] - middle
    moved = across - (leans[:, None] + turns[:, None] * (across - 0.5)) * down
    gaps = np.diff(np.sort(moved, axis=1), axis=1)
    total: NDArray[np.float64] = np.exp(-gaps / tolerance).sum(axis=1)
    return total
