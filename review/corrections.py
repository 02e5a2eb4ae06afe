"""A person's changes: typed text to cells, rows in and out, all as steps that are applied anew to what was read.

Nothing is patched in place. The record as a person sees it is always the machine's extraction plus the steps in force,
so undo and redo without limit are a matter of which steps are in force.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from extraction import validation
from extraction.arbitration import explain
from extraction.judgement import judge
from review.row_order import (
    MISSING,
    Order,
    merged_flag,
    placed_flag,
    placed_items,
    places_of,
    reordered,
    with_moved,
    with_row,
    without_row,
)
from schemas.document import cells_of, field_at, get_cell, kind_of, lines_of, parse_cell, set_cell
from schemas.registry import DOCUMENT_TYPES
from schemas.result import Agreement, CellState, Evidence, Extraction, Flag, Severity
from schemas.values import UNREADABLE, ValueKind, format_decimal, normalize
from storage.audit import canonical, sha256_of
from storage.records import DUPLICATES, Duplicate, RecordFlag

Action = Literal[
    "correct", "insert_row", "delete_row", "move_row", "split_row", "merge_rows", "swap_columns", "dismiss"
]  # fmt: skip
SWAPPED = ("nhi_amount", "self_pay_amount")
_NUMBERS = {ValueKind.AMOUNT, ValueKind.POINTS, ValueKind.QUANTITY}


class Change(NamedTuple):
    """One cell and the text that a person typed for it: empty is blank, `?` is unreadable."""

    path: str
    text: str
    place: Evidence | None = None
    """What they had read again, where the text is not typed but comes from a box that they drew."""


class Cell(BaseModel):
    """A cell as a step keeps it: parsed once, so that a later version of a parser does not change the past."""

    model_config = ConfigDict(frozen=True)

    value: str | bool | None = None
    state: CellState = CellState.BLANK
    unparsed: str | None = None
    place: Evidence | None = None
    """The box that a person drew, where the value was read from one."""

    def stored(self) -> dict[str, Any]:
        """Return the cell as a step and the history hold it; `source` tells a box from the keyboard."""
        if self.place is None:
            return self.model_dump(mode="json", exclude={"place"})
        return {**self.model_dump(mode="json"), "source": "region"}

    @property
    def text(self) -> str | None:
        """The cell as a person reads it; None where nothing was read."""
        if self.state is CellState.NOT_READ:
            return None
        if self.state is CellState.UNREADABLE:
            return self.unparsed or UNREADABLE
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return self.value or ""


class Step(NamedTuple):
    """One stored change in force."""

    action: Action
    path: str
    after: Any

    @classmethod
    def stored(cls, action: str, path: str, after: str) -> "Step":
        """Return a step from its stored form."""
        return cls(cast(Action, action), path, json.loads(after))


def typed_cell(document_type: str, path: str, text: str) -> Cell:
    """Return the cell that a typed text means; what is no value of the field is kept as unreadable, never dropped."""
    field = field_at(DOCUMENT_TYPES[document_type], path)
    bare = normalize(text)
    if bare == UNREADABLE:
        return Cell(state=CellState.UNREADABLE)
    if UNREADABLE in bare and kind_of(field) is not ValueKind.TEXT:
        return Cell(state=CellState.UNREADABLE, unparsed=text)
    try:
        value = parse_cell(field, text)
    except ValidationError:
        return Cell(state=CellState.UNREADABLE, unparsed=text)
    if value is None:
        return Cell()
    is_zero = kind_of(field) in _NUMBERS and value == 0
    return Cell(value=_plain(value), state=CellState.ZERO if is_zero else CellState.VALUE)


def cell_at(extraction: Extraction, path: str) -> Cell:
    """Return a cell of an extraction; KeyError where there is none."""
    if extraction.document is None:
        raise KeyError(path)
    value = _plain(get_cell(extraction.document, path))
    state = extraction.state(path)
    if value is None and state in (CellState.VALUE, CellState.ZERO):
        state = CellState.BLANK
    return Cell(value=value, state=state, unparsed=extraction.unparsed.get(path))


def _plain(value: Any) -> str | bool | None:  # noqa: ANN401 - whatever a field holds
    if value is None or isinstance(value, (str, bool)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else format_decimal(value)


def flag_key(flag: Flag) -> str:
    """Return the stable name of a doubt: the same code on the same cells for the same facts."""
    facts = canonical([flag.code, sorted(flag.paths), flag.parameters])
    return f"{flag.code}-{sha256_of(facts)[:12]}"


class Draft:
    """An extraction on which steps are applied."""

    def __init__(self, base: Extraction, extra: Iterable[Flag] = (), *, copy: bool = True) -> None:
        """Take what the machine made, copied where others hold it. `extra` are doubts that the pipeline cannot know."""
        self.extraction = base.model_copy(deep=True) if copy else base
        read = {(flag.code, flag.paths) for reading in base.readings for flag in reading.doubts}
        self.doubts = [*extra, *(f for f in base.flags if not validation.is_rule(f.code) or (f.code, f.paths) in read)]
        self.dismissed: list[Flag] = []
        self.corrected: dict[str, str | None] = {}

    def apply(self, steps: Iterable[Step]) -> "Draft":
        """Make the changes again, in order."""
        for step in steps:
            if step.action == "correct":
                self.put(step.path, Cell.model_validate(step.after))
            elif step.action == "dismiss":
                self.dismissed.append(Flag.model_validate(step.after))
            elif step.action == "swap_columns":
                self.swap(step.path)
            else:
                self._rearrange(step)
        return self

    def put(self, path: str, cell: Cell) -> None:
        """Replace a cell; doubts about it are settled, those about other cells stay."""
        before = cell_at(self.extraction, path)
        self.corrected.setdefault(path, before.text)
        self._store(path, cell)
        if cell.place is not None:
            self.extraction.evidence[path] = [cell.place]
        elif cell != before and path in self.extraction.evidence:
            self.extraction.evidence[path] = [
                item.model_copy(update={"match": "person"}) for item in self.extraction.evidence[path]
            ]
        self._settle(path)

    def swap(self, row: str) -> None:
        """Exchange NHI and self-pay amount of a row, each with its state and its place on the page."""
        left, right = (f"{row}.{name}" for name in SWAPPED)
        cells = cell_at(self.extraction, left), cell_at(self.extraction, right)
        for path, cell in zip((left, right), cells, strict=True):
            self.corrected.setdefault(path, cell.text)
        self._store(left, cells[1])
        self._store(right, cells[0])
        evidence = self.extraction.evidence
        boxes: list[list[Evidence]] = [evidence.pop(left, []), evidence.pop(right, [])]
        evidence.update({path: found for path, found in ((left, boxes[1]), (right, boxes[0])) if found})
        self._settle(left)
        self._settle(right)

    def _store(self, path: str, cell: Cell) -> None:
        document, field = self.extraction.document, field_at(DOCUMENT_TYPES[self.extraction.document_type or ""], path)
        if document is None:
            raise KeyError(path)
        set_cell(document, path, parse_cell(field, cell.value))
        self.extraction.states.pop(path, None)
        self.extraction.unparsed.pop(path, None)
        if cell.state is not CellState.VALUE:
            self.extraction.states[path] = cell.state
        if cell.unparsed is not None:
            self.extraction.unparsed[path] = cell.unparsed

    def _settle(self, path: str) -> None:
        """Take a cell out of the doubts; one that named nothing else is gone."""
        kept = []
        for flag in self.doubts:
            if path in flag.paths:
                paths = tuple(item for item in flag.paths if item != path)
                suggestions = tuple(item for item in flag.suggestions if item.path != path)
                flag = flag.model_copy(update={"paths": paths, "suggestions": suggestions})
                if not paths:
                    continue
            kept.append(flag)
        self.doubts = kept

    def _rearrange(self, step: Step) -> None:
        """Carry out a step that changes which rows there are, or their order."""
        line, _, number = step.path.partition(".")
        index, count = int(number), len(getattr(self.extraction.document, line))
        if step.action == "insert_row":
            self._put_in(line, index)
            self._fill(step.path, step.after or {})
        elif step.action == "delete_row":
            self._reorder(line, without_row(count, index))
        elif step.action == "move_row":
            self._reorder(line, with_moved(count, index, step.after["to"]))
        elif step.action == "split_row":
            self._split(line, index, step.after)
        else:
            self._merge(line, index, step.after["other"], step.after["cells"])

    def _reorder(self, line: str, order: Order) -> None:
        """Put the rows in another order; all that is said of them moves with them."""
        model = lines_of(DOCUMENT_TYPES[self.extraction.document_type or ""])[line]
        rows = getattr(self.extraction.document, line)
        rows[:] = [model() if row is None else rows[row] for row in order]
        places = places_of(order)
        for reading in self.extraction.readings:  # rules look for alternatives in them by path
            if reading.values.get(line):
                reading.values[line] = reordered(reading.values[line], order)
        for name in ("states", "unparsed", "evidence", "agreement"):
            setattr(self.extraction, name, placed_items(getattr(self.extraction, name), line, places))
        self.corrected = placed_items(self.corrected, line, places)
        self.doubts = [flag for flag in (placed_flag(item, line, places) for item in self.doubts) if flag]
        self.dismissed = [flag for flag in (placed_flag(item, line, places) for item in self.dismissed) if flag]

    def _put_in(self, line: str, index: int) -> None:
        self._reorder(line, with_row(len(getattr(self.extraction.document, line)), index))
        model = lines_of(DOCUMENT_TYPES[self.extraction.document_type or ""])[line]
        self.extraction.states.pop(line, None)  # a table nobody read has a row now
        self.corrected[f"{line}.{index}"] = None
        self.extraction.states |= {f"{line}.{index}.{cell}": CellState.BLANK for cell in cells_of(model)}

    def _fill(self, row: str, filled: Mapping[str, Mapping[str, Any]]) -> None:
        """Put into a row what was said to be missing, with its place on the page."""
        for name, stored in filled.get("cells", {}).items():
            self.put(f"{row}.{name}", Cell.model_validate(stored))
        for name, found in filled.get("evidence", {}).items():
            self.extraction.evidence[f"{row}.{name}"] = [Evidence.model_validate(item) for item in found]

    def _split(self, line: str, index: int, cells: Mapping[str, Mapping[str, Any]]) -> None:
        """Divide a row as a person did: both parts stand where the whole stood."""
        self._put_in(line, index + 1)
        for name, stored in cells["second"].items():
            path, second = f"{line}.{index}.{name}", f"{line}.{index + 1}.{name}"
            first = Cell.model_validate(cells["first"][name])
            found = self.extraction.evidence.get(path, [])
            if found and Cell.model_validate(stored).text:
                self.extraction.evidence[second] = [item.model_copy(update={"match": "person"}) for item in found]
            if Cell.model_validate(stored) != Cell():
                self.put(second, Cell.model_validate(stored))
            if first != cell_at(self.extraction, path):
                self.put(path, first)
                self._forget_readings(line, index, name)

    def _merge(self, line: str, kept: int, other: int, cells: Mapping[str, Any]) -> None:
        """Take two rows together. Doubts about either stay: who merges rows has not compared every digit."""
        rows = f"{line}.{kept}", f"{line}.{other}"
        extraction, added = self.extraction, []
        for name, stored in cells.items():
            path, gone = (f"{row}.{name}" for row in rows)
            before, after = cell_at(extraction, path), Cell.model_validate(stored)
            doubted = any({path, gone} & set(flag.paths) for flag in self.doubts)
            if found := [*extraction.evidence.get(path, []), *extraction.evidence.get(gone, [])]:
                extraction.evidence[path] = found
            if extraction.agreement.get(gone) is Agreement.DIFFER:
                extraction.agreement[path] = Agreement.DIFFER
            if after != before:
                self._store(path, after)
                self._forget_readings(line, kept, name)
                if after != cell_at(extraction, gone):
                    added.append(name)
                if not doubted:
                    self.corrected.setdefault(path, before.text)
        self.doubts = [merged_flag(flag, *rows, frozenset(added)) for flag in self.doubts]
        self._reorder(line, without_row(len(getattr(extraction.document, line)), other))

    def _forget_readings(self, line: str, index: int, name: str) -> None:
        """Take a cell out of the readings, which hold another row's part of it."""
        for reading in self.extraction.readings:
            rows = reading.values.get(line) or []
            if index < len(rows):
                rows[index] = {key: value for key, value in rows[index].items() if key != name}

    def tell_duplicates(self, pairs: Iterable[Duplicate]) -> None:
        """Put these doubts in the place of those that named other records before."""
        self.doubts = [*duplicate_doubts(pairs), *(flag for flag in self.doubts if flag.code not in DUPLICATES)]

    def check(self) -> Extraction:
        """Run the rules on the draft and return it with its flags and checks."""
        self.doubts = [flag for flag in self.doubts if not _is_put_in(flag, self.extraction)]
        self.extraction.flags = list(self.doubts)
        grounds = [check for check in self.extraction.checks if not validation.is_rule(check.code)]
        flags, checks = validation.validate(self.extraction)
        found = {flag_key(flag): flag for flag in explain(self.extraction, [*self.doubts, *flags])}
        self.extraction.flags, self.extraction.checks = list(found.values()), [*checks, *grounds]
        self.extraction.judgements = judge(self.extraction, self.corrected)
        return self.extraction


