"""Extractions out of the house: an Excel workbook that can be filed as it is."""

import datetime as dt
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version
from typing import Any

from openpyxl import Workbook

from review.i18n import Catalog, catalog
from review.messages import failure_message, flag_message, flag_title, where
from review.sheets import Cell, Column, Sheet, Styles
from schemas.document import Document, DocumentPart, cells_of, get_cell, kind_of, lines_of
from schemas.registry import DOCUMENT_TYPES
from schemas.result import CellState, Extraction, Flag, Severity
from schemas.values import UNREADABLE, ValueKind, format_decimal

_SHEETS = {"medical_receipt": ("receipts", "items"), "invoice": ("invoices", "invoice_items")}
"""Document type → its sheet and the sheet of its lines."""
_UNITS = {ValueKind.POINTS: "points", ValueKind.AMOUNT: "money"}
_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_KEY_COLUMNS = 2  # document number and file: on every sheet, in the same place


@dataclass(frozen=True)
class ExportRow:
    """A document to export; what a person has settled may be left out of `flags`."""

    extraction: Extraction
    record_id: str | None = None
    status: str | None = None
    flags: tuple[Flag, ...] | None = None
    """The open flags; by default all of the extraction."""

    @property
    def open_flags(self) -> tuple[Flag, ...]:
        """Return the flags to show."""
        return tuple(self.extraction.flags) if self.flags is None else self.flags

    @property
    def shown_status(self) -> str:
        """Return the record's status, or what became of a document that is no record."""
        return self.status or ("failed" if self.extraction.error else "read")


def write_workbook(rows: Iterable[ExportRow], language: str) -> bytes:
    """Return the workbook of all documents as a file."""
    book = ClaimWorkbook(language)
    for row in rows:
        book.add(row)
    return book.save()


