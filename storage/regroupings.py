"""Documents split and joined by hand: what each is made of, who took the place of whom, and the way back."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from schemas.layout import BoundingBox
from storage import audit
from storage.edits import settle
from storage.jobs import new_id
from storage.queries import get_row
from storage.records import Regrouped, RegroupingKind, Status
from storage.tables import CorrectionRow, RecordRow, RegroupedRow, RegroupingRow, SourceRow
from storage.waits import end_wait


@dataclass(frozen=True)
class Source:
    """One page of a document."""

    sha256: str
    name: str
    part: int
    page: int
    box: BoundingBox | None = None

    def cut(self, box: BoundingBox) -> "Source":
        """Return a part of what belongs to the document of this page."""
        if self.box is None:
            return replace(self, box=box)
        left, top, width, height = self.box.left, self.box.top, self.box.width, self.box.height
        return replace(self, box=BoundingBox(left + box.left * width, top + box.top * height,
                                             left + box.right * width, top + box.bottom * height))  # fmt: skip


def find_sources(session: Session, record_id: str) -> list[Source]:
    """Return the pages that a person put together; none where the document is its file, or a part of it."""
    rows = session.scalars(select(SourceRow).where(SourceRow.record_id == record_id).order_by(SourceRow.position))
    return [
        Source(row.sha256, row.name, row.part, row.page, None if row.box is None else BoundingBox(*json.loads(row.box)))
        for row in rows
    ]


def sources_of(session: Session, row: RecordRow, part: int) -> list[Source]:
    """Return the pages of any document; `part` is which one of its picture it is, where no person made it."""
    found = find_sources(session, row.id)
    return found or [Source(row.sha256, row.name, part, page) for page in range(max(row.page_count, 1))]


def regroup(
    session: Session, kind: RegroupingKind, old: Sequence[RecordRow], groups: Sequence[Sequence[Source]], user: str
) -> list[RecordRow]:
    """Let new records, one a group of pages, take the place of old ones, which stay linked; each is to be read."""
    now = dt.datetime.now(dt.UTC)
    regrouping = RegroupingRow(id=new_id(), kind=kind, user=user, at=now)
    session.add(regrouping)
    new = [_add(session, old[0], group, len(groups), now) for group in groups]
    session.flush()
    for position, row in enumerate(old):
        before = Status.TO_REVIEW if row.status == Status.IN_REVIEW else Status(row.status)
        session.add(RegroupedRow(regrouping_id=regrouping.id, record_id=row.id, position=position, status=before))
        supersede(session, row)
        details = {"regrouping": regrouping.id, "into": [each.id for each in new]}
        audit.append(session, "split" if kind == "split" else "joined", user, row.id, details)
    for position, row in enumerate(new):
        session.add(RegroupedRow(regrouping_id=regrouping.id, record_id=row.id, position=position, status=None))
        pages: list[object] = [[source.sha256, source.part, source.page, source.box] for source in groups[position]]
        told = {"regrouping": regrouping.id, "of": [each.id for each in old], "name": row.name, "pages": pages}
        audit.append(session, "split_off" if kind == "split" else "joined_from", user, row.id, told)
    session.flush()
    return new


def _add(session: Session, like: RecordRow, sources: Sequence[Source], groups: int, now: dt.datetime) -> RecordRow:
    names = dict.fromkeys(source.name for source in sources)
    name = like.name if groups > 1 else " + ".join(names)[:200]
    row = RecordRow(
        id=new_id(), batch_id=like.batch_id, position=like.position, name=name, sha256=sources[0].sha256,
        duplicate_of=None, requested_type=like.requested_type, readers=like.readers,
        options=like.options, status=Status.QUEUED, page_count=len(sources), created_at=like.created_at,
        updated_at=now, search=like.search,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(
        SourceRow(record_id=row.id, position=position, sha256=source.sha256, name=source.name, part=source.part,
                  page=source.page, box=None if source.box is None else json.dumps(list(source.box)))
        for position, source in enumerate(sources)
    )  # fmt: skip
    return row


def supersede(session: Session, row: RecordRow) -> None:
    """Take a record out of the work: it stays, with all that was read and typed, but counts no more."""
    settle(row, Status.SUPERSEDED)
    end_wait(session, row.id)


def restore(session: Session, regrouping: RegroupingRow, user: str) -> list[RecordRow]:
    """Undo: the old records are what they were, the new ones are superseded; return what has to be read (again)."""
    old, new = members(session, regrouping.id)
    regrouping.undone_by, regrouping.undone_at = user, dt.datetime.now(dt.UTC)
    unread = []
    for member in new:
        row = get_row(session, member.record_id, for_update=True)
        supersede(session, row)
        details = {"regrouping": regrouping.id, "by": [each.record_id for each in old]}
        audit.append(session, "regrouping_undone", user, row.id, details)
    for member in old:
        row = get_row(session, member.record_id, for_update=True)
        settle(row, Status(member.status or Status.TO_REVIEW))
        audit.append(session, "put_back", user, row.id, {"regrouping": regrouping.id})
        if row.status in (Status.QUEUED, Status.READING):
            unread.append(row)
    session.flush()
    return unread


def members(session: Session, regrouping_id: str) -> tuple[list[RegroupedRow], list[RegroupedRow]]:
    """Return the records that were taken out and those that came of it, each in order."""
    query = select(RegroupedRow).where(RegroupedRow.regrouping_id == regrouping_id).order_by(RegroupedRow.position)
    found = session.scalars(query).all()
    return [row for row in found if row.status is not None], [row for row in found if row.status is None]


def find_origin(session: Session, record_id: str) -> RegroupingRow | None:
    """Return the split or join, not undone, that a record came of."""
    return _find(session, record_id, RegroupedRow.status.is_(None))


def find_end(session: Session, record_id: str) -> RegroupingRow | None:
    """Return the split or join, not undone, that took a record out."""
    return _find(session, record_id, RegroupedRow.status.is_not(None))


def _find(session: Session, record_id: str, role: ColumnElement[bool]) -> RegroupingRow | None:
    query = select(RegroupingRow).join(RegroupedRow, RegroupedRow.regrouping_id == RegroupingRow.id)
    query = query.where(RegroupedRow.record_id == record_id, RegroupingRow.undone_at.is_(None), role)
    return session.scalars(query.order_by(RegroupingRow.at.desc()).limit(1)).first()


def has_new_work(session: Session, regrouping: RegroupingRow, record_ids: Sequence[str]) -> bool:
    """Whether a person changed any of these records since."""
    made = select(CorrectionRow.id).where(
        CorrectionRow.record_id.in_(record_ids), CorrectionRow.at > regrouping.at, CorrectionRow.undone_at.is_(None)
    )
    return session.scalar(made.limit(1)) is not None


def regrouped(session: Session, row: RecordRow) -> Regrouped | None:
    """Return how a record is tied to others by a split or a join: what took its place before what it came of."""
    end = find_end(session, row.id) if row.status == Status.SUPERSEDED else None
    found = end or find_origin(session, row.id)
    if found is None:
        return None
    old, new = members(session, found.id)
    others = new if end is not None else old
    return Regrouped(found.kind, end is not None, tuple(each.record_id for each in others))  # type: ignore[arg-type]


def is_settled() -> ColumnElement[bool]:
    """Return the condition that nothing a person still works on came of a superseded record."""
    mine, theirs, other = aliased(RegroupedRow), aliased(RegroupedRow), aliased(RecordRow)
    open_ = (Status.QUEUED, Status.READING, Status.TO_REVIEW, Status.IN_REVIEW)
    return ~exists().where(
        mine.record_id == RecordRow.id, theirs.regrouping_id == mine.regrouping_id, other.id == theirs.record_id,
        other.status.in_(open_),
    )  # fmt: skip
