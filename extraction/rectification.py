"""Finds a receipt photographed on a table and cuts it out upright, or leaves the picture as it is."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

_WORKING_SIDE = 640  # pixels: enough to place a corner within a thousandth of the side after the fit
_SMALLEST, _LARGEST = 0.05, 0.62
"""Share of the picture. Below, there are too few pixels to read; above, cutting gains nothing and can only lose."""
_MARGIN = 0.02  # of the receipt's sides, kept around it: an edge found a little too far inside cuts no text
_RIM = 8  # pixels beside each edge that must differ: paper within, table without
_CONTRAST = 22  # grey levels between paper and table at an edge, at the least
_TRACE = 8  # levels of light or colour by which a side that runs on is told from the table
_OUTSIDE = 0.04  # share of the receipt's area that may be as bright outside it: a second paper, or a missed part
_ANOTHER = 0.008  # share of the picture that a second paper has at the least

Points = NDArray[np.float32]
Mask = NDArray[np.uint8]


def rectify(image: Image.Image) -> Image.Image | None:
    """Return the receipt alone, upright; None where it fills the picture already or is not found beyond doubt.

    A wrong cut loses cells, a cut not made loses nothing but resolution. So every test must pass: one bright figure
    with four straight sides, wholly inside the picture, whose each side parts paper from table along its whole length,
    and nothing outside that may belong to it.
    """
    small = image.copy()
    small.thumbnail((_WORKING_SIDE, _WORKING_SIDE), reducing_gap=2.0)
    pixels = np.asarray(small)
    colours = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB), (5, 5), 0)
    light = np.ascontiguousarray(colours[..., 0])
    for paper in _paper_masks(pixels, light):
        quad = _quadrilateral(paper)
        if quad is not None and _is_set_off(quad, light) and not _goes_on(quad, colours):
            scale = image.width / small.width
            return _warped(image, _with_margin(quad) * scale)
    return None


def _paper_masks(pixels: NDArray[np.uint8], light: Mask) -> list[Mask]:
    """Return what may be paper: the bright part, and the part that is bright and without colour."""
    threshold, bright = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    colour = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)[..., 1]
    pale = np.where((colour < 60) & (light > max(threshold - 25, 60)), 255, 0).astype(np.uint8)
    # print and folds leave holes and cuts in the paper; closing them must not bridge to what lies near it
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (9, 9))
    return [
        cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel), cv2.MORPH_OPEN, kernel)
        for mask in (bright, pale)
    ]


def _quadrilateral(paper: Mask) -> Points | None:
    """Return the four corners of the largest figure from the top left clockwise, if it is a receipt's outline."""
    outlines = cv2.findContours(paper, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    if not outlines:
        return None
    outline = max(outlines, key=cv2.contourArea)
    area = cv2.contourArea(outline)
    if not _SMALLEST < area / paper.size < _LARGEST:
        return None
    hull = cv2.convexHull(outline)
    length = cv2.arcLength(hull, closed=True)
    for share in (0.01, 0.02, 0.03, 0.04):
        corners = cv2.approxPolyDP(hull, share * length, closed=True)
        if len(corners) <= 4:
            break
    if len(corners) != 4:
        return None
    quad = _from_top_left(corners.reshape(4, 2).astype(np.float32))
    quad_area = cv2.contourArea(quad)
    if not 0.93 < area / max(quad_area, 1.0) < 1.04 or cv2.contourArea(hull) > 1.05 * area:
        return None
    return quad if _is_upright_enough(quad) and _is_inside(quad, paper) else None


def _from_top_left(corners: Points) -> Points:
    """Order the corners clockwise so that the top side is the one that faces up: a lying page stays lying."""
    middle = corners.mean(axis=0)
    clockwise = corners[np.argsort(np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0]))]
    sides = np.roll(clockwise, -1, axis=0) - clockwise
    top = int(np.argmax(sides[:, 0] / np.maximum(np.hypot(sides[:, 0], sides[:, 1]), 1e-6)))
    return np.roll(clockwise, -top, axis=0)


def _is_upright_enough(quad: Points) -> bool:
    """Whether all angles are those of a sheet seen from not too far aside, and opposite sides are alike."""
    sides = np.roll(quad, -1, axis=0) - quad
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    if lengths.min() < 40 or max(lengths[0] / lengths[2], lengths[2] / lengths[0]) > 1.6:
        return False
    if max(lengths[1] / lengths[3], lengths[3] / lengths[1]) > 1.6:
        return False
    before = -np.roll(sides, 1, axis=0)
    cosines = (sides * before).sum(axis=1) / (lengths * np.roll(lengths, 1))
    return bool(np.abs(cosines).max() < 0.42)  # 65 to 115 degrees


