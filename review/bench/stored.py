"""A database of very many records, made by bulk insert, and how long what people wait for takes on it."""

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy import event
from sqlalchemy.engine import Engine

from review.bench.many import Many, put_many
from review.corrections import Change
from review.job_client import JobClient, Lanes, queue_url
from review.workflow import Record, RecordFilter, Status, Workspace
from settings import Settings
from storage.database import Database, database_url
from storage.files import Files

RECORDS = 100_000
LIMIT = 0.1
"""Seconds that a person's action may take in the database (p95)."""
WATCHED = ("queue_page", "search", "next", "approve")
"""What the limit holds for; the others are told."""
ROUNDS = 60
_PAGE = 50
_WAITING = (Status.TO_REVIEW, Status.IN_REVIEW)
_USER = "bench"
_STATM = Path("/proc/self/statm")
_WORDS = ("1138", "陳", "王小明", "信義", "receipt-09", "AB-0077", "沒有這個人")


@dataclass(frozen=True)
class Timed:
    """How long an action took, in seconds."""

    action: str
    seconds: tuple[float, ...]
    database: tuple[float, ...]
    """The part of it that the database took for its statements."""

    @property
    def median(self) -> float:
        """Half of them took less."""
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        """All but one in twenty took less."""
        return _p95(self.seconds)

    @property
    def database_p95(self) -> float:
        """The same of what the database took."""
        return _p95(self.database)


def _p95(seconds: Sequence[float]) -> float:
    return sorted(seconds)[-(-len(seconds) * 95 // 100) - 1]


@dataclass(frozen=True)
class Large:
    """What a large database is like to work with."""

    kind: str
    records: int
    fill_seconds: float
    verify_seconds: float
    holds: bool
    """Whether the history holds, of all that was filled in and of what was done meanwhile."""
    actions: tuple[Timed, ...]
    memory: tuple[int, int] | None
    """Bytes of this process after a first round of everything, and after all rounds."""

    @property
    def is_quick(self) -> bool:
        """Whether everything watched stays below the limit."""
        return all(action.database_p95 <= LIMIT for action in self.actions if action.action in WATCHED)


def measure_stored(url: str | None, count: int = RECORDS, rounds: int = ROUNDS, seed: int = 7) -> Large:
    """Fill an empty database, of a temporary folder where no URL is given, and do everything so many times."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), database_url=url)
        address = database_url(url, settings.data)
        client = JobClient(queue_url(url, settings.data), Lanes(settings))
        database, files = Database(address), Files(None, settings.data)
        with closing(Workspace(database, files, client, settings.interface.lock_minutes)) as workspace:
            started = time.perf_counter()
            many = put_many(database, count, Random(seed))  # noqa: S311 - the same records each time
            filled = time.perf_counter()
            actions, memory = _work(workspace, many, rounds, Random(seed))  # noqa: S311
            worked = time.perf_counter()
            broken = workspace.verify()
            return Large(address.get_backend_name(), count, filled - started, time.perf_counter() - worked,
                         broken is None, actions, memory)  # fmt: skip


def _work(
    workspace: Workspace, many: Many, rounds: int, random: Random
) -> tuple[tuple[Timed, ...], tuple[int, int] | None]:
    steps = _steps(workspace, many, random)
    taken: dict[str, list[tuple[float, float]]] = defaultdict(list)
    before = None
    with _Statements() as statements:
        for number in range(rounds + 1):
            for action, step in steps:
                statements.seconds, started = 0.0, time.perf_counter()
                step()
                if number:  # the first round fills caches and opens connections
                    taken[action].append((time.perf_counter() - started, statements.seconds))
            before = before or _memory()
    after = _memory()
    timed = tuple(Timed(action, *map(tuple, zip(*pairs, strict=True))) for action, pairs in taken.items())
    return timed, None if before is None or after is None else (before, after)


class _Statements:
    """Adds up how long this process waits for statements."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0

    def __enter__(self) -> "_Statements":
        event.listen(Engine, "before_cursor_execute", self._begin)
        event.listen(Engine, "after_cursor_execute", self._end)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "before_cursor_execute", self._begin)
        event.remove(Engine, "after_cursor_execute", self._end)

    def _begin(self, *_: object) -> None:
        self._began = time.perf_counter()

    def _end(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began


def _steps(workspace: Workspace, many: Many, random: Random) -> Sequence[tuple[str, Callable[[], object]]]:
    waiting = RecordFilter(statuses=_WAITING)
    to_do = _shuffled(many.waiting, random)
    opened: list[Record] = []

    def page(wanted: RecordFilter, offset: int) -> None:
        workspace.count_records(wanted)
        workspace.records(wanted, offset, _PAGE)

    def open_one() -> None:
        opened.append(workspace.open_for_review(next(to_do), _USER))

    def correct() -> None:
        record = opened.pop()
        change = Change("patient_name", f"林{len(opened)}{random.randrange(10**6)}")
        opened.append(workspace.correct(record.id, record.version, [change], _USER))

    def approve() -> None:
        record = opened.pop()
        reasons = {flag.key: "bench" for flag in record.flags if flag.is_open}
        workspace.approve(record.id, record.version, _USER, reasons)

    return (
        ("queue_page", lambda: page(waiting, 0)),
        ("last_page", lambda: page(RecordFilter(), max(0, many.count - _PAGE))),
        ("search", lambda: page(RecordFilter(text=random.choice(_WORDS)), 0)),
        ("next", lambda: workspace.next_to_review(random.choice(many.waiting))),
        ("counts", workspace.counts),
        ("batches", workspace.batches),
        ("open", open_one),
        ("correct", correct),
        ("approve", approve),
    )


def _shuffled(ids: Sequence[str], random: Random) -> Iterator[str]:
    return iter(random.sample(ids, len(ids)))


def _memory() -> int | None:
    return int(_STATM.read_text(encoding="ascii").split()[1]) * 4096 if _STATM.exists() else None


def to_json(large: Large) -> dict[str, object]:
    """Return the figures as JSON takes them."""
    return {
        "database": large.kind,
        "records": large.records,
        "fill_seconds": round(large.fill_seconds, 1),
        "verify_seconds": round(large.verify_seconds, 2),
        "history_holds": large.holds,
        "milliseconds": {
            action.action: {
                "p50": round(action.median * 1000, 1),
                "p95": round(action.p95 * 1000, 1),
                "database_p95": round(action.database_p95 * 1000, 1),
            }
            for action in large.actions
        },
        "memory": None if large.memory is None else list(large.memory),
    }
