"""One extraction against the truth: which cells are right, which are wrong, and which of those nobody was told of."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rapidfuzz.fuzz import ratio

from schemas.document import Document, DocumentPart, cells_of, kind_of, lines_of, parse_cell
from schemas.lexicon import fold_name
from schemas.registry import DOCUMENT_TYPES
from schemas.result import Extraction, Flag, Severity
from schemas.values import ValueKind, format_decimal

_NUMBERS = {ValueKind.AMOUNT, ValueKind.POINTS, ValueKind.QUANTITY}
_COLUMN_TOTALS = {"nhi_amount": "nhi_total", "copayment_amount": "copayment_total", "self_pay_amount": "self_pay_total",
                  "amount": "sales_amount"}  # fmt: skip
_SIDES = {"nhi_amount": "self_pay_amount", "self_pay_amount": "nhi_amount"}
_SAME_ROW = 45.0  # points of `_likeness`: half the name, or one amount and a little of the name


@dataclass(frozen=True)
class Miss:
    """A cell that is not what the paper says."""

    path: str
    expected: str | None
    found: str | None
    flagged: bool
    """Whether a flag at the cell, its row, its column or the whole document asks a person to look."""
    at_cell: bool
    """Whether a flag names this very cell."""

    @property
    def is_empty(self) -> bool:
        """Whether the cell was left empty: bad, yet far less so than a wrong value."""
        return self.found is None


@dataclass
class Score:
    """Counts of one document, and its misses."""

    counts: Counter[str] = field(default_factory=Counter)
    fields: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """(field, whether it is right) → how often."""
    flags: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """(code of a flag that asks for a look, whether anything is wrong where it points) → how often."""
    misses: list[Miss] = field(default_factory=list)


def score(extraction: Extraction, document_type: str, truth: Mapping[str, Any], *, headless: bool = False) -> Score:
    """Compare a document with its labels; fields that the labels leave out are not looked at.

    `headless`: nothing on the paper says who pays, so a line is told rightly if it is empty and flagged.
    """
    return _Comparison(extraction, document_type, truth, headless).run()


def same(expected: object, found: object) -> bool:
    """Whether two values are the same to a person: nothing and 0 are, and so are texts that differ in spaces."""
    if isinstance(expected, Decimal) or isinstance(found, Decimal):
        return (expected or 0) == (found or 0)
    if isinstance(expected, str) and isinstance(found, str):
        return fold_name(expected) == fold_name(found)
    return expected == found


def covers(flag: Flag, path: str) -> tuple[bool, bool]:
    """Return whether a flag brings a person to the cell, and whether it names the cell itself."""
    if flag.severity is Severity.INFO:
        return False, False
    parts = path.split(".")
    near = not flag.paths
    for other in flag.paths:
        named = other.split(".")
        row = named[:2] == parts[:2]
        column = len(named) == 3 and len(parts) == 3 and (named[0], named[2]) == (parts[0], parts[2])
        total = other == _COLUMN_TOTALS.get(parts[-1]) and len(parts) == 3
        near = near or row or column or total or other == parts[0]
    return near, path in flag.paths


class _Comparison:
    def __init__(self, extraction: Extraction, document_type: str, truth: Mapping[str, Any], headless: bool) -> None:
        self._headless = headless
        self._flags = extraction.flags
        self._failed = extraction.error is not None
        model = DOCUMENT_TYPES[document_type]
        fits = isinstance(extraction.document, model)
        self._document: Document = extraction.document if fits and extraction.document else model()
        self._truth = truth
        self._score = Score()
        self._right: set[str] = set()
        self._score.counts["wrong_type"] = int(extraction.document is not None and not fits)
        self._score.counts["failed"] = int(self._failed)

    def run(self) -> Score:
        counts = self._score.counts
        self._header()
        for name in lines_of(type(self._document)):
            if name in self._truth:
                self._lines(name, self._truth[name])
        counts["documents"] = 1
        counts["all_right"] = int(not self._score.misses and not self._failed)
        for miss in self._score.misses:
            kind = "empty" if miss.is_empty else "wrong"
            counts[kind] += 1
            counts[f"silent_{kind}"] += not miss.flagged
            counts[f"{kind}_elsewhere"] += miss.flagged and not miss.at_cell
        asking = [flag for flag in self._flags if flag.severity is not Severity.INFO]
        counts["right_cells"] = len(self._right)
        counts["false_flags"] = len({path for flag in asking for path in flag.paths if path in self._right})
        for flag in asking:
            wrong = any(covers(flag, miss.path)[0] for miss in self._score.misses)
            self._score.flags[flag.code, wrong] += 1
        counts["needless_review"] = int(bool(counts["all_right"] and asking))
        return self._score

    def _header(self) -> None:
        model = type(self._document)
        for name, declared in cells_of(model).items():
            if name in self._truth:
                right = self._cell(name, parse_cell(declared, self._truth[name]), getattr(self._document, name))
                group = "totals" if kind_of(declared) in _NUMBERS else "header"
                self._count(group, right)
                self._score.fields[name, right] += 1

    def _lines(self, name: str, labels: Sequence[Mapping[str, Any]]) -> None:
        part = lines_of(type(self._document))[name]
        found: list[DocumentPart] = list(getattr(self._document, name))
        wanted = [{key: parse_cell(part.model_fields[key], value) for key, value in label.items()} for label in labels]
        pairs = align(wanted, found)
        for index, label in enumerate(wanted):
            row = pairs.get(index)
            line = part() if row is None else found[row]
            # a line that was not found has no path of its own: only a flag on all lines tells of it
            prefix = f"{name}.{row}" if row is not None else f"{name}.-"
            before = len(self._score.misses)
            results = {key: self._cell(f"{prefix}.{key}", value, getattr(line, key)) for key, value in label.items()}
            self._count("lines", all(results.values()))
            misses = self._score.misses[before:]
            self._score.counts["silent_lines"] += any(not miss.flagged for miss in misses)
            numbers = [key for key in label if kind_of(part.model_fields[key]) in _NUMBERS]
            self._count("line_amounts", all(results[key] for key in numbers))
            self._columns(label, line)
            if self._headless:
                told = any(covers(flag, f"{prefix}.{key}")[0] for flag in self._flags for key in numbers)
                self._count("headless", told and all(getattr(line, key) is None for key in numbers))
        for row in set(range(len(found))) - set(pairs.values()):
            self._score.counts["extra_lines"] += 1
            for key in cells_of(part):
                if getattr(found[row], key) not in (None, 0):
                    self._cell(f"{name}.{row}.{key}", None, getattr(found[row], key))

    def _columns(self, label: Mapping[str, Any], line: DocumentPart) -> None:
        """Count amounts under the column they were printed under, and those found under the other one."""
        for key, other in _SIDES.items():
            value = label.get(key)
            if not value:
                continue
            placed = getattr(line, key) == value
            swapped = not placed and getattr(line, other) == value != label.get(other)
            self._count("columns", placed)
            self._score.counts["placed"] += placed or swapped
            self._score.counts["swaps"] += swapped

    def _cell(self, path: str, expected: object, found: object) -> bool:
        if same(expected, found):
            self._right.add(path)
            return True
        seen = [covers(flag, path) for flag in self._flags]
        told = self._failed or any(near for near, _ in seen)
        self._score.misses.append(Miss(path, _text(expected), _text(found), told, any(exact for _, exact in seen)))
        return False

    def _count(self, name: str, right: bool) -> None:
        self._score.counts[name] += 1
        self._score.counts[f"{name}_right"] += right


def align(wanted: Sequence[Mapping[str, Any]], found: Sequence[DocumentPart]) -> dict[int, int]:
    """Return wanted row → found row, the likest first; order only decides between equals."""
    likeness = sorted(
        (-_likeness(label, line), abs(i - j), i, j) for i, label in enumerate(wanted) for j, line in enumerate(found)
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for negative, _, i, j in likeness:
        if -negative >= _SAME_ROW and i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs


def _likeness(label: Mapping[str, Any], line: DocumentPart) -> float:
    """Return how likely the two are one row: the name up to 90, each amount 40 (in any column), all of them 10."""
    texts = ((str(label[key]), str(getattr(line, key) or "")) for key in ("name", "description") if label.get(key))
    name = max((ratio(fold_name(a), fold_name(b)) for a, b in texts), default=0.0)
    ours, theirs = set(_amounts(label)), set(_amounts(dict(line)))
    return 0.9 * name + 40.0 * len(ours & theirs) + (10.0 if ours == theirs and ours else 0.0)


def _amounts(values: Mapping[str, Any]) -> Iterator[Decimal]:
    return (value for value in values.values() if isinstance(value, Decimal) and value)


def _text(value: object) -> str | None:
    if isinstance(value, Decimal):
        return format_decimal(value)
    return None if value is None else str(value)
