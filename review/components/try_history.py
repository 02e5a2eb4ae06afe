"""What was tried before: to look at again, or to delete."""

import streamlit as st

from review.components.page_frame import Frame
from review.components.reader_options import model_profiles, reader_label
from review.components.try_form import tries
from review.components.try_result import cost
from review.tries import Try

_SHOWN = 20


def try_history(frame: Frame) -> None:
    """List this person's tries, newest first."""
    kept = tries().of(frame.user)
    profiles = model_profiles(frame)
    with st.container(key="card_history", gap="small"):
        st.subheader(frame.text("try.history"), anchor=False)
        st.caption(frame.text("try.history_help" if kept else "try.history_empty"))
        for made in kept[:_SHOWN]:
            _row(frame, made, reader_label(frame, made.reader, profiles))


def _row(frame: Frame, made: Try, reader: str) -> None:
    with st.container(key=f"kept_{made.id}", horizontal=True, vertical_alignment="center", gap="small"):
        when = made.at.astimezone().strftime("%m-%d %H:%M")
        st.text(f"{when} · {made.file} · {reader} · {cost(frame, made)}", width="stretch")
        if made.options is not None and made.options.model_dump(exclude_none=True):
            st.badge(frame.text("try.changed"), color="blue")
        if made.extraction is None or made.extraction.error is not None:
            st.badge(frame.text("try.failed"), color="red")
        if st.button(frame.text("try.show"), key=f"try.show.{made.id}"):
            st.query_params["try"] = made.id
            st.rerun()
        if st.button(frame.text("try.delete"), key=f"try.delete.{made.id}", icon=":material/delete:"):
            tries().delete(made)
            if st.query_params.get("try") == made.id:
                st.query_params.pop("try")
            st.rerun()
