"""What the review screen shows of a cell: its text, state, judgement and source, as plain data for the browser."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from extraction.judgement import covering
from review.components.page_frame import Frame
from review.i18n import path_label
from review.messages import flag_message, flag_title, where
from review.row_order import MISSING
from review.rows import missing_row
from review.workflow import DUPLICATES, Record, RecordFlag
from schemas.document import Document, field_at, get_cell, kind_of, paths_of
from schemas.result import Agreement, CellState, Extraction, Judgement, Severity, Suggestion
from schemas.values import UNREADABLE, ValueKind, format_roc_date

NUMERIC = {ValueKind.AMOUNT, ValueKind.POINTS, ValueKind.QUANTITY}
_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True)
class Sheet:
    """A record that was read, as the screen sees it: its cells in reading order with the flags that touch them."""

    frame: Frame
    record: Record
    extraction: Extraction
    document: Document
    type: str
    paths: tuple[str, ...] = field(default=())

    @cached_property
    def flags_of(self) -> dict[str, list[RecordFlag]]:
        """Return the open flags of each path that a flag names."""
        found: dict[str, list[RecordFlag]] = defaultdict(list)
        for item in sorted((flag for flag in self.record.flags if flag.is_open), key=lambda f: _RANK[f.flag.severity]):
            for path in item.flag.paths:
                found[path].append(item)
        return found

    def level(self, path: str) -> str | None:
        """Return the gravest open judgement on a cell."""
        flags = self.flags_of.get(path)
        return flags[0].flag.severity.value if flags else None

    def label(self, path: str) -> str:
        """Return a cell's name."""
        return path_label(self.frame.texts, self.type, path)

    def targets(self, path: str) -> list[str]:
        """Return the cells that a flag's path means: itself, or those of the row or list that it names."""
        if path in self.known:
            return [path]
        return [each for each in self.paths if each.startswith(f"{path}.")]

    @cached_property
    def known(self) -> frozenset[str]:
        """Return all paths for looking up."""
        return frozenset(self.paths)

    @property
    def uses_roc_dates(self) -> bool:
        """Whether the paper dates by 民國; foreign invoices do not."""
        return getattr(self.document, "currency", "TWD") in ("TWD", None)


def sheet_of(frame: Frame, record: Record) -> Sheet | None:
    """Return the sheet of a record, None where nothing was read."""
    extraction = record.extraction
    if extraction is None or extraction.document is None or extraction.document_type is None:
        return None
    document = extraction.document
    return Sheet(frame, record, extraction, document, extraction.document_type, tuple(paths_of(document)))


def cell(sheet: Sheet, path: str) -> dict[str, Any]:
    """Return a cell for the browser."""
    state = sheet.extraction.state(path)
    value = get_cell(sheet.document, path)
    if value is None and state in (CellState.VALUE, CellState.ZERO):
        state = CellState.BLANK
    return {
        "path": path,
        "value": shown(sheet, path, value, state),
        "state": state.value,
        "level": sheet.level(path),
        "edited": path in sheet.record.corrected,
        "problem": _problem(sheet, path, state),
        "reasons": [flag_title(sheet.frame.texts, item.flag) for item in sheet.flags_of.get(path, ())],
        "source": _source(sheet, path),
        "judgement": _judgement(sheet, path).value,
        "judged": _judged(sheet, path, state),
    }


def shown(sheet: Sheet, path: str, value: object, state: CellState = CellState.VALUE) -> str:
    """Return the text in the cell's input; dates as the paper dates, numbers with commas."""
    if state is CellState.UNREADABLE:
        return sheet.extraction.unparsed.get(path, UNREADABLE)
    if value is None or state is CellState.NOT_READ:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, dt.date):
        return format_roc_date(value) if sheet.uses_roc_dates and value.year > 1911 else value.isoformat()
    return str(value)


