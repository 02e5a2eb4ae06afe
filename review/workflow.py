"""The life of a record, from upload to approval: everything that pages and the command line do with stored work."""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from review.corrections import Change, Draft, Step, cell_at, decided_flags, typed_cell
from review.handing_on import ORDERS, HandingOn
from review.job_client import JobClient, Lanes, queue_url
from review.regrouping import Regrouping
from review.revision import applied, conflicts_of, draft_of, record_of, record_with_entry, save_draft, told
from review.rows import RowChange, insert_missing, rearrange
from schemas.document import cells_of, lines_of
from schemas.registry import DOCUMENT_TYPES
from schemas.result import Severity
from settings import Settings
from storage import audit, duplicates, edits, queries
from storage.audit import BrokenLink, HistoryEntry
from storage.database import Database, database_url
from storage.edits import NewChange
from storage.errors import (
    Conflict,
    EditConflictError,
    LockedError,
    OpenFlagsError,
    OriginalMissingError,
    RecordNotFoundError,
    StorageError,
    UnknownReaderError,
    WrongStatusError,
)
from storage.files import Files
from storage.records import (
    DUPLICATES,
    BatchFailure,
    BatchSummary,
    Decision,
    Lock,
    Pause,
    Record,
    RecordFilter,
    RecordFlag,
    RecordSummary,
    Status,
    StoredReading,
    Wait,
)
from storage.review_queue import QueueOrder
from storage.tables import CorrectionRow, RecordRow

__all__ = [
    "DUPLICATES", "ORDERS", "BatchFailure", "BatchSummary", "BrokenLink", "Change", "Conflict", "Decision",
    "EditConflictError",
    "HistoryEntry", "Lock", "LockedError", "OpenFlagsError", "OriginalMissingError", "Pause", "QueueOrder", "Record",
    "RecordFilter", "RecordFlag", "RecordNotFoundError", "RecordSummary", "RowChange", "Status", "StorageError",
    "StoredReading", "UnknownReaderError", "Wait", "Workspace", "WrongStatusError", "open_workspace",
]  # fmt: skip
"""Pages and the command line take all of it from here; they do not know the storage."""


EVERYTHING = RecordFilter()


def open_workspace(settings: Settings) -> "Workspace":
    """Open the stored work of these settings, creating or upgrading what is not there yet."""
    database = Database(database_url(settings.database_url, settings.data))
    return Workspace(
        database,
        Files(settings.originals_url, settings.data),
        JobClient(queue_url(settings.database_url, settings.data), Lanes(settings)),
        settings.interface.lock_minutes,
    )


