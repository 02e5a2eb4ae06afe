"""Finds the papers on a photo by their text and their edges: a small receipt is cut out, several are parted."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from extraction.classify import classify
from extraction.ocr import OcrEngine, Quads
from extraction.packing import UNPACKED
from extraction.page import PageImage
from extraction.seams import count_titles, find_parts

_SIDE = 640
_CALM, _CALM_COLOUR = 10, 7
"""Levels of light and of colour that change within three pixels on paper at the most: an edge changes by more."""
_GAP = 3
"""Pixels about each of two papers within which they still touch: desk must part them on nearly all their length."""
_TOUCH = 0.15
"""Share of the smaller side from which on touching makes one paper: a crease or a shadow's edge runs across."""
_FEWEST = 4
"""Lines of text that make a paper a document; fewer are print on the desk, or a sticker."""
_CROP = 0.6
"""Share of the picture: a paper that fills more gains nothing by being cut out."""
_LEAK = 5.0
"""A paper that seems so many times larger than its text runs over the desk: then its text alone says where it is."""
_MARGIN = 1.2
"""Heights of a line that are kept around what was found."""
_FOUND, _KEPT = 0.9, 0.75
"""Share of the lines, and of their length, that must be found again in a cut: nearer by, boxes are closer to print."""
_CLEAR = 0.8

Mask = NDArray[np.uint8]


@dataclass(frozen=True)
class Slips:
    """The papers of one page, in the order of reading."""

    pages: tuple[PageImage, ...]
    is_doubtful: bool = False
    """Whether there seem to be several that cannot be told apart safely: they are left together."""


@dataclass
class _Group:
    """Text on one paper."""

    boxes: list[int]
    mask: Mask


def part(page: PageImage, engine: OcrEngine, turn: Callable[[PageImage], PageImage]) -> Slips:
    """Return the papers of a page cut out and upright; a page that one paper fills as it is.

    Several are parted only where desk lies between them, no cut touches print, and at least two are documents.
    """
    if page.text_layer:
        return Slips((page,))
    boxes = engine.find_boxes(page.image)
    if len(boxes) < _FEWEST:
        return Slips((turn(page),))
    groups, touching = _groups(page.image, boxes)
    papers = [group for group in groups if len(group.boxes) >= _FEWEST]
    strays = [index for group in groups if len(group.boxes) < _FEWEST for index in group.boxes]
    strays = _legible(page.image, boxes, strays, engine)
    if len(papers) > 1:
        return _parted(page, boxes, papers, strays, engine, turn, touching=touching)
    return _parted_by_titles(turn(_cropped(page, boxes, papers, strays, engine)), engine)


def _parted_by_titles(page: PageImage, engine: OcrEngine) -> Slips:
    """Part receipts that lie edge to edge, or on the white bed of a scanner: their titles tell them, no edge does.

    What is read here is not read again: the engine remembers the lines of a page that stays whole.
    """
    lines = engine.read(page.image, page.number)
    if count_titles(lines) < 2:
        return Slips((page,))
    frame = _Frame(page.image, engine.find_boxes(page.image))
    parts = find_parts(lines, page.image.size, frame.angle)
    if parts is None:
        return Slips((page,), is_doubtful=True)
    slips = [replace(page, image=frame.cut(frame.inside(rect))) for rect in parts]
    if any(classify(engine.read(slip.image, slip.number)) is None for slip in slips):
        return Slips((page,), is_doubtful=True)
    return Slips(tuple(slips))


