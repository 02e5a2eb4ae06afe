"""Two or more readings of a record beside what it holds now: rows aligned, differences found, one of them taken."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.alignment import align_rows, view_of
from extraction.shaping import shape
from review.corrections import Cell, Change, cell_at
from review.workflow import StoredReading
from schemas.document import DocumentPart, cells_of, lines_of
from schemas.registry import DOCUMENT_TYPES
from schemas.result import CellState, Extraction


@dataclass(frozen=True)
class Slot:
    """One row of a table as the record and each reading have it; None where one of them lacks it."""

    ours: int | None
    theirs: tuple[int | None, ...]


@dataclass(frozen=True)
class Comparison:
    """A record and its readings of the same document type, with the rows of their tables aligned."""

    record: Extraction
    sides: tuple[Extraction, ...]
    slots: dict[str, tuple[Slot, ...]]

    def ours(self, path: str | None) -> Cell | None:
        """Return a cell of the record."""
        return None if path is None else cell_at(self.record, path)

    def theirs(self, side: int, path: str | None) -> Cell | None:
        """Return a cell of a reading."""
        return None if path is None else cell_at(self.sides[side], path)


@dataclass(frozen=True)
class Plan:
    """What makes a record hold what a reading holds: rows out (from below), rows in (from above), then cells."""

    deleted: tuple[tuple[str, int], ...]
    inserted: tuple[tuple[str, int], ...]
    changes: tuple[Change, ...]


def side_of(stored: StoredReading) -> Extraction:
    """Return a stored reading as a typed document of its own."""
    reading, shaped = stored.reading, shape(stored.reading)
    unread = [name for name in lines_of(type(shaped.document)) if name in reading.not_read]
    shaped.states |= dict.fromkeys(unread, CellState.NOT_READ)
    return Extraction(
        file="", sha256="", document_type=reading.document_type, document=shaped.document, states=shaped.states,
        unparsed=shaped.unparsed, evidence=reading.evidence,
    )  # fmt: skip


def compare(record: Extraction, readings: Sequence[StoredReading]) -> Comparison:
    """Align the readings with the record; all must be of its document type."""
    sides = tuple(side_of(stored) for stored in readings)
    names = lines_of(DOCUMENT_TYPES[record.document_type or ""])
    slots = {name: _slots(_rows(record, name), [_rows(side, name) for side in sides]) for name in names}
    return Comparison(record, sides, slots)


def take_row(comparison: Comparison, side: int, line: str, number: int) -> Plan:
    """Return the plan that makes one row of a table as the reading has it; a row that it lacks goes."""
    slots = comparison.slots[line]
    slot = slots[number]
    theirs = slot.theirs[side]
    if theirs is None:
        return Plan(() if slot.ours is None else ((line, slot.ours),), (), ())
    place = sum(each.ours is not None for each in slots[:number])
    inserted = () if slot.ours is not None else ((line, place),)
    return Plan((), inserted, tuple(_row_changes(comparison, side, line, slot, place)))


def take_all(comparison: Comparison, side: int) -> Plan:
    """Return the plan that makes the record as the reading has it; what it could not read stays."""
    deleted: list[tuple[str, int]] = []
    inserted: list[tuple[str, int]] = []
    changes = [change for name in header_of(comparison) for change in _changed(comparison, side, name, name, name)]
    for line, slots in comparison.slots.items():
        if line in comparison.sides[side].states:
            continue  # a table nobody read
        gone = [slot.ours for slot in slots if slot.ours is not None and slot.theirs[side] is None]
        deleted += [(line, index) for index in sorted(gone, reverse=True)]
        for place, slot in enumerate(slot for slot in slots if slot.theirs[side] is not None):
            if slot.ours is None:
                inserted.append((line, place))
            changes += _row_changes(comparison, side, line, slot, place)
    return Plan(tuple(deleted), tuple(inserted), tuple(changes))


def header_of(comparison: Comparison) -> tuple[str, ...]:
    """Return the cells outside the tables."""
    return tuple(cells_of(DOCUMENT_TYPES[comparison.record.document_type or ""]))


def line_cells(comparison: Comparison, line: str) -> tuple[str, ...]:
    """Return the cells of a row of a table."""
    return tuple(cells_of(lines_of(DOCUMENT_TYPES[comparison.record.document_type or ""])[line]))


def _row_changes(comparison: Comparison, side: int, line: str, slot: Slot, place: int) -> Iterator[Change]:
    for name in line_cells(comparison, line):
        ours = None if slot.ours is None else f"{line}.{slot.ours}.{name}"
        yield from _changed(comparison, side, ours, f"{line}.{slot.theirs[side]}.{name}", f"{line}.{place}.{name}")


def _changed(comparison: Comparison, side: int, ours: str | None, theirs: str, put: str) -> Iterator[Change]:
    """Yield the change at `put` where the reading says something, and something else than the record."""
    wanted, present = comparison.theirs(side, theirs), comparison.ours(ours) or Cell()
    if wanted is not None and wanted.text is not None and wanted != present:
        yield Change(put, wanted.text)


def _rows(extraction: Extraction, line: str) -> list[DocumentPart]:
    return list(getattr(extraction.document, line))


def _slots(ours: Sequence[DocumentPart], sides: Sequence[Sequence[DocumentPart]]) -> tuple[Slot, ...]:
    """Return the rows of all in one order; what only readings have comes behind the row it follows there."""
    count = len(sides)
    slots = [Slot(index, (None,) * count) for index in range(len(ours))]
    shown = list(ours)
    for side, rows in enumerate(sides):
        paired = paired_rows(shown, rows)
        last = -1
        places = {theirs: mine for mine, theirs in paired.items()}
        moved = list(range(len(shown)))  # where each row shown before stands after what was put in
        for index, row in enumerate(rows):
            if index in places:
                last = moved[places[index]]
                slot = slots[last]
                slots[last] = Slot(slot.ours, (*slot.theirs[:side], index, *slot.theirs[side + 1 :]))
                continue
            last += 1
            slots.insert(last, Slot(None, (*(None,) * side, index, *(None,) * (count - side - 1))))
            shown.insert(last, row)
            moved = [place + (place >= last) for place in moved]
    return tuple(slots)


def paired_rows(first: Sequence[DocumentPart], second: Sequence[DocumentPart]) -> dict[int, int]:
    """Return which row of the first table is which of the second, as the readings were paired when they were read."""
    return align_rows([view_of(row) for row in first], [view_of(row) for row in second]).both
