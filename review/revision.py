"""Between rows and drafts: a record's extraction with the steps in force, and back into its row."""

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from review.corrections import Change, Draft, Step, cell_at, decided_flags, duplicate_doubts
from review.likeness import likeness_of
from schemas.result import Extraction
from storage import audit, edits, queries
from storage.duplicates import find_duplicates, refresh
from storage.edits import NewChange
from storage.errors import Conflict, WrongStatusError
from storage.pauses import Pauses
from storage.records import Record, RecordFlag, load_extraction, summary_values
from storage.regroupings import regrouped
from storage.tables import CorrectionRow, RecordRow
from storage.waits import Waits


def record_of(session: Session, row: RecordRow, draft: Draft | None = None) -> Record:
    """Return a record with everything that the review screen shows; `draft` is what was stored of it just now."""
    session.flush()
    attempt = queries.shown_attempt(session, row)
    corrections = queries.get_corrections(session, row)
    extraction = draft.extraction if draft else _current(session, row)
    flags: tuple[RecordFlag, ...] = ()
    if draft is None and extraction and extraction.document and any(not c.undone_at for c in corrections):
        draft = draft_of(session, row, corrections)
    if extraction is not None:
        flags = decided_flags(extraction, draft.dismissed if draft else (), json.loads(row.overrides))
    return Record(
        **summary_values(  # type: ignore[arg-type]
            row, dt.datetime.now(dt.UTC), Waits(session).of(row), Pauses(session).of(row.batch_id)
        ),
        extraction=extraction,
        flags=flags,
        corrected=draft.corrected if draft else {},
        duplicates=tuple(find_duplicates(session, row.id)),
        history=audit.entries(session, row.id),
        can_undo=edits.undoable_step(corrections) is not None,
        can_redo=edits.redoable_step(corrections) is not None,
        attempt=attempt,
        regrouped=regrouped(session, row),
    )


def record_with_entry(
    session: Session, row: RecordRow, draft: Draft | None, action: str, user: str, details: Mapping[str, object]
) -> Record:
    """Append to the history and return the record: put together before, for the chain's head holds up everybody."""
    record = record_of(session, row, draft)
    entry = audit.append(session, action, user, row.id, details)
    return dataclasses.replace(record, history=(*record.history, entry))


def _current(session: Session, row: RecordRow) -> Extraction | None:
    data = queries.get_current(session, row)
    return None if data is None else load_extraction(data)


def draft_of(session: Session, row: RecordRow, corrections: Sequence[CorrectionRow]) -> Draft:
    """Return what the machine made of the record with the steps in force applied."""
    base = queries.get_base(session, row)
    extraction = None if base is None else load_extraction(base)
    if extraction is None or extraction.document is None:
        raise WrongStatusError(row.status)
    steps = [Step.stored(c.action, c.path, c.after) for c in corrections if c.undone_at is None]
    return Draft(extraction, duplicate_doubts(find_duplicates(session, row.id)), copy=False).apply(steps)


def save_draft(session: Session, row: RecordRow, draft: Draft) -> None:
    """Check the draft and store it as the record's new version."""
    draft.tell_duplicates(refresh(session, row, likeness_of(draft.extraction)))
    extraction = draft.check()
    edits.put_extraction(
        session, row, extraction, decided_flags(extraction, draft.dismissed, json.loads(row.overrides))
    )
    edits.touch(row)


def conflicts_of(draft: Draft, wanted: Sequence[Change]) -> list[Conflict]:
    """Return each wanted cell as it is now, None where it is gone."""
    found = []
    for path, text, _ in wanted:
        try:
            current = cell_at(draft.extraction, path).text
        except KeyError:
            current = None
        found.append(Conflict(path, current, text))
    return found


def told(changes: Sequence[NewChange]) -> list[dict[str, object]]:
    """Return changes as the history tells them."""
    return [dataclasses.asdict(change) for change in changes]


def applied(draft: Draft, step: Step, before: object = None) -> list[NewChange]:
    """Apply one step and return the row that stores it."""
    draft.apply([step])
    return [NewChange(step.path, before, step.after)]
