"""Rows that a person moves, splits or takes together, as steps: what stands in each cell afterwards, never a guess."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from review.corrections import Action, Cell, Draft, Step, cell_at, flag_key, typed_cell
from review.revision import applied
from review.row_order import MISSING
from schemas.document import cells_of, kind_of, lines_of
from schemas.registry import DOCUMENT_TYPES
from schemas.result import CellState, Flag
from schemas.values import ValueKind, format_decimal
from storage.edits import NewChange

_ADDED = {ValueKind.AMOUNT, ValueKind.POINTS, ValueKind.QUANTITY}
_PRICE = "unit_price"
"""What one piece costs: of two rows it is the same, or unknown."""
_PART = "quantity"
"""Counts pieces of one price; of pieces of two prices there is no number."""


@dataclass(frozen=True)
class RowChange:
    """What a person wants of a row; of `to`, `other` and `parts` the one that the action needs."""

    action: Action
    line: str
    row: int
    to: int | None = None
    """Place that a moved row takes."""
    other: int | None = None
    """Row that goes into this one: the one above or below."""
    parts: tuple[Mapping[str, str], Mapping[str, str]] | None = None
    """Typed texts of both rows that come of a split, by the names of their cells."""


def rearrange(draft: Draft, wanted: RowChange) -> list[NewChange]:
    """Carry a change of rows out on a draft and return what stores it; KeyError where a row is not there."""
    count = len(getattr(draft.extraction.document, wanted.line, ()))
    if wanted.line not in lines_of(DOCUMENT_TYPES[draft.extraction.document_type or ""]):
        raise KeyError(wanted.line)
    rows = [wanted.row, *(row for row in (wanted.to, wanted.other) if row is not None)]
    if not all(0 <= row < count for row in rows):
        raise KeyError(f"{wanted.line}.{wanted.row}")
    kinds = {"move_row": _move, "split_row": _split, "merge_rows": _merge}
    return kinds[wanted.action](draft, wanted)


def _move(draft: Draft, wanted: RowChange) -> list[NewChange]:
    if wanted.to is None or wanted.to == wanted.row:
        return []
    return applied(draft, Step("move_row", f"{wanted.line}.{wanted.row}", {"to": wanted.to}))


def _split(draft: Draft, wanted: RowChange) -> list[NewChange]:
    if wanted.parts is None:
        raise KeyError(wanted.line)
    names = _names(draft, wanted.line)
    before = {name: cell_at(draft.extraction, f"{wanted.line}.{wanted.row}.{name}") for name in names}
    document_type = draft.extraction.document_type or ""
    first, second = (
        {name: typed_cell(document_type, f"{wanted.line}.{wanted.row}.{name}", part.get(name, "")) for name in names}
        for part in wanted.parts
    )
    for name in names:  # what was not touched stays as it is, whatever its state
        if wanted.parts[0].get(name, "") == (before[name].text or "") and second[name] == Cell():
            first[name] = before[name]
    after = {"first": _dumped(first), "second": _dumped(second)}
    step = Step("split_row", f"{wanted.line}.{wanted.row}", after)
    return applied(draft, step, {name: cell.text for name, cell in before.items()})


def _merge(draft: Draft, wanted: RowChange) -> list[NewChange]:
    """Take the row above or below into this one; the upper one of the two stays."""
    if wanted.other is None or abs(wanted.other - wanted.row) != 1:
        raise KeyError(f"{wanted.line}.{wanted.row}")
    upper, lower = sorted((wanted.row, wanted.other))
    names = _names(draft, wanted.line)
    rows = [{name: cell_at(draft.extraction, f"{wanted.line}.{row}.{name}") for name in names}
            for row in (upper, lower)]  # fmt: skip
    cells = merged_cells(rows[0], rows[1], _kinds(draft, wanted.line))
    after = {"other": lower, "cells": _dumped(cells)}
    before = [{name: cell.text for name, cell in row.items()} for row in rows]
    return applied(draft, Step("merge_rows", f"{wanted.line}.{upper}", after), before)


def insert_missing(draft: Draft, key: str) -> list[NewChange]:
    """Put in the row that a flag says is missing, as the page has it; KeyError where there is no such flag any more."""
    flag = next((flag for flag in draft.check().flags if flag_key(flag) == key), None)
    found = None if flag is None else missing_row(flag)
    if flag is None or found is None:
        raise KeyError(key)
    line, row, texts = found
    document_type = draft.extraction.document_type or ""
    cells = {name: typed_cell(document_type, f"{line}.{row}.{name}", text) for name, text in texts.items()}
    evidence = {
        item.path.rpartition(".")[2]: [each.model_dump(mode="json") for each in item.evidence]
        for item in flag.suggestions if item.evidence
    }  # fmt: skip
    return applied(draft, Step("insert_row", f"{line}.{row}", {"cells": _dumped(cells), "evidence": evidence}))


def missing_row(flag: Flag) -> tuple[str, int, dict[str, str]] | None:
    """Return table, place and texts of the row that a flag says is missing."""
    if flag.code != MISSING or not flag.suggestions:
        return None
    line, row, _ = flag.suggestions[0].path.split(".")
    return line, int(row), {item.path.rpartition(".")[2]: item.value or "" for item in flag.suggestions}


def _kinds(draft: Draft, line: str) -> dict[str, ValueKind]:
    model = lines_of(DOCUMENT_TYPES[draft.extraction.document_type or ""])[line]
    return {name: kind_of(field) for name, field in cells_of(model).items()}


def _names(draft: Draft, line: str) -> list[str]:
    return list(_kinds(draft, line))


def _dumped(cells: Mapping[str, Cell]) -> dict[str, object]:
    return {name: cell.model_dump(mode="json") for name, cell in cells.items()}


def merged_cells(
    first: Mapping[str, Cell], second: Mapping[str, Cell], kinds: Mapping[str, ValueKind]
) -> dict[str, Cell]:
    """Return the cells of two rows taken together.

    Names are joined. An amount is added to the one of its own column, so points never to money; where one of the two
    cannot be read the sum cannot be known, and both stay to be seen. A price of one piece is never added.
    """
    same_price = _PRICE not in kinds or _is_one(first[_PRICE], second[_PRICE])
    cells = {}
    for name, kind in kinds.items():
        here, there = first[name], second[name]
        if there == Cell() or (here == there and (kind not in _ADDED or name == _PRICE)):
            cells[name] = here
        elif here == Cell():
            cells[name] = there
        elif kind is ValueKind.TEXT and here.state is there.state is CellState.VALUE:
            cells[name] = Cell(value=joined(here.text or "", there.text or ""), state=CellState.VALUE)
        elif kind in _ADDED and name != _PRICE and (name != _PART or same_price):
            cells[name] = _sum(here, there)
        else:
            cells[name] = _unknown(here, there, " / ")
    return cells


def _is_one(first: Cell, second: Cell) -> bool:
    return first == second or Cell() in (first, second)


def _sum(first: Cell, second: Cell) -> Cell:
    if first.state is second.state is CellState.NOT_READ:
        return first
    numbers = [_number(cell) for cell in (first, second)]
    if numbers[0] is None or numbers[1] is None:
        return _unknown(first, second, " + ")
    total = numbers[0] + numbers[1]
    return Cell(value=format_decimal(total), state=CellState.ZERO if total == 0 else CellState.VALUE)


def _number(cell: Cell) -> Decimal | None:
    if cell.state not in (CellState.VALUE, CellState.ZERO) or not isinstance(cell.value, str):
        return None
    try:
        return Decimal(cell.value)
    except InvalidOperation:
        return None


def _unknown(first: Cell, second: Cell, sign: str) -> Cell:
    return Cell(state=CellState.UNREADABLE, unparsed=sign.join(cell.text or "?" for cell in (first, second)))


def joined(first: str, second: str) -> str:
    """Return a name that was printed in two lines; a space only between Latin words."""
    if first == second:
        return first
    both_latin = all(char.isascii() and char.isalnum() for char in (first[-1], second[0]))
    return f"{first}{' ' if both_latin else ''}{second}"


def equal_rows(first: Draft, second: Draft, line: str, rows: Sequence[int]) -> bool:
    """Whether a row of one extraction has what a row of another has, cell by cell."""
    return all(
        cell_at(first.extraction, f"{line}.{rows[0]}.{name}") == cell_at(second.extraction, f"{line}.{rows[1]}.{name}")
        for name in _names(first, line)
    )
