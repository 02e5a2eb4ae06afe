"""Which reader reads what of an upload: one or two for everything, one a document type, another for some pages."""

from collections.abc import Mapping

import streamlit as st

from extraction.readers.profiles import Profile
from review.components import resources
from review.components.page_frame import Frame
from review.components.reader_options import reader_label
from schemas.reader_choice import DEFAULT, Pages, choice_by_type, parse_choice
from schemas.registry import DOCUMENT_TYPES

_BY_TYPE = "by_type"


def readers_box(frame: Frame, profiles: Mapping[str, Profile]) -> list[str]:
    """Ask for one reader or two; by document type, where the settings say so, is where it begins."""
    start = _BY_TYPE if any(resources.settings().reader_for.model_dump().values()) else DEFAULT
    return st.multiselect(
        frame.text("upload.readers"), [DEFAULT, *profiles, _BY_TYPE], default=[start], max_selections=2,
        format_func=lambda name: reader_label(frame, name, profiles), key="upload.readers", width=500,
        help=frame.text("upload.readers_help"), placeholder=frame.text("upload.no_reader"),
    )  # fmt: skip


def readers_of(frame: Frame, named: list[str], profiles: Mapping[str, Profile]) -> tuple[str, ...]:
    """Return the choices that the readers named come to; asks what is still open: the types, some pages."""
    if not named:
        return ()
    choices = [_by_type(frame, profiles) if name == _BY_TYPE else name for name in named]
    first = _with_pages(frame, choices[0], profiles)
    return tuple(dict.fromkeys([first, *choices[1:]]))


def _by_type(frame: Frame, profiles: Mapping[str, Profile]) -> str:
    names, start = [DEFAULT, *profiles], resources.settings().reader_for.model_dump()
    chosen = {}
    for column, kind in zip(st.columns(len(DOCUMENT_TYPES)), DOCUMENT_TYPES, strict=True):
        index = names.index(start[kind]) if start.get(kind) in names else 0
        chosen[kind] = column.selectbox(
            frame.texts(f"document_type.{kind}"), names, index, key=f"upload.reader_for.{kind}",
            format_func=lambda name: reader_label(frame, name, profiles),
        )  # fmt: skip
    return choice_by_type(chosen)


def _with_pages(frame: Frame, rest: str, profiles: Mapping[str, Profile]) -> str:
    if not profiles:
        return rest
    with st.expander(frame.text("upload.some_pages")):
        left, right = st.columns(2)
        typed = left.text_input(frame.text("upload.pages"), placeholder="1-3", key="upload.pages",
                                help=frame.text("upload.pages_help")).replace(" ", "")  # fmt: skip
        name = right.selectbox(frame.text("upload.pages_reader"), [*profiles, DEFAULT], key="upload.pages_reader",
                               format_func=lambda each: reader_label(frame, each, profiles))  # fmt: skip
        if not typed:
            return rest
        try:
            return parse_choice(f"{name}@{Pages(typed).text}+{rest}").text
        except ValueError:
            st.warning(frame.text("upload.wrong_pages"), icon=":material/warning:")
            return rest
