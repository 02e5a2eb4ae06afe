"""Finds lines that are nearly the same, in any order: a loop that drifts, or shuffles the few lines it knows."""

import re

from rapidfuzz import fuzz

from extraction.degeneration.loops import Fault, excerpt, fold_numbers

_TAG = re.compile(r"<[^<>]*>")
_MARKS = " \t\r|-:*#"
_FEW = 18  # lines without a number; item lines have amounts
_FEW_LETTERS = 150
_MANY = 80  # as many lines as a page has, with any numbers
_ALIKE = 75.0


class Lines:
    """Keeps the last lines of an answer that hold letters."""

    def __init__(self) -> None:
        """Begin with none."""
        self._open = ""
        self._end = 0
        self._skeletons: list[str] = []
        self._places: list[int] = []

    def feed(self, text: str) -> Fault | None:
        """Take the next piece of the answer."""
        if "\n" not in text:
            self._open += text
            return None
        *whole, rest = (self._open + text).split("\n")
        self._open, is_new = rest, False
        for line in whole:
            is_new |= self._add(line)
            self._end += len(line) + 1
        return self._look() if is_new else None

    def _add(self, line: str) -> bool:
        plain = (_TAG.sub("", line) if "<" in line else line).strip(_MARKS)
        if plain.isascii() and not plain.upper().isupper():  # no letter: cells of numbers, rules
            return False
        self._skeletons.append(fold_numbers(plain).replace(" ", "").casefold())
        self._places.append(self._end)
        if len(self._places) > 2 * _MANY:
            del self._skeletons[:-_MANY], self._places[:-_MANY]
        return True

    def _look(self) -> Fault | None:
        last = self._skeletons[-_FEW:]
        if len(last) == _FEW and len(set(last)) <= _FEW // 2 and _are_few_sentences(last):
            return Fault("near_duplicate_lines", self._places[-_FEW], excerpt(max(set(last), key=last.count)))
        last = self._skeletons[-_MANY:]
        if len(last) == _MANY and len(set(last)) <= 3:
            return Fault("near_duplicate_lines", self._places[-_MANY], excerpt(last[-1]))
        return None


def _are_few_sentences(lines: list[str]) -> bool:
    if sum(map(len, lines)) < _FEW_LETTERS or any("0" in line for line in lines):
        return False
    kinds: list[str] = []
    for line in set(lines):
        if not any(fuzz.ratio(line, kind) >= _ALIKE for kind in kinds):
            kinds.append(line)
    return len(kinds) <= 4
