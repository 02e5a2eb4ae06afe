"""What can go wrong between a person's action and the database.

    StorageError                  storage_failed: the database or the originals cannot be used now
    ├── RecordNotFoundError       record_not_found
    ├── OriginalMissingError      original_missing: the record is there, its file is not
    ├── EditConflictError         edit_conflict: somebody saved this record meanwhile; carries both values
    ├── LockedError               locked: somebody else has it open; carries who and until when
    ├── WrongStatusError          wrong_status: the record's status does not allow it
    ├── OpenFlagsError            open_flags: errors neither corrected nor overridden; carries their keys
    ├── BackupError               backup_failed: a backup cannot be written or put back; carries the cause
    └── UnknownReaderError        unknown_reader: no reader of that name; names those there are

Each has a locale text `error.<key>`; `parameters` fill its holes.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class StorageError(Exception):
    """Base of all: `key` names the text of the locale files, `parameters` fill its holes."""

    key: ClassVar[str] = "storage_failed"

    def __init__(self, **parameters: object) -> None:
        """Take the holes of the text."""
        self.parameters = {name: str(value) for name, value in parameters.items()}
        super().__init__(self.key)


class RecordNotFoundError(StorageError):
    """There is no record of that id."""

    key = "record_not_found"


class OriginalMissingError(StorageError):
    """The original or a page image is not where it was put."""

    key = "original_missing"


@dataclass(frozen=True)
class Conflict:
    """One cell as it stands now, and as the person wanted it."""

    path: str
    current: str | None
    wanted: str | None


class EditConflictError(StorageError):
    """Somebody saved the record after it was shown; nothing was written."""

    key = "edit_conflict"

    def __init__(self, version: int, conflicts: Sequence[Conflict] = ()) -> None:
        """Take the record's version now, and the cells that were to be changed."""
        super().__init__(version=version)
        self.version = version
        self.conflicts = tuple(conflicts)


class LockedError(StorageError):
    """Another person has the record open."""

    key = "locked"

    def __init__(self, user: str, until: dt.datetime) -> None:
        """Take who holds it and until when (UTC)."""
        super().__init__(user=user, until=until.isoformat(timespec="minutes"))
        self.user = user
        self.until = until


class WrongStatusError(StorageError):
    """The record's status does not allow the action."""

    key = "wrong_status"

    def __init__(self, status: str) -> None:
        """Take the status that the record has."""
        super().__init__(status=status)
        self.status = status


class OpenFlagsError(StorageError):
    """Errors are open: each asks for a correction or an override with a reason."""

    key = "open_flags"

    def __init__(self, keys: Sequence[str]) -> None:
        """Take the keys of the open flags, in the order of the record."""
        super().__init__(count=len(keys))
        self.keys = tuple(keys)


class BackupError(StorageError):
    """A backup could not be written, or not be put back: nothing was changed but files added to the store."""

    key = "backup_failed"


class UnknownReaderError(StorageError):
    """No reader has that name."""

    key = "unknown_reader"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        """Take the name, and those that would do."""
        super().__init__(name=name, known=", ".join(known))
        self.name = name
        self.known = tuple(known)
