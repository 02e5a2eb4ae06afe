"""The same field of many documents: which field a choice means in each, and which records may be worked on."""

from collections.abc import Iterator
from itertools import islice

from review.workflow import RecordFilter, RecordSummary, Status, Workspace
from schemas.document import cells_of, kind_of
from schemas.registry import DOCUMENT_TYPES
from schemas.result import CellState, Extraction
from schemas.values import ValueKind

GROUPS = {
    "total": ("total_amount", "amount_due", "amount_paid", "self_pay_total"),
    "date": ("visit_date", "admission_date", "issue_date"),
    "number": ("receipt_number", "invoice_number"),
    "party": ("hospital_name", "seller_name"),
    "patient": ("patient_name",),
}
"""Choice that means another field in each type → the fields, the first that holds a value."""
_CHOSEN = (ValueKind.CHOICE, ValueKind.YES_NO)
_WAITING = (Status.TO_REVIEW, Status.IN_REVIEW)
_STRIDE = 100


def choices() -> list[str]:
    """Return every choice: the groups, then `type.field` for what is typed."""
    single = [
        f"{kind}.{name}"
        for kind, model in DOCUMENT_TYPES.items()
        for name, declared in cells_of(model).items()
        if kind_of(declared) not in _CHOSEN
    ]
    return [*GROUPS, *single]


def type_of(choice: str) -> str | None:
    """Return the only document type that has the choice, None where all may have it."""
    return choice.partition(".")[0] if "." in choice else None


def path_in(choice: str, extraction: Extraction) -> str | None:
    """Return the field that the choice means in a document, None where its type has no such field."""
    document = extraction.document
    if document is None:
        return None
    fields = cells_of(type(document))
    if "." in choice:
        name = choice.partition(".")[2]
        return name if name in fields and isinstance(document, DOCUMENT_TYPES[choice.partition(".")[0]]) else None
    known = [name for name in GROUPS[choice] if name in fields]
    told = (name for name in known if _holds_something(extraction, name))
    return next(told, known[0] if known else None)


def _holds_something(extraction: Extraction, name: str) -> bool:
    return getattr(extraction.document, name) is not None or extraction.state(name) is CellState.UNREADABLE


def workable(workspace: Workspace, wanted: RecordFilter, user: str, page: int, size: int) -> list[RecordSummary]:
    """Return a page of the records that wait for a person and that nobody else has open."""
    found = _free(workspace, wanted, user)
    return list(islice(found, page * size, (page + 1) * size))


def _free(workspace: Workspace, wanted: RecordFilter, user: str) -> Iterator[RecordSummary]:
    asked = RecordFilter(statuses=_WAITING, batch_id=wanted.batch_id, document_type=wanted.document_type,
                         only_flagged=wanted.only_flagged)  # fmt: skip
    offset = 0
    while summaries := workspace.records(asked, offset, _STRIDE):
        yield from (each for each in summaries if each.lock is None or each.lock.user == user)
        offset += _STRIDE
