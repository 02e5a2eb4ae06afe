"""Queues documents on DBOS, from any process: a lane for what this machine reads, one for each model server."""

import json
import logging
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from dbos import DBOS, DBOSClient, WorkflowStatus
from dbos._error import DBOSException  # the base of its errors has no public name
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from schemas.reader_choice import names_in
from settings import Settings
from storage.database import database_url
from storage.errors import UnknownReaderError
from storage.jobs import Unread

APPLICATION = "claimsheet"
APPLICATION_VERSION = "1"
"""Raised only when the steps of the workflow change: jobs of another version wait for a worker of theirs."""
QUEUE = "documents"
"""The lane of documents that only this machine's processors read."""
WORKFLOW = "read_document"
_MODEL_QUEUE = "models."
_POLLING_SECONDS = 0.5
_CHUNK = 500
_ENDED = ("CANCELLED", "SUCCESS")
"""States of a job that will do nothing more by itself and was not broken off."""

_log = logging.getLogger(__name__)


def queue_url(url: str | None, data: Path) -> str:
    """Return where DBOS keeps its state: a file of its own beside SQLite (it uses no WAL), or the same PostgreSQL."""
    ours = database_url(url, data)
    if ours.get_backend_name() == "sqlite":
        folder = Path(ours.database).parent if ours.database else data
        ours = URL.create("sqlite", database=str(folder / "queue.sqlite3"))
    return ours.render_as_string(hide_password=False)


def workflow_id(record_id: str, attempt: int) -> str:
    """Return the name of the one job that reads a record for this attempt."""
    return f"{record_id}:{attempt}"


class Lanes:
    """Which queue a document takes, by its readers: those that wait for a server leave the processors to others."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings: the readers of this installation, and how many documents may wait for servers."""
        self._settings = settings

    def known(self) -> tuple[str, ...]:
        """Return the names of all readers."""
        from extraction.readers import READERS  # loads OCR: not in processes that only show

        return (*READERS, *(name for name in self._profiles() if name not in READERS))

    def require(self, readers: Sequence[str], options: str | None) -> None:
        """Refuse what no reader is; a server named in the options makes one of its own."""
        from extraction.readers import READERS
        from extraction.readers.profiles import AD_HOC

        server = json.loads(options).get(AD_HOC, {}) if options else {}
        is_ad_hoc = bool(server.get("base_url") and server.get("model"))
        names = names_in(readers)
        known = set(READERS) if set(names) <= set(READERS) else set(self.known())
        for name in names:
            if name not in known and not (name == AD_HOC and is_ad_hoc):
                raise UnknownReaderError(name, self.known())
        if not readers:
            raise UnknownReaderError("", self.known())

    def of(self, readers: Sequence[str]) -> tuple[str, int | None]:
        """Return the queue and how many of it one worker reads at once; None where the worker has decided that."""
        models = sorted(set(names_in(readers)) - {"local", "fake"})
        if not models:
            return QUEUE, None
        profiles, most = self._profiles(), self._settings.interface.requests
        return _MODEL_QUEUE + "+".join(models), min([most, *(profiles[name] for name in models if name in profiles)])

    def _profiles(self) -> dict[str, int]:
        """Return the concurrency of each profile; none where the office's file is broken (reading then says so)."""
        from extraction.errors import ReaderError
        from extraction.readers.profiles import load_profiles

        try:
            return {name: each.bounds.concurrency for name, each in load_profiles(self._settings.profiles_file).items()}
        except ReaderError as error:
            _log.warning("reader profiles: %s", error.key)
            return {}


_URGENT, _BACKGROUND = 1, 10
"""Priorities of the queue, the lowest first. Another attempt was asked for by somebody who waits for it."""


class JobClient:
    """Queues documents, from any process; connects when it is first used."""

    def __init__(self, url: str, lanes: Lanes) -> None:
        """Take the URL of the queue, and what tells a document's lane."""
        self.lanes = lanes
        self._url = url
        self._client: DBOSClient | None = None
        self._lock = threading.Lock()
        self._registered: dict[str, int] = {}

    def enqueue(self, record_id: str, attempt: int, readers: Sequence[str], *, urgent: bool = False) -> None:
        """Queue one reading; a second time changes nothing. What fails here is found by a worker's sweep.

        `urgent`: somebody waits for it, so it goes before what was queued in the background.
        """
        queue, concurrency = self.lanes.of(readers)
        try:
            client = self._connected()
            if concurrency is not None and self._registered.get(queue) != concurrency:
                client.register_queue(queue, worker_concurrency=concurrency, polling_interval_sec=_POLLING_SECONDS)
                self._registered[queue] = concurrency
            client.enqueue(
                {
                    "workflow_name": WORKFLOW,
                    "queue_name": queue,
                    "workflow_id": workflow_id(record_id, attempt),
                    "app_version": APPLICATION_VERSION,
                    "priority": _URGENT if urgent or attempt > 1 else _BACKGROUND,
                },
                record_id,
                attempt,
            )
        except (SQLAlchemyError, DBOSException) as error:
            _log.warning("record %s waits for the next sweep: %s", record_id, type(error).__name__)

    def cancel(self, jobs: Sequence[tuple[str, int]]) -> None:
        """Take jobs that nobody began out of their queue; those in work see by themselves that they are not wanted."""
        try:
            for found in self._find([workflow_id(*job) for job in jobs], "ENQUEUED"):
                self._connected().cancel_workflows([item.workflow_id for item in found])
        except (SQLAlchemyError, DBOSException) as error:
            _log.warning("cancelled jobs stay queued for nothing: %s", type(error).__name__)

    def revive(self, jobs: Sequence[Unread]) -> None:
        """Queue again what a pause took out of the queue, or what ended because of it; what is there stays."""
        ended: dict[str, bool] = {}
        try:
            for found in self._find([workflow_id(item.record_id, item.attempt) for item in jobs], list(_ENDED)):
                self._connected().delete_workflows([item.workflow_id for item in found])
                ended |= {item.workflow_id: item.priority == _URGENT for item in found}
        except (SQLAlchemyError, DBOSException) as error:
            _log.warning("jobs wait for the next sweep: %s", type(error).__name__)
            return
        for item in jobs:  # a second time changes nothing for those that were in the queue all the time
            urgent = ended.get(workflow_id(item.record_id, item.attempt), False)
            self.enqueue(item.record_id, item.attempt, item.readers, urgent=urgent)

    def _find(self, ids: Sequence[str], status: str | list[str]) -> Iterator[list[WorkflowStatus]]:
        """Yield the jobs in a state, as many at once as a database takes in one question."""
        for start in range(0, len(ids), _CHUNK):
            found = self._connected().list_workflows(
                workflow_ids=list(ids[start : start + _CHUNK]), status=status, load_input=False, load_output=False
            )
            if found:
                yield found

    def close(self) -> None:
        """Disconnect."""
        with self._lock:
            if self._client is not None:
                self._client.destroy()
                self._client = None

    def _connected(self) -> DBOSClient:
        with self._lock:
            if self._client is None:
                DBOS.migrate(self._url)
                self._client = DBOSClient(system_database_url=self._url, application_name=APPLICATION)
            return self._client
