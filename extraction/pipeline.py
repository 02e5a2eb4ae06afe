"""The order of work on one file: load → upright → read → shape → compare → validate."""

import datetime as dt
import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from extraction.assembly import Assembly
from extraction.errors import (
    DegenerateOutputError,
    DocumentError,
    ExtractionError,
    ReaderError,
    SchemaMismatchError,
)
from extraction.gathering import Piece, gather
from extraction.loading import load
from extraction.ocr import OcrEngine
from extraction.orientation import upright
from extraction.page import LoadedFile, PageImage
from extraction.page_again import with_page
from extraction.readers import READERS, Overrides, make_readers, second_policies
from extraction.readers.base import DocumentTypeChoice, Reader, RemoteReader, naming
from extraction.readers.choosing import ChoosingReader
from extraction.remembering import PageEngine
from extraction.slips import Slips, documents_of, part
from extraction.validation.office import install
from schemas.result import Attempt, Extraction, Failure, Flag, Reading, Severity
from settings import Limits, SecondReader, Settings


@dataclass(frozen=True)
class Outcome:
    """An extraction with the upright page images that its boxes refer to (none where the file could not be loaded)."""

    extraction: Extraction
    pages: tuple[PageImage, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """A loaded file with its upright pages."""

    loaded: LoadedFile
    pages: tuple[PageImage, ...]


@dataclass(frozen=True)
class Again:
    """One page of a document, to be read anew."""

    page: int
    kept: tuple[Reading, ...]
    """What was read of the document, the reading that gives it first."""

    def read(self, reader: str, ask: Callable[..., Reading], pages: Sequence[PageImage]) -> dict[str, Reading]:
        """Return the readings of the document by their names; ReaderError where the reader fails."""
        first, *others = self.kept
        wanted = [page for page in pages if page.number == self.page]
        if not wanted:
            raise DocumentError("page_not_found", page=self.page + 1)
        again = with_page(first, ask(reader, wanted, first.document_type), self.page)
        return {again.reader: again} | {each.reader: each for each in others if each.reader != again.reader}


def _take(read: Mapping[str, Reading], name: str) -> Reading:
    return read[name]


_SEVERAL = Flag(code="several_documents", severity=Severity.WARNING)


class Pipeline:
    """Extracts files with the readers that it is given. May be used by one thread at a time."""

    def __init__(
        self,
        readers: Mapping[str, Reader],
        limits: Limits,
        *,
        cut: Callable[[PageImage], Slips] | None = None,
        witness: Reader | None = None,
        second: Mapping[str, SecondReader] | None = None,
    ) -> None:
        """Take the readers by name and the limits of a file; `make_pipeline` and `with_eyes` give it eyes.

        `cut` cuts the papers out of a page and turns each upright; without it a page stays as it is.
        `witness` reads what a model's values are sought in; `second` says when a reader after the first is asked.
        """
        self._readers = readers
        self._limits = limits
        self._cut = cut or (lambda page: Slips((page,)))
        self._assembly = Assembly(witness, second)

    def prepare(self, data: bytes, name: str) -> "Prepared":
        """Return the upright pages of a file's first document; ExtractionError where it cannot be loaded."""
        loaded = load(data, name, self._limits)
        return Prepared(loaded, tuple(documents_of(loaded.pages, self._cut)[0][0]))

    def extract_documents(
        self,
        data: bytes,
        name: str,
        *,
        document_type: DocumentTypeChoice = "auto",
        readers: Sequence[str] = ("local",),
        today: dt.date | None = None,
        cancel: threading.Event | None = None,
    ) -> tuple[Outcome, ...]:
        """Return the documents of a file, as a rule one; a file that cannot be read gives one with `error` set.

        The first reader gives the document; what the others read otherwise is flagged. `cancel` gives up the question
        that a model is answering. No exception says that a document failed.
        """
        started = time.perf_counter()
        whole = Extraction(file=name, sha256=hashlib.sha256(data).hexdigest())
        try:
            loaded = load(data, name, self._limits)
            whole.page_count = loaded.page_count
            self.check(readers)  # before the costly part: a server that is out is asked again and again
            documents, is_doubtful = documents_of(loaded.pages, self._cut)
        except ExtractionError as error:
            _fail(whole, error, document_type)
            whole.seconds = round(time.perf_counter() - started, 3)
            return (Outcome(whole),)
        outcomes = []
        for number, pages in enumerate(documents, 1):
            extraction = whole.model_copy(update={"readings": [], "part": number, "parts": len(documents)})
            try:
                ask = partial(self._read, pages=pages, document_type=document_type, cancel=cancel)
                self._assembly.fill(extraction, loaded, pages, readers, ask, today, [_SEVERAL] if is_doubtful else [])
            except ExtractionError as error:
                _fail(extraction, error, document_type)
            extraction.seconds = round(time.perf_counter() - started, 3)
            started = time.perf_counter()
            outcomes.append(Outcome(extraction, tuple(pages)))
        return tuple(outcomes)

    def extract_gathered(
        self,
        pieces: Sequence[Piece],
        name: str,
        *,
        document_type: DocumentTypeChoice = "auto",
        readers: Sequence[str] = ("local",),
        again: Again | None = None,
        cancel: threading.Event | None = None,
    ) -> Outcome:
        """Return the document that the pieces make; with `again` one page of it is read, by the first of the readers.

        No exception says that it failed.
        """
        started = time.perf_counter()
        extraction = Extraction(file=name, sha256=hashlib.sha256(pieces[0].data).hexdigest())
        pages: tuple[PageImage, ...] = ()
        try:
            self.check(readers)
            gathered = gather(pieces, self._limits, self._cut)
            pages, extraction.page_count = gathered.pages, gathered.loaded.page_count
            ask = partial(self._read, pages=pages, document_type=document_type, cancel=cancel)
            if again is not None:
                read = again.read(readers[0], partial(self._read, cancel=cancel), pages)
                readers, ask = tuple(read), partial(_take, read)
            extra = [_SEVERAL] if gathered.is_doubtful else []
            self._assembly.fill(extraction, gathered.loaded, pages, readers, ask, None, extra)
        except ExtractionError as error:
            _fail(extraction, error, document_type)
        extraction.seconds = round(time.perf_counter() - started, 3)
        return Outcome(extraction, pages)

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
        """Return the first document of a file."""
        return self.extract_documents(
            data, name, document_type=document_type, readers=readers, today=today, cancel=cancel
        )[0]

    def extract_prepared(
        self, prepared: Prepared, name: str, document_type: DocumentTypeChoice, readers: Sequence[str]
    ) -> Extraction:
        """Return the extraction of pages that are loaded already; errors of readers are raised."""
        extraction = Extraction(file=name, sha256="", page_count=prepared.loaded.page_count)
        ask = partial(self._read, pages=prepared.pages, document_type=document_type, cancel=None)
        self._assembly.fill(extraction, prepared.loaded, prepared.pages, readers, ask)
        return extraction

    def check(self, readers: Sequence[str], waited_for: str | None = None) -> None:
        """Raise ReaderUnavailableError where a model server cannot be reached now; `waited_for`: it could not before.

        Of readers chosen by page or type only the pages tell which are needed, but for the one that was.
        """
        for name in self._assembly.asked(readers):
            reader = self._readers[name]
            if isinstance(reader, ChoosingReader) and waited_for is not None:
                reader.check_one(waited_for)
            elif isinstance(reader, RemoteReader):
                with naming(name):
                    reader.check()

    def _read(
        self, name: str, pages: Sequence[PageImage], document_type: DocumentTypeChoice, cancel: threading.Event | None
    ) -> Reading:
        reader = self._readers[name]
        if isinstance(reader, RemoteReader):
            reader.cancel = cancel
        with naming(name):
            return reader.read(pages, document_type)


def _fail(extraction: Extraction, error: ExtractionError, document_type: str) -> None:
    """Note why a document could not be read, with what was answered before."""
    extraction.error = Failure(code=error.key, parameters=error.parameters)
    extraction.readings.extend(_unfinished(error, document_type))


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


def make_pipeline(
    settings: Settings, readers: Sequence[str] = ("local",), options: Overrides | None = None
) -> Pipeline:
    """Return a pipeline with real readers; KeyError names a reader that does not exist.

    `options` change the profiles of the model readers for this run. What the OCR reads, it reads once for all of them.
    The office's rules are put in force; RulesError where they cannot be.
    """
    install(settings.rules_files)
    engine = PageEngine(settings.ocr.threads)
    made, second = make_readers(readers, settings, options, engine), second_policies(readers, settings, options)
    return with_eyes(made, settings, engine, second=second)


def with_eyes(
    readers: Mapping[str, Reader],
    settings: Settings,
    engine: OcrEngine,
    witness: Reader | None = None,
    second: Mapping[str, SecondReader] | None = None,
) -> Pipeline:
    """Return a pipeline of readers that were made elsewhere, which turns, parts and witnesses as all do."""

    def turn(page: PageImage) -> PageImage:
        return upright(page, engine)

    return Pipeline(readers, settings.limits, cut=lambda page: part(page, engine, turn),
                    witness=witness or READERS["local"](engine), second=second)  # fmt: skip
