"""What the command line shows: progress, a table of results, what failed and what to do about it."""

import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from review.export import ExportRow
from review.i18n import Catalog, best_language, catalog
from review.messages import failure_message
from schemas.document import Document
from schemas.invoice import Invoice
from schemas.medical_receipt import MedicalReceipt
from schemas.result import Severity
from schemas.values import format_decimal

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # and what turns the direction of writing
_PIPED_WIDTH = 160  # a pipe has no width of its own; 80 would cut names
_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


Item = TypeVar("Item")


def terminal_texts(language: str | None) -> Catalog:
    """Return the texts in the language of the settings, else of the terminal's locale."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return catalog(language or best_language(next(filter(None, names), None)))


def plain(value: object) -> Text:
    """Return a text as it may go to a terminal: what was read on a page must not steer it."""
    return Text(_CONTROL.sub("�", "" if value is None else str(value)))


def console(*, stderr: bool = False) -> Console:
    """Return the console of standard output or standard error."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else _PIPED_WIDTH, highlight=False, markup=False)


def say(text: str, *, stderr: bool = True, style: str = "") -> None:
    """Print a sentence, unbroken."""
    console(stderr=stderr).print(plain(text), style=style, soft_wrap=True)


def progress(items: Iterable[Item], total: int, label: str) -> Iterator[Item]:
    """Yield the items under a bar on standard error; nothing is drawn where nobody looks."""
    out = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task(label, total=total)
        for item in items:
            bar.advance(task)
            yield item


class ResultTable:
    """One row a document, kept as texts until it is shown."""

    def __init__(self, texts: Catalog) -> None:
        """Begin an empty table."""
        self._texts = texts
        self._table = Table(header_style="bold", box=SIMPLE_HEAD, pad_edge=False)
        for name in ("file", "document", "issuer", "date", "lines", "points", "money", "flags", "seconds"):
            right = name in ("lines", "points", "money", "seconds")
            is_short = right or name == "date"  # never broken: a narrow terminal takes it from the names
            self._table.add_column(texts(f"cli.column.{name}"), justify="right" if right else "left",
                                   no_wrap=is_short, overflow="fold")  # fmt: skip
        self._counts: Counter[str] = Counter()

    def add(self, row: ExportRow) -> None:
        """Append a document."""
        extraction, texts = row.extraction, self._texts
        seconds = plain(f"{extraction.seconds:.1f}")
        if extraction.document is None:
            self._counts["failed"] += 1
            code = Text(extraction.error.code if extraction.error else "", style="red")
            self._table.add_row(plain(extraction.file), Text(texts("cli.not_read"), style="red"), code, "", "", "", "",
                                "", seconds)  # fmt: skip
            return
        flags = Counter(flag.severity for flag in row.open_flags)
        self._counts["flagged" if flags[Severity.ERROR] or flags[Severity.WARNING] else "clean"] += 1
        self._table.add_row(
            plain(extraction.file),
            plain(texts(f"document_type.{extraction.document_type}")),
            *map(plain, _summary(extraction.document)),
            self._flags(flags),
            seconds,
        )

    def show(self, skipped: int) -> None:
        """Print the table and, below it, the counts."""
        out = console()
        out.print(self._table)
        out.print(self._texts("cli.summary", **{name: self._counts[name] for name in ("clean", "flagged", "failed")}))
        if skipped:
            out.print(self._texts("cli.skipped", count=skipped), soft_wrap=True)

    def _flags(self, flags: Counter[Severity]) -> Text:
        shown = [(severity, flags[severity]) for severity in _STYLES if flags[severity]]
        parts = [Text(self._texts(f"cli.count.{severity}", count=count), style=_STYLES[severity])
                 for severity, count in shown]  # fmt: skip
        return Text(" ").join(parts) if parts else Text(self._texts("cli.count.none"), style="green")


def _summary(document: Document) -> tuple[object, ...]:
    """Return issuer, date, number of lines, points and money."""
    if isinstance(document, MedicalReceipt):
        return (
            document.hospital_name,
            document.visit_date or document.issue_date,
            len(document.items),
            format_decimal(document.nhi_total),
            format_decimal(document.self_pay_total),
        )
    if isinstance(document, Invoice):
        total = format_decimal(document.total_amount)
        money = None if total is None else f"{document.currency or ''} {total}".strip()
        return document.seller_name, document.issue_date, len(document.items), None, money
    return None, None, None, None, None


def report_failures(rows: Iterable[ExportRow], texts: Catalog) -> None:
    """Name every document that was not read, with the cause and what to do, on standard error."""
    out = console(stderr=True)
    for row in rows:
        error = row.extraction.error
        if error:
            line = Text.assemble(("✗ ", "red"), plain(row.extraction.file), ": ", failure_message(texts, error),
                                 (f" ({error.code})", "dim"))  # fmt: skip
            out.print(line, soft_wrap=True)
