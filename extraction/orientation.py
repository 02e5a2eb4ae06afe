"""Pages turned by 90, 180 or 270 degrees are found and righted; an upright page costs a few recognised lines."""

from dataclasses import replace

import numpy as np
from PIL import Image

from extraction.ocr import OcrEngine, Quads
from extraction.page import PageImage

_PROBES = 4
"""Lines recognised to tell upright from upside down."""
_CLEAR = 0.9
"""Mean score of the probes from which on a page is upright without a second look; upside down they reach 0.6."""
_BETTER = 0.05
_TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
"""Degrees clockwise → Pillow's counterclockwise."""


def upright(page: PageImage, engine: OcrEngine) -> PageImage:
    """Return the page standing upright; a page with a text layer, or without text, is left alone."""
    if page.text_layer:
        return page
    boxes = engine.find_boxes(page.image)
    if len(boxes) == 0:
        return page
    if not _is_sideways(boxes):
        flip = 180 if _is_upside_down(page.image, boxes, engine) else 0
        return _turned(page, flip)
    lying = page.image.transpose(_TURNS[90])
    turned = engine.find_boxes(lying)
    if len(turned) == 0 or _is_sideways(turned):
        return page
    return _turned(page, 270 if _is_upside_down(lying, turned, engine) else 90)


def _turned(page: PageImage, degrees: int) -> PageImage:
    if not degrees:
        return page
    image = page.image.transpose(_TURNS[degrees])
    return replace(page, image=image, rotation=(page.rotation + degrees) % 360)


def _sides(boxes: Quads) -> tuple[np.ndarray, np.ndarray]:
    return (np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1), np.linalg.norm(boxes[:, 3] - boxes[:, 0], axis=1))


def _is_sideways(boxes: Quads) -> bool:
    """Whether most of the text, by length, stands on end; single characters say nothing."""
    widths, heights = _sides(boxes)
    lying, standing = widths > 1.8 * heights, heights > 1.8 * widths
    return float(heights[standing].sum()) > 1.5 * float(widths[lying].sum())


def _is_upside_down(image: Image.Image, boxes: Quads, engine: OcrEngine) -> bool:
    probes = _probes(boxes)
    if len(probes) == 0:
        return False
    score = _score(image, probes, engine)
    if score >= _CLEAR:
        return False
    size = np.array(image.size, np.float32)
    turned = (size - probes)[:, [2, 3, 0, 1]]
    return _score(image.transpose(_TURNS[180]), turned, engine) > score + _BETTER


def _probes(boxes: Quads) -> Quads:
    """Return a few lines of middling length: long enough to tell, short enough to be quick."""
    widths, heights = _sides(boxes)
    ratio = widths / np.maximum(heights, 1.0)
    order = np.argsort(np.abs(ratio - 5.0))
    chosen = [index for index in order if ratio[index] > 1.8][:_PROBES]
    return boxes[chosen]


def _score(image: Image.Image, probes: Quads, engine: OcrEngine) -> float:
    lines = engine.read_boxes(image, probes)
    return sum(line.score for line in lines) / len(probes)
