"""How a rule is written and run. Adding one: a function with `@rule`, its texts in both locale files, a test."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar, cast

from schemas.document import Document, field_at, get_cell, parse_cell
from schemas.invoice import Invoice
from schemas.medical_receipt import MedicalReceipt
from schemas.result import CellState, Check, Extraction, Flag, Severity, Suggestion
from schemas.values import format_decimal

_UNKNOWN = {CellState.UNREADABLE, CellState.NOT_READ}


@dataclass(frozen=True)
class Doubt:
    """Why a rule failed; becomes a flag with the rule's code."""

    severity: Severity
    paths: tuple[str, ...]
    parameters: dict[str, str]
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True)
class CannotCheck:
    """What is missing for a rule to say anything; `reason` has the text `check.reason.<reason>`."""

    reason: str


Outcome = CannotCheck | Sequence[Doubt]
"""No doubt is a passed check."""

PASSED: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class Facts:
    """The extraction as a rule sees it."""

    extraction: Extraction
    today: dt.date

    @property
    def document(self) -> Document:
        """The document, whatever its type."""
        return cast(Document, self.extraction.document)

    @property
    def receipt(self) -> MedicalReceipt:
        """The document of a rule for medical receipts."""
        return cast(MedicalReceipt, self.extraction.document)

    @property
    def invoice(self) -> Invoice:
        """The document of a rule for invoices."""
        return cast(Invoice, self.extraction.document)

    def is_unknown(self, path: str) -> bool:
        """Whether the cell is printed but was not made out, so that nothing can be computed with it."""
        return self.extraction.state(path) in _UNKNOWN

    def missing(self, path: str, reason: str) -> CannotCheck:
        """Return why a rule cannot use the empty cell: `reason` where nothing is printed, else that it was not read."""
        return CannotCheck("cell_unreadable" if self.is_unknown(path) else reason)

    def alternatives(self, path: str) -> list[object]:
        """Return what evidence and readings say of a cell other than its value; nothing is made up here."""
        field = field_at(type(self.document), path)
        current = get_cell(self.document, path)
        printed: list[object] = [evidence.text for evidence in self.extraction.evidence.get(path, [])]
        printed += [reading.printed(path) for reading in self.extraction.readings]
        found: list[object] = []
        for text in printed:
            try:
                value = parse_cell(field, text)
            except ValueError:
                continue
            if value is not None and value != current and value not in found:
                found.append(value)
        return found


RuleFunction = Callable[[Facts], Outcome]
_Function = TypeVar("_Function", bound=RuleFunction)

_RULES: list[tuple[str, frozenset[str], RuleFunction]] = []


def rule(code: str, *document_types: str) -> Callable[[_Function], _Function]:
    """Register a rule under its flag code for the document types it fits; none named means all."""

    def register(function: _Function) -> _Function:
        _RULES.append((code, frozenset(document_types), function))
        return function

    return register


def rule_codes() -> list[str]:
    """Return the codes of all registered rules."""
    return [code for code, _, _ in _RULES]


def validate(extraction: Extraction, today: dt.date | None = None) -> tuple[list[Flag], list[Check]]:
    """Return the doubts about a document, and the outcome of every rule of its type; a failed file has neither."""
    if extraction.document is None:
        return [], []
    facts = Facts(extraction, today or dt.date.today())
    flags: list[Flag] = []
    checks: list[Check] = []
    for code, document_types, function in _RULES:
        if document_types and extraction.document_type not in document_types:
            continue
        outcome = function(facts)
        if isinstance(outcome, CannotCheck):
            checks.append(Check(code=code, outcome="cannot_check", reason=outcome.reason))
            continue
        checks.append(Check(code=code, outcome="failed" if outcome else "passed"))
        flags += [
            Flag(code=code, severity=doubt.severity, paths=doubt.paths, parameters=doubt.parameters,
                 suggestions=doubt.suggestions)
            for doubt in outcome
        ]  # fmt: skip
    return flags, checks


def plain(value: Decimal) -> str:
    """Return an amount as a flag's parameter."""
    return format_decimal(value) or "0"
