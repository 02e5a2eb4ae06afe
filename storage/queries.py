"""What lists and counters ask of the database."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.orm import Session

from schemas.result import Reading
from schemas.values import normalize
from storage.errors import RecordNotFoundError
from storage.pauses import Pauses
from storage.records import (
    BatchFailure,
    BatchSummary,
    Pause,
    RecordFilter,
    RecordSummary,
    Status,
    StoredReading,
    Wait,
    load_extraction,
    load_reading,
    summary_of,
)
from storage.review_queue import PLACES, is_expired, is_postponed
from storage.tables import BatchRow, CorrectionRow, CurrentRow, ExtractionRow, ReadingRow, RecordRow
from storage.waits import Waits

_LONGEST = 150
"""Letters of each part of the searched text: PostgreSQL takes no more than 2,700 bytes into an index."""
_UNREAD = (Status.QUEUED, Status.READING)
_COUNTED = tuple(status for status in Status if status is not Status.SUPERSEDED)


def now() -> dt.datetime:
    """Return this moment."""
    return dt.datetime.now(dt.UTC)


def fold(text: str) -> str:
    """Return a text as it is searched."""
    return normalize(text).casefold()


def searched(*parts: str | None) -> str:
    """Return what a record is found by, each part of it cut where it is far longer than such a text is."""
    return fold(" ".join(part[:_LONGEST] for part in parts if part))[: _LONGEST * 4]


def get_row(session: Session, record_id: str, *, for_update: bool = False) -> RecordRow:
    """Return the row of a record."""
    row = session.get(RecordRow, record_id, with_for_update=for_update or None)
    if row is None:
        raise RecordNotFoundError(id=record_id)
    return row


def get_rows(session: Session, ids: Sequence[str], *, for_update: bool = False) -> list[RecordRow]:
    """Return rows in the order of the ids given; locks are taken in one order, so that two callers cannot block."""
    rows = {record_id: get_row(session, record_id, for_update=for_update) for record_id in sorted(set(ids))}
    return [rows[record_id] for record_id in ids]


def shown_attempt(session: Session, row: RecordRow) -> int:
    """Return the last attempt that was read: a newer one may be asked for, or have failed."""
    read = session.scalar(select(func.max(ExtractionRow.attempt)).where(ExtractionRow.record_id == row.id))
    return row.attempt if read is None else read


def get_base(session: Session, row: RecordRow) -> str | None:
    """Return the JSON of what the machine made of the record in the attempt that it shows."""
    base = session.get(ExtractionRow, (row.id, shown_attempt(session, row)))
    return None if base is None else base.data


def get_current(session: Session, row: RecordRow) -> str | None:
    """Return the JSON of the record's extraction as it stands; None until it was read."""
    current = session.get(CurrentRow, row.id)
    return None if current is None else current.data


def get_corrections(session: Session, row: RecordRow) -> list[CorrectionRow]:
    """Return all corrections of the attempt that is shown in the order they were made, the undone ones too."""
    shown = shown_attempt(session, row)
    query = select(CorrectionRow).where(CorrectionRow.record_id == row.id, CorrectionRow.attempt == shown)
    return list(session.scalars(query.order_by(CorrectionRow.id)))


def find_readings(session: Session, record_id: str) -> tuple[StoredReading, ...]:
    """Return everything that readers saw of a record, attempt by attempt."""
    query = select(ReadingRow).where(ReadingRow.record_id == record_id)
    return tuple(
        StoredReading(attempt=row.attempt, position=row.position, at=row.created_at, reading=load_reading(row.data))
        for row in session.scalars(query.order_by(ReadingRow.attempt, ReadingRow.position))
    )


