"""In which order a person works through what waits: chosen on the overview or beside the list, kept for each person."""

from typing import Any

import streamlit as st

from review.components import resources
from review.components.page_frame import Frame
from review.workflow import ORDERS, QueueOrder

_RECENT = "recent"


def choose_order(frame: Frame, key: str) -> QueueOrder:
    """Ask for the order of the queue; the next document follows it from now on."""
    workspace, now = resources.workspace(), resources.workspace().queue_order(frame.user)
    chosen: QueueOrder = st.selectbox(
        frame.text("order.label"), list(ORDERS), index=ORDERS.index(now), key=key, width=210,
        format_func=lambda order: frame.text(f"order.{order}"), help=frame.text("order.help"),
    )  # fmt: skip
    if chosen != now:
        workspace.choose_order(frame.user, chosen)
    return chosen


def list_order(frame: Frame) -> Any:  # noqa: ANN401 - one of the orders of a list
    """Ask for the order of the list; one of the queue's becomes the order in which this person works."""
    chosen = st.selectbox(
        frame.text("order.label"), [_RECENT, *ORDERS], key="records.order", persist_state="session", width=210,
        format_func=lambda order: frame.text(f"order.{order}"), help=frame.text("order.help"),
    )  # fmt: skip
    wanted = next((order for order in ORDERS if order == chosen), None)
    if wanted is not None and wanted != resources.workspace().queue_order(frame.user):
        resources.workspace().choose_order(frame.user, wanted)
    return chosen
