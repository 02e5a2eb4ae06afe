"""What is tried: the picture, the reader, the type, the prompts."""

from typing import cast

import streamlit as st

from extraction.readers.base import DocumentTypeChoice
from extraction.readers.profiles import ReaderOptions
from review.components import resources
from review.components.model_list import plain
from review.components.page_frame import Frame
from review.components.reader_options import choose_changes, model_profiles, reader_label
from review.tries import Run, Tries, Try, Wish
from review.workflow import StorageError

RUN, SHOWN = "try.run", "try.shown"
_AGAIN = "try.again"
_TYPES = ["jpg", "jpeg", "png", "heic", "heif", "tif", "tiff", "webp", "bmp", "gif", "pdf"]
_RECORDS = 50


def tries() -> Tries:
    """Return the history of the data folder."""
    return Tries(resources.settings().data)


def running() -> Run | None:
    """Return this session's try, on its way or just ended."""
    run: Run | None = st.session_state.get(RUN)
    return run


def shown(frame: Frame) -> Try | None:
    """Return the try that is looked at: the one in the address, which survives a reload."""
    wanted = st.query_params.get("try")
    return tries().get(wanted, frame.user) if wanted else None


def again(made: Try) -> None:
    """Offer the picture of a try once more, with what was asked of it."""
    st.session_state["try.source"] = "again"
    st.session_state["try.reader"] = made.reader
    st.session_state["try.type"] = made.document_type
    st.session_state[_AGAIN] = made.options
    for key in [key for key in st.session_state if str(key).startswith(f"try.{made.reader}.")]:
        del st.session_state[key]


def try_form(frame: Frame) -> None:
    """Ask what is to be tried, and begin."""
    made, run = shown(frame), running()
    is_busy = run is not None and not run.is_done
    left, right = st.columns(2, gap="medium")
    with left:
        picture = _picture(frame, made)
    with right:
        profiles = model_profiles(frame)
        names = ["local", *profiles]
        if st.session_state.get("try.reader") not in names:
            st.session_state.pop("try.reader", None)
        reader = st.selectbox(frame.text("upload.reader"), names, key="try.reader",
                              format_func=lambda name: reader_label(frame, name, profiles))  # fmt: skip
        kinds = {"auto": frame.text("upload.type_auto")} | {
            name: frame.texts(f"document_type.{name}") for name in ("medical_receipt", "invoice")
        }
        st.session_state.setdefault("try.type", "auto")
        kind = st.segmented_control(frame.text("upload.type"), list(kinds), format_func=kinds.__getitem__,
                                    required=True, key="try.type")  # fmt: skip
    options: ReaderOptions | None = None
    if reader in profiles:
        start = st.session_state.get(_AGAIN)
        with st.expander(frame.text("try.options"), expanded=start is not None):
            options = choose_changes(frame, profiles[reader], "try", start)
        st.caption(plain(frame.text("try.sent_to", address=profiles[reader].base_url.removesuffix("/v1"))))
    pressed = st.button(frame.text("try.start"), type="primary", icon=":material/play_arrow:", key="try.start",
                        disabled=is_busy or picture is None)  # fmt: skip
    if pressed and picture is not None:
        wish = Wish(picture[0], picture[1], reader, cast(DocumentTypeChoice, kind or "auto"), options)
        st.session_state[RUN] = Run(resources.settings(), tries(), wish, frame.user)
        st.query_params.pop("try", None)
        st.rerun()


def _picture(frame: Frame, made: Try | None) -> tuple[str, bytes] | None:
    sources = ["upload", "record", *(["again"] if made else [])]
    if st.session_state.get("try.source") not in sources:
        st.session_state["try.source"] = "upload"
    source = st.segmented_control(
        frame.text("try.picture"), sources, format_func=lambda each: frame.text(f"try.from_{each}"), required=True,
        key="try.source",
    )  # fmt: skip
    if source == "again" and made is not None:
        st.caption(plain(made.file))
        try:
            return made.file, tries().original(made)
        except OSError:
            return None
    if source == "record":
        return _of_record(frame)
    file = st.file_uploader(frame.text("try.choose"), type=_TYPES, key="try.file", label_visibility="collapsed")
    return (file.name, file.getvalue()) if file else None


def _of_record(frame: Frame) -> tuple[str, bytes] | None:
    records = {each.id: each for each in resources.workspace().records(limit=_RECORDS)}
    if not records:
        st.caption(frame.text("try.no_records"))
        return None
    chosen = st.selectbox(
        frame.text("try.record"), list(records), key="try.record", label_visibility="collapsed",
        format_func=lambda each: " · ".join(part for part in (records[each].name, records[each].party) if part),
    )  # fmt: skip
    count = records[chosen].page_count
    page = st.number_input(frame.text("try.page"), 1, count, 1, key="try.page") if count > 1 else 1
    try:
        if count:
            return records[chosen].name, resources.workspace().page_image(chosen, int(page) - 1)
        return resources.workspace().original(chosen)
    except StorageError:
        st.caption(frame.text("viewer.no_image"))
        return None
