"""The tables. Migrations in `migrations/versions` create them; a test holds the two together."""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, MetaData, Text, UniqueConstraint, desc
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

_MONEY_UNITS = 10_000


class UtcTime(TypeDecorator[dt.datetime]):
    """A moment in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Refuse moments without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ANN401
        """Give back UTC."""
        if value is None:
            return None
        moment: dt.datetime = value
        return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


class Money(TypeDecorator[Decimal]):
    """An amount as a whole number of ten-thousandths: exact and sortable on every database, no float on the way."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Scale up; what is beyond a 64-bit number is kept in the extraction only."""
        if value is None:
            return None
        scaled = int((value * _MONEY_UNITS).to_integral_value())
        return scaled if abs(scaled) < 2**63 else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ANN401
        """Scale down."""
        return None if value is None else Decimal(value) / _MONEY_UNITS


class Base(DeclarativeBase):
    """All tables, with constraint names that Alembic can address on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Text(), dt.datetime: UtcTime(), Decimal: Money()}  # noqa: RUF012 - SQLAlchemy's form


class BatchRow(Base):
    """Files submitted together."""

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[dt.datetime] = mapped_column(index=True)
    user: Mapped[str]
    document_type: Mapped[str]
    """What was asked for; `auto` lets the reader decide."""
    readers: Mapped[str]
    """JSON list of reader names."""
    options: Mapped[str | None]
    """Digest of what was changed of the readers for this batch, in `reader_options`."""


class OptionsRow(Base):
    """What a person changed of the readers (prompts, temperature), by its digest: kept once, lists stay narrow."""

    __tablename__ = "reader_options"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[str]
    """JSON."""


class OriginalRow(Base):
    """The bytes of a file that are kept, once however often they are submitted."""

    __tablename__ = "originals"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[dt.datetime]


class RecordRow(Base):
    """One document with its status and what lists show of it; narrow, so that 100,000 are searched at once."""

    __tablename__ = "records"
    __table_args__ = (
        Index("ix_records_queue", "status", "created_at", "batch_id", "priority", "position"),
        Index("ix_records_by_risk", "status", "risk_rank", "created_at", "batch_id", "position", "id"),
        Index("ix_records_by_age", "status", "created_at", "batch_id", "position", "id"),
        Index("ix_records_by_flags", "status", "priority", "created_at", "batch_id", "position", "id"),
        Index("ix_records_batch_id_position", "batch_id", "position"),
        Index("ix_records_recent", desc("created_at"), "batch_id", "position", "id", "status", "search"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"))
    position: Mapped[int]
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    """Of the original; it is in `originals` unless it could not be stored."""
    duplicate_of: Mapped[str | None]
    """An earlier record of the same bytes."""
    requested_type: Mapped[str]
    readers: Mapped[str]
    options: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(default=1)
    """Counts the readings asked for; what an older attempt brings in late is not taken."""

    status: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    overrides: Mapped[str] = mapped_column(default="{}")
    """JSON: key of a flag → who overrode it, when and why."""
    error_code: Mapped[str | None]
    error_parameters: Mapped[str | None]

    document_type: Mapped[str | None]
    page_count: Mapped[int] = mapped_column(default=0)
    party: Mapped[str | None]
    patient: Mapped[str | None]
    date: Mapped[dt.date | None]
    number: Mapped[str | None]
    total: Mapped[Decimal | None]
    currency: Mapped[str | None]
    search: Mapped[str] = mapped_column(default="")
    errors: Mapped[int] = mapped_column(default=0)
    warnings: Mapped[int] = mapped_column(default=0)
    infos: Mapped[int] = mapped_column(default=0)
    risk: Mapped[Decimal] = mapped_column(default=Decimal(0))
    """Money at risk: the doubtful and wrong amounts of a document with an open doubt (`risk.py`)."""
    risk_rank: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """Place in the review queue by money at risk, the most of it lowest; fixed when read, so the order holds."""
    priority: Mapped[int] = mapped_column(default=0)
    """Place in the review queue within the batch, the most doubtful lowest; fixed when read, so the order holds."""

    created_at: Mapped[dt.datetime]
    """Of the batch, so that the queue needs one index."""
    updated_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    locked_by: Mapped[str | None]
    locked_until: Mapped[dt.datetime | None]
    postponed_until: Mapped[dt.datetime | None] = mapped_column(index=True)
    """Not in the queue before."""
    sent_to: Mapped[str | None] = mapped_column(index=True)
    """Who should look at it; nobody else finds it in the queue."""


class FingerprintRow(Base):
    """One thing by which a document is known when it comes again; digests, so that no number stands here in clear."""

    __tablename__ = "fingerprints"
    __table_args__ = (Index("ix_fingerprints_value", "value", "kind"),)

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class DuplicateRow(Base):
    """Two records that may be one document, found when `record_id` was read or corrected."""

    __tablename__ = "duplicates"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True)
    other_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True, index=True)
    code: Mapped[str]
    """Of the flag."""
    found_at: Mapped[dt.datetime]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[dt.datetime | None]


class WaitRow(Base):
    """A record that was put back because a reader's server is out of reach; gone once it was read or given up."""

    __tablename__ = "waits"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True)
    attempt: Mapped[int]
    reader: Mapped[str]
    address: Mapped[str | None]
    """Where the options named another server than the reader's own."""
    cause: Mapped[str]
    since: Mapped[dt.datetime]
    next_try_at: Mapped[dt.datetime]
    tries: Mapped[int]
    """How often it was put back."""


