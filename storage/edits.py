"""The person's side of a record: locks, steps of correction that can be undone, and the columns that lists search."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from schemas.result import Extraction, Severity
from storage.audit import canonical
from storage.errors import EditConflictError, LockedError, WrongStatusError
from storage.queries import searched, shown_attempt
from storage.records import RecordFlag, Status, dump_extraction, is_locked
from storage.risk import money_at_risk
from storage.tables import CorrectionRow, CurrentRow, RecordRow

REVIEWABLE = (Status.TO_REVIEW, Status.IN_REVIEW)
_COLUMNS = {
    "party": ("hospital_name", "seller_name"),
    "patient": ("patient_name",),
    "date": ("visit_date", "admission_date", "issue_date"),
    "number": ("receipt_number", "invoice_number"),
    "total": ("total_amount", "amount_due", "amount_paid", "self_pay_total"),
    "currency": ("currency",),
}
"""Search column → the fields that fill it, the first that holds a value."""


@dataclass(frozen=True)
class NewChange:
    """One row of a step; `before` and `after` are JSON values."""

    path: str
    before: object
    after: object


def take_lock(row: RecordRow, user: str, minutes: int, *, take_over: bool = False) -> bool:
    """Give the record to a person, or prolong it; True where it was taken from somebody whose lock was in force."""
    now = dt.datetime.now(dt.UTC)
    if row.status not in REVIEWABLE:
        raise WrongStatusError(row.status)
    is_others = is_locked(row, now) and row.locked_by != user
    if is_others and not take_over and row.locked_by is not None and row.locked_until is not None:
        raise LockedError(row.locked_by, row.locked_until)
    row.status, row.locked_by, row.locked_until = Status.IN_REVIEW, user, now + dt.timedelta(minutes=minutes)
    return is_others


def release_lock(row: RecordRow, user: str) -> None:
    """Give the record back to the queue where this person holds it."""
    if row.status == Status.IN_REVIEW and row.locked_by == user:
        row.status, row.locked_by, row.locked_until = Status.TO_REVIEW, None, None


def require_version(row: RecordRow, version: int) -> None:
    """Refuse a change to what is no longer what the person saw."""
    if row.version != version:
        raise EditConflictError(row.version)


def settle(row: RecordRow, status: Status) -> None:
    """Put the record into a status in which nobody holds it."""
    row.status, row.locked_by, row.locked_until = status, None, None
    row.postponed_until = row.sent_to = None
    touch(row)


def touch(row: RecordRow) -> None:
    """Count a change."""
    row.version += 1
    row.updated_at = dt.datetime.now(dt.UTC)


def add_step(session: Session, row: RecordRow, action: str, changes: Sequence[NewChange], user: str, step: int) -> None:
    """Append what was changed together."""
    now = dt.datetime.now(dt.UTC)
    shown = shown_attempt(session, row)
    for change in changes:
        session.add(
            CorrectionRow(
                record_id=row.id, attempt=shown, step=step, action=action, path=change.path,
                before=canonical(change.before), after=canonical(change.after), user=user, at=now,
            )
        )  # fmt: skip
    session.flush()


def repeat_step(
    session: Session, row: RecordRow, made: CorrectionRow, path: str, after: object, step: int | None = None
) -> None:
    """Put a change of an earlier attempt, or of another record, into the present one, as it was made and by whom."""
    session.add(
        CorrectionRow(
            record_id=row.id, attempt=row.attempt, step=made.step if step is None else step, action=made.action,
            path=path, before=made.before, after=canonical(after), user=made.user, at=made.at,
        )
    )  # fmt: skip


def next_step(corrections: Sequence[CorrectionRow]) -> int:
    """Return the number of the next step."""
    return max((row.step for row in corrections), default=0) + 1


def undoable_step(corrections: Sequence[CorrectionRow]) -> int | None:
    """Return the last step in force."""
    return max((row.step for row in corrections if row.undone_at is None), default=None)


def redoable_step(corrections: Sequence[CorrectionRow]) -> int | None:
    """Return the step that was undone last; a newer change closes the way back to older ones."""
    last = undoable_step(corrections) or 0
    return min((row.step for row in corrections if row.undone_at is not None and row.step > last), default=None)


def mark_undone(corrections: Iterable[CorrectionRow], step: int, user: str | None) -> None:
    """Note who took a step back, or that it is in force again (`user` None)."""
    for row in corrections:
        if row.step == step:
            row.undone_by, row.undone_at = user, None if user is None else dt.datetime.now(dt.UTC)


def put_extraction(session: Session, row: RecordRow, extraction: Extraction, flags: Sequence[RecordFlag]) -> str:
    """Store the extraction as it stands with the columns that lists show and search; return its JSON."""
    data = dump_extraction(extraction)
    session.merge(CurrentRow(record_id=row.id, data=data))
    row.document_type = extraction.document_type
    for column, fields in _COLUMNS.items():
        values = (getattr(extraction.document, name, None) for name in fields)
        setattr(row, column, next((value for value in values if value is not None), None))
    row.search = searched(row.name, row.party, row.patient, row.number)
    count = Counter(item.flag.severity for item in flags if item.is_open)
    row.errors, row.warnings, row.infos = count[Severity.ERROR], count[Severity.WARNING], count[Severity.INFO]
    row.risk = money_at_risk(extraction, flags, row.total)
    session.flush()
    return data


def take_place(row: RecordRow) -> None:
    """Fix the record's place in each order of the review queue by what is known of it now."""
    row.priority = -(row.errors * 1000 + row.warnings)
    row.risk_rank = -int(row.risk * 10_000)