class Workspace(Regrouping, HandingOn):
    """The stored work. May be shared by the threads of a process."""

    # -- looking --------------------------------------------------------------------------------------------------

    def counts(self) -> dict[str, int]:
        """Return how many records are in each status."""
        with self._database.read() as session:
            return queries.count_by_status(session, _now())

    def batches(self, limit: int = 20) -> list[BatchSummary]:
        """Return the newest batches with their progress, newest first."""
        with self._database.read() as session:
            return queries.find_batches(session, _now(), limit)

    def records(
        self,
        wanted: RecordFilter = EVERYTHING,
        offset: int = 0,
        limit: int = 50,
    ) -> list[RecordSummary]:
        """Return a page of the records, newest batch first."""
        with self._database.read() as session:
            return queries.find_records(session, wanted, _now(), offset, limit)

    def count_records(self, wanted: RecordFilter = EVERYTHING) -> int:
        """Return how many records the filter lets through."""
        with self._database.read() as session:
            return queries.count_records(session, wanted, _now())

    def record(self, record_id: str) -> Record:
        """Return a record with all that the review screen shows."""
        with self._database.read() as session:
            return record_of(session, queries.get_row(session, record_id))

    def page_image(self, record_id: str, page: int, attempt: int | None = None) -> bytes:
        """Return the upright page as JPEG, of the attempt that is shown unless another is named.

        The boxes of the evidence are fractions of it.
        """
        if attempt is None:
            with self._database.read() as session:
                attempt = queries.shown_attempt(session, queries.get_row(session, record_id))
        return self._files.page(record_id, attempt, page)

    def readings(self, record_id: str) -> tuple[StoredReading, ...]:
        """Return everything that readers saw, attempt by attempt, raw answers and costs included; none ever changes."""
        with self._database.read() as session:
            queries.get_row(session, record_id)
            return queries.find_readings(session, record_id)

    def original(self, record_id: str) -> tuple[str, bytes]:
        """Return the file's name and its bytes as they were submitted."""
        with self._database.read() as session:
            row = queries.get_row(session, record_id)
            name, sha256 = row.name, row.sha256
        return name, self._files.original(sha256)

    # -- locks ----------------------------------------------------------------------------------------------------

    def open_for_review(self, record_id: str, user: str, *, take_over: bool = False) -> Record:
        """Lock a record for a person; LockedError while somebody else has it, unless it is taken over."""
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            holder = row.locked_by
            if edits.take_lock(row, user, self._lock_minutes, take_over=take_over):
                audit.append(session, "taken_over", user, row.id, {"from": holder})
            session.flush()
            return record_of(session, row)

    def release(self, record_id: str, user: str) -> None:
        """Give a record back unapproved; nothing happens where this person does not hold it."""
        with self._database.write() as session:
            edits.release_lock(queries.get_row(session, record_id, for_update=True), user)

    # -- corrections ----------------------------------------------------------------------------------------------

    def correct(self, record_id: str, version: int, changes: Sequence[Change], user: str) -> Record:
        """Put typed texts into cells and run the rules anew; EditConflictError where the version is not the latest."""

        def change(draft: Draft) -> list[NewChange]:
            made = []
            for path, text, place in changes:
                before, after = cell_at(draft.extraction, path), typed_cell(_type(draft), path, text)
                after = after.model_copy(update={"place": place})
                if before != after or any(path in flag.paths for flag in draft.doubts):
                    draft.put(path, after)
                    made.append(NewChange(path, before.stored(), after.stored()))
            return made

        return self._revise(record_id, version, user, "correct", change, changes)

    def insert_row(self, record_id: str, version: int, line: str, index: int, user: str) -> Record:
        """Put an empty row before row `index` of `line` (`items`); the number of rows puts it at the end."""

        def change(draft: Draft) -> list[NewChange]:
            if not 0 <= index <= _row_count(draft, line):
                raise KeyError(f"{line}.{index}")
            return applied(draft, Step("insert_row", f"{line}.{index}", None))

        return self._revise(record_id, version, user, "insert_row", change)

    def delete_row(self, record_id: str, version: int, line: str, index: int, user: str) -> Record:
        """Take row `index` out of `line`; what was in it stays in the history."""

        def change(draft: Draft) -> list[NewChange]:
            if not 0 <= index < _row_count(draft, line):
                raise KeyError(f"{line}.{index}")
            cells = cells_of(lines_of(DOCUMENT_TYPES[_type(draft)])[line])
            before = {name: cell_at(draft.extraction, f"{line}.{index}.{name}").text for name in cells}
            return applied(draft, Step("delete_row", f"{line}.{index}", None), before)

        return self._revise(record_id, version, user, "delete_row", change)

    def rearrange(self, record_id: str, version: int, wanted: RowChange, user: str) -> Record:
        """Move a row, split it or merge it with the one above or below; KeyError where there is no such row."""
        return self._revise(record_id, version, user, wanted.action, lambda draft: rearrange(draft, wanted))

    def insert_missing(self, record_id: str, version: int, flag: str, user: str) -> Record:
        """Put in the row that the flag of this key says is missing; KeyError where it is not said any more."""
        return self._revise(record_id, version, user, "insert_row", lambda draft: insert_missing(draft, flag))

    def swap_columns(self, record_id: str, version: int, row: int, user: str) -> Record:
        """Exchange NHI and self-pay amount of one item; KeyError on a document without these columns."""
        return self._revise(
            record_id, version, user, "swap_columns",
            lambda draft: applied(draft, Step("swap_columns", f"items.{row}", None)),
        )  # fmt: skip

    def dismiss(self, record_id: str, version: int, flag_key: str, user: str) -> Record:
        """Note that a person looked at a warning and the document is right; an error asks for an override."""

        def change(draft: Draft) -> list[NewChange]:
            flags = decided_flags(draft.check(), draft.dismissed, {})
            found = next((item for item in flags if item.key == flag_key), None)
            if found is None:
                raise EditConflictError(version)
            if found.flag.severity is Severity.ERROR:
                raise OpenFlagsError([flag_key])
            if not found.is_open:
                return []
            return applied(draft, Step("dismiss", flag_key, found.flag.model_dump(mode="json")))

        return self._revise(record_id, version, user, "dismiss", change)

    def undo(self, record_id: str, user: str) -> Record:
        """Take the last step back; without one nothing changes."""
        return self._step_over(record_id, user, edits.undoable_step, "undone")

    def redo(self, record_id: str, user: str) -> Record:
        """Bring back the step undone last, unless something else was changed since."""
        return self._step_over(record_id, user, edits.redoable_step, "redone")

    def decide_duplicate(self, record_id: str, version: int, other_id: str, decision: Decision, user: str) -> Record:
        """Settle whether two records are one document: both stay, or one of them is rejected with the other as reason.

        An approved one is reopened before it is rejected, so the history tells both. LockedError where somebody else
        has open what would be rejected.
        """
        with self._database.write() as session:
            row, other = queries.get_rows(session, [record_id, other_id], for_update=True)
            edits.take_lock(row, user, self._lock_minutes)
            edits.require_version(row, version)
            if not duplicates.decide(session, record_id, other_id, decision, user):
                raise EditConflictError(row.version)
            save_draft(session, row, draft_of(session, row, queries.get_corrections(session, row)))
            audit.append(session, "duplicate_decided", user, row.id, {"other": other_id, "decision": decision})
            if decision != "both":
                gone, kept = (row, other) if decision == "other" else (other, row)
                self._reject_copy(session, gone, kept, user)
            session.flush()
            return record_of(session, row)

    def _reject_copy(self, session: Session, row: RecordRow, kept: RecordRow, user: str) -> None:
        if row.status == Status.APPROVED:
            edits.settle(row, Status.TO_REVIEW)
            audit.append(session, "reopened", user, row.id)
        if row.status != Status.REJECTED:
            edits.take_lock(row, user, self._lock_minutes)
            edits.settle(row, Status.REJECTED)
            audit.append(session, "rejected", user, row.id, {"reason": "duplicate", "of": kept.id})

    # -- decisions ------------------------------------------------------------------------------------------------

    def approve(self, record_id: str, version: int, user: str, overrides: Mapping[str, str] | None = None) -> Record:
        """Approve what the person saw; `overrides` gives a reason for each error accepted. Twice is once."""
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            if row.status != Status.APPROVED:
                edits.take_lock(row, user, self._lock_minutes)
                edits.require_version(row, version)
                return self._approve(session, row, user, overrides or {})
            return record_of(session, row)

    def _approve(self, session: Session, row: RecordRow, user: str, reasons: Mapping[str, str]) -> Record:
        decided = json.loads(row.overrides)
        given = {key: reason.strip() for key, reason in reasons.items() if reason.strip()}
        decided |= {key: {"user": user, "reason": reason} for key, reason in given.items()}
        row.overrides = audit.canonical(decided)
        record = record_of(session, row)
        missing = [item.key for item in record.flags if item.is_open and item.flag.severity is Severity.ERROR]
        if missing:
            raise OpenFlagsError(missing)
        if record.extraction is None:
            raise WrongStatusError(row.status)
        data = edits.put_extraction(session, row, record.extraction, record.flags)
        edits.settle(row, Status.APPROVED)
        details = {"overrides": given, "extraction_sha256": audit.sha256_of(data)}
        return record_with_entry(session, row, None, "approved", user, details)

    def reject(self, record_id: str, version: int, user: str, reason: str) -> Record:
        """Put a document aside for good; the reason goes into the history."""
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            if row.status != Status.FAILED:
                edits.take_lock(row, user, self._lock_minutes)
            edits.require_version(row, version)
            edits.settle(row, Status.REJECTED)
            return record_with_entry(session, row, None, "rejected", user, {"reason": reason})

    def reopen(self, record_id: str, user: str) -> Record:
        """Take an approved or rejected record back to where it waits for a person."""
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            if row.status not in (Status.APPROVED, Status.REJECTED):
                raise WrongStatusError(row.status)
            edits.settle(row, Status.FAILED if row.error_code else Status.TO_REVIEW)
            return record_with_entry(session, row, None, "reopened", user, {})

    def record_export(self, ids: Sequence[str], user: str) -> None:
        """Write into the history that records were exported; their status stays."""
        with self._database.write() as session:
            for row in queries.get_rows(session, ids, for_update=True):
                audit.append(session, "exported", user, row.id)

    def verify(self) -> BrokenLink | None:
        """Recompute the history and return its first broken link, None where it holds."""
        with self._database.read() as session:
            return audit.find_broken_link(session)

    # -- how a change is made -------------------------------------------------------------------------------------

    def _revise(
        self,
        record_id: str,
        version: int,
        user: str,
        action: str,
        change: Callable[[Draft], list[NewChange]],
        wanted: Sequence[Change] = (),
    ) -> Record:
        """Apply a change to the latest state in one transaction: all of it is stored, or nothing."""
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            edits.take_lock(row, user, self._lock_minutes)
            corrections = queries.get_corrections(session, row)
            draft = draft_of(session, row, corrections)
            if row.version != version:
                raise EditConflictError(row.version, conflicts_of(draft, wanted))
            changes = change(draft)
            if changes:
                step = edits.next_step(corrections)
                edits.add_step(session, row, action, changes, user, step)
                save_draft(session, row, draft)
                details = {"step": step, "changes": told(changes)}
                return record_with_entry(session, row, draft, action, user, details)
            return record_of(session, row)

    def _step_over(
        self, record_id: str, user: str, choose: Callable[[Sequence[CorrectionRow]], int | None], action: str
    ) -> Record:
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            edits.take_lock(row, user, self._lock_minutes)
            corrections = queries.get_corrections(session, row)
            step = choose(corrections)
            if step is not None:
                edits.mark_undone(corrections, step, user if action == "undone" else None)
                draft = draft_of(session, row, corrections)
                save_draft(session, row, draft)
                return record_with_entry(session, row, draft, action, user, {"step": step})
            return record_of(session, row)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _type(draft: Draft) -> str:
    return draft.extraction.document_type or ""


def _row_count(draft: Draft, line: str) -> int:
    if line not in lines_of(DOCUMENT_TYPES[_type(draft)]):
        raise KeyError(line)
    return len(getattr(draft.extraction.document, line))
