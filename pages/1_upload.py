"""The upload page: files in, and how far their reading is."""

import streamlit as st

from review.components.batch_progress import batch_progress
from review.components.page_frame import page_frame
from review.components.upload_box import choose_options, upload_box

with page_frame("upload") as frame, st.container(key="page", gap="small"):
    st.header(frame.text("upload.title"), anchor=False)
    with st.container(key="card_upload", gap="small"):
        upload_box(frame, choose_options(frame))
    with st.container(key="card_progress", gap="small"):
        st.subheader(frame.text("upload.progress"), anchor=False)
        batch_progress(frame)
