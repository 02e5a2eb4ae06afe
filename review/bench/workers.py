"""Documents a minute of one, two, four worker processes on one PostgreSQL, against an endpoint of constant latency.

The endpoint answers as many at once as it is asked, so what is missing from N times the documents of one worker is
ours: the queue, the locks, the history's one chain, the writes.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from extraction.bench.client import draw_page, make_answer
from extraction.bench.endpoint import MODEL, constant_latency
from extraction.readers.profiles import Bounds, Picture, Profile, save_profile
from review.bench.postgres import empty_database
from review.workflow import RecordFilter, Status, Workspace, open_workspace
from settings import Interface, Settings

WORKERS = (1, 2, 4)
TARGET = 3.6
"""Times the documents of one worker, at four."""
_READER = "bench"
_PIECE = 40  # characters of a token: few, for here the client's own work is not what is measured
_PATIENCE = 600.0


@dataclass(frozen=True)
class Crew:
    """What so many worker processes did."""

    workers: int
    per_minute: float
    """Documents, counted from when as many were read as are asked for at a time."""
    documents: int


def measure_workers(server: str, levels: Sequence[int], latency: float, places: int, rounds: int) -> Iterator[Crew]:
    """Yield what each number of workers does; each asks for `places` at a time, `rounds` times after a first."""
    answer = make_answer()
    pieces = [answer[start : start + _PIECE] for start in range(0, len(answer), _PIECE)]
    with constant_latency(latency, pieces) as base_url:
        for workers in levels:
            yield _measure(server, base_url, workers, places, workers * places * (rounds + 1))


def _measure(server: str, base_url: str, workers: int, places: int, count: int) -> Crew:
    with tempfile.TemporaryDirectory() as folder, empty_database(server) as url:
        settings = Settings(data=Path(folder), database_url=url, interface=Interface(requests=places))
        profile = Profile(name=_READER, base_url=base_url, model=MODEL, dialect="vllm",
                          picture=Picture(tokens="patches28"), bounds=Bounds(concurrency=places))  # fmt: skip
        save_profile(settings.profiles_file, profile)
        page = draw_page()
        with closing(open_workspace(settings)) as workspace:
            # the bytes differ, else each would be reported as a copy
            files = ((f"{number}.jpg", page + number.to_bytes(4, "big")) for number in range(count))
            workspace.submit(files, document_type="medical_receipt", readers=(_READER,), user="bench")
            with _crew(settings, workers):
                ends = _wait(workspace, count)
    warm = workers * places
    return Crew(workers, (count - warm) * 60 / (ends[-1] - ends[warm - 1]), count)


def _wait(workspace: Workspace, count: int) -> list[float]:
    """Return when each was read, in seconds."""
    give_up = time.monotonic() + _PATIENCE
    while (counts := workspace.counts())[Status.TO_REVIEW] < count:
        if counts[Status.FAILED] or time.monotonic() > give_up:
            raise RuntimeError(f"the batch does not end: {counts}")
        time.sleep(0.5)
    records = workspace.records(RecordFilter(), limit=count)
    return sorted(record.updated_at.timestamp() for record in records)


@contextmanager
def _crew(settings: Settings, workers: int) -> Iterator[None]:
    command = [sys.executable, "-m", "review.bench.worker"]
    line = json.dumps({"data": str(settings.data), "database_url": settings.database_url, "reader": _READER}) + "\n"
    crew = [subprocess.Popen(command, stdin=subprocess.PIPE, text=True, stdout=subprocess.DEVNULL)
            for _ in range(workers)]  # fmt: skip
    try:
        for process in crew:
            assert process.stdin is not None  # noqa: S101 - asked for above
            process.stdin.write(line)
            process.stdin.flush()
        yield
    finally:
        for process in crew:
            process.communicate()  # the end of its input is its end


def ratio_of(crews: Sequence[Crew]) -> float:
    """Return how often the largest crew reads what the smallest one does."""
    return crews[-1].per_minute / crews[0].per_minute


def to_json(crews: Sequence[Crew]) -> list[dict[str, float]]:
    """Return the figures as JSON takes them."""
    return [
        {"workers": crew.workers, "documents": crew.documents, "documents_per_minute": round(crew.per_minute, 2),
         "ratio": round(crew.per_minute / crews[0].per_minute, 3)}
        for crew in crews
    ]  # fmt: skip
