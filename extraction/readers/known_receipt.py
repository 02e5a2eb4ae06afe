"""A receipt that is drawn here, with content that is known: what a model says of it shows whether it reads."""

import re
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msjh.ttc",
)
"""Where a font with Traditional Chinese usually is; a bare machine has none and needs none."""
_SIZE = (900, 700)
_LATIN = (
    "TEST CLINIC",
    "No. 40718",
    "2025/05/21",
    "Consultation  345",
    "Medicine  1,207",
    "Supplies  86",
    "Total  1,638",
)
_CHINESE = ("測試診所", "No. 40718", "2025/05/21", "診察費  345", "藥費  1,207", "材料費  86", "合計  1,638")
_FACTS = ("40718", "2025/05/21", "345", "1207", "86", "1638")


def drawn_receipt() -> Image.Image:
    """Draw the receipt: numbers and dates, with Chinese words where this machine has a font for them."""
    image = Image.new("RGB", _SIZE, "white")
    draw = ImageDraw.Draw(image)
    font = _chinese_font()
    lines = _LATIN if font is None else _CHINESE
    for row, line in enumerate(lines):
        draw.text((70, 50 + 88 * row), line, fill="black", font=font or ImageFont.load_default(48))
    return image


def missing_facts(answer: str) -> list[str]:
    """Return what is printed on the receipt and not in the answer; figures alone count, the font of words may lack."""
    numbers = re.findall(r"\d[\d/.\-]*\d|\d", answer.replace(",", "").replace("年", "/").replace("月", "/"))
    seen = {re.sub(r"[.\-]", "/", number).strip("/") for number in numbers}
    return [fact for fact in _FACTS if fact not in seen and _loose(fact) not in {_loose(one) for one in seen}]


def fact_count() -> int:
    """Return how many facts the receipt has."""
    return len(_FACTS)


def _loose(text: str) -> str:
    return re.sub(r"/0+", "/", text)


@cache
def _chinese_font() -> ImageFont.FreeTypeFont | None:
    path = next((path for path in _FONTS if Path(path).exists()), None)
    try:
        return ImageFont.truetype(path, 48) if path else None
    except OSError:
        return None
