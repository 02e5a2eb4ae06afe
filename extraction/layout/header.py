"""Header values by their labels: the value is what stands between a label and the next one on the row."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from rapidfuzz import fuzz

from extraction.layout.flatten import Flattening
from extraction.layout.labels import IGNORED, LABELS, VALUE_FORMS
from extraction.layout.tokens import characters_of
from schemas.layout import BoundingBox, TextLine
from schemas.values import normalize


@dataclass(frozen=True)
class Found:
    """A value with its place."""

    field: str
    text: str
    page: int
    box: BoundingBox
    printed: str
    score: float
    folded: bool = False
    rank: int = 0
    """Length of the label: a longer one is more telling."""


@dataclass(frozen=True)
class _Letter:
    text: str
    box: BoundingBox
    line: int
    score: float = 1.0


@dataclass(frozen=True)
class _Label:
    field: str
    start: int
    end: int
    length: int


_WIDE = "\u2003"
"""Stands for a wide gap in the text of a row."""


_GLOSS = re.compile(
    rf"[ {_WIDE}(]*(?P<words>[A-Z][A-Za-z]+\.?(?: ?[A-Za-z]+\.?){{0,2}})\)?"
    rf"(?:(?=[ :{_WIDE}]|[^\x00-\x7f])|(?<=\.))[ :{_WIDE}]*"
)
_DIGIT = re.compile(r"\d|民國")
_SHORT = {
    "department": re.compile(r"[\u4e00-\u9fff]{1,8}科"),
    "doctor": re.compile(rf"(?![簽診公執證費處開指建囑姓核蓋資代])[\u4e00-\u9fff]{{2,4}}(?=[\s{_WIDE}]|$)"),
}
"""What must follow a label of two characters that has no colon, for it is part of many words."""
_LATIN = frozenset({"patient_name", "doctor", "hospital_name", "department", "patient_category", "notes"})
"""Fields whose value may be Latin letters: what follows their label is its translation only where that is known."""


class HeaderRow:
    """The lines of one printed row as one text, with the place of every character."""

    def __init__(self, lines: Sequence[TextLine], aspect: float) -> None:
        """Take the lines from left to right."""
        self.lines = lines
        letters: list[_Letter] = []
        for index, line in enumerate(lines):
            if index:
                letters.append(_Letter(_WIDE, BoundingBox(0, 0, 0, 0), index))
            has_scores = len(line.character_scores) == len(line.text)
            scores = line.character_scores if has_scores else (line.score,) * len(line.text)
            for character, box, score in zip(line.text, characters_of(line), scores, strict=True):
                before = letters[-1] if letters else None
                if before and before.text.strip() and box.left - before.box.right > 1.1 * box.height * aspect:
                    letters.append(_Letter(_WIDE, box, index))
                letters.append(_Letter(_plain(character), box, index, score))
        self.letters = letters
        self.text = "".join(letter.text for letter in letters)

    def found(self, field: str, start: int, end: int, text: str | None = None, *, folded: bool = False) -> Found:
        """Return the value between two characters."""
        used = [letter for letter in self.letters[start:end] if letter.text.strip()]
        box = used[0].box
        for letter in used[1:]:
            box = box.union(letter.box)
        printed = re.sub(rf"[\s{_WIDE}]+", " ", self.text[start:end]).strip()
        score = sum(letter.score for letter in used) / len(used)
        return Found(field, text or printed, self.lines[used[0].line].page, box.rounded(), printed, score, folded)


def _plain(character: str) -> str:
    folded = normalize(character)
    return folded if len(folded) == 1 else " " if not folded else character


def header_rows(lines: Sequence[TextLine], flat: Flattening) -> list[HeaderRow]:
    """Return the rows from top to bottom."""
    places = [(flat.place(*line.box.center)[1], line) for line in lines]
    places.sort(key=lambda place: place[0])
    height = median([line.box.height * flat.aspect for line in lines]) if lines else 0.02
    rows: list[list[tuple[float, TextLine]]] = []
    for middle, line in places:
        near = [row for row in rows[-4:] if abs(middle - sum(m for m, _ in row) / len(row)) < 0.55 * height]
        fits = [row for row in near if not any(_shares(other, line) for _, other in row)]
        if fits:
            fits[-1].append((middle, line))
        else:
            rows.append([(middle, line)])
    return [HeaderRow([line for _, line in sorted(row, key=lambda p: p[1].box.left)], flat.aspect) for row in rows]


def _shares(first: TextLine, second: TextLine) -> bool:
    shared = min(first.box.right, second.box.right) - max(first.box.left, second.box.left)
    return shared > 0.3 * min(first.box.width, second.box.width)


def find_header(rows: Sequence[HeaderRow]) -> list[Found]:
    """Return every labelled value, in the order of the page."""
    found: list[Found] = []
    for index, row in enumerate(rows):
        labels = list(_labels(row.text))
        for position, label in enumerate(labels):
            end = labels[position + 1].start if position + 1 < len(labels) else len(row.text)
            if label.field == IGNORED:
                continue
            values = list(_values(row, label.field, label.end, end))
            if not values and not row.text[label.end : end].strip(f" :{_WIDE}") and index + 1 < len(rows):
                values = list(_below(row, label, rows[index + 1]))
            found += [replace(value, rank=label.length) for value in values]
    return _in_one_style(found)


def _in_one_style(found: Sequence[Found]) -> list[Found]:
    """Read a birth date of six digits as ROC where the page prints its other dates in seven (540504 beside 1120501)."""
    is_compact = any(re.fullmatch(r"[01]\d{6}", one.text) for one in found if one.field.endswith("_date"))
    return [
        replace(one, text=f"{one.text[:2]}/{one.text[2:4]}/{one.text[4:]}", folded=True)
        if is_compact and one.field == "birth_date" and re.fullmatch(r"\d{6}", one.text)
        else one
        for one in found
    ]


def _labels(text: str) -> Iterator[_Label]:
    position = 0
    while position < len(text):
        label = _label_at(text, position) if _may_begin(text, position) else None
        if label is None:
            position += 1
            continue
        yield label
        position = label.end


def _may_begin(text: str, position: int) -> bool:
    before = text[position - 1] if position else " "
    return bool(text[position].strip()) and not before.isalnum() and not (before == "-" and text[position].isascii())


def _label_at(text: str, position: int) -> _Label | None:
    for pattern, field, label in LABELS:
        match = pattern.match(text, position)
        if match and len(label) > 1:
            colon = re.match(r"[\s)\].]*:", text[match.end() :])
            end = match.end() + (colon.end() if colon else 0)
            if colon or _is_followed(text, match.end(), field, label):
                return _Label(field, position, end + _gloss(text, end, field), len(label))
    return _near_label(text, position)


def _gloss(text: str, end: int, field: str) -> int:
    """Return the length of the English label that follows a Chinese one (`姓名 Name`); 0 for none."""
    if text[:end].rstrip(" :")[-1:].isascii():
        return 0
    match = _GLOSS.match(text, end)
    words = match["words"].rstrip(". ") if match else ""
    if not match or not text[match.end() :].strip(f" :{_WIDE}"):
        return 0
    known = any(label.isascii() and words.casefold() == label.casefold() for _, _, label in LABELS)
    return match.end() - end if known or field not in _LATIN else 0


def _is_followed(text: str, end: int, field: str, label: str) -> bool:
    """Whether a label without a colon is one: its value follows, not the rest of a longer word."""
    rest = text[end + _gloss(text, end, field) :].lstrip(f" {_WIDE}")
    if not rest or (end < len(text) and not text[end].isalnum()):
        return True
    if field == IGNORED:
        return False
    if len(label) <= 2 and field not in ("patient_name",):
        return _SHORT.get(field, _DIGIT).match(rest) is not None
    return VALUE_FORMS[field].match(rest) is not None


def _near_label(text: str, position: int) -> _Label | None:
    """Return a label with one misread character, only where a colon follows it."""
    match = re.match(r"([\u4e00-\u9fff]{4,8}):", text[position:])
    if not match:
        return None
    best = max(((fuzz.ratio(match[1], label), field) for _, field, label in LABELS if len(label) >= 4), default=(0, ""))
    if best[0] < 75:
        return _Label(IGNORED, position, position + match.end(), 1)
    return _Label(best[1], position, position + match.end(), 1)


def _values(row: HeaderRow, field: str, start: int, end: int) -> Iterator[Found]:
    while start < end and row.text[start] in f" :.)]{_WIDE}":
        start += 1
    area = row.text[start:end]
    if field == "period":
        match = VALUE_FORMS[field].search(area)
        if match:
            for name, group in (("admission_date", 1), ("discharge_date", 2)):
                yield row.found(name, start + match.start(group), start + match.end(group))
        return
    form = VALUE_FORMS[field]
    match = form.search(area) if "date" in field or field == "hospital_name" else form.match(area)
    if match is None or match[0].casefold() in ("fee", "fees"):  # Physician Fee is an item
        return
    first, last = start + match.start(), start + match.end()
    if field in ("department", "patient_category", "doctor", "patient_name", "notes"):
        last = _cut_at_gap(row.text, first, last)
    yield _folded(row, field, first, last)


def _cut_at_gap(text: str, start: int, end: int) -> int:
    """End a text value at a wide gap, unless single characters are set apart on purpose (`王　小　明`)."""
    pieces = re.split(rf"{_WIDE}+", text[start:end])
    if len(pieces) > 1 and all(len(piece.strip()) <= 1 for piece in pieces):
        return end
    return start + len(pieces[0])


def _folded(row: HeaderRow, field: str, start: int, end: int) -> Found:
    """Repair what the form of a number makes certain: the letter of a national id, the stars up to ten places."""
    printed = row.text[start:end].strip()
    text = printed
    if field == "national_id":
        text = re.sub(r"[＊○〇●]", "*", printed.upper())
        text = {"0": "O", "1": "I", "5": "S", "8": "B", "2": "Z"}.get(text[:1], text[:1]) + text[1:]
        if text.endswith("*") and len(text) < 10:
            text = text.ljust(10, "*")
    elif field in ("receipt_number", "chart_number") and re.match(r"0P\d", printed):
        text = "O" + printed[1:]
    elif field in ("patient_name", "doctor") and not printed.isascii():
        text = re.sub(r"\s+", "", printed.replace(_WIDE, ""))
    return row.found(field, start, end, text if text != printed else None, folded=text != printed)


def _below(row: HeaderRow, label: _Label, below: HeaderRow) -> Iterator[Found]:
    """Return the value under a label that has none beside it, where the row below has no labels."""
    if any(True for _ in _labels(below.text)):
        return
    letters = row.letters[label.start : label.end]
    left, right = letters[0].box.left, max(letter.box.right for letter in letters)
    for match in re.finditer(rf"[^{_WIDE}]+", below.text):
        box = below.letters[match.start()].box
        last = below.letters[match.end() - 1].box
        if min(last.right, right) - max(box.left, left) > 0:
            yield from _values(below, label.field, match.start(), match.end())
            return
