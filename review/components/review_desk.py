"""The review screen as one widget: image, cells, flags and keys in the browser, actions through one ordered log."""

import datetime as dt
from typing import Any

import streamlit as st

from review.components import resources
from review.components.ahead import pages_ahead
from review.components.assets import component, ignore, read
from review.components.cells import Sheet, flags, sheet_of, todo
from review.components.desk_actions import Desk, Memory, next_record
from review.components.desk_people import aside_notice, marks, people, remarks
from review.components.document_viewer import viewer_data
from review.components.duplicates import duplicate_data
from review.components.field_form import forms, split
from review.components.items_table import tables
from review.components.page_frame import Frame, guard
from review.components.pages_tool import pages_tool
from review.keys import GROUPS, PREFERENCE, own_keys
from review.messages import (
    check_reason,
    check_title,
    error_message,
    failure_message,
    pause_message,
    wait_message,
)
from review.workflow import HistoryEntry, LockedError, Record, RecordNotFoundError, Status, Workspace
from schemas.result import Check

_KEY = "review.desk"
_MEMORY = "review.memory"
_OPEN = (Status.TO_REVIEW, Status.IN_REVIEW)
_TRAIL = 200
"""Records that a person can go back to."""
_HALF_LIFE = 0.5
"""A lock is prolonged once less than this part of it is left: not every key press writes to the database."""
_desk = component(
    "desk",
    html=read("review_desk.html").replace("<!-- viewer -->", read("document_viewer.html")),
    css=(
        "base.css",
        "document_viewer.css",
        "field_form.css",
        "items_table.css",
        "flag_list.css",
        "review_desk.css",
        "duplicates.css",
        "desk_dialogs.css",
        "pages_dialog.css",
    ),
    js=(
        "region_marker.js",
        "document_viewer.js",
        "cells.js",
        "field_form.js",
        "items_table.js",
        "flag_list.js",
        "duplicates.js",
        "desk_bar.js",
        "ask_dialog.js",
        "help_dialog.js",
        "desk_menu.js",
        "split_dialog.js",
        "hand_dialog.js",
        "pages_dialog.js",
        "key_map.js",
        "desk_keys.js",
        "region_reader.js",
        "review_desk.js",
    ),
)


@st.fragment
def review_desk(frame: Frame) -> None:
    """Show the record that the address names, or the next that waits, and carry out what the person does."""
    with guard(frame):
        workspace, memory = resources.workspace(), _memory()
        log = (st.session_state.get(_KEY) or {}).get("log")
        done = Desk(frame, workspace, memory).carry_out(log) if log else None
        if memory.compare is not None:
            asked, memory.compare = memory.compare, None
            st.switch_page("pages/4_compare.py", query_params={"record": asked, "lang": frame.texts.language})
        record_id = _chosen(frame, workspace, memory)
        if record_id is None:
            _nothing_waits(frame, memory)
            return
        if st.query_params.get("record") != record_id:
            st.query_params["record"] = record_id
        try:
            record, lock = _opened(frame, workspace, done if done and done.id == record_id else record_id)
        except RecordNotFoundError as error:
            st.warning(error_message(frame.texts, error.key, error.parameters), icon=":material/search_off:")
            return
        memory.versions[record.id] = record.version
        data = _data(frame, record, memory, lock)
        if memory.trail[-1:] != [record.id]:
            memory.trail = [*memory.trail, record.id][-_TRAIL:]
        data["waiting"] = _waiting(frame, workspace)
        data["order_label"] = frame.text("order.now", order=frame.text(f"order.{workspace.queue_order(frame.user)}"))
        data["tool"] = pages_tool(frame, workspace, record) if memory.tool == record.id else None
        memory.tool = None
        data["keys"] = _keys(frame, workspace, memory)
        data["actions"] += ["back"] * (len(memory.trail) > 1)
        data["viewer"]["ahead"] = pages_ahead(workspace, frame.user, record, memory)
        _desk(key=_KEY, data=data, on_log_change=ignore, on_poll_change=ignore)


def _memory() -> Memory:
    """Return this session's memory; it is changed in place, for a rerun may stop at any touch of the state."""
    if _MEMORY not in st.session_state:
        st.session_state[_MEMORY] = Memory()
    memory: Memory = st.session_state[_MEMORY]
    return memory


