"""How good a picture is to read, measured on it and its text lines, and what a person can do about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from extraction.layout.flatten import direction
from schemas.layout import TextLine
from schemas.result import PageQuality

Edge = Literal["left", "top", "right", "bottom"]
Grey = NDArray[np.uint8]

_LINES = 80
"""Lines that are measured, spread over the page: more change no median."""
_LEAST = 12
"""Grey levels between print and paper below which an edge has no width."""
_GLARE_SIDE = 480
_BURNT, _SCAN = 253, 246
"""Grey level of burnt paper, and from which on the paper itself is white: a scan, or a picture drawn by a program."""
_PATCH, _LEGIBLE = 0.03, 0.4
"""Share of the text's area that a burnt patch has at the least, and of the usual print that it has left at the most."""
_RIM = 2
_SMALL, _CLEAR, _POOR = 28.0, 0.95, 0.9
_BLURRED, _VERY_BLURRED = 0.07, 0.11
"""Width of an edge by the height of its line: up to 0.065 on sharp pages; from 0.11 on digits are taken for others."""
_FAINT, _DARK = 24.0, 70.0


class Measures(TypedDict):
    """What `PageQuality` keeps of a picture beside size, turn and score."""

    text_height: float
    blur: float
    contrast: float
    paper: float
    glare: float
    cut: tuple[Edge, ...]


def measure(image: Image.Image, lines: Sequence[TextLine]) -> Measures:
    """Return the measures of an upright page with at least one line."""
    width, height = image.size
    grey = np.asarray(image.convert("L"))
    prints = list(_prints(grey, lines)) or [_Print(0.0, 255.0, 255.0)]
    return Measures(
        text_height=round(float(np.median([direction(line, height / width)[2] * width for line in lines])), 1),
        blur=round(float(np.median([one.blur for one in prints])), 3),
        contrast=round(float(np.median([one.contrast for one in prints]))),
        paper=round(float(np.median([one.paper for one in prints]))),
        glare=_glare(image, lines),
        cut=tuple(_cut_edges(grey, lines)),
    )


def causes(page: PageQuality) -> list[str]:
    """Return why a page should be photographed again; nothing where it can be trusted as it is.

    Measured on made-up photos made worse step by step, and on receipts of others: small print of a high score is read
    right, so the score decides how much blur and size matter. Cut edges and burnt patches lose text unseen.
    """
    if not page.text_height:  # no picture was read
        return []
    score, found = page.score, []
    if page.text_height < _SMALL and score < _CLEAR:
        found.append("small")
    if (page.blur > _BLURRED and score < _POOR + 0.02) or (page.blur > _VERY_BLURRED and score < _CLEAR):
        found.append("blurred")
    if page.contrast < _FAINT:
        found.append("dark" if page.paper < _DARK else "pale")
    if page.glare > 0:
        found.append("glare")
    found += [f"cut_{edge}" for edge in page.cut]
    return found or (["poor"] if score < _POOR else [])


@dataclass(frozen=True)
class _Print:
    """One line's print."""

    blur: float
    contrast: float
    paper: float


def _prints(grey: Grey, lines: Sequence[TextLine]) -> Iterator[_Print]:
    step = max(len(lines) // _LINES, 1)
    for line in lines[::step]:
        left, top, right, bottom = _pixels(line, grey)
        crop = grey[top:bottom, left:right]
        if min(crop.shape) < 8 or len(line.text) < 2:
            continue
        dark, light = np.percentile(crop[:, :: max(crop.shape[1] // 400, 1)], (3, 90))
        if light - dark < _LEAST:
            yield _Print(0.0, float(light - dark), float(light))
            continue
        steps = np.abs(np.diff(crop.astype(np.int16), axis=1))
        steepest = max(float(np.percentile(steps, 99)), 1.0)
        yield _Print(float(light - dark) / steepest / crop.shape[0], float(light - dark), float(light))


def _pixels(line: TextLine, grey: Grey) -> tuple[int, int, int, int]:
    height, width = grey.shape
    box = line.box
    return (max(int(box.left * width), 0), max(int(box.top * height), 0),
            min(int(np.ceil(box.right * width)), width), min(int(np.ceil(box.bottom * height)), height))  # fmt: skip


def _glare(image: Image.Image, lines: Sequence[TextLine]) -> float:
    """Return the share of the text's area that is burnt out and lost, on paper that is not white elsewhere.

    Light that grows over the page also ends in white, but its print stays legible.
    """
    small = image.copy()
    small.thumbnail((_GLARE_SIDE, _GLARE_SIDE), reducing_gap=2.0)
    grey = np.asarray(small).min(axis=2)
    printed = np.zeros_like(grey)
    for line in lines:
        left, top, right, bottom = _pixels(line, grey)
        printed[top:bottom, left:right] = 1
    left, top, width, height = cv2.boundingRect(printed)
    area, printed = (every[top : top + height, left : left + width] for every in (grey, printed))
    white = (area >= _BURNT).astype(np.uint8)
    around = cv2.dilate(white, np.ones((13, 13), np.uint8)) == 0
    if around.mean() < 0.05 or np.percentile(area[around], 75) >= _SCAN:
        return 0.0
    burnt = cv2.morphologyEx(white, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, figures, statistics, _ = cv2.connectedComponentsWithStats(burnt)
    lost, usual = 0, float(printed.mean())
    for figure in range(1, count):
        size = int(statistics[figure, cv2.CC_STAT_AREA])
        if size >= _PATCH * area.size and printed[figures == figure].mean() < _LEGIBLE * usual:
            lost += size
    return round(lost / int(area.size), 3)


def _cut_edges(grey: Grey, lines: Sequence[TextLine]) -> Iterator[Edge]:
    """Yield the edges of the picture that print runs off: its ink stands in the last pixels."""
    height, width = grey.shape
    boxes = [(line, _pixels(line, grey)) for line in lines if line.score > 0.5]
    at: dict[Edge, int] = {
        "left": sum(box[0] <= _RIM and _has_ink(grey, box, np.s_[:, :_RIM]) for _, box in boxes),
        "top": sum(box[1] <= _RIM and _has_ink(grey, box, np.s_[:_RIM, :]) for _, box in boxes),
        "right": sum(box[2] >= width - _RIM and _has_ink(grey, box, np.s_[:, -_RIM:]) for _, box in boxes),
        "bottom": sum(box[3] >= height - _RIM and _has_ink(grey, box, np.s_[-_RIM:, :]) for _, box in boxes),
    }
    for edge, count in at.items():
        if count >= (2 if edge in ("left", "right") else 1):
            yield edge


def _has_ink(grey: Grey, box: tuple[int, int, int, int], rim: tuple[slice, slice]) -> bool:
    left, top, right, bottom = box
    crop = grey[top:bottom, left:right]
    if min(crop.shape) < 8:
        return False
    dark, light = np.percentile(crop, (3, 75))
    last = crop[rim]
    share = float((last < light - 0.5 * (light - dark)).mean())
    return bool(light - dark > _LEAST and 0.08 < share < 0.8)
