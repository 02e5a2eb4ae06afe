"""What a reader says of a picture: its words as they come, then the document, beside the picture."""

import html
from collections import Counter

import streamlit as st

from review.components.extraction_view import extraction_view
from review.components.page_frame import Frame, guard
from review.components.picture_viewer import picture_viewer
from review.components.reader_options import model_profiles, reader_label
from review.components.try_form import RUN, again, running, shown, tries
from review.tries import Run, Said, Try

_PACE = 0.4
"""Seconds between looks at a stream."""
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif",
             b"RIFF": "image/webp"}  # fmt: skip


def try_result(frame: Frame) -> None:
    """Show the try on its way, or the one in the address."""
    run = running()
    if run is not None and run.is_done:
        st.session_state.pop(RUN)
        if run.result is None:
            st.error(frame.text("try.broke_off"), icon=":material/error:")
            return
        st.query_params["try"] = run.result.id
        run = None
    made = shown(frame)
    if run is None and made is None:
        return
    with st.container(key="card_result", gap="small"):
        picture, result = st.columns(2, gap="medium")
        with picture:
            _picture(frame, run, made)
        with result:
            if run is not None:
                st.fragment(_stream, run_every=_PACE)(frame, run)
            elif made is not None:
                _result(frame, made)


def _picture(frame: Frame, run: Run | None, made: Try | None) -> None:
    if run is None and made is not None:
        picture_viewer(frame, made.id, tries().pages(made))
    elif run is not None:  # as it was given, until it stands upright
        kind = next((kind for magic, kind in _PICTURES.items() if run.wish.data.startswith(magic)), None)
        picture_viewer(frame, f"run-{id(run)}", [run.wish.data] if kind else [], kind or "image/jpeg")


def _stream(frame: Frame, run: Run) -> None:
    with guard(frame):
        if run.is_done:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            doing = "stopping" if run.cancel.is_set() else "reading"
            st.badge(frame.text(f"try.{doing}", seconds=round(run.seconds)), icon=":material/hourglass_top:")
            st.space("stretch")
            if st.button(frame.text("try.stop"), icon=":material/stop:", key="try.stop", disabled=run.cancel.is_set()):
                run.cancel.set()
        if not run.said:
            st.caption(frame.text("try.preparing"))
        _said(frame, run.said, height=420)


def _said(frame: Frame, said: tuple[Said, ...] | list[Said], height: int) -> None:
    before: Counter[str] = Counter()
    for each in said:
        before[each.kind] += 1
        what, number = frame.text(f"said.{each.kind}"), before[each.kind]
        st.caption(what if number == 1 else frame.text("try.again_number", what=what, number=number))
        st.html(f'<pre class="said" tabindex="0" style="max-height:{height}px">{html.escape(each.text)}</pre>')


def _result(frame: Frame, made: Try) -> None:
    profiles = model_profiles(frame)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(f"{reader_label(frame, made.reader, profiles)} · {cost(frame, made)}", width="content")
        st.space("stretch")
        st.button(frame.text("try.again"), icon=":material/replay:", key="try.again_button", on_click=again,
                  args=(made,), help=frame.text("try.again_help"))  # fmt: skip
    names = [*(["document"] if made.extraction else []), *(["said"] if made.said else []),
             *(["questions"] if made.attempts else [])]  # fmt: skip
    for name, tab in zip(names, st.tabs([frame.text(f"try.tab_{name}") for name in names]), strict=True):
        with tab:
            if name == "document" and made.extraction is not None:
                if made.extraction.parts > 1:
                    st.caption(frame.text("try.several", parts=made.extraction.parts))
                extraction_view(frame, made.extraction)
            elif name == "said":
                _said(frame, made.said, height=520)
            else:
                _questions(frame, made)


def cost(frame: Frame, made: Try) -> str:
    """Return seconds and tokens in words."""
    seconds = made.extraction.seconds if made.extraction else 0.0
    tokens_in = sum(attempt.tokens_in or 0 for attempt in made.attempts)
    tokens_out = sum(attempt.tokens_out or 0 for attempt in made.attempts)
    if not made.attempts:
        return frame.text("try.seconds", seconds=f"{seconds:.1f}")
    return frame.text("try.cost", seconds=f"{seconds:.1f}", tokens_in=f"{tokens_in:,}", tokens_out=f"{tokens_out:,}")


def _questions(frame: Frame, made: Try) -> None:
    """Show every question with what it cost and why it was not the last."""
    heads = ("question", "seconds_head", "tokens_in", "tokens_out", "outcome")
    rows = []
    for attempt in made.attempts:
        outcome = attempt.cause or attempt.finish_reason or "–"
        key = f"ui.cause.{outcome}"
        rows.append((
            frame.text(f"said.{attempt.kind}") if attempt.kind else "–", f"{attempt.seconds:.1f}",
            _number(attempt.tokens_in), _number(attempt.tokens_out),
            frame.texts(key) if frame.texts.has(key) else outcome,
        ))  # fmt: skip
    head = "".join(f"<th scope=col>{html.escape(frame.text(f'try.{name}'))}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    st.html(f'<table class="plain"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"