def find_shown_readings(session: Session, row: RecordRow) -> list[Reading]:
    """Return the readings that the shown attempt was made of, whole; some may be of an attempt before."""
    base, shown = get_base(session, row), shown_attempt(session, row)
    found: list[Reading] = []
    for name in [] if base is None else [reading.reader for reading in load_extraction(base).readings]:
        query = select(ReadingRow).where(
            ReadingRow.record_id == row.id, ReadingRow.reader == name, ReadingRow.attempt <= shown
        )
        rows = session.scalars(query.order_by(ReadingRow.attempt.desc(), ReadingRow.position.desc()))
        readings = (load_reading(each.data) for each in rows)
        found += [reading for reading in (next((each for each in readings if each.values), None),) if reading]
    return found


def count_by_status(session: Session, now: dt.datetime) -> dict[str, int]:
    """Return how many records are in each status, every status named but that of records which count no more."""
    counts = {status.value: 0 for status in _COUNTED}
    for status, number in session.execute(select(RecordRow.status, func.count()).group_by(RecordRow.status)):
        if status in counts:
            counts[status] = number
    expired = session.scalar(select(func.count()).select_from(RecordRow).where(is_expired(now))) or 0
    counts[Status.IN_REVIEW] -= expired
    counts[Status.TO_REVIEW] += expired
    return counts


def find_records(
    session: Session, wanted: RecordFilter, now: dt.datetime, offset: int, limit: int
) -> list[RecordSummary]:
    """Return a page of the records: newest batch first, in it as they were submitted, or in an order of the queue."""
    query = select(RecordRow.id).where(*_conditions(wanted, now))
    recent = (RecordRow.created_at.desc(), RecordRow.batch_id, RecordRow.position)
    query = query.order_by(*(recent if wanted.order == "recent" else PLACES[wanted.order]))
    ids = list(session.scalars(query.offset(offset).limit(limit)))  # first: an index finds them without the rows before
    rows = {row.id: row for row in session.scalars(select(RecordRow).where(RecordRow.id.in_(ids)))}
    waits, pauses = Waits(session), Pauses(session)
    found = [rows[record_id] for record_id in ids if record_id in rows]  # one may be erased in between
    return [summary_of(row, now, waits.of(row), pauses.of(row.batch_id)) for row in found]


def count_records(session: Session, wanted: RecordFilter, now: dt.datetime) -> int:
    """Return how many records the filter lets through."""
    return session.scalar(select(func.count()).select_from(RecordRow).where(*_conditions(wanted, now))) or 0


def has_file(session: Session, sha256: str, name: str) -> bool:
    """Whether a record that has not failed holds these bytes under this name."""
    same = (RecordRow.sha256 == sha256, RecordRow.name == name, RecordRow.status != Status.FAILED)
    return session.scalar(select(RecordRow.id).where(*same).limit(1)) is not None


def find_open(session: Session, wanted: str) -> list[RecordRow]:
    """Return the queued and the read ones of a batch, or the record of this id, locked for a change."""
    query = select(RecordRow).where(or_(RecordRow.batch_id == wanted, RecordRow.id == wanted))
    query = query.where(RecordRow.status.in_(_UNREAD)).order_by(RecordRow.id).with_for_update()
    return list(session.scalars(query))


def find_batches(session: Session, now: dt.datetime, limit: int) -> list[BatchSummary]:
    """Return the newest batches with their progress."""
    batches = list(session.scalars(select(BatchRow).order_by(BatchRow.created_at.desc(), BatchRow.id).limit(limit)))
    ids = [batch.id for batch in batches]
    counts: dict[str, dict[Status, int]] = defaultdict(lambda: dict.fromkeys(Status, 0))
    times: dict[str, list[tuple[dt.datetime | None, dt.datetime | None]]] = defaultdict(list)
    query = (
        select(RecordRow.batch_id, RecordRow.status, is_expired(now).label("is_expired"), func.count(),
               func.min(RecordRow.started_at), func.max(RecordRow.finished_at))
        .where(RecordRow.batch_id.in_(ids))
        .group_by(RecordRow.batch_id, RecordRow.status, text("is_expired"))
    )  # fmt: skip
    for batch_id, status, ran_out, number, started, finished in session.execute(query):
        counts[batch_id][Status.TO_REVIEW if ran_out else Status(status)] += number
        times[batch_id].append((started, finished))
    failures = _failures(session, ids)
    waits, pauses = Waits(session), Pauses(session)
    waiting = {item for item in ids if counts[item][Status.QUEUED]} if waits else set()
    return [
        _batch(batch, counts[batch.id], times[batch.id], tuple(failures[batch.id]), now,
               waits.of_batch(batch.id) if batch.id in waiting else None, pauses.of(batch.id))
        for batch in batches
    ]  # fmt: skip


