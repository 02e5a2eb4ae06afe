"""Long pages in bands: what is cut, and that joining them loses and doubles nothing."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from extraction.readers.bands import bands, join_bands
from schemas.layout import BoundingBox, TextLine

ROWS = 60
HEIGHT, WIDTH, TOP, STEP = 2400, 900, 100, 36


def page(names: list[str], heads: bool = True) -> tuple[Image.Image, list[TextLine]]:
    """Draw a page of a title, heads, and a line a name; return it with its lines."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw, lines = ImageDraw.Draw(image), []
    rows = [("示範醫院",), ("項目名稱", "健保點數", "自費金額")] if heads else []
    rows += [(name, str(100 + index), "0") for index, name in enumerate(names)]
    for index, row in enumerate(rows):
        y = TOP + index * STEP
        for place, text in enumerate(row):
            x = 50 + place * 300
            draw.rectangle((x, y, x + 100, y + 20), fill="black")
            box = BoundingBox(x / WIDTH, y / HEIGHT, (x + 100) / WIDTH, (y + 20) / HEIGHT)
            lines.append(TextLine(text=text, box=box))
    return image, lines


def shown(band: Any, lines: list[TextLine]) -> list[str]:
    """Return the names that stand wholly in a band."""
    return [line.text for line in lines if line.box.left < 0.1
            and band.top <= line.box.top and line.box.bottom <= band.bottom]  # fmt: skip


def test_page_with_few_rows_stays_whole():
    image, lines = page([f"費{n}" for n in range(10)])
    assert [(band.image, band.top, band.bottom, band.overlap) for band in bands(image, lines, 20)] == [(image, 0, 1, 0)]


@pytest.mark.parametrize("most", [4, 9, 20, 40])
@pytest.mark.parametrize("count", [21, 45, ROWS])
def test_every_row_is_in_a_band_and_neighbours_share_one(most, count):
    image, lines = page([f"第{n}費" for n in range(count)])
    parts = bands(image, lines, most)
    seen = [shown(part, lines) for part in parts]
    assert all(len(names) <= most for names in seen)
    joined = seen[0]
    for before, after in itertools.pairwise(seen):
        assert before[-1] == after[0]
        joined = joined + after[1:]
    assert joined == [line.text for line in lines if line.box.left < 0.1]
    assert [part.overlap for part in parts] == [0] + [1] * (len(parts) - 1)


def test_cuts_go_between_the_rows():
    image, lines = page([f"第{n}費" for n in range(ROWS)])
    for band in bands(image, lines, 20):
        for height in (band.top, band.bottom):
            assert not any(line.box.top < height < line.box.bottom for line in lines)


def test_column_heads_stand_above_every_band():
    image, lines = page([f"第{n}費" for n in range(ROWS)])
    first, second = bands(image, lines, 40)
    rows = round((second.bottom - second.top) * HEIGHT)
    assert second.image.height > rows + 20
    head = second.image.crop((0, 0, WIDTH, second.image.height - rows))
    assert head.convert("L").getextrema()[0] == 0  # the print of the heads
    assert first.image.height == round(first.bottom * HEIGHT)


def test_row_in_common_is_unlike_its_neighbours():
    names = [f"第{n}費" for n in range(ROWS)]
    image, lines = page(names)
    (_, second) = bands(image, lines, 40)
    common = shown(second, lines)[0]
    place = names.index(common)
    twin = [line.model_copy(update={"text": names[place]}) if line.text == names[place + 1] else line for line in lines]
    amounts = [line.model_copy(update={"text": "5"}) if line.text.isdigit() else line for line in twin]
    (_, moved) = bands(image, amounts, 40)
    row = [line for line in amounts if line.box.left < 0.1 and line.box.top >= moved.top][0:2]
    assert row[0].text != row[1].text


def test_without_lines_the_ink_tells_the_rows():
    image, _ = page([f"第{n}費" for n in range(ROWS)])
    assert len(bands(image, [], 40)) == 2
    assert len(bands(Image.new("RGB", (800, 1200), "white"), [], 40)) == 1


# -- joining -----------------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["藥費", "診察費", "檢查費", "X光費", "材料費"])
AMOUNTS = st.one_of(st.none(), st.sampled_from(["0", "50", "100", "1,200", "?"]))
LINES = st.fixed_dictionaries({"name": NAMES, "nhi_amount": AMOUNTS, "self_pay_amount": AMOUNTS})


@given(st.lists(LINES, min_size=2, max_size=30), st.data())
def test_joining_loses_and_doubles_no_row(lines, data):
    starts = sorted(data.draw(st.sets(st.integers(1, len(lines) - 1), max_size=5)))
    edges = [0, *starts, len(lines) - 1]
    parts = [{"items": lines[first : last + 1]} for first, last in itertools.pairwise(edges)]
    assert join_bands(parts) == {"items": lines}


