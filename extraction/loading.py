"""File bytes → upright page images, within limits; whatever is wrong with a file has a name."""

import hashlib
import re
from dataclasses import replace

from extraction import pdf, raster
from extraction.errors import DocumentError, DocumentTooLargeError, EmptyFileError, UnsupportedFormatError
from extraction.formats import FileFormat, format_of
from extraction.packing import UNPACKED
from extraction.page import LoadedFile, PageImage
from extraction.rectification import rectify
from settings import Limits

_LONGEST_NAME = 200


def load(data: bytes, name: str, limits: Limits) -> LoadedFile:
    """Return the pages of a file. Raises DocumentError where not one page can be had, and nothing else."""
    if not data:
        raise EmptyFileError
    if len(data) > limits.bytes:
        raise DocumentTooLargeError(
            "too_many_bytes", found=f"{len(data) / 2**20:.1f}", allowed=f"{limits.bytes / 2**20:.0f}"
        )
    found = format_of(data)
    if found is None:
        raise UnsupportedFormatError
    pages, failures = _pages(data, found, limits)
    if not pages:
        raise failures[min(failures)]
    return LoadedFile(
        name=plain_name(name),
        sha256=hashlib.sha256(data).hexdigest(),
        media_type=found.value,
        pages=tuple(pages),
        failures=failures,
    )


def plain_name(name: str) -> str:
    """Return the last part of a file name without control characters: it is shown, and some people's contain paths."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(char for char in last if char.isprintable()).strip()[-_LONGEST_NAME:] or "?"


def _pages(data: bytes, found: FileFormat, limits: Limits) -> tuple[list[PageImage], dict[int, DocumentError]]:
    loaded: list[PageImage | DocumentError]
    if found is FileFormat.PDF:
        loaded = pdf.load_pages(data, limits, _kept)
    else:
        loaded = [
            page if isinstance(page, DocumentError) else _kept(PageImage(number, page))
            for number, page in enumerate(raster.decode(data, found, limits))
        ]
    pages = [page for page in loaded if isinstance(page, PageImage)]
    return pages, {number: page for number, page in enumerate(loaded) if isinstance(page, DocumentError)}


def _kept(page: PageImage) -> PageImage:
    """Return a page as it waits to be read: those of a long file packed."""
    page = _straightened(page)
    return page.packed() if page.number >= UNPACKED else page


def _straightened(page: PageImage) -> PageImage:
    """Return a camera's picture of a receipt on a table as the receipt alone; a text layer needs no such thing."""
    receipt = None if page.text_layer else rectify(page.image)
    return page if receipt is None else replace(page, image=receipt)
