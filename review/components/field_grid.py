"""One field of fifty documents: a snippet of the page beside each value, accepted or corrected without opening them."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from review.components import resources
from review.components.action_log import Action, ActionLog
from review.components.assets import component, ignore, read
from review.components.cells import Sheet, cell, sheet_of
from review.components.field_form import column
from review.components.page_frame import Frame
from review.i18n import path_label
from review.one_field import choices, path_in, type_of, workable
from review.workflow import Change, Record, RecordFilter, RecordSummary, Workspace
from schemas.document import field_at, kind_of
from schemas.layout import BoundingBox
from schemas.result import Severity

SIZE = 50
_KEY, _MEMORY = "fields.grid", "fields.memory"
_grid = component(
    "fields",
    html=read("field_grid.html"),
    css=("base.css", "field_form.css", "review_desk.css", "field_grid.css"),
    js=("action_log.js", "field_grid.js"),
)


@dataclass
class Memory:
    """What one session did on this page."""

    log: ActionLog = field(default_factory=ActionLog)
    seen: set[tuple[str, str, str]] = field(default_factory=set)
    """Record, path and value that the person accepted; another value is to be looked at again."""
    done: list[tuple[str, int | None]] = field(default_factory=list)
    """Record and its version after each action that may be undone, None where accepting it changed nothing."""
    cards: dict[tuple[str, int, str, str], dict[str, Any]] = field(default_factory=dict)
    """What was shown last, so that fifty records are not read anew at every key."""


class FieldWork:
    """Carries out what the person does on one card; a record is held only while it is changed."""

    def __init__(self, frame: Frame, workspace: Workspace, memory: Memory) -> None:
        """Take the parts."""
        self._frame, self._workspace, self._memory = frame, workspace, memory

    def do(self, action: Action) -> Record | None:
        """Carry out one action."""
        if action["kind"] == "undo":
            return self._undo()
        record = self._workspace.record(action["record"])
        path, user, version = action["path"], self._frame.user, self._memory.log.version(self._workspace, record.id)
        if action["kind"] == "correct":
            done = self._workspace.correct(record.id, version, [Change(path, action["text"])], user)
        else:
            done = self._accept(record, path, version)
        self._memory.done.append((record.id, done.version if done.version != version else None))
        sheet = sheet_of(self._frame, done)
        if sheet is not None and sheet.level(path) != Severity.ERROR.value:
            self._memory.seen.add((record.id, path, str(cell(sheet, path)["value"])))
        return self._given_back(record, done)

    def _accept(self, record: Record, path: str, version: int) -> Record:
        """Note that the cell is right; a doubt about other cells too needs the whole document."""
        done = record
        for item in record.flags:
            if item.is_open and item.flag.severity is Severity.WARNING and item.flag.paths == (path,):
                done = self._workspace.dismiss(record.id, version, item.key, self._frame.user)
                version = done.version
        if done is record and record.version != version:  # somebody changed it since it was shown
            return self._workspace.correct(record.id, version, [], self._frame.user)
        return done

    def _undo(self) -> Record | None:
        if not self._memory.done:
            return None
        record_id, version = self._memory.done.pop()
        record = self._workspace.record(record_id)
        self._memory.seen = {each for each in self._memory.seen if each[0] != record_id}
        if version is None:
            return record
        if record.version != version:
            raise KeyError(record_id)
        return self._given_back(record, self._workspace.undo(record_id, self._frame.user))

    def _given_back(self, before: Record, done: Record) -> Record:
        if before.lock is None:
            self._workspace.release(done.id, self._frame.user)
        return done


def choose_field(frame: Frame) -> tuple[str, RecordFilter]:
    """Ask for the field and the documents."""
    text = frame.text
    batches = {
        batch.id: text("batch.title", when=f"{batch.created_at.astimezone():%m-%d %H:%M}", count=batch.total)
        for batch in resources.workspace().batches()
    }
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        choice = st.selectbox(
            text("fields.field"), choices(), key="fields.choice", persist_state="session", width=300,
            format_func=lambda key: choice_label(frame, key),
        )  # fmt: skip
        batch = st.selectbox(
            text("records.batch"), [None, *batches], key="fields.batch", persist_state="session", width=230,
            format_func=lambda key: batches[key] if key else text("records.all"),
        )  # fmt: skip
        flagged = st.toggle(text("records.flagged"), key="fields.flagged", persist_state="session")
    return choice, RecordFilter(batch_id=batch, document_type=type_of(choice), only_flagged=flagged)


def choice_label(frame: Frame, choice: str) -> str:
    """Return a choice in words."""
    kind, _, name = choice.partition(".")
    if not name:
        return frame.text(f"fields.group_{kind}")
    return frame.text(
        "fields.single", type=frame.texts(f"document_type.{kind}"), field=path_label(frame.texts, kind, name)
    )


def field_grid(frame: Frame, wanted: tuple[str, RecordFilter]) -> None:
    """Show the chosen field of the documents that may be worked on, and carry out what the person does."""
    workspace, memory = resources.workspace(), st.session_state.setdefault(_MEMORY, Memory())
    choice, chosen = wanted
    state = st.session_state.get(_KEY) or {}
    if state.get("log"):
        memory.log.carry_out(frame, state["log"], FieldWork(frame, workspace, memory).do)
    page = _page(choice, chosen, state)
    found = workable(workspace, chosen, frame.user, page, SIZE + 1)
    cards = _cards(frame, workspace, memory, choice, found[:SIZE])
    prefix = "ui.fields."
    labels: dict[str, Any] = {
        key.removeprefix(prefix): frame.texts(key)
        for key in frame.texts.keys()  # noqa: SIM118 - a catalogue is no mapping
        if key.startswith(prefix)
    }
    labels |= {name: frame.text(f"review.{name}") for name in ("saving", "saved", "blank", "not_read", "undo")}
    labels["hints"] = [part.strip().split(" = ") for part in labels["hints"].split("|")]
    data = {
        "labels": dict(sorted(labels.items())), "cards": cards, "choice": f"{choice}|{chosen.batch_id}|{page}",
        "page": page, "more": len(found) > SIZE, "undo": bool(memory.done), **memory.log.told(),
    }  # fmt: skip
    result = _grid(key=_KEY, data=data, on_log_change=ignore, on_page_change=ignore, on_opened_change=ignore)
    if result.opened:
        st.switch_page("pages/2_review.py", query_params={"record": result.opened, "lang": frame.texts.language})


def _page(choice: str, chosen: RecordFilter, state: Any) -> int:  # noqa: ANN401 - Streamlit's own state of a component
    asked = state.get("page") or {}
    return int(asked["page"]) if asked.get("choice", "").rpartition("|")[0] == f"{choice}|{chosen.batch_id}" else 0


def _cards(
    frame: Frame, workspace: Workspace, memory: Memory, choice: str, found: list[RecordSummary]
) -> list[dict[str, Any]]:
    kept: dict[tuple[str, int, str, str], dict[str, Any]] = {}
    cards = []
    for summary in found:
        key = (summary.id, summary.version, choice, frame.texts.language)
        card = memory.cards.get(key) or _card(frame, workspace.record(summary.id), choice)
        if card is None:
            continue
        kept[key] = card
        memory.log.versions[summary.id] = card["version"]
        place = card["place"]
        address = resources.snippet_address(summary.id, *place)
        seen = (summary.id, card["path"], card["value"]) in memory.seen
        cards.append({**card, "place": None, "snippet": address, "whole": place[1] is None, "seen": seen})
    memory.cards = kept
    return cards


def _card(frame: Frame, record: Record, choice: str) -> dict[str, Any] | None:
    sheet = sheet_of(frame, record)
    path = path_in(choice, sheet.extraction) if sheet else None
    if sheet is None or path is None:
        return None
    kind = kind_of(field_at(type(sheet.document), path))
    others = sum(flag.flag.paths != (path,) for flag in sheet.flags_of.get(path, ()))
    return {
        **cell(sheet, path), **column(frame, path, kind), "record": record.id, "version": record.version,
        "title": record.party or record.name, "name": record.name, "label": sheet.label(path),
        "others": others, "place": _place(sheet, path),
    }  # fmt: skip


def _place(sheet: Sheet, path: str) -> tuple[int, BoundingBox | None]:
    """Return where the value can be read; the whole first page where nobody knows: no eye reads a QR code."""
    found = [each for each in sheet.extraction.evidence.get(path, ()) if each.match != "qr"]
    return (found[0].page, found[0].box) if found else (0, None)
