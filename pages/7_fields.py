"""The page that shows one field of many documents."""

import streamlit as st

from review.components.field_grid import choose_field, field_grid
from review.components.page_frame import page_frame

with page_frame("fields") as frame, st.container(key="wide", gap="small"):
    field_grid(frame, choose_field(frame))
