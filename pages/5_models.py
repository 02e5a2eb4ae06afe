"""The models page: reader profiles, whether their servers are well, and how they are asked."""

import streamlit as st

from review.components.model_form import model_form
from review.components.model_list import model_list
from review.components.page_frame import page_frame

with page_frame("models") as frame, st.container(key="page", gap="small"):
    st.header(frame.text("models.title"), anchor=False)
    st.caption(frame.text("models.lead"))
    with st.container(key="card_models", gap="small"):
        model_list(frame)
    model_form(frame)
