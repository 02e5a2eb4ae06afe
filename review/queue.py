"""Durable jobs on DBOS: one workflow a document, resumed wherever a worker lives.

DBOS sees ids only, no value of a document. It runs a job at least once, so every step may be repeated
(`review/reading.py`). Nothing of it talks to the network but the database: no conductor, no telemetry.
"""

import logging
import socket
import threading
import traceback
from pathlib import Path

from dbos import DBOS, DBOSClient, DBOSConfig
from dbos._error import DBOSException  # the base of its errors has no public name
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from review.reading import PipelineMaker, Pipelines, Reading
from settings import Settings
from storage import executors, jobs
from storage.database import Database, database_url
from storage.errors import OriginalMissingError, RecordNotFoundError, StorageError
from storage.executors import Executor
from storage.files import Files

APPLICATION = "claimsheet"
APPLICATION_VERSION = "1"
"""Raised only when the steps of the workflow change: jobs of another version wait for a worker of theirs."""
QUEUE = "documents"
WORKFLOW = "read_document"
_BEAT_SECONDS = 5.0
_SWEEP_BEATS = 6
"""Every so many heartbeats the worker looks for documents that wait without a job."""
_CHUNK = 500

_log = logging.getLogger(__name__)


def queue_url(url: str | None, data: Path) -> str:
    """Return where DBOS keeps its state: a file of its own beside SQLite (it uses no WAL), or the same PostgreSQL."""
    ours = database_url(url, data)
    if ours.get_backend_name() == "sqlite":
        folder = Path(ours.database).parent if ours.database else data
        ours = URL.create("sqlite", database=str(folder / "queue.sqlite3"))
    return ours.render_as_string(hide_password=False)


def _workflow_id(record_id: str, attempt: int) -> str:
    return f"{record_id}:{attempt}"


class JobClient:
    """Queues documents, from any process; connects when it is first used."""

    def __init__(self, url: str) -> None:
        """Take the URL of the queue."""
        self._url = url
        self._client: DBOSClient | None = None
        self._lock = threading.Lock()

    def enqueue(self, record_id: str, attempt: int) -> None:
        """Queue one reading; a second time changes nothing. What fails here is found by a worker's sweep."""
        try:
            self._connected().enqueue(
                {
                    "workflow_name": WORKFLOW,
                    "queue_name": QUEUE,
                    "workflow_id": _workflow_id(record_id, attempt),
                    "app_version": APPLICATION_VERSION,
                },
                record_id,
                attempt,
            )
        except (SQLAlchemyError, DBOSException) as error:
            _log.warning("record %s waits for the next sweep: %s", record_id, type(error).__name__)

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


class _TryAgainError(Exception):
    """Tells DBOS to repeat a step, by the key of the error alone."""


class Worker:
    """What this process reads with, and its heartbeat."""

    def __init__(self, settings: Settings, make: PipelineMaker) -> None:
        """Open the stored work and take the executor's name."""
        self.url = queue_url(settings.database_url, settings.data)
        self.database = Database(database_url(settings.database_url, settings.data))
        self.files = Files(settings.originals_url, settings.data)
        self.reading = Reading(self.database, self.files, Pipelines(make))
        self.client = JobClient(self.url)
        self.executor = _claim(self.database)
        self._stop = threading.Event()
        self._heart = threading.Thread(target=self._live, name="claimsheet-heart", daemon=True)

    def start(self) -> None:
        """Begin to beat; jobs that were lost are queued at once."""
        self._heart.start()

    def stop(self) -> None:
        """Stop beating and leave what is undone to others."""
        self._stop.set()
        self._heart.join()
        try:
            with self.database.write() as session:
                executors.retire(session, self.executor)
        except StorageError as error:
            _log.warning("%s stops without a word: %s", self.executor.id, type(error).__name__)
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()
        self.database.close()

    def _live(self) -> None:
        beats = 0
        while True:
            try:
                self._beat()
                if beats % _SWEEP_BEATS == 0:
                    self._sweep()
            except (StorageError, SQLAlchemyError, DBOSException) as error:
                _log.warning("heartbeat missed: %s", type(error).__name__)
            beats += 1
            if self._stop.wait(_BEAT_SECONDS):
                return

    def _beat(self) -> None:
        """Show that this worker lives and take over what belongs to dead ones."""
        with self.database.write() as session:
            if not executors.beat(session, self.executor):
                _log.error("another process works as %s", self.executor.id)
                return
            dead = executors.find_dead(session)
        if not dead:
            return
        left = DBOS.list_workflows(status=["PENDING"], executor_id=dead, load_input=False, load_output=False)
        if left:
            _log.warning("taking over %d jobs of %s", len(left), ", ".join(dead))
            DBOS.resume_workflows([item.workflow_id for item in left], queue_name=QUEUE)

    def _sweep(self) -> None:
        """Queue documents that have no job, and give up those whose job ended without a word."""
        with self.database.read() as session:
            unread = jobs.find_unread(session)
        for start in range(0, len(unread), _CHUNK):
            chunk = {_workflow_id(*item): item for item in unread[start : start + _CHUNK]}
            known = DBOS.list_workflows(workflow_ids=list(chunk), load_input=False, load_output=False)
            states = {item.workflow_id: item.status for item in known}
            for workflow_id, (record_id, attempt) in chunk.items():
                state = states.get(workflow_id)
                if state is None:
                    self.client.enqueue(record_id, attempt)
                elif state in ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"):
                    self.reading.fail(record_id, attempt, "job_lost")


