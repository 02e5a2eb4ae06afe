"""Fonts with Chinese characters, and how a page looks: sizes, colours, rulings, how amounts are written."""

import os
import random
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from PIL import ImageFont

_NOTO = Path("/usr/share/fonts/opentype/noto")
_TRUETYPE = Path("/usr/share/fonts/truetype")
NOTO = (
    (_NOTO / "NotoSansCJK-Regular.ttc", 3),
    (_NOTO / "NotoSerifCJK-Regular.ttc", 3),
    (_NOTO / "NotoSansCJK-Bold.ttc", 3),
)
"""Faces of the package fonts-noto-cjk; the tests draw with these only."""
MORE = (
    (_TRUETYPE / "arphic/ukai.ttc", 2), (_TRUETYPE / "arphic/uming.ttc", 2), (_TRUETYPE / "wqy/wqy-zenhei.ttc", 0),
    (_TRUETYPE / "wqy/wqy-microhei.ttc", 0), (_TRUETYPE / "cwtex/cwheib.ttf", 0), (_TRUETYPE / "cwtex/cwyen.ttf", 0),
    (_TRUETYPE / "cwtex/cwming.ttf", 0), (_TRUETYPE / "cwtex/cwkai.ttf", 0),
)  # fmt: skip
Face = tuple[Path, int]


@cache
def faces(noto_only: bool) -> tuple[Face, ...]:
    """Return the faces that this machine has."""
    found = tuple(face for face in (NOTO if noto_only else NOTO + MORE) if face[0].exists())
    if not found and os.environ.get("CLAIMSHEET_REQUIRE_ALL") != "1":
        pytest.skip("no font with Chinese characters on this machine (fonts-noto-cjk)")
    return found


@cache
def font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """Return a face at a size in pixels."""
    return ImageFont.truetype(str(face[0]), size, index=face[1])


@dataclass(frozen=True)
class Style:
    """How one document looks."""

    form: Face
    data: Face
    size: int
    ink: tuple[int, int, int]
    """Of the form: heads, labels, rulings."""
    pen: tuple[int, int, int]
    """Of what is printed into it."""
    step: float
    """From row to row, in text sizes."""
    ruling: str
    align: str
    thousands: bool
    decimals: bool
    currency: str
    units: bool
    """點 and 元 behind amounts."""
    nothing: str
    """What an empty cell shows."""
    spread: bool
    """Names set apart over their column."""
    width: int
    margin: int
    shift: tuple[float, float] = (0.0, 0.0)
    """How far the printer missed the form, in pixels."""

    def amount(self, value: Decimal | int | None, unit: str = "") -> str:
        """Return an amount as this document prints it."""
        if value is None or value == 0:
            return self.nothing
        text = f"{value:,}" if self.thousands else f"{value}"
        text += ".0" if self.decimals else ""
        money = self.currency if unit != "點" else ""
        return f"{money}{text}{unit if self.units else ''}"


_INKS = ((20, 20, 20), (25, 45, 120), (90, 30, 110), (20, 90, 60), (110, 30, 30), (60, 60, 60))
_RULINGS = ("grid", "grid", "rows", "frame", "none", "dotted", "columns", "head")


def draw_style(rng: random.Random, *, noto_only: bool, width: int, size: int) -> Style:
    """Return a random look for a page of this width in pixels."""
    every = faces(noto_only)
    form = rng.choice(every)
    data = form if rng.random() < 0.6 else rng.choice(every)
    ink = rng.choice(_INKS)
    return Style(
        form=form,
        data=data,
        size=size,
        ink=ink,
        pen=ink if rng.random() < 0.4 else rng.choice(((15, 15, 15), (40, 40, 60), (70, 70, 70))),
        step=rng.uniform(1.45, 2.1),
        ruling=rng.choice(_RULINGS),
        align=rng.choice(("right", "right", "center", "left")),
        thousands=rng.random() < 0.5,
        decimals=rng.random() < 0.1,
        currency=rng.choice(("", "", "", "", "$")),
        units=rng.random() < 0.15,
        nothing=rng.choice(("0", "0", "", "", "-")),
        spread=rng.random() < 0.15,
        width=width,
        margin=rng.randint(40, 90),
        shift=(rng.uniform(-6, 6), rng.uniform(-5, 5)) if rng.random() < 0.15 else (0.0, 0.0),
    )
