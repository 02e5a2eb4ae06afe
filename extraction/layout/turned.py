"""Heads of narrow columns that are printed turned by a quarter, or downwards character by character."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from extraction.layout.names import Corners, Look
from extraction.layout.words import head_word
from schemas.layout import TextLine
from schemas.values import normalize

_TALL = 1.5
"""Height by width from which a box holds no level text of two characters."""
_MOST = 10
"""Boxes looked at again on a page."""
_CLEAR = 0.6
"""Score below which such a look tells nothing."""


def read_turned(lines: Sequence[TextLine], look: Look, aspect: float) -> list[TextLine]:
    """Return the lines with heads read in the direction in which they are printed; only words of heads count."""
    tall = [line for line in lines if _is_tall(line, lines, aspect)][:_MOST]
    if not tall:
        return list(lines)
    attempts = [(line, way) for line in tall for way in (_from_below(line), _from_above(line))]
    stacks = [(line, _cells(line, aspect)) for line in tall]
    places = [way for _, way in attempts] + [cell for _, cells in stacks for cell in cells]
    seen = look(places)
    found: dict[int, tuple[str, float]] = {}
    for (line, _), again in zip(attempts, seen, strict=False):
        _note(found, line, again.text, again.score)
    at = len(attempts)
    for line, cells in stacks:
        parts = seen[at : at + len(cells)]
        _note(found, line, "".join(part.text.strip()[:1] for part in parts), min(part.score for part in parts))
        at += len(cells)
    return [_with_text(line, *found[id(line)]) if id(line) in found else line for line in lines]


def _is_tall(line: TextLine, lines: Sequence[TextLine], aspect: float) -> bool:
    usual = median(one.box.height for one in lines)
    box = line.box
    return box.height * aspect > _TALL * box.width and box.height > 1.5 * usual


def _note(found: dict[int, tuple[str, float]], line: TextLine, text: str, score: float) -> None:
    word = head_word(normalize(text)) if len(text.strip()) > 1 else None
    if word is not None and word.sure and score > max(_CLEAR, found.get(id(line), ("", 0.0))[1]):
        found[id(line)] = (text.strip(), score)


def _with_text(line: TextLine, text: str, score: float) -> TextLine:
    """Return the line with a text; where its characters stand does not matter to a head."""
    return line.model_copy(update={"text": text, "score": score, "characters": (), "character_scores": (),
                                   "corners": ()})  # fmt: skip


def _from_below(line: TextLine) -> Corners:
    left, top, right, bottom = line.box
    return ((left, bottom), (left, top), (right, top), (right, bottom))


def _from_above(line: TextLine) -> Corners:
    left, top, right, bottom = line.box
    return ((right, top), (right, bottom), (left, bottom), (left, top))


def _cells(line: TextLine, aspect: float) -> list[Corners]:
    """Return the places of characters below each other."""
    left, top, right, bottom = line.box
    count = min(max(round((bottom - top) * aspect / max(right - left, 1e-6)), 2), 8)
    step = (bottom - top) / count
    edges = [top + at * step for at in range(count + 1)]
    return [((left, upper), (right, upper), (right, lower), (left, lower))
            for upper, lower in pairwise(edges)]  # fmt: skip