def _parted(page: PageImage, boxes: Quads, papers: Sequence[_Group], strays: Sequence[int], engine: OcrEngine,
            turn: Callable[[PageImage], PageImage], *, touching: bool) -> Slips:  # fmt: skip
    frame = _Frame(page.image, boxes)
    rects = [frame.around(paper, tight=len(papers)) for paper in papers]
    owners = [set(paper.boxes) for paper in papers]
    clean = not touching and all(
        not any(frame.holds(rect, index) for index in range(len(boxes)) if index not in own)
        for rect, own in zip(rects, owners, strict=True)
    )
    if not clean or strays:
        documents = sum(_is_document(frame, rect, engine, turn, page) is not None for rect in rects)
        return Slips((turn(page),), is_doubtful=documents > 1)
    found = [_is_document(frame, rect, engine, turn, page) for rect in sorted(rects, key=_reading_order(rects))]
    slips = [slip for slip in found if slip is not None]
    if len(slips) < len(found):  # a card or a note lies beside it: what it belongs to, nobody can tell
        return Slips((turn(page),), is_doubtful=len(slips) > 1)
    return Slips(tuple(slips))


Rect = tuple[float, float, float, float]


def _reading_order(rects: Sequence[Rect]) -> Callable[[Rect], tuple[int, float]]:
    """Return the key that sorts papers by rows, each from left to right."""
    height = float(np.median([rect[3] - rect[1] for rect in rects]))
    tops = sorted(rect[1] for rect in rects)
    rows: list[float] = []
    for top in tops:
        if not rows or top - rows[-1] > 0.5 * height:
            rows.append(top)
    return lambda rect: (sum(rect[1] >= row for row in rows), rect[0])


def _is_document(frame: "_Frame", rect: Rect, engine: OcrEngine, turn: Callable[[PageImage], PageImage],
                 page: PageImage) -> PageImage | None:  # fmt: skip
    slip = turn(replace(page, image=frame.cut(rect)))
    return slip if classify(engine.read(slip.image, slip.number)) is not None else None


def _cropped(page: PageImage, boxes: Quads, papers: Sequence[_Group], strays: Sequence[int],
             engine: OcrEngine) -> PageImage:  # fmt: skip
    """Return the paper alone where it fills little of the picture, and the cut is seen to lose no text."""
    if not papers:
        return page
    frame = _Frame(page.image, boxes)
    kept = [*papers[0].boxes, *strays]
    rect = frame.around(_Group(kept, papers[0].mask))
    if (rect[2] - rect[0]) * (rect[3] - rect[1]) > _CROP * page.image.width * page.image.height:
        return page
    image = frame.cut(rect)
    again = engine.find_boxes(image)
    if len(again) < _FOUND * len(kept) or _length(again) < _KEPT * _length(boxes[kept]):
        return page
    return replace(page, image=image)


def _length(boxes: Quads) -> float:
    sides = np.stack([boxes[:, 1] - boxes[:, 0], boxes[:, 2] - boxes[:, 1]], axis=1)
    return float(np.linalg.norm(sides, axis=2).max(axis=1).sum()) if len(boxes) else 0.0


def _legible(image: Image.Image, boxes: Quads, some: Sequence[int], engine: OcrEngine) -> list[int]:
    """Return those of some boxes in which text is read: the rest is the pattern of the desk."""
    if not some:
        return []
    lines = engine.read_boxes(image, boxes[list(some)])
    return [index for index, line in zip(some, lines, strict=True) if line.score >= _CLEAR and len(line.text) > 1]


# -- papers ----------------------------------------------------------------------------------------------------------


def _groups(image: Image.Image, boxes: Quads) -> tuple[list[_Group], bool]:
    """Return the text by the paper that it stands on, and whether two papers touch so little that it may be two."""
    labels = _calm_areas(image)
    scale = labels.shape[1] / image.width
    members: dict[int, list[int]] = {}
    for index, box in enumerate(boxes):
        members.setdefault(_label_of(labels, box * scale), []).append(index)
    groups = [_Group(found, np.asarray(labels == label, np.uint8)) for label, found in members.items() if label]
    groups, touching = _merged(groups)
    for index in members.get(0, []):  # print as dense as a code hides its paper
        if groups:
            min(groups, key=lambda group: _distance(group.mask, boxes[index] * scale)).boxes.append(index)
    return groups, touching


