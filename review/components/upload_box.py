"""Choosing files: our own drop zone where `server.py` takes them to disk, Streamlit's uploader otherwise."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from extraction.readers.profiles import Profile, ReaderOptions
from review.components import resources
from review.components.assets import component, ignore, read
from review.components.model_list import ask_now
from review.components.page_frame import Frame
from review.components.reader_choice import readers_box, readers_of
from review.components.reader_options import choose_changes, model_profiles
from review.messages import error_message
from review.uploads import Staging
from schemas.reader_choice import names_in

_KEY = "upload.box"
_ID = "upload.id"
_TURN = "upload.turn"
_TYPES = ["jpg", "jpeg", "png", "heic", "heif", "tif", "tiff", "webp", "bmp", "gif", "pdf"]
_box = component("upload", html=read("upload_box.html"), css=("base.css", "upload_box.css"), js=("upload_box.js",))


@dataclass(frozen=True)
class Choice:
    """How the files of an upload are read."""

    kind: str
    readers: tuple[str, ...]
    options: Mapping[str, ReaderOptions]
    """What is changed of model readers for this batch, by name."""


def choose_options(frame: Frame) -> Choice:
    """Ask for the document type and the readers; of model readers also for strategy, temperature and prompts."""
    kinds = {"auto": frame.text("upload.type_auto")} | {
        name: frame.texts(f"document_type.{name}") for name in ("medical_receipt", "invoice")
    }
    profiles = model_profiles(frame)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        kind = st.segmented_control(
            frame.text("upload.type"), list(kinds), default="auto", format_func=kinds.__getitem__, required=True,
            key="upload.type",
        )  # fmt: skip
        named = readers_box(frame, profiles)
        if st.button(
            frame.text("upload.samples"), icon=":material/science:", help=frame.text("upload.samples_help"),
            key="upload.samples",
        ):  # fmt: skip
            submit_samples(frame)
    readers = readers_of(frame, named, profiles)
    models = [profiles[name] for name in names_in(readers) if name in profiles]
    return Choice(kind or "auto", readers, _changes(frame, models) if models else {})


def _changes(frame: Frame, models: Sequence[Profile]) -> dict[str, ReaderOptions]:
    if st.button(frame.text("upload.ask"), icon=":material/network_ping:", key="upload.ask"):
        for profile in models:
            ask_now(frame, profile)
    changes = {}
    with st.expander(frame.text("upload.options")):
        for profile in models:
            if len(models) > 1:
                st.text(profile.title or profile.name)
            changed = choose_changes(frame, profile, "upload")
            if changed.model_dump(exclude_none=True):
                changes[profile.name] = changed
    return changes


def submit_samples(frame: Frame) -> None:
    """Queue the documents of `samples/`; each tells its type by itself."""
    paths = sorted(path for path in resources.SAMPLES.iterdir() if path.suffix not in (".md", ".toml", ".py"))
    files = ((path.name, path.read_bytes()) for path in paths)
    resources.workspace().submit(files, user=frame.user, urgent=True)
    st.toast(frame.text("upload.submitted", count=len(paths)), icon=":material/check_circle:")


def upload_box(frame: Frame, choice: Choice) -> None:
    """Take files and queue them once all have arrived."""
    if not choice.readers:
        st.info(frame.text("upload.no_reader"))
        return
    if resources.is_served():
        _take_streamed(frame, choice)
    else:
        _take_by_streamlit(frame, choice)


def _submit(frame: Frame, files: Iterator[tuple[str, bytes]], count: int, choice: Choice) -> None:
    resources.workspace().submit(
        files,
        document_type=choice.kind,
        readers=choice.readers,
        options=choice.options or None,
        urgent=True,
        user=frame.user,
    )  # fmt: skip
    st.toast(frame.text("upload.submitted", count=count), icon=":material/check_circle:")


def _take_streamed(frame: Frame, choice: Choice) -> None:
    limits = resources.settings().limits
    staging = Staging(resources.settings().data, limits)
    upload = st.session_state.setdefault(_ID, secrets.token_hex(16))
    arrived = (st.session_state.get(_KEY) or {}).get("arrived")
    if arrived and arrived["upload"] == upload:
        files = list(staging.files(upload))
        upload = st.session_state[_ID] = secrets.token_hex(16)  # first: a second run must not submit them again
        _submit(frame, ((name, path.read_bytes()) for name, path in files), len(files), choice)
        staging.drop(arrived["upload"])
    address = resources.signer().sign(f"/api/uploads/{upload}")
    _box(key=_KEY, data={"address": address, "upload": upload, **_words(frame)}, on_arrived_change=ignore)


def _words(frame: Frame) -> dict[str, Any]:
    limits = resources.settings().limits
    megabytes = limits.bytes // 1024**2
    labels = {name: frame.text(f"upload.{name}") for name in ("drop", "choose", "sent", "lost")}
    labels["formats"] = frame.text("upload.formats", megabytes=megabytes, files=limits.upload_files)
    labels["too_many"] = frame.text("upload.too_many", files=limits.upload_files)
    holes = {"too_many_bytes": {"allowed": str(megabytes)}}
    codes = ("too_many_bytes", "unsupported_format", "empty_file")
    refusals = {code: error_message(frame.texts, code, holes.get(code, {})) for code in codes}
    refusals["too_many_files"] = labels["too_many"]
    refusals["not_signed"] = labels["lost"]
    return {"labels": labels, "refusals": refusals, "bytes": limits.bytes, "most": limits.upload_files}


def _take_by_streamlit(frame: Frame, choice: Choice) -> None:
    turn = st.session_state.setdefault(_TURN, 0)
    files = st.file_uploader(
        frame.text("upload.drop"), type=_TYPES, accept_multiple_files=True, key=f"upload.files.{turn}"
    )
    label = frame.text("upload.start", count=len(files))
    if files and st.button(label, type="primary", key="upload.start"):
        st.session_state[_TURN] = turn + 1  # an empty uploader next time
        _submit(frame, ((file.name, file.getvalue()) for file in files), len(files), choice)
        st.rerun()
