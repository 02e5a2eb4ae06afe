"""A worker process: what it reads with, what it has in work, its heartbeat, and what it takes over from dead ones."""

import datetime as dt
import logging
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from dbos import DBOS
from dbos._error import DBOSException  # the base of its errors has no public name
from sqlalchemy.exc import SQLAlchemyError

from review.job_client import QUEUE, JobClient, Lanes, queue_url, workflow_id
from review.reading import PipelineMaker, Pipelines, Reading
from settings import Settings
from storage import executors, jobs, waits
from storage.database import Database, database_url
from storage.errors import StorageError
from storage.executors import Executor
from storage.files import Files

BEAT_SECONDS = 5.0
SWEEP_BEATS = 6
"""Every so many heartbeats the worker looks for documents that wait without a job."""
ATTEND_SECONDS = 1.0
"""Between looks at whether what is in work is still wanted, and what waits is due."""
_CHUNK = 500
_LOST = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "SUCCESS")
"""States of a job that ended; a record that is still open then was forgotten."""

_log = logging.getLogger(__name__)


class LeftForLater(BaseException):
    """The worker stops in the middle of a job. No Exception, so that DBOS notes nothing: the job goes on elsewhere."""


class Job:
    """A document in work, and how its thread is told."""

    def __init__(self, stopping: threading.Event) -> None:
        """Take what says that the worker stops."""
        self.cancel = threading.Event()
        self._due = threading.Event()
        self._stopping = stopping

    def wait(self) -> None:
        """Sleep until it is time for another try; LeftForLater where the worker stops."""
        self._due.clear()
        if not self._stopping.is_set():
            self._due.wait()
        if self._stopping.is_set():
            raise LeftForLater

    def wake(self) -> None:
        """End the sleep."""
        self._due.set()

    def interrupt(self) -> None:
        """Give up what is being asked."""
        self.cancel.set()
        self._due.set()


class Worker:
    """What this process reads with, and its heartbeat."""

    def __init__(self, settings: Settings, make: PipelineMaker) -> None:
        """Open the stored work and take the executor's name."""
        self.url = queue_url(settings.database_url, settings.data)
        self.database = Database(database_url(settings.database_url, settings.data))
        self.files = Files(settings.originals_url, settings.data)
        self.reading = Reading(self.database, self.files, Pipelines(make, settings.profiles_file))
        self.client = JobClient(self.url, Lanes(settings))
        self.executor = _claim(self.database)
        self.stopping = threading.Event()
        self._jobs: dict[tuple[str, int], Job] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._heart = threading.Thread(target=self._live, name="claimsheet-heart", daemon=True)

    def start(self) -> None:
        """Begin to beat; jobs that were lost are queued at once."""
        self._heart.start()

    def leave(self, *, now: bool) -> None:
        """Let go of what waits, and of questions in work too where it is to be `now`: others go on with them."""
        self.stopping.set()
        with self._lock:
            running = list(self._jobs.values())
        for job in running:
            job.interrupt() if now else job.wake()

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

    @contextmanager
    def at_work(self, record_id: str, attempt: int) -> Iterator[Job]:
        """Note that a document is in work."""
        job, key = Job(self.stopping), (record_id, attempt)
        with self._lock:
            self._jobs[key] = job
        try:
            yield job
        finally:
            with self._lock:
                if self._jobs.get(key) is job:
                    del self._jobs[key]

    def _live(self) -> None:
        beats, due = 0, 0.0
        while True:
            try:
                self._attend()
                if time.monotonic() >= due:
                    due = time.monotonic() + BEAT_SECONDS
                    beats += 1
                    self._beat()
                    if beats % SWEEP_BEATS == 1 or SWEEP_BEATS == 1:
                        self._sweep()
            except (StorageError, SQLAlchemyError, DBOSException) as error:
                _log.warning("heartbeat missed: %s", type(error).__name__)
            if self._stop.wait(min(ATTEND_SECONDS, BEAT_SECONDS)):
                return

    def _attend(self) -> None:
        """Wake what is due, interrupt what a person called back or asked for anew, whichever process they used."""
        with self._lock:
            running = dict(self._jobs)
        if not running:
            return
        with self.database.read() as session:
            standings = waits.find_standings(session, [record_id for record_id, _ in running])
        now = dt.datetime.now(dt.UTC)
        for (record_id, attempt), job in running.items():
            standing = standings.get(record_id)
            if standing is None or standing.attempt != attempt or not standing.is_open:
                job.interrupt()
            elif standing.next_try_at is not None and standing.next_try_at <= now:
                job.wake()

    def _beat(self) -> None:
        """Show that this worker lives and take over what belongs to dead ones."""
        with self.database.write() as session:
            if not executors.beat(session, self.executor):
                _log.error("another process works as %s", self.executor.id)
                return
            dead = executors.find_dead(session)
        if not dead:
            return
        left: dict[str, list[str]] = defaultdict(list)
        for item in DBOS.list_workflows(status=["PENDING"], executor_id=dead, load_input=False, load_output=False):
            left[item.queue_name or QUEUE].append(item.workflow_id)
        for name, ids in left.items():
            _log.warning("taking over %d jobs of %s", len(ids), ", ".join(dead))
            DBOS.resume_workflows(ids, queue_name=name)

    def _sweep(self) -> None:
        """Queue documents that have no job, and give up those whose job ended without a word."""
        with self.database.read() as session:
            unread = jobs.find_unread(session)
        for start in range(0, len(unread), _CHUNK):
            chunk = {workflow_id(item.record_id, item.attempt): item for item in unread[start : start + _CHUNK]}
            known = DBOS.list_workflows(workflow_ids=list(chunk), load_input=False, load_output=False)
            states = {item.workflow_id: item.status for item in known}
            for name, item in chunk.items():
                state = states.get(name)
                if state is None:
                    self.client.enqueue(item.record_id, item.attempt, item.readers)
                elif state in _LOST:
                    self.reading.fail(item.record_id, item.attempt, "job_lost")


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
