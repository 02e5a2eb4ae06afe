"""The page to try one picture on one reader."""

import streamlit as st

from review.components.page_frame import page_frame
from review.components.try_form import try_form
from review.components.try_history import try_history
from review.components.try_result import try_result

with page_frame("try") as frame, st.container(key="page", gap="small"):
    st.header(frame.text("try.title"), anchor=False)
    st.caption(frame.text("try.lead"))
    with st.container(key="card_try", gap="small"):
        try_form(frame)
    try_result(frame)
    try_history(frame)
