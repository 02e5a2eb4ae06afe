"""A person's changes made again on a new reading: a change follows its row, and what finds no place is told as lost."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from extraction.layout.words import fold
from review.corrections import SWAPPED, Cell, Draft, Step, cell_at, flag_key
from review.rows import equal_rows
from review.whereabouts import Move, Whereabouts
from schemas.document import lines_of
from schemas.registry import DOCUMENT_TYPES
from schemas.result import Extraction, Flag, Severity

_NAMES = ("name", "description")


class Replay:
    """Makes the steps in force on one extraction again on another, one after the other.

    Rows are the same where their names are, printed as often in both readings; else where all amounts in the same
    place are. A typed value is never put into a row that may be another one.
    """

    def __init__(self, old: Extraction, new: Extraction, move: Move | None = None) -> None:
        """Take what the steps were made on, and the new reading; neither is changed.

        `move`: the pages of both are known to be the same, or some of them, and rows are sought page by page.
        """
        self._places = None if move is None else Whereabouts(old, new, move)
        self._old, self._new = Draft(old), Draft(new)
        self._tables: dict[str, _Table] = {}
        self.lost: list[Flag] = []
        if old.document is None or new.document is None or old.document_type != new.document_type:
            return
        for line in lines_of(DOCUMENT_TYPES[new.document_type or ""]):
            rows = getattr(old.document, line), getattr(new.document, line)
            same = self._places.same_rows(line, _same_rows) if self._places else _same_rows(*rows)
            self._tables[line] = _Table(*rows, same, self._places.outside(line) if self._places else ())

    def steps(self, made: Sequence[Step]) -> Iterator[Step | None]:
        """Yield for each step what it is on the new reading: None where it is not needed, or lost."""
        for number, step in enumerate(made):
            moved = self._moved(step, made[number + 1 :]) if self._tables else self._lose(step)
            self._old.apply([step])
            if moved is not None:
                self._new.apply([moved])
            yield moved

    def _moved(self, step: Step, later: Sequence[Step]) -> Step | None:
        kinds: dict[str, Callable[[], Step | None]] = {
            "correct": lambda: self._correct(step),
            "insert_row": lambda: self._insert(step, later),
            "delete_row": lambda: self._delete(step),
            "move_row": lambda: self._move(step),
            "split_row": lambda: self._split(step),
            "merge_rows": lambda: self._merge(step),
            "swap_columns": lambda: self._swap(step),
            "dismiss": lambda: self._dismiss(step),
        }
        return kinds[step.action]()

    def _correct(self, step: Step) -> Step | None:
        line, *rest = step.path.split(".")
        if len(rest) == 2 and rest[1] in _NAMES:
            self._tables[line].bind(int(rest[0]), Cell.model_validate(step.after).text)
        elif not rest and self._places is not None:
            wanted = self._places.scalar(step.path, Cell.model_validate(step.after))
            if wanted != "apply":
                return self._lose(step) if wanted == "lose" else None
        path = self._place(step.path)
        return self._lose(step) if path is None else step._replace(path=path)

    def _insert(self, step: Step, later: Sequence[Step]) -> Step | None:
        line, index = step.path.split(".")
        name = _cell_name(step.after["cells"]) if step.after else _typed_name(step.path, later)
        place = self._tables[line].insert(int(index), name)
        return None if place is None else step._replace(path=f"{line}.{place}")

    def _delete(self, step: Step) -> Step | None:
        line, index = step.path.split(".")
        place = self._tables[line].delete(int(index))
        return None if place is None else step._replace(path=f"{line}.{place}")

    def _move(self, step: Step) -> Step | None:
        line, index = step.path.split(".")
        moved = self._tables[line].move(int(index), step.after["to"])
        if moved is None:
            return self._lose_rows(step)
        return None if moved[0] == moved[1] else Step("move_row", f"{line}.{moved[0]}", {"to": moved[1]})

    def _split(self, step: Step) -> Step | None:
        """Divide the row again where the new reading has it as it was; not where it has both parts already."""
        line, index = step.path.split(".")
        table, row = self._tables[line], int(index)
        place = table.find(row)
        is_same = place is not None and equal_rows(self._old, self._new, line, (row, place))
        names = [_cell_name(step.after[part]) for part in ("first", "second")]
        has_both = table.split(row, names, is_same=is_same)
        if is_same:
            return step._replace(path=f"{line}.{place}")
        return None if has_both else self._lose_rows(step)

    def _merge(self, step: Step) -> Step | None:
        line, index = step.path.split(".")
        table, kept, other = self._tables[line], int(index), step.after["other"]
        places = table.find(kept), table.find(other)
        is_same = None not in places and all(
            equal_rows(self._old, self._new, line, (row, place))
            for row, place in zip((kept, other), places, strict=True) if place is not None
        )  # fmt: skip
        has_one = table.merge(kept, other, _cell_name(step.after["cells"]), is_same=is_same)
        if is_same:
            return step._replace(path=f"{line}.{places[0]}", after={**step.after, "other": places[1]})
        return None if has_one else self._lose_rows(step)

    def _swap(self, step: Step) -> Step | None:
        place = self._place(step.path)
        if place is None:
            return self._lose(step)
        before = [cell_at(self._old.extraction, f"{step.path}.{name}").value for name in SWAPPED]
        now = [cell_at(self._new.extraction, f"{place}.{name}").value for name in SWAPPED]
        if now == before:
            return step._replace(path=place)
        return None if now == before[::-1] else self._lose(step)

    def _dismiss(self, step: Step) -> Step | None:
        """Follow the cells; a doubt about others, or with other facts, is a new one and stays open by itself."""
        flag = Flag.model_validate(step.after)
        paths = [self._place(path) for path in flag.paths]
        if None in paths:
            return None
        moved = flag.model_copy(update={"paths": tuple(path for path in paths if path), "suggestions": ()})
        return Step("dismiss", flag_key(moved), moved.model_dump(mode="json"))

    def _place(self, path: str) -> str | None:
        """Return where a cell, a row or a field is in the new reading."""
        line, *rest = path.split(".")
        if not rest or line not in self._tables:
            return path
        index = self._tables[line].find(int(rest[0]))
        return None if index is None else ".".join([line, str(index), *rest[1:]])

    def _lose_rows(self, step: Step) -> Step | None:
        """Tell that rows stand as the new reading has them."""
        line, index = step.path.split(".")
        if self._tables and self._tables[line].is_outside(int(index)):
            return None
        row = getattr(self._old.extraction.document, line)[int(index)]
        name = next((value for key in _NAMES if (value := getattr(row, key, None))), "–")
        severity = Severity.WARNING if step.action == "move_row" else Severity.ERROR
        self.lost.append(
            Flag(code="rows_lost", severity=severity, paths=(line,), parameters={"name": name, "causes": step.action})
        )
        return None

    def _lose(self, step: Step) -> Step | None:
        """Tell of a change that is lost; what only pointed at something the old reading had is not missed."""
        if step.action in ("move_row", "split_row", "merge_rows"):
            return self._lose_rows(step)
        if step.action not in ("correct", "swap_columns"):
            return None
        line, *rest = step.path.split(".")
        if rest and line in self._tables and self._tables[line].is_outside(int(rest[0])):
            return None
        value = Cell.model_validate(step.after).text if step.action == "correct" else None
        cell = step.path if step.action == "correct" else f"{step.path}.{SWAPPED[0]}"
        self.lost.append(
            Flag(code="correction_lost", severity=Severity.ERROR, paths=(line,) if line in self._tables else (),
                 parameters={"cell": cell, "value": value or "–"})
        )  # fmt: skip
        return None


class _Table:
    """The rows of one list in both readings: a number for each row of the old one, by which it is known in the new."""

    def __init__(
        self, old: Sequence[Any], new: Sequence[Any], found: Mapping[int, int], outside: Iterable[int] = ()
    ) -> None:
        """`outside` are the old rows that stand on pages which the new document does not have: nobody misses them."""
        same = {there: here for here, there in found.items()}
        self._outside = set(outside)
        self._old = list(range(len(old)))
        self._new = [same.get(place, -1 - place) for place in range(len(new))]
        self._names = {-1 - place: _name(row) for place, row in enumerate(new)}
        self._names |= {row: _name(new[place]) for place, row in enumerate(self._new) if row >= 0}
        self._next = len(old)

    def find(self, index: int) -> int | None:
        row = self._old[index] if index < len(self._old) else None
        return self._new.index(row) if row is not None and row in self._new else None

    def is_outside(self, index: int) -> bool:
        return index < len(self._old) and self._old[index] in self._outside

    def bind(self, index: int, name: str | None) -> bool:
        """Take the one row that only the new reading has under this name for a row that is not in it yet."""
        known = [row for row in self._new if row < 0 and name and self._names[row] == fold(name)]
        if len(known) != 1 or self.find(index) is not None or self.is_outside(index):
            return False
        self._new[self._new.index(known[0])] = self._old[index]
        return True

    def insert(self, index: int, name: str | None) -> int | None:
        """Return where the row goes in; None where the new reading has it already."""
        self._old.insert(index, self._next)
        self._next += 1
        if self._outside and (self.is_outside(index - 1) if index else self.is_outside(1)):
            self._outside.add(self._old[index])
            return None
        if self.bind(index, name):
            return None
        before = (place for place in map(self.find, range(index - 1, -1, -1)) if place is not None)
        place = next(before, -1) + 1
        self._new.insert(place, self._old[index])
        return place

    def delete(self, index: int) -> int | None:
        place = self.find(index)
        del self._old[index]
        if place is not None:
            del self._new[place]
        return place

    def move(self, index: int, to: int) -> tuple[int, int] | None:
        """Return from where to where the row goes in the new reading, behind the row that it follows now."""
        row, place = self._old.pop(index), None
        self._old.insert(to, row)
        if row not in self._new:
            return None
        place = self._new.index(row)
        del self._new[place]
        before = (self._new.index(each) for each in reversed(self._old[:to]) if each in self._new)
        goal = next(before, -1) + 1
        self._new.insert(goal, row)
        return place, goal

    def split(self, index: int, names: Sequence[str | None], *, is_same: bool) -> bool:
        """Count a row that was divided; True where the new reading has both parts by their names."""
        place, row = self.find(index), self._next
        self._old.insert(index + 1, row)
        self._next += 1
        if is_same and place is not None:
            self._new.insert(place + 1, row)
            return False
        first = self.bind(index, names[0]) if place is None else self._names_of(place) == fold(names[0] or "")
        return self.bind(index + 1, names[1]) and first

    def merge(self, kept: int, other: int, name: str | None, *, is_same: bool) -> bool:
        """Count two rows that were taken together; True where the new reading has them as one by its name."""
        place, gone = self.find(kept), self.find(other)
        del self._old[other]
        if is_same and gone is not None:
            del self._new[gone]
            return False
        return place is None and gone is None and self.bind(kept if other > kept else kept - 1, name)

    def _names_of(self, place: int) -> str:
        return self._names.get(self._new[place], "")


def _same_rows(old: Sequence[Any], new: Sequence[Any]) -> dict[int, int]:
    names = [_name(row) for row in old], [_name(row) for row in new]
    found: dict[int, int] = {}
    for name in set(names[0]) - {""}:
        here, there = ([index for index, one in enumerate(each) if one == name] for each in names)
        if len(here) == len(there):
            found |= zip(here, there, strict=True)
    if len(old) == len(new):
        taken = set(found.values())
        alike = [index for index, row in enumerate(old) if _amounts(row) and _amounts(row) == _amounts(new[index])]
        found |= {index: index for index in alike if index not in found and index not in taken}
    return found


def _name(row: Any) -> str:  # noqa: ANN401 - a line of any document
    return fold(next((getattr(row, name) for name in _NAMES if getattr(row, name, None)), ""))


def _amounts(row: Any) -> dict[str, Any]:  # noqa: ANN401
    return {name: value for name, value in row if name not in _NAMES and value is not None}


def _cell_name(cells: Mapping[str, Any]) -> str | None:
    """Return the name among the stored cells of a row."""
    return next((Cell.model_validate(cells[name]).text for name in _NAMES if name in cells), None)


def _typed_name(path: str, later: Sequence[Step]) -> str | None:
    """Return the name that a person typed into a row that they had put in."""
    for step in later:
        if step.action not in ("correct", "dismiss", "swap_columns") and step.path.split(".")[0] == path.split(".")[0]:
            return None
        if step.action == "correct" and step.path in (f"{path}.{name}" for name in _NAMES):
            return Cell.model_validate(step.after).text
    return None
