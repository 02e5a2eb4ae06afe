"""The list of records: filters, one page from the database, downloads of exactly what the filters let through."""

import datetime as dt
from decimal import Decimal
from functools import partial
from typing import Any

import streamlit as st

from review.components import resources
from review.components.assets import component, ignore, read
from review.components.page_frame import Frame
from review.components.queue_order import list_order
from review.delivery import XLSX, json_lines_of, workbook_of
from review.messages import error_message
from review.workflow import RecordFilter, RecordSummary, Status, StorageError
from schemas.registry import DOCUMENT_TYPES

_PAGE = 50
_BATCHES = 50
_DECIDED = (Status.APPROVED, Status.REJECTED)
_table = component(
    "records", html=read("record_table.html"), css=("base.css", "record_table.css"), js=("record_table.js",)
)


def record_filter(frame: Frame) -> RecordFilter:
    """Ask which records to show; a link may name the batch."""
    text = frame.text
    batches = {
        batch.id: text("batch.title", when=f"{batch.created_at.astimezone():%m-%d %H:%M}", count=batch.total)
        for batch in resources.workspace().batches(_BATCHES)
    }
    asked = st.query_params.get("batch")
    if asked in batches and st.session_state.get("records.asked") != asked:  # once: then the person may choose another
        st.session_state["records.asked"] = st.session_state["records.batch"] = asked
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        typed = st.text_input(
            text("records.search"),
            key="records.text",
            persist_state="session",
            type="search",
            placeholder="…",
            width=280,
        )
        batch = st.selectbox(
            text("records.batch"), [None, *batches], key="records.batch", persist_state="session", width=230,
            format_func=lambda key: batches[key] if key else text("records.all"),
        )  # fmt: skip
        kind = st.selectbox(
            text("records.type"), [None, *DOCUMENT_TYPES], key="records.type", persist_state="session", width=170,
            format_func=lambda key: frame.texts(f"document_type.{key}") if key else text("records.all"),
        )  # fmt: skip
        order = list_order(frame)
        flagged = st.toggle(text("records.flagged"), key="records.flagged", persist_state="session")
        aside = st.toggle(text("records.set_aside"), key="records.set_aside", persist_state="session")
    statuses = st.pills(
        text("records.status"), list(Status), selection_mode="multi", key="records.status", persist_state="session",
        format_func=lambda status: text(f"status.{status}"), label_visibility="collapsed",
    )  # fmt: skip
    return RecordFilter(
        statuses=tuple(statuses), batch_id=batch, document_type=kind, text=typed or "", only_flagged=flagged,
        set_aside=aside, order=order,
    )  # fmt: skip


def downloads(frame: Frame, wanted: RecordFilter, count: int) -> None:
    """Offer the workbook and the JSON lines; each is made when it is asked for."""
    language, workspace = frame.texts.language, resources.workspace()
    name = f"{frame.text('records.file_name')}-{dt.date.today():%Y%m%d}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(frame.text("records.count", count=count), width="content")
        st.space("stretch")
        st.download_button(
            frame.text("records.excel"), partial(workbook_of, workspace, wanted, language, frame.user), f"{name}.xlsx",
            XLSX, key="records.excel", icon=":material/table_view:", type="primary", disabled=not count,
            on_click="ignore", help=frame.text("records.export_help"),
        )  # fmt: skip
        st.download_button(
            frame.text("records.json"), partial(json_lines_of, workspace, wanted, language, frame.user),
            f"{name}.jsonl", "application/jsonl", key="records.json", icon=":material/data_object:",
            disabled=not count, on_click="ignore", help=frame.text("records.export_help"),
        )  # fmt: skip


def record_table(frame: Frame, wanted: RecordFilter, count: int) -> None:
    """Show the records page by page; opening one goes to the review screen."""
    if not count:
        is_empty = wanted == RecordFilter()
        st.info(frame.text("records.none_yet" if is_empty else "records.none"), icon=":material/inbox:")
        return
    pages = -(-count // _PAGE)
    page = st.pagination(pages, key=f"records.page.{hash(wanted)}") if pages > 1 else 1
    found = resources.workspace().records(wanted, (page - 1) * _PAGE, _PAGE)
    data = {
        "columns": [[frame.text(f"records.{name}"), "right" if name == "total" else ""] for name in _COLUMNS],
        "records": [_row(frame, record) for record in found],
        "labels": {"reopen": frame.text("review.reopen")},
    }
    result = _table(key="records.table", data=data, on_opened_change=ignore, on_reopened_change=ignore)
    if result.opened:
        st.switch_page("pages/2_review.py", query_params={"record": result.opened, "lang": frame.texts.language})
    if result.reopened:
        _reopen(frame, result.reopened)


_COLUMNS = ("document", "status", "flags", "party", "patient", "date", "number", "total")


def _reopen(frame: Frame, record_id: str) -> None:
    try:
        resources.workspace().reopen(record_id, frame.user)
    except StorageError as error:
        st.warning(error_message(frame.texts, error.key, error.parameters))
    else:
        st.rerun()


def marks(frame: Frame, record: RecordSummary) -> list[str]:
    """Return where a record is put aside."""
    until = record.postponed_until
    postponed = frame.text("review.mark_postponed", when=until.astimezone().strftime("%m-%d %H:%M")) if until else ""
    sent = frame.text("review.mark_sent", user=record.sent_to) if record.sent_to else ""
    return [mark for mark in (postponed, sent) if mark]


def _row(frame: Frame, record: RecordSummary) -> dict[str, Any]:
    return {
        "id": record.id,
        "name": record.name,
        "open": frame.text("records.open", name=record.name),
        "note": frame.text("records.duplicate") if record.duplicate_of else "",
        "status": record.status.value,
        "status_label": frame.text(f"status.{record.status.value}"),
        "reopen": record.status in _DECIDED,
        "marks": marks(frame, record),
        "flags": [[level, sign, count] for level, sign, count in (("error", "✕", record.errors),
                                                                  ("warning", "▲", record.warnings)) if count],
        "party": record.party or "",
        "patient": record.patient or "",
        "date": record.date.isoformat() if record.date else "",
        "number": record.number or "",
        "total": _money(record.total, record.currency),
        "risk": frame.text("records.at_risk", amount=_money(record.risk, record.currency)) if record.risk else "",
    }  # fmt: skip


def _money(total: Decimal | None, currency: str | None) -> str:
    if total is None:
        return ""
    text = f"{total:,f}".rstrip("0").rstrip(".") if "." in f"{total:f}" else f"{total:,f}"
    return text if currency in (None, "TWD") else f"{currency} {text}"
