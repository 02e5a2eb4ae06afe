"""Originals by their content, never altered, and the page images made from them; a folder or any fsspec store."""

import hashlib
import io
import mimetypes
import os
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem
from PIL import Image

from storage.errors import OriginalMissingError, StorageError

PAGE_QUALITY = 85
PAGE_SIDE = 3200
"""Longest side of a stored page image: what the OCR made out, a person can, and a part of it can be read again."""


def digest(data: bytes) -> str:
    """Return the SHA-256 by which bytes are kept."""
    return hashlib.sha256(data).hexdigest()


def media_type_of(name: str) -> str:
    """Return the media type that a file's name claims; only the loader knows better."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


class Files:
    """Keeps files by SHA-256 and page images by record, attempt and page."""

    def __init__(self, url: str | None, data: Path) -> None:
        """Take the fsspec URL of the store, or the data folder of the default one."""
        self._store, self._root = fsspec.core.url_to_fs(url or (data / "originals").absolute().as_posix())

    def put_original(self, data: bytes) -> str:
        """Store the bytes once and return their SHA-256."""
        sha256 = digest(data)
        path = self._original(sha256)
        try:
            if not self._store.exists(path):
                self._write(path, data)
        except OSError as error:
            raise StorageError(cause=type(error).__name__) from error
        return sha256

    def original(self, sha256: str) -> bytes:
        """Return the bytes; OriginalMissingError where they are gone or no longer the same."""
        data = self._read(self._original(sha256))
        if digest(data) != sha256:
            raise OriginalMissingError(sha256=sha256)
        return data

    def put_page(self, record_id: str, attempt: int, page: int, image: Image.Image) -> None:
        """Store an upright page as JPEG, scaled down to what a screen needs."""
        buffer = io.BytesIO()
        scaled = image.convert("RGB")
        scaled.thumbnail((PAGE_SIDE, PAGE_SIDE))
        scaled.save(buffer, "JPEG", quality=PAGE_QUALITY)
        try:
            self._write(self._page(record_id, attempt, page), buffer.getvalue())
        except OSError as error:
            raise StorageError(cause=type(error).__name__) from error

    def page(self, record_id: str, attempt: int, page: int) -> bytes:
        """Return the JPEG of a page."""
        return self._read(self._page(record_id, attempt, page))

    def page_names(self, record_id: str) -> list[str]:
        """Return the file names of a record's page images, those of earlier attempts too."""
        try:
            found = self._store.ls(f"{self._root}/pages/{record_id}", detail=False)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StorageError(cause=type(error).__name__) from error
        return sorted(name for name in (path.rsplit("/", 1)[-1] for path in found) if not name.startswith("."))

    def page_file(self, record_id: str, name: str) -> bytes:
        """Return a page image by its file name."""
        return self._read(f"{self._root}/pages/{record_id}/{name}")

    def put_page_file(self, record_id: str, name: str, data: bytes) -> None:
        """Store a page image under its file name."""
        try:
            self._write(f"{self._root}/pages/{record_id}/{name}", data)
        except OSError as error:
            raise StorageError(cause=type(error).__name__) from error

    def erase_original(self, sha256: str) -> None:
        """Erase an original; nothing happens where it is gone already."""
        self._erase(self._original(sha256))

    def erase_pages(self, record_id: str) -> None:
        """Erase all page images of a record."""
        self._erase(f"{self._root}/pages/{record_id}")

    def _erase(self, path: str) -> None:
        try:
            if self._store.exists(path):
                self._store.rm(path, recursive=True)
        except OSError as error:
            raise StorageError(cause=type(error).__name__) from error

    def _original(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256}"

    def _page(self, record_id: str, attempt: int, page: int) -> str:
        return f"{self._root}/pages/{record_id}/{attempt}-{page}.jpg"

    def _read(self, path: str) -> bytes:
        try:
            data: bytes = self._store.cat_file(path)
        except FileNotFoundError:
            raise OriginalMissingError() from None
        except OSError as error:
            raise StorageError(cause=type(error).__name__) from error
        return data

    def _write(self, path: str, data: bytes) -> None:
        """Put the whole file there or nothing: object stores do so by themselves, a folder by renaming."""
        if not isinstance(self._store, LocalFileSystem):
            self._store.pipe_file(path, data)
            return
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            part.write_bytes(data)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
