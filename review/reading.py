"""One document read: from the stored original through a pipeline to the stored extraction, safe to be repeated."""

import datetime as dt
import json
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from review.automatic import approve_automatically
from review.carrying_over import carry_over, make_again
from review.corrections import decided_flags, duplicate_doubts
from review.likeness import likeness_of
from review.parting import add_parts, part_id, part_of, place_in_file
from schemas.result import Extraction, Failure
from settings import Approval
from storage import edits, jobs, queries, waits
from storage.database import Database
from storage.duplicates import refresh
from storage.files import Files
from storage.records import Status, Wait
from storage.regroupings import Source, find_sources, sources_of
from storage.tables import PageReadingRow, RecordRow

if TYPE_CHECKING:  # pipelines load OCR: not in processes that only queue and show
    from extraction.pipeline import Again, Outcome, Pipeline
    from extraction.readers.base import DocumentTypeChoice
    from extraction.readers.profiles import ReaderOptions

MACHINE = "claimsheet"
"""Who did it, in the history, where no person did."""

PipelineMaker = Callable[[Sequence[str], "Mapping[str, ReaderOptions] | None"], "Pipeline"]
"""Gets the readers, and what is changed of some of them, by name."""

CAUSES = {
    "endpoint_unreachable": "unreachable",
    "endpoint_overloaded": "overloaded",
    "endpoint_timeout": "timeout",
    "endpoint_failing": "failing",
}
"""Failures that pass by themselves, and what a wait for them is called. A key that is refused, a model that the server
does not hold, a request that it does not understand stay as they are until a person changes something: they fail."""
_SECONDS = {"unreachable": 10.0, "overloaded": 15.0, "timeout": 30.0, "failing": 15.0}
_LONGEST = {"unreachable": 10.0, "overloaded": 20.0, "timeout": 300.0, "failing": 60.0}
"""Seconds between tries, and what they grow to: to see a server come back costs nothing, a page it cannot read does."""
_OWN_TRIES = 3
"""So often a document may run out of time on a server that reads others meanwhile."""
_SETS = 8
"""Sets of readers and options for which pipelines are kept."""


class Progress(Enum):
    """What came of one try."""

    DONE = "done"
    WAITING = "waiting"
    GIVEN_UP = "given_up"


class Pipelines:
    """Lends pipelines, each to one thread at a time; new ones are made when the profiles have changed."""

    def __init__(self, make: PipelineMaker, profiles_file: Path | None = None) -> None:
        """Take what makes a pipeline of the readers named, and the file whose change makes the old ones stale."""
        self._make = make
        self._profiles_file = profiles_file
        self._lock = threading.Lock()
        self._idle: dict[tuple[object, ...], queue.SimpleQueue[Pipeline]] = {}

    @contextmanager
    def lend(self, readers: Sequence[str], options: str | None = None) -> "Iterator[Pipeline]":
        """Give a pipeline that nobody else uses."""
        key = (self._stamp(), options, *readers)
        with self._lock:
            idle = self._idle.pop(key, None) or queue.SimpleQueue()
            self._idle[key] = idle
            while len(self._idle) > _SETS:
                del self._idle[next(iter(self._idle))]
        try:
            pipeline = idle.get_nowait()
        except queue.Empty:
            pipeline = self._make(readers, _parsed(options))
        try:
            yield pipeline
        finally:
            idle.put(pipeline)

    def _stamp(self) -> int:
        try:
            return self._profiles_file.stat().st_mtime_ns if self._profiles_file else 0
        except OSError:
            return 0


def _parsed(options: str | None) -> "Mapping[str, ReaderOptions] | None":
    if options is None:
        return None
    from extraction.readers.profiles import ReaderOptions

    return {name: ReaderOptions.model_validate(changes) for name, changes in json.loads(options).items()}


@dataclass(frozen=True)
class _Task:
    """What is to be read, and how."""

    name: str
    sha256: str
    readers: tuple[str, ...]
    options: str | None
    document_type: "DocumentTypeChoice"
    waited_for: str | None
    """The reader whose server was out of reach."""
    part: int
    """Which of the documents on the picture."""
    sources: tuple[Source, ...] = ()
    """Its pages, where a person put them together."""
    again: "Again | None" = None
    """The page to be read anew, where it is only one."""
    named: tuple[int, int] | None = None
    """Part and parts, where a person divided the file."""


