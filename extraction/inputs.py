"""From the paths that a person names to the documents behind them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".heic", ".heif", ".avif", ".pdf"}
)
"""What is taken from a folder; a file named by itself is always tried, whatever its name."""


@dataclass(frozen=True)
class Source:
    """One document, not yet read from disk."""

    name: str
    """Relative to the folder that was given."""
    path: Path | None = None
    data: bytes = b""
    """The content where there is no path."""

    def size(self) -> int:
        """Return the bytes that it says it has; a pipe says 0."""
        return len(self.data) if self.path is None else self.path.stat().st_size

    def read(self, limit: int) -> bytes:
        """Return the content, at most one byte more than the limit: a pipe may be endless."""
        if self.path is None:
            return self.data
        with self.path.open("rb") as stream:
            return stream.read(limit + 1)

    def sha256(self) -> str:
        """Return the digest of the whole content without holding it."""
        if self.path is None:
            return hashlib.sha256(self.data).hexdigest()
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass
class Found:
    """The documents in the order given, folders sorted; and the files of folders that are none by their name."""

    sources: list[Source] = field(default_factory=list)
    skipped: int = 0


def find_documents(paths: Iterable[Path]) -> Found:
    """Return every document once; FileNotFoundError names a path that is not there."""
    found, seen = Found(), set()
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(str(path))
        root = path if path.is_dir() else path.parent
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if path.is_dir() and (not file.is_file() or _is_hidden(file.relative_to(root))):
                continue
            if path.is_dir() and file.suffix.lower() not in SUFFIXES:
                found.skipped += 1
            elif (real := file.resolve()) not in seen:
                seen.add(real)
                found.sources.append(Source(file.relative_to(root).as_posix(), file))
    return found


def _is_hidden(relative: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in relative.parts)
