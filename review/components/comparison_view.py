"""The readings of a record beside what it holds now, cell by cell; any of them is taken by one key."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from review.comparison import Comparison, Plan, compare, header_of, line_cells, take_all, take_row
from review.components import resources
from review.components.action_log import Action, ActionLog
from review.components.assets import component, ignore, read
from review.components.cells import Sheet, boxes, sheet_of, shown, source_name
from review.components.document_viewer import viewer_data
from review.components.page_frame import Frame
from review.corrections import Cell
from review.i18n import path_label
from review.messages import error_message
from review.workflow import (
    Change,
    LockedError,
    Record,
    RecordNotFoundError,
    Status,
    StoredReading,
    Workspace,
)
from schemas.document import get_cell
from schemas.result import CellState

_KEY, _LOG = "compare.table", "compare.log"
_OPEN = (Status.TO_REVIEW, Status.IN_REVIEW)
_compare = component(
    "compare",
    html=read("comparison_view.html").replace("<!-- viewer -->", read("document_viewer.html")),
    css=("base.css", "document_viewer.css", "review_desk.css", "comparison_view.css"),
    js=("document_viewer.js", "region_marker.js", "action_log.js", "comparison_view.js"),
)


class Taking:
    """What the person took, carried out on the record; several steps that were one to them are undone as one."""

    def __init__(self, frame: Frame, workspace: Workspace, log: ActionLog, readings: Sequence[StoredReading]) -> None:
        """Take the parts."""
        self._frame, self._workspace, self._log, self._readings = frame, workspace, log, readings
        self._steps: dict[str, tuple[int, int]] = st.session_state.setdefault("compare.steps", {})

    def do(self, action: Action) -> Record | None:
        """Carry out one action."""
        record_id, kind = action["record"], action["kind"]
        if kind == "cell":
            change = Change(action["path"], action["text"])
            return self._workspace.correct(record_id, self._version(record_id), [change], self._frame.user)
        if kind in ("undo", "redo"):
            return self._step(record_id, kind)
        comparison = comparison_of(self._workspace.record(record_id), self._readings)
        if comparison is None:
            return None
        if kind == "row":
            plan = take_row(comparison, action["side"], action["line"], action["number"])
        else:
            plan = take_all(comparison, action["side"])
        return self._apply(record_id, plan)

    def _version(self, record_id: str) -> int:
        return self._log.version(self._workspace, record_id)

    def _apply(self, record_id: str, plan: Plan) -> Record | None:
        user, done, steps = self._frame.user, None, 0
        rows = [(self._workspace.delete_row, place) for place in plan.deleted]
        rows += [(self._workspace.insert_row, place) for place in plan.inserted]
        for change_row, (line, index) in rows:
            done = change_row(record_id, self._version(record_id), line, index, user)
            self._log.versions[record_id], steps = done.version, steps + 1
        if plan.changes:
            before = self._version(record_id)
            done = self._workspace.correct(record_id, before, plan.changes, user)
            steps += done.version > before
        if done is not None:
            self._steps[record_id] = (done.version, steps)
        return done

    def _step(self, record_id: str, kind: str) -> Record:
        version, steps = self._steps.pop(record_id, (0, 1))
        done = self._workspace.record(record_id)
        count = steps if kind == "undo" and version == done.version else 1
        step = self._workspace.undo if kind == "undo" else self._workspace.redo
        for _ in range(max(count, 1)):
            done = step(record_id, self._frame.user)
        return done


def comparison_view(frame: Frame) -> None:
    """Show the comparison of the record that the address names."""
    workspace, record_id = resources.workspace(), st.query_params.get("record", "")
    log: ActionLog = st.session_state.setdefault(_LOG, ActionLog())
    state = st.session_state.get(_KEY) or {}
    try:
        readings = [each for each in workspace.readings(record_id) if each.reading.values]
        if state.get("log"):
            taking = Taking(frame, workspace, log, _comparable(workspace.record(record_id), readings))
            log.carry_out(frame, state["log"], taking.do)
        record, lock = _opened(frame, workspace, record_id)
    except RecordNotFoundError as error:
        st.warning(error_message(frame.texts, error.key, error.parameters), icon=":material/search_off:")
        return
    sheet = sheet_of(frame, record)
    if sheet is None:
        st.info(frame.text("compare.nothing"), icon=":material/compare:")
        return
    log.versions[record.id] = record.version
    same = _comparable(record, readings)
    data = _data(frame, sheet, same, lock) | log.told() | {"others": _others(frame, len(readings) - len(same))}
    if lock is not None and data["notice"] is None:
        until = lock.until.astimezone().strftime("%H:%M")
        data["notice"] = {"level": "warning", "text": frame.text("notice.locked", user=lock.user, until=until)}
    result = _compare(key=_KEY, data=data, on_log_change=ignore, on_left_change=ignore)
    if result.left:
        st.switch_page("pages/2_review.py", query_params={"record": record.id, "lang": frame.texts.language})


def _comparable(record: Record, readings: Sequence[StoredReading]) -> list[StoredReading]:
    kind = record.extraction.document_type if record.extraction else None
    return [each for each in readings if each.reading.document_type == kind]


def comparison_of(record: Record, readings: Sequence[StoredReading]) -> Comparison | None:
    """Return the comparison, None where nothing was read."""
    extraction = record.extraction
    return None if extraction is None or extraction.document is None else compare(extraction, readings)


def _others(frame: Frame, count: int) -> str:
    return frame.text("compare.other_type", count=count) if count else ""


def _opened(frame: Frame, workspace: Workspace, record_id: str) -> tuple[Record, LockedError | None]:
    record = workspace.record(record_id)
    if record.status not in _OPEN:
        return record, None
    try:
        return workspace.open_for_review(record_id, frame.user), None
    except LockedError as error:
        return record, error


def _data(frame: Frame, sheet: Sheet, readings: Sequence[StoredReading], lock: LockedError | None) -> dict[str, Any]:
    record, prefix = sheet.record, "ui.compare."
    comparison = compare(sheet.extraction, readings)
    rows = _header_rows(sheet, comparison) + _table_rows(sheet, comparison)
    names = (key for key in frame.texts.keys() if key.startswith(prefix))  # noqa: SIM118 - a catalogue is no mapping
    labels: dict[str, Any] = {key.removeprefix(prefix): frame.texts(key) for key in sorted(names)}
    labels["hints"] = [part.strip().split(" = ") for part in labels["hints"].split("|")]
    labels |= {name: frame.text(f"review.{name}") for name in ("undo", "redo", "saving", "saved")}
    viewer = viewer_data(frame, record, sheet)
    viewer["boxes"] = boxes(sheet) + _boxes_of_sides(comparison)
    return {
        "language": frame.texts.language,
        "labels": labels,
        "record": record.id,
        "title": record.number or record.party or record.name,
        "about": f"{frame.texts(f'document_type.{sheet.type}')} · {record.name}",
        "editable": lock is None and record.status in _OPEN,
        "undo": record.can_undo,
        "redo": record.can_redo,
        "sides": [_head(frame, each) for each in readings],
        "rows": rows,
        "viewer": viewer,
    }


def _head(frame: Frame, stored: StoredReading) -> dict[str, str]:
    name = stored.reading.model or source_name(frame, stored.reading.reader)
    when = stored.at.astimezone().strftime("%m-%d %H:%M")
    return {"name": name, "about": frame.text("compare.attempt", number=stored.attempt, when=when)}


def _header_rows(sheet: Sheet, comparison: Comparison) -> list[dict[str, Any]]:
    rows = []
    for name in header_of(comparison):
        theirs = [name] * len(comparison.sides)
        row = _row(sheet, comparison, {"label": sheet.label(name), "group": ""}, name, theirs)
        if row["told"]:
            rows.append(row)
    return rows


def _table_rows(sheet: Sheet, comparison: Comparison) -> list[dict[str, Any]]:
    rows = []
    for line, slots in comparison.slots.items():
        for number, slot in enumerate(slots):
            group = sheet.frame.text("compare.row", table=path_label(sheet.frame.texts, sheet.type, line),
                                     number=number + 1)  # fmt: skip
            whole = slot.ours is None or None in slot.theirs
            for name in line_cells(comparison, line):
                ours = None if slot.ours is None else f"{line}.{slot.ours}.{name}"
                theirs = [None if index is None else f"{line}.{index}.{name}" for index in slot.theirs]
                label = sheet.frame.texts(f"field.{sheet.type}.{line}_{name}")
                about = {"label": label, "group": group, "line": line, "number": number, "whole": whole}
                row = _row(sheet, comparison, about, ours, theirs)
                if row["told"]:
                    rows.append(row)
    return rows


def _row(
    sheet: Sheet, comparison: Comparison, about: dict[str, Any], path: str | None, paths: Sequence[str | None]
) -> dict[str, Any]:
    """Return one line of the table: the record's cell and each reading's, with what differs marked."""
    ours = comparison.ours(path)
    cells = [_cell(sheet, None, path, ours)]
    for side, theirs in enumerate(paths):
        cell = comparison.theirs(side, theirs)
        shown_cell = _cell(sheet, (side, comparison), theirs, cell)
        is_unread = cell is not None and cell.state is CellState.NOT_READ
        shown_cell["differs"] = not is_unread and cell != ours
        cells.append(shown_cell)
    told = any(cell["text"] or cell["state"] in ("unreadable", "not_read") for cell in cells)
    return {**about, "path": path, "cells": cells, "told": told, "differs": any(c.get("differs") for c in cells)}


def _cell(sheet: Sheet, side: tuple[int, Comparison] | None, path: str | None, cell: Cell | None) -> dict[str, Any]:
    if path is None or cell is None:
        return {"text": "", "state": "absent", "box": None, "put": None}
    extraction = sheet.extraction if side is None else side[1].sides[side[0]]
    value = get_cell(extraction.document, path) if extraction.document else None
    text = cell.unparsed or "?" if cell.state is CellState.UNREADABLE else shown(sheet, path, value, cell.state)
    box = path if side is None else f"{side[0]}:{path}"
    return {"text": text, "state": cell.state.value, "box": box, "put": cell.text}


def _boxes_of_sides(comparison: Comparison) -> list[dict[str, Any]]:
    return [
        {"path": f"{side}:{path}", "page": item.page, "box": list(item.box.rounded()), "level": "aside", "label": ""}
        for side, extraction in enumerate(comparison.sides)
        for path, found in extraction.evidence.items()
        for item in found[:1]
    ]
