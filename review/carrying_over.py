"""The changes that persons made, taken along when a document is read again, or put together of others."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from review.corrections import Draft, Step
from review.replay import Replay
from review.revision import draft_of, save_draft
from review.whereabouts import Move
from schemas.layout import BoundingBox
from schemas.result import Evidence, Extraction
from storage import edits, queries
from storage.records import load_extraction
from storage.regroupings import Source, find_origin, find_sources, members, sources_of
from storage.tables import CorrectionRow, PageReadingRow, RecordRow

Carried = Sequence[tuple[CorrectionRow, Step]]


def carry_over(session: Session, row: RecordRow, extraction: Extraction) -> Carried:
    """Return the changes in force as they are on a new reading, which gets a doubt for each that is lost."""
    if queries.get_base(session, row) is None:
        return _from_others(session, row, extraction)
    page = session.get(PageReadingRow, (row.id, row.attempt))
    return _carry(session, row, extraction, None if page is None else Move("again", lambda item: item.page))


def _carry(session: Session, row: RecordRow, extraction: Extraction, move: Move | None) -> Carried:
    made = [change for change in queries.get_corrections(session, row) if change.undone_at is None]
    base = queries.get_base(session, row)
    if not made or base is None:
        return ()
    replay = Replay(load_extraction(base), extraction, move)
    steps = list(replay.steps([Step.stored(change.action, change.path, change.after) for change in made]))
    extraction.flags.extend(replay.lost)
    return [(change, step) for change, step in zip(made, steps, strict=True) if step is not None]


def _from_others(session: Session, row: RecordRow, extraction: Extraction) -> Carried:
    """Return the changes of the documents that this one was split or joined from, one after the other."""
    origin = find_origin(session, row.id)
    if origin is None or extraction.document is None:
        return ()
    carried: list[tuple[CorrectionRow, Step]] = []
    draft, mine = extraction, find_sources(session, row.id)
    for member in members(session, origin.id)[0]:
        old = queries.get_row(session, member.record_id)
        made = _carry(session, old, draft, Move(origin.kind, _where(_pages(session, old), mine)))  # type: ignore[arg-type]
        extraction.flags.extend(flag for flag in draft.flags if flag not in extraction.flags)
        draft = Draft(draft).apply([step for _, step in made]).extraction
        carried += made
    return carried


def _pages(session: Session, row: RecordRow) -> list[Source]:
    base = queries.get_base(session, row)
    return sources_of(session, row, 1 if base is None else load_extraction(base).part)


def _where(old: Sequence[Source], new: Sequence[Source]) -> Callable[[Evidence], int | None]:
    """Return what tells on which page of the new document a place of an old one is."""

    def find(item: Evidence) -> int | None:
        if item.page >= len(old):
            return None
        source = old[item.page].cut(item.box)
        same = (at for at, each in enumerate(new) if _holds(each, source))
        return next(same, None)

    return find


def _holds(page: Source, place: Source) -> bool:
    if (page.sha256, page.part, page.page) != (place.sha256, place.part, place.page):
        return False
    across, down = (place.box or BoundingBox(0, 0, 1, 1)).center
    left, top, right, bottom = page.box or (0, 0, 1, 1)
    return left <= across < right and top <= down < bottom


def make_again(session: Session, row: RecordRow, carried: Carried) -> str:
    """Put the changes on the reading that was just stored and return the record's JSON."""
    for number, (change, step) in enumerate(carried):
        edits.repeat_step(session, row, change, step.path, step.after, _step_of(carried, number))
    session.flush()
    save_draft(session, row, draft_of(session, row, queries.get_corrections(session, row)))
    return queries.get_current(session, row) or ""


def _step_of(carried: Carried, number: int) -> int:
    """Return a number for the step: those of several documents follow each other, what was made together stays so."""
    owners = list(dict.fromkeys(change.record_id for change, _ in carried[: number + 1]))
    before = (max(change.step for change, _ in carried if change.record_id == owner) for owner in owners[:-1])
    return sum(before) + carried[number][0].step
