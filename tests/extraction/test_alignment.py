"""Rows of two readings find each other by name and amount, whatever was dropped, doubled, invented or moved."""

import time
from decimal import Decimal

import pytest

from extraction.alignment import RowView, align_rows
from schemas.layout import BoundingBox


def rows(*texts):
    """Return rows of `name nhi self`."""
    found = []
    for text in texts:
        name, *amounts = text.split()
        cells = dict(zip(("nhi_amount", "self_pay_amount"), map(Decimal, amounts), strict=False))
        found.append(RowView(name, {cell: value for cell, value in cells.items() if value}))
    return found


PAGE = ("診察費 345 0", "藥費 412 150", "藥費 77 0", "檢查費 900 20", "材料費 0 60")


@pytest.mark.parametrize(
    ("reading", "pairs"),
    [
        (PAGE, {0: 0, 1: 1, 2: 2, 3: 3, 4: 4}),
        (PAGE[1:], {0: 1, 1: 2, 2: 3, 3: 4}),
        (PAGE[::-1], {0: 4, 1: 3, 2: 2, 3: 1, 4: 0}),
        (("診察費 345 0", "便當 80 0", *PAGE[1:]), {0: 0, 2: 1, 3: 2, 4: 3, 5: 4}),
        (("診察費 345 0", "診察費 345 0", *PAGE[1:]), {0: 0, 2: 1, 3: 2, 4: 3, 5: 4}),
        (("診察費 0 345", "藥費 150 412", "藥費 0 77"), {0: 0, 1: 1, 2: 2}),
        (("診察費 346 0", "衛生紙 412 150"), {0: 0, 1: 1}),
        ((), {}),
    ],
    ids=["same", "dropped", "reversed", "invented", "doubled", "swapped", "misread", "empty"],
)
def test_rows_are_paired(reading, pairs):
    assert align_rows(rows(*reading), rows(*PAGE)).both == pairs


def test_what_only_one_has_is_told():
    pairs = align_rows(rows("診察費 345", "便當 80"), rows("診察費 345", "藥費 412"))
    assert (pairs.only_first, pairs.only_second) == ((1,), (1,))


def test_rows_of_one_name_and_amount_are_told_apart_by_their_place():
    def at(top):
        return RowView("藥費", {"nhi_amount": Decimal(10)}, BoundingBox(0.1, top, 0.5, top + 0.02))

    assert align_rows([at(0.2), at(0.5)], [at(0.5), at(0.2)]).both == {0: 1, 1: 0}


def test_a_hundred_rows_take_no_time():
    many = rows(*(f"項目{number} {number} {number % 7}" for number in range(100)))
    started = time.perf_counter()
    assert align_rows(many, many[::-1]).both == {index: 99 - index for index in range(100)}
    assert time.perf_counter() - started < 5  # a third of a second on one core
