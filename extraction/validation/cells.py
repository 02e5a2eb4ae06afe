"""Cells that are empty though the paper must show them, that could not be made out, or that nobody read."""

from collections.abc import Iterator

from extraction.validation.rules import PASSED, Doubt, Facts, Outcome, rule
from schemas.document import field_at, get_cell, is_required, kind_of, lines_of, paths_of
from schemas.result import CellState, Severity, Suggestion
from schemas.values import UNREADABLE, ValueKind

_NEEDED_KINDS = {ValueKind.AMOUNT, ValueKind.POINTS, ValueKind.QUANTITY, ValueKind.DATE}
_FREE_NUMBER_KINDS = {"commercial", "exempt", "cash_register"}


@rule("required_missing")
def check_required(facts: Facts) -> Outcome:
    """The starred fields of the contract; the law wants items and amounts on every receipt (醫療法 §22)."""
    return [_missing(facts, path) for path in _empty_required(facts)] or PASSED


def _empty_required(facts: Facts) -> Iterator[str]:
    model = type(facts.document)
    for path in paths_of(facts.document):
        if is_required(field_at(model, path)) and get_cell(facts.document, path) is None and not facts.is_unknown(path):
            yield path
    for name in lines_of(model):
        if is_required(model.model_fields[name]) and not getattr(facts.document, name) and not facts.is_unknown(name):
            yield name


def _missing(facts: Facts, path: str) -> Doubt:
    suggestions: tuple[Suggestion, ...] = ()
    severity = Severity.ERROR
    if path == "visit_date" and facts.receipt.admission_date:
        value = facts.receipt.admission_date.isoformat()
        suggestions = (Suggestion(path=path, value=value, source="rule"),)
        severity = Severity.INFO  # a stay begins on its first day: such papers print no other date
    if path == "invoice_number" and (
        facts.invoice.currency != "TWD" or facts.invoice.invoice_kind in _FREE_NUMBER_KINDS
    ):
        severity = Severity.WARNING  # shop receipts abroad and 免用統一發票收據 often have no number
    return Doubt(severity, (path,), {}, suggestions)


@rule("unreadable")
def check_unreadable(facts: Facts) -> Outcome:
    """Promise 2: an unreadable cell is none of blank, zero and not read. Dates that are no dates are another rule's."""
    doubts = []
    for path in paths_of(facts.document):
        kind = kind_of(field_at(type(facts.document), path))
        printed = facts.extraction.unparsed.get(path)
        if facts.extraction.state(path) is CellState.UNREADABLE:
            if kind is ValueKind.DATE and printed and UNREADABLE not in printed:
                continue
            needed = kind in _NEEDED_KINDS or is_required(field_at(type(facts.document), path))
            severity = Severity.ERROR if needed else Severity.WARNING
            doubts.append(Doubt(severity, (path,), {"printed": printed or UNREADABLE}))
        elif _has_gap(facts, path, kind):
            doubts.append(Doubt(Severity.WARNING, (path,), {"printed": str(get_cell(facts.document, path))}))
    return doubts


def _has_gap(facts: Facts, path: str, kind: ValueKind) -> bool:
    """Whether a text has a character that the reader could not make out; a question mark at its end is one."""
    value = get_cell(facts.document, path)
    return kind is ValueKind.TEXT and isinstance(value, str) and UNREADABLE in value.rstrip(UNREADABLE)


@rule("not_read")
def check_not_read(facts: Facts) -> Outcome:
    """Promise 2: the layout shows a cell there, but no reader gave it."""
    not_read = [path for path, state in facts.extraction.states.items() if state is CellState.NOT_READ]
    return [Doubt(Severity.ERROR, (path,), {}) for path in not_read]