def _is_put_in(flag: Flag, extraction: Extraction) -> bool:
    """Whether the row that was said to be missing is there now, by its name and its amounts."""
    if flag.code != MISSING or extraction.document is None:
        return False
    wanted = {item.path.rsplit(".", 1)[-1]: item.value for item in flag.suggestions}
    rows = getattr(extraction.document, flag.parameters.get("line", ""), ())
    texts = ({cell: _plain(value) for cell, value in row} for row in rows)
    return bool(wanted) and any(all(row.get(cell) == value for cell, value in wanted.items()) for row in texts)


def decided_flags(
    extraction: Extraction, dismissed: Iterable[Flag], overrides: Mapping[str, Mapping[str, str]]
) -> tuple[RecordFlag, ...]:
    """Return the flags with what persons decided on them."""
    looked_at = {flag_key(flag) for flag in dismissed}
    result = []
    for flag in extraction.flags:
        key = flag_key(flag)
        if key in overrides:
            result.append(RecordFlag(key, flag, "overridden", overrides[key]["user"], overrides[key]["reason"]))
        else:
            result.append(RecordFlag(key, flag, "dismissed" if key in looked_at else None))
    return tuple(result)


def duplicate_doubts(pairs: Iterable[Duplicate]) -> tuple[Flag, ...]:
    """Return the doubts of a document that another record may hold already."""
    return tuple(
        Flag(code=pair.code, severity=Severity.WARNING, parameters={"record": pair.other_id})
        for pair in pairs
        if pair.decision is None
    )
