"""Which record a person takes next: the orders of the queue, and what is not in it for now or for them."""

import datetime as dt
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.records import Status
from storage.tables import RecordRow

QueueOrder = Literal["risk", "age", "flags", "batch"]
"""Most money at risk first, oldest first, most flags first; or batch by batch, in it the most flags first."""
_Column = InstrumentedAttribute[Any]
_AGE: tuple[_Column, ...] = (RecordRow.created_at, RecordRow.batch_id, RecordRow.position, RecordRow.id)
PLACES: dict[QueueOrder, tuple[_Column, ...]] = {
    "risk": (RecordRow.risk_rank, *_AGE),
    "age": _AGE,
    "flags": (RecordRow.priority, *_AGE),
    "batch": (RecordRow.created_at, RecordRow.batch_id, RecordRow.priority, RecordRow.position, RecordRow.id),
}
"""A record's place in each order; fixed when it was read, so that the queue does not move under a person's work."""

_MOST_SENT = 500
"""Of what one person was sent; the others are found behind the first."""


def find_next(
    session: Session, now: dt.datetime, after: str | None, batch_id: str | None, user: str | None, order: QueueOrder
) -> str | None:
    """Return what they hold, what was sent to them, the one behind `after`, the first of the queue."""
    within: list[ColumnElement[bool]] = [] if batch_id is None else [RecordRow.batch_id == batch_id]
    waiting = [*within, or_(RecordRow.postponed_until.is_(None), RecordRow.postponed_until <= now)]
    if user is not None:
        waiting.append(or_(RecordRow.sent_to.is_(None), RecordRow.sent_to == user))
    if after is None:
        return (
            _held(session, now, user, within)
            or _sent(session, now, user, waiting, order)
            or _first(session, now, waiting, order)
        )
    waiting.append(RecordRow.id != after)
    place = session.execute(select(*PLACES[order]).where(RecordRow.id == after)).one_or_none()
    behind = [*waiting, tuple_(*PLACES[order]) > tuple_(*place)] if place is not None else waiting
    return _first(session, now, behind, order) or _first(session, now, waiting, order)


def count_postponed(session: Session, now: dt.datetime) -> int:
    """Return how many records are put off and not due yet."""
    return session.scalar(select(func.count()).select_from(RecordRow).where(is_postponed(now))) or 0


def is_postponed(now: dt.datetime) -> ColumnElement[bool]:
    """Whether a record was put off until later than now."""
    return RecordRow.postponed_until > now


def is_expired(now: dt.datetime) -> ColumnElement[bool]:
    """Whether a lock ran out: the record waits again."""
    return and_(RecordRow.status == Status.IN_REVIEW, func.coalesce(RecordRow.locked_until <= now, True))


def _held(session: Session, now: dt.datetime, user: str | None, conditions: list[ColumnElement[bool]]) -> str | None:
    """Return what a person opened last and has not given back."""
    if user is None:
        return None
    mine = [RecordRow.status == Status.IN_REVIEW, RecordRow.locked_by == user, RecordRow.locked_until > now]
    query = select(RecordRow.id).where(*mine, *conditions)
    return session.scalar(query.order_by(RecordRow.locked_until.desc(), RecordRow.id).limit(1))


def _sent(
    session: Session, now: dt.datetime, user: str | None, conditions: list[ColumnElement[bool]], order: QueueOrder
) -> str | None:
    """Return the first of what was sent to a person; the few are found by their own index, then ordered."""
    if user is None:
        return None
    ids = list(session.scalars(select(RecordRow.id).where(RecordRow.sent_to == user).limit(_MOST_SENT)))
    return _first(session, now, [*conditions, RecordRow.id.in_(ids)], order) if ids else None


def _first(session: Session, now: dt.datetime, conditions: list[ColumnElement[bool]], order: QueueOrder) -> str | None:
    """Return the first that waits; the few whose lock ran out are asked for apart, so that the index gives the rest."""
    query = select(*PLACES[order]).where(*conditions).order_by(*PLACES[order]).limit(1)
    waiting = [RecordRow.status == Status.TO_REVIEW, is_expired(now)]
    found = [row for condition in waiting for row in session.execute(query.where(condition))]
    return min(found).id if found else None
