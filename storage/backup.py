"""All stored work in one file and back again, from any database to any other.

The file is a plain tar: `manifest.json`, `tables/<name>.jsonl`, `originals/<sha256>`, `pages/<record>/<name>`, and last
`end.json`, by which a cut-off file is told.
"""

import datetime as dt
import io
import json
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Date, DateTime, MetaData, Table, func, insert, select
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from storage import audit, jobs
from storage.database import Database, revision_of, upgraded_to
from storage.errors import BackupError, OriginalMissingError
from storage.files import Files, digest
from storage.records import Status
from storage.tables import Base, RecordRow

FORMAT = 1
_LEFT_OUT = {"executors"}
"""Tables that say what lives now, not what was done."""
_CHUNK = 500
_ORIGINAL = re.compile(r"originals/([0-9a-f]{64})")
_PAGE = re.compile(r"pages/([0-9A-Za-z-]{1,64})/([0-9]{1,6}-[0-9]{1,6}[0-9A-Za-z_.-]{0,32})")
_TABLE = re.compile(r"tables/([a-z_]{1,40})\.jsonl")

Spool = IO[bytes]


@dataclass(frozen=True)
class Backup:
    """What went into a backup, or came out of one."""

    records: int
    files: int
    missing: int = 0
    """Files that the database names and the store no longer has."""


# -- writing ---------------------------------------------------------------------------------------------------------


def write_backup(database: Database, files: Files, target: Path) -> Backup:
    """Write all stored work as of one moment, while others go on working; the target appears only when it is whole."""
    part = target.with_name(f".{target.name}.part")
    try:
        with ExitStack() as stack, tarfile.open(part, "w") as tar:
            spools = {name: stack.enter_context(_spool()) for name in _table_names()}
            with database.snapshot() as session:
                rows = {name: _dump(session, name, spool) for name, spool in spools.items()}
            _add(tar, "manifest.json", _json({"format": FORMAT, "revision": revision_of(database), "rows": rows,
                                              "created_at": dt.datetime.now(dt.UTC).isoformat()}))  # fmt: skip
            for name, spool in spools.items():
                _add_spool(tar, f"tables/{name}.jsonl", spool)
            count, missing = _add_files(tar, files, spools)
            _add(tar, "end.json", _json({"files": count}))
        part.replace(target)
    except OSError as error:
        raise BackupError(cause=type(error).__name__) from error
    finally:
        part.unlink(missing_ok=True)
    return Backup(rows["records"], count, missing)


def _table_names() -> list[str]:
    """Return the tables in the order in which their rows may be inserted."""
    return [table.name for table in Base.metadata.sorted_tables if table.name not in _LEFT_OUT]


def _dump(session: Session, name: str, spool: Spool) -> int:
    """Write the rows as the database holds them, moments in UTC; return how many."""
    connection, count = session.connection(), 0
    table = Table(name, MetaData(), autoload_with=connection)
    result = session.execute(select(table).execution_options(yield_per=_CHUNK))
    for row in result.mappings():
        spool.write(_json({column: _plain(value) for column, value in row.items()}) + b"\n")
        count += 1
    return count


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    if isinstance(value, dt.datetime):
        return (value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)).isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value


def _add_files(tar: tarfile.TarFile, files: Files, spools: dict[str, Spool]) -> tuple[int, int]:
    count = missing = 0
    for row in _rows(spools["originals"]):
        try:
            _add(tar, f"originals/{row['sha256']}", files.original(row["sha256"]))
            count += 1
        except OriginalMissingError:
            missing += 1
    for row in _rows(spools["records"]):
        for name in files.page_names(row["id"]):
            _add(tar, f"pages/{row['id']}/{name}", files.page_file(row["id"], name))
            count += 1
    return count, missing


# -- reading ---------------------------------------------------------------------------------------------------------


def restore_backup(source: Path, url: URL, files: Files, user: str) -> Backup:
    """Put a backup into an empty database, of any kind and of this or a newer schema; all of it or nothing.

    What was waiting or being read is queued again. BackupError says why it was refused.
    """
    try:
        with ExitStack() as stack, tarfile.open(source, "r") as tar:
            manifest = json.loads(_member(tar, "manifest.json"))
            if manifest.get("format") != FORMAT:
                raise BackupError(cause="format")
            database = stack.enter_context(upgraded_to(url, manifest["revision"]))
            _require_empty(database)
            spools, count = _take(tar, files, stack)
            with database.write() as session:
                records = _load_all(session, spools, manifest["rows"])
            database.upgrade()
            with database.write() as session:
                _conclude(session, user)
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise BackupError(cause="damaged" if not isinstance(error, OSError) else type(error).__name__) from error
    return Backup(records, count)


