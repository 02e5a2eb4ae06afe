"""The records page: find, open, download."""

import streamlit as st

from review.components import resources
from review.components.page_frame import page_frame
from review.components.record_table import downloads, record_filter, record_table

with page_frame("records") as frame, st.container(key="page", gap="small"):
    st.header(frame.text("records.title"), anchor=False)
    with st.container(key="card_filter", gap="small"):
        wanted = record_filter(frame)
    count = resources.workspace().count_records(wanted)
    downloads(frame, wanted, count)
    record_table(frame, wanted, count)
