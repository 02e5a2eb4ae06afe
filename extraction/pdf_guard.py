"""Refuses PDFs that would take pdfium gigabytes or hours, before it sees them; also the child process that tries one.

pdfium unpacks a page's content whole and draws nested forms as often as they are named, and a call into it cannot be
stopped. So streams are measured here, and where forms could multiply a child process opens the pages first, within
limits of time and memory. Usual documents have no such forms and start no process.
"""

import re
import subprocess
import sys
import zlib
from collections.abc import Iterator

import pypdfium2

from extraction.errors import DocumentTooLargeError

_MB = 1 << 20
_MOST_PICTURE = 512 * _MB  # unpacked; an A3 scan at 600 dpi in colour is 210 MB
_MOST_OTHER = 64 * _MB  # unpacked content, fonts, tables: the largest CJK fonts have 40 MB
_SECONDS, _MEMORY = 10, 2048 * _MB  # of the child; 100 usual pages take it one or two seconds
_CHUNK = 65536
_LONGEST_HEAD = 4096


def refuse_bombs(data: bytes) -> None:
    """Raise DocumentTooLargeError where the file unpacks to far more than a page can need."""
    may_multiply = False
    for head, body in _streams(data):
        is_form = b"/Form" in head
        drawn = _measure(body, _MOST_PICTURE if b"/Image" in head else _MOST_OTHER, is_form)
        may_multiply |= drawn > 1  # a form that draws itself twice is drawn 2 to the power of 40 times
    if may_multiply:
        _try_in_child(data)


def _streams(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the dictionary before each stream, and the file from the stream's first byte."""
    whole = memoryview(data)
    for found in re.finditer(rb"\bstream\r?\n", data):
        earliest = max(found.start() - _LONGEST_HEAD, 0)
        start = max(data.rfind(b" obj", earliest, found.start()), earliest)
        yield data[start : found.start()], whole[found.end() :]


def _measure(packed: memoryview, most: int, count_drawings: bool) -> int:
    """Return how many objects a form draws; 2 where that cannot be seen (encrypted, or packed in another way)."""
    unpacker, unpacked, at, drawn = zlib.decompressobj(), 0, _CHUNK, 0
    rest = bytes(packed[:_CHUNK])
    try:
        while rest and not unpacker.eof:
            part = unpacker.decompress(rest, _MB)
            unpacked += len(part)
            if unpacked > most:
                raise DocumentTooLargeError("expands_too_far", allowed=most // _MB)
            if count_drawings:
                drawn += len(re.findall(rb"\bDo\b", part))
            rest = unpacker.unconsumed_tail
            if not rest:
                rest, at = bytes(packed[at : at + _CHUNK]), at + _CHUNK
    except zlib.error:
        if not count_drawings or unpacked:  # damage is pdfium's business
            return drawn
        plain = bytes(packed[:_CHUNK]).partition(b"endstream")[0]
        drawn = len(re.findall(rb"\bDo\b", plain))
        return drawn if drawn or plain.isascii() else 2
    return drawn


def _try_in_child(data: bytes) -> None:
    """Open all pages in a process of their own that ends at its limits."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "extraction.pdf_guard", str(_SECONDS)],
            input=data,
            capture_output=True,
            timeout=2 * _SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise DocumentTooLargeError("takes_too_long", allowed=_SECONDS) from error
    if child.returncode:
        raise DocumentTooLargeError("takes_too_long", allowed=_SECONDS)


def _open_all_pages(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is the only limit
        pass
    else:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        for page in pypdfium2.PdfDocument(sys.stdin.buffer.read()):
            page.close()
    except pypdfium2.PdfiumError:  # a damaged or locked file is no bomb: its own error is found where it is read
        pass


if __name__ == "__main__":
    _open_all_pages(int(sys.argv[1]))
