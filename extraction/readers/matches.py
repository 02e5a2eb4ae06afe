"""Evidence for a model's values: where exactly one place of the OCR lines says the same, that place."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.document import Document, cells_of, kind_of, lines_of
from schemas.layout import BoundingBox, TextLine
from schemas.result import Evidence
from schemas.values import UNREADABLE, ValueKind

_NUMBERS = {ValueKind.AMOUNT, ValueKind.POINTS, ValueKind.QUANTITY}


@dataclass(frozen=True)
class _Folded:
    """A line in one spelling, with the place in the line of each character."""

    line: TextLine
    text: str
    places: tuple[int, ...]


def find_evidence(
    values: Mapping[str, Any], model: type[Document], lines: Sequence[TextLine]
) -> dict[str, list[Evidence]]:
    """Return evidence of the values that stand once on the pages and are claimed by one cell only."""
    folded = {spaced: [_fold_line(line, spaced) for line in lines] for spaced in (True, False)}
    cells = list(_cells(values, model))
    claims = Counter((number, wanted) for _, number, wanted, _ in cells)
    found = {}
    for path, number, wanted, printed in cells:
        if claims[number, wanted] == 1 and (place := _only_place(wanted, folded[number])) is not None:
            found[path] = [_evidence(*place, len(wanted), printed)]
    return found


def _cells(values: Mapping[str, Any], model: type[Document]) -> Iterator[tuple[str, bool, str, str]]:
    """Yield path, whether it is a number, what to look for, and the value of every cell that can be looked for."""
    for path, kind, value in _all_cells(values, model):
        if value is None or UNREADABLE in (printed := str(value)):
            continue
        number = kind in _NUMBERS
        wanted = "".join(_fold(printed, number)[0]).strip()
        if len(wanted) >= (1 if number else 2):
            yield path, number, wanted, printed


def _all_cells(values: Mapping[str, Any], model: type[Document]) -> Iterator[tuple[str, ValueKind, object]]:
    for name, field in cells_of(model).items():
        yield name, kind_of(field), values.get(name)
    for name, part in lines_of(model).items():
        for index, row in enumerate(values.get(name) or ()):
            for cell, field in cells_of(part).items():
                yield f"{name}.{index}.{cell}", kind_of(field), row.get(cell)


def _fold(text: str, spaced: bool) -> tuple[list[str], list[int]]:
    """Return characters and their places: one width, one case, no commas in numbers; spaces only where asked for."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKC", character).lower():
            if part.isspace():
                if spaced:
                    characters.append(" ")
                    places.append(place)
            elif not (part == "," and re.match(r"\d", text[place + 1 : place + 2])):
                characters.append(part)
                places.append(place)
    return characters, places


def _fold_line(line: TextLine, spaced: bool) -> _Folded:
    characters, places = _fold(line.text, spaced)
    return _Folded(line, "".join(characters), tuple(places))


def _only_place(wanted: str, lines: Sequence[_Folded]) -> tuple[_Folded, int] | None:
    """Return the one line and start where the text stands as a whole, or nothing."""
    # a number is whole where neither a digit nor a decimal follows or goes before
    before, after = (r"(?<![\d.])" if wanted[0].isdigit() else ""), (r"(?!\.?\d)" if wanted[-1].isdigit() else "")
    pattern = re.compile(f"{before}{re.escape(wanted)}{after}")
    found = None
    for line in lines:
        for match in pattern.finditer(line.text):
            if found is not None:
                return None
            found = (line, match.start())
    return found


def _evidence(folded: _Folded, start: int, length: int, printed: str) -> Evidence:
    line = folded.line
    first, last = folded.places[start], folded.places[start + length - 1]
    text = line.text[first : last + 1]
    return Evidence(page=line.page, box=_box(line, first, last), text=text, score=round(line.score, 4),
                    match="exact" if text == printed else "folded")  # fmt: skip


def _box(line: TextLine, first: int, last: int) -> BoundingBox:
    if len(line.characters) != len(line.text):
        return line.box
    box = line.characters[first]
    for other in line.characters[first + 1 : last + 1]:
        box = box.union(other)
    return box.rounded()


def same_text(one: str, other: str) -> bool:
    """Whether two printed texts are the same but for width, case, spaces and the commas of numbers."""
    return _fold(one, False)[0] == _fold(other, False)[0]