def _number(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def other_calendar(sheet: Sheet, path: str) -> str:
    """Return a date in the calendar that its input does not show."""
    value = get_cell(sheet.document, path)
    if not isinstance(value, dt.date) or value.year <= 1911:
        return ""
    return value.isoformat() if sheet.uses_roc_dates else format_roc_date(value)


def _problem(sheet: Sheet, path: str, state: CellState) -> str | None:
    """Return why a typed text is no value; it stays in the cell."""
    typed = sheet.extraction.unparsed.get(path)
    if state is not CellState.UNREADABLE or typed is None or path not in sheet.record.corrected:
        return None
    kind = kind_of(field_at(type(sheet.document), path))
    key = "number" if kind in NUMERIC else kind.value
    return sheet.frame.text(f"problem.{key if key in ('number', 'date') else 'other'}", typed=typed)


def _judgement(sheet: Sheet, path: str) -> Judgement:
    return sheet.extraction.judgements.get(path, Judgement.PLAUSIBLE)


def _judged(sheet: Sheet, path: str, state: CellState) -> str:
    """Return how far the cell may be trusted, and what that rests on; nothing of a blank that nobody doubts."""
    text, judgement = sheet.frame.text, _judgement(sheet, path)
    if judgement is Judgement.PLAUSIBLE and state is CellState.BLANK:
        return ""
    grounds = [text("judged.person")] if path in sheet.record.corrected else _grounds(sheet, path, judgement)
    label = text(f"judged.{judgement.value}")
    return text("judged.because", judgement=label, grounds=", ".join(grounds)) if grounds else label


def _grounds(sheet: Sheet, path: str, judgement: Judgement) -> list[str]:
    """Return what speaks for a cell, or against it where it is doubted."""
    text, texts = sheet.frame.text, sheet.frame.texts
    is_doubted = judgement in (Judgement.DOUBTFUL, Judgement.WRONG)
    found = []
    agreement = sheet.extraction.agreement.get(path)
    if agreement in ((Agreement.DIFFER,) if is_doubted else (Agreement.AGREED,)):
        found.append(text(f"judged.{agreement.value}"))
    rules, outcome = covering(path), "failed" if is_doubted else "passed"
    codes = [check.code for check in sheet.extraction.checks if check.outcome == outcome and check.code in rules]
    return [*found, *(text(f"judged.rule_{outcome}", rule=texts(f"flag.{code}.title")) for code in codes[:2])]


def _source(sheet: Sheet, path: str) -> str:
    """Return where the value comes from: a person, or a reader with the text that stands on the page."""
    text, corrected = sheet.frame.text, sheet.record.corrected
    if path in corrected:
        before = corrected[path]
        return text("source.person", before=before) if before else text("source.person_blank")
    names = dict.fromkeys(reading.reader for reading in sheet.extraction.readings)
    readers = ", ".join(source_name(sheet.frame, name) for name in names) or "–"
    tried = max(
        (sum(bool(each.cause) for each in reading.attempts) for reading in sheet.extraction.readings), default=0
    )
    if tried:
        readers = text("source.after_tries", reader=readers, count=tried)
    found = sheet.extraction.evidence.get(path)
    if not found:
        return text("source.nowhere", reader=readers)
    return text(f"source.{found[0].match}", reader=readers, text=found[0].text)


def source_name(frame: Frame, source: str) -> str:
    """Return who read or proposes a value; readers that we do not know keep their own name."""
    key = f"ui.source_name.{source}"
    return frame.texts(key) if frame.texts.has(key) else source


def flags(sheet: Sheet) -> list[dict[str, Any]]:
    """Return all flags, the gravest open ones first; settled ones stay to be seen."""
    items = sorted(sheet.record.flags, key=lambda item: (not item.is_open, _RANK[item.flag.severity]))
    return [_flag(sheet, item) for item in items]


def _flag(sheet: Sheet, item: RecordFlag) -> dict[str, Any]:
    texts, flag = sheet.frame.texts, item.flag
    cells = list(dict.fromkeys(target for path in flag.paths for target in sheet.targets(path)))
    note = ""
    if item.decision:
        note = sheet.frame.text(f"decision.{item.decision}", user=item.user or "", reason=item.reason or "")
    return {
        "key": item.key,
        "severity": flag.severity.value,
        "title": flag_title(texts, flag),
        "text": flag_message(texts, flag, sheet.type),
        "where": where(texts, sheet.type, flag.paths[:3]) + ("…" if len(flag.paths) > 3 else ""),
        "target": cells[0] if cells else None,
        "cells": cells,
        "suggestions": _suggestions(sheet, item),
        "open": item.is_open,
        "other": flag.parameters.get("record") if flag.code in DUPLICATES else None,
        "note": note,
    }


def _suggestions(sheet: Sheet, item: RecordFlag) -> list[dict[str, Any]]:
    """Return what would settle a flag: values of cells, or a row to put in, whose cells are not there yet."""
    if item.flag.code != MISSING:
        return [_suggestion(sheet, each) for each in item.flag.suggestions if each.path in sheet.known]
    found = missing_row(item.flag)
    if found is None:
        return []
    line, row, texts = found
    value = " · ".join(text for text in texts.values() if text)
    label = sheet.frame.text("review.put_in", row=row + 1, value=value)
    return [{"path": f"{line}.{row}", "text": "", "value": value, "label": label, "short": label,
             "insert": {"flag": item.key, "table": line, "row": row, "texts": texts}}]  # fmt: skip


def _suggestion(sheet: Sheet, suggestion: Suggestion) -> dict[str, Any]:
    text = sheet.frame.text
    value = text("review.blank") if suggestion.value in (None, "") else str(suggestion.value)
    name = source_name(sheet.frame, suggestion.source)
    return {
        "path": suggestion.path,
        "text": suggestion.value or "",
        "value": value,
        "label": text("review.suggestion", cell=sheet.label(suggestion.path), value=value),
        "short": text("review.suggestion_short", value=value, source=name),
    }


def boxes(sheet: Sheet) -> list[dict[str, Any]]:
    """Return every place on the pages that supports a value."""
    edited = sheet.record.corrected
    return [
        {
            "path": path,
            "page": item.page,
            "box": list(item.box.rounded()),
            "level": sheet.level(path) or ("edited" if path in edited else None),
            "label": sheet.label(path),
        }
        for path, found in sheet.extraction.evidence.items()
        if path in sheet.known
        for item in found
    ]


def todo(sheet: Sheet) -> list[str]:
    """Return the cells that need a look, in the order of the screen."""
    wanted = {each["target"] for each in flags(sheet) if each["open"] and each["severity"] != "info" and each["target"]}
    lost = (CellState.UNREADABLE, CellState.NOT_READ)
    wanted |= {path for path, state in sheet.extraction.states.items() if state in lost and path in sheet.known}
    return [path for path in sheet.paths if path in wanted]
