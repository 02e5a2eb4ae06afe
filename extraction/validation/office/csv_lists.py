"""Reads an office's files: texts as they are, and lists in the CSV form of the ones that ship with the product."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from extraction.validation.office.errors import RulesError

_NAMES = {"canonical": "name", "code10": "code"}
"""Columns of our own lists by what an entry calls them."""
_SEVERAL = {"synonyms", "aliases"}


def read_text(path: Path) -> str:
    """Return a file's text; Excel in Taiwan may save a CSV file as Big5, which is told and not guessed."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise RulesError("not_utf8", path) from None
    except OSError as error:
        raise RulesError("cannot_be_read", path, reason=error.strerror or type(error).__name__) from None


def read_rows(path: Path, wanted: Collection[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each row with its line number; several names in one cell are parted by `|`, other columns left out."""
    reader = csv.DictReader(read_text(path).splitlines())
    for row in reader:
        named = {_NAMES.get(column, column): (text or "").strip() for column, text in row.items() if column}
        yield reader.line_num, {
            column: tuple(part.strip() for part in text.split("|") if part.strip()) if column in _SEVERAL else text
            for column, text in named.items() if column in wanted
        }  # fmt: skip


def read_first_column(path: Path) -> tuple[str, ...]:
    """Return the words of a list: one a line, whatever stands in further columns."""
    rows = csv.reader(read_text(path).splitlines())
    return tuple(row[0].strip() for row in rows if row and row[0].strip())
