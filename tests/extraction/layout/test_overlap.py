"""Rows of a slip that two pictures both show count once; what may be equal lines is doubted, not dropped."""

from itertools import chain

import pytest

from extraction.layout.overlap import join_pages
from schemas.layout import BoundingBox, TextLine

ROWS = [(f"品項{name}費", f"{37 * number + 101:,}") for number, name in enumerate("甲乙丙丁戊己庚辛壬癸子丑")]
ASPECT = 2.0


def _page(rows: list[tuple[str, str]], page: int = 0, slope: float = 0.0) -> list[TextLine]:
    found = []
    for number, (name, amount) in enumerate(rows):
        for left, right, text in ((0.05, 0.4, name), (0.75, 0.95, amount)):
            shift = slope * left
            top = 0.05 + number * 0.04 + shift
            box = BoundingBox(left, top, right, top + 0.025)
            corners = ((left, top), (right, top + slope * (right - left)),
                       (right, top + 0.025 + slope * (right - left)), (left, top + 0.025))  # fmt: skip
            found.append(TextLine(text=text, box=box, page=page, corners=corners))
    return found


def _names(pages: list[list[TextLine]]) -> list[list[str]]:
    return [[line.text for line in page if line.box.left < 0.5] for page in pages]


def _joined(*pages: list[TextLine]):
    return join_pages(pages, [ASPECT] * len(pages))


@pytest.mark.parametrize("slope", [0.0, 0.02])
def test_rows_on_both_pictures_count_once(slope: float) -> None:
    joined = _joined(_page(ROWS[:8]), _page(ROWS[4:], 1, slope))

    assert _names(joined.lines) == [[name for name, _ in ROWS[:8]], [name for name, _ in ROWS[8:]]]
    assert joined.doubts == []


def test_three_pictures_are_joined_in_a_chain() -> None:
    joined = _joined(_page(ROWS[:6]), _page(ROWS[3:9], 1), _page(ROWS[6:], 2))

    assert list(chain(*_names(joined.lines))) == [name for name, _ in ROWS]


def test_rows_that_an_edge_cuts_through_are_taken_from_the_other_picture() -> None:
    first, second = ROWS[:9], list(ROWS[4:])
    first[8], second[0] = ("口口", "1"), ("二", "7")

    joined = _joined(_page(first), _page(second, 1))

    assert list(chain(*_names(joined.lines))) == [name for name, _ in ROWS]


def test_misread_name_still_joins_but_another_amount_does_not() -> None:
    second = [(name.replace("品", "呂"), amount) if name == ROWS[5][0] else (name, amount) for name, amount in ROWS[4:]]
    assert len(_names(_joined(_page(ROWS[:8]), _page(second, 1)).lines)[1]) == 4

    others = [(name, f"{number}99") for number, (name, _) in enumerate(ROWS[4:])]
    assert len(_names(_joined(_page(ROWS[:8]), _page(others, 1)).lines)[1]) == 8


def test_few_equal_rows_are_doubted_and_kept() -> None:
    joined = _joined(_page(ROWS[:6]), _page(ROWS[4:], 1))

    assert len(_names(joined.lines)[1]) == 8
    assert [(flag.code, flag.parameters["page"], flag.paths) for flag in joined.doubts] == [
        ("pages_overlap", "2", ("items",))
    ]


def test_pages_that_follow_each_other_repeat_heads_or_are_copies_stay() -> None:
    for pages in ((ROWS[:6], ROWS[6:]), (ROWS[:3] + ROWS[3:7], ROWS[:3] + ROWS[7:]), (ROWS, ROWS), (ROWS[:5], [])):
        joined = _joined(_page(list(pages[0])), _page(list(pages[1]), 1))
        assert [len(names) for names in _names(joined.lines)] == [len(rows) for rows in pages]
        assert joined.doubts == []


def test_one_page_is_given_back() -> None:
    page = _page(ROWS)

    assert _joined(page).lines == [page]
