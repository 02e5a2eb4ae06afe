"""The text of a document's pages as a witness: where a value stands, by what its kind allows to differ."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from rapidfuzz.fuzz import partial_ratio_alignment

from schemas.dates import parse_date, possible_dates
from schemas.layout import BoundingBox, TextLine
from schemas.lexicon import fold_name
from schemas.result import Evidence
from schemas.values import parse_amount

_CONFUSED = str.maketrans({"O": "0", "I": "1", "L": "1", "S": "5", "B": "8", "Z": "2"})
"""Letters that OCR takes for digits and back; one-digit errors stay errors (notes of the OCR, grounding)."""
_NUMBER = re.compile(r"(?<![\d.])\d[\d,.' ]*\d|\d")
_PLAIN_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_DATE = re.compile(
    r"(?:(?:中華)?民國前?\s*)?[\d〇○零一二三四五六七八九十]{1,4}\s*年\s*[\d〇一二三四五六七八九十]{1,3}\s*月\s*[\d〇一二三四五六七八九十]{1,3}\s*日?"
    r"|(?:民國\s*)?\d{1,4}\s*[/.\-]\s*\d{1,2}\s*[/.\-]\s*\d{1,4}"
    r"|(?<!\d)\d{6,8}(?!\d)|(?<!\d)\d{14}(?!\d)"
    r"|\d{1,2}(?:st|nd|rd|th)?[\s.\-/]*[A-Za-z]{3,10}[\s.,\-/]*\d{2,4}|[A-Za-z]{3,10}[\s.]*\d{1,2},?\s+\d{4}"
    r"|\d{2,4}\s+\d{1,2}\s+\d{1,2}"
)


def fold_identifier(text: str) -> str:
    """Return an identifier without spaces and hyphens, and with the letters that OCR takes for digits as digits."""
    bare = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\s\-‐‑‒–—]", "", bare).translate(_CONFUSED)


@dataclass(frozen=True)
class Place:
    """A stretch of a line."""

    line: TextLine
    start: int
    end: int
    likeness: float = 100.0

    @property
    def box(self) -> BoundingBox:
        """Where it stands; the whole line's box where the OCR gives no characters."""
        if len(self.line.characters) != len(self.line.text):
            return self.line.box
        box = self.line.characters[self.start]
        for other in self.line.characters[self.start + 1 : self.end]:
            box = box.union(other)
        return box.rounded()

    def evidence(self, printed: str) -> Evidence:
        """Return it as what the review screen shows."""
        text = self.line.text[self.start : self.end]
        match = "near" if self.likeness < 100 else "exact" if text == printed else "folded"
        return Evidence(page=self.line.page, box=self.box, text=text, match=match, score=round(self.line.score, 4))


class PageText:
    """The lines of all pages, folded once for each kind of value."""

    def __init__(self, lines: Sequence[TextLine]) -> None:
        """Take the lines of all pages."""
        self.lines = [line for line in lines if line.text]

    def numbers(self, value: Decimal) -> list[Place]:
        """Return where the number stands, as a whole."""
        return self._numbers.get(abs(value), [])

    def dates(self, value: dt.date) -> list[Place]:
        """Return where the date stands, in either calendar and any form."""
        return self._dates.get(value, [])

    def identifiers(self, value: str) -> list[Place]:
        """Return where the code stands as a whole, but for what OCR confuses."""
        wanted = fold_identifier(value)
        return [place for line, folded in self._codes for place in _whole(line, *folded, wanted)] if wanted else []

    def texts(self, value: str, least: float = 100.0) -> list[Place]:
        """Return where the text stands in a line, at least as alike as asked; the likest lines only."""
        wanted = fold_name(value)
        if not wanted:
            return []
        exact = [place for line, folded in self._texts for place in _stretches(line, *folded, wanted)]
        if exact or least >= 100:
            return exact
        found = [place for line, folded in self._texts if (place := _near(line, *folded, wanted, least)) is not None]
        best = max((place.likeness for place in found), default=0.0)
        return [place for place in found if place.likeness == best]

    @cached_property
    def _numbers(self) -> dict[Decimal, list[Place]]:
        found: dict[Decimal, list[Place]] = {}
        for line in self.lines:
            for value, start, end in _numbers_of(line.text):
                found.setdefault(abs(value), []).append(Place(line, start, end))
        return found

    @cached_property
    def _dates(self) -> dict[dt.date, list[Place]]:
        found: dict[dt.date, list[Place]] = {}
        for line in self.lines:
            text = _one_width(line.text)
            for match in _DATE.finditer(text):
                for value in _dates_of(match[0]):
                    found.setdefault(value, []).append(Place(line, match.start(), match.end()))
        return found

    @cached_property
    def _codes(self) -> list[tuple[TextLine, tuple[str, tuple[int, ...]]]]:
        return [(line, _folded(line.text, fold_identifier)) for line in self.lines]

    @cached_property
    def _texts(self) -> list[tuple[TextLine, tuple[str, tuple[int, ...]]]]:
        return [(line, _folded(line.text, fold_name)) for line in self.lines]


