"""One document read: from the stored original through a pipeline to the stored extraction, safe to be repeated."""

import json
import queue
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from review.corrections import decided_flags, duplicate_doubts
from storage import edits, jobs, queries
from storage.database import Database
from storage.files import Files
from storage.records import Status

if TYPE_CHECKING:  # pipelines load OCR: not in processes that only queue and show
    from extraction.pipeline import Outcome, Pipeline
    from extraction.readers.base import DocumentTypeChoice

MACHINE = "claimsheet"
"""Who did it, in the history, where no person did."""

PipelineMaker = Callable[[Sequence[str]], "Pipeline"]


class Pipelines:
    """Lends pipelines, each to one thread at a time; models are loaded once and kept."""

    def __init__(self, make: PipelineMaker) -> None:
        """Take what makes a pipeline of the readers named."""
        self._make = make
        self._idle: dict[tuple[str, ...], queue.SimpleQueue[Pipeline]] = {}

    @contextmanager
    def lend(self, readers: Sequence[str]) -> "Iterator[Pipeline]":
        """Give a pipeline that nobody else uses."""
        idle = self._idle.setdefault(tuple(readers), queue.SimpleQueue())
        try:
            pipeline = idle.get_nowait()
        except queue.Empty:
            pipeline = self._make(readers)
        try:
            yield pipeline
        finally:
            idle.put(pipeline)


class Reading:
    """Reads records with lent pipelines."""

    def __init__(self, database: Database, files: Files, pipelines: Pipelines) -> None:
        """Take the parts."""
        self._database = database
        self._files = files
        self._pipelines = pipelines

    def begin(self, record_id: str, attempt: int) -> bool:
        """Mark the record as being read; False where another attempt has overtaken this one."""
        with self._database.write() as session:
            return jobs.begin_reading(session, record_id, attempt)

    def read(self, record_id: str, attempt: int) -> None:
        """Read and store; a second time, or behind another attempt, nothing is stored."""
        with self._database.read() as session:
            row = queries.get_row(session, record_id)
            name, sha256, readers = row.name, row.sha256, tuple(json.loads(row.readers))
            wanted: DocumentTypeChoice = row.requested_type  # type: ignore[assignment]
        data = self._files.original(sha256)
        with self._pipelines.lend(readers) as pipeline:
            outcome = pipeline.extract(data, name, document_type=wanted, readers=readers)
        for page in outcome.pages:
            self._files.put_page(record_id, attempt, page.number, page.image)
        self._store(record_id, attempt, outcome)

    def fail(self, record_id: str, attempt: int, code: str, **parameters: str) -> None:
        """Note why the document could not be read."""
        with self._database.write() as session:
            jobs.fail_reading(session, record_id, attempt, code, parameters, MACHINE)

    def _store(self, record_id: str, attempt: int, outcome: "Outcome") -> None:
        extraction = outcome.extraction
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            if row.attempt != attempt or row.status not in (Status.QUEUED, Status.READING):
                return
            jobs.keep_reading(session, row, extraction)
            if extraction.error is not None:
                error = extraction.error
                jobs.fail_reading(session, record_id, attempt, error.code, error.parameters, MACHINE)
                return
            extraction.flags.extend(duplicate_doubts(row.duplicate_of))
            flags = decided_flags(extraction, (), {})
            data = edits.put_extraction(session, row, extraction, flags)
            row.priority = -(row.errors * 1000 + row.warnings)
            jobs.finish_reading(session, row, extraction, data, MACHINE)
