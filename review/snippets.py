"""Pieces of a page image as small pictures: the place of one value, or the whole page at a glance."""

import io

from PIL import Image

from schemas.layout import BoundingBox

WHOLE = "whole"
_SCALE = 10_000
_LARGEST = (900, 640)
_MARGIN = 0.4
"""Of the height of the box on every side, so that a box that cuts a stroke does not hide it."""


def name_of(box: BoundingBox | None) -> str:
    """Return a box as part of an address; the whole page without one."""
    if box is None:
        return WHOLE
    return "-".join(str(round(edge * _SCALE)) for edge in (box.left, box.top, box.right, box.bottom))


def box_of(name: str) -> BoundingBox | None:
    """Return the box that an address names; ValueError where it names none."""
    if name == WHOLE:
        return None
    left, top, right, bottom = (min(int(edge), _SCALE) / _SCALE for edge in name.split("-"))
    return BoundingBox(left, top, right, bottom)


def snippet(picture: bytes, box: BoundingBox | None) -> bytes:
    """Return the part of a page as JPEG."""
    with Image.open(io.BytesIO(picture)) as image:
        if box is None:
            image.draft("RGB", _LARGEST)
            part = image.convert("RGB")
        else:
            part = image.convert("RGB").crop(edges(image.size, box))
    part.thumbnail(_LARGEST)
    buffer = io.BytesIO()
    part.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def edges(size: tuple[int, int], box: BoundingBox, margin: float = _MARGIN) -> tuple[int, int, int, int]:
    """Return the pixels of a box with a margin, a part of its height."""
    width, height = size
    margin = max((box.bottom - box.top) * height * margin, 4)
    left, right = max(box.left * width - 2 * margin, 0), min(box.right * width + 2 * margin, width)
    top, bottom = max(box.top * height - margin, 0), min(box.bottom * height + margin, height)
    return int(left), int(top), max(int(right), int(left) + 1), max(int(bottom), int(top) + 1)
