"""Rulings of a table are found whole, dotted, broken and slanted; print is none."""

import pytest
from PIL import Image, ImageDraw, ImageFont

from extraction.layout.flatten import Flattening
from extraction.layout.rulings import Ruling, find_rulings

WIDTH, HEIGHT = 1240, 1754
ROWS = (300, 360, 420, 480, 540)
COLUMNS = (120, 620, 860, 1120)


def _page() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("RGB", (WIDTH, HEIGHT), "white")
    return page, ImageDraw.Draw(page)


def _write(draw: ImageDraw.ImageDraw) -> None:
    font = ImageFont.load_default(size=26)
    letters = "HEMT0123456789-=:|l1"
    for y in range(80, HEIGHT - 80, 60):
        for x in (130, 640, 880):
            draw.text(
                (x, y + 14), "".join(letters[(x + y * 7 + k * k) % len(letters)] for k in range(9)), "black", font
            )


def _grid(draw: ImageDraw.ImageDraw, ink: str = "black", width: int = 2) -> None:
    for y in ROWS:
        draw.line((COLUMNS[0], y, COLUMNS[-1], y), ink, width)
    for x in COLUMNS:
        draw.line((x, ROWS[0], x, ROWS[-1]), ink, width)


@pytest.mark.parametrize(("ink", "width"), [("black", 1), ("black", 4), ("#b8c4e0", 2)])
def test_grid_is_found_where_it_stands(ink: str, width: int) -> None:
    page, draw = _page()
    _write(draw)
    _grid(draw, ink, width)

    found = find_rulings(page)

    assert [round(line.y0 * HEIGHT / 60) * 60 for line in found.horizontal] == list(ROWS)
    assert [line.x0 * WIDTH for line in found.vertical] == pytest.approx(COLUMNS, abs=3)
    assert all(line.x0 * WIDTH == pytest.approx(COLUMNS[0], abs=8) for line in found.horizontal)
    assert all(line.x1 * WIDTH == pytest.approx(COLUMNS[-1], abs=8) for line in found.horizontal)
    assert not any(line.is_dotted for line in (*found.horizontal, *found.vertical))


def test_print_alone_has_no_rulings() -> None:
    page, draw = _page()
    _write(draw)

    found = find_rulings(page)

    assert (found.horizontal, found.vertical) == ((), ())


def test_empty_and_tiny_pictures_have_none() -> None:
    for size in ((WIDTH, HEIGHT), (60, 60), (48, 3000), (20, 20)):
        found = find_rulings(Image.new("RGB", size, "white"))
        assert (found.horizontal, found.vertical) == ((), ())


@pytest.mark.parametrize(("dash", "gap"), [(3, 5), (12, 8)])
def test_dotted_lines_are_told_as_such(dash: int, gap: int) -> None:
    page, draw = _page()
    _write(draw)
    for x in range(120, 1100, dash + gap):
        draw.line((x, 363, x + dash - 1, 363), "black", 2)
    for y in range(300, 1500, dash + gap):
        draw.line((1180, y, 1180, y + dash - 1), "black", 2)

    found = find_rulings(page)

    assert [line.is_dotted for line in found.horizontal] == [True]
    assert [line.is_dotted for line in found.vertical] == [True]
    assert found.horizontal[0].y0 * HEIGHT == pytest.approx(363, abs=3)


def test_line_broken_by_print_is_one() -> None:
    page, draw = _page()
    draw.line((120, 700, 500, 700), "black", 2)
    draw.line((560, 700, 1120, 700), "black", 2)

    (line,) = find_rulings(page).horizontal

    assert (line.x0 * WIDTH, line.x1 * WIDTH) == pytest.approx((120, 1120), abs=8)


def test_slanted_photo_keeps_its_lines() -> None:
    page, draw = _page()
    _write(draw)
    _grid(draw)
    turned = page.rotate(2.5, Image.Resampling.BICUBIC, fillcolor="white")

    found = find_rulings(turned)

    assert len(found.horizontal) == len(ROWS)
    assert len(found.vertical) == len(COLUMNS)
    slope = (
        (found.horizontal[0].y1 - found.horizontal[0].y0)
        * HEIGHT
        / ((found.horizontal[0].x1 - found.horizontal[0].x0) * WIDTH)
    )
    assert slope == pytest.approx(-0.0437, abs=0.004)


def test_ruling_moves_with_the_text() -> None:
    flat = Flattening(aspect=1.5, slope=0.05, slope_change=0.01, lean=0.02, middle=0.5)
    line = Ruling(0.1, 0.2, 0.9, 0.25, is_dotted=True)

    moved = line.flattened(flat)

    assert (moved.x0, moved.y0) == flat.place(0.1, 0.2)
    assert (moved.x1, moved.y1) == flat.place(0.9, 0.25)
    assert moved.is_dotted
