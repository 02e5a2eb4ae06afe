"""What waits, what is done and what failed, and the one thing to do next."""

import datetime as dt
from functools import partial

import streamlit as st

from review.components import resources
from review.components.page_frame import Frame, guard
from review.components.queue_order import choose_order
from review.components.upload_box import submit_samples
from review.delivery import XLSX, workbook_of
from review.workflow import RecordFilter, Status, Workspace

_PACE = 2.0
"""Seconds between looks."""
_APPROVED = RecordFilter(statuses=(Status.APPROVED,))
_WAITING = (Status.TO_REVIEW, Status.IN_REVIEW)


def overview(frame: Frame) -> bool:
    """Show the counters and the next action; False where there is no record yet."""
    if not sum(resources.workspace().counts().values()):
        _empty(frame)
        return False
    _counters(frame)
    return True


@st.fragment(run_every=_PACE)
def _counters(frame: Frame) -> None:
    with guard(frame):
        workspace = resources.workspace()
        counts = workspace.counts()
        waiting = counts["to_review"] + counts["in_review"]
        _next_action(frame, waiting, counts["queued"] + counts["reading"], counts["approved"])
        numbers = {
            "to_review": waiting,
            "flagged": _flagged(workspace),
            "approved": counts["approved"],
            "failed": counts["failed"],
        }
        with st.container(horizontal=True, gap="small"):
            for name, number in numbers.items():
                with st.container(key=f"card_{name}"):
                    st.metric(frame.text(f"overview.{name}"), number)


def _flagged(workspace: Workspace) -> int:
    return workspace.count_records(RecordFilter(statuses=_WAITING, only_flagged=True))


def _next_action(frame: Frame, waiting: int, unread: int, approved: int) -> None:
    with st.container(key="card_next", horizontal=True, vertical_alignment="center", gap="medium"):
        if waiting:
            label = frame.text("overview.review_one" if waiting == 1 else "overview.review_many", count=waiting)
            choose_order(frame, "overview.order")
            if st.button(label, type="primary", icon=":material/fact_check:", key="overview.review"):
                st.switch_page("pages/2_review.py", query_params={"lang": frame.texts.language})
        if unread:
            st.text(frame.text("overview.reading", count=unread), width="content")
        elif not waiting:
            st.text(frame.text("overview.nothing"), width="content")
        if approved:
            st.space("stretch")
            st.download_button(
                frame.text("overview.export"), on_click="ignore", key="overview.export", icon=":material/table_view:",
                data=partial(workbook_of, resources.workspace(), _APPROVED, frame.texts.language, frame.user),
                file_name=f"{frame.text('records.file_name')}-{dt.date.today():%Y%m%d}.xlsx", mime=XLSX,
            )  # fmt: skip


def _empty(frame: Frame) -> None:
    with st.container(key="card_empty", horizontal_alignment="center", gap="medium"):
        st.subheader(frame.text("overview.empty_title"), anchor=False, text_alignment="center")
        st.text(frame.text("overview.empty_text"), width="content")
        with st.container(horizontal=True, horizontal_alignment="center", gap="small"):
            if st.button(
                frame.text("upload.samples"), type="primary", icon=":material/science:", key="overview.samples"
            ):
                submit_samples(frame)
                st.rerun()
            if st.button(frame.text("menu.upload"), icon=":material/upload_file:", key="overview.upload"):
                st.switch_page("pages/1_upload.py", query_params={"lang": frame.texts.language})
        st.caption(frame.text("upload.samples_help"), width="content")
