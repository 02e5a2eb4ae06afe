"""Durable jobs on DBOS: one workflow a document, resumed wherever a worker lives.

DBOS sees ids only, no value of a document. It runs a job at least once, so every step may be repeated
(`review/reading.py`). Nothing of it talks to the network but the database: no conductor, no telemetry.

A document whose reader's server is out of reach keeps its place in the reader's lane and sleeps there: the lane stops
by itself, nothing is tried over and over, and DBOS writes nothing meanwhile. So does one that cannot be stored, while
the database is away or the disk is full.
"""

import logging
import threading
import traceback
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from dbos import DBOS, DBOSConfig
from dbos._error import DBOSException  # the base of its errors has no public name
from sqlalchemy.exc import SQLAlchemyError

from extraction.validation.office import install
from review.job_client import APPLICATION, APPLICATION_VERSION, QUEUE, WORKFLOW, JobClient, Lanes, queue_url
from review.reading import PipelineMaker, Progress, Reading
from review.worker import Job, LeftForLater, Worker
from settings import Settings
from storage.database import passes_by_itself
from storage.errors import OriginalMissingError, RecordNotFoundError, StorageError

__all__ = ["JobClient", "Lanes", "is_working", "queue_url", "start_worker", "stop_worker"]

_PATIENCE = 1.0, 20.0
"""Seconds between tries to store something, the first time and at most."""

_log = logging.getLogger(__name__)
T = TypeVar("T")


class _TryAgainError(Exception):
    """Tells DBOS to repeat a step, by the key of the error alone."""


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

    `concurrency` is how many at the same time this machine reads by itself, by default as the settings say; 0 starts
    nothing. `make` gives the pipelines instead of the real readers.
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

    install(settings.rules_files)  # a file that cannot be used stops the start, not each document
    return lambda readers, options: make_pipeline(settings, readers, options)


def stop_worker(*, patience_seconds: int = 0) -> None:
    """Stop reading; a document in work is waited for so long, then it is left to be resumed."""
    global _worker
    with _worker_lock:
        if _worker is None:
            return
        _worker.leave(now=patience_seconds == 0)
        try:
            DBOS.destroy(workflow_completion_timeout_sec=patience_seconds)
        finally:
            worker, _worker = _worker, None
            worker.leave(now=True)
            worker.stop()


def is_working() -> bool:
    """Whether this process reads queued documents."""
    return _worker is not None


@DBOS.workflow(name=WORKFLOW)
def _read_document(record_id: str, attempt: int) -> None:
    """Read one document; both steps may be repeated."""
    if _begin(record_id, attempt):
        _read(record_id, attempt)


@DBOS.step(name="begin", retries_allowed=True, max_attempts=6, interval_seconds=1.0, backoff_rate=2.0)
def _begin(record_id: str, attempt: int) -> bool:
    worker = _working()
    try:
        with worker.at_work(record_id, attempt) as job:
            return _patiently(job, lambda: worker.reading.begin(record_id, attempt))
    except RecordNotFoundError:
        return False
    except StorageError as error:
        raise _TryAgainError(error.key) from error


@DBOS.step(name="read", retries_allowed=True, max_attempts=6, interval_seconds=1.0, backoff_rate=2.0)
def _read(record_id: str, attempt: int) -> None:
    worker = _working()
    try:
        with worker.at_work(record_id, attempt) as job:
            read = partial(_read_or_fail, worker.reading, record_id, attempt, job)
            while (progress := _patiently(job, read)) is Progress.WAITING:
                job.wait()
        if progress is Progress.GIVEN_UP and worker.stopping.is_set():
            raise LeftForLater
    except RecordNotFoundError:
        return
    except StorageError as error:
        raise _TryAgainError(error.key) from error


def _patiently(job: Job, work: Callable[[], T]) -> T:
    """Do it again until the storage takes it; a worker that stops meanwhile leaves it to others."""
    seconds, longest = _PATIENCE
    while True:
        try:
            return work()
        except StorageError as error:
            if not passes_by_itself(error):
                raise
            _log.warning("nothing can be stored: %s", error.parameters.get("cause"))
        job.rest(seconds)
        seconds = min(seconds * 2, longest)


def _read_or_fail(reading: Reading, record_id: str, attempt: int, job: Job) -> Progress:
    try:
        return reading.read(record_id, attempt, job.cancel)
    except OriginalMissingError as error:
        reading.fail(record_id, attempt, error.key)
    except StorageError:
        raise
    except Exception as error:
        # a bad file must not stop the batch; frames only, an error's message may quote a document
        frames = "".join(traceback.format_tb(error.__traceback__))
        _log.error("record %s attempt %d failed: %s\n%s", record_id, attempt, type(error).__name__, frames)
        reading.fail(record_id, attempt, "internal_error", kind=type(error).__name__)
    return Progress.DONE


def _working() -> Worker:
    if _worker is None:
        raise _TryAgainError("worker_stopped")
    return _worker
