"""Records and batches as the rest of the product sees them: frozen values, never rows."""

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_jsonable_python

from schemas.result import Extraction, Failure, Flag, Reading
from storage.audit import HistoryEntry
from storage.tables import RecordRow

_HALF_PAIR = re.compile("[\ud800-\udfff]")
_BULKY: Any = {"lines": True, "evidence": True, "attempts": {"__all__": {"raw": True}}}


class Status(StrEnum):
    """Where a record stands; the order is that of its life."""

    QUEUED = "queued"
    READING = "reading"
    TO_REVIEW = "to_review"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    """Others took its place when a person split or joined documents; nothing counts or lists it unasked."""


@dataclass(frozen=True)
class Lock:
    """Who has a record open, and until when unless they go on."""

    user: str
    until: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Wait:
    """The server of a reader is out of reach; what waits for it goes on by itself."""

    reader: str
    cause: str
    """`unreachable`, `timeout` or `overloaded`; its words are `waiting.<cause>` of the locale files."""
    since: dt.datetime
    next_try_at: dt.datetime


@dataclass(frozen=True)
class Pause:
    """Who let nothing new be begun, and since when."""

    user: str
    since: dt.datetime
    is_everything: bool
    """Whether it holds the whole queue, not only this batch."""


@dataclass(frozen=True, kw_only=True)
class StoredReading:
    """What one reader saw in one attempt: everything, raw answers included, as it was stored then."""

    attempt: int
    position: int
    at: dt.datetime
    reading: Reading


@dataclass(frozen=True, kw_only=True)
class RecordSummary:
    """What a list shows of a record."""

    id: str
    batch_id: str
    name: str
    sha256: str
    status: Status
    version: int
    document_type: str | None
    page_count: int
    party: str | None
    """Hospital or seller."""
    patient: str | None
    date: dt.date | None
    number: str | None
    total: Decimal | None
    currency: str | None
    errors: int
    """Open flags of each severity: neither dismissed nor overridden."""
    warnings: int
    infos: int
    risk: Decimal
    """Money at risk: the doubtful and wrong amounts of a document with an open doubt."""
    duplicate_of: str | None
    created_at: dt.datetime
    updated_at: dt.datetime
    lock: Lock | None
    error: Failure | None
    """Why it could not be read."""
    readers: tuple[str, ...] = ()
    """Which were asked for."""
    wait: Wait | None = None
    """Why it is queued and does not come on."""
    pause: Pause | None = None
    """Who lets it not be begun, where it is queued."""
    postponed_until: dt.datetime | None = None
    """Not in the queue before this moment; None once it has come."""
    sent_to: str | None = None
    """Who should look at it."""


