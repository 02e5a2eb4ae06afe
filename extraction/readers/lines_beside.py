"""The OCR of a document's pages, run beside whoever asks a model about them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from extraction.page import PageImage
from schemas.layout import TextLine


class LinesBeside:
    """Gives the lines of each page, waiting for them where they are not there yet; a context manager."""

    def __init__(self, look: Callable[[PageImage], list[TextLine]], pages: Sequence[PageImage]) -> None:
        """Begin with the first page at once: one thread, since an engine has one."""
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="claimsheet-ocr")
        self._found = [self._pool.submit(look, page) for page in pages]

    def of(self, index: int) -> list[TextLine]:
        """Return the lines of a page, by its place in the document; raises what the OCR raised."""
        return self._found[index].result()

    def wait(self) -> None:
        """Return when all pages were looked at."""
        for found in self._found:
            found.result()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave no page at work: the engine is the next document's."""
        self._pool.shutdown(wait=True, cancel_futures=True)
