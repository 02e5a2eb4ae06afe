"""Several documents on one picture: each becomes a record of its own, whichever worker finds them and however often."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import jobs, queries
from storage.records import load_extraction
from storage.regroupings import find_origin, members
from storage.tables import RecordRow

_MOST = 64
"""Parts that one picture is searched for."""


def part_id(record_id: str, part: int) -> str:
    """Return the id of a part's record: always the same, so that a job that begins anew adds none."""
    return record_id if part == 1 else hashlib.sha256(f"{record_id}/{part}".encode()).hexdigest()[:16]


def part_of(session: Session, row: RecordRow) -> int:
    """Return which document of its picture a record is; 1 where it is the only one."""
    same = select(RecordRow.id).where(RecordRow.batch_id == row.batch_id, RecordRow.position == row.position,
                                      RecordRow.sha256 == row.sha256, RecordRow.id != row.id)  # fmt: skip
    ids = session.scalars(same).all()
    return next((part for part in range(2, _MOST) if any(part_id(other, part) == row.id for other in ids)), 1)


def add_parts(session: Session, row: RecordRow, parts: int, user: str) -> Sequence[RecordRow]:
    """Add a record for each further document of a record's picture; those that are there already are left out."""
    added = []
    for part in range(2, parts + 1):
        record_id = part_id(row.id, part)
        if session.get(RecordRow, record_id) is None:
            original = None if row.duplicate_of is None else part_id(row.duplicate_of, part)
            known = original if original and session.get(RecordRow, original) else row.duplicate_of
            added.append(jobs.add_part(session, row, record_id, part, parts, known, user))
    return added


def place_in_file(session: Session, row: RecordRow, part: int) -> tuple[int, int] | None:
    """Return which of how many documents of its file a record is; None where it is all of it."""
    origin = find_origin(session, row.id)
    if origin is not None:
        _, new = members(session, origin.id)
        return next(at for at, each in enumerate(new, 1) if each.record_id == row.id), len(new)
    base = queries.get_base(session, row)
    return None if base is None or part == 1 else (part, load_extraction(base).parts)
