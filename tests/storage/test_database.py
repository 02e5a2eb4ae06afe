"""The schema is up to date whoever opens it, and errors of the database become ours."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from storage.database import Database, database_url
from storage.errors import StorageError
from storage.tables import Base, BatchRow, OriginalRow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(empty_settings):
    opened = Database(database_url(empty_settings.database_url, empty_settings.data))
    yield opened
    opened.close()


def test_migrations_create_exactly_the_tables(database):
    with database.read() as session:
        # SQLite does not tell that a column of an index runs backwards
        told = {"include_object": lambda _, name, *more: not (database.is_sqlite and name == "ix_records_recent")}
        differences = compare_metadata(MigrationContext.configure(session.connection(), opts=told), Base.metadata)
    assert differences == []


def test_opening_again_changes_nothing(database):
    again = Database(database.url)
    with again.read() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "0006"
    again.close()


def test_processes_that_start_at_once_create_the_schema_once(empty_settings):
    code = (
        "import sys; from pathlib import Path; from storage.database import Database, database_url;"
        "Database(database_url(sys.argv[1] or None, Path(sys.argv[2]))).close()"
    )
    command = [sys.executable, "-c", code, empty_settings.database_url or "", str(empty_settings.data)]
    started = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)]
    endings = [(process.communicate()[1], process.returncode) for process in started]
    assert [code for _, code in endings] == [0, 0, 0], endings


def test_sqlite_lets_pages_read_while_a_worker_writes(tmp_path):
    database = Database(database_url(None, tmp_path))
    with database.write() as writing:
        writing.execute(text("UPDATE history_head SET sequence = 7"))
        with database.read() as reading:
            assert reading.scalar(text("SELECT sequence FROM history_head")) == 0
            assert reading.scalar(text("PRAGMA journal_mode")) == "wal"
            assert reading.scalar(text("PRAGMA foreign_keys")) == 1
    database.close()


@pytest.mark.parametrize("url", ["postgresql://u@h/d", "postgres://u@h/d", "postgresql+psycopg://u@h/d"])
def test_plain_postgresql_addresses_get_the_driver_that_is_installed(url, tmp_path):
    assert database_url(url, tmp_path).drivername == "postgresql+psycopg"


def test_database_that_cannot_be_opened_is_our_error(tmp_path):
    (tmp_path / "claimsheet.sqlite3").write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageError) as caught:
        Database(database_url(None, tmp_path))
    assert caught.value.parameters == {"cause": "DatabaseError"}


def test_errors_of_the_database_are_translated_and_quote_no_value(database):
    def add() -> None:
        with database.write() as session:
            session.add(OriginalRow(sha256="secret", media_type="secret", size=None, created_at=None))

    with pytest.raises(StorageError) as caught:
        add()
    assert isinstance(caught.value.__cause__, sqlalchemy.exc.IntegrityError)
    assert "[SQL parameters hidden" in str(caught.value.__cause__)


def test_block_that_raises_keeps_nothing(database):
    class OurOwnError(Exception):
        pass

    def add() -> None:
        with database.write() as session:
            session.execute(text("UPDATE history_head SET sequence = 7"))
            raise OurOwnError

    with pytest.raises(OurOwnError):
        add()
    with database.read() as session:
        assert session.scalar(text("SELECT sequence FROM history_head")) == 0
        assert session.scalars(select(BatchRow)).all() == []
