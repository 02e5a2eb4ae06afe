"""The order of work on one file: load → upright → read → shape → validate. One bad page never costs the others."""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extraction.errors import ExtractionError
from extraction.loading import load
from extraction.page import LoadedFile, PageImage
from extraction.readers.base import DocumentTypeChoice, Reader
from extraction.shaping import shape
from extraction.validation import validate
from schemas.result import Extraction, Failure, Flag, Reading, Severity
from settings import Limits


@dataclass(frozen=True)
class Outcome:
    """An extraction with the upright page images that its boxes refer to."""

    extraction: Extraction
    pages: tuple[PageImage, ...]


class Pipeline:
    """Extracts files with the readers that it is given. May be used by one thread at a time."""

    def __init__(self, readers: Mapping[str, Reader], limits: Limits) -> None:
        """Take the readers by name, and the limits of a file."""
        self._readers = readers
        self._limits = limits

    def extract(
        self,
        data: bytes,
        name: str,
        *,
        document_type: DocumentTypeChoice = "auto",
        readers: Sequence[str] = ("local",),
        today: dt.date | None = None,
    ) -> Outcome:
        """Return the extraction; a file that cannot be read gives one with `error` set, never an exception."""
        raise NotImplementedError
