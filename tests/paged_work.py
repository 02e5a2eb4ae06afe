"""Documents of several pages for tests: readings whose rows stand on named pages, and a reader that gives its own."""

import io

from PIL import Image

from extraction.pipeline import Pipeline
from extraction.readers.fake import FakeReader
from review.reading import Pipelines
from review.reading import Reading as RecordReading
from schemas.layout import BoundingBox
from schemas.result import Attempt, Evidence, PageQuality, Reading
from settings import Limits


def pages(count: int, shade: int = 0) -> bytes:
    """Return a TIFF of so many pages."""
    frames = [Image.new("RGB", (300, 400), (250 - shade, 250 - number, 250)) for number in range(count)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "TIFF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def paper(*rows: tuple[str, str], at: int = 0, reader: str = "fake", **values) -> Reading:
    """Return what a reader sees of one page: name and NHI points of each row, and cells whose place is on it."""
    items = [{"name": name, "nhi_amount": points, "self_pay_amount": "0"} for name, points in rows]
    reading = Reading(reader=reader, document_type="medical_receipt", values={**values, "items": items},
                      attempts=[Attempt(raw=f"{reader} {at}")],
                      pages=[PageQuality(page=at, width=300, height=400)])  # fmt: skip
    for name, text in values.items():
        reading.evidence[name] = [place(text, at, 0.1)]
    for row, (name, points) in enumerate(rows):
        reading.evidence[f"items.{row}.nhi_amount"] = [place(points, at, 0.3 + row * 0.1)]
        reading.evidence[f"items.{row}.name"] = [place(name, at, 0.3 + row * 0.1)]
    return reading


def place(text: str, page: int, top: float) -> Evidence:
    """Return a place on a page."""
    return Evidence(page=page, box=BoundingBox(0.1, top, 0.4, top + 0.05), text=text)


def document(*papers: Reading) -> Reading:
    """Return the reading of all pages together."""
    whole = papers[0].model_copy(deep=True)
    for each in papers[1:]:
        shift = len(whole.values["items"])
        for path, items in each.evidence.items():
            line, _, rest = path.partition(".")
            row, _, cell = rest.partition(".")
            whole.evidence.setdefault(f"{line}.{int(row) + shift}.{cell}" if rest else path, items)
        whole.values = {**each.values, **whole.values, "items": [*whole.values["items"], *each.values["items"]]}
        whole.pages += each.pages
    return whole


class PagedReader(FakeReader):
    """Gives the paper of each page that it is shown, known by its shade, and counts what it was asked."""

    def __init__(self, name: str, papers: dict[tuple[int, int], Reading]) -> None:
        super().__init__()
        self.name, self.papers, self.asked = name, papers, []

    def read(self, pages, document_type):
        seen = []
        for page in pages:
            red, green, _ = page.image.getpixel((0, 0))
            key = 250 - red, 250 - green
            self.asked.append(key)
            known = self.papers[key].model_copy(deep=True, update={"reader": self.name})
            for path, items in known.evidence.items():
                known.evidence[path] = [item.model_copy(update={"page": page.number}) for item in items]
            known.pages = [PageQuality(page=page.number, width=300, height=400)]
            seen.append(known)
        return document(*seen)


def read(work, *readers: FakeReader) -> list[str]:
    """Read all that is queued with these readers."""

    def make(names, options=None):
        by_name = {reader.name: reader for reader in readers}
        return Pipeline({name: by_name[name] for name in names}, Limits())

    reading = RecordReading(work.database, work.files, Pipelines(make), work.settings.approval)
    jobs, work.queue.jobs = work.queue.jobs, []
    for record_id, attempt in jobs:
        if reading.begin(record_id, attempt):
            reading.read(record_id, attempt)
    return [record_id for record_id, _ in jobs]


def submitted(work, count: int, reader: FakeReader, shade: int = 0, name: str = "a.tif") -> str:
    """Submit a document of so many pages, read it, and return its record."""
    work.workspace.submit([(name, pages(count, shade))], readers=(reader.name,), user="ann")
    return read(work, reader)[0]
