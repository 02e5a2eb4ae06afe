"""Receipts edge to edge on a scanner's white bed are parted between their titles; one on another is doubted."""

import pytest
from drawing import Sheet

from extraction.seams import count_titles, find_parts, names_two_papers
from schemas.layout import BoundingBox, TextLine

_SIZE = (900, 620)


def _receipt(title="門診醫療費用收據"):
    sheet = Sheet(*_SIZE, 18)
    sheet.header(title)
    for row in range(6):
        sheet.text(60, 320 + row * 34, "診察費")
        sheet.text(780, 320 + row * 34, "1,234", "rm")
    return sheet.lines


def _laid(*papers):
    """Lay papers on one page, each at (column, row) with a gap between, as fractions of the page."""
    across, down = 1 + max(column for column, _ in papers), 1 + max(row for _, row in papers)
    lines = []
    for column, row in papers:
        for line in _receipt():
            box = BoundingBox((line.box.left + column) / across, (line.box.top + row) / down,
                              (line.box.right + column) / across, (line.box.bottom + row) / down)  # fmt: skip
            lines.append(TextLine(text=line.text, box=box))
    return lines, (_SIZE[0] * across, _SIZE[1] * down)


@pytest.mark.parametrize("papers", [((0, 0), (1, 0)), ((0, 0), (0, 1)), ((0, 0), (1, 0), (0, 1), (1, 1))])
def test_receipts_edge_to_edge_are_parted_between_their_titles(papers):
    lines, size = _laid(*papers)

    parts = find_parts(lines, size, 0.0)

    assert count_titles(lines) == len(papers)
    assert parts is not None
    assert len(parts) == len(papers)
    for part in parts:
        inside = [line for line in lines if part[0] <= line.box.center[0] * size[0] <= part[2]
                  and part[1] <= line.box.center[1] * size[1] <= part[3]]  # fmt: skip
        assert len(inside) == len(_receipt())


def test_two_titles_without_a_band_between_are_not_parted():
    lines, size = _laid((0, 0), (1, 0))
    middle = TextLine(text="貴重儀器使用費及特殊材料費", box=BoundingBox(0.4, 0.5, 0.6, 0.53))

    assert find_parts([*lines, middle], size, 0.0) is None


def _lines(*texts):
    return [TextLine(text=text, box=BoundingBox(0.1, 0.1, 0.2, 0.2), score=0.95) for text in texts]


@pytest.mark.parametrize(
    ("texts", "is_told"),
    [
        (("姓名：王小明", "收據號碼：A12345678", "應繳金額：500"), False),
        (("姓名：王小明", "姓名：王小明", "收據號碼：A12345678", "收據號碼：A12345678"), False),
        (("病患姓名：王小明", "姓名 Name：陳大文"), True),
        (("收據號碼 R408131783", "收據編號: 8∠U∠1"), True),
        (("應繳金額：500", "應繳金額：450"), False),
        (("應繳金額：500", "健保合計 800點", "應繳金額：720", "健保合計 1,300點"), True),
    ],
)
def test_two_patients_or_numbers_tell_of_a_paper_on_another_and_a_stub_does_not(texts, is_told):
    assert names_two_papers(_lines(*texts)) == is_told
