"""Where paths, flags and the values of readings point after the rows of a table came, went or changed places."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.result import Flag

MISSING = "row_missing"
"""Code of the flag whose proposals are a row to be put in."""
Order = Sequence[int | None]
"""For each row of the new table the row of the old one that it was, None for one that is put in."""


def with_row(count: int, index: int) -> Order:
    """Return the order of `count` rows after one was put in before row `index`."""
    return [*range(index), None, *range(index, count)]


def without_row(count: int, index: int) -> Order:
    """Return the order after a row went."""
    return [row for row in range(count) if row != index]


def with_moved(count: int, index: int, to: int) -> Order:
    """Return the order after a row took the place `to`."""
    rows = [row for row in range(count) if row != index]
    return [*rows[:to], index, *rows[to:]]


def places_of(order: Order) -> dict[int, int]:
    """Return where each row of the old table is now; one that went is not in it."""
    return {row: place for place, row in enumerate(order) if row is not None}


def _insertion(at: int, places: Mapping[int, int]) -> int:
    """Return where a row goes in now that should have gone in before row `at`: behind what it came after."""
    return max((places[row] for row in range(at) if row in places), default=-1) + 1


def placed(path: str, line: str, places: Mapping[int, int]) -> str | None:
    """Return where a path points now; None where its row went."""
    parts = path.split(".")
    if len(parts) < 2 or parts[0] != line or not parts[1].isdigit():
        return path
    place = places.get(int(parts[1]))
    return None if place is None else ".".join([line, str(place), *parts[2:]])


def placed_items(items: Mapping[str, Any], line: str, places: Mapping[int, int]) -> dict[str, Any]:
    """Return what is said of cells under the paths that they have now."""
    moved = ((placed(path, line, places), item) for path, item in items.items())
    return {path: item for path, item in moved if path is not None}


def placed_flag(flag: Flag, line: str, places: Mapping[int, int]) -> Flag | None:
    """Return a flag that points at the same cells; None where all of them are gone."""

    def where(path: str) -> str | None:
        return placed(path, line, places)

    def insertion(path: str) -> str | None:
        if not path.startswith(f"{line}."):
            return where(path)
        _, at, cell = path.split(".")
        return f"{line}.{_insertion(int(at), places)}.{cell}"

    return flag.moved(where, insertion if flag.code == MISSING else None)  # such a row is not there yet


def reordered(rows: Sequence[dict[str, Any]], order: Order) -> list[dict[str, Any]]:
    """Return the rows that a reader saw in the new order; a reading may have fewer than the document."""
    found = [{} if row is None or row >= len(rows) else rows[row] for row in order]
    while found and not found[-1]:
        found.pop()
    return found


def merged_flag(flag: Flag, kept: str, gone: str, added: frozenset[str]) -> Flag:
    """Return a flag that speaks of the kept row where it spoke of the one that goes.

    Proposals for a cell that is now the sum of two (`added`, its names) are for one part only: they go.
    """

    def moved(path: str) -> str:
        return kept + path.removeprefix(gone) if path == gone or path.startswith(f"{gone}.") else path

    stale = {f"{row}.{name}" for row in (kept, gone) for name in added}
    return flag.moved(moved, lambda path: None if path in stale else moved(path)) or flag
