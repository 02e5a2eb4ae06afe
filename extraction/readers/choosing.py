"""One reader made of several: a page goes to the one chosen for it, by its number or by the document's type."""

import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from extraction.errors import ReaderError
from extraction.page import PageImage
from extraction.readers.about_pages import find_type
from extraction.readers.base import DocumentTypeChoice, Reader, RemoteReader, naming
from extraction.readers.joining import join_pages
from schemas.document import lines_of
from schemas.layout import TextLine
from schemas.reader_choice import ReaderChoice
from schemas.registry import DOCUMENT_TYPES
from schemas.result import Attempt, Flag, Reading

Look = Callable[[PageImage], Sequence[TextLine]]


class ChoosingReader:
    """Reads neighbouring pages of one reader together and joins what several read, row behind row."""

    def __init__(self, name: str, choice: ReaderChoice, readers: Mapping[str, Reader], look: Look) -> None:
        """Take the choice, its readers by name, and what gives the OCR lines of a page: they tell the type."""
        self.name = name
        self.cancel: threading.Event | None = None
        self._choice, self._readers, self._look = choice, readers, look

    def check(self) -> None:
        """Raise where the first page is sure to need a server that is out of reach; what a type needs shows later."""
        by_page = next((name for pages, name in self._choice.by_page if pages.has(0)), None)
        if by_page is not None or not self._choice.by_type:
            self.check_one(by_page or self._choice.rest)

    def check_one(self, name: str | None) -> None:
        """Raise ReaderUnavailableError where this one of the readers cannot be reached now."""
        reader = self._readers.get(name or "")
        if isinstance(reader, RemoteReader):
            with naming(reader.name):
                reader.check()

    def read(self, pages: Sequence[PageImage], document_type: DocumentTypeChoice) -> Reading:
        """Read the pages of one document."""
        found = self._find_type(pages) if document_type == "auto" else document_type
        wanted: DocumentTypeChoice = found or "auto"
        rest = self._choice.for_type(found)
        runs = [(name, list(run)) for name, run in groupby(pages, lambda page: self._reader_of(page, rest))]
        readings: list[Reading] = []
        for name, run in runs:
            try:
                readings.append(self._read(name, run, wanted))
            except ReaderError as error:
                before: list[Attempt] = [attempt for reading in readings for attempt in reading.attempts]
                error.attempts = (*before, *error.attempts)
                raise
        if len(readings) == 1:
            return readings[0]
        is_auto = document_type == "auto" or self._find_type(pages) == document_type
        return _joined(self.name, readings, [run[0].number for _, run in runs], keeps_type_doubts=not is_auto)

    def _reader_of(self, page: PageImage, rest: str) -> str:
        return next((name for pages, name in self._choice.by_page if pages.has(page.number)), rest)

    def _find_type(self, pages: Sequence[PageImage]) -> DocumentTypeChoice | None:
        return find_type(pages, [list(page.text_layer) or self._look(page) for page in pages])

    def _read(self, name: str, pages: Sequence[PageImage], wanted: DocumentTypeChoice) -> Reading:
        reader = self._readers[name]
        with naming(name):
            if isinstance(reader, RemoteReader):
                reader.cancel = self.cancel
                reader.check()
            return reader.read(pages, wanted)


def _joined(name: str, readings: Sequence[Reading], firsts: Sequence[int], *, keeps_type_doubts: bool) -> Reading:
    """Return the parts of a document as one reading; the type of a part by itself is no doubt about the whole."""
    model = DOCUMENT_TYPES[readings[0].document_type]
    values, flags = join_pages(
        [(first, reading.values) for first, reading in zip(firsts, readings, strict=True)], model, name
    )
    joined = Reading(reader=name, document_type=readings[0].document_type, values=values)
    starts = dict.fromkeys(lines_of(model), 0)
    not_read: set[str] = set()
    for reading in readings:
        for path, evidence in reading.evidence.items():
            if "." in path:
                joined.evidence[_moved(path, starts)] = evidence
            elif reading.values.get(path) == values.get(path):
                joined.evidence.setdefault(path, evidence)
        not_read |= {_moved(path, starts) for path in reading.not_read if "." in path or values.get(path) is None}
        doubts = (flag for flag in reading.doubts if keeps_type_doubts or flag.code != "wrong_document_type")
        joined.doubts += [_moved_flag(flag, starts) for flag in doubts]
        joined.lines += reading.lines
        joined.pages += reading.pages
        joined.attempts += reading.attempts
        starts = {line: start + len(reading.values.get(line) or ()) for line, start in starts.items()}
    joined.doubts += flags
    joined.not_read = sorted(not_read)
    joined.model = ", ".join(dict.fromkeys(reading.model for reading in readings if reading.model)) or None
    joined.prompt = next((reading.prompt for reading in readings if reading.prompt), None)
    joined.seconds = round(sum(reading.seconds for reading in readings), 3)
    return joined


def _moved(path: str, starts: Mapping[str, int]) -> str:
    """Return the path of a cell behind the rows of the parts before."""
    line, _, cell = path.partition(".")
    if not cell:
        return path
    index, _, name = cell.partition(".")
    return f"{line}.{int(index) + starts[line]}" + (f".{name}" if name else "")


def _moved_flag(flag: Flag, starts: Mapping[str, int]) -> Flag:
    suggestions = tuple(one.model_copy(update={"path": _moved(one.path, starts)}) for one in flag.suggestions)
    paths = tuple(_moved(path, starts) for path in flag.paths)
    return flag.model_copy(update={"paths": paths, "suggestions": suggestions})
