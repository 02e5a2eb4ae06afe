"""Many documents, in order, by one process or several. A process that dies costs only its document.

Our own few lines instead of a ProcessPoolExecutor: there one dead worker breaks the pool and every document in it.
"""

import multiprocessing
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

from extraction.errors import DocumentError, DocumentTooLargeError, ExtractionError, ReaderError
from extraction.inputs import Source
from extraction.pipeline import Pipeline
from extraction.readers.base import DocumentTypeChoice
from schemas.result import Extraction, Failure
from settings import Limits

_AHEAD = 32  # finished documents that may wait for a slow one before them, a process
Documents = tuple[Extraction, ...]
_CONTEXT = multiprocessing.get_context("spawn")  # a forked ONNX runtime hangs


@dataclass(frozen=True)
class Plan:
    """How documents are read. `make` builds a process's own pipeline and must be picklable."""

    make: Callable[[], Pipeline]
    limits: Limits
    document_type: DocumentTypeChoice = "auto"
    readers: tuple[str, ...] = ("local",)


def extract_all(sources: Sequence[Source], plan: Plan, jobs: int = 1) -> Iterator[Extraction]:
    """Yield an extraction for every document, in order, each as soon as the files before its own are done."""
    for documents in extract_each(sources, plan, jobs):
        yield from documents


def extract_each(sources: Sequence[Source], plan: Plan, jobs: int = 1) -> Iterator[Documents]:
    """Yield the documents of every file: one, or those that lie on one picture."""
    if jobs > 1 and len(sources) > 1:
        yield from _Crew(sources, plan, min(jobs, len(sources))).run()
        return
    pipeline = plan.make()
    for source in sources:
        yield extract_one(pipeline, source, plan)


def extract_one(pipeline: Pipeline, source: Source, plan: Plan) -> Documents:
    """Return the documents of one file; a file that the system does not give is a failure like any other."""
    try:
        data = content_of(source, plan.limits)
    except DocumentError as error:
        return (failed(source, error),)
    outcomes = pipeline.extract_documents(data, source.name, document_type=plan.document_type, readers=plan.readers)
    return tuple(outcome.extraction for outcome in outcomes)


def content_of(source: Source, limits: Limits) -> bytes:
    """Return the bytes; DocumentError where the system does not give them, or they are too many to take into memory."""
    try:
        if source.size() > limits.bytes:
            found, allowed = (f"{size / 2**20:.1f}" for size in (source.size(), limits.bytes))
            raise DocumentTooLargeError(found=found, allowed=allowed)
        return source.read(limits.bytes)
    except OSError as error:
        raise DocumentError("file_unreadable", reason=error.strerror or type(error).__name__) from error


def failed(source: Source, error: ExtractionError) -> Extraction:
    """Return an extraction that holds nothing but its failure."""
    try:
        digest = source.sha256()
    except OSError:
        digest = ""
    return Extraction(file=source.name, sha256=digest, error=Failure(code=error.key, parameters=error.parameters))


def _work(connection: Connection, plan: Plan) -> None:
    """Be a worker: read documents until told None."""
    pipeline = plan.make()
    while (source := connection.recv()) is not None:
        connection.send(extract_one(pipeline, source, plan))


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Start processes deaf to Ctrl+C, which is the parent's to handle: an ignored signal stays ignored in them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Worker:
    """A process and the document that it is at."""

    def __init__(self, plan: Plan) -> None:
        self.connection, theirs = _CONTEXT.Pipe()
        self.process = _CONTEXT.Process(target=_work, args=(theirs, plan), daemon=True)
        with _no_interrupt():
            self.process.start()
        theirs.close()  # else its death would not close the pipe
        self.index: int | None = None

    def stop(self) -> None:
        self.process.terminate()  # before the pipe goes: else its last words are a traceback
        self.process.join()
        self.connection.close()


class _Crew:
    """Hands documents to workers and puts the results back in order."""

    def __init__(self, sources: Sequence[Source], plan: Plan, jobs: int) -> None:
        self._sources = sources
        self._plan = plan
        self._jobs = jobs
        self._waiting = deque(range(len(sources)))
        self._done: dict[int, Documents] = {}
        self._workers: list[_Worker] = []

    def run(self) -> Iterator[Documents]:
        try:
            self._workers = [_Worker(self._plan) for _ in range(self._jobs)]
            for index in range(len(self._sources)):
                while index not in self._done:
                    self._hand_out(index)
                    self._collect()
                yield self._done.pop(index)
        finally:
            for worker in self._workers:
                worker.stop()

    def _hand_out(self, next_index: int) -> None:
        for worker in self._workers:
            if worker.index is None and self._waiting and self._waiting[0] - next_index < _AHEAD * self._jobs:
                index = self._waiting.popleft()
                worker.index = index
                try:
                    worker.connection.send(self._sources[index])
                except OSError:
                    self._replace(worker)

    def _collect(self) -> None:
        busy = {worker.connection: worker for worker in self._workers if worker.index is not None}
        for connection in wait(list(busy)):
            worker = busy[connection]  # type: ignore[index]
            try:
                documents = worker.connection.recv()
            except (EOFError, OSError):
                self._replace(worker)
                continue
            self._done[worker.index] = documents  # type: ignore[index]
            worker.index = None

    def _replace(self, worker: _Worker) -> None:
        """Note the death of a worker at its document and put a new one in its place."""
        worker.stop()
        assert worker.index is not None  # noqa: S101 - for the type checker: only busy workers are looked at
        self._done[worker.index] = (failed(self._sources[worker.index], ReaderError("reader_crashed")),)
        self._workers[self._workers.index(worker)] = _Worker(self._plan)
