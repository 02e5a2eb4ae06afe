"""A watched folder: what is put into it is queued and moved aside, so that the folder shows what is not done."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from extraction.batch import content_of
from extraction.errors import DocumentError
from extraction.inputs import Source, find_documents
from settings import Limits

SUBMITTED, REFUSED = "submitted", "refused"
"""Folders in the watched one that files are moved to; what stands in them is never taken again."""
LOOK_SECONDS = 2.0
_MOST = 100
"""Files of one batch: a full folder shows progress soon."""

Submit = Callable[[list[tuple[str, bytes]]], str]
Known = Callable[[bytes, str], bool]


@dataclass
class Taken:
    """What one look at the folder brought."""

    batch_id: str | None = None
    submitted: list[str] = field(default_factory=list)
    refused: dict[str, DocumentError] = field(default_factory=dict)
    known: int = 0


class Watch:
    """Looks at a folder again and again; a file is taken once it has stood unchanged from one look to the next."""

    def __init__(self, folder: Path, submit: Submit, is_known: Known, limits: Limits) -> None:
        """Take what queues files, and what knows whether a file of this name and content is stored already."""
        self._folder, self._submit, self._is_known, self._limits = folder, submit, is_known, limits
        self._seen: dict[Path, tuple[int, int]] = {}

    def look(self) -> Taken:
        """Queue what has settled. A file that was queued before a crash could move it is only moved."""
        taken, files, done = Taken(), list[tuple[str, bytes]](), list[Source]()
        for source in self._settled():
            try:
                content = content_of(source, self._limits)
            except DocumentError as error:
                taken.refused[source.name] = error
                self._move(source, REFUSED)
                continue
            if not self._is_known(content, source.name):
                files.append((source.name, content))
            done.append(source)
        if files:
            taken.batch_id = self._submit(files)
        for source in done:
            self._move(source, SUBMITTED)
        taken.submitted = [name for name, _ in files]
        taken.known = len(done) - len(files)
        return taken

    def forever(self, sleep: Callable[[float], None] = time.sleep) -> Iterator[Taken]:
        """Yield what each look brought, until the caller stops."""
        while True:
            yield self.look()
            sleep(LOOK_SECONDS)

    def _settled(self) -> list[Source]:
        present: dict[Path, tuple[int, int]] = {}
        settled: list[Source] = []
        for source in find_documents([self._folder]).sources:
            path = source.path
            if path is None or path.relative_to(self._folder).parts[0] in (SUBMITTED, REFUSED):
                continue
            try:
                about = path.stat()
            except FileNotFoundError:
                continue  # taken away since
            present[path] = (about.st_size, about.st_mtime_ns)
            if self._seen.get(path) == present[path] and len(settled) < _MOST:
                settled.append(source)
        self._seen = present
        return settled

    def _move(self, source: Source, where: str) -> None:
        """Put a file aside under its own name, with a number where that name is taken."""
        if source.path is None:
            return
        target = self._folder / where / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        number = 1
        while target.exists():
            number += 1
            target = target.with_name(f"{Path(source.name).stem} ({number}){source.path.suffix}")
        source.path.rename(target)
        self._seen.pop(source.path, None)