@dataclass(frozen=True)
class RecordFlag:
    """A flag with what a person decided on it."""

    key: str
    """Stable name of this doubt on this record: the same facts give the same key."""
    flag: Flag
    decision: str | None = None
    """`dismissed` (looked at, it is right), `overridden` (an error accepted with a reason), None while it is open."""
    user: str | None = None
    reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a person."""
        return self.decision is None


RegroupingKind = Literal["split", "join"]


@dataclass(frozen=True)
class Regrouped:
    """How a record is tied to others by a split or a join."""

    kind: RegroupingKind
    is_gone: bool
    """Whether the others took its place; else it took theirs."""
    others: tuple[str, ...]


Decision = Literal["both", "this", "other"]
"""Of two records: keep both as documents of their own, only the one at hand, only the other one."""
DUPLICATE_FILE, DUPLICATE_RECEIPT, NEAR_DUPLICATE = "duplicate_file", "duplicate_receipt", "near_duplicate_image"
DUPLICATES = (DUPLICATE_FILE, DUPLICATE_RECEIPT, NEAR_DUPLICATE)
"""Flag codes, the surest first: of one pair only the surest is said."""


@dataclass(frozen=True)
class Duplicate:
    """Another record that may be the same document."""

    other_id: str
    code: str
    decision: Decision | None = None
    user: str | None = None


@dataclass(frozen=True, kw_only=True)
class Record(RecordSummary):
    """A record with everything that the review screen shows."""

    extraction: Extraction | None
    """With the corrections in force; None until it was read."""
    flags: tuple[RecordFlag, ...] = ()
    corrected: Mapping[str, str | None] = field(default_factory=dict)
    """Path of every cell that a person changed → what stood there before."""
    duplicates: tuple[Duplicate, ...] = ()
    """Other records that may be the same document, with what was decided on each pair."""
    history: tuple[HistoryEntry, ...] = ()
    can_undo: bool = False
    can_redo: bool = False
    regrouped: Regrouped | None = None
    """The documents that it was split or joined from, or into."""
    attempt: int = 1
    """The attempt that is shown; its page images never change."""


@dataclass(frozen=True, kw_only=True)
class BatchFailure:
    """A document of a batch that could not be read, and why."""

    record_id: str
    name: str
    code: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class BatchSummary:
    """How far a batch is."""

    id: str
    created_at: dt.datetime
    user: str
    total: int
    counts: Mapping[Status, int]
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    """None while something is queued or being read."""
    documents_per_minute: float | None
    seconds_left: float | None
    failures: tuple[BatchFailure, ...]
    wait: Wait | None = None
    """Why what is queued does not come on."""
    pause: Pause | None = None
    """Who lets nothing new of it be begun."""

    @property
    def waiting(self) -> int:
        """Documents not yet read."""
        return self.counts.get(Status.QUEUED, 0) + self.counts.get(Status.READING, 0)


@dataclass(frozen=True, kw_only=True)
class RecordFilter:
    """Which records a list shows; everything by default."""

    statuses: tuple[Status | str, ...] = ()
    batch_id: str | None = None
    document_type: str | None = None
    text: str = ""
    """Found in file name, party, patient or number, whatever the case and width of letters."""
    only_flagged: bool = False
    set_aside: bool = False
    """Only what is put off for now, or was sent to somebody."""
    order: Literal["recent", "risk", "age", "flags", "batch"] = "recent"
    """Newest batch first, or an order of the review queue."""


def status_of(row: RecordRow, now: dt.datetime) -> Status:
    """Return the status as it counts: a review whose lock ran out is waiting again."""
    if row.status == Status.IN_REVIEW and not is_locked(row, now):
        return Status.TO_REVIEW
    return Status(row.status)


def is_locked(row: RecordRow, now: dt.datetime) -> bool:
    """Whether a lock is in force."""
    return row.locked_by is not None and row.locked_until is not None and row.locked_until > now


def summary_values(
    row: RecordRow, now: dt.datetime, wait: Wait | None = None, pause: Pause | None = None
) -> dict[str, object]:
    """Return the fields of a RecordSummary."""
    same = ("id", "batch_id", "name", "sha256", "version", "document_type", "page_count", "party", "patient", "date",
            "number", "total", "currency", "errors", "warnings", "infos", "risk", "duplicate_of", "created_at",
            "updated_at")  # fmt: skip
    values: dict[str, object] = {name: getattr(row, name) for name in same}
    lock = None
    if is_locked(row, now) and row.locked_by is not None and row.locked_until is not None:
        lock = Lock(row.locked_by, row.locked_until)
    return {**values, "status": status_of(row, now), "lock": lock, "error": failure_of(row),
            "readers": tuple(json.loads(row.readers)), "wait": wait,
            "pause": pause if row.status == Status.QUEUED else None, "sent_to": row.sent_to,
            "postponed_until": until if (until := row.postponed_until) and until > now else None}  # fmt: skip


def summary_of(row: RecordRow, now: dt.datetime, wait: Wait | None = None, pause: Pause | None = None) -> RecordSummary:
    """Return what a list shows of a row."""
    return RecordSummary(**summary_values(row, now, wait, pause))  # type: ignore[arg-type]


def failure_of(row: RecordRow) -> Failure | None:
    """Return why the record could not be read, if so."""
    if row.error_code is None:
        return None
    return Failure(code=row.error_code, parameters=json.loads(row.error_parameters or "{}"))


def load_reading(text: str) -> Reading:
    """Return a reading from its stored JSON."""
    return Reading.model_validate_json(text)


def dump_reading(reading: Reading) -> str:
    """Return a reading as it is stored: whole."""
    return _json(reading)


def load_extraction(text: str) -> Extraction:
    """Return the extraction from its stored JSON."""
    return Extraction.model_validate_json(text)


def dump_extraction(extraction: Extraction) -> str:
    """Return an extraction as it is stored with a record: what is bulky of the readings stays in their own table."""
    return _json(extraction, {"readings": {"__all__": _BULKY}})


def _json(model: BaseModel, exclude: Any = None) -> str:  # noqa: ANN401 - pydantic's own form
    """Return a model's JSON; half a surrogate pair, which a model's stream may be cut within, is no Unicode text."""
    try:
        return model.model_dump_json(exclude=exclude)
    except PydanticSerializationError:
        text = json.dumps(
            model.model_dump(mode="python", exclude=exclude), ensure_ascii=False, default=to_jsonable_python
        )
        return _HALF_PAIR.sub("\N{REPLACEMENT CHARACTER}", text)
