"""Finds what goes round at the end of a text: the same unit again and again, or one whose numbers count.

A text that ends in a loop of period p holds its own tail p characters earlier, so the candidates are found by searching
for the tail, at the speed of `str.rfind`; most text has none. What is too much depends on the unit: a dot leader, a
column of zeros and forty equal item lines are print, the same sentence twelve times is not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Cause = Literal[
    "repetition",
    "near_duplicate_lines",
    "counting",
    "whitespace",
    "numeric_fault",
    "script_noise",
    "truncated",
    "empty",
]

WINDOW = 6144
"""Characters that are kept."""
LONGEST_UNIT = WINDOW // 4  # a whole short answer
_PROBE = 48  # shorter tails stand everywhere in a table; every run of interest is twice as long
_EXCERPT = 60

_NUMBER = re.compile(r"[0-9０-９][0-9０-９,.]*")
_PADDING = re.compile(r"([ \t\n._=*·…-])\1+")
_TAG = re.compile(r"^[^<>]*>|<[^<>]*>|<[^<>]*$")
_LEADERS = frozenset("-_.=*~·…─━|:+\\#•●○□■—–＿－．‧・＊ \t\r\n")

# Enough of a unit to call it a loop. The recorded cases and the documents that must stay silent are in the tests.
_LEADER_CHARACTERS = 480  # a rule across a page has 150; 30 blank rows of a Markdown table 300
_TIMES = 96  # a page has at most 80 lines
_TIMES_OF_DIGITS = 160  # two columns of zeros, read one after the other
_TOKENS = 480.0  # 70 equal rows of Markdown
_TOKENS_OF_MARKUP = 760.0  # 31 equal rows of JSON or indented HTML: a room charge every day of a month
_TOKENS_OF_TAGS = 300.0  # 26 empty rows of an HTML table
_TOKENS_OF_PROSE = 180.0
_TIMES_OF_PROSE = 12
_PROSE = 8  # letters; the longest names of fee items are hardly longer
_TIMES_COUNTED, _TOKENS_COUNTED = 24, 150.0
_TIMES_SMALL = 64  # numbers of rows and days count too
_TIMES_ALIKE = 80  # rows of one name with any numbers


@dataclass(frozen=True)
class Fault:
    """What is wrong with an answer; `unit` is an excerpt of it (text of the document: not for a log)."""

    cause: Cause
    at: int
    """Characters of the answer in front of the fault."""
    unit: str = ""


@dataclass(frozen=True)
class Run:
    """The end of a text that repeats itself every `period` characters over `length`."""

    period: int
    length: int

    @property
    def times(self) -> int:
        """How often the whole unit stands there."""
        return self.length // self.period


def count_tokens(text: str) -> float:
    """Estimate a text's tokens: 4 Latin or 1.5 CJK characters each, 16 of padding and leaders."""
    size = len(text)
    text = _PADDING.sub(r"\1", text)
    padding = (size - len(text)) / 16
    wide = (len(text.encode("utf-8", "replace")) - len(text)) / 2  # three bytes each, two of them more than Latin
    return wide / 1.5 + (len(text) - wide) / 4 + padding


def excerpt(text: str) -> str:
    """Return at most 60 characters."""
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"


def fold_numbers(text: str) -> str:
    """Return the text with every number as one `0`."""
    return _NUMBER.sub("0", text)


def runs(text: str) -> Iterator[Run]:
    """Yield the periods in which a text ends, shortest first."""
    size, probe = len(text), _PROBE
    while probe < size:
        place = text.rfind(text[size - probe :], 0, size - 1)
        period = size - probe - place
        if place < 0 or period > LONGEST_UNIT:
            return
        length = _extent(text, period, probe + period)
        yield Run(period, length)
        probe = length + 1  # the next one must explain what broke this one


def _extent(text: str, period: int, known: int) -> int:
    low, high, size = known, len(text), len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text[size - middle : size - period] == text[size - middle + period :]:
            low = middle
        else:
            high = middle - 1
    return low


def find_loop(text: str, *, is_json: bool, patience: float = 1.0) -> Run | None:
    """Return the loop in which a text ends; half the patience takes half as much for one."""
    for run in runs(text):
        if run.length >= run.period * 4 * patience and _is_loop(text[-run.period :], run, is_json, patience):
            return run
    return None


def _is_loop(unit: str, run: Run, is_json: bool, patience: float) -> bool:
    if _LEADERS.issuperset(unit):
        return run.length >= _LEADER_CHARACTERS * patience
    plain = _TAG.sub("", unit * 2)  # twice: the unit may begin within a tag
    has_digits = any(map(str.isdigit, plain))
    if run.times >= (_TIMES_OF_DIGITS if has_digits else _TIMES) * patience:
        return True
    tokens = count_tokens(unit) * run.length / run.period
    if not has_digits:
        letters = sum(map(str.isalpha, plain)) / 2
        if not letters and "<" in unit:
            return tokens >= _TOKENS_OF_TAGS * patience
        if letters >= _PROSE and not (is_json and '"' in unit):  # keys are no prose
            enough = 80.0 if run.times >= _TIMES_OF_PROSE * patience else _TOKENS_OF_PROSE
            return tokens >= enough * patience
    is_markup = '"' in unit if is_json else "</" in unit
    return tokens >= (_TOKENS_OF_MARKUP if is_markup else _TOKENS) * patience


def find_counting(folded: str, text: str) -> Fault | None:
    """Return the loop in which only numbers differ: they count, or there are more rows of it than a page has.

    `folded` is `text` by `fold_numbers`; the fault's place counts from the start of `text`.
    """
    for run in runs(folded):
        unit = folded[-run.period :]
        slots = unit.count("0")
        if run.times >= _TIMES_COUNTED and slots:
            numbers = list(_NUMBER.finditer(text))[-run.times * slots :]
            if text[-1:].isdigit():
                numbers.pop()  # it may still grow
            start = numbers[0].start() if numbers else 0
            series = [[_value(match[0]) for match in numbers[slot::slots]] for slot in range(slots)]
            if any(_counts(values, text[start:]) for values in series):
                return Fault("counting", start, excerpt(text[start:]))
            differ = any(len(set(values)) > 1 for values in series)
            if differ and run.times >= _TIMES_ALIKE and sum(map(str.isalpha, unit)) > 1:
                return Fault("near_duplicate_lines", start, excerpt(unit))
    return None


def _value(number: str) -> int:
    return int("".join(filter(str.isdigit, number))[:18])


def _counts(values: list[int], text: str) -> bool:
    steps = [after - before for before, after in pairwise(values)]
    up, down = sum(0 < step <= 10 for step in steps), sum(-10 <= step < 0 for step in steps)
    others = len(steps) - steps.count(0) - max(up, down)
    if max(up, down) < 0.4 * len(steps) or others > 0.1 * len(steps):
        return False
    is_small = max(values) < 1000 or all(map(_is_date, values))
    if is_small and len(values) >= _TIMES_OF_DIGITS:
        return True
    return len(values) >= (_TIMES_SMALL if is_small else _TIMES_COUNTED - 1) and count_tokens(text) >= _TOKENS_COUNTED


def _is_date(value: int) -> bool:
    return value >= 100_000 and 1 <= value // 100 % 100 <= 12 and 1 <= value % 100 <= 31
