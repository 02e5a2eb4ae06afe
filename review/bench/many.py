"""Very many records by bulk insert: one document that was read, with other names, dates and prints each time."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Any

from PIL import Image
from sqlalchemy import insert, update

from extraction.pipeline import Pipeline
from extraction.readers.fake import FakeReader
from schemas.result import Extraction
from settings import Limits
from storage import audit
from storage.database import Database
from storage.duplicates import BAND, MINIMA
from storage.queries import fold
from storage.records import Status, dump_extraction, dump_reading
from storage.tables import (
    Base,
    BatchRow,
    CurrentRow,
    ExtractionRow,
    FingerprintRow,
    HistoryHeadRow,
    HistoryRow,
    OriginalRow,
    ReadingRow,
    RecordRow,
)

_BATCH = 250
_CHUNK = 5_000
_BANDS, _DIGITS = 12, 24
_HOSPITAL, _PATIENT = "示範醫院", "王小明"
_HOSPITALS = ("仁愛醫院", "信義診所", "和平醫院", "忠孝骨科", "大安牙醫", "松山聯合診所", "文山醫院", "南港小兒科")
_SURNAMES, _NAMES = "陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾", "小明美玲志偉淑芬家豪怡君建宏雅婷俊傑"
_STATUSES = (Status.APPROVED,) * 65 + (Status.TO_REVIEW,) * 30 + (Status.REJECTED,) * 3 + (Status.FAILED,) * 2
_TABLES: tuple[type[Base], ...] = (
    BatchRow, OriginalRow, RecordRow, CurrentRow, ExtractionRow, ReadingRow, FingerprintRow, HistoryRow,
)  # fmt: skip
"""In the order in which their rows may be inserted."""

Rows = dict[type[Base], list[dict[str, Any]]]


@dataclass(frozen=True)
class Many:
    """What was put into the database."""

    count: int
    waiting: Sequence[str]
    """Records that wait for a person."""


def put_many(database: Database, count: int, random: Random) -> Many:
    """Fill an empty database; two of three records are approved, a third waits for a person."""
    writer = _Writer(random)
    numbers = iter(range(count))
    while chunk := list(islice(numbers, _CHUNK)):
        rows: Rows = {table: [] for table in _TABLES}
        for number in chunk:
            writer.add(rows, number)
        with database.write() as session:
            for table, values in rows.items():
                if values:
                    session.execute(insert(Base.metadata.tables[table.__tablename__]), values)
    with database.write() as session:
        session.execute(update(HistoryHeadRow).values(sequence=writer.sequence, hash=writer.head))
    database.analyze()
    return Many(count, writer.waiting)


class _Writer:
    """Makes the rows of one record after the other; keeps the end of the history's chain."""

    def __init__(self, random: Random) -> None:
        self.waiting: list[str] = []
        self.sequence, self.head = 0, audit.GENESIS
        self._random = random
        self._extraction = _read_one()
        self._data = dump_extraction(self._extraction)
        self._reading = dump_reading(self._extraction.readings[0])
        self._began = dt.datetime.now(dt.UTC) - dt.timedelta(days=300)

    def add(self, rows: Rows, number: int) -> None:
        """Add everything of a record."""
        random, position = self._random, number % _BATCH
        record_id, batch_id, sha256 = f"{random.getrandbits(64):016x}", f"bench{number // _BATCH:011}", f"{number:064x}"
        at = self._began + dt.timedelta(minutes=number // _BATCH)
        hospital = random.choice(_HOSPITALS)
        patient = random.choice(_SURNAMES) + random.choice(_NAMES) + random.choice(_NAMES)
        data = self._data.replace(_HOSPITAL, hospital).replace(_PATIENT, patient)
        status = random.choice(_STATUSES)
        if position == 0:
            rows[BatchRow].append({"id": batch_id, "created_at": at, "user": "ann", "document_type": "auto",
                                   "readers": '["fake"]', "options": None})  # fmt: skip
        rows[OriginalRow].append({"sha256": sha256, "media_type": "image/png", "size": 1, "created_at": at})
        record = self._record(number, status, hospital, patient)
        rows[RecordRow].append({**record, "id": record_id, "batch_id": batch_id, "position": position,
                                "sha256": sha256, "created_at": at, "updated_at": at, "started_at": at,
                                "finished_at": at})  # fmt: skip
        entries: list[tuple[str, str, Mapping[str, object]]] = [("submitted", "ann", {"batch": batch_id})]
        if status is Status.FAILED:
            entries.append(("failed", "claimsheet", {"attempt": 1, "code": "job_lost"}))
        else:
            entries.append(("read", "claimsheet", {"attempt": 1}))
            self._add_reading(rows, record_id, data, at)
        if status is Status.APPROVED:
            entries.append(("approved", "ann", {"overrides": {}, "extraction_sha256": audit.sha256_of(data)}))
        elif status is Status.REJECTED:
            entries.append(("rejected", "ann", {"reason": "bench"}))
        else:
            self.waiting += [record_id] * (status is Status.TO_REVIEW)
        rows[HistoryRow].extend(self._link(record_id, at, *entry) for entry in entries)

    def _record(self, number: int, status: Status, hospital: str, patient: str) -> dict[str, object]:
        random = self._random
        name, receipt = f"receipt-{number:06}.png", f"AB-{random.randrange(10**8):08}"
        total, doubts = Decimal(random.randrange(100, 20_000)), random.randrange(4)
        was_read = status is not Status.FAILED
        return {
            "name": name, "duplicate_of": None, "requested_type": "auto", "readers": '["fake"]', "options": None,
            "attempt": 1, "status": status, "version": 1, "overrides": "{}",
            "error_code": None if was_read else "job_lost", "error_parameters": None, "page_count": 1,
            "document_type": "medical_receipt" if was_read else None, "party": hospital, "patient": patient,
            "date": dt.date(2026, 1, 1) + dt.timedelta(days=random.randrange(300)), "number": receipt,
            "total": total, "currency": "TWD", "search": fold(f"{name} {hospital} {patient} {receipt}"),
            "errors": 0, "warnings": doubts, "infos": 0, "risk": total if doubts else Decimal(0),
            "priority": -doubts, "risk_rank": -10_000 * int(total) if doubts else 0,
            "locked_by": None, "locked_until": None,
        }  # fmt: skip

    def _add_reading(self, rows: Rows, record_id: str, data: str, at: dt.datetime) -> None:
        random = self._random
        rows[CurrentRow].append({"record_id": record_id, "data": data})
        rows[ExtractionRow].append({"record_id": record_id, "attempt": 1, "data": data, "created_at": at})
        rows[ReadingRow].append({"record_id": record_id, "attempt": 1, "position": 0, "reader": "fake", "model": None,
                                 "prompt": None, "data": self._reading, "created_at": at})  # fmt: skip
        prints = [(BAND, f"{random.getrandbits(96):024x}") for _ in range(_BANDS)]
        prints.append((MINIMA, f"{random.getrandbits(32 * _DIGITS):0{8 * _DIGITS}x}"))
        rows[FingerprintRow].extend({"record_id": record_id, "kind": kind, "value": value} for kind, value in prints)

    def _link(
        self, record_id: str, at: dt.datetime, action: str, user: str, details: Mapping[str, object]
    ) -> dict[str, object]:
        row = audit.link(self.sequence, self.head, record_id, at, user, action, details)
        self.sequence, self.head = row["sequence"], row["hash"]
        return row


def _read_one() -> Extraction:
    page = io.BytesIO()
    Image.new("RGB", (100, 140), "white").save(page, "PNG")
    pipeline = Pipeline({"fake": FakeReader()}, Limits())
    return pipeline.extract(page.getvalue(), "page.png", readers=("fake",)).extraction
