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

from review.chores import Chores
from review.job_client import QUEUE, JobClient, Lanes, queue_url, workflow_id
from review.reading import MACHINE, PipelineMaker, Pipelines, Reading
from settings import Settings
from storage import audit, executors, jobs, pauses, queries, waits
from storage.database import Database, database_url
from storage.errors import StorageError
from storage.executors import DEAD_AFTER, Executor
from storage.files import Files

BEAT_SECONDS = 5.0
SWEEP_BEATS = 6
"""Every so many heartbeats the worker looks for documents that wait without a job."""
ATTEND_SECONDS = 1.0
"""Between looks at whether what is in work is still wanted, and what waits is due."""
_CHUNK = 500
_ENDED = ("CANCELLED", "SUCCESS")
_LOST = (*_ENDED, "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
"""States of a job that ended; a record that is still open then was forgotten, unless a pause ended it."""
_MACHINE_TRIES = 3
"""So often a document is read again by itself after the queue could not keep up its job."""

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

    def rest(self, seconds: float) -> None:
        """Sleep so long; LeftForLater where the worker stops."""
        if self._stopping.wait(seconds):
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
        self.reading = Reading(self.database, self.files, Pipelines(make, settings.profiles_file), settings.approval)
        self.client = JobClient(self.url, Lanes(settings))
        self.executor = _claim(self.database)
        self.stopping = threading.Event()
        self._chores = Chores(settings, self.database, self.executor.id)
        self._jobs: dict[tuple[str, int], Job] = {}
        self._adrift: set[str] = set()
        self._judges_from = self._beaten_at = time.monotonic()
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
        self._chores.stop()
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
                        self._chores.look()
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
            is_over = standing is None or standing.attempt != attempt or not standing.is_open
            if standing is None or is_over or standing.is_held:
                job.interrupt()
            elif standing.next_try_at is not None and standing.next_try_at <= now:
                job.wake()

    def _beat(self) -> None:
        """Show that this worker lives and take over what belongs to dead ones."""
        with self.database.write() as session:
            if not executors.beat(session, self.executor):
                _log.error("another process works as %s", self.executor.id)
                return
            dead = executors.find_dead(session) if self._may_judge() else []
        if not dead:
            return
        left: dict[str, list[str]] = defaultdict(list)
        for item in DBOS.list_workflows(status=["PENDING"], executor_id=dead, load_input=False, load_output=False):
            left[item.queue_name or QUEUE].append(item.workflow_id)
        for name, ids in left.items():
            _log.warning("taking over %d jobs of %s", len(ids), ", ".join(dead))
            DBOS.resume_workflows(ids, queue_name=name)

    def _may_judge(self) -> bool:
        """Whether silence of the others means something: after a while without the database nobody was heard."""
        now, patience = time.monotonic(), DEAD_AFTER.total_seconds()
        if now - self._beaten_at > patience / 2:
            self._judges_from = now + patience
        self._beaten_at = now
        return now >= self._judges_from

    def _sweep(self) -> None:
        """Queue documents that have no job, resume those adrift, give up those whose job ended without a word."""
        with self.database.read() as session:
            unread = jobs.find_unread(session)
        adrift: set[str] = set()
        paused: list[jobs.Unread] = []
        for start in range(0, len(unread), _CHUNK):
            chunk = {workflow_id(item.record_id, item.attempt): item for item in unread[start : start + _CHUNK]}
            known = DBOS.list_workflows(workflow_ids=list(chunk), load_input=False, load_output=False)
            states = {item.workflow_id: item for item in known}
            for name, item in chunk.items():
                state = states.get(name)
                if state is None:
                    self.client.enqueue(item.record_id, item.attempt, item.readers)
                elif state.status in _ENDED and self._was_paused(item):
                    paused.append(item)
                elif state.status in _LOST:
                    self.reading.fail(item.record_id, item.attempt, "job_lost")
                elif state.status == "ERROR":
                    self._read_again(item)
                elif state.status == "PENDING" and state.executor_id == self.executor.id:
                    adrift |= self._find_adrift(item, state.queue_name or QUEUE)
        self._adrift = adrift
        self.client.revive(paused)

    def _was_paused(self, item: jobs.Unread) -> bool:
        with self.database.read() as session:
            return pauses.was_held(session, item.batch_id)

    def _find_adrift(self, item: jobs.Unread, queue_name: str) -> set[str]:
        """Return the job if it is ours and nobody here does it; resumed where that was so at the last look too.

        The queue could not note an end or a beginning, as when the disk is full: no other worker looks for it.
        """
        with self._lock:
            if (item.record_id, item.attempt) in self._jobs:
                return set()
        name = workflow_id(item.record_id, item.attempt)
        if name not in self._adrift:
            return {name}
        _log.warning("record %s is taken up again", item.record_id)
        DBOS.resume_workflows([name], queue_name=queue_name)
        return set()

    def _read_again(self, item: jobs.Unread) -> None:
        """Ask for another attempt: the job broke off in the queue, not on the document. Some times, then it failed."""
        with self.database.write() as session:
            row = queries.get_row(session, item.record_id, for_update=True)
            if row.attempt != item.attempt or row.status not in waits.OPEN:
                return
            entries = audit.entries(session, row.id)
            tries = sum(entry.action == "retried" and entry.user == MACHINE for entry in entries)
            if tries >= _MACHINE_TRIES:
                jobs.fail_reading(session, row.id, row.attempt, "job_lost", {}, MACHINE)
                return
            jobs.queue_again(session, row, MACHINE)
            attempt = row.attempt
        self.client.enqueue(item.record_id, attempt, item.readers)


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
