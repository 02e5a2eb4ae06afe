"""Stored work for measuring the review screen: receipts of forty rows on photos of twelve megapixels."""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from extraction.pipeline import Pipeline
from extraction.readers.fake import FakeReader
from extraction.readers.profiles import ReaderOptions
from review.job_client import JobClient, Lanes, queue_url
from review.reading import Pipelines
from review.reading import Reading as Desk
from review.workflow import Workspace
from schemas.layout import BoundingBox
from schemas.lexicon import fee_entries
from schemas.result import Evidence, Reading
from settings import Limits, Settings
from storage.database import Database, database_url
from storage.files import Files

ROWS = 40
PHOTO = (3024, 4032)
"""Pixels of a phone's picture: twelve megapixels."""
USER = "bench"
_TOP, _PITCH, _HEIGHT = 0.18, 0.018, 0.013
_COLUMNS = {"name": (0.08, 0.36), "nhi_amount": (0.46, 0.56), "self_pay_amount": (0.76, 0.86)}
_PLACES = {
    "hospital_name": (0.3, 0.04), "patient_name": (0.1, 0.09), "visit_date": (0.1, 0.12), "receipt_number": (0.6, 0.09),
    "nhi_total": (0.46, 0.92), "self_pay_total": (0.76, 0.92),
}  # fmt: skip


class _Held(JobClient):
    """Keeps what is to be read: it is read here, before the dashboard starts."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(queue_url(settings.database_url, settings.data), Lanes(settings))
        self.jobs: list[tuple[str, int]] = []

    def enqueue(self, record_id: str, attempt: int, readers: Sequence[str], *, urgent: bool = False) -> None:
        self.jobs.append((record_id, attempt))


def put_receipts(settings: Settings, count: int, random: Random) -> list[str]:
    """Fill an empty data folder and return the records in the order in which they wait."""
    readings = [_receipt(number, random) for number in range(count)]
    reader = FakeReader(*readings)

    def make(readers: Sequence[str], options: Mapping[str, ReaderOptions] | None = None) -> Pipeline:
        return Pipeline(dict.fromkeys(readers, reader), Limits())

    database = Database(database_url(settings.database_url, settings.data))
    files, held = Files(settings.originals_url, settings.data), _Held(settings)
    with closing(Workspace(database, files, held, settings.interface.lock_minutes)) as workspace:
        workspace.submit(_photos(readings, random), document_type="medical_receipt", readers=("fake",), user=USER)
        desk = Desk(database, files, Pipelines(make))
        for record_id, attempt in held.jobs:
            desk.begin(record_id, attempt)
            desk.read(record_id, attempt)
    return [record_id for record_id, _ in held.jobs]


def _receipt(number: int, random: Random) -> Reading:
    """Return a reading whose sums agree."""
    names = [entry.canonical for entry in fee_entries()]
    items = [
        {"name": names[row % len(names)], "nhi_amount": f"{random.randrange(10, 9999)}",
         "self_pay_amount": f"{random.randrange(0, 999)}"}
        for row in range(ROWS)
    ]  # fmt: skip
    sums = {column: sum(int(item[column]) for item in items) for column in ("nhi_amount", "self_pay_amount")}
    values = {
        "hospital_name": f"示範醫院{number}", "patient_name": f"王小{number}", "visit_date": "114/05/21",
        "receipt_number": f"A{random.randrange(10**9):09}", "items": items,
        "nhi_total": str(sums["nhi_amount"]), "self_pay_total": str(sums["self_pay_amount"]),
    }  # fmt: skip
    return Reading(reader="fake", document_type="medical_receipt", values=values, evidence=dict(_evidence(values)))


def _evidence(values: Mapping[str, object]) -> Iterator[tuple[str, list[Evidence]]]:
    for name, (left, top) in _PLACES.items():
        yield name, [Evidence(page=0, box=BoundingBox(left, top, left + 0.12, top + 0.015), text=str(values[name]))]
    items = values["items"]
    assert isinstance(items, list)  # noqa: S101 - made above
    for row, item in enumerate(items):
        for column, (left, right) in _COLUMNS.items():
            box = BoundingBox(left, _TOP + row * _PITCH, right, _TOP + row * _PITCH + _HEIGHT)
            yield f"items.{row}.{column}", [Evidence(page=0, box=box, text=item[column])]


def _photos(readings: Sequence[Reading], random: Random) -> Iterator[tuple[str, bytes]]:
    """Yield photos with the grain of a camera: a blank page would weigh nothing."""
    grain = np.random.default_rng(random.randrange(2**32)).normal(0, 6, (PHOTO[1], PHOTO[0], 1))
    font = ImageFont.load_default(size=44)
    for number, reading in enumerate(readings):
        image = Image.new("RGB", PHOTO, (236, 233, 226))
        draw = ImageDraw.Draw(image)
        for found in reading.evidence.values():
            box = found[0].box
            text = found[0].text if found[0].text.isascii() else "NAME"
            draw.text((box.left * PHOTO[0], box.top * PHOTO[1]), text, fill=(30, 30, 40), font=font)
        noisy = np.clip(np.asarray(image, np.float32) + np.roll(grain, number, 0), 0, 255).astype(np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(noisy).save(buffer, "JPEG", quality=88)
        yield f"photo-{number:03}.jpg", buffer.getvalue()
