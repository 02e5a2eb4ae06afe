"""The order of work on one file: load → upright → read → shape → compare → validate."""

import datetime as dt
import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from extraction.consensus import differences
from extraction.errors import DegenerateOutputError, ExtractionError, ReaderError, SchemaMismatchError
from extraction.loading import load
from extraction.ocr import RememberingEngine
from extraction.orientation import upright
from extraction.page import LoadedFile, PageImage
from extraction.readers import Overrides, make_readers
from extraction.readers.base import DocumentTypeChoice, Reader, RemoteReader
from extraction.readers.choosing import ChoosingReader
from extraction.shaping import shape
from extraction.validation import validate
from schemas.result import Attempt, Extraction, Failure, Flag, Reading, Severity
from settings import Limits, Settings


@dataclass(frozen=True)
class Outcome:
    """An extraction with the upright page images that its boxes refer to (none where the file could not be loaded)."""

    extraction: Extraction
    pages: tuple[PageImage, ...] = ()


class Pipeline:
    """Extracts files with the readers that it is given. May be used by one thread at a time."""

    def __init__(
        self, readers: Mapping[str, Reader], limits: Limits, turn: Callable[[PageImage], PageImage] = lambda page: page
    ) -> None:
        """Take the readers by name, the limits of a file, and what turns a page upright."""
        self._readers = readers
        self._limits = limits
        self._turn = turn

    def extract(
        self,
        data: bytes,
        name: str,
        *,
        document_type: DocumentTypeChoice = "auto",
        readers: Sequence[str] = ("local",),
        today: dt.date | None = None,
        cancel: threading.Event | None = None,
    ) -> Outcome:
        """Return the extraction; a file that cannot be read gives one with `error` set, never an exception.

        The first reader gives the document; what the others read otherwise is flagged. `cancel` gives up the question
        that a model is answering.
        """
        started = time.perf_counter()
        extraction = Extraction(file=name, sha256=hashlib.sha256(data).hexdigest())
        pages: tuple[PageImage, ...] = ()
        try:
            loaded = load(data, name, self._limits)
            extraction.page_count = loaded.page_count
            self.check(readers)  # before the costly part: a server that is out is asked again and again
            pages = tuple(self._turn(page) for page in loaded.pages)
            for reader in readers:
                extraction.readings.append(self._read(reader, pages, document_type, cancel))
            _conclude(extraction, loaded, today)
        except ExtractionError as error:
            extraction.error = Failure(code=error.key, parameters=error.parameters)
            extraction.readings.extend(_unfinished(error, document_type))
        extraction.seconds = round(time.perf_counter() - started, 3)
        return Outcome(extraction, pages)

    def check(self, readers: Sequence[str], waited_for: str | None = None) -> None:
        """Raise ReaderUnavailableError where a model server cannot be reached now; `waited_for`: it could not before.

        Of readers chosen by page or type only the pages tell which are needed, but for the one that was.
        """
        for name in readers:
            reader = self._readers[name]
            if isinstance(reader, ChoosingReader) and waited_for is not None:
                reader.check_one(waited_for)
            elif isinstance(reader, RemoteReader):
                with _named(name):
                    reader.check()

    def _read(
        self, name: str, pages: Sequence[PageImage], document_type: DocumentTypeChoice, cancel: threading.Event | None
    ) -> Reading:
        reader = self._readers[name]
        if isinstance(reader, RemoteReader):
            reader.cancel = cancel
        with _named(name):
            return reader.read(pages, document_type)


@contextmanager
def _named(reader: str) -> Iterator[None]:
    """Say in an error which of several readers it was."""
    try:
        yield
    except ReaderError as error:
        error.parameters.setdefault("reader", reader)
        raise


def _unfinished(error: ExtractionError, document_type: str) -> list[Reading]:
    """Return what a reader that failed had asked and been answered, as a reading without values."""
    if not isinstance(error, ReaderError):
        return []
    attempts = error.attempts
    if not attempts and isinstance(error, DegenerateOutputError | SchemaMismatchError):
        attempts = (Attempt(cause=error.parameters.get("cause", error.key), raw=error.raw),)
    if not attempts:
        return []
    seconds = round(sum(attempt.seconds for attempt in attempts), 3)
    return [Reading(reader=error.parameters.get("reader", ""), document_type=document_type, attempts=list(attempts),
                    seconds=seconds)]  # fmt: skip


def _conclude(extraction: Extraction, loaded: LoadedFile, today: dt.date | None) -> None:
    """Fill document, states, evidence, flags and checks from the readings."""
    first = extraction.readings[0]
    shaped = shape(first)
    extraction.document_type = first.document_type
    extraction.document = shaped.document
    extraction.states = shaped.states
    extraction.unparsed = shaped.unparsed
    extraction.evidence = first.evidence
    flags, extraction.checks = validate(extraction, today)
    extraction.flags = _unique([*_page_failures(loaded), *_doubts(extraction.readings), *flags])


def _doubts(readings: Sequence[Reading]) -> list[Flag]:
    return [*readings[0].doubts, *differences(readings)]


def _page_failures(loaded: LoadedFile) -> list[Flag]:
    return [
        Flag(code="page_failed", severity=Severity.ERROR, parameters={"page": str(number + 1), "cause": error.key})
        for number, error in sorted(loaded.failures.items())
    ]


def _unique(flags: Sequence[Flag]) -> list[Flag]:
    """Drop a flag that says again what an earlier one says of the same cells."""
    kept: dict[tuple[str, tuple[str, ...]], Flag] = {}
    for flag in flags:
        kept.setdefault((flag.code, flag.paths or tuple(flag.parameters.values())), flag)
    return list(kept.values())


def make_pipeline(
    settings: Settings, readers: Sequence[str] = ("local",), options: Overrides | None = None
) -> Pipeline:
    """Return a pipeline with real readers; KeyError names a reader that does not exist.

    `options` change the profiles of the model readers for this run. What the OCR reads, it reads once for all of them.
    """
    engine = RememberingEngine(settings.ocr.threads)
    made = make_readers(readers, settings, options, engine)
    return Pipeline(made, settings.limits, lambda page: upright(page, engine))