@given(st.lists(LINES, max_size=20), st.lists(LINES, max_size=20))
def test_pages_have_no_row_in_common(first, second):
    assert join_bands([{"items": first}, {"items": second}], overlap=0) == {"items": [*first, *second]}


def row(name: str, nhi: str | None = "10", own: str | None = "0") -> dict[str, str | None]:
    return {"name": name, "nhi_amount": nhi, "self_pay_amount": own}


def test_row_that_one_band_missed_is_not_lost():
    parts = [{"items": [row("藥費"), row("診察費", "5")]}, {"items": [row("檢查費", "7"), row("材料費", "8")]}]
    assert [line["name"] for line in join_bands(parts)["items"]] == ["藥費", "診察費", "檢查費", "材料費"]


def test_twins_beside_the_cut_stay_two():
    twin = row("藥費", "50")
    assert join_bands([{"items": [row("診察費"), twin]}, {"items": [twin, twin, row("檢查費")]}])["items"] == [
        row("診察費"), twin, twin, row("檢查費")]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "joined"), [
    ("1?0", "120", "120"), ("?", "120", "120"), ("1,200", "1200", "1,200"), (None, "0", "0"), (None, None, None)
])  # fmt: skip
def test_clearer_of_two_readings_of_one_row_counts(first, second, joined):
    parts = [{"items": [row("檢查費"), row("藥費", first, "7")]}, {"items": [row("藥費", second, "7")]}]
    assert join_bands(parts)["items"] == [row("檢查費"), row("藥費", joined, "7")]


@pytest.mark.parametrize(("first", "second"), [("120", "170"), (None, "120")])
def test_amount_that_two_bands_read_differently_is_unreadable(first, second):
    parts = [{"items": [{**row("藥費", first, "7"), "copayment_amount": "3"}]},
             {"items": [{**row("藥費", second, "7"), "copayment_amount": "3"}]}]  # fmt: skip
    assert join_bands(parts)["items"] == [{**row("藥費", "?", "7"), "copayment_amount": "3"}]


def test_rows_of_one_name_and_other_amounts_stay_two():
    parts = [{"items": [row("藥費", "120", "3")]}, {"items": [row("藥費", "170", "9")]}]
    assert len(join_bands(parts)["items"]) == 2


def test_cells_come_from_the_band_that_shows_them():
    joined = join_bands([{"hospital_name": "示範醫院", "nhi_total": None}, {"hospital_name": None, "nhi_total": "100"}])
    assert joined == {"hospital_name": "示範醫院", "nhi_total": "100"}


def test_cell_that_two_bands_give_otherwise_is_unreadable():
    assert join_bands([{"nhi_total": "100"}, {"nhi_total": "130"}]) == {"nhi_total": "?"}


def test_row_in_common_is_of_one_list_only():
    copayment = {"name": "基本部分負擔", "amount": "50"}
    parts = [{"items": [row("藥費")], "copayments": [copayment]}, {"items": [row("藥費")], "copayments": [copayment]}]
    joined = join_bands(parts)
    assert (len(joined["items"]), len(joined["copayments"])) == (1, 2)


def test_slanted_rows_are_cut_whole():
    image, lines = page([f"第{n}費" for n in range(ROWS)])
    slope = 0.06
    tilted = image.transform(image.size, Image.Transform.AFFINE, (1, 0, 0, -slope, 1, slope * WIDTH / 2),
                             fillcolor="white")  # fmt: skip
    slanted = []
    for line in lines:
        left, top, right, bottom = line.box
        at = [slope * (x - 0.5) * WIDTH / HEIGHT for x in (left, right)]
        box = BoundingBox(left, top + min(at), right, bottom + max(at))
        corners = ((left, top + at[0]), (right, top + at[1]), (right, bottom + at[1]), (left, bottom + at[0]))
        slanted.append(line.model_copy(update={"box": box, "corners": corners}))
    straight, put_right = bands(image, lines, 40), bands(tilted, slanted, 40)
    assert [round(band.top, 2) for band in put_right] == [round(band.top, 2) for band in straight]
    for band, plain in zip(put_right, straight, strict=True):
        assert [one.text for one in band.lines] == [one.text for one in plain.lines]
        assert {round(one.corners[0][1] - one.corners[1][1], 6) for one in band.lines} == {0.0}
        tops = [round(one.box.center[1], 3) for one in plain.lines]
        assert [round(one.box.center[1], 3) for one in band.lines] == pytest.approx(tops, abs=0.002)
    edge = put_right[1].image.convert("L").crop((0, put_right[1].image.height - 5, WIDTH, put_right[1].image.height))
    assert edge.getextrema()[0] > 200