class Reading:
    """Reads records with lent pipelines."""

    def __init__(
        self, database: Database, files: Files, pipelines: Pipelines, approval: Approval | None = None
    ) -> None:
        """Take the parts, and what may be approved without a person."""
        self._approval = approval or Approval()
        self._database = database
        self._files = files
        self._pipelines = pipelines

    def begin(self, record_id: str, attempt: int) -> bool:
        """Mark the record as being read; False where another attempt has overtaken this one."""
        with self._database.write() as session:
            return jobs.begin_reading(session, record_id, attempt)

    def read(self, record_id: str, attempt: int, cancel: threading.Event | None = None) -> Progress:
        """Read and store; a second time, or behind another attempt, nothing is stored.

        WAITING: a model server is out of reach, the record is queued again and says so. GIVEN_UP: `cancel` was set.
        """
        if cancel is not None and cancel.is_set():
            return Progress.GIVEN_UP
        task = self._task(record_id, attempt)
        with self._pipelines.lend(task.readers, task.options) as pipeline:
            if task.waited_for is not None:
                failure = _find_obstacle(pipeline, task.readers, task.waited_for)
                if failure is not None:
                    return self._put_back(record_id, attempt, task, Extraction(file="", sha256="", error=failure))
                if not self.begin(record_id, attempt):
                    return Progress.GIVEN_UP
            outcomes = self._ask(pipeline, task, cancel)
        return self._conclude(record_id, attempt, task, outcomes, cancel)

    def _ask(self, pipeline: "Pipeline", task: _Task, cancel: threading.Event | None) -> "Sequence[Outcome]":
        if not task.sources:
            return pipeline.extract_documents(
                self._files.original(task.sha256), task.name, document_type=task.document_type, readers=task.readers,
                cancel=cancel,
            )  # fmt: skip
        from extraction.gathering import Piece

        files = {source.sha256: self._files.original(source.sha256) for source in task.sources}
        pieces = [Piece(files[each.sha256], each.name, each.part, each.page, each.box) for each in task.sources]
        outcome = pipeline.extract_gathered(
            pieces, task.name, document_type=task.document_type, readers=task.readers, again=task.again, cancel=cancel
        )
        if task.named is not None:
            outcome.extraction.part, outcome.extraction.parts = task.named
        return (outcome,)

    def fail(self, record_id: str, attempt: int, code: str, **parameters: str) -> None:
        """Note why the document could not be read."""
        with self._database.write() as session:
            jobs.fail_reading(session, record_id, attempt, code, parameters, MACHINE)

    def _task(self, record_id: str, attempt: int) -> _Task:
        with self._database.read() as session:
            row = queries.get_row(session, record_id)
            wait = waits.find_wait(session, record_id, attempt)
            task = _Task(
                row.name, row.sha256, tuple(json.loads(row.readers)), waits.load_options(session, row.options),
                row.requested_type,  # type: ignore[arg-type]
                None if wait is None else wait.reader, part_of(session, row), tuple(find_sources(session, record_id)),
            )  # fmt: skip
            page = session.get(PageReadingRow, (record_id, attempt))
            if task.sources or page is not None:
                task = replace(task, sources=tuple(sources_of(session, row, task.part)), part=1,
                               named=place_in_file(session, row, task.part))  # fmt: skip
            return task if page is None else _again(session, row, task, page)

    def _conclude(
        self, record_id: str, attempt: int, task: _Task, outcomes: "Sequence[Outcome]", cancel: threading.Event | None
    ) -> Progress:
        errors = [outcome.extraction for outcome in outcomes if outcome.extraction.error is not None]
        if errors and cancel is not None and cancel.is_set():
            return Progress.GIVEN_UP
        for extraction in errors:
            if extraction.error is not None and cause_of(extraction.error) is not None:
                return self._put_back(record_id, attempt, task, extraction)
        if task.part > len(outcomes):
            self.fail(record_id, attempt, "part_not_found", part=str(task.part), parts=str(len(outcomes)))
            return Progress.DONE
        self._keep_pages(record_id, attempt, outcomes[task.part - 1])
        for part, outcome in enumerate(outcomes[1:] if task.part == 1 else (), 2):
            if not self._is_known(part_id(record_id, part)):
                self._keep_pages(part_id(record_id, part), 1, outcome)
        self._store(record_id, attempt, task.part, outcomes)
        return Progress.DONE

    def _is_known(self, record_id: str) -> bool:
        with self._database.read() as session:
            return session.get(RecordRow, record_id) is not None

    def _keep_pages(self, record_id: str, attempt: int, outcome: "Outcome") -> None:
        for page in outcome.pages:
            self._files.put_page(record_id, attempt, page.number, page.image)

    def _put_back(self, record_id: str, attempt: int, task: _Task, extraction: Extraction) -> Progress:
        """Queue the record again, or fail it where it is the document that the server cannot cope with."""
        failure = extraction.error
        cause = None if failure is None else cause_of(failure)
        if failure is None or cause is None:
            self.fail(record_id, attempt, failure.code if failure else "reader_failed",
                      **(failure.parameters if failure else {}))  # fmt: skip
            return Progress.DONE
        reader = failure.parameters.get("reader", task.readers[0])
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            known = waits.find_wait(session, record_id, attempt)
            tries = known.tries if known is not None else 0
            if row.attempt == attempt:
                jobs.keep_answers(session, row, extraction.readings)
            if known is not None and _is_its_own(cause, tries) and waits.has_answered(session, reader, known.since):
                jobs.fail_reading(session, record_id, attempt, failure.code, failure.parameters, MACHINE)
                return Progress.DONE
            now = dt.datetime.now(dt.UTC)
            following = now + dt.timedelta(seconds=min(_SECONDS[cause] * 2 ** min(tries, 8), _LONGEST[cause]))
            wait = Wait(reader=reader, cause=cause, since=now, next_try_at=following)
            address = waits.address_of(task.options, reader)
            return Progress.WAITING if waits.put_back(session, record_id, attempt, wait, MACHINE, address) else (
                Progress.GIVEN_UP
            )  # fmt: skip

    def _store(self, record_id: str, attempt: int, part: int, outcomes: "Sequence[Outcome]") -> None:
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            if row.attempt != attempt or row.status not in (Status.QUEUED, Status.READING):
                return
            added = add_parts(session, row, len(outcomes), MACHINE) if part == 1 else ()
            self._store_one(session, row, outcomes[part - 1].extraction)
            parts = {part_id(record_id, number): outcome for number, outcome in enumerate(outcomes, 1)}
            for other in added:
                self._store_one(session, other, parts[other.id].extraction)

    def _store_one(self, session: Session, row: RecordRow, extraction: Extraction) -> None:
        if (error := extraction.error) is not None:
            if queries.get_current(session, row) is None:
                jobs.keep_reading(session, row, extraction)
            else:  # the earlier reading stays what the record shows
                jobs.keep_answers(session, row, extraction.readings)
            jobs.fail_reading(session, row.id, row.attempt, error.code, error.parameters, MACHINE)
            return
        carried = carry_over(session, row, extraction)
        jobs.keep_reading(session, row, extraction)
        extraction.flags.extend(duplicate_doubts(refresh(session, row, likeness_of(extraction))))
        flags = decided_flags(extraction, (), {})
        data = edits.put_extraction(session, row, extraction, flags)
        if carried:
            data = make_again(session, row, carried)
        edits.take_place(row)
        jobs.finish_reading(session, row, extraction, data, MACHINE)
        if not carried:
            approve_automatically(session, row, extraction, self._approval)


def _again(session: Session, row: RecordRow, task: _Task, page: PageReadingRow) -> _Task:
    """Return the task to read one page anew, with what was read of the others."""
    from extraction.pipeline import Again

    kept = tuple(queries.find_shown_readings(session, row))
    return replace(task, readers=(page.reader,), again=Again(page.page, kept))


def cause_of(failure: Failure) -> str | None:
    """Return what a wait for this failure is called; None where waiting cannot help."""
    return CAUSES.get(failure.code)


def _is_its_own(cause: str, tries: int) -> bool:
    return cause in ("timeout", "failing") and tries >= _OWN_TRIES


def _find_obstacle(pipeline: "Pipeline", readers: Sequence[str], waited_for: str) -> Failure | None:
    """Return why the readers cannot be asked now; costs no page."""
    from extraction.errors import ReaderError

    try:
        pipeline.check(readers, waited_for)
    except ReaderError as error:
        return Failure(code=error.key, parameters=error.parameters)
    return None