class CurrentRow(Base):
    """A record's extraction as it stands: what the machine made of it with the corrections in force."""

    __tablename__ = "current_extractions"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True)
    data: Mapped[str]
    """JSON without the OCR lines, which stay in `readings`."""


class ExtractionRow(Base):
    """What the machine made of one attempt, never changed; corrections are applied upon it."""

    __tablename__ = "extractions"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[str]
    created_at: Mapped[dt.datetime]


class ReadingRow(Base):
    """What one reader saw, raw answer and lines included, never changed."""

    __tablename__ = "readings"
    __table_args__ = (UniqueConstraint("record_id", "attempt", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"))
    attempt: Mapped[int]
    position: Mapped[int]
    reader: Mapped[str]
    model: Mapped[str | None]
    prompt: Mapped[str | None]
    data: Mapped[str]
    created_at: Mapped[dt.datetime]


class CorrectionRow(Base):
    """One change by a person. Rows of one step were made together and are undone together; none is ever deleted."""

    __tablename__ = "corrections"
    __table_args__ = (Index("ix_corrections_record_id_step", "record_id", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"))
    attempt: Mapped[int]
    """The reading that the person saw."""
    step: Mapped[int]
    action: Mapped[str]
    path: Mapped[str]
    before: Mapped[str]
    """JSON, as `after`: what `review/corrections.py` needs to show the change and to make it again."""
    after: Mapped[str]
    user: Mapped[str]
    at: Mapped[dt.datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[dt.datetime | None]


class HistoryRow(Base):
    """One link of the audit chain (`audit.py`)."""

    __tablename__ = "history"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record_id: Mapped[str | None] = mapped_column(index=True)
    at: Mapped[str]
    """ISO text: the hash covers it as it stands."""
    user: Mapped[str]
    action: Mapped[str]
    details: Mapped[str]
    details_sha256: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]


class HistoryHeadRow(Base):
    """The one row that says where the chain ends, so that a cut-off tail is missed; writers queue on it."""

    __tablename__ = "history_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int]
    hash: Mapped[str]


class PauseRow(Base):
    """A time in which nothing new of a batch, or of anything, is begun; in force until it is resumed."""

    __tablename__ = "pauses"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[str | None]
    """None is the whole queue."""
    user: Mapped[str]
    at: Mapped[dt.datetime]
    resumed_by: Mapped[str | None]
    resumed_at: Mapped[dt.datetime | None]


class ChoreRow(Base):
    """Something that one worker does for all now and then, and when one last began it."""

    __tablename__ = "chores"

    name: Mapped[str] = mapped_column(primary_key=True)
    begun_at: Mapped[dt.datetime]
    executor: Mapped[str]


class PageReadingRow(Base):
    """An attempt that reads one page anew and keeps what was read of the others."""

    __tablename__ = "page_readings"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    page: Mapped[int]
    reader: Mapped[str]


class SourceRow(Base):
    """One page of a document that a person put together; a document without such rows is its file, or a part of it."""

    __tablename__ = "sources"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    part: Mapped[int]
    """Which of the documents on a picture, from 1."""
    page: Mapped[int]
    """Of that document, from 0."""
    box: Mapped[str | None]
    """JSON of the part of the page that belongs to it; None is all of it."""


class RegroupingRow(Base):
    """A split or a join by hand."""

    __tablename__ = "regroupings"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    user: Mapped[str]
    at: Mapped[dt.datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[dt.datetime | None]


class RegroupedRow(Base):
    """A record that took part in a split or a join."""

    __tablename__ = "regrouped"

    regrouping_id: Mapped[str] = mapped_column(ForeignKey("regroupings.id"), primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True, index=True)
    position: Mapped[int]
    status: Mapped[str | None]
    """Of a record that others took the place of: its status before. None of one that came of it."""


class PreferenceRow(Base):
    """Something that a person chose of the screens."""

    __tablename__ = "preferences"

    user: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ExecutorRow(Base):
    """A worker process and the last time that it was seen alive."""

    __tablename__ = "executors"

    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int] = mapped_column(Integer)
    token: Mapped[str]
    """New at every start: tells a process from an earlier one of the same pid."""
    started_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
