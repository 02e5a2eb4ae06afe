"""The text layer of a born-digital PDF page: its characters as lines with boxes, and whether it may be trusted."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from schemas.layout import BoundingBox, TextLine

_FEWEST_CHARACTERS = 20  # a page number, a stamp of the archive or a file name: not what the page says
_SCAN_AREA = 0.4  # share of the page under pictures from which it counts as a scan (logos and photos stay below 0.2)
_MOST_GARBAGE = 0.02  # characters without a meaning: fonts without a Unicode table
_MOST_INKLESS = 0.1  # characters where nothing is printed: white on white, or a layer that does not fit the page
_MOST_UNEXPLAINED = 0.25  # letter-sized marks outside the text, per character: print drawn as outlines or as pictures
_INK = 60  # difference in grey from the surroundings that a person sees
# Gaps, in character heights (a height is about 1.2 times the print size). A space is 0.15 to 0.25, of justified text up
# to 0.5. Two numbers are never that far apart in one cell: thousands are set off by less than 0.25, and neighbouring
# right-aligned columns were seen at 0.43.
_WORD_GAP, _NUMBER_GAP, _COLUMN_GAP = 0.14, 0.35, 0.7

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Character:
    """One printed character; `box` in fractions of the page image."""

    text: str
    box: BoundingBox
    is_visible: bool = True
    is_upright: bool = True


def is_trustworthy(characters: Sequence[Character], picture_area: float, grey: Grey) -> bool:
    """Whether the layer says what a person sees on the page.

    A scan with an OCR layer must be read anew: that layer is another program's guess, invisible (or hidden beneath the
    picture), so that nobody has ever checked it. So no layer is taken where pictures cover much of the page or much of
    the text is invisible; and the rest must fit what is printed, both ways: ink under the characters, and no
    letter-sized marks where there are none (outlined print, forms filled in as annotations).
    """
    shown = [one for one in characters if one.is_visible]
    if len(shown) < _FEWEST_CHARACTERS or picture_area > _SCAN_AREA:
        return False
    if len(characters) - len(shown) > _MOST_INKLESS * len(characters):
        return False
    if sum(_is_garbage(one.text) for one in shown) > _MOST_GARBAGE * len(shown):
        return False
    upright = [one for one in shown if one.is_upright]
    if len(upright) < 0.8 * len(shown):
        return False  # a page that lies on its side: OCR turns it
    if sum(not has_ink(one, grey) for one in upright) > _MOST_INKLESS * len(upright):
        return False
    return _unexplained_marks(shown, grey) <= _MOST_UNEXPLAINED * len(shown)


def has_ink(character: Character, grey: Grey) -> bool:
    """Whether something is printed where the character stands."""
    left, top, right, bottom = _pixels(character.box, grey)
    part = grey[top : bottom + 1, left : right + 1]
    return part.size > 0 and int(part.max()) - int(part.min()) >= _INK


def to_lines(characters: Sequence[Character], page: int, grey: Grey) -> tuple[TextLine, ...]:
    """Join characters to lines from left to right; a column's gap or a ruled line ends one."""
    lines = []
    for row in _rows([one for one in characters if one.is_visible and one.is_upright and has_ink(one, grey)]):
        run: list[Character] = []
        for character in row:
            if run and character.text == run[-1].text and _is_same_place(character.box, run[-1].box):
                continue  # bold made by printing twice
            if run and _ends_line(run[-1], character, grey):
                lines.append(_line(run, page, grey))
                run = []
            run.append(character)
        lines.append(_line(run, page, grey))
    return tuple(sorted(lines, key=lambda line: (round(line.box.top, 3), line.box.left)))


def readable(text: str) -> str:
    """Return the character that a look-alike of PDF fonts stands for: Kangxi radicals (⽇ for 日), ligatures (ﬁ)."""
    code = ord(text[0])
    is_twin = 0x2E80 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF or 0xFB00 <= code <= 0xFB06
    return unicodedata.normalize("NFKC", text) if is_twin else text


