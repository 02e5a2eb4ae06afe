"""Pauses: of one batch or of the whole queue nothing new is begun until a person lets it go on."""

import datetime as dt

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from storage import audit
from storage.errors import RecordNotFoundError
from storage.records import Pause
from storage.tables import BatchRow, PauseRow, RecordRow


def pause(session: Session, batch_id: str | None, user: str) -> bool:
    """Let nothing new of a batch, or of anything (None), be begun; False where it is paused already."""
    if batch_id is not None and session.get(BatchRow, batch_id, with_for_update=True) is None:
        raise RecordNotFoundError(id=batch_id)
    audit.hold(session)  # of two persons who pause at once one is the second
    if _in_force(session, batch_id):
        return False
    session.add(PauseRow(batch_id=batch_id, user=user, at=dt.datetime.now(dt.UTC)))
    audit.append(session, "paused", user, None, {"batch": batch_id})
    return True


def resume(session: Session, batch_id: str | None, user: str) -> bool:
    """End the pause of a batch, or of the whole queue (None); False where there is none."""
    if batch_id is not None and session.get(BatchRow, batch_id) is None:
        raise RecordNotFoundError(id=batch_id)
    audit.hold(session)
    found = _in_force(session, batch_id)
    for row in found:
        row.resumed_by, row.resumed_at = user, dt.datetime.now(dt.UTC)
    if found:
        audit.append(session, "resumed", user, None, {"batch": batch_id})
    return bool(found)


def _in_force(session: Session, batch_id: str | None) -> list[PauseRow]:
    scope = PauseRow.batch_id.is_(None) if batch_id is None else PauseRow.batch_id == batch_id
    return list(session.scalars(select(PauseRow).where(PauseRow.resumed_at.is_(None), scope)))


def is_held(session: Session, batch_id: str) -> bool:
    """Whether nothing new of a batch may be begun."""
    return (
        session.scalar(select(PauseRow.id).where(PauseRow.resumed_at.is_(None), _about(batch_id)).limit(1)) is not None
    )


def was_held(session: Session, batch_id: str) -> bool:
    """Whether a batch, or everything, was ever paused: its jobs may have ended without having read anything."""
    return session.scalar(select(PauseRow.id).where(_about(batch_id)).limit(1)) is not None


def _about(batch_id: str) -> ColumnElement[bool]:
    return or_(PauseRow.batch_id == batch_id, PauseRow.batch_id.is_(None))


def held() -> ColumnElement[bool]:
    """Return the condition that a record belongs to what is paused."""
    row = aliased(PauseRow)
    return exists().where(row.resumed_at.is_(None), or_(row.batch_id.is_(None), row.batch_id == RecordRow.batch_id))


class Pauses:
    """All pauses in force at one moment; there are as many as persons made."""

    def __init__(self, session: Session) -> None:
        """Load them."""
        query = select(PauseRow).where(PauseRow.resumed_at.is_(None)).order_by(PauseRow.id)
        self._found = {row.batch_id: Pause(row.user, row.at, row.batch_id is None) for row in session.scalars(query)}

    @property
    def everything(self) -> Pause | None:
        """Return the pause of the whole queue."""
        return self._found.get(None)

    def of(self, batch_id: str) -> Pause | None:
        """Return what holds a batch: its own pause before that of everything."""
        return self._found.get(batch_id) or self.everything