def _chosen(frame: Frame, workspace: Workspace, memory: Memory) -> str | None:
    goto, memory.goto = memory.goto, None
    if goto is not None:
        return goto or None
    return st.query_params.get("record") or next_record(workspace, frame.user)


def _nothing_waits(frame: Frame, memory: Memory) -> None:
    st.query_params.pop("record", None)
    if memory.notice:
        st.toast(memory.notice["text"], icon=":material/check_circle:")
        memory.notice = None
    with st.container(key="card_done", horizontal_alignment="center", gap="small"):
        st.subheader(frame.text("review.nothing_title"), anchor=False)
        st.text(frame.text("review.nothing_text"), width="content")
        with st.container(horizontal=True, horizontal_alignment="center"):
            st.page_link("pages/3_records.py", label=frame.text("menu.records"), icon=":material/table_rows:")
            st.page_link("pages/1_upload.py", label=frame.text("menu.upload"), icon=":material/upload_file:")


def _opened(frame: Frame, workspace: Workspace, wanted: Record | str) -> tuple[Record, LockedError | None]:
    """Return the record, locked for this person where it waits for one, or who holds it."""
    record = workspace.record(wanted) if isinstance(wanted, str) else wanted
    if record.status not in _OPEN:
        return record, None
    if record.lock and record.lock.user == frame.user:
        left = (record.lock.until - dt.datetime.now(dt.UTC)).total_seconds() / 60
        if left > _HALF_LIFE * resources.settings().interface.lock_minutes:
            return record, None
    try:
        return workspace.open_for_review(record.id, frame.user), None
    except LockedError as error:
        return record, error


def _waiting(frame: Frame, workspace: Workspace) -> str:
    counts, postponed = workspace.counts(), workspace.count_postponed()
    waiting = counts["to_review"] + counts["in_review"] - postponed
    key = "review.waiting_postponed" if postponed else "review.waiting"
    return frame.text(key, count=waiting, postponed=postponed)


def _keys(frame: Frame, workspace: Workspace, memory: Memory) -> dict[str, Any]:
    if memory.keys is None:
        memory.keys = own_keys(workspace.preferences(frame.user).get(PREFERENCE))
    groups = [
        {
            "name": name,
            "label": frame.text(f"keys.group_{name}"),
            "keys": [{"action": key.action, "keys": list(key.keys), "scope": key.scope,
                      "text": frame.text(f"keys.{key.action}")} for key in keys],
        }
        for name, keys in GROUPS.items()
    ]  # fmt: skip
    return {"groups": groups, "own": memory.keys}


def _data(frame: Frame, record: Record, memory: Memory, lock: LockedError | None) -> dict[str, Any]:
    sheet = sheet_of(frame, record)
    editable = sheet is not None and lock is None and record.status in _OPEN
    notice = memory.notice or _notice(frame, record, lock)
    memory.notice = None
    return {
        "stalled": memory.stalled,
        "ack": {"nonce": memory.nonce, "sequence": memory.sequence},
        "language": frame.texts.language,
        "labels": _labels(frame),
        "record": _head(frame, record, sheet),
        "viewer": viewer_data(frame, record, sheet),
        "editable": editable,
        "actions": _actions(record, editable, lock),
        "notice": notice,
        "poll": record.status in (Status.QUEUED, Status.READING),
        "duplicates": duplicate_data(frame, resources.workspace(), record, sheet) if editable else [],
        "history": [_told(frame, entry) for entry in reversed(record.history)],
        "remarks": remarks(frame, record),
        "people": people(frame, record) if editable else [],
        **(_sheet(sheet) if sheet else _no_sheet()),
    }


def _sheet(sheet: Sheet) -> dict[str, Any]:
    header, totals = split(sheet)
    lines = [path for path in sheet.paths if "." in path]
    order = {path: place for place, path in enumerate([*header, *lines, *totals])}
    checks = sheet.extraction.checks
    return {
        "forms": forms(sheet),
        "tables": tables(sheet),
        "flags": flags(sheet),
        "todo": sorted(todo(sheet), key=order.__getitem__),
        "order": list(order),
        "checks": {
            "passed": sum(check.outcome == "passed" for check in checks),
            "total": len(checks),
            "skipped": [_skipped(sheet, check) for check in checks if check.outcome == "cannot_check"],
        },
    }