def _failures(session: Session, batch_ids: list[str]) -> dict[str, list[BatchFailure]]:
    found: dict[str, list[BatchFailure]] = defaultdict(list)
    columns = (RecordRow.batch_id, RecordRow.id, RecordRow.name, RecordRow.error_code, RecordRow.error_parameters)
    query = select(*columns).where(RecordRow.batch_id.in_(batch_ids), RecordRow.status == Status.FAILED)
    for batch_id, record_id, name, code, parameters in session.execute(query.order_by(RecordRow.position)):
        failure = BatchFailure(
            record_id=record_id, name=name, code=code or "", parameters=json.loads(parameters or "{}")
        )  # fmt: skip
        found[batch_id].append(failure)
    return found


def _batch(
    batch: BatchRow,
    counts: dict[Status, int],
    times: Sequence[tuple[dt.datetime | None, dt.datetime | None]],
    failures: tuple[BatchFailure, ...],
    now: dt.datetime,
    wait: Wait | None,
    pause: Pause | None,
) -> BatchSummary:
    started = min((begin for begin, _ in times if begin), default=None)
    finished = max((end for _, end in times if end), default=None)
    total, waiting = sum(counts[status] for status in _COUNTED), sum(counts[status] for status in _UNREAD)
    rate = None
    if started is not None and total > waiting:
        minutes = ((now if waiting else finished or now) - started).total_seconds() / 60
        rate = (total - waiting) / minutes if minutes > 0 else None
    return BatchSummary(
        id=batch.id, created_at=batch.created_at, user=batch.user, total=total, counts=counts, started_at=started,
        finished_at=None if waiting else finished, documents_per_minute=rate,
        seconds_left=waiting / rate * 60 if waiting and rate and wait is None and pause is None else None,
        failures=failures, wait=wait, pause=pause,
    )  # fmt: skip


def _conditions(wanted: RecordFilter, now: dt.datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    statuses = {Status(status) for status in wanted.statuses}
    conditions.append(_has_status(statuses, now) if statuses else RecordRow.status != Status.SUPERSEDED)
    if wanted.batch_id is not None:
        conditions.append(RecordRow.batch_id == wanted.batch_id)
    if wanted.document_type is not None:
        conditions.append(RecordRow.document_type == wanted.document_type)
    if wanted.only_flagged:
        conditions.append(RecordRow.errors + RecordRow.warnings > 0)
    if wanted.set_aside:
        conditions.append(or_(is_postponed(now), RecordRow.sent_to.is_not(None)))
    conditions.extend(RecordRow.search.contains(word, autoescape=True) for word in fold(wanted.text).split())
    return conditions


def _has_status(statuses: set[Status], now: dt.datetime) -> ColumnElement[bool]:
    """Whether a record counts as one of these; an index alone tells, but for one of the two that a lock parts."""
    if len(statuses & {Status.TO_REVIEW, Status.IN_REVIEW}) != 1:
        return RecordRow.status.in_([status.value for status in statuses])
    matches: list[ColumnElement[bool]] = [
        RecordRow.status.in_([status.value for status in statuses - {Status.IN_REVIEW}])
    ]
    if Status.TO_REVIEW in statuses:
        matches.append(is_expired(now))
    else:
        matches.append(and_(RecordRow.status == Status.IN_REVIEW, RecordRow.locked_until > now))
    among = [status.value for status in {*statuses, Status.TO_REVIEW, Status.IN_REVIEW}]  # so that an index is used
    return and_(RecordRow.status.in_(sorted(among)), or_(*matches))
