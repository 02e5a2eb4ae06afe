"""The seam between pages and what is read on them."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, Protocol, runtime_checkable

from extraction.errors import ReaderError
from extraction.page import PageImage
from schemas.result import Reading

DocumentTypeChoice = Literal["auto", "medical_receipt", "invoice"]


class Reader(Protocol):
    """Turns page images into a reading.

    `read` gets the pages of one document in order and returns one reading of the type asked for; with `auto` it decides
    and raises UnknownDocumentTypeError where the pages are neither. It raises ReaderError and DocumentError, nothing
    else, writes no field value to a log, and leaves doubts as flags in the reading. It may be called from several
    threads one after another, never at the same time.
    """

    name: str

    def read(self, pages: Sequence[PageImage], document_type: DocumentTypeChoice) -> Reading:
        """Read the pages of one document."""
        ...


@runtime_checkable
class RemoteReader(Reader, Protocol):
    """A reader that asks a server: it may be out of reach, and a question in work can be given up."""

    cancel: threading.Event | None
    """Set by whoever wants the document no longer; `read` then closes its request at once and raises ReaderError."""

    def check(self) -> None:
        """Raise ReaderUnavailableError where the server cannot be reached now; costs no picture and no token."""
        ...


@contextmanager
def naming(reader: str) -> Iterator[None]:
    """Say in an error which of several readers it was: documents wait for that one's server."""
    try:
        yield
    except ReaderError as error:
        error.parameters.setdefault("reader", reader)
        raise