def _skipped(sheet: Sheet, check: Check) -> list[str]:
    """Return what a rule would have looked for, and why it could not."""
    return [check_title(sheet.frame.texts, check), check_reason(sheet.frame.texts, check, sheet.type)]


def _no_sheet() -> dict[str, Any]:
    return {"forms": {"header": [], "totals": []}, "tables": [], "flags": [], "todo": [], "order": [], "checks": None}


def _head(frame: Frame, record: Record, sheet: Sheet | None) -> dict[str, Any]:
    kind = frame.texts(f"document_type.{sheet.type}") if sheet else ""
    title = record.number or record.party or record.name
    about = [kind, record.party or "", record.name]
    return {
        "id": record.id,
        "type": sheet.type if sheet else None,
        "document": sheet is not None,
        "status": record.status.value,
        "status_label": frame.texts(f"ui.status.{record.status.value}"),
        "title": title,
        "marks": marks(frame, record),
        "name": record.name,
        "about": " · ".join(part for part in about if part and part != title),
    }


def _actions(record: Record, editable: bool, lock: LockedError | None) -> list[str]:
    is_read = record.extraction is not None and record.extraction.document is not None
    actions = ["next", "comment"] + ["compare"] * is_read
    if lock is None and record.status not in (Status.APPROVED, Status.REJECTED):
        actions += ["pages"]
    if editable:
        actions += ["postpone", "send_back"] + ["resume"] * (record.postponed_until is not None)
        actions += ["approve", "reject"] + ["undo"] * record.can_undo + ["redo"] * record.can_redo
    elif lock is not None:
        actions += ["take_over"]
    elif record.status in (Status.APPROVED, Status.REJECTED):
        actions += ["reopen"]
    elif record.status is Status.FAILED:
        actions += ["retry", "reject"]
    return actions


def _notice(frame: Frame, record: Record, lock: LockedError | None) -> dict[str, str] | None:
    if lock is not None:
        until = lock.until.astimezone().strftime("%H:%M")
        return {"level": "warning", "text": frame.text("notice.locked", user=lock.user, until=until)}
    if record.error is not None:
        return {"level": "error", "text": failure_message(frame.texts, record.error)}
    if record.status is Status.SUPERSEDED and record.regrouped is not None:
        return {"level": "warning", "text": frame.text(f"review.regrouped_{record.regrouped.kind}_gone")}
    if record.pause is not None:
        return {"level": "warning", "text": pause_message(frame.texts, record.pause)}
    if record.wait is not None:
        return {"level": "warning", "text": wait_message(frame.texts, record.wait)}
    if record.status in (Status.QUEUED, Status.READING):
        return {"level": "info", "text": frame.text("notice.being_read")}
    if record.status in (Status.APPROVED, Status.REJECTED):
        return {"level": "info", "text": frame.text(f"notice.is_{record.status.value}")}
    return aside_notice(frame, record)


def _told(frame: Frame, entry: HistoryEntry) -> dict[str, str]:
    key = f"ui.history.{entry.action}"
    what = frame.texts(key) if frame.texts.has(key) else entry.action
    what += f" → {entry.details['to']}" if entry.action == "sent_back" else ""
    remark = entry.details.get("reason") or (frame.text("history_from_box") if _is_from_box(entry) else None)
    text = frame.text("history_line", what=what, user=entry.user) + (f" · {remark}" if remark else "")
    return {"when": entry.at.astimezone().strftime("%m-%d %H:%M"), "text": text}


def _is_from_box(entry: HistoryEntry) -> bool:
    made = (change.get("after") for change in entry.details.get("changes", ()))
    return any(isinstance(after, dict) and after.get("source") == "region" for after in made)


def _labels(frame: Frame) -> dict[str, Any]:
    """Return every text of the desk; `a | b` parts of a list are parted, `keys = what` become pairs."""
    prefix = "ui.review."
    labels: dict[str, Any] = {
        key.removeprefix(prefix): frame.texts(key) for key in sorted(frame.texts.keys()) if key.startswith(prefix)
    }
    for name in ("reject_reasons", "override_reasons"):
        labels[name] = [part.strip() for part in labels[name].split("|")]
    labels["hints"] = [part.strip().split(" = ") for part in labels["hints"].split("|")]
    return labels