def _require_empty(database: Database) -> None:
    with database.read() as session:
        history = Table("history", MetaData(), autoload_with=session.connection())
        if session.scalar(select(func.count()).select_from(history)):
            raise BackupError(cause="not_empty")


def _take(tar: tarfile.TarFile, files: Files, stack: ExitStack) -> tuple[dict[str, Spool], int]:
    """Put the files into the store, which needs no undoing, and keep the tables for the end."""
    spools: dict[str, Spool] = {}
    count, expected = 0, -1
    for member in tar:
        opened = tar.extractfile(member)
        if opened is None:
            raise BackupError(cause="damaged")
        if found := _TABLE.fullmatch(member.name):
            spools[found[1]] = stack.enter_context(_spool())
            shutil.copyfileobj(opened, spools[found[1]])
        elif member.name == "end.json":
            expected = json.loads(opened.read())["files"]
        elif member.name != "manifest.json":
            _put_file(files, member.name, opened.read())
            count += 1
    if count != expected:
        raise BackupError(cause="cut_off")
    return spools, count


def _put_file(files: Files, name: str, data: bytes) -> None:
    if found := _ORIGINAL.fullmatch(name):
        if digest(data) != found[1]:
            raise BackupError(cause="damaged")
        files.put_original(data)
    elif found := _PAGE.fullmatch(name):
        files.put_page_file(found[1], found[2], data)
    else:
        raise BackupError(cause="damaged")


def _load_all(session: Session, spools: dict[str, Spool], expected: dict[str, int]) -> int:
    connection = session.connection()
    metadata = MetaData()
    metadata.reflect(bind=connection)
    tables = [table for table in metadata.sorted_tables if table.name in spools]
    if {table.name for table in tables} != set(expected):
        raise BackupError(cause="damaged")
    for table in reversed(tables):
        session.execute(table.delete())  # a fresh schema has the first link of the history
    for table in tables:
        if _load(session, table, spools[table.name]) != expected[table.name]:
            raise BackupError(cause="cut_off")
        if connection.dialect.name == "postgresql" and "id" in table.c and table.c.id.autoincrement is True:
            session.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"),
                                               select(func.coalesce(func.max(table.c.id), 0) + 1).scalar_subquery(),
                                               False)))  # fmt: skip
    return expected["records"]


def _load(session: Session, table: Table, spool: Spool) -> int:
    dates = {column.name: column.type for column in table.c if isinstance(column.type, Date | DateTime)}
    rows: list[dict[str, Any]] = []
    count = 0
    for row in _rows(spool):
        for name, kind in dates.items():
            if row[name] is not None:
                row[name] = (dt.datetime if isinstance(kind, DateTime) else dt.date).fromisoformat(row[name])
        rows.append(row)
        count += 1
        if len(rows) == _CHUNK:
            session.execute(insert(table), rows)
            rows = []
    if rows:
        session.execute(insert(table), rows)
    return count


def _conclude(session: Session, user: str) -> None:
    """Check the history, and ask anew for what no worker will bring any more."""
    broken = audit.find_broken_link(session)
    audit.append(session, "restored", user, details={"broken_at": broken.sequence if broken else None})
    waiting = select(RecordRow).where(RecordRow.status.in_((Status.QUEUED, Status.READING))).order_by(RecordRow.id)
    for row in session.scalars(waiting).all():
        jobs.queue_again(session, row, user)


# -- the file --------------------------------------------------------------------------------------------------------


@contextmanager
def _spool() -> Iterator[Spool]:
    with tempfile.SpooledTemporaryFile(max_size=8 << 20) as spool:
        yield spool


def _rows(spool: Spool) -> Iterator[dict[str, Any]]:
    spool.seek(0)
    for line in spool:
        yield json.loads(line)


def _json(value: Any) -> bytes:  # noqa: ANN401 - whatever JSON can hold
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    opened = tar.extractfile(name)
    if opened is None:
        raise BackupError(cause="damaged")
    return opened.read()


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    tar.addfile(info, io.BytesIO(data))


def _add_spool(tar: tarfile.TarFile, name: str, spool: Spool) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = spool.seek(0, 2), 0o600
    spool.seek(0)
    tar.addfile(info, spool)
