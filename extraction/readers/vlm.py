"""A reader that asks a vision-language model behind an OpenAI-compatible address, as its profile says."""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from extraction.classify import DocumentType, classify
from extraction.errors import (
    DegenerateOutputError,
    ReaderError,
    ReaderUnavailableError,
    ReadingCancelledError,
    SchemaMismatchError,
    UnknownDocumentTypeError,
)
from extraction.layout.doubts import doubt_pages
from extraction.page import PageImage
from extraction.readers.about_pages import find_type, quality, wrong_type
from extraction.readers.asking import Asking, saved
from extraction.readers.attempts import OnText, Questions
from extraction.readers.band_doubts import answer_doubt, band_doubt, page_failed
from extraction.readers.bands import Band, bands
from extraction.readers.base import DocumentTypeChoice
from extraction.readers.endpoint import Endpoint
from extraction.readers.lines_beside import LinesBeside
from extraction.readers.matches import find_evidence, same_text
from extraction.readers.pieces import JoinedParts, Piece, joined_pages
from extraction.readers.profiles import Profile
from extraction.readers.transcript import values_from_transcript
from extraction.readers.view import View
from schemas.layout import BoundingBox, TextLine
from schemas.registry import DOCUMENT_TYPES
from schemas.result import Flag, Reading, Severity, Suggestion

Hint = Callable[[PageImage], list[TextLine]]
Lines = list[list[TextLine]]
_FEWEST_ROWS = 8  # of a band that is still divided after a cut-off answer
_ENOUGH_LINES, _CLEAR = 5, 0.8
"""From so many lines and such a mean score on, the classifier's "neither" is believed."""


class VlmReader:
    """Reads with one model. Each page is read by itself, a long one in bands, and joined without losing a row."""

    def __init__(
        self,
        profile: Profile,
        *,
        endpoint: Endpoint | None = None,
        hint: Hint | None = None,
        on_text: OnText | None = None,
        rows: Callable[[PageImage], int] | None = None,
    ) -> None:
        """Take the profile, and what gives the OCR lines of a page: witness, hint and evidence at once.

        With `rows`, what counts the rows of a page quickly, the OCR runs beside the model where no question needs it.
        """
        self.name = profile.name
        self.profile = profile
        self.cancel: threading.Event | None = None
        self._endpoint = endpoint or Endpoint(profile)
        self._hint = hint
        self._on_text = on_text
        self._rows = rows
        self._asking = Asking(profile)

    def check(self) -> None:
        """Raise ReaderUnavailableError where the server cannot be reached now."""
        error = self._endpoint.probe().error
        if isinstance(error, ReaderUnavailableError):
            raise error

    def read(self, pages: Sequence[PageImage], document_type: DocumentTypeChoice) -> Reading:
        """Read the pages of one document."""
        questions = Questions(self._endpoint, self.profile, self.cancel, self._on_text)
        started = time.perf_counter()
        is_beside = document_type != "auto" and self._asks_without_lines(pages)
        with LinesBeside(self._look, pages) as lines:
            if not is_beside:
                lines.wait()
            document = _Document(self.profile, self._asking, questions, pages, lines, is_short=is_beside)
            try:
                reading = document.read(document_type)
            except ReaderError as error:
                error.attempts = tuple(questions.attempts)
                raise
        reading.attempts = questions.attempts
        reading.seconds = round(time.perf_counter() - started, 3)
        return reading

    def _look(self, page: PageImage) -> list[TextLine]:
        return list(page.text_layer) or (self._hint(page) if self._hint else [])

    def _asks_without_lines(self, pages: Sequence[PageImage]) -> bool:
        """Whether the questions need no OCR line: no hint, and no page that is cut into bands between its rows."""
        if self._rows is None or self.profile.ocr_hint:
            return False
        return all(self._rows(page) <= self.profile.bounds.rows_per_band for page in pages)