class ClaimWorkbook:
    """Collects documents one by one, keeping only cells, and writes them as a workbook."""

    def __init__(self, language: str) -> None:
        """Begin an empty workbook."""
        self._texts = catalog(language)
        self._record = Column(self._texts("workbook.head.record"), only_if_used=True)
        self._sheets: dict[str, Sheet] = {}
        for name, (head, lines) in _SHEETS.items():
            self._sheets[head] = self._sheet(head, self._document_columns(name))
            self._sheets[lines] = self._sheet(lines, self._line_columns(name))
        heads = ("severity", "title", "message", "cells", "value", "suggestions", "code")
        self._sheets["flags"] = self._sheet(
            "flags", [self._record, *(Column(self._texts(f"workbook.head.{head}")) for head in heads)]
        )
        self._statuses: Counter[str] = Counter()
        self._readers: Counter[str] = Counter()
        self._types: Counter[str] = Counter()

    def add(self, row: ExportRow) -> None:
        """Append a document to the sheets of its type and its flags to the sheet of flags."""
        self._statuses[row.shown_status] += 1
        self._readers.update({" · ".join(filter(None, (r.reader, r.model))) for r in row.extraction.readings})
        key = (Cell(self._statuses.total()), Cell(row.extraction.file, is_code=True))
        if row.extraction.document is None:
            self._add_failure(row, key)
            return
        self._types[str(row.extraction.document_type)] += 1
        writer = _DocumentCells(self._texts, row)
        head, lines = _SHEETS[str(row.extraction.document_type)]
        self._sheets[head].add([*key, *writer.head()])
        for cells in writer.lines():
            self._sheets[lines].add([*key, *cells])
        for flag in row.open_flags:
            self._sheets["flags"].add([*key, *writer.flag(flag)])

    def save(self) -> bytes:
        """Return the file."""
        workbook, styles, stream = Workbook(write_only=True), Styles(), io.BytesIO()
        workbook.properties.creator = "claimsheet"
        for sheet in (*self._sheets.values(), self._about()):
            sheet.write(workbook, styles)
        workbook.save(stream)
        return stream.getvalue()

    def _sheet(self, name: str, columns: Iterable[Column]) -> Sheet:
        keys = [Column(self._texts(f"workbook.head.{key}")) for key in ("number", "file")]
        return Sheet(self._texts(f"workbook.sheet.{name}"), [*keys, *columns], frozen=_KEY_COLUMNS)

    def _document_columns(self, document_type: str) -> Iterator[Column]:
        yield self._record
        for name in ("status", "open_flags", "pages"):
            yield Column(self._texts(f"workbook.head.{name}"))
        model = DOCUMENT_TYPES[document_type]
        for name in model.model_fields:
            if name != "items":
                yield self._column(document_type, model, name, name)

    def _line_columns(self, document_type: str) -> Iterator[Column]:
        yield Column(self._texts("workbook.head.line"))
        part = lines_of(DOCUMENT_TYPES[document_type])["items"]
        for name in (*cells_of(part), *part.model_computed_fields):
            yield self._column(document_type, part, name, f"items_{name}")
        yield from (Column(self._texts(f"workbook.head.{name}")) for name in ("page", "open_flags"))

    def _column(self, document_type: str, model: type[DocumentPart], name: str, label: str) -> Column:
        header = self._texts(f"field.{document_type}.{label}")
        kind = kind_of(model.model_fields[name]) if name in cells_of(model) else ValueKind.TEXT
        if kind in _UNITS and document_type == "medical_receipt":  # an invoice has a currency of its own
            unit = self._texts(f"workbook.unit.{_UNITS[kind]}")
            header = header if unit.strip("()") in header else f"{header} {unit}"
        return Column(header, _tone(name, kind))

    def _add_failure(self, row: ExportRow, key: tuple[Cell, Cell]) -> None:
        error = row.extraction.error
        message = failure_message(self._texts, error) if error else ""
        severity = Cell(self._texts("workbook.status.failed"), mark=Severity.ERROR)
        code = Cell(error.code if error else None)
        title = Cell(self._texts("workbook.not_in_sheets"))
        record = Cell(row.record_id, is_code=True)
        self._sheets["flags"].add([*key, record, severity, title, Cell(message), Cell(), Cell(), Cell(), code])

    def _about(self) -> Sheet:
        text = self._texts
        sheet = Sheet(
            text("workbook.sheet.about"), [Column(text("workbook.head.about")), Column(text("workbook.head.meaning"))]
        )

        def line(key: str, value: str | int) -> None:
            sheet.add([Cell(text(f"workbook.about.{key}")), Cell(value)])

        line("version", f"claimsheet {version('claimsheet')}")
        line("time", dt.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %z"))
        line("readers", ", ".join(sorted(self._readers)))
        line("documents", self._statuses.total())
        for name, count in sorted(self._types.items()):
            sheet.add([Cell(text(f"document_type.{name}")), Cell(count)])
        for name, count in sorted(self._statuses.items()):
            sheet.add([Cell(_status(text, name)), Cell(count)])
        for mark in ("error", "warning", "info", "unreadable", "not_read"):
            sheet.add([Cell(text(f"workbook.mark.{mark}"), mark=mark), Cell(text(f"workbook.legend.{mark}"))])
        for key in ("blank", "zero", "points", "key", "text"):
            sheet.add([Cell(text(f"workbook.mark.{key}")), Cell(text(f"workbook.legend.{key}"))])
        return sheet


def _tone(name: str, kind: ValueKind) -> str:
    if kind is ValueKind.POINTS:
        return "nhi"
    return next((tone for tone in ("self_pay", "copayment") if name.startswith(tone)), "plain")


def _status(texts: Catalog, status: str) -> str:
    key = f"workbook.status.{status}"
    return texts(key) if texts.has(key) else status


class _DocumentCells:
    """The cells of one document: its row, its lines and its flags."""

    def __init__(self, texts: Catalog, row: ExportRow) -> None:
        self._texts = texts
        self._row = row
        self._extraction = row.extraction
        assert row.extraction.document is not None  # noqa: S101 - for the type checker: failures go another way
        self._document: Document = row.extraction.document
        self._type = str(row.extraction.document_type)
        self._flags: dict[str, list[Flag]] = {}
        for severity in _SEVERITIES:
            for flag in row.open_flags:
                for path in flag.paths if flag.severity is severity else ():
                    self._flags.setdefault(path, []).append(flag)

    def head(self) -> Iterator[Cell]:
        yield Cell(self._row.record_id, is_code=True)
        yield Cell(_status(self._texts, self._row.shown_status))
        yield self._open_flags(self._row.open_flags)
        yield Cell(self._extraction.page_count)
        lines = lines_of(type(self._document))
        for name in type(self._document).model_fields:
            if name == "items":
                continue
            yield self._joined(name) if name in lines else self._cell(self._document, name, name)

    def lines(self) -> Iterator[list[Cell]]:
        items: list[DocumentPart] = getattr(self._document, "items", [])
        for index, item in enumerate(items):
            prefix = f"items.{index}."
            cells = [self._cell(item, name, prefix + name) for name in cells_of(type(item))]
            computed = [Cell(getattr(item, name)) for name in type(item).model_computed_fields]
            found = [
                *{
                    id(flag): flag for path, flags in self._flags.items() if path.startswith(prefix) for flag in flags
                }.values()
            ]
            yield [Cell(index + 1), *cells, *computed, self._page(prefix), self._open_flags(found)]

    def flag(self, flag: Flag) -> Iterator[Cell]:
        yield Cell(self._row.record_id, is_code=True)
        yield Cell(self._texts(f"workbook.mark.{flag.severity}"), mark=flag.severity)
        yield Cell(flag_title(self._texts, flag))
        yield Cell(flag_message(self._texts, flag, self._type))
        yield Cell(where(self._texts, self._type, flag.paths))
        yield Cell(self._printed(flag.paths[0]) if len(flag.paths) == 1 else None, is_code=True)
        yield Cell(", ".join(f"{where(self._texts, self._type, (s.path,))}: {s.value or '–'}"
                             for s in flag.suggestions) or None)  # fmt: skip
        yield Cell(flag.code)

    def _cell(self, part: DocumentPart, name: str, path: str) -> Cell:
        """Return a cell with the colour of its gravest flag; a state that is no value shows in words."""
        kind = kind_of(type(part).model_fields[name])
        flags = self._flags.get(path, [])
        notes = [flag_message(self._texts, flag, self._type) for flag in flags]
        value, mark = self._value(part, name, kind), flags[0].severity.value if flags else None
        state = self._extraction.state(path)
        if value is None and state in (CellState.UNREADABLE, CellState.NOT_READ):
            value = UNREADABLE if state is CellState.UNREADABLE else self._texts("workbook.not_read")
            mark = state.value
            notes = notes or [self._texts(f"workbook.legend.{state}")]
            if printed := self._extraction.unparsed.get(path):
                notes.append(self._texts("workbook.printed_as", text=printed))
        return Cell(value, mark, "\n".join(dict.fromkeys(notes)), is_code=kind is ValueKind.IDENTIFIER)

    def _value(self, part: DocumentPart, name: str, kind: ValueKind) -> Any:  # noqa: ANN401 - what the field holds
        value = getattr(part, name)
        if kind is ValueKind.CHOICE and value is not None:
            return self._texts(f"choice.{name}.{value}")
        if isinstance(value, bool):
            return self._texts("workbook.yes" if value else "workbook.no")
        return value

    def _joined(self, name: str) -> Cell:
        """Return short lines that have no sheet of their own as one text: `name amount; name amount`."""
        parts: list[DocumentPart] = getattr(self._document, name)
        texts = [" ".join(filter(None, map(_plain, (getattr(part, n) for n in cells_of(type(part))))))
                 for part in parts]  # fmt: skip
        flags = [flag for path, found in self._flags.items() if path.split(".")[0] == name for flag in found]
        notes = "\n".join(dict.fromkeys(flag_message(self._texts, flag, self._type) for flag in flags))
        return Cell("; ".join(texts) or None, _gravest(flags), notes)

    def _open_flags(self, flags: Iterable[Flag]) -> Cell:
        asking = [flag for flag in flags if flag.severity is not Severity.INFO]
        notes = [flag_message(self._texts, flag, self._type) for flag in asking]
        return Cell(len(asking), _gravest(asking), "\n".join(dict.fromkeys(notes)))

    def _page(self, prefix: str) -> Cell:
        pages = [e.page for path, found in self._extraction.evidence.items() if path.startswith(prefix) for e in found]
        return Cell(min(pages) + 1 if pages else None)

    def _printed(self, path: str) -> str | None:
        try:
            return _plain(get_cell(self._document, path)) or self._extraction.unparsed.get(path)
        except KeyError:
            return None


def _gravest(flags: Iterable[Flag]) -> str | None:
    found = {flag.severity for flag in flags}
    return next((severity.value for severity in _SEVERITIES if severity in found), None)


def _plain(value: object) -> str | None:
    if isinstance(value, Decimal):
        return format_decimal(value)
    return None if value is None else str(value)