def _claim(database: Database) -> Executor:
    """Take a name; two processes that take their first one at the same moment would collide once."""
    for attempt in range(3):
        try:
            with database.write() as session:
                return executors.claim(session, socket.gethostname())
        except StorageError:
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


_worker: Worker | None = None
_worker_lock = threading.Lock()


def start_worker(
    settings: Settings,
    *,
    make: PipelineMaker | None = None,
    concurrency: int | None = None,
    polling_seconds: float = 0.5,
) -> None:
    """Read queued documents in this process until `stop_worker`; a second call changes nothing.

    `concurrency` is how many at the same time, by default as the settings say; 0 starts nothing. `make` gives the
    pipelines instead of the real readers.
    """
    global _worker
    number = settings.interface.workers if concurrency is None else concurrency
    with _worker_lock:
        if _worker is not None or number == 0:
            return
        worker = Worker(settings, make or _real_pipelines(settings))
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": worker.url,
            "application_version": APPLICATION_VERSION,
            "executor_id": worker.executor.id,
            "enable_otlp": False,
            "log_level": "ERROR",
            "use_listen_notify": False,
        }
        _worker = worker  # before the launch: jobs of a former run of this executor begin with it
        try:
            DBOS(config=config)
            DBOS.launch()
            DBOS.register_queue(QUEUE, worker_concurrency=number, polling_interval_sec=polling_seconds)
        except (SQLAlchemyError, DBOSException) as error:
            _worker = None
            DBOS.destroy()
            worker.close()
            raise StorageError(cause=type(error).__name__) from error
        worker.start()


def _real_pipelines(settings: Settings) -> PipelineMaker:
    from extraction.pipeline import make_pipeline  # loads OCR: not in processes that only queue and show

    return lambda readers: make_pipeline(settings, readers)


def stop_worker(*, patience_seconds: int = 0) -> None:
    """Stop reading; a document in work is waited for so long, then it is left to be resumed."""
    global _worker
    with _worker_lock:
        if _worker is None:
            return
        try:
            DBOS.destroy(workflow_completion_timeout_sec=patience_seconds)
        finally:
            worker, _worker = _worker, None
            worker.stop()


def is_working() -> bool:
    """Whether this process reads queued documents."""
    return _worker is not None


@DBOS.workflow(name=WORKFLOW)
def read_document(record_id: str, attempt: int) -> None:
    """Read one document; both steps may be repeated."""
    if _begin(record_id, attempt):
        _read(record_id, attempt)


@DBOS.step(name="begin", retries_allowed=True, max_attempts=6, interval_seconds=1.0, backoff_rate=2.0)
def _begin(record_id: str, attempt: int) -> bool:
    worker = _working()
    try:
        return worker.reading.begin(record_id, attempt)
    except RecordNotFoundError:
        return False
    except StorageError as error:
        raise _TryAgainError(error.key) from error


@DBOS.step(name="read", retries_allowed=True, max_attempts=6, interval_seconds=1.0, backoff_rate=2.0)
def _read(record_id: str, attempt: int) -> None:
    worker = _working()
    try:
        _read_or_fail(worker.reading, record_id, attempt)
    except RecordNotFoundError:
        return
    except StorageError as error:
        raise _TryAgainError(error.key) from error


def _read_or_fail(reading: Reading, record_id: str, attempt: int) -> None:
    try:
        reading.read(record_id, attempt)
    except OriginalMissingError as error:
        reading.fail(record_id, attempt, error.key)
    except StorageError:
        raise
    except Exception as error:
        # a bad file must not stop the batch; frames only, an error's message may quote a document
        frames = "".join(traceback.format_tb(error.__traceback__))
        _log.error("record %s attempt %d failed: %s\n%s", record_id, attempt, type(error).__name__, frames)
        reading.fail(record_id, attempt, "internal_error", kind=type(error).__name__)


def _working() -> Worker:
    if _worker is None:
        raise _TryAgainError("worker_stopped")
    return _worker