class _Document:
    """One document on its way through the questions."""

    def __init__(
        self, profile: Profile, asking: Asking, questions: Questions, pages: Sequence[PageImage], lines: LinesBeside, *,
        is_short: bool,
    ) -> None:  # fmt: skip
        self._profile = profile
        self._asking = asking
        self._questions = questions
        self._pages = pages
        self._is_short = is_short
        self._views = [
            View(page.number, page.image, partial(lines.of, index), profile.picture) for index, page in enumerate(pages)
        ]
        self._transcripts: dict[View, str] = {}

    @property
    def _lines(self) -> Lines:
        return [list(view.lines) for view in self._views]

    def read(self, choice: DocumentTypeChoice) -> Reading:
        wanted = self._decide() if choice == "auto" else choice
        read, failures = self._read_pages(wanted)
        if not read:
            raise failures[0][1]
        piece = joined_pages(read, DOCUMENT_TYPES[wanted], self._profile.name)
        piece.flags += [page_failed(number, error) for number, error in failures]
        every = [line for page in self._lines for line in page]
        decisive = self._asking.transcribe_prompt if self._transcribes_only else self._asking.structure_prompt
        reading = Reading(
            reader=self._profile.name,
            model=self._profile.model,
            document_type=wanted,
            values=piece.values,
            evidence=find_evidence(piece.values, DOCUMENT_TYPES[wanted], every),
            not_read=sorted(piece.not_read),
            doubts=[*piece.flags, *self._witness(wanted, piece), *_unlikely(piece)],
            lines=every,
            pages=[quality(page, lines) for page, lines in zip(self._pages, self._lines, strict=True)],
            prompt=decisive.digest,
        )
        if choice != "auto" and every and (found := find_type(self._pages, self._lines)) != wanted:
            reading.doubts.insert(0, wrong_type(wanted, found))
        doubt_pages(reading, reading.pages)
        return reading

    @property
    def _transcribes_only(self) -> bool:
        return self._profile.strategy == "transcribe"

    # -- the type

    def _decide(self) -> DocumentType:
        """Return the type that the pages look like."""
        found = find_type(self._pages, self._lines) if any(self._lines) else None
        if found is None and not self._are_legible():
            found = self._asked_type()
        if found is None:
            raise UnknownDocumentTypeError
        return found

    def _are_legible(self) -> bool:
        every = [line for page in self._lines for line in page]
        return len(every) >= _ENOUGH_LINES and sum(line.score for line in every) / len(every) >= _CLEAR

    def _asked_type(self) -> DocumentType | None:
        """Ask the model; one that only transcribes is not asked, its transcript tells."""
        view = self._views[0]
        if not self._transcribes_only:
            return self._asking.document_type(self._questions, view)
        try:
            text = self._transcribed(view, "auto")
        except DegenerateOutputError as error:
            if error.parameters.get("cause") != "truncated":
                raise
            text = error.raw
        nowhere = BoundingBox(0, 0, 1, 1)
        return classify(TextLine(text=line, box=nowhere, page=view.page) for line in text.splitlines())

    # -- pages

    def _read_pages(self, wanted: str) -> tuple[list[tuple[int, Piece]], list[tuple[int, ReaderError]]]:
        read: list[tuple[int, Piece]] = []
        failures: list[tuple[int, ReaderError]] = []
        for view in self._views:
            try:
                read.append((view.page, self._read_page(view, wanted, self._profile.bounds.rows_per_band)))
            except (DegenerateOutputError, SchemaMismatchError) as error:
                if isinstance(error, ReadingCancelledError):
                    raise
                failures.append((view.page, error))
        return read, failures

    def _read_page(self, view: View, wanted: str, rows: int) -> Piece:
        """Read a page whole or in bands, in smaller ones where an answer was cut off for all its room.

        A band that gives nothing costs its own rows, not the page.
        """
        is_whole = self._is_short and rows == self._profile.bounds.rows_per_band
        parts = [Band(view.image, 0.0, 1.0)] if is_whole else bands(view.image, view.lines, rows)
        pieces = JoinedParts()
        for part in parts:
            one = view
            if len(parts) > 1:
                lines = partial(tuple, part.lines)
                one = View(view.page, part.image, lines, self._profile.picture, is_band=True)
            try:
                pieces.add(self._read_view(one, wanted), part.overlap)
            except (DegenerateOutputError, SchemaMismatchError) as error:
                smaller = min(rows, _rows_of(view)) // 2
                if _cause(error) == "truncated" and _can_divide(view, smaller, len(parts)):
                    return self._read_page(view, wanted, smaller)
                if isinstance(error, ReadingCancelledError) or _cause(error) == "numeric_fault":
                    raise
                pieces.add_failed(error, saved(error, wanted), part.overlap, band_doubt(error, view.page, part, parts))
        return pieces.joined()

    def _read_view(self, view: View, wanted: str) -> Piece:
        transcript, flags = None, []
        if self._profile.strategy != "structure":
            try:
                transcript = self._transcribed(view, wanted)
            except DegenerateOutputError as error:
                cause = error.parameters.get("cause", "")
                if cause == "numeric_fault" or isinstance(error, ReadingCancelledError) or self._transcribes_only:
                    raise
                flags.append(answer_doubt(cause, Severity.WARNING, view.page))
        if self._transcribes_only:
            parsed = values_from_transcript(transcript or "", wanted)
            piece = Piece(parsed.values, not_read=set(parsed.not_read), flags=list(parsed.doubts))
        else:
            piece = self._asking.structure(self._questions, view, wanted, transcript)
        piece.flags += flags
        return piece

    def _transcribed(self, view: View, wanted: str) -> str:
        if view not in self._transcripts:
            self._transcripts[view] = self._asking.transcript(self._questions, view, wanted)
        return self._transcripts[view]

    # -- doubts

    def _witness(self, wanted: str, piece: Piece) -> list[Flag]:
        """Ask for the totals once more, alone; an answer that is none is no witness."""
        if not self._profile.totals_witness:
            return []
        try:
            seen = self._asking.totals(self._questions, self._views[-1], wanted)
        except (DegenerateOutputError, SchemaMismatchError) as error:
            if isinstance(error, ReadingCancelledError):
                raise
            return []
        return [
            _totals_differ(path, str(piece.values[path]), str(other), self._profile.name)
            for path, other in seen.items()
            if other is not None and piece.values.get(path) is not None
            and not same_text(str(piece.values[path]), str(other))
        ]  # fmt: skip


def _rows_of(view: View) -> int:
    return max(len(view.lines), 2 * _FEWEST_ROWS)


def _can_divide(view: View, rows: int, parts: int) -> bool:
    return rows >= _FEWEST_ROWS and len(bands(view.image, view.lines, rows)) > parts


def _cause(error: ReaderError) -> str:
    return error.parameters.get("cause", "") if isinstance(error, DegenerateOutputError) else error.key


def _totals_differ(path: str, first: str, second: str, reader: str) -> Flag:
    suggestions = tuple(Suggestion(path=path, value=value, source=reader) for value in (first, second))
    return Flag(code="totals_differ", severity=Severity.ERROR, paths=(path,), suggestions=suggestions,
                parameters={"first": first, "second": second})  # fmt: skip


def _unlikely(piece: Piece) -> list[Flag]:
    return [Flag(code="low_probability", severity=Severity.WARNING, paths=(path,)) for path in sorted(piece.low)]
