"""Which worker processes are alive: each has a stable name and a heartbeat, so that another can take over its jobs."""

import datetime as dt
import os
import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import audit
from storage.tables import ExecutorRow

DEAD_AFTER = dt.timedelta(seconds=45)
"""A worker silent for so long is taken for dead; it beats every few seconds, also while a page is read."""
_LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Executor:
    """The name that a worker process works under, and the token of this run of it."""

    id: str
    token: str


def claim(session: Session, host: str) -> Executor:
    """Take the lowest name of this machine that no living process has: after a crash, the one with the jobs left."""
    audit.hold(session)  # one at a time: of two that start at once the second must see the first one's name
    now = dt.datetime.now(dt.UTC)
    rows = {
        row.id: row for row in session.scalars(select(ExecutorRow).where(ExecutorRow.host == host).with_for_update())
    }
    slot = 0
    while (row := rows.get(f"{host}-{slot}")) is not None and _is_alive(row, now):
        slot += 1
    executor = Executor(f"{host}-{slot}", uuid.uuid4().hex)
    session.merge(
        ExecutorRow(id=executor.id, host=host, pid=os.getpid(), token=executor.token, started_at=now, seen_at=now)
    )
    return executor


def beat(session: Session, executor: Executor) -> bool:
    """Show that the worker lives; False where another process has taken its name since."""
    row = session.get(ExecutorRow, executor.id, with_for_update=True)
    if row is None or row.token != executor.token:
        return False
    row.seen_at = dt.datetime.now(dt.UTC)
    return True


def retire(session: Session, executor: Executor) -> None:
    """Say that the worker has stopped; what it left behind may be taken at once."""
    row = session.get(ExecutorRow, executor.id, with_for_update=True)
    if row is not None and row.token == executor.token:
        row.seen_at = _LONG_AGO


def find_dead(session: Session) -> list[str]:
    """Return the names of workers that are gone."""
    limit = dt.datetime.now(dt.UTC) - DEAD_AFTER
    return list(session.scalars(select(ExecutorRow.id).where(ExecutorRow.seen_at < limit)))


def _is_alive(row: ExecutorRow, now: dt.datetime) -> bool:
    """Whether a process of this machine goes by the name; one that was killed a moment ago has a fresh heartbeat."""
    if row.seen_at < now - DEAD_AFTER:
        return False
    if row.pid == os.getpid():
        return False
    if os.name == "nt":  # there the question would end the process
        return True
    try:
        os.kill(row.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
