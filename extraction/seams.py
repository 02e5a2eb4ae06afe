"""Where a page with the titles of several receipts may be cut: along a band without print, with one title a side."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from extraction.layout.title import names_hospital
from schemas.layout import TextLine
from schemas.values import normalize

_TITLE = re.compile(
    r"^[\u4e00-\u9fff]{0,20}(?:醫療費用|醫療|費用|門診|住院)(?:明細)?收據(?:[(].*)?$|^電子發票證明聯(?:補印)?$"
)
"""A receipt's title, perhaps behind the hospital's name, and an e-invoice's: seen once at most on single papers."""
_TITLE_SCORE = 0.7
_LABELS = {
    "patient": r"(?:病患|病人|患者)?姓名",
    "number": r"(?:收據|單據)(?:號碼|編號|單號)",
    "chart": r"病[歷例](?:號碼?|編號)",
    "id": r"身[分份]證(?:字號|號)",
    "birth": r"出生(?:年月日|日期)",
    "clerk": r"收費員|收費人員|經手人|收款人員?",
}
"""What is printed of one patient, one receipt and who took the money; two values for one make two papers."""
_LABELLED = re.compile("|".join(rf"(?P<{name}>^(?:{label}))" for name, label in _LABELS.items()))
_VALUE = re.compile(r"[A-Za-z. ]*[:]?(?P<value>[^\s:]{2,})$")
_FOOT = re.compile(
    r"^(?P<label>[應實已][繳收付]金額|繳納金額|(?:健保|點數|自費|費用)(?:合計|總額)):?\$?(?P<value>[\d,.]+)[元點]?$"
)
"""Sums at a receipt's foot; one alone may be printed twice with two values, two of them are not."""
_BESIDE = 1.2
"""Heights of a line that part papers side by side, over the whole height of the page."""
_ABOVE, _WIDER = 1.4, 1.25
"""Heights of a line above a paper's first line, and how much wider than all other bands this one is."""
_HEAD = 9.0
"""Heights of a line from a paper's upper edge down to its title: a hospital's name, perhaps a number, stand above."""

Rect = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Line:
    rect: Rect
    is_title: bool
    is_hospital: bool


def count_titles(lines: Sequence[TextLine]) -> int:
    """Return how many receipts' titles a page bears."""
    return sum(_is_title(line) for line in lines)


def names_two_papers(lines: Sequence[TextLine]) -> bool:
    """Whether the page gives two values for what one receipt has one of: a paper lies on another and hides its title.

    The stub beside a receipt repeats its values, so it is not taken for another one.
    """
    known: dict[str, set[str]] = {}
    for line in lines:
        if line.score < _TITLE_SCORE:
            continue
        text = _squeezed(line)
        foot, label = _FOOT.match(text), _LABELLED.match(text)
        if foot:
            known.setdefault(foot["label"], set()).add(foot["value"])
        elif label and (value := _VALUE.match(text, label.end())):
            known.setdefault(str(label.lastgroup), set()).add(value["value"])
    twice = {name for name, values in known.items() if len(values) > 1}
    return bool(twice & set(_LABELS)) or len(twice) > 1


def find_parts(lines: Sequence[TextLine], size: tuple[int, int], angle: float) -> list[Rect] | None:
    """Return the papers on a page, in pixels of the page turned level by `angle`; None where no cut is safe."""
    turned = [_turned(line, size, angle) for line in lines if line.text.strip()]
    if not turned:
        return None
    step = float(np.median([line.rect[3] - line.rect[1] for line in turned]))
    parts = list(_split(turned, (-math.inf, -math.inf, math.inf, math.inf), step))
    if len(parts) < 2 or any(sum(line.is_title for line in part) != 1 for part, _ in parts):
        return None
    return [rect for _, rect in parts]


def _split(lines: Sequence[_Line], rect: Rect, step: float) -> Iterator[tuple[Sequence[_Line], Rect]]:
    """Yield what stands on each paper, with the area that is its own."""
    if sum(line.is_title for line in lines) > 1:
        for axis, seam in ((0, _between(lines, step)), (1, _above(lines, step))):
            if seam is None:
                continue
            first = [line for line in lines if line.rect[axis + 2] <= seam]
            second = [line for line in lines if line.rect[axis] >= seam]
            left, top, right, bottom = rect
            yield from _split(first, (left, top, seam, bottom) if axis == 0 else (left, top, right, seam), step)
            yield from _split(second, (seam, top, right, bottom) if axis == 0 else (left, seam, right, bottom), step)
            return
    yield lines, rect


def _between(lines: Sequence[_Line], step: float) -> float | None:
    """Return the middle of the band from top to bottom without print that is clearly the widest, between two titles.

    Receipts of one hospital have such bands between their columns too: a cut along one would part names from amounts.
    """
    titles = sorted((line.rect[0] + line.rect[2]) / 2 for line in lines if line.is_title)
    bands = sorted(_bands(lines, 0), key=lambda band: band[0] - band[1])
    if not bands:
        return None
    low, high = bands[0]
    rival = bands[1][1] - bands[1][0] if len(bands) > 1 else 0.0
    is_between = titles[0] < low and high < titles[-1]
    return (low + high) / 2 if is_between and high - low >= max(_BESIDE * step, _WIDER * rival) else None


def _above(lines: Sequence[_Line], step: float) -> float | None:
    """Return the middle of the band above a paper's hospital and title, where it is clearly the widest between two."""
    first, second = sorted((line for line in lines if line.is_title), key=lambda line: line.rect[1])[:2]
    bands = [(low, high) for low, high in _bands(lines, 1) if first.rect[3] <= low and high <= second.rect[1]]
    bands.sort(key=lambda band: band[0] - band[1])
    if not bands:
        return None
    low, high = bands[0]
    rival = bands[1][1] - bands[1][0] if len(bands) > 1 else 0.0
    if high - low < max(_ABOVE * step, _WIDER * rival) or second.rect[1] - high > _HEAD * step:
        return None
    head = [line for line in lines if high <= line.rect[1] <= second.rect[3]]
    return (low + high) / 2 if any(line.is_hospital for line in head) else None


def _bands(lines: Sequence[_Line], axis: int) -> Iterator[tuple[float, float]]:
    """Yield the bands without print, across the page along the axis."""
    reach = -math.inf
    for low, high in sorted((line.rect[axis], line.rect[axis + 2]) for line in lines):
        if low > reach > -math.inf:
            yield reach, low
        reach = max(reach, high)


def _turned(line: TextLine, size: tuple[int, int], angle: float) -> _Line:
    box = line.box
    corners = line.corners or ((box.left, box.top), (box.right, box.top), (box.right, box.bottom),
                               (box.left, box.bottom))  # fmt: skip
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    across, down = size[0] / 2, size[1] / 2
    points = [(x * size[0] - across, y * size[1] - down) for x, y in corners]
    xs = [x * cosine + y * sine + across for x, y in points]
    ys = [y * cosine - x * sine + down for x, y in points]
    text = _squeezed(line)
    return _Line((min(xs), min(ys), max(xs), max(ys)), _is_title(line), names_hospital(text))


def _is_title(line: TextLine) -> bool:
    return line.score >= _TITLE_SCORE and _TITLE.match(_squeezed(line)) is not None


def _squeezed(line: TextLine) -> str:
    return re.sub(r"\s", "", normalize(line.text))