def _is_garbage(text: str) -> bool:
    return any(char == "\ufffd" or unicodedata.category(char) in ("Cc", "Co", "Cn", "Cs") for char in text)


def _pixels(box: BoundingBox, grey: Grey) -> tuple[int, int, int, int]:
    height, width = grey.shape
    left, right = (min(max(round(at * width), 0), width - 1) for at in (box.left, box.right))
    top, bottom = (min(max(round(at * height), 0), height - 1) for at in (box.top, box.bottom))
    return left, top, right, bottom


def _unexplained_marks(characters: Sequence[Character], grey: Grey) -> int:
    """Count the marks the size of a letter that stand outside all characters."""
    paper = np.median(grey)
    ink = (np.abs(grey.astype(np.int16) - int(paper)) >= _INK).astype(np.uint8)
    for character in characters:
        left, top, right, bottom = _pixels(character.box, grey)
        spare = (bottom - top) // 4 + 1
        ink[max(top - spare, 0) : bottom + spare + 1, max(left - spare, 0) : right + spare + 1] = 0
    height = float(np.median([one.box.height for one in characters])) * grey.shape[0]
    stats = cv2.connectedComponentsWithStats(ink, connectivity=8)[2][1:]
    tall, wide = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]
    letters = (tall > 0.35 * height) & (tall < 1.6 * height) & (wide < 1.8 * height) & (wide > 0.05 * height)
    return int(letters.sum())


def _rows(characters: Sequence[Character]) -> list[list[Character]]:
    """Gather the characters whose middles are at one height, each row from left to right."""
    rows: list[list[Character]] = []
    middle = height = 0.0
    for character in sorted(characters, key=lambda one: one.box.center[1]):
        if not rows or character.box.center[1] - middle > 0.4 * min(height, character.box.height):
            rows.append([])
            middle, height = character.box.center[1], character.box.height
        rows[-1].append(character)
    return [sorted(row, key=lambda one: one.box.left) for row in rows]


def _is_same_place(one: BoundingBox, other: BoundingBox) -> bool:
    return abs(one.left - other.left) < 0.3 * max(one.width, other.width)


def _ends_line(before: Character, after: Character, grey: Grey) -> bool:
    gap = _gap(before.box, after.box, grey)
    if gap > _COLUMN_GAP or not 0.5 < before.box.height / max(after.box.height, 1e-6) < 2:
        return True
    if gap > _NUMBER_GAP and before.text.isdigit() and (after.text.isdigit() or after.text in "-$"):
        return True
    return gap > _WORD_GAP and _is_ruled(before, after, grey)


def _gap(before: BoundingBox, after: BoundingBox, grey: Grey) -> float:
    """Return the space between two boxes in heights of the lower one."""
    pixel_height = min(before.height, after.height) * grey.shape[0]
    return float((after.left - before.right) * grey.shape[1] / max(pixel_height, 1.0))


def _is_ruled(before: Character, after: Character, grey: Grey) -> bool:
    """Whether a vertical line stands between the two."""
    top, bottom = max(before.box.top, after.box.top), min(before.box.bottom, after.box.bottom)
    left, top_px, right, bottom_px = _pixels(BoundingBox(before.box.right, top, after.box.left, bottom), grey)
    between = grey[top_px : bottom_px + 1, left : right + 1].astype(np.int16)
    return bool(between.size and (between.max() - between.max(axis=0) >= _INK).any())


def _line(run: Sequence[Character], page: int, grey: Grey) -> TextLine:
    texts: list[str] = []
    boxes: list[BoundingBox] = []
    for character in run:
        box = character.box
        if boxes and _gap(boxes[-1], box, grey) > _WORD_GAP:
            boxes.append(BoundingBox(boxes[-1].right, box.top, box.left, box.bottom))
            texts.append(" ")
        step = box.width / len(character.text)  # a ligature is several letters in one box
        texts.extend(character.text)
        boxes.extend(
            BoundingBox(box.left + at * step, box.top, box.left + (at + 1) * step, box.bottom)
            for at in range(len(character.text))
        )
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.union(box)
    return TextLine(text="".join(texts), box=whole, page=page, characters=tuple(boxes))