def _is_inside(quad: Points, paper: Mask) -> bool:
    height, width = paper.shape
    return bool(quad.min() > 3 and quad[:, 0].max() < width - 4 and quad[:, 1].max() < height - 4)


def _is_set_off(quad: Points, light: Mask) -> bool:
    """Whether every stretch of every side parts bright paper from darker table, and no paper is left outside."""
    for start, end in _sides(quad):
        step = _across(light, start, end, np.linspace(0.06, 0.94, 24))
        # ink at the rim of the paper may darken single stretches
        if np.mean(step > _CONTRAST) < 0.9 or np.median(step) < 1.5 * _CONTRAST:
            return False
    around = np.full(light.shape, 255, np.uint8)
    cv2.fillConvexPoly(around, np.round(_with_margin(quad)).astype(np.int32), 0)
    inner = np.zeros(light.shape, np.uint8)
    cv2.fillConvexPoly(inner, np.round(quad).astype(np.int32), 255)
    paper_light = np.median(light[inner > 0])
    left = ((around > 0) & (light > paper_light - _CONTRAST)).sum()
    return bool(left <= _OUTSIDE * (inner > 0).sum()) and not _has_another(light, around)


def _has_another(light: Mask, around: Mask) -> bool:
    """Whether a figure stands out from the rest of the table: another paper, in less light than the first.

    Where it is only the lamp on the table nothing is lost: the text then says where the paper is (`slips.py`).
    """
    brighter = np.where((around > 0) & (light > np.median(light[around > 0]) + _CONTRAST), 255, 0).astype(np.uint8)
    figures = cv2.connectedComponentsWithStats(cv2.morphologyEx(brighter, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)))[2]
    return bool(len(figures) > 1 and figures[1:, cv2.CC_STAT_AREA].max() > _ANOTHER * light.size)


def _goes_on(quad: Points, colours: NDArray[np.uint8]) -> bool:
    """Whether two opposite sides both run on beyond a third, in light or colour.

    Then the rest of the paper lies there, in a shadow or under a printed band that may be darker than the table.
    """
    beyond = np.linspace(0.02, 0.07, 12)
    sides = _sides(quad)

    def runs_on(side: int, at: NDArray[Any]) -> bool:
        for channel in range(3):
            step = _across(colours[..., channel], *sides[side], at)
            middle = np.median(step)
            if abs(middle) > _TRACE and np.mean(step * np.sign(middle) > _TRACE / 2) > 0.8:
                return True
        return False

    return any(runs_on(side - 1, 1 + beyond) and runs_on((side + 1) % 4, -beyond) for side in range(4))


def _sides(quad: Points) -> list[tuple[Points, Points]]:
    return list(zip(quad, np.roll(quad, -1, axis=0), strict=True))


def _across(light: Mask, start: Points, end: Points, at: NDArray[Any]) -> NDArray[np.float32]:
    """Return by how much it is lighter on the inner flank of a side than on the outer, at fractions of its length."""
    along = (end - start) / np.hypot(*(end - start))
    out = np.array([along[1], -along[0]])  # the corners run clockwise, so this points away from the paper
    points = start + (end - start) * at[:, None]
    return np.asarray(_sample(light, points - out * _RIM) - _sample(light, points + out * _RIM), np.float32)


def _sample(light: Mask, at: NDArray[Any]) -> NDArray[np.float32]:
    height, width = light.shape
    x, y = np.clip(np.round(at[:, 0]).astype(int), 0, width - 1), np.clip(np.round(at[:, 1]).astype(int), 0, height - 1)
    return np.asarray(light[y, x], np.float32)


def _with_margin(quad: Points) -> Points:
    """Move each corner outward along both its sides."""
    following, preceding = np.roll(quad, -1, axis=0), np.roll(quad, 1, axis=0)
    return np.asarray(quad + _MARGIN * (2 * quad - following - preceding), np.float32)


def _warped(image: Image.Image, quad: Points) -> Image.Image:
    """Return what lies within the corners as a rectangle at the picture's own resolution."""
    sides = np.hypot(*(np.roll(quad, -1, axis=0) - quad).T)
    width, height = round(float(max(sides[0], sides[2]))), round(float(max(sides[1], sides[3])))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    transform = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    flat = cv2.warpPerspective(
        np.asarray(image), transform, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return Image.fromarray(flat)
