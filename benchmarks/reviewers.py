"""Twenty people review at once: `python benchmarks/reviewers.py [--postgres] [--documents FOLDER]`.

Threads of one process on one Workspace, as the sessions of one server are. They look, open, correct, take over from
each other and approve; first while nothing else runs, then while a batch is read by the built-in reader in the same
process, as the dashboard's own worker does. Exit code 1: an edit was lost or a lock was left behind.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from review.bench.many import put_many  # noqa: E402
from review.bench.postgres import empty_database, postgres  # noqa: E402
from review.corrections import Change  # noqa: E402
from review.queue import start_worker, stop_worker  # noqa: E402
from review.workflow import (  # noqa: E402
    EditConflictError,
    LockedError,
    RecordFilter,
    Status,
    Workspace,
    WrongStatusError,
    open_workspace,
)
from settings import Settings, get_settings  # noqa: E402

RECORDS = 20_000
_EDITED = "patient_name"


class Reviewers:
    """People at work, and what they were told was saved."""

    def __init__(self, workspace: Workspace, waiting: list[str], count: int, thinking: float) -> None:
        self.thinking = thinking
        self.workspace = workspace
        self.waiting = waiting
        self.count = count
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.saved: dict[str, list[tuple[int, str]]] = defaultdict(list)
        """Record → version and text of each correction that was accepted."""
        self.turned_away: dict[str, int] = defaultdict(int)
        self.errors: list[str] = []
        self._lock = threading.Lock()
        self._end = 0.0

    def work(self, minutes: float) -> None:
        """Let all of them work for so long."""
        self.seconds.clear()
        self._end = time.monotonic() + minutes * 60
        people = [threading.Thread(target=self._be, args=(f"person{number}", Random(number)))  # noqa: S311
                  for number in range(self.count)]  # fmt: skip
        for each in people:
            each.start()
        for each in people:
            each.join()

    def _be(self, name: str, random: Random) -> None:
        try:
            while time.monotonic() < self._end:
                self._review(name, random)
        except Exception as error:
            self.errors.append(f"{name}: {type(error).__name__}: {error}")

    def _review(self, name: str, random: Random) -> None:
        self._timed("page", lambda: self.workspace.records(RecordFilter(statuses=(Status.TO_REVIEW,)), 0, 50))
        near = random.choice(self.waiting[: self.count * 3])  # few records for many people: they meet
        record_id = self._timed("next", lambda: self.workspace.next_to_review(near))
        if record_id is None:  # nothing is left for them: the figures would be those of a busy loop
            raise LookupError("too few records")
        try:
            take_over = random.random() < 0.2
            record = self._timed("open", lambda: self.workspace.open_for_review(record_id, name, take_over=take_over))
            for _ in range(random.randrange(1, 4)):
                time.sleep(random.uniform(0, self.thinking))
                record = self._correct(record, name, random)
            reasons = {flag.key: "seen" for flag in record.flags if flag.is_open}
            if random.random() < 0.6:
                self._timed("approve", lambda: self.workspace.approve(record.id, record.version, name, reasons))
            else:
                self._timed("release", lambda: self.workspace.release(record.id, name))
        except (LockedError, EditConflictError, WrongStatusError) as error:
            with self._lock:
                self.turned_away[error.key] += 1
            self.workspace.release(record_id, name)

    def _correct(self, record, name: str, random: Random):
        text = f"{name}-{random.getrandbits(32):08x}"
        change = Change(_EDITED, text)
        saved = self._timed("correct", lambda: self.workspace.correct(record.id, record.version, [change], name))
        with self._lock:
            self.saved[record.id].append((saved.version, text))
        return saved

    def _timed(self, action: str, work):
        started = time.perf_counter()
        try:
            return work()
        finally:
            self.seconds[action].append(time.perf_counter() - started)

    def find_losses(self) -> list[str]:
        """Return every accepted edit that is not in the history, and every lock that is left."""
        losses = list(self.errors)
        for record_id, saved in self.saved.items():
            record = self.workspace.record(record_id)
            versions = [version for version, _ in saved]
            if len(set(versions)) != len(versions):
                losses.append(f"{record_id}: two people saved the same version")
            last = max(saved)[1]
            cell = getattr(record.extraction.document, _EDITED)
            if cell != last:
                losses.append(f"{record_id}: the last edit is not what stands there")
            made = sum(entry.action == "correct" for entry in record.history)
            if made != len(saved):
                losses.append(f"{record_id}: {len(saved)} edits saved, {made} in the history")
        held = self.workspace.records(RecordFilter(statuses=(Status.IN_REVIEW,)), 0, 100)
        losses += [f"{record.id}: still held by {record.lock.user}" for record in held if record.lock]
        broken = self.workspace.verify()
        return losses if broken is None else [*losses, f"history: {broken}"]

    def tell(self, title: str) -> None:
        """Print how long actions took."""
        print(f"{title}: {self.count} people")
        for action, seconds in self.seconds.items():
            p95 = sorted(seconds)[int(len(seconds) * 0.95)]
            print(f"  {action:8} {len(seconds):6} × p50 {statistics.median(seconds) * 1000:6.0f} ms"
                  f"  p95 {p95 * 1000:6.0f} ms")  # fmt: skip


def _documents(folder: Path) -> list[tuple[str, bytes]]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix in {".png", ".jpg"})
    return [(path.name, path.read_bytes()) for path in paths[:200]]


def measure(settings: Settings, workspace: Workspace, options: argparse.Namespace) -> list[str]:
    """Let people work idle and under load; return what was lost."""
    many = put_many(workspace._database, RECORDS, Random(7))  # noqa: S311
    reviewers = Reviewers(workspace, list(many.waiting), options.people, options.thinking)
    reviewers.work(options.minutes)
    reviewers.tell("idle")
    if options.documents:
        workspace.submit(_documents(options.documents), user="batch")
        start_worker(settings)
        reviewers.work(options.minutes)
        reviewers.tell("while a batch is read")
        print(f"  {workspace.counts()['reading']} being read at the end")
        stop_worker()
    edits = sum(map(len, reviewers.saved.values()))
    print(f"{edits} edits on {len(reviewers.saved)} records, turned away: {dict(reviewers.turned_away)}")
    return reviewers.find_losses()


def main() -> int:
    """Choose the database; say what was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--thinking", type=float, default=2.0, help="seconds before an edit, at most")
    parser.add_argument("--postgres", action="store_true", help="the settings' own, or one of this run")
    parser.add_argument("--documents", type=Path, help="folder of pictures that are read meanwhile")
    options = parser.parse_args()
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = None
        if options.postgres:
            url = stack.enter_context(empty_database(stack.enter_context(postgres(get_settings()))))
        settings = Settings(data=data, database_url=url)
        losses = measure(settings, stack.enter_context(closing(open_workspace(settings))), options)
    print("\n".join(f"LOST: {loss}" for loss in losses) or "no edit lost, no lock left behind, the history holds")
    return int(bool(losses))


if __name__ == "__main__":
    sys.exit(main())
