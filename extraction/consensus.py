"""What several readings of one document say together: where they differ both values are shown, no third is made up.

Rows are paired by name, amounts and place, so a row that one reader left out does not make all behind it differ.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from extraction.alignment import NUMBERS, Pairs, align_rows, view_of
from extraction.shaping import Shaped, shape
from schemas.document import DocumentPart, cells_of, get_cell, kind_of, lines_of
from schemas.layout import BoundingBox
from schemas.result import Agreement, Flag, Reading, Severity, Suggestion
from schemas.values import format_decimal


@dataclass
class Consensus:
    """What the readings say of the cells of the first one."""

    agreement: dict[str, Agreement] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)


def compare(readings: Sequence[Reading]) -> Consensus:
    """Compare the first reading with every other one, cell by cell."""
    found = Consensus()
    if not readings:
        return found
    first, *others = readings
    document = shape(first)
    for other in others:
        if other.document_type != first.document_type:
            found.flags.append(Flag(code="wrong_document_type", severity=Severity.ERROR, parameters={
                "type": first.document_type, "other": other.document_type}))  # fmt: skip
            continue
        _Comparison(first, document, other, shape(other), found).run()
    return found


def differences(readings: Sequence[Reading]) -> list[Flag]:
    """Return one flag for every cell or row that another reading of the same type gives otherwise."""
    return compare(readings).flags


class _Comparison:
    """Two readings of one type."""

    def __init__(self, first: Reading, ours: Shaped, other: Reading, theirs: Shaped, found: Consensus) -> None:
        self._first, self._ours, self._other, self._theirs, self._found = first, ours, other, theirs, found

    def run(self) -> None:
        model = type(self._ours.document)
        for name in cells_of(model):
            self._cell(name, name)
        for line, part in lines_of(model).items():
            pairs = self._pairs(line)
            for index in range(len(getattr(self._ours.document, line))):
                if index in pairs.both:
                    for cell in cells_of(part):
                        self._cell(f"{line}.{index}.{cell}", f"{line}.{pairs.both[index]}.{cell}")
                else:
                    self._only_ours(line, index, part)
            for index in pairs.only_second:
                self._only_theirs(line, index, pairs)

    def _pairs(self, line: str) -> Pairs:
        views = []
        for reading, shaped in ((self._first, self._ours), (self._other, self._theirs)):
            places = [_place(reading, f"{line}.{index}.") for index in range(len(getattr(shaped.document, line)))]
            rows = getattr(shaped.document, line)
            views.append([view_of(row, *place) for row, place in zip(rows, places, strict=True)])
        return align_rows(*views)

    def _cell(self, path: str, other_path: str) -> None:
        ours, theirs = get_cell(self._ours.document, path), get_cell(self._theirs.document, other_path)
        if _is_number(self._ours.document, path) and not ours and not theirs:
            ours = theirs = ours if ours is not None else theirs  # nothing and 0 are one to a person
        if ours == theirs:
            if ours is not None:
                known = self._found.agreement.setdefault(path, Agreement.AGREED)
                self._found.agreement[path] = Agreement.AGREED if known is Agreement.ONE_ONLY else known
            return
        one_only = ours is None or theirs is None
        self._found.agreement[path] = Agreement.ONE_ONLY if one_only else Agreement.DIFFER
        self._flag(path, other_path)

    def _flag(self, path: str, other_path: str) -> None:
        values = [_text(self._first.printed(path)), _text(self._other.printed(other_path))]
        evidence = [tuple(self._first.evidence.get(path, ())), tuple(self._other.evidence.get(other_path, ()))]
        suggestions = [
            Suggestion(path=path, value=value, source=reading.reader, evidence=places)
            for reading, value, places in zip((self._first, self._other), values, evidence, strict=True)
        ]
        suggestions.sort(key=lambda suggestion: not suggestion.evidence)  # what stands on the page comes first
        self._found.flags.append(Flag(
            code="readers_differ", severity=Severity.WARNING, paths=(path,), suggestions=tuple(suggestions),
            parameters={"first": self._first.reader, "value": values[0] or "–", "other": self._other.reader,
                        "other_value": values[1] or "–"},
        ))  # fmt: skip

    def _only_ours(self, line: str, index: int, part: type[DocumentPart]) -> None:
        cells = [f"{line}.{index}.{cell}" for cell in cells_of(part)]
        told = [path for path in cells if get_cell(self._ours.document, path) not in (None, 0)]
        self._found.agreement |= dict.fromkeys(told, Agreement.ONE_ONLY)
        if told:
            value = _text(self._first.printed(told[0])) or "–"
            self._found.flags.append(Flag(
                code="readers_differ", severity=Severity.WARNING, paths=tuple(told),
                parameters={"first": self._first.reader, "value": value, "other": self._other.reader,
                            "other_value": "–"},
            ))  # fmt: skip

    def _only_theirs(self, line: str, index: int, pairs: Pairs) -> None:
        at = max((ours for ours, theirs in pairs.both.items() if theirs < index), default=-1) + 1
        row = getattr(self._theirs.document, line)[index]
        if not any(value for _, value in row):
            return
        self._found.flags.append(
            missing_row(line, at, row, self._other.reader, Severity.WARNING, lambda cell: tuple(
                self._other.evidence.get(f"{line}.{index}.{cell}", ())))
        )  # fmt: skip


def missing_row(line: str, at: int, row: DocumentPart, source: str, severity: Severity, evidence: Any,  # noqa: ANN401
                loose: Sequence[Decimal] = ()) -> Flag:  # fmt: skip
    """Return the doubt about a row that the document lacks, ready to be put in at `at`; `evidence` is asked by cell.

    `loose`: amounts of the row that nobody could give to a cell.
    """
    cells = {cell: getattr(row, cell) for cell in cells_of(type(row))}
    amounts = ", ".join(_plain(value) for value in (*view_of(row).numbers.values(), *loose)) or "–"
    suggestions = tuple(
        Suggestion(path=f"{line}.{at}.{cell}", value=_plain(value), source=source, evidence=evidence(cell))
        for cell, value in cells.items() if value is not None
    )  # fmt: skip
    name = _text(next(iter(cells.values()))) or "–"
    parameters = {"name": name, "amounts": amounts, "source": source, "line": line, "index": str(at)}
    return Flag(code="row_missing", severity=severity, paths=(line,), parameters=parameters, suggestions=suggestions)


def _place(reading: Reading, prefix: str) -> tuple[BoundingBox | None, int]:
    found = [one for path, every in reading.evidence.items() if path.startswith(prefix) for one in every]
    boxes: Iterator[BoundingBox] = (one.box for one in found)
    box = next(boxes, None)
    for other in boxes:
        box = box.union(other) if box is not None else other
    return box, found[0].page if found else 0


def _is_number(document: DocumentPart, path: str) -> bool:
    parts = path.split(".")
    owner = type(document) if len(parts) == 1 else lines_of(type(document))[parts[0]]
    return kind_of(cells_of(owner)[parts[-1]]) in NUMBERS


def _plain(value: Any) -> str:  # noqa: ANN401 - whatever a cell holds
    return (format_decimal(value) or "0") if hasattr(value, "as_tuple") else str(value)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
