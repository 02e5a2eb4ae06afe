"""The readers there are. A new one is one file here and one line in READERS."""

from collections.abc import Callable, Sequence

from extraction.ocr import OcrEngine
from extraction.readers.base import Reader
from extraction.readers.fake import FakeReader
from settings import Settings


def _local(settings: Settings) -> Reader:
    from extraction.readers.local import LocalReader  # its geometry of invoices reads codes, with a module from here

    return LocalReader(OcrEngine(settings.ocr.threads))


READERS: dict[str, Callable[[Settings], Reader]] = {"local": _local, "fake": lambda _: FakeReader()}


def make_readers(names: Sequence[str], settings: Settings) -> dict[str, Reader]:
    """Return new readers by name; KeyError names one that does not exist."""
    return {name: READERS[name](settings) for name in names}
