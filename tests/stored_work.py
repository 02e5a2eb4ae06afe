"""Stored work for tests: a workspace on either database, documents drawn by Pillow, a reader without eyes."""

import datetime as dt
import io
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image
from postgres_server import new_database
from sqlalchemy import text, update

from extraction.errors import ReaderError, ReaderUnavailableError
from extraction.pipeline import Pipeline
from extraction.readers.fake import FakeReader, small_receipt
from review.corrections import Change
from review.job_client import Lanes
from review.reading import Pipelines, Reading
from review.workflow import Record, Workspace
from schemas.result import Attempt
from schemas.result import Reading as ReaderResult
from settings import Limits, Settings
from storage.database import Database, database_url
from storage.files import Files
from storage.jobs import Unread
from storage.tables import Base, RecordRow


def picture(number: int = 0) -> bytes:
    """Return a PNG whose bytes differ with the number."""
    buffer = io.BytesIO()
    Image.new("RGB", (400, 600), (255 - number // 256, 255, 255 - number % 256)).save(buffer, "PNG")
    return buffer.getvalue()


def grow_old(work, *ids):
    """Let these records look as if nobody had touched them for years."""
    with work.database.write() as session:
        session.execute(
            update(RecordRow).where(RecordRow.id.in_(ids)).values(updated_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        )


def fake_pipelines(*answers: ReaderResult | Exception, reader: FakeReader | None = None):
    """Return what makes pipelines of a fake reader; the answers are given in turn, then the small receipt."""
    reader = reader or FakeReader(*answers)
    return lambda readers, options=None: Pipeline(dict.fromkeys(readers, reader), Limits())


def receipt(**values: object) -> ReaderResult:
    """Return the small receipt with other values."""
    reading = small_receipt()
    return reading.model_copy(update={"values": {**reading.values, **values}})


class SlowReader(FakeReader):
    """Takes its time."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def read(self, pages, document_type):
        time.sleep(self.seconds)
        return super().read(pages, document_type)


class NoQueue:
    """Stands in for DBOS where a test reads by itself; keeps what was queued."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, int]] = []
        self.lanes = Lanes(Settings())

    def enqueue(self, record_id: str, attempt: int, readers: Sequence[str] = (), *, urgent: bool = False) -> None:
        self.jobs.append((record_id, attempt))

    def cancel(self, jobs: Sequence[tuple[str, int]]) -> None:
        self.jobs = [job for job in self.jobs if job not in jobs]

    def revive(self, jobs: Sequence[Unread]) -> None:
        found = [(job.record_id, job.attempt) for job in jobs]
        self.jobs += [job for job in found if job not in self.jobs]

    def close(self) -> None:
        pass


@dataclass
class StoredWork:
    """A workspace whose documents are read when the test says so."""

    settings: Settings
    queue: NoQueue = field(default_factory=NoQueue)

    def __post_init__(self) -> None:
        self.database = Database(database_url(self.settings.database_url, self.settings.data))
        self.files = Files(self.settings.originals_url, self.settings.data)
        self.workspace = self.open()

    def open(self) -> Workspace:
        """Return another view of the same work, as another process or a reloaded page has it."""
        return Workspace(self.database, self.files, self.queue, self.settings.interface.lock_minutes)

    def read(self, *answers: ReaderResult | Exception) -> list[str]:
        """Read all that is queued and return the ids."""
        reading = Reading(self.database, self.files, Pipelines(fake_pipelines(*answers)), self.settings.approval)
        jobs, self.queue.jobs = self.queue.jobs, []
        for record_id, attempt in jobs:
            if reading.begin(record_id, attempt):
                reading.read(record_id, attempt)
        return [record_id for record_id, _ in jobs]

    def add(self, *answers: ReaderResult | Exception) -> list[str]:
        """Submit one document an answer, read them and return the ids."""
        number = len(self.workspace.records(limit=1000))
        files = [(f"{number + index}.png", picture(number + index)) for index in range(max(len(answers), 1))]
        self.workspace.submit(files, readers=("fake",), user="ann")
        return self.read(*answers)

    def open_one(self, *answers: ReaderResult, user: str = "ann") -> Record:
        """Add a document and open it for review."""
        return self.workspace.open_for_review(self.add(*answers)[0], user)

    def correct(self, record: Record, user: str = "ann", **texts: str) -> Record:
        """Type texts into cells; two underscores stand for a point."""
        changes = [Change(path.replace("__", "."), text) for path, text in texts.items()]
        return self.workspace.correct(record.id, record.version, changes, user)


BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def empty_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a database of each kind that nobody has opened yet."""
    if request.param == "sqlite":
        yield Settings(data=tmp_path)
        return
    with new_database(request.getfixturevalue("postgres")) as url:
        yield Settings(data=tmp_path, database_url=url)


@pytest.fixture(params=BOTH)
def work(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoredWork]:
    """Stored work on each database."""
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_database")
    stored = StoredWork(Settings(data=tmp_path, database_url=url))
    if url is not None:
        with stored.database.write() as session:
            tables = ", ".join(name for name in Base.metadata.tables if name != "history_head")
            session.execute(text(f"TRUNCATE {tables}"))
            session.execute(text("UPDATE history_head SET sequence = 0, hash = repeat('0', 64)"))
    yield stored
    stored.workspace.close()


class RemoteReader(FakeReader):
    """Asks a server that is down while the file `down` lies in its folder; `slow` makes it answer until cancelled."""

    name = "rolmocr"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.cancel: threading.Event | None = None

    def check(self) -> None:
        if (self.folder / "down").exists():
            raise ReaderUnavailableError("endpoint_unreachable", address="http://gpu:8000", since="06:00:00")

    def read(self, pages, document_type):
        self.check()
        if (self.folder / "slow").exists():
            (self.folder / "asked").touch()
            assert self.cancel is not None and self.cancel.wait(60)
            raise ReaderError("reading_cancelled")
        answer = super().read(pages, document_type)
        return answer.model_copy(update={"reader": self.name, "attempts": [Attempt(kind="structure", raw="{}")]})


def remote_pipelines(folder: Path):
    """Return what makes pipelines of readers that ask the server of this folder; each has its own, as real ones do."""
    return lambda readers, options=None: Pipeline({name: RemoteReader(folder) for name in readers}, Limits())
