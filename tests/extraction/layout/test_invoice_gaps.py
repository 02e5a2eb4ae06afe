"""Names on invoices in which the reader skipped a character."""

import pytest

from extraction.layout.invoice_rows import Piece, found
from schemas.layout import BoundingBox, TextLine


def piece(text: str, places: list[float]) -> Piece:
    boxes = tuple(BoundingBox(0.1 + at / 100, 0.5, 0.109 + at / 100, 0.51) for at in places)
    line = TextLine(text=text, box=BoundingBox(0.1, 0.5, boxes[-1].right, 0.51), characters=boxes)
    return Piece(text, line.box.left, line.box.right, line.box.top, line.box.bottom, line)


@pytest.mark.parametrize(
    ("text", "places", "has_gap"),
    [
        ("杏醫療用品公司", [0, 2, 3, 4, 5, 6, 7], True),
        ("杏一醫療用品公司", [0, 1, 2.2, 3.2, 4.4, 5.4, 6.4, 7.9], False),
        ("杏 醫 療 用 品", [0, 1, 2, 3, 4, 5, 6, 7, 8], False),
        ("大樹藥局", [0, 3, 6, 9], False),
        ("大樹", [0, 3], False),
        ("Acme Ltd", [0, 1, 2, 3, 5, 6, 7, 8], False),
    ],
)
def test_gap_for_one_more_ideograph_is_seen(text, places, has_gap):
    name = piece(text, places)
    assert found(name, text).has_gap is has_gap