def _calm_areas(image: Image.Image) -> NDArray[np.int32]:
    """Return a small map of areas without an edge inside; print is closed over first."""
    small = image.copy()
    small.thumbnail((_SIDE, _SIDE), reducing_gap=2.0)
    lab = cv2.cvtColor(np.asarray(small.convert("RGB")), cv2.COLOR_RGB2LAB)
    light = cv2.morphologyEx(np.ascontiguousarray(lab[..., 0]), cv2.MORPH_CLOSE, np.ones((11, 11), np.uint8))
    calm = _steps(light) < _CALM
    for channel in (1, 2):
        calm &= _steps(cv2.medianBlur(np.ascontiguousarray(lab[..., channel]), 9)) < _CALM_COLOUR
    labels: NDArray[np.int32] = cv2.connectedComponents(calm.astype(np.uint8), connectivity=4)[1]
    return labels


def _steps(channel: Mask) -> NDArray[Any]:
    return np.asarray(
        cv2.morphologyEx(cv2.GaussianBlur(channel, (5, 5), 0), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    )


def _label_of(labels: NDArray[np.int32], box: Quads) -> int:
    (left, top), (right, bottom) = np.floor(box.min(axis=0)).astype(int), np.ceil(box.max(axis=0)).astype(int)
    found = labels[max(top - 2, 0) : bottom + 3, max(left - 2, 0) : right + 3]
    counts = np.bincount(found[found > 0].ravel(), minlength=1)
    return int(counts.argmax()) if counts.max(initial=0) > 0.15 * found.size else 0


def _distance(mask: Mask, box: Quads) -> float:
    x, y, width, height = cv2.boundingRect(mask)
    across, down = box.mean(axis=0)
    return float(np.hypot(max(x - across, across - x - width, 0), max(y - down, down - y - height, 0)))


def _merged(groups: list[_Group]) -> tuple[list[_Group], bool]:
    """Join areas that touch along an edge (a crease, a shadow, a dark band), and say whether others touch a little."""
    wide = [cv2.dilate(group.mask, np.ones((2 * _GAP + 1, 2 * _GAP + 1), np.uint8)) for group in groups]
    parent = list(range(len(groups)))
    grazing: list[tuple[int, int]] = []
    for one, other in combinations(range(len(groups)), 2):
        contact = int(cv2.countNonZero(wide[one] & wide[other])) / (2 * _GAP)
        if not contact:
            continue
        if contact > _TOUCH * min(_shorter_side(groups[one].mask), _shorter_side(groups[other].mask)):
            root, leaf = sorted((_root(parent, one), _root(parent, other)))
            parent[leaf] = root
        else:
            grazing.append((one, other))
    joined: dict[int, _Group] = {}
    for index, group in enumerate(groups):
        root = _root(parent, index)
        if root in joined:
            joined[root] = _Group(joined[root].boxes + group.boxes, joined[root].mask | group.mask)
        else:
            joined[root] = group
    large = [len(joined[_root(parent, one)].boxes) >= _FEWEST and len(joined[_root(parent, other)].boxes) >= _FEWEST
             and _root(parent, one) != _root(parent, other) for one, other in grazing]  # fmt: skip
    return list(joined.values()), any(large)


def _root(parent: Sequence[int], index: int) -> int:
    while parent[index] != index:
        index = parent[index]
    return index


def _shorter_side(mask: Mask) -> int:
    return int(min(cv2.boundingRect(mask)[2:]))


# -- cutting ---------------------------------------------------------------------------------------------------------


class _Frame:
    """The picture turned so that its lines are level: papers are cut there as upright rectangles."""

    def __init__(self, image: Image.Image, boxes: Quads) -> None:
        self._image = image
        self._boxes = boxes
        sides = np.stack([boxes[:, 1] - boxes[:, 0], boxes[:, 2] - boxes[:, 1]], axis=1)
        lengths = np.linalg.norm(sides, axis=2)
        along = sides[np.arange(len(boxes)), lengths.argmax(axis=1)]
        angles = (np.degrees(np.arctan2(along[:, 1], along[:, 0])) + 45) % 90 - 45
        long = lengths.max(axis=1) > 3 * lengths.min(axis=1)
        self.angle = float(np.median(angles[long])) if long.any() else 0.0
        """Degrees by which the lines rise or fall, clockwise."""
        self._line = float(np.median(lengths.min(axis=1)))
        turn = cv2.getRotationMatrix2D((image.width / 2, image.height / 2), self.angle, 1.0)
        self._turn = np.asarray(turn, np.float64)

    def _turned(self, points: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(points.reshape(-1, 2) @ self._turn[:, :2].T + self._turn[:, 2], np.float64)

    def around(self, group: _Group, tight: int = 1) -> Rect:
        """Return the rectangle about a paper and its text; `tight`: so many papers leave each other less room."""
        text = self._turned(self._boxes[group.boxes])
        low, high = text.min(axis=0), text.max(axis=0)
        margin = _MARGIN * self._line / tight
        outlines = cv2.findContours(group.mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
        scale = self._image.width / group.mask.shape[1]
        paper = self._turned(np.concatenate([outline.reshape(-1, 2) for outline in outlines]) * scale)
        sides = paper.max(axis=0) - paper.min(axis=0)
        if sides.prod() < _LEAK * (high - low).prod():
            low, high = np.minimum(low, paper.min(axis=0)), np.maximum(high, paper.max(axis=0))
        elif tight == 1:
            margin *= 3
        (left, top), (right, bottom) = (low - margin).tolist(), (high + margin).tolist()
        return left, top, right, bottom

    def holds(self, rect: Rect, index: int) -> bool:
        """Whether a box of text reaches into a rectangle."""
        points = self._turned(self._boxes[index])
        inside = (points > rect[:2]).all(axis=1) & (points < rect[2:]).all(axis=1)
        return bool(inside.any())

    def inside(self, rect: Rect) -> Rect:
        """Return the part of a rectangle that lies in the turned picture."""
        width, height = self._image.size
        points = self._turned(np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64))
        (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        return max(rect[0], left), max(rect[1], top), min(rect[2], right), min(rect[3], bottom)

    def cut(self, rect: Rect) -> Image.Image:
        """Return what a rectangle holds, at the picture's own resolution; beyond the picture its rim goes on."""
        left, top, right, bottom = rect
        if abs(self.angle) < 0.3:
            box = (max(int(left), 0), max(int(top), 0),
                   min(int(right) + 1, self._image.width), min(int(bottom) + 1, self._image.height))  # fmt: skip
            return self._image.crop(box)
        moved = self._turn.copy()
        moved[:, 2] -= (left, top)
        size = (max(round(right - left), 1), max(round(bottom - top), 1))
        pixels = cv2.warpAffine(np.asarray(self._image), moved, size, flags=cv2.INTER_CUBIC,
                                borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
        return Image.fromarray(pixels)


def documents_of(pages: Sequence[PageImage], cut: Callable[[PageImage], Slips]) -> tuple[list[list[PageImage]], bool]:
    """Return the pages of each document of a file, and whether a page seems to hold several that stay together.

    Only a file of one page is parted: pages of one file belong together.
    """
    found = [_kept(page, cut(page), len(pages)) for page in pages]
    if len(found) == 1 and len(found[0].pages) > 1:
        return [[replace(slip, number=0)] for slip in found[0].pages], False
    doubtful = any(slips.is_doubtful or len(slips.pages) > 1 for slips in found)
    return [list(_whole(pages, found))], doubtful


def _kept(page: PageImage, slips: Slips, count: int) -> Slips:
    """Return what is needed further of a page that was cut: of a long file a turned page, packed, and no parts."""
    if count <= UNPACKED:
        return slips
    if len(slips.pages) > 1:
        return Slips((page,), is_doubtful=True)
    return slips if slips.pages[0] is page else replace(slips, pages=(slips.pages[0].packed(),))


def _whole(pages: Sequence[PageImage], found: Sequence[Slips]) -> Iterator[PageImage]:
    for page, slips in zip(pages, found, strict=True):
        yield slips.pages[0] if len(slips.pages) == 1 else page
