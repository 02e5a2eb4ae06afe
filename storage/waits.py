"""Documents that wait for a model server: put back, found again, and why everything behind them waits too."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.orm import Session

from schemas.reader_choice import names_in
from storage import audit
from storage.pauses import held
from storage.records import Status, Wait
from storage.tables import OptionsRow, ReadingRow, RecordRow, WaitRow

OPEN = (Status.QUEUED, Status.READING)
_OWN = ("timeout", "failing")
"""A document may be too large for its time while the server answers others: these causes are never those of another."""


@dataclass(frozen=True)
class Standing:
    """Where a record in work stands; `next_try_at` is set while it waits."""

    attempt: int
    is_open: bool
    next_try_at: dt.datetime | None
    is_held: bool = False
    """Whether it waits and belongs to what is paused: it gives its place to others."""


def put_back(session: Session, record_id: str, attempt: int, wait: Wait, user: str, address: str | None = None) -> int:
    """Queue a record again that a reader could not be asked for; return how often, 0 where it is not wanted any more.

    `wait.since` counts the first time only.
    """
    row = session.get(RecordRow, record_id, with_for_update=True)
    if row is None or row.attempt != attempt or row.status not in OPEN:
        return 0
    row.status, row.updated_at = Status.QUEUED, dt.datetime.now(dt.UTC)
    known = session.get(WaitRow, record_id)
    if known is None or known.attempt != attempt:
        known = session.merge(
            WaitRow(record_id=record_id, attempt=attempt, reader=wait.reader, address=address, cause=wait.cause,
                    since=wait.since, next_try_at=wait.next_try_at, tries=0)
        )  # fmt: skip
        details = {"attempt": attempt, "reader": wait.reader, "cause": wait.cause}
        audit.append(session, "waiting", user, record_id, details)
    known.reader, known.address, known.cause, known.next_try_at = wait.reader, address, wait.cause, wait.next_try_at
    known.tries += 1
    return known.tries


def find_wait(session: Session, record_id: str, attempt: int) -> WaitRow | None:
    """Return the wait of this attempt."""
    found = session.get(WaitRow, record_id)
    return found if found is not None and found.attempt == attempt else None


def end_wait(session: Session, record_id: str) -> None:
    """Forget that a record waited."""
    session.execute(delete(WaitRow).where(WaitRow.record_id == record_id))


def try_now(session: Session, reader: str | None = None, record_id: str | None = None) -> int:
    """Let what waits be tried at once: for a reader, one record, or all; return how many."""
    conditions = [] if reader is None else [WaitRow.reader == reader]
    conditions += [] if record_id is None else [WaitRow.record_id == record_id]
    due = update(WaitRow).where(*conditions).values(next_try_at=dt.datetime.now(dt.UTC))
    return len(session.scalars(due.returning(WaitRow.record_id)).all())


def find_standings(session: Session, ids: Sequence[str]) -> dict[str, Standing]:
    """Return where records in work stand; one that is gone is missing."""
    columns = (RecordRow.id, RecordRow.attempt, RecordRow.status, WaitRow.next_try_at, held())
    query = select(*columns).outerjoin(WaitRow, WaitRow.record_id == RecordRow.id).where(RecordRow.id.in_(ids))
    return {
        record_id: Standing(attempt, status in OPEN, next_try_at if status == Status.QUEUED else None,
                            is_held=bool(paused) and status == Status.QUEUED and next_try_at is not None)
        for record_id, attempt, status, next_try_at, paused in session.execute(query)
    }  # fmt: skip


def has_answered(session: Session, reader: str, since: dt.datetime) -> bool:
    """Whether a reader read any document since then."""
    newest = select(ReadingRow.created_at).where(ReadingRow.reader == reader, ReadingRow.data.contains('"values":{"'))
    found = session.scalar(newest.order_by(ReadingRow.id.desc()).limit(1))
    return found is not None and found > since


def find_standstill(session: Session, tried_since: dt.datetime) -> dict[str, int] | None:
    """Return how many documents wait for each reader where nothing else is left; None where there is something to do.

    A wait counts once the server was asked after `tried_since`. What stands behind waiting documents in the lane of
    the same reader waits with them. What is paused is left out: nothing can be done about it.
    """
    if session.scalar(select(RecordRow.id).where(RecordRow.status == Status.READING).limit(1)) is not None:
        return None
    mine = (WaitRow.record_id == RecordRow.id, WaitRow.attempt == RecordRow.attempt)
    queued = and_(RecordRow.status == Status.QUEUED, ~held())
    rows = select(WaitRow, RecordRow.readers, RecordRow.options).join(RecordRow, and_(*mine)).where(queued)
    waiting = [(wait, readers, options) for wait, readers, options in session.execute(rows)]
    if any(wait.next_try_at <= tried_since for wait, *_ in waiting):
        return None
    lanes = {(wait.reader, wait.address) for wait, *_ in waiting}
    counts = Counter(wait.reader for wait, *_ in waiting)
    known = Counter((readers, options) for _, readers, options in waiting)
    kinds = select(RecordRow.readers, RecordRow.options, func.count()).where(queued)
    for readers, options, count in session.execute(kinds.group_by(RecordRow.readers, RecordRow.options)):
        behind = count - known[readers, options]
        changed = load_options(session, options)
        reader = next((name for name in models_of(readers) if (name, address_of(changed, name)) in lanes), None)
        if behind and reader is None:
            return None
        if behind and reader is not None:
            counts[reader] += behind
    return dict(counts)


class Waits:
    """All waits at one moment, and with them why a queued record behind them waits."""

    def __init__(self, session: Session) -> None:
        """Load them; there are at most as many as documents are in work at once."""
        self._session = session
        rows = list(session.scalars(select(WaitRow).order_by(WaitRow.since.desc())))
        self._own = {row.record_id: row for row in rows}
        self._shared = {(row.reader, row.address): row for row in rows if row.cause not in _OWN}

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._own)

    def of(self, row: RecordRow) -> Wait | None:
        """Return what a record waits for."""
        if not self._own or row.status != Status.QUEUED:
            return None
        own = self._own.get(row.id)
        if own is not None and own.attempt == row.attempt:
            return _wait(own)
        return self.of_readers(row.readers, row.options)

    def of_readers(self, readers: str, options: str | None) -> Wait | None:
        """Return why what is to be read by these readers (JSON, digest of the options) waits."""
        if not self._shared:
            return None
        changed = load_options(self._session, options)
        found = (self._shared.get((name, address_of(changed, name))) for name in json.loads(readers))
        return next((_wait(row) for row in found if row is not None), None)

    def of_batch(self, batch_id: str) -> Wait | None:
        """Return why what is queued of a batch waits; the longest wait of several."""
        queued = [RecordRow.batch_id == batch_id, RecordRow.status == Status.QUEUED]
        kinds = self._session.execute(select(RecordRow.readers, RecordRow.options).where(*queued).distinct())
        found = [self.of_readers(readers, options) for readers, options in kinds]
        ids = self._session.scalars(select(RecordRow.id).where(RecordRow.id.in_(self._own), *queued))
        return _longest([*found, *(_wait(self._own[record_id]) for record_id in ids)])


def keep_options(session: Session, data: str | None) -> str | None:
    """Store the JSON of options once and return its digest."""
    if data is None:
        return None
    sha256 = audit.sha256_of(data)
    if session.get(OptionsRow, sha256) is None:
        session.add(OptionsRow(sha256=sha256, data=data))
        session.flush()
    return sha256


def load_options(session: Session, sha256: str | None) -> str | None:
    """Return the JSON of options by their digest."""
    row = None if sha256 is None else session.get(OptionsRow, sha256)
    return None if row is None else row.data


def address_of(options: str | None, reader: str) -> str | None:
    """Return the server that options name instead of the reader's own."""
    address = None if options is None else json.loads(options).get(reader, {}).get("base_url")
    return None if address is None else str(address)


def models_of(readers: str) -> tuple[str, ...]:
    """Return the readers in a stored list of choices."""
    return names_in(json.loads(readers))


def _wait(row: WaitRow) -> Wait:
    return Wait(reader=row.reader, cause=row.cause, since=row.since, next_try_at=row.next_try_at)


def _longest(found: Iterable[Wait | None]) -> Wait | None:
    return min((wait for wait in found if wait is not None), key=lambda wait: wait.since, default=None)
