"""A part of a page read again: what stands in the box that a person drew, as a text for one cell."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageOps

from extraction.ocr import OcrEngine
from review.corrections import typed_cell
from review.snippets import edges
from schemas.document import field_at, kind_of
from schemas.layout import BoundingBox, TextLine
from schemas.registry import DOCUMENT_TYPES
from schemas.result import CellState
from schemas.values import ValueKind

_LEAST_HEIGHT = 96
"""Pixels of a box under which it is enlarged: the recogniser sees lines of 48, and the detector misses small ones."""
_LARGEST = 1600
_BORDER = 32
"""Pixels of paper around the part: the detector does not find print that touches the edge."""
_SURE = 0.8
_LABEL = re.compile(r"^[^\W\d_]{1,8}\s*[:：]\s*(?=\S)")


@dataclass(frozen=True)
class RegionText:
    """What was read, or why nothing of it can go into the cell."""

    text: str | None
    problem: Literal["empty", "no_value", "several"] | None = None
    seen: str = ""
    """All that stands in the box."""
    is_sure: bool = True


def read_region(picture: bytes, box: BoundingBox, engine: OcrEngine, document_type: str, path: str) -> RegionText:
    """Read a part of a page for one cell; KeyError where the document has no such cell, OSError for no picture."""
    kind = kind_of(field_at(DOCUMENT_TYPES[document_type], path))
    lines = _lines(_part(picture, box), engine)
    if not lines:
        return RegionText(None, "empty")
    seen, is_sure = _joined(lines), min(line.score for line in lines) >= _SURE
    if kind is ValueKind.TEXT:
        return RegionText(_LABEL.sub("", seen), seen=seen, is_sure=is_sure)
    # the whole box first: a number may be parted; else the one line of it that is a value, never one of several
    candidates = [seen, _LABEL.sub("", seen)]
    fitting = next(([text] for text in candidates if _fits(document_type, path, text)), None)
    if fitting is None:
        fitting = [line.text for line in lines if _fits(document_type, path, _LABEL.sub("", line.text))]
    if not fitting:
        return RegionText(None, "no_value", seen, is_sure)
    if len(fitting) > 1:
        return RegionText(None, "several", seen, is_sure)
    return RegionText(_LABEL.sub("", fitting[0]), seen=seen, is_sure=is_sure)


def _fits(document_type: str, path: str, text: str) -> bool:
    return typed_cell(document_type, path, text).state in (CellState.VALUE, CellState.ZERO)


def _part(picture: bytes, box: BoundingBox) -> Image.Image:
    """Return the part, large enough to be read, with some paper around it."""
    with Image.open(io.BytesIO(picture)) as image:
        part = image.convert("RGB").crop(edges(image.size, box, margin=0.1))
    scale = min(max(1.0, _LEAST_HEIGHT / part.height), 4.0, _LARGEST / part.width)
    part = part.resize(
        (max(1, round(part.width * scale)), max(1, round(part.height * scale))), Image.Resampling.BICUBIC
    )
    paper = tuple(int(value) for value in np.percentile(np.asarray(part).reshape(-1, 3), 90, axis=0))
    return ImageOps.expand(part, border=_BORDER, fill=paper)


def _lines(part: Image.Image, engine: OcrEngine) -> list[TextLine]:
    """Return the lines in reading order; print that the detector does not see may still be one line."""
    for red_channel in (True, False):  # the red channel loses stamps, and what is printed in red
        if lines := engine.read(part, red_channel=red_channel):
            return _in_order(lines)
    width, height = part.size
    inside = np.array([[[_BORDER, _BORDER], [width - _BORDER, _BORDER], [width - _BORDER, height - _BORDER],
                        [_BORDER, height - _BORDER]]], np.float32)  # fmt: skip
    return [line for line in engine.read_boxes(part, inside) if line.text.strip() and line.score >= _SURE]


def _in_order(lines: Sequence[TextLine]) -> list[TextLine]:
    rows: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda each: each.box.center[1]):
        row = rows[-1] if rows else None
        if row and abs(row[0].box.center[1] - line.box.center[1]) < 0.5 * min(row[0].box.height, line.box.height):
            row.append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda each: each.box.left)]


def _joined(lines: Sequence[TextLine]) -> str:
    """Return the lines as one text; Chinese is written without spaces."""
    text = " ".join(line.text.strip() for line in lines)
    return re.sub(r"(?<=[\u2e80-\u9fff\uff00-\uffef])\s+|\s+(?=[\u2e80-\u9fff\uff00-\uffef])", "", text)
