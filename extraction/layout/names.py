"""A second look at names that the lexicon does not know, and at the last 費 that names set apart tend to lose."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from extraction.layout.entries import Entry
from extraction.layout.tokens import Token
from extraction.layout.words import fold, looks_like_fee, split_tag
from schemas.layout import BoundingBox, TextLine
from schemas.lexicon import fee_code
from schemas.values import normalize

Corners = tuple[tuple[float, float], ...]
"""Four corners of a slanted box in page fractions, from the top left clockwise."""
Look = Callable[[Sequence[Corners]], list[TextLine]]
"""Reads places of a page once more, in colour, and returns one line for each."""

_END = "費"
_MOST = 16
"""Names looked at again on a page: each costs as much as a line."""
_CUTS = (0.0, 0.06, 0.12)
"""Shares of its height by which a line is cut more generously when it is read again."""
_CLEAR = 0.985
"""Score from which on an unknown name is taken for what is printed."""
_BEFORE = re.compile(r"[\d\-—–.'·]+(?![日天月次年級人床房顆支])(?=[\u4e00-\u9fff])")
_AFTER = re.compile(r"[\d用專收訖章月]$")
"""What a stamp's date and words leave at the ends of a name."""
_READ = 0.3
"""Score from which on a single expected character counts as read."""


def look_again(items: Sequence[Entry], look: Look) -> None:
    """Read doubtful names once more, in place; no name is taken that the page did not give."""
    ends = _lost_ends(items)[:_MOST]
    if ends:
        for (entry, box), line in zip(ends, look([_corners(box) for _, box in ends]), strict=True):
            if line.text.strip() == _END and line.score > _READ and entry.name is not None:
                _append(entry, entry.name, box, line.score)
    unknown = [entry for entry in items if entry.name is not None and _is_doubtful(entry.name)][:_MOST]
    cuts = [_grown(entry.name, share) for entry in unknown if entry.name is not None for share in _CUTS]
    lines = look(cuts) if cuts else []
    for index, entry in enumerate(unknown):
        again = lines[index * len(_CUTS) : (index + 1) * len(_CUTS)]
        names = [(split_tag(normalize(line.text))[0], line) for line in again]
        known = [(name, line) for name, line in names if _is_known(name) and fold(name) != fold(entry.label)]
        if known and entry.name is not None:
            name, best = max(known, key=lambda pair: pair[1].score)
            entry.other_names.append(entry.label)
            entry.name = replace(entry.name, text=name, printed=best.text.strip(), score=best.score)


def trim_names(items: Sequence[Entry], stamps: Sequence[BoundingBox]) -> None:
    """Take pieces of a stamp off the ends of names, in place: `1掛號費` where no other name is numbered, `治療費用`.

    A name beside a stamp that is a known one but for a character inside it is doubted.
    """
    numbered = sum(bool(_BEFORE.match(entry.label)) for entry in items)
    for entry in items:
        bare = entry.label
        if numbered == 1 and (match := _BEFORE.match(bare)) and looks_like_fee(bare[match.end() :]):
            bare = bare[match.end() :]
        if not _is_known(bare) and _AFTER.search(bare) and _is_known(bare[:-1]):
            bare = bare[:-1]
        if bare != entry.label and entry.name is not None:
            entry.other_names.append(entry.label)
            entry.name = replace(entry.name, text=bare)
        elif entry.name is not None and not entry.other_names and _is_near(entry.name.box, stamps):
            entry.other_names += _without_one(bare)[:1]


def _is_near(box: BoundingBox, stamps: Sequence[BoundingBox]) -> bool:
    grown = BoundingBox(
        box.left - box.height, box.top - 2 * box.height, box.right + box.height, box.bottom + 2 * box.height
    )
    return any(grown.overlaps(stamp) for stamp in stamps)


def _without_one(name: str) -> list[str]:
    """Return the known names that an unknown one is but for a character inside it."""
    if _is_known(name):
        return []
    shorter = (name[:at] + name[at + 1 :] for at in range(1, len(name) - 1))
    return [other for other in shorter if len(other) > 3 and _is_known(other)]


def _grown(name: Token, share: float) -> Corners:
    """Return the corners moved outwards by a share of the height: another cut is another chance."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = name.corners
    down, across = share * (y3 + y2 - y0 - y1) / 2, share * name.height
    return (
        (x0 - across, y0 - down),
        (x1 + across, y1 - down),
        (x2 + across, y2 + down),
        (x3 - across, y3 + down),
    )


def _is_doubtful(name: Token) -> bool:
    return bool(name.corners) and name.score < _CLEAR and not _is_known(name.text)


def _is_known(name: str) -> bool:
    return fee_code(name) is not None


def _append(entry: Entry, name: Token, box: BoundingBox, score: float) -> None:
    entry.name = replace(name, text=name.text + _END, printed=name.printed + _END, box=name.box.union(box).rounded(),
                         score=min(name.score, score))  # fmt: skip


def _corners(box: BoundingBox) -> Corners:
    return ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))


# -- names set apart -------------------------------------------------------------------------------------------------


def _lost_ends(items: Sequence[Entry]) -> list[tuple[Entry, BoundingBox]]:
    """Return names set apart that stop short of where the others end, with the place of the character they lack."""
    whole = [entry.name for entry in items if entry.name is not None and _ends_apart(entry.name)]
    found = []
    for entry in items:
        name = entry.name
        if name is None or name.text.endswith(_END) or not _is_apart(name):
            continue
        alike = [other for other in whole if abs(other.left - name.left) < name.height]
        if len(alike) < 2:
            continue
        pattern = min(alike, key=lambda other: abs(other.middle - name.middle))
        first, last = pattern.parts[0], pattern.parts[-1]
        if name.right < last.left - 0.2 * name.height:
            mine = name.parts[0] if name.parts else name
            found.append((entry, _moved(last.box, first.box, mine.box)))
    return found


def _is_apart(name: Token) -> bool:
    parts = name.parts or (name,)
    return all(len(part.text) == 1 for part in parts)


def _ends_apart(name: Token) -> bool:
    return len(name.parts) >= 2 and name.text.endswith(_END) and len(name.parts[-1].text) == 1


def _moved(last: BoundingBox, first: BoundingBox, mine: BoundingBox) -> BoundingBox:
    """Return where the last character stands in the row of `mine`, as it stands to `first` in the pattern's row."""
    right, down = mine.left - first.left, mine.center[1] - first.center[1]
    return BoundingBox(last.left + right, last.top + down, last.right + right, last.bottom + down)
