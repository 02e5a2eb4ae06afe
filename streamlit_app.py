"""The overview page: what waits, the last uploads, and the next thing to do."""

import streamlit as st

from review.components.batch_progress import batch_progress
from review.components.counters import overview
from review.components.page_frame import page_frame

with page_frame("overview") as frame, st.container(key="page", gap="small"):
    st.header(frame.text("menu.overview"), anchor=False)
    if overview(frame):
        with st.container(key="card_batches", gap="small"):
            st.subheader(frame.text("overview.batches"), anchor=False)
            batch_progress(frame)
