"""Opens the database, brings its schema up to date, and hands out transactions with our own errors at the seam."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from storage.errors import StorageError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30
_UPGRADE_LOCK = 7_265_310_001
"""Number of the PostgreSQL advisory lock under which one process at a time upgrades."""
_TOO_LARGE = "54"
"""Class of the SQL states that say that what is to be stored is beyond what the database can hold."""


def database_url(url: str | None, data: Path) -> URL:
    """Return the URL as SQLAlchemy needs it: SQLite in the data folder by default, psycopg for plain `postgresql://`."""
    if url is None:
        try:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)  # health data: for nobody else on this machine
        except OSError as error:
            raise StorageError(cause=type(error).__name__) from error
        return URL.create("sqlite", database=str(data / "claimsheet.sqlite3"))
    with _translated():
        parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername in ("postgresql", "postgres") else parsed


class Database:
    """Transactions on one database; may be shared by the threads of a process."""

    def __init__(self, url: URL, revision: str = "head") -> None:
        """Connect and upgrade the schema, as a rule to the newest; StorageError where the database cannot be used."""
        self.url = url
        # hide_parameters: an error's text goes to the log, the values of a document may not
        with _translated():
            self._engine = create_engine(url, hide_parameters=True, pool_pre_ping=url.get_backend_name() != "sqlite")
        if self.is_sqlite:
            _prepare_sqlite(self._engine)
        self._writing = self._engine.execution_options(claimsheet_write=True)
        # SQLite lets one write at a time and makes the others sleep and ask again: threads wait in line instead
        self._turn = threading.RLock() if self.is_sqlite else nullcontext()
        self.upgrade(revision)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one state of the database and writes nothing."""
        with _translated(), Session(self._engine) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Give a session that sees the state of one moment over many queries; SQLite's `read` does so by itself."""
        with self.read() as session:
            if not self.is_sqlite:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session whose changes are kept together, or not at all when the block raises."""
        with self._turn, _translated(), Session(self._writing) as session, session.begin():
            yield session

    def vacuum(self) -> None:
        """Overwrite what was deleted and give its room back; PostgreSQL does so by itself in time."""
        if self.is_sqlite:
            with _translated(), self._engine.connect() as connection:
                connection.connection.execute("VACUUM")

    def analyze(self) -> None:
        """Let the planner know what is stored, after very much was put in at once."""
        with self.write() as session:
            session.execute(text("ANALYZE"))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def upgrade(self, revision: str = "head") -> None:
        """Bring the schema to a revision, under a lock: one process at a time."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with _translated(), self._writing.connect() as connection, connection.begin():
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, revision)


def revision_of(database: Database) -> str:
    """Return the revision of the schema."""
    with database.read() as session:
        return str(session.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


@contextmanager
def upgraded_to(url: URL, revision: str) -> Iterator[Database]:
    """Open a database at an older revision of the schema, to fill it as it was then."""
    try:
        database = Database(url, revision)
    except CommandError as error:  # a revision of a newer version than this
        raise StorageError(cause="newer_version") from error
    try:
        yield database
    finally:
        database.close()


def passes_by_itself(error: StorageError) -> bool:
    """Whether the database or the store is out of reach or full: the same write can succeed later, unchanged."""
    cause = error.__cause__
    if isinstance(cause, OperationalError):
        return not str(getattr(cause.orig, "sqlstate", None) or "").startswith(_TOO_LARGE)
    return isinstance(cause, InterfaceError | PoolTimeoutError | OSError)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, ImportError) as error:  # ImportError: the URL names a driver that is not installed
        raise StorageError(cause=type(error).__name__) from error


def _prepare_sqlite(engine: Engine) -> None:
    """WAL lets pages read while a worker writes; a write transaction takes its lock at once instead of failing late."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - DBAPI connection
        connection.isolation_level = None  # the driver begins nothing by itself: also DDL is in our transactions
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA foreign_keys = ON")
        _switch_to_wal(connection)

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("claimsheet_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _switch_to_wal(connection: Any) -> None:  # noqa: ANN401 - DBAPI connection
    """Set the journal mode; the busy timeout does not cover this switch, so two first starts would collide."""
    for attempt in range(100):
        try:
            if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] in ("wal", "memory"):
                return
        except sqlite3.OperationalError:
            if attempt == 99:
                raise
        time.sleep(0.05)
