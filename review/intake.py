"""The machine's side of the stored work: submit, read again, call back, try now."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from review.job_client import JobClient
from review.revision import record_of
from schemas.reader_choice import names_in
from storage import jobs, queries, waits
from storage.database import Database
from storage.errors import LockedError, StorageError, WrongStatusError
from storage.files import Files, digest, media_type_of
from storage.records import Record, Status, is_locked
from storage.tables import RecordRow

if TYPE_CHECKING:  # readers load OCR: not in processes that only show
    from extraction.readers.profiles import ReaderOptions

    Options = ReaderOptions | Mapping[str, ReaderOptions]

_DECIDED = (Status.APPROVED, Status.REJECTED, Status.SUPERSEDED)


class Intake:
    """What a person asks of the machine; `Workspace` adds what they do themselves."""

    def __init__(self, database: Database, files: Files, client: JobClient, lock_minutes: int) -> None:
        """Take the parts; `open_workspace` makes them from the settings."""
        self._database = database
        self._files = files
        self._client = client
        self._lock_minutes = lock_minutes

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()
        self._database.close()

    def submit(
        self,
        files: Iterable[tuple[str, bytes]],
        *,
        document_type: str = "auto",
        readers: Sequence[str] = ("local",),
        options: "Options | None" = None,
        urgent: bool = False,
        user: str,
    ) -> str:
        """Keep the files (name, bytes), queue each to be read, return the batch id; taken one by one as they come.

        `urgent` where somebody waits before the screen: it is read before what was queued in the background.
        `options` are what a person changed of the readers, of all or by name, for this batch. UnknownReaderError
        before anything is kept.
        """
        changed = _json(options, readers)
        self._client.lanes.require(readers, changed)
        with self._database.write() as session:
            batch_id = jobs.add_batch(session, user, document_type, readers, changed)
        for position, (name, data) in enumerate(files):
            sha256, failure = self._keep(data)
            with self._database.write() as session:
                if failure is None:
                    jobs.add_original(session, sha256, media_type_of(name), len(data))
                row = jobs.add_record(session, batch_id, position, name, sha256, failure)
                record_id, attempt = row.id, row.attempt
            if failure is None:
                self._client.enqueue(record_id, attempt, readers, urgent=urgent)
        return batch_id

    def is_stored(self, data: bytes, name: str) -> bool:
        """Whether a file of this name and content was submitted already, and could be read or still may be."""
        with self._database.read() as session:
            return queries.has_file(session, digest(data), name)

    def _keep(self, data: bytes) -> tuple[str, str | None]:
        try:
            return self._files.put_original(data), None
        except StorageError:
            return digest(data), "not_stored"

    def retry(self, record_id: str, user: str) -> Record:
        """Queue a failed document to be read again; one that waits for a server is tried now."""
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            is_waiting = row.status == Status.QUEUED and waits.find_wait(session, row.id, row.attempt) is not None
            if is_waiting:
                waits.try_now(session, record_id=record_id)
            elif row.status == Status.FAILED:
                jobs.queue_again(session, row, user)
            else:
                raise WrongStatusError(row.status)
            session.flush()
            record, attempt = record_of(session, row), row.attempt
        if not is_waiting:
            self._client.enqueue(record_id, attempt, record.readers)
        return record

    def try_now(self, reader: str | None = None) -> int:
        """Try at once what waits for this reader, or for any; return how many documents."""
        with self._database.write() as session:
            return waits.try_now(session, reader)

    def standstill(self, tried_since: dt.datetime) -> Mapping[str, int] | None:
        """Return how many documents wait for each reader's server; None while there is anything to read."""
        with self._database.read() as session:
            return waits.find_standstill(session, tried_since)

    def read_again(
        self, record_id: str, readers: Sequence[str], options: "Options | None" = None, *, user: str
    ) -> Record:
        """Read a document anew with other readers: waiting, in work, failed, or read but not yet decided on.

        What a person changed is made again on the new reading. Until then, and where it fails, the earlier one stays;
        all stay in `Workspace.readings`. WrongStatusError where the record is approved or rejected, LockedError where
        somebody else has it open.
        """
        changed = _json(options, readers)
        self._client.lanes.require(readers, changed)
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            require_free(row, user)
            former = (row.id, row.attempt)
            jobs.queue_again(session, row, user, readers, changed)
            session.flush()
            record, attempt = record_of(session, row), row.attempt
        self._client.cancel([former])
        self._client.enqueue(record_id, attempt, readers)
        return record

    def cancel(self, wanted: str, user: str) -> int:
        """Call back a document, or all of a batch, that are queued or in work; return how many.

        Each becomes `failed` with the code `cancelled` and can be read again; a question to a model is given up.
        """
        with self._database.write() as session:
            rows = queries.find_open(session, wanted)
            called_back = [(row.id, row.attempt) for row in rows if jobs.cancel_reading(session, row, user)]
        self._client.cancel(called_back)
        return len(called_back)


def require_free(row: RecordRow, user: str) -> None:
    """Refuse what is decided, or what somebody else has open."""
    if row.status in _DECIDED:
        raise WrongStatusError(row.status)
    held = is_locked(row, queries.now())
    if held and row.locked_by and row.locked_until and row.locked_by != user:
        raise LockedError(row.locked_by, row.locked_until)


def _json(options: "Options | None", readers: Sequence[str]) -> str | None:
    """Return options as they are stored, reader by reader; none where nothing is changed."""
    if options is None:
        return None
    each = options if isinstance(options, Mapping) else dict.fromkeys(names_in(readers), options)
    changed = {name: each[name].model_dump(mode="json", exclude_none=True) for name in sorted(each)}
    kept = {name: changes for name, changes in changed.items() if changes}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else None
