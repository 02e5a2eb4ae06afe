"""Made-up receipts drawn for tests: other structures than those of the shared documents."""

import math
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from schemas.layout import BoundingBox, TextLine

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
TRADITIONAL = 3  # index of the Taiwanese face in the collection

HEADER = (
    ("姓名：林大同", "病歷號碼：10293847", "就診日期：114/05/21"),
    ("科別：家庭醫學科", "收據號碼：R20250001", "身分別：健保"),
)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    if not FONT.exists() and os.environ.get("CLAIMSHEET_REQUIRE_ALL") != "1":
        pytest.skip("no font with Chinese characters on this machine (fonts-noto-cjk)")
    return ImageFont.truetype(str(FONT), size, index=TRADITIONAL)


class Sheet:
    """A white page to print on, in pixels."""

    def __init__(self, width: int = 1240, height: int = 1000, size: int = 26) -> None:
        self.image = Image.new("RGB", (width, height), "white")
        self._draw = ImageDraw.Draw(self.image)
        self._size = size
        self.lines: list[TextLine] = []
        """What stands on the page, as a perfect OCR would give it: geometry is tested without one."""

    def text(self, x: float, y: float, text: str, anchor: str = "lm", size: int | None = None) -> None:
        font = _font(size or self._size)
        self._draw.text((x, y), text, fill="black", font=font, anchor=anchor)
        left, top, right, bottom = self._draw.textbbox((x, y), text, font=font, anchor=anchor)
        height = (size or self._size) * 1.3  # the detector pads its boxes
        middle = (top + bottom) / 2 if anchor[1] != "m" else y
        self.lines.append(self._line(text, left, middle - height / 2, right, middle + height / 2))

    def _line(self, text: str, left: float, top: float, right: float, bottom: float) -> TextLine:
        width, height = self.image.size
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        return TextLine(
            text=text,
            box=BoundingBox(left / width, top / height, right / width, bottom / height),
            corners=tuple((x / width, y / height) for x, y in corners),
        )

    @property
    def aspect(self) -> float:
        return self.image.height / self.image.width

    def slanted(self, degrees: float) -> list[TextLine]:
        """Return the lines as they stand on a page turned a little."""
        turn, (width, height) = math.radians(degrees), self.image.size
        slanted = []
        for line in self.lines:
            points = []
            for x, y in line.corners:
                across, down = x * width - width / 2, y * height - height / 2
                points.append(
                    (
                        (across * math.cos(turn) - down * math.sin(turn)) / width + 0.5,
                        (across * math.sin(turn) + down * math.cos(turn)) / height + 0.5,
                    )
                )
            xs, ys = [x for x, _ in points], [y for _, y in points]
            box = BoundingBox(min(xs), min(ys), max(xs), max(ys))
            slanted.append(line.model_copy(update={"corners": tuple(points), "box": box}))
        return slanted

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self._draw.line((x0, y0, x1, y1), fill="black", width=2)

    def header(self, title: str = "門診醫療費用收據", hospital: str = "示範綜合醫院") -> None:
        middle = self.image.width / 2
        self.text(middle, 60, hospital, "mm", 40)
        self.text(middle, 110, title, "mm", 30)
        for row, texts in enumerate(HEADER):
            for column, text in enumerate(texts):
                self.text(60 + column * (self.image.width - 80) / 3, 165 + row * 42, text)

    def row(self, y: float, cells: Sequence[tuple[float, str, str]]) -> None:
        """Print (x, anchor, text) at one height; an empty text prints nothing."""
        for x, anchor, text in cells:
            if text:
                self.text(x, y, text, anchor)

    def table(
        self, top: float, columns: Sequence[tuple[float, str]], rows: Sequence[Sequence[str]], step: float = 42
    ) -> float:
        """Print rows under each other, each cell at its column's (x, anchor); return the height below."""
        for index, cells in enumerate(rows):
            self.row(top + index * step, [(x, anchor, text) for (x, anchor), text in zip(columns, cells, strict=True)])
        return top + len(rows) * step

    def foot(self, y: float, texts: Sequence[str]) -> None:
        for index, text in enumerate(texts):
            self.text(60 + (index % 3) * (self.image.width - 80) / 3, y + (index // 3) * 42, text)

    def turned(self, degrees: float) -> Image.Image:
        """Return the page as a slightly slanted photo."""
        return self.image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor="white")
