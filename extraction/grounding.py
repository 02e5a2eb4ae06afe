"""A model's reading against the page: the built-in OCR's lines, and the built-in reader's rows and columns.

The built-in reader is the witness: it never saw what the model said. Each value is first sought where the witness read
that cell, then anywhere on the pages. What was found is evidence, what was not is a doubt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from extraction.grounded_rows import RowGrounding
from extraction.page_text import PageText, Place, fold_identifier
from extraction.shaping import Shaped, shape
from extraction.witness import Witness, shown
from schemas.document import cells_of, is_required, kind_of
from schemas.lexicon import fold_name
from schemas.result import Agreement, CellState, Check, Evidence, Flag, Reading, Severity, Suggestion
from schemas.values import ValueKind

LEAST_HOSPITAL, LEAST_TEXT = 90.0, 80.0
"""Likeness at which a name on the page is the name (notes of the OCR: nothing false on clean and light pages)."""
_EXACT = {"patient_name", "doctor"}
"""Persons: at any lower likeness most one-character errors pass."""
_LISTED = {"hospital_name", "seller_name", "buyer_name"}
_UNCHECKED = {"notes", "amount_in_words", "carrier", "currency", "period"}
"""Fields that are not printed as they are read, or that have a rule of their own."""
_NUMBERS = {ValueKind.AMOUNT, ValueKind.POINTS, ValueKind.QUANTITY}
_SURE_KINDS = {ValueKind.AMOUNT, ValueKind.POINTS, ValueKind.DATE, ValueKind.IDENTIFIER}


class Outcome(StrEnum):
    """What became of looking for a value."""

    AGREED = "agreed"
    """The witness read the same in that cell."""
    ONCE = "once"
    SEVERAL = "several"
    OTHER_PLACE = "other_place"
    """It is on the page, but the witness read something else in that cell."""
    OTHER_COLUMN = "other_column"
    ABSENT = "absent"
    UNSURE = "unsure"
    """Not found, where the OCR could not read the page well either."""


_SAID = {
    Outcome.AGREED: Agreement.AGREED,
    Outcome.OTHER_PLACE: Agreement.DIFFER,
    Outcome.OTHER_COLUMN: Agreement.DIFFER,
}


@dataclass
class Grounding:
    """What the page says of a reading."""

    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    @property
    def agreement(self) -> dict[str, Agreement]:
        """What the built-in OCR says of the cells, as one more reading."""
        return {path: _SAID[outcome] for path, outcome in self.outcomes.items() if outcome in _SAID}


def ground(reading: Reading, witness: Reading) -> Grounding:
    """Return what the built-in reader's reading of the same pages says of a model's."""
    found = Grounding()
    if not witness.lines:
        found.checks = [Check(code=code, outcome="cannot_check", reason="no_text_on_page")
                        for code in ("not_on_page", "column_mismatch", "row_missing")]  # fmt: skip
        return found
    document = shape(reading)
    seen = Witness(witness, shape(witness))
    _Header(reading, document, seen, found).run()
    is_same_type = witness.document_type == reading.document_type
    if is_same_type:
        RowGrounding(reading, document, seen, found.evidence, found.flags).run()
    for path in {path for flag in found.flags for path in flag.paths}:
        found.outcomes.setdefault(path, Outcome.ABSENT)
    _note_rows(document, seen, found)
    codes = {flag.code for flag in found.flags}
    for code in ("not_on_page", "column_mismatch", "row_missing"):
        if code != "not_on_page" and not is_same_type:
            found.checks.append(Check(code=code, outcome="cannot_check", reason="no_same_type"))
        elif code == "column_mismatch" and not seen.has_columns:
            found.checks.append(Check(code=code, outcome="cannot_check", reason="no_columns"))
        else:
            found.checks.append(Check(code=code, outcome="failed" if code in codes else "passed"))
    return found


def _note_rows(document: Shaped, seen: Witness, found: Grounding) -> None:
    """Say of the cells of lines what the flags do not: what has evidence was found."""
    flagged = {path: flag for flag in found.flags for path in flag.paths}
    for path in flagged:
        if flagged[path].code == "column_mismatch":
            found.outcomes[path] = Outcome.OTHER_COLUMN
        elif flagged[path].code == "readers_differ":
            found.outcomes[path] = Outcome.OTHER_PLACE
        elif flagged[path].severity is Severity.WARNING:
            found.outcomes[path] = Outcome.UNSURE
    for path, evidence in found.evidence.items():
        if path not in found.outcomes:
            found.outcomes[path] = Outcome.ONCE if len(evidence) == 1 else Outcome.SEVERAL
    for path in seen.agreed:
        if path not in flagged:
            found.outcomes[path] = Outcome.AGREED


class _Header:
    """The cells that stand by themselves."""

    def __init__(self, reading: Reading, document: Shaped, seen: Witness, found: Grounding) -> None:
        self._reading, self._shaped, self._seen, self._found = reading, document, seen, found

    def run(self) -> None:
        for name, declared in cells_of(type(self._shaped.document)).items():
            kind = kind_of(declared)
            if name in _UNCHECKED or kind in (ValueKind.CHOICE, ValueKind.YES_NO):
                if getattr(self._shaped.document, name) == self._seen.value(name) is not None:
                    self._agree(name)
                continue
            if self._shaped.states.get(name) is CellState.UNREADABLE:
                continue
            self._cell(name, kind, is_needed=is_required(declared))

    def _cell(self, name: str, kind: ValueKind, *, is_needed: bool) -> None:
        ours, theirs = getattr(self._shaped.document, name), self._seen.value(name)
        if _is_nothing(ours, kind):
            if not _is_nothing(theirs, kind):
                self._left_out(name, kind, theirs, is_needed=is_needed)
            elif ours is not None or self._seen.evidence(name):
                self._agree(name)
            return
        if same_value(ours, theirs, kind):
            self._agree(name)
            return
        if theirs is not None and any(one.match == "qr" for one in self._seen.evidence(name)):
            self._found.evidence[name] = list(self._seen.evidence(name))
            self._flag("qr_differs", Severity.ERROR, name, theirs, qr=shown(theirs), printed=shown(ours))
            return
        places = find_value(self._seen.page, name, kind, ours)
        printed = str(self._reading.printed(name))
        if not places:
            severity = Severity.WARNING if self._seen.is_unsure(name) else Severity.ERROR
            self._flag("not_on_page", severity, name, theirs, value=shown(ours))
            return
        self._found.evidence[name] = [place.evidence(printed) for place in places[:3]]
        if kind is ValueKind.IDENTIFIER and not any(character.isdigit() for character in str(theirs or "")):
            return  # a label that was taken for the number
        if not _is_nothing(theirs, kind) and not _is_part(ours, theirs, kind):
            self._flag("readers_differ", Severity.WARNING, name, theirs, first=self._reading.reader, value=shown(ours),
                       other=self._seen.reader, other_value=shown(theirs))  # fmt: skip

    def _agree(self, name: str) -> None:
        self._seen.agreed.add(name)
        if evidence := self._seen.evidence(name):
            self._found.evidence[name] = list(evidence)

    def _left_out(self, name: str, kind: ValueKind, theirs: object, *, is_needed: bool) -> None:
        sure = (kind in _SURE_KINDS or is_needed) and not self._seen.is_unsure(name)
        self._flag("left_out", Severity.ERROR if sure else Severity.WARNING, name, theirs, value=shown(theirs))

    def _flag(self, code: str, severity: Severity, name: str, theirs: object, **parameters: str) -> None:
        suggestions: tuple[Suggestion, ...] = ()
        if theirs is not None:
            source = "qr" if code == "qr_differs" else "ocr"
            suggestions = (Suggestion(path=name, value=shown(theirs), source=source),)
        flag = Flag(code=code, severity=severity, paths=(name,), parameters=parameters, suggestions=suggestions)
        self._found.flags.append(flag)


def same_value(ours: object, theirs: object, kind: ValueKind) -> bool:
    """Whether two typed values are one: identifiers but for what OCR confuses, texts but for width and spaces."""
    if ours is None or theirs is None:
        return ours is theirs
    if kind is ValueKind.IDENTIFIER:
        return fold_identifier(str(ours)) == fold_identifier(str(theirs))
    if kind is ValueKind.TEXT:
        return fold_name(str(ours)) == fold_name(str(theirs))
    return ours == theirs


def find_value(page: PageText, name: str, kind: ValueKind, value: Any) -> list[Place]:  # noqa: ANN401 - any cell
    """Return where a value stands on the pages, as exactly as its kind asks for."""
    if kind in _NUMBERS:
        return page.numbers(value)
    if kind is ValueKind.DATE:
        return page.dates(value)
    if kind is ValueKind.IDENTIFIER:
        return page.identifiers(str(value))
    least = 100.0 if name in _EXACT else LEAST_HOSPITAL if name in _LISTED else LEAST_TEXT
    return page.texts(str(value), least)


def _is_nothing(value: object, kind: ValueKind) -> bool:
    return value is None or value == "" or (kind in _NUMBERS and value == 0)


def _is_part(ours: object, theirs: object, kind: ValueKind) -> bool:
    """Whether one text holds the other whole: a name printed with its branch or its title."""
    if kind is not ValueKind.TEXT:
        return False
    one, other = fold_name(str(ours)), fold_name(str(theirs))
    return len(min(one, other, key=len)) >= 3 and (one in other or other in one)


def evidence_of(reading: Reading, grounding: Grounding) -> Mapping[str, list[Evidence]]:
    """Return the evidence of a reading: its own where the page says nothing more."""
    return {**reading.evidence, **grounding.evidence}
