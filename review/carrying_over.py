"""The changes that persons made to a record, taken along when it is read again."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from review.corrections import Step
from review.replay import Replay
from review.revision import draft_of, save_draft
from schemas.result import Extraction
from storage import edits, queries
from storage.records import load_extraction
from storage.tables import CorrectionRow, RecordRow

Carried = Sequence[tuple[CorrectionRow, Step]]


def carry_over(session: Session, row: RecordRow, extraction: Extraction) -> Carried:
    """Return the changes in force as they are on a new reading, which gets a doubt for each that is lost."""
    made = [change for change in queries.get_corrections(session, row) if change.undone_at is None]
    base = queries.get_base(session, row)
    if not made or base is None:
        return ()
    replay = Replay(load_extraction(base), extraction)
    steps = list(replay.steps([Step.stored(change.action, change.path, change.after) for change in made]))
    extraction.flags.extend(replay.lost)
    return [(change, step) for change, step in zip(made, steps, strict=True) if step is not None]


def make_again(session: Session, row: RecordRow, carried: Carried) -> str:
    """Put the changes on the reading that was just stored and return the record's JSON."""
    for change, step in carried:
        edits.repeat_step(session, row, change, step.path, step.after)
    session.flush()
    save_draft(session, row, draft_of(session, row, queries.get_corrections(session, row)))
    return queries.get_current(session, row) or ""
