"""Hardship for a batch: worker processes that are killed, a disk that is full; and what may not have been lost."""

import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

from queued_work import ROOT, worker_command
from sqlalchemy import func, select

from review.workflow import Status, StorageError, Workspace
from settings import Settings
from storage.tables import ExtractionRow, ReadingRow, WaitRow

_MACHINE_ACTIONS = {"waiting", "retried"}
"""Entries that a hard time may add to those of a quiet one."""


class Crew:
    """Worker processes of one kind."""

    def __init__(self, settings: Settings, kind: str, argument: object) -> None:
        self._command = worker_command(settings, kind, argument)
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the crew
        self.alive: list[subprocess.Popen] = []

    def start(self, *, wait: bool = True) -> subprocess.Popen:
        """Start one more; not waiting for it, it may be killed before it has begun."""
        process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, stderr=self._log, text=True)
        self.alive.append(process)
        if wait and process.stdout.readline() != "started\n":
            raise RuntimeError(f"no worker: {self.told()}")
        return process

    def kill(self, process: subprocess.Popen) -> None:
        """SIGKILL: nothing is cleaned up."""
        process.kill()
        process.communicate()
        self.alive.remove(process)

    def told(self) -> str:
        """Return what the workers wrote to their logs."""
        self._log.seek(0)
        return self._log.read()

    def close(self) -> None:
        """Kill whoever is left."""
        for process in list(self.alive):
            self.kill(process)
        self._log.close()


@contextmanager
def crew(settings: Settings, kind: str, argument: object) -> Iterator[Crew]:
    """A crew that is gone in the end."""
    workers = Crew(settings, kind, argument)
    try:
        yield workers
    finally:
        workers.close()


def kill_at_random(workers: Crew, workspace: Workspace, random: Random, kills: int, longest: float) -> None:
    """Start a worker and kill it at a random moment, again and again.

    Every third moment is counted from the process's start (up to `longest` seconds), so some die before they have
    begun; the others fall at random within the work, a few documents after the last.
    """
    for number in range(kills):
        process = workers.start(wait=False)
        if number % 3:
            goal = workspace.counts()["to_review"] + random.randint(1, 11)
            until(lambda goal=goal: workspace.counts()["to_review"] >= goal, 120, "no progress")
            time.sleep(random.uniform(0, 0.3))
        else:
            time.sleep(random.uniform(0, longest))
        workers.kill(process)


def until(condition: Callable[[], object], seconds: float, what: str) -> float:
    """Wait until something is true, through moments without a database; return the seconds."""
    started = time.monotonic()
    while True:
        try:
            if condition():
                return time.monotonic() - started
        except StorageError:
            pass
        if time.monotonic() - started > seconds:
            raise TimeoutError(what)
        time.sleep(0.1)


def is_read(workspace: Workspace) -> bool:
    """Whether nothing waits and nothing is being read."""
    counts = workspace.counts()
    return not counts["queued"] + counts["reading"]


def find_losses(workspace: Workspace, count: int) -> list[str]:
    """Return what is lost or doubled of a batch of `count` documents that could all be read; nothing if all is well."""
    records = workspace.records(limit=count * 2)
    found = [] if len(records) == count else [f"{len(records)} records of {count}"]
    for record in records:
        found += [f"{record.name}: {fault}" for fault in _faults_of(workspace, record.id)]
    found += _doubled(workspace)
    broken = workspace.verify()
    return found if broken is None else [*found, f"history: {broken}"]


def _faults_of(workspace: Workspace, record_id: str) -> Iterator[str]:
    record = workspace.record(record_id)
    if record.status is not Status.TO_REVIEW:
        yield f"is {record.status}"
        return
    actions = Counter(entry.action for entry in record.history)
    if actions - Counter(submitted=1, read=1) - Counter(dict.fromkeys(_MACHINE_ACTIONS, 99)) or actions["read"] != 1:
        yield f"history {dict(actions)}"
    finished = [reading for reading in workspace.readings(record_id) if reading.reading.values]
    if len(finished) != 1:
        yield f"{len(finished)} readings with values"
    try:
        workspace.original(record_id)
        workspace.page_image(record_id, 0)
    except StorageError as error:
        yield f"file: {error.key}"


def _doubled(workspace: Workspace) -> Sequence[str]:
    with workspace._database.read() as session:
        extractions = session.scalar(select(func.count()).select_from(ExtractionRow))
        records = session.scalar(select(func.count(func.distinct(ExtractionRow.record_id))))
        twice = select(ReadingRow.record_id).group_by(ReadingRow.record_id, ReadingRow.attempt, ReadingRow.position)
        doubled = len(session.execute(twice.having(func.count() > 1)).all())
        waits = session.scalar(select(func.count()).select_from(WaitRow))
    found = [] if extractions == records else [f"{extractions} extractions of {records} records"]
    return [*found, *([f"{doubled} readings doubled"] if doubled else []), *([f"{waits} waits left"] if waits else [])]


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of its own; PermissionError where only an administrator may make one."""
    with tempfile.TemporaryDirectory(prefix="claimsheet-") as name:
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", name]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            raise PermissionError("no file system can be mounted here")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "-l", name], check=True)


def fill(disk: Path) -> Path:
    """Write until nothing goes in any more and return the file that takes the room."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (2**20, 2**12):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    return ballast
