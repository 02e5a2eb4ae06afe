"""The history: appended, never changed, each entry sealed with the hash of the one before it."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.tables import CurrentRow, HistoryHeadRow, HistoryRow, RecordRow

GENESIS = "0" * 64
PURGED = "purged"
"""Action by which a record was erased after its time."""
ERASED = ""
"""Details of the earlier entries of such a record; their digest, which the chain seals, stays."""
Fault = Literal["missing", "previous", "details", "hash", "head", "record"]
"""Why a link does not hold; `record` is a document that is no longer the one a person approved."""


@dataclass(frozen=True)
class HistoryEntry:
    """Who did what to a record, and when."""

    sequence: int
    record_id: str | None
    at: dt.datetime
    user: str
    action: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class BrokenLink:
    """The first entry at which the chain does not hold."""

    sequence: int
    reason: Fault
    record_id: str | None = None


def canonical(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    """Return the one JSON text of a value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_of(text: str) -> str:
    """Return the digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def hold(session: Session) -> None:
    """Let no other transaction append until this one ends: what is looked for next cannot come in beside it."""
    session.scalars(select(HistoryHeadRow).with_for_update()).one()


def append(
    session: Session, action: str, user: str, record_id: str | None = None, details: Mapping[str, Any] | None = None
) -> HistoryEntry:
    """Add an entry in the caller's transaction; take the locks on records before, the head is the last one.

    No other change to any record ends before the transaction does, so what takes time is done before.
    """
    head = session.scalars(select(HistoryHeadRow).with_for_update()).one()
    row = HistoryRow(**link(head.sequence, head.hash, record_id, dt.datetime.now(dt.UTC), user, action, details or {}))
    session.add(row)
    head.sequence, head.hash = row.sequence, row.hash
    session.flush()
    return _entry(row)


def link(
    sequence: int, previous: str, record_id: str | None, at: dt.datetime, user: str, action: str,
    details: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Return the values of the entry behind the one of this number and hash, sealed."""
    text = canonical(details)
    sealed = {
        "sequence": sequence + 1,
        "record_id": record_id,
        "at": at.isoformat(timespec="microseconds"),
        "user": user,
        "action": action,
        "details_sha256": sha256_of(text),
        "previous": previous,
    }
    return {**sealed, "details": text, "hash": sha256_of(canonical(list(sealed.values())))}


def entries(session: Session, record_id: str) -> tuple[HistoryEntry, ...]:
    """Return a record's history, oldest first."""
    rows = session.scalars(select(HistoryRow).where(HistoryRow.record_id == record_id).order_by(HistoryRow.sequence))
    return tuple(map(_entry, rows))


def _entry(row: HistoryRow) -> HistoryEntry:
    at, details = dt.datetime.fromisoformat(row.at), json.loads(row.details or "{}")
    return HistoryEntry(row.sequence, row.record_id, at, row.user, row.action, details)


def find_broken_link(session: Session) -> BrokenLink | None:
    """Recompute the chain and what it says of stored documents; return the first thing that does not hold."""
    previous, sequence = GENESIS, 0
    approved: dict[str, HistoryRow] = {}
    erased: dict[str | None, int] = {}
    query = select(HistoryRow).order_by(HistoryRow.sequence).execution_options(yield_per=1000)
    with closing(session.scalars(query)) as rows:
        for row in rows:
            sequence += 1
            reason = _find_fault(row, sequence, previous)
            if reason is not None:
                return BrokenLink(sequence, reason, row.record_id)
            if row.details == ERASED:
                erased.setdefault(row.record_id, sequence)
            elif row.action == PURGED:
                erased.pop(row.record_id, None)
                approved.pop(row.record_id or "", None)
            elif row.action == "approved" and row.record_id is not None:
                approved[row.record_id] = row
            previous = row.hash
    head = session.scalars(select(HistoryHeadRow)).one_or_none()
    if head is None or (head.sequence, head.hash) != (sequence, previous):
        return BrokenLink(sequence + 1, "head")
    if erased:
        record_id, sequence = min(erased.items(), key=lambda item: item[1])
        return BrokenLink(sequence, "details", record_id)
    return _find_changed_record(session, approved)


def _find_fault(row: HistoryRow, sequence: int, previous: str) -> Fault | None:
    if row.sequence != sequence:
        return "missing"
    if row.previous != previous:
        return "previous"
    if row.details != ERASED and sha256_of(row.details) != row.details_sha256:
        return "details"
    return None if _hash(row) == row.hash else "hash"


def _find_changed_record(session: Session, approved: Mapping[str, HistoryRow]) -> BrokenLink | None:
    """Compare every approved document with the digest that was written when a person approved it."""
    query = select(RecordRow.id, CurrentRow.data).outerjoin(CurrentRow).where(RecordRow.status == "approved")
    query = query.order_by(RecordRow.id)
    with closing(session.execute(query.execution_options(yield_per=200))) as rows:
        for record_id, data in rows:
            entry = approved.get(record_id)
            if entry is None:
                return BrokenLink(0, "record", record_id)
            if json.loads(entry.details)["extraction_sha256"] != sha256_of(data or ""):
                return BrokenLink(entry.sequence, "record", record_id)
    return None


def _hash(row: HistoryRow) -> str:
    """Seal the digest of the details, not the details: they can be erased one day without breaking the chain."""
    return sha256_of(
        canonical([row.sequence, row.record_id, row.at, row.user, row.action, row.details_sha256, row.previous])
    )
