"""How far the last uploads are: counts, rate, time left, failures with their cause and a second try."""

import math

import streamlit as st

from review.components import resources
from review.components.page_frame import Frame, guard
from review.messages import error_message, pause_message, wait_message
from review.workflow import BatchFailure, BatchSummary, Status

_SHOWN = 5
_FAILURES = 20
"""Failures listed of one batch; the records page has them all."""
_FAST, _SLOW = 1.0, 5.0
"""Seconds between looks while something is read, and while nothing is: another browser may have uploaded."""


def batch_progress(frame: Frame) -> None:
    """Show the last uploads and follow them while they are read, whoever uploaded them."""
    is_busy = any(batch.waiting for batch in resources.workspace().batches(_SHOWN))
    st.fragment(_progress, run_every=_FAST if is_busy else _SLOW)(frame, is_busy)


def _progress(frame: Frame, was_busy: bool) -> None:
    with guard(frame):
        batches = resources.workspace().batches(_SHOWN)
        _queue(frame, any(batch.waiting for batch in batches))
        if not batches:
            st.caption(frame.text("upload.none_yet"))
        for batch in batches:
            _batch(frame, batch)
        if was_busy != any(batch.waiting for batch in batches):
            st.rerun()  # with the other pace


def _queue(frame: Frame, is_busy: bool) -> None:
    """Say that nothing new is begun, and let the person pause everything or let it go on."""
    pause = resources.workspace().pause_of_everything()
    if pause is None and not is_busy:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="queue"):
        if pause is not None:
            st.warning(pause_message(frame.texts, pause), icon=":material/pause_circle:", width="stretch")
        _pause_button(frame, None, is_paused=pause is not None)


def _pause_button(frame: Frame, batch_id: str | None, *, is_paused: bool) -> None:
    scope, action = "queue" if batch_id is None else "batch", "resume" if is_paused else "pause"
    icon = ":material/play_arrow:" if is_paused else ":material/pause:"
    if st.button(frame.text(f"{scope}.{action}"), key=f"{action}_{batch_id or 'everything'}", icon=icon):
        steer = resources.workspace().resume if is_paused else resources.workspace().pause
        steer(batch_id, user=frame.user)
        st.rerun()


def _batch(frame: Frame, batch: BatchSummary) -> None:
    done = batch.total - batch.waiting
    with st.container(key=f"batch_{batch.id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            when = batch.created_at.astimezone().strftime("%m-%d %H:%M")
            st.text(frame.text("batch.title", when=when, count=batch.total), width="content")
            _badges(frame, batch)
            st.space("stretch")
            st.page_link(
                "pages/3_records.py", label=frame.text("batch.show"), icon=":material/arrow_forward:",
                query_params={"batch": batch.id, "lang": frame.texts.language},
            )  # fmt: skip
        if batch.waiting:
            st.progress(done / batch.total, text=_pace(frame, batch, done))
            _in_work(frame, batch)
        for failure in batch.failures[:_FAILURES]:
            _failure(frame, failure)


def _badges(frame: Frame, batch: BatchSummary) -> None:
    waits = batch.counts.get(Status.TO_REVIEW, 0) + batch.counts.get(Status.IN_REVIEW, 0)
    shown = (
        ("to_review", waits, "orange"),
        ("approved", batch.counts.get(Status.APPROVED, 0), "green"),
        ("rejected", batch.counts.get(Status.REJECTED, 0), "gray"),
        ("failed", batch.counts.get(Status.FAILED, 0), "red"),
    )
    for name, count, color in shown:
        if count:
            st.badge(frame.text(f"batch.{name}", count=count), color=color)  # type: ignore[arg-type]


def _pace(frame: Frame, batch: BatchSummary, done: int) -> str:
    parts = [frame.text("batch.done", done=done, total=batch.total)]
    if batch.pause is not None:
        parts.append(frame.text("batch.paused"))
    elif batch.documents_per_minute:
        parts.append(frame.text("batch.rate", rate=f"{batch.documents_per_minute:.0f}"))
    if batch.seconds_left is not None:
        minutes = batch.seconds_left >= 90
        count = math.ceil(batch.seconds_left / (60 if minutes else 1))
        parts.append(frame.text("batch.left_minutes" if minutes else "batch.left_seconds", count=count))
    return " · ".join(parts)


def _in_work(frame: Frame, batch: BatchSummary) -> None:
    """Say why nothing comes on, and let the person try now, pause the batch or call it back."""
    is_paused = batch.pause is not None and not batch.pause.is_everything
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"in_work_{batch.id}"):
        if batch.pause is not None and is_paused:
            st.text(pause_message(frame.texts, batch.pause), width="stretch")
        elif batch.wait is not None and batch.pause is None:
            st.text(wait_message(frame.texts, batch.wait), width="stretch")
            if st.button(frame.text("batch.try_now"), key=f"try_{batch.id}"):
                resources.workspace().try_now(batch.wait.reader)
        _pause_button(frame, batch.id, is_paused=is_paused)
        if st.button(frame.text("batch.cancel"), key=f"cancel_{batch.id}"):
            resources.workspace().cancel(batch.id, frame.user)
            st.rerun()


def _failure(frame: Frame, failure: BatchFailure) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"failure_{failure.record_id}"):
        cause = error_message(frame.texts, failure.code, failure.parameters)
        st.text(f"{failure.name} · {cause}", width="stretch")
        st.page_link(
            "pages/2_review.py", label=frame.text("batch.look"),
            query_params={"record": failure.record_id, "lang": frame.texts.language},
        )  # fmt: skip
        if st.button(frame.text("batch.retry"), key=f"retry_{failure.record_id}"):
            resources.workspace().retry(failure.record_id, frame.user)
            st.rerun()
