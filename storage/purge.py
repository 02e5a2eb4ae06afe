"""Erases decided records after their time: originals, pages, readings, corrections, names; the chain stays whole."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from storage import audit
from storage.records import Status
from storage.regroupings import is_settled
from storage.tables import (
    BatchRow,
    CorrectionRow,
    CurrentRow,
    DuplicateRow,
    ExtractionRow,
    FingerprintRow,
    HistoryRow,
    OriginalRow,
    PageReadingRow,
    PauseRow,
    ReadingRow,
    RecordRow,
    RegroupedRow,
    RegroupingRow,
    SourceRow,
    WaitRow,
)

PURGEABLE = (Status.APPROVED, Status.REJECTED, Status.FAILED)
"""What a person still has to look at is never erased by its age."""
_OF_A_RECORD = (WaitRow, CurrentRow, ExtractionRow, ReadingRow, CorrectionRow, FingerprintRow, DuplicateRow,
                PageReadingRow, SourceRow, RegroupedRow)  # fmt: skip


def find_old(session: Session, before: dt.datetime, statuses: Sequence[str] = PURGEABLE) -> list[str]:
    """Return the records in these statuses that nobody has changed since."""
    done = or_(RecordRow.status.in_(statuses), and_(RecordRow.status == Status.SUPERSEDED, is_settled()))
    wanted = (done, RecordRow.updated_at < before)
    return list(session.scalars(select(RecordRow.id).where(*wanted).order_by(RecordRow.updated_at, RecordRow.id)))


def erase_record(session: Session, record_id: str, user: str) -> None:
    """Take a record out of every table; of its history only who did what and when is left, sealed as before."""
    row = session.get_one(RecordRow, record_id, with_for_update=True)
    batch_id, status = row.batch_id, row.status
    for table in _OF_A_RECORD:
        session.execute(delete(table).where(table.record_id == record_id))
    session.execute(delete(DuplicateRow).where(DuplicateRow.other_id == record_id))
    session.execute(update(RecordRow).where(RecordRow.duplicate_of == record_id).values(duplicate_of=None))
    session.delete(row)
    session.execute(delete(RegroupingRow).where(RegroupingRow.id.not_in(select(RegroupedRow.regrouping_id))))
    session.flush()
    if session.scalar(select(RecordRow.id).where(RecordRow.batch_id == batch_id).limit(1)) is None:
        session.execute(delete(BatchRow).where(BatchRow.id == batch_id))
        session.execute(delete(PauseRow).where(PauseRow.batch_id == batch_id))
    session.execute(update(HistoryRow).where(HistoryRow.record_id == record_id).values(details=audit.ERASED))
    audit.append(session, audit.PURGED, user, record_id, {"status": status})


def is_old(session: Session, record_id: str, before: dt.datetime) -> bool:
    """Whether a record may still be erased."""
    row = session.get(RecordRow, record_id, with_for_update=True)
    return row is not None and row.status in (*PURGEABLE, Status.SUPERSEDED) and row.updated_at < before


def forget_originals(session: Session, before: dt.datetime) -> list[str]:
    """Take out older originals that no record names any more and return their digests, for the store to erase."""
    unused = select(OriginalRow.sha256).where(
        OriginalRow.sha256.not_in(select(RecordRow.sha256)),
        OriginalRow.sha256.not_in(select(SourceRow.sha256)),
        OriginalRow.created_at < before,
    )
    digests = list(session.scalars(unused))
    session.execute(delete(OriginalRow).where(OriginalRow.sha256.in_(digests)))
    return digests
