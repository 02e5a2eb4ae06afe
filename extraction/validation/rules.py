"""How a rule is written and run. Adding one: a function with `@rule`, its texts in both locale files, a test."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar, cast

from extraction.validation.apart import Fault, run_apart
from schemas.document import Document, field_at, get_cell, lines_of, parse_cell
from schemas.invoice import Invoice
from schemas.medical_receipt import MedicalReceipt
from schemas.result import CellState, Check, Extraction, Flag, Severity, Suggestion, Words
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
    """What is missing for a rule to say anything; `reason` has the text `check.reason.<reason>`, or is the text."""

    reason: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What stands in the holes of that text; a cell's path becomes its name."""


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

    def lacking(self, path: str) -> CannotCheck:
        """Return why a rule cannot use the empty cell, naming it."""
        return CannotCheck("value_unread" if self.is_unknown(path) else "value_missing", {"cell": path})

    def alternatives(self, path: str) -> list[object]:
        """Return what evidence and readings say of a cell other than its value; nothing is made up here."""
        declared = field_at(type(self.document), path)
        current = get_cell(self.document, path)
        printed: list[object] = [evidence.text for evidence in self.extraction.evidence.get(path, [])]
        printed += [reading.printed(path) for reading in self.extraction.readings]
        found: list[object] = []
        for text in printed:
            try:
                value = parse_cell(declared, text)
            except ValueError:
                continue
            if value is not None and value != current and value not in found:
                found.append(value)
        return found


RuleFunction = Callable[[Facts], Outcome]
_Function = TypeVar("_Function", bound=RuleFunction)


@dataclass(frozen=True)
class Rule:
    """One rule as it is registered; `words` are the texts of a rule that the locale files do not know."""

    code: str
    document_types: frozenset[str]
    function: RuleFunction
    words: Words | None = None
    file: str = ""
    """Where an office's rule stands."""

    def fits(self, document_type: str | None) -> bool:
        """Whether it is for documents of this type."""
        return not self.document_types or document_type in self.document_types

    @property
    def source(self) -> str:
        """What the rule is founded on: the first line of its docstring."""
        return (self.function.__doc__ or "").strip().partition("\n")[0]


_RULES: list[Rule] = []
_office: tuple[Rule, ...] = ()
_registering: list[Rule] = _RULES
OFFICE = "office."
"""Codes of an office's own rules begin so."""


def rule(
    code: str, *document_types: str, title: Mapping[str, str] | str = "", text: Mapping[str, str] | str = ""
) -> Callable[[_Function], _Function]:
    """Register a rule under its flag code for the document types it fits; none named means all.

    `title` and `text` are an office's own words, by language or one for all; ours are in the locale files.
    """
    words = Words(title=by_language(title), text=by_language(text)) if title or text else None

    def register(function: _Function) -> _Function:
        _registering.append(Rule(code, frozenset(document_types), function, words))
        return function

    return register


def by_language(text: Mapping[Any, str] | str) -> dict[str, str]:
    """Return a text by language; one that stands for all has the key `*`."""
    return ({"*": text} if text else {}) if isinstance(text, str) else dict(text)


@contextmanager
def registering() -> Iterator[list[Rule]]:
    """Give the list of the rules that are registered meanwhile, and register them nowhere else."""
    global _registering
    found: list[Rule] = []
    _registering = found
    try:
        yield found
    finally:
        _registering = _RULES


def put_office_rules(rules: Sequence[Rule]) -> None:
    """Let an office's rules run behind ours, in the place of those put before."""
    global _office
    _office = tuple(rules)


def rules_in_force() -> tuple[Rule, ...]:
    """Return all rules in the order in which they run."""
    return (*_RULES, *_office)


def rule_codes() -> list[str]:
    """Return the codes of all registered rules."""
    return [each.code for each in rules_in_force()]


def is_rule(code: str) -> bool:
    """Whether a flag or check of this code comes of a rule that runs, or of an office's that ran once."""
    return code == "rule_failed" or code.startswith(OFFICE) or code in rule_codes()


def validate(extraction: Extraction, today: dt.date | None = None) -> tuple[list[Flag], list[Check]]:
    """Return the doubts about a document, and the outcome of every rule of its type; a failed file has neither.

    A rule that fails costs only itself. An office's rules see a copy, so that none changes a value.
    """
    if extraction.document is None:
        return [], []
    ran = run_rules(_RULES, extraction, today) + (run_rules(_office, _copy(extraction), today) if _office else [])
    return [flag for flags, _ in ran for flag in flags], [check for _, check in ran]


def run_rules(
    rules: Sequence[Rule], extraction: Extraction, today: dt.date | None = None
) -> list[tuple[list[Flag], Check]]:
    """Return the flags and the outcome of each of these rules that is for a document of this type."""
    facts = Facts(extraction, today or dt.date.today())
    return [run_rule(each, facts) for each in rules if each.fits(extraction.document_type)]


def run_rule(each: Rule, facts: Facts) -> tuple[list[Flag], Check]:
    """Return the flags and the outcome of one rule; where it fails, that is the outcome and a flag of its own."""
    result = run_apart(f"rule {each.code}", lambda: _run(each, facts))
    if not isinstance(result, Fault):
        return result
    failed = Flag(code="rule_failed", severity=Severity.WARNING, parameters={"rule": each.code}, words=each.words)
    return [failed], Check(code=each.code, outcome="cannot_check", reason="rule_failed", words=each.words)


def _run(each: Rule, facts: Facts) -> tuple[list[Flag], Check]:
    outcome, words = each.function(facts), each.words
    if isinstance(outcome, CannotCheck):
        return [], Check(code=each.code, outcome="cannot_check", reason=outcome.reason,
                         parameters=dict(outcome.parameters), words=words)  # fmt: skip
    flags = [
        Flag(code=each.code, severity=doubt.severity, paths=doubt.paths, parameters=doubt.parameters,
             suggestions=doubt.suggestions, words=words)
        for doubt in outcome
    ]  # fmt: skip
    for path in {path for flag in flags for path in flag.paths} if each.code.startswith(OFFICE) else ():
        _require_place(facts.document, path)
    return flags, Check(code=each.code, outcome="failed" if flags else "passed", words=words)


def _require_place(document: Document, path: str) -> None:
    """Raise KeyError where a path names neither a cell, nor a table, nor one of its lines."""
    table, _, index = path.partition(".")
    lines = getattr(document, table) if table in lines_of(type(document)) else None
    if lines is None or (index and not (index.isdigit() and int(index) < len(lines))):
        get_cell(document, path)


def _copy(extraction: Extraction) -> Extraction:
    """Return the extraction with all that a rule could change by mistake as its own."""
    readings = [seen.model_copy(update={"values": deepcopy(seen.values)}) for seen in extraction.readings]
    evidence = {path: list(found) for path, found in extraction.evidence.items()}
    own = {"document": extraction.document.model_copy(deep=True) if extraction.document else None,
           "states": dict(extraction.states), "unparsed": dict(extraction.unparsed), "evidence": evidence,
           "readings": readings, "flags": list(extraction.flags), "checks": list(extraction.checks)}  # fmt: skip
    return extraction.model_copy(update=own)


def plain(value: Decimal) -> str:
    """Return an amount as a flag's parameter."""
    return format_decimal(value) or "0"
