"""Where results go: JSON lines as they come, a workbook at the end. What cannot be written is said before the work."""

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO
from uuid import uuid4

from review.export import ClaimWorkbook, ExportRow
from review.i18n import Catalog
from review.json_lines import json_line

STDOUT = "-"


class Output:
    """Writes documents to the files that were asked for. Call `open` first."""

    def __init__(self, texts: Catalog, json_path: str | None, xlsx_path: str | None) -> None:
        """Take the places; `-` for JSON lines is standard output."""
        self._texts = texts
        self._json_path = json_path
        self._xlsx = Path(xlsx_path) if xlsx_path else None
        self._workbook = ClaimWorkbook(texts.language)
        self._lines: TextIO | None = None
        self._draft: Path | None = None

    @property
    def owns_stdout(self) -> bool:
        """Whether standard output carries JSON lines, so that nothing else may go there."""
        return self._json_path == STDOUT

    def open(self) -> None:
        """Open the places, so that a wrong one costs no reading time; OSError names it."""
        if self._xlsx:
            self._draft = _draft_beside(self._xlsx)
        try:
            if self._json_path and not self.owns_stdout:
                self._lines = Path(self._json_path).open("w", encoding="utf-8")  # noqa: SIM115 - closed on exit
        except OSError:
            self._discard()
            raise

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def add(self, row: ExportRow) -> None:
        """Write the document's line now and keep its cells for the workbook."""
        if self._json_path:
            print(json_line(row, self._texts), file=self._lines or sys.stdout, flush=True)
        if self._xlsx:
            self._workbook.add(row)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the workbook in one piece, also of what was done before Ctrl+C."""
        if self._lines:
            self._lines.close()
        try:
            if self._xlsx and self._draft and (kind is None or issubclass(kind, KeyboardInterrupt)):
                self._draft.write_bytes(self._workbook.save())
                self._draft.replace(self._xlsx)
        finally:
            self._discard()

    def _discard(self) -> None:
        if self._draft:
            self._draft.unlink(missing_ok=True)


def _draft_beside(path: Path) -> Path:
    """Return an empty file in the same folder: only there a rename is one step."""
    if path.is_dir():
        raise IsADirectoryError(21, os.strerror(21), str(path))
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(13, os.strerror(13), str(path))
    draft = path.with_name(f".{path.stem}-{uuid4().hex}.xlsx")
    try:
        draft.touch(exist_ok=False)
    except OSError as error:
        error.filename = str(path)
        raise
    return draft