def _folded(text: str, fold: object) -> tuple[str, tuple[int, ...]]:
    """Return the folded text with the place of each character; what folds over two characters stays as it is."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        folded = fold(character)  # type: ignore[operator]
        characters.append(folded)
        places += [place] * len(folded)
    return "".join(characters).replace("部份", "部分"), tuple(places)


def _one_width(text: str) -> str:
    """Fold width where it keeps the length, so that places stay."""
    folded = (unicodedata.normalize("NFKC", character) for character in text)
    return "".join(new if len(new) == 1 else old for new, old in zip(folded, text, strict=True))


def _numbers_of(text: str) -> Iterator[tuple[Decimal, int, int]]:
    """Yield the numbers of a line: the whole stretch of digits where it is one, else its parts."""
    text = _one_width(text)
    for match in _NUMBER.finditer(text):
        with suppress(ValueError):
            whole = parse_amount(match[0])
            if whole is not None:
                yield whole, match.start(), match.end()
                continue
        for part in _PLAIN_NUMBER.finditer(match[0]):
            with suppress(ValueError):
                value = parse_amount(part[0])
                if value is not None:
                    yield value, match.start() + part.start(), match.start() + part.end()


def _dates_of(text: str) -> list[dt.date]:
    try:
        value = parse_date(text.strip(" -."))
    except ValueError:
        if re.fullmatch(r"\d{6}", text):  # 390430: no date to one who reads, yet a place for one who seeks it
            text = f"民國{text}"
            with suppress(ValueError):
                return [date for date in [parse_date(text)] if date is not None]
        return possible_dates(text)
    return [] if value is None else [value]


def _stretches(line: TextLine, folded: str, places: Sequence[int], wanted: str) -> Iterator[Place]:
    start = folded.find(wanted)
    while start >= 0:
        yield Place(line, places[start], places[start + len(wanted) - 1] + 1)
        start = folded.find(wanted, start + 1)


def _whole(line: TextLine, folded: str, places: Sequence[int], wanted: str) -> Iterator[Place]:
    """Yield the stretches that no letter or digit goes on from without a gap."""
    for place in _stretches(line, folded, places, wanted):
        before = line.text[place.start - 1 : place.start]
        after = line.text[place.end : place.end + 1]
        if not _goes_on(before, wanted[0]) and not _goes_on(after, wanted[-1]):
            yield place


def _goes_on(neighbour: str, edge: str) -> bool:
    return bool(neighbour) and neighbour.isascii() and neighbour.isdigit() and edge.isdigit()


def _near(line: TextLine, folded: str, places: Sequence[int], wanted: str, least: float) -> Place | None:
    if len(folded) * 100 < least * len(wanted):
        return None
    found = partial_ratio_alignment(wanted, folded, score_cutoff=least)
    if found is None or found.dest_end <= found.dest_start or (found.dest_end - found.dest_start) < 0.6 * len(wanted):
        return None
    return Place(line, places[found.dest_start], places[found.dest_end - 1] + 1, min(found.score, 99.0))
