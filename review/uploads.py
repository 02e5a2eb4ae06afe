"""Files on their way in: streamed to a staging folder under names of our own, within the limits, known formats only."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import unquote

from settings import Limits

_ID = re.compile(r"[0-9a-f]{32}")
_DAY = 24 * 3600
_HEAD = 32
"""Bytes that are enough to tell every format."""
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*", b"%PDF-")
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")


class Refused(Exception):  # noqa: N818 - reads as what happened
    """A file was not taken: `code` names the text, `status` is HTTP's."""

    def __init__(self, code: str, status: int) -> None:
        """Take both."""
        super().__init__(code)
        self.code, self.status = code, status


def is_known_format(head: bytes) -> bool:
    """Whether the first bytes are those of a format that is read; a name proves nothing."""
    is_webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    is_heif = head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS
    return head.startswith(_MAGIC) or is_webp or is_heif or b"%PDF-" in head


def safe_name(name: str) -> str:
    """Return the last part of a file name without anything that a path or a terminal would act on."""
    last = re.split(r"[\\/]", name)[-1]
    printable = "".join(letter for letter in last if letter.isprintable())
    return printable.strip().strip(".")[-120:] or "file"


class Incoming:
    """One file while it arrives; it has its place only when `finish` was called."""

    def __init__(self, place: Path, name: str, limits: Limits) -> None:
        """Write beside the place until all is there."""
        self._place, self._part, self._name = place, place.with_suffix(".part"), name
        self._limits, self._head = limits, b""
        self._file: BinaryIO | None = None
        self.size = 0

    def __enter__(self) -> Self:
        """Open the file."""
        self._file = self._part.open("wb")
        return self

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; raises Refused as soon as they break a limit or are of no known format."""
        self.size += len(chunk)
        if self.size > self._limits.bytes:
            raise Refused("too_many_bytes", 413)
        if len(self._head) < _HEAD:
            self._head += chunk[: _HEAD - len(self._head)]
            if len(self._head) == _HEAD and not is_known_format(self._head):
                raise Refused("unsupported_format", 415)
        assert self._file is not None  # noqa: S101 - only inside `with`
        self._file.write(chunk)

    def finish(self) -> None:
        """Give the file its place and note its name."""
        if not self.size:
            raise Refused("empty_file", 415)
        if not is_known_format(self._head):
            raise Refused("unsupported_format", 415)
        assert self._file is not None  # noqa: S101
        self._file.close()
        self._place.with_suffix(".json").write_text(json.dumps({"name": self._name}), encoding="utf-8")
        self._part.replace(self._place)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing behind of a file that did not arrive whole."""
        if self._file is not None:
            self._file.close()
        self._part.unlink(missing_ok=True)


class Staging:
    """The folder of uploads that are not yet submitted."""

    def __init__(self, data: Path, limits: Limits) -> None:
        """Take the data folder and what one upload may hold."""
        self._folder, self._limits = data / "uploads", limits

    def begin(self, upload: str, number: str, name: str, length: str | None) -> Incoming:
        """Return the place of file `number` of an upload; `name` is percent-encoded, `length` what HTTP announced."""
        if not _ID.fullmatch(upload) or not re.fullmatch(r"[0-9]{1,6}", number):
            raise Refused("not_signed", 403)
        if int(number) >= self._limits.upload_files:
            raise Refused("too_many_files", 413)
        if length is not None and length.isdecimal() and int(length) > self._limits.bytes:
            raise Refused("too_many_bytes", 413)
        folder = self._folder / upload
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Incoming(folder / f"{int(number):06d}", safe_name(unquote(name)), self._limits)

    def files(self, upload: str) -> Iterator[tuple[str, Path]]:
        """Yield name and place of the files that arrived whole, in the order in which they were chosen."""
        if not _ID.fullmatch(upload):
            return
        for place in sorted((self._folder / upload).glob("*")):
            note = place.with_suffix(".json")
            if place.suffix == "" and note.exists():
                yield json.loads(note.read_text(encoding="utf-8"))["name"], place

    def drop(self, upload: str) -> None:
        """Forget an upload; its files were submitted or are not wanted."""
        if _ID.fullmatch(upload):
            shutil.rmtree(self._folder / upload, ignore_errors=True)

    def sweep(self) -> None:
        """Delete what was left for more than a day by browsers that went away."""
        for folder in self._folder.glob("*") if self._folder.is_dir() else ():
            if time.time() - folder.stat().st_mtime > _DAY:
                shutil.rmtree(folder, ignore_errors=True)
