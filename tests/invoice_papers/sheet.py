"""A sheet to print texts on that gives text lines as OCR would, or a picture."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from schemas.layout import BoundingBox, TextLine

_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_SCALE = 2.5
"""Pixels a point: 180 dpi on A4."""


@dataclass
class Sheet:
    """Texts at places in points."""

    width: float = 595
    height: float = 842
    texts: list[tuple[float, float, str, float]] = field(default_factory=list)

    def put(self, x: float, y: float, text: str, align: str = "l", size: float = 10) -> None:
        """Print a text at its top: from `x` on, up to it (`r`), or around it (`c`)."""
        shift = {"l": 0.0, "r": 1.0, "c": 0.5}[align] * width_of(text, size)
        self.texts.append((x - shift, y, text, size))

    def cut(self, bottom: float) -> None:
        """Let the sheet end there, as the slip of a till does."""
        self.height = bottom

    def lines(self, score: float = 0.99) -> list[TextLine]:
        """Return the texts from top to bottom."""
        found = []
        for x, y, text, size in sorted(self.texts, key=lambda one: one[1]):
            right, bottom = (x + width_of(text, size)) / self.width, (y + size) / self.height
            found.append(
                TextLine(text=text, box=BoundingBox(x / self.width, y / self.height, right, bottom), score=score)
            )
        return found

    def picture(self) -> Image.Image:
        """Return the sheet in pixels."""
        image = Image.new("RGB", (round(self.width * _SCALE), round(self.height * _SCALE)), "white")
        draw = ImageDraw.Draw(image)
        for x, y, text, size in self.texts:
            draw.text((x * _SCALE, y * _SCALE), text, fill="black", font=_font(round(size * _SCALE)))
        return image


def width_of(text: str, size: float) -> float:
    """Return about how wide a text is in points."""
    return sum(size if ord(character) > 0x2E7F else 0.52 * size for character in text)


@cache
def _font(pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONT, pixels)
