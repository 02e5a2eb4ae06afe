"""A page as it is sent to a model: its ratio kept, its tokens known before they are spent."""

import base64
import io
import math
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from extraction.errors import ReaderError
from extraction.readers.profiles import Picture, TokenRule

_MOST_RATIO = 200
"""Long side by short side; vLLM refuses more."""
_LEAST_SIDE = 56
"""Pixels; the models' own resizing fails on less than one or two patches."""
_STEP = 0.85
_NEARLY = 0.8
"""From this share of the side on, no filter is needed before a picture is shrunk."""
_TILE, _MOST_TILES, _TOKENS_A_TILE = 448, 12, 256


@dataclass(frozen=True)
class Prepared:
    """A picture ready to be sent."""

    data_url: str
    width: int
    """Pixels, as sent."""
    height: int
    tokens: int | None
    """What the model will count, where its rule is known."""
    shrunk: bool = False
    """Whether a limit of tokens made it smaller than the profile's side."""


def prepare(image: Image.Image, picture: Picture, most_tokens: int | None = None) -> Prepared:
    """Return the picture at the profile's side, smaller where `most_tokens` (or the profile's own limit) asks for it.

    Never enlarged. ReaderError for a picture so long that servers refuse it.
    """
    if max(image.size) > _MOST_RATIO * min(image.size):
        raise ReaderError("picture_too_narrow", width=image.width, height=image.height)
    limits = [limit for limit in (most_tokens, picture.most_tokens) if limit is not None]
    width, height = _fitted(image.size, picture.long_side)
    smaller, canvas = _within((width, height), picture.tokens, min(limits)) if limits else ((width, height), None)
    resized = _resized(image.convert("RGB"), smaller)
    sent = _on_canvas(resized, canvas or (max(smaller[0], _LEAST_SIDE), max(smaller[1], _LEAST_SIDE)))
    return Prepared(_data_url(sent, picture), sent.width, sent.height,
                    token_count(sent.width, sent.height, picture.tokens),
                    shrunk=smaller != (width, height) or canvas is not None)  # fmt: skip


def token_count(width: int, height: int, kind: TokenRule) -> int | None:
    """Return how many tokens a model makes of a picture of this size; None where its rule is not known.

    `patches28` is Qwen2.5-VL's (1202 × 1700: 2,623), `patches32` Qwen3-VL's: sides rounded to whole patches. `tiles448`
    is InternVL3's: the grid of up to 12 tiles nearest in ratio, and one tile of the whole page.
    """
    if kind == "unknown":
        return None
    if kind == "tiles448":
        return _tile_tokens(_grid(width, height))
    side = 28 if kind == "patches28" else 32
    return max(1, round(width / side)) * max(1, round(height / side))


def _fitted(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    scale = min(1.0, long_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _within(size: tuple[int, int], kind: TokenRule, most: int) -> tuple[tuple[int, int], tuple[int, int] | None]:
    """Return a size within the tokens, and the white canvas that it needs where tokens follow the shape alone."""
    if kind == "tiles448":
        canvas = _canvas(size, most)
        sent = canvas or size
        while _tile_tokens(_grid(*sent)) > most and max(sent) > _TILE:  # a large picture gets the larger of equal grids
            size, sent = _smaller(size), _smaller(sent)
        return size, sent if canvas else None
    if kind == "unknown":  # 1 token for 28 × 28 pixels is the costliest rule in use
        kind = "patches28"
    width, height = size
    while (token_count(width, height, kind) or 0) > most and max(width, height) > _LEAST_SIDE:
        width, height = _smaller((width, height))
    return (width, height), None


def _smaller(size: tuple[int, int]) -> tuple[int, int]:
    return max(1, round(size[0] * _STEP)), max(1, round(size[1] * _STEP))


# -- tiles -------------------------------------------------------------------------------------------------------------


def _grids() -> list[tuple[int, int]]:
    every = [(x, y) for x in range(1, _MOST_TILES + 1) for y in range(1, _MOST_TILES + 1) if x * y <= _MOST_TILES]
    return sorted(every, key=lambda grid: grid[0] * grid[1])


def _grid(width: int, height: int) -> tuple[int, int]:
    """Return columns and rows of tiles, as InternVL chooses them: of equal ratios the larger for a large picture."""
    ratio, best, least = width / height, (1, 1), math.inf
    for grid in _grids():
        apart = abs(ratio - grid[0] / grid[1])
        if apart < least or (apart == least and width * height > 0.5 * _TILE * _TILE * grid[0] * grid[1]):
            best, least = grid, apart
    return best


def _tile_tokens(grid: tuple[int, int]) -> int:
    tiles = grid[0] * grid[1]
    return _TOKENS_A_TILE * (tiles + (tiles > 1))


def _canvas(size: tuple[int, int], most: int) -> tuple[int, int] | None:
    """Return the canvas whose grid costs at most so many tokens and wastes least of it on white."""
    if _tile_tokens(_grid(*size)) <= most:
        return None
    ratio = size[0] / size[1]
    affordable = [grid for grid in _grids() if _tile_tokens(grid) <= most] or [(1, 1)]
    # what the page keeps of each tile's pixels, times the tiles: its real resolution
    best = max(affordable, key=lambda grid: grid[0] * grid[1] * _share(ratio, grid[0] / grid[1]))
    wanted = best[0] / best[1]
    if ratio > wanted:
        return size[0], math.ceil(size[0] / wanted)
    return math.ceil(size[1] * wanted), size[1]


def _share(ratio: float, other: float) -> float:
    return min(ratio, other) / max(ratio, other)


# -- pixels ------------------------------------------------------------------------------------------------------------


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return an RGB picture in another size.

    Shrunk by a little, a cubic curve through four pixels is as sharp as Lanczos, with next to nothing to alias, in a
    seventh of the time. For more, every cheaper way tried (whole steps averaged first) blurs thin strokes.
    """
    if image.size == size:
        return image
    if size[0] < _NEARLY * image.width:
        return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return Image.fromarray(cv2.resize(np.asarray(image), size, interpolation=cv2.INTER_CUBIC))


def _on_canvas(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Put the picture on white and leave all that the file said of itself behind."""
    clean = Image.new("RGB", size, "white")
    clean.paste(image, (0, 0))
    return clean


def _data_url(image: Image.Image, picture: Picture) -> str:
    buffer = io.BytesIO()
    if picture.format == "png":
        image.save(buffer, "PNG")
    else:
        image.save(buffer, "JPEG", quality=picture.quality, subsampling=0)  # full colour keeps thin red print sharp
    return f"data:image/{picture.format};base64,{base64.b64encode(buffer.getvalue()).decode()}"
