"""Keeping stored work and letting it go: backup, restore, and erasing what has had its time."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from settings import Settings
from storage import purge
from storage.backup import Backup, restore_backup, write_backup
from storage.database import Database, database_url
from storage.errors import BackupError, StorageError
from storage.files import Files

__all__ = ["Backup", "BackupError", "StorageError", "back_up", "erase_old", "find_old", "restore"]


def back_up(settings: Settings, target: Path) -> Backup:
    """Write database, originals and page images to one file while others work on."""
    with _opened(settings) as (database, files):
        return write_backup(database, files, target)


def restore(settings: Settings, source: Path, user: str) -> Backup:
    """Fill the empty database and store of these settings from a backup of any database."""
    url = database_url(settings.database_url, settings.data)
    return restore_backup(source, url, Files(settings.originals_url, settings.data), user)


def find_old(settings: Settings, days: int) -> list[str]:
    """Return the decided or failed records that nobody has touched for so many days."""
    with _opened(settings) as (database, _), database.read() as session:
        return purge.find_old(session, _before(days))


def erase_old(settings: Settings, days: int, user: str) -> Iterator[str]:
    """Erase those records one by one, yielding each; what was begun is finished even where one is touched meanwhile."""
    before = _before(days)
    with _opened(settings) as (database, files):
        with database.read() as session:
            old = purge.find_old(session, before)
        for record_id in old:
            with database.write() as session:
                if not purge.is_old(session, record_id, before):
                    continue  # somebody reopened it
                purge.erase_record(session, record_id, user)
            files.erase_pages(record_id)
            yield record_id
        with database.write() as session:
            unused = purge.forget_originals(session, _before(1))
        for digest in unused:
            files.erase_original(digest)
        if old:
            database.vacuum()


def _before(days: int) -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(days=days)


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Database, Files]]:
    files = Files(settings.originals_url, settings.data)
    with closing(Database(database_url(settings.database_url, settings.data))) as database:
        yield database, files
