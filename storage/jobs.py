"""The machine's side of a record: submitted, read, failed, asked for again. Every write may be repeated safely."""

import datetime as dt
import json
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from schemas.result import Extraction, Reading
from storage import audit, pauses
from storage.queries import get_current, get_row, searched
from storage.records import Status, dump_extraction, dump_reading
from storage.tables import BatchRow, ExtractionRow, OriginalRow, PageReadingRow, ReadingRow, RecordRow
from storage.waits import OPEN as _OPEN
from storage.waits import end_wait, keep_options

CANCELLED = "cancelled"
"""Code of the failure of a document that a person called back."""


def new_id() -> str:
    """Return a short id that nobody can guess."""
    return uuid.uuid4().hex[:16]


def add_batch(
    session: Session, user: str, document_type: str, readers: Sequence[str], options: str | None = None
) -> str:
    """Begin a batch and return its id; `options` is the JSON of what is changed of the readers for it."""
    batch = BatchRow(id=new_id(), created_at=dt.datetime.now(dt.UTC), user=user, document_type=document_type,
                     readers=json.dumps(list(readers)), options=keep_options(session, options))  # fmt: skip
    session.add(batch)
    session.flush()
    return batch.id


def add_record(
    session: Session, batch_id: str, position: int, name: str, sha256: str, failure: str | None = None
) -> RecordRow:
    """Add a document to a batch; `failure` is the code of why its file could not be stored."""
    now = dt.datetime.now(dt.UTC)
    batch = session.get_one(BatchRow, batch_id)
    printable = "".join(letter for letter in name if unicodedata.category(letter) not in ("Cc", "Cs"))
    row = RecordRow(
        id=new_id(), batch_id=batch_id, position=position, name=printable or "?", sha256=sha256,
        duplicate_of=session.scalar(
            select(RecordRow.id).where(RecordRow.sha256 == sha256,
                                       RecordRow.status.not_in((Status.FAILED, Status.SUPERSEDED)))
            .order_by(RecordRow.created_at, RecordRow.position).limit(1)
        ),
        requested_type=batch.document_type, readers=batch.readers, options=batch.options,
        status=Status.FAILED if failure else Status.QUEUED, error_code=failure, created_at=batch.created_at,
        updated_at=now, search=searched(printable),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.append(session, "submitted", batch.user, row.id, {"batch": batch_id, "name": row.name, "sha256": sha256})
    return row


def add_part(
    session: Session, whole: RecordRow, record_id: str, part: int, parts: int, duplicate_of: str | None, user: str
) -> RecordRow:
    """Add the record of a further document on the picture of another record; it is being read as that one is."""
    row = RecordRow(
        id=record_id, batch_id=whole.batch_id, position=whole.position, name=whole.name, sha256=whole.sha256,
        duplicate_of=duplicate_of, requested_type=whole.requested_type, readers=whole.readers, options=whole.options,
        status=Status.READING, created_at=whole.created_at, started_at=whole.started_at, search=whole.search,
        updated_at=dt.datetime.now(dt.UTC),
    )  # fmt: skip
    session.add(row)
    session.flush()
    details = {"of": whole.id, "part": part, "parts": parts, "name": row.name, "sha256": row.sha256}
    audit.append(session, "parted", user, row.id, details)
    return row


def add_original(session: Session, sha256: str, media_type: str, size: int) -> None:
    """Note that the bytes are kept; a second time changes nothing."""
    if session.get(OriginalRow, sha256) is None:
        session.add(OriginalRow(sha256=sha256, media_type=media_type, size=size, created_at=dt.datetime.now(dt.UTC)))
        session.flush()


def begin_reading(session: Session, record_id: str, attempt: int) -> bool:
    """Mark a record as being read; False where the attempt is no longer wanted, or its batch is paused.

    What was being read when a pause began, or when its worker died, is read to its end.
    """
    row = get_row(session, record_id, for_update=True)
    if row.attempt != attempt or row.status not in _OPEN:
        return False
    if row.status == Status.QUEUED and pauses.is_held(session, row.batch_id):
        return False
    now = dt.datetime.now(dt.UTC)
    row.status, row.started_at, row.updated_at = Status.READING, row.started_at or now, now
    return True


def keep_reading(session: Session, row: RecordRow, extraction: Extraction) -> None:
    """Store what the machine saw and made of it, once for each attempt."""
    now = dt.datetime.now(dt.UTC)
    data = dump_extraction(extraction)
    session.add(ExtractionRow(record_id=row.id, attempt=row.attempt, data=data, created_at=now))
    keep_answers(session, row, extraction.readings)
    row.page_count = extraction.page_count
    row.document_type = extraction.document_type


def keep_answers(session: Session, row: RecordRow, readings: Sequence[Reading]) -> None:
    """Add readings to those of the attempt; there are some already where a server went away in the middle."""
    mine = (ReadingRow.record_id == row.id, ReadingRow.attempt == row.attempt)
    first = session.scalar(select(func.count()).select_from(ReadingRow).where(*mine)) or 0
    now = dt.datetime.now(dt.UTC)
    for position, reading in enumerate(readings, first):
        session.add(
            ReadingRow(
                record_id=row.id, attempt=row.attempt, position=position, reader=reading.reader, model=reading.model,
                prompt=reading.prompt, data=dump_reading(reading), created_at=now,
            )
        )  # fmt: skip
    session.flush()


def finish_reading(session: Session, row: RecordRow, extraction: Extraction, data: str, user: str) -> None:
    """Hand a record that was read to the people; `data` is what was stored of it."""
    now = dt.datetime.now(dt.UTC)
    row.status, row.finished_at, row.updated_at = Status.TO_REVIEW, now, now
    end_wait(session, row.id)
    details = {"attempt": row.attempt, "readers": [reading.reader for reading in extraction.readings],
               "extraction_sha256": audit.sha256_of(data)}  # fmt: skip
    audit.append(session, "read", user, row.id, details)


def fail_reading(
    session: Session, record_id: str, attempt: int, code: str, parameters: Mapping[str, str], user: str
) -> bool:
    """Mark a record as failed with its cause; False where the attempt is no longer wanted."""
    row = get_row(session, record_id, for_update=True)
    if row.attempt != attempt or row.status not in _OPEN:
        return False
    _fail(session, row, code, parameters)
    audit.append(session, "failed", user, row.id, {"attempt": attempt, "code": code, "parameters": dict(parameters)})
    return True


def cancel_reading(session: Session, row: RecordRow, user: str) -> bool:
    """Mark a record that nobody wants to be read any more as failed by this person; False where it is not open.

    No state of its own: like any other failure it has a cause in words, and can be read again.
    """
    if row.status not in _OPEN:
        return False
    _fail(session, row, CANCELLED, {"user": user})
    row.version += 1
    audit.append(session, "cancelled", user, row.id, {"attempt": row.attempt})
    return True


def _fail(session: Session, row: RecordRow, code: str, parameters: Mapping[str, str]) -> None:
    """Note the failure; of a record that was read before, the earlier reading stays and waits for a person again."""
    now = dt.datetime.now(dt.UTC)
    row.finished_at = row.updated_at = now
    if get_current(session, row) is None:
        row.status, row.error_code, row.error_parameters = Status.FAILED, code, json.dumps(dict(parameters))
    else:
        row.status = Status.TO_REVIEW
    end_wait(session, row.id)


def queue_page(session: Session, row: RecordRow, user: str, page: int, reader: str, readers: Sequence[str]) -> None:
    """Ask for another attempt that reads one page anew; `readers` is what the document is read by altogether."""
    _queue(row)
    row.readers = json.dumps(list(readers))
    session.add(PageReadingRow(record_id=row.id, attempt=row.attempt, page=page, reader=reader))
    end_wait(session, row.id)
    details = {"attempt": row.attempt, "page": page + 1, "readers": [reader]}
    audit.append(session, "page_read_again", user, row.id, details)


def _queue(row: RecordRow) -> None:
    row.attempt += 1
    row.version += 1
    row.status, row.updated_at = Status.QUEUED, dt.datetime.now(dt.UTC)
    row.started_at = row.finished_at = row.error_code = row.error_parameters = row.locked_by = row.locked_until = None


def queue_again(
    session: Session, row: RecordRow, user: str, readers: Sequence[str] | None = None, options: str | None = None
) -> None:
    """Ask for another attempt, with other readers where some are named; what the earlier ones saw stays."""
    _queue(row)
    if readers is not None:
        row.readers, row.options = json.dumps(list(readers)), keep_options(session, options)
    end_wait(session, row.id)
    details: dict[str, object] = {"attempt": row.attempt}
    if readers is not None:
        details |= {"readers": list(readers), "options": row.options}
    audit.append(session, "retried" if readers is None else "read_again", user, row.id, details)


@dataclass(frozen=True)
class Unread:
    """A document that waits or is being read."""

    record_id: str
    attempt: int
    readers: tuple[str, ...]
    batch_id: str


def find_unread(session: Session, *, paused: bool = False, batch_id: str | None = None) -> list[Unread]:
    """Return what waits or is being read, oldest first: what may go on, or what is queued and `paused`."""
    columns = (RecordRow.id, RecordRow.attempt, RecordRow.readers, RecordRow.batch_id)
    wanted = [RecordRow.status.in_([Status.QUEUED] if paused else _OPEN), pauses.held() if paused else ~pauses.held()]
    wanted += [] if batch_id is None else [RecordRow.batch_id == batch_id]
    query = select(*columns).where(*wanted).order_by(RecordRow.created_at, RecordRow.position)
    return [
        Unread(each, attempt, tuple(json.loads(names)), batch) for each, attempt, names, batch in session.execute(query)
    ]
