"""The lines of a model's reading against the rows and columns that the built-in reader found on the page."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from extraction.alignment import NUMBERS, Pairs, RowView, align_rows, name_likeness, view_of
from extraction.consensus import missing_row
from extraction.page_text import Place
from extraction.shaping import Shaped
from extraction.validation.vocabulary import is_total_word, judge_fee_name
from extraction.witness import Witness, shown
from schemas.document import DocumentPart, cells_of, kind_of, lines_of
from schemas.layout import BoundingBox
from schemas.lexicon import fold_name
from schemas.result import CellState, Evidence, Flag, Reading, Severity, Suggestion

_SAME_NAME = 80.0
"""Likeness of whole names at which the row's name is that of the page; lower only finds the row."""
_SURELY = 90.0  # likeness at which a name that is even more alike than the row's own is the other row's
_WHOLE_NAME = 2  # characters: 藥費 is a name, 費 is none
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_PAYERS = {"nhi_amount", "copayment_amount", "self_pay_amount"}
_SLANT = 0.6  # of a row's height that its amounts may stand higher or lower on a photo


class RowGrounding:
    """Compares all kinds of lines of one document; fills evidence and flags."""

    def __init__(self, reading: Reading, shaped: Shaped, seen: Witness, evidence: dict[str, list[Evidence]],
                 flags: list[Flag]) -> None:  # fmt: skip
        """Take the reading with its typed document, the witness, and what is to be filled."""
        self._reading, self._shaped, self._seen = reading, shaped, seen
        self._evidence, self._flags = evidence, flags
        self._used: list[Place] = []
        self._unplaced: set[int] = set()
        """Rows that are on the page, but not among those of the witness: nobody saw whose their amounts are."""
        self._placed: set[str] = set()
        self._pairs = Pairs()

    def run(self) -> None:
        """Compare the rows of every kind of line."""
        for line, part in lines_of(type(self._shaped.document)).items():
            ours: list[DocumentPart] = list(getattr(self._shaped.document, line))
            theirs: list[DocumentPart] = self._seen.rows(line)
            views = [view_of(row) for row in ours]
            others = [view_of(row) for row in theirs]
            pairs = self._pairs = align_rows(views, others)
            cells = list(cells_of(part))
            for index, other in pairs.both.items():
                self._name(f"{line}.{index}.", f"{line}.{other}.", cells[0])
                self._amounts(line, index, other, ours[index], theirs[other])
            for index in pairs.only_first:
                is_copy = any(views[other] == views[index] for other in pairs.both)
                self._alone(line, index, views[index], pairs, is_copy=is_copy)
            for other in pairs.only_second:
                self._missing(line, other, theirs[other], pairs)
            self._doubt_columns(line, pairs)
            self._unplaced.clear()

    def _doubt_columns(self, line: str, pairs: Pairs) -> None:
        """Doubt whose the amounts are where the page does not tell; sums that hold settle it (`arbitration`)."""
        payers = [cell for cell in self._cells(line) if cell in _PAYERS]
        paths = []
        for index in range(len(pairs.both) + len(pairs.only_first)):
            for path in (f"{line}.{index}.{cell}" for cell in payers):
                is_open = self._is_open(path, pairs)
                is_told = path in self._placed or (
                    self._seen.has_columns and not is_open and index not in self._unplaced
                )
                if (self._ours(path) or is_open) and not is_told:
                    paths.append(path)
        if not payers and self._unplaced and not pairs.both:
            paths = [line]  # one doubt about the table, not one a row: the witness does not understand it
        if paths:
            self._flags.append(Flag(code="layout_unsure", severity=Severity.WARNING, paths=tuple(paths)))

    def _note_column(self, path: str, places: Sequence[Place]) -> None:
        """Note an amount that stands under others of its payer: the column tells whose it is, as it does of theirs."""
        line, _, cell = path.split(".")
        if self._seen.has_columns and len(places) == 1 and self._seen.payer_of(places[0], line, _PAYERS) == cell:
            self._placed.add(path)

    def _is_open(self, path: str, pairs: Pairs) -> bool:
        """Whether something is printed in the row that the witness could not give to a payer."""
        line, index, cell = path.split(".")
        other = pairs.both.get(int(index))
        return other is not None and self._seen.is_unknown(f"{line}.{other}.{cell}")

    # -- a row that both have

    def _name(self, prefix: str, other: str, cell: str) -> None:
        ours, theirs = self._ours(prefix + cell), self._seen.value(other + cell)
        if not ours or self._shaped.states.get(prefix + cell) is CellState.UNREADABLE:
            return
        likeness = name_likeness(fold_name(ours), fold_name(theirs)) if theirs else 0.0
        if likeness >= _SAME_NAME or _is_same_but_latin(ours, theirs):
            near = likeness < 100
            if near and self._is_name_of_another(prefix, other, ours, likeness):
                self._differ(prefix + cell, ours, theirs)
                return
            self._take(prefix + cell, other + cell, near=near)
            return
        path, places = prefix + cell, self._seen.page.texts(ours, _SAME_NAME)
        if not theirs or "?" in theirs:
            if places:
                self._evidence[path] = [place.evidence(ours) for place in places[:3]]
                return
            self._flag("not_on_page", Severity.WARNING, [path], {path: None}, value=ours)
            return
        if places:
            self._evidence[path] = [place.evidence(ours) for place in places[:3]]
            self._differ(path, ours, theirs)
            return
        severity = Severity.WARNING if self._seen.is_unsure(other + cell) else Severity.ERROR
        self._flag("not_on_page", severity, [path], {path: theirs}, value=ours)

    def _is_name_of_another(self, prefix: str, other: str, name: str, likeness: float) -> bool:
        """Whether another row of the page is rather called so: 證明書費 is much like 診斷證明書費 below it."""
        line, _, cell = (prefix + self._cells(prefix.split(".")[0])[0]).split(".")
        rows = range(len(self._seen.rows(line)))
        names = {fold_name(str(self._seen.value(f"{line}.{row}.{cell}"))) for row in rows if f"{line}.{row}." != other}
        return any(name_likeness(fold_name(name), one) > max(likeness, _SURELY) for one in names)

    def _amounts(self, line: str, index: int, other: int, row: DocumentPart, seen: DocumentPart) -> None:
        names = [cell for cell, declared in cells_of(type(row)).items() if kind_of(declared) in NUMBERS]
        ours = {cell: getattr(row, cell) or Decimal(0) for cell in names}
        theirs = {cell: getattr(seen, cell) or Decimal(0) for cell in names}
        prefix, other_prefix = f"{line}.{index}.", f"{line}.{other}."
        open_cells = []
        for cell in names:
            if self._shaped.states.get(prefix + cell) is CellState.UNREADABLE:
                continue
            if ours[cell] == theirs[cell] and not (not ours[cell] and self._seen.is_unknown(other_prefix + cell)):
                self._take(prefix + cell, other_prefix + cell)
            else:
                open_cells.append(cell)
        moved = _moved(open_cells, ours, theirs)
        if moved:
            unsure = any(self._seen.is_unsure(other_prefix + cell) for cell in moved)
            values = {prefix + cell: shown(getattr(seen, cell)) if getattr(seen, cell) is not None else None
                      for cell in moved}  # fmt: skip
            self._flag("column_mismatch", Severity.WARNING if unsure else Severity.ERROR, list(values), values,
                       name=str(next(iter(dict(row).values())) or "?"))  # fmt: skip
        for cell in open_cells:
            if cell not in moved:
                self._amount(prefix + cell, other_prefix + cell, ours[cell], theirs[cell], line, other)

    def _amount(self, path: str, other: str, ours: Decimal, theirs: Decimal, line: str, row: int) -> None:
        unsure = self._seen.is_unsure(other)
        if not ours:
            if theirs:
                severity = Severity.WARNING if unsure else Severity.ERROR
                self._flag("left_out", severity, [path], {path: shown(theirs)}, value=shown(theirs))
            return
        places = self._in_row(ours, line, row)
        loose = self._seen.loose(line, row)
        if places and (theirs or not loose or ours in loose):  # a neighbour's amount may reach into the row
            self._evidence[path] = [place.evidence(str(self._reading.printed(path))) for place in places[:2]]
            self._note_column(path, places)
            says_payer = path.rsplit(".", 1)[-1] in _PAYERS and self._seen.has_columns
            if theirs or (says_payer and not unsure):
                self._differ(path, shown(ours), shown(theirs) if theirs else None)
            return
        if not theirs and (found := self._in_second_group(path, ours, line)):
            self._evidence[path] = [found.evidence(str(self._reading.printed(path)))]
            return
        severity = Severity.WARNING if unsure else Severity.ERROR
        other_amount = theirs or self._only_loose(path, line, row)
        self._flag("not_on_page", severity, [path], {path: shown(other_amount) if other_amount else None},
                   value=shown(ours))  # fmt: skip

    def _only_loose(self, path: str, line: str, row: int) -> Decimal | None:
        """Return the one amount in the row of the page that neither a payer nor another cell of ours has."""
        prefix = path.rpartition(".")[0] + "."
        said = {self._ours(prefix + cell) for cell in self._cells(line)}
        free = [amount for amount in self._seen.loose(line, row) if amount not in said]
        return free[0] if len(free) == 1 else None

    def _in_second_group(self, path: str, value: Decimal, line: str) -> Place | None:
        """Return where the amount stands beside the row's name in a part of the page that the witness left out."""
        name = str(self._ours(".".join([*path.split(".")[:2], self._cells(line)[0]])) or "")
        for place in self._free_names(line, name, self._pairs):
            if found := self._beside(place, value):
                return found[0]
        return None

    def _in_row(self, value: Decimal, line: str, row: int) -> list[Place]:
        places = self._seen.page.numbers(value)
        where = self._seen.row_box(line, row)
        return places if where is None else [place for place in places if _is_beside(place, *where)]

    # -- a row that only one has

    def _alone(self, line: str, index: int, view: RowView, pairs: Pairs, *, is_copy: bool) -> None:
        """Look for a row that the witness does not have: on the page by name with its amounts beside, or nowhere."""
        prefix = f"{line}.{index}."
        cells = [prefix + cell for cell in self._cells(line)]
        if not view.name and not view.numbers:
            return
        name = str(self._ours(cells[0]) or "")
        names = self._free_names(line, name, pairs)
        for place in names:
            beside = {cell: self._beside(place, value) for cell, value in view.numbers.items()}
            if is_copy:  # its amounts must be printed once more, not only be in the line of the first
                beside = {cell: self._free(found, line, pairs.both.values()) for cell, found in beside.items()}
            if all(beside.values()):
                self._used.append(place)
                self._unplaced.add(index)
                self._evidence[cells[0]] = [place.evidence(name)]
                for cell, found in beside.items():
                    self._note_column(prefix + cell, found)
                    self._evidence[prefix + cell] = [found[0].evidence(str(self._reading.printed(prefix + cell)))]
                return
        if self._is_in_other_list(line, view):
            return
        if names and not is_copy and all(map(self._seen.page.numbers, view.numbers.values())):
            self._used.append(names[0])
            self._evidence[cells[0]] = [names[0].evidence(name)]
            self._unplaced.add(index)
            return
        told = [path for path in cells if self._ours(path) not in (None, 0)]
        unsure = self._seen.is_poor or not pairs.both or not self._seen.has_columns
        self._flag("row_invented", Severity.WARNING if unsure else Severity.ERROR, told, {}, name=name or "?")

    def _free_names(self, line: str, name: str, pairs: Pairs) -> list[Place]:
        """Return where the name stands on the page and no other row of the reading was found."""
        cell = self._cells(line)[0]
        taken = [one for row in pairs.both.values() for one in self._seen.evidence(f"{line}.{row}.{cell}")]
        return [
            place
            for place in self._seen.page.texts(name, _SAME_NAME)
            if place not in self._used
            and not any(one.page == place.line.page and one.box.overlaps(place.box) for one in taken)
        ]

    def _beside(self, name: Place, value: Decimal) -> list[Place]:
        return [place for place in self._seen.page.numbers(value) if _is_beside(place, name.line.page, name.box)]

    def _free(self, places: Sequence[Place], line: str, rows: Iterable[int]) -> list[Place]:
        """Leave out the places where the witness read a cell of these rows."""
        paths = (f"{line}.{row}.{cell}" for row in rows for cell in self._cells(line)[1:])
        taken = [one for path in paths for one in self._seen.evidence(path)]
        return [place for place in places
                if not any(one.page == place.line.page and one.box.overlaps(place.box) for one in taken)]  # fmt: skip

    def _is_in_other_list(self, line: str, view: RowView) -> bool:
        """Whether the witness has the row under another kind of line (a copayment in the table, or below it)."""
        amounts = set(view.numbers.values())
        for other in lines_of(type(self._shaped.document)):
            if other == line:
                continue
            for row in map(view_of, self._seen.rows(other)):
                if name_likeness(row.name, view.name) >= _SAME_NAME and amounts == set(row.numbers.values()):
                    return True
        return False

    def _missing(self, line: str, other: int, row: DocumentPart, pairs: Pairs) -> None:
        """Offer a row that the page shows and the reading lacks, unless another kind of line has it."""
        view = view_of(row)
        if not view.name or is_total_word(view.name) or not self._is_shown(line, other, view):
            return
        if self._has_elsewhere(line, view):
            return
        prefix = f"{line}.{other}."
        unsure = not view.numbers or view.name == "?"
        unsure = unsure or any(self._seen.is_unsure(prefix + cell) for cell in self._cells(line))
        before = [index for index, seen in pairs.both.items() if seen < other]
        at = max(before, default=-1) + 1
        severity = Severity.WARNING if unsure else Severity.ERROR
        self._flags.append(
            missing_row(line, at, row, "ocr", severity, lambda cell: tuple(self._seen.evidence(prefix + cell)),
                        self._seen.loose(line, other))
        )  # fmt: skip

    def _is_shown(self, line: str, other: int, view: RowView) -> bool:
        """Whether the row has an amount on the page; one of no payer only counts beside a fee that the list knows."""
        name, *cells = (f"{line}.{other}.{cell}" for cell in self._cells(line))
        if any(self._seen.evidence(path) for path in cells):
            return True
        if not self._seen.loose(line, other) or judge_fee_name(str(self._seen.value(name)))[0] == "unknown":
            return False
        return all(one.name != view.name for one in map(view_of, getattr(self._shaped.document, line)))

    def _has_elsewhere(self, line: str, view: RowView) -> bool:
        document, amounts = self._shaped.document, set(view.numbers.values())
        for other in lines_of(type(document)):
            for row in map(view_of, getattr(document, other)):
                if other != line and name_likeness(row.name, view.name) >= _SAME_NAME and (
                    amounts <= set(row.numbers.values())
                ):  # fmt: skip
                    return True
        total = getattr(document, "copayment_total", None)
        return line == "copayments" and len(amounts) == 1 and total in amounts

    # -- what all use

    def _cells(self, line: str) -> list[str]:
        return list(cells_of(lines_of(type(self._shaped.document))[line]))

    def _ours(self, path: str) -> Any:  # noqa: ANN401 - whatever the cell holds
        line, index, cell = path.split(".")
        return getattr(getattr(self._shaped.document, line)[int(index)], cell)

    def _take(self, path: str, other: str, *, near: bool = False) -> None:
        """Take over where the witness read the same."""
        evidence = self._seen.evidence(other)
        if evidence:
            self._evidence[path] = [
                one.model_copy(update={"match": "near"}) if near and one.match != "qr" else one for one in evidence
            ]
        if not near:
            self._seen.agreed.add(path)

    def _differ(self, path: str, ours: str, theirs: str | None) -> None:
        self._flag("readers_differ", Severity.WARNING, [path], {path: theirs}, first=self._reading.reader, value=ours,
                   other=self._seen.reader, other_value=theirs or "–")  # fmt: skip

    def _flag(self, code: str, severity: Severity, paths: Sequence[str], values: Mapping[str, str | None],
              **parameters: str) -> None:  # fmt: skip
        suggestions = tuple(Suggestion(path=path, value=value, source="ocr") for path, value in values.items()
                            if value is not None or code in ("column_mismatch", "readers_differ"))  # fmt: skip
        self._flags.append(Flag(code=code, severity=severity, paths=tuple(paths), parameters=parameters,
                                suggestions=suggestions))  # fmt: skip


def _is_same_but_latin(ours: str, theirs: str | None) -> bool:
    """Whether the page's name is ours with its English name, a number or a speck read into it."""
    one, other = fold_name(ours), fold_name(theirs or "")
    before, found, after = other.partition(one)
    return bool(found) and len(one) >= _WHOLE_NAME and not _CHINESE.search(before + after)


def _moved(cells: Sequence[str], ours: Mapping[str, Decimal], theirs: Mapping[str, Decimal]) -> list[str]:
    """Return the cells whose amounts stand under one another's column on the page, or were thrown together in one."""
    moved: set[str] = set()
    for one in cells:
        for other in cells:
            if one == other or not ours[one]:
                continue
            if ours[one] == theirs[other] or (not ours[other] and ours[one] == theirs[one] + theirs[other]):
                moved |= {one, other}
    return [cell for cell in cells if cell in moved]


def _is_beside(place: Place, page: int, box: BoundingBox) -> bool:
    """Whether the place is in the line of the box, the slant of a photo allowed for."""
    if place.line.page != page:
        return False
    slack = _SLANT * min(max(place.box.height, 1e-6), max(box.height, 1e-6))
    return box.top - slack <= place.box.center[1] <= box.bottom + slack
