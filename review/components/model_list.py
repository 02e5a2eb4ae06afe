"""The reader profiles as a table, with the health of their servers and what the doctor found."""

from functools import partial
from typing import Any

import streamlit as st

from extraction.errors import ReaderError
from extraction.readers.profiles import Profile, load_profiles
from review.background import Task
from review.components import resources
from review.components.page_frame import Frame, guard
from review.messages import error_message
from review.model_doctor import finding_text

EDITING = "models.editing"
_TASKS = "models.tasks"
_WIDTHS = (3.2, 2.6, 2.0, 3.4)
_MARK = 64
"""Pixels of a mark, so that the findings below each other begin at one line."""
_PACE = 0.5
"""Seconds between looks while a server is being asked."""
_SHORT_WAIT = 2.0


def profiles_of(frame: Frame) -> dict[str, Profile]:
    """Return all profiles; none, with the reason on the page, where the office's file is broken."""
    try:
        return load_profiles(resources.settings().profiles_file)
    except ReaderError as error:
        st.error(error_message(frame.texts, error.key, error.parameters), icon=":material/error:")
        return {}


def model_list(frame: Frame) -> None:
    """Show the profiles; servers are asked on demand only, and never waited for."""
    tasks: dict[str, Task[Any]] = st.session_state.setdefault(_TASKS, {})
    is_busy = any(not task.is_done for task in tasks.values())
    st.fragment(_table, run_every=_PACE if is_busy else None)(frame, tasks, is_busy)


def _table(frame: Frame, tasks: dict[str, Task[Any]], was_busy: bool) -> None:
    with guard(frame):
        profiles = profiles_of(frame)
        with st.container(key="models_head"):
            for column, name in zip(st.columns(_WIDTHS), ("model", "server", "strategy"), strict=False):
                column.caption(frame.text(f"models.{name}"))
        for name, profile in profiles.items():
            _row(frame, profile, tasks.get(name))
        if was_busy != any(not task.is_done for task in tasks.values()):
            st.rerun()  # with the other pace


def _row(frame: Frame, profile: Profile, task: Task[Any] | None) -> None:
    with st.container(key=f"model_{profile.name}", gap="xsmall"):
        about, server, strategy, actions = st.columns(_WIDTHS, vertical_alignment="center")
        about.text(profile.title or profile.name)
        about.caption(plain(f"{profile.name} · {profile.model}"))
        server.text(profile.base_url.removesuffix("/v1"))
        strategy.text(frame.text(f"strategy.{profile.strategy}"))
        strategy.caption(frame.text("models.as_second_is", when=frame.text(f"second.{profile.as_second}")))
        weights = "tried" if profile.run_on_real_weights else "untried"
        strategy.badge(frame.text(f"models.{weights}"), color="green" if profile.run_on_real_weights else "gray",
                       help=frame.text("models.weights_help"))  # fmt: skip
        with actions.container(horizontal=True, horizontal_alignment="right", gap="small"):
            _actions(frame, profile, is_busy=task is not None and not task.is_done)
        if task is not None:
            _findings(frame, task)


def _actions(frame: Frame, profile: Profile, *, is_busy: bool) -> None:
    name = profile.name
    for kind, icon in (("health", ":material/network_ping:"), ("doctor", ":material/stethoscope:")):
        pressed = st.button(frame.text(f"models.{kind}"), key=f"models.{kind}.{name}", icon=icon, disabled=is_busy,
                            help=frame.text(f"models.{kind}_help"))  # fmt: skip
        if pressed:
            st.session_state[_TASKS][name] = Task(partial(_ask, kind, profile))
            st.session_state[_TASKS][name].wait(0.3)  # a server that is there or refuses has answered by then
            st.rerun()
    if st.button(frame.text("models.edit"), key=f"models.edit.{name}", icon=":material/edit:"):
        st.session_state[EDITING] = name
        st.rerun()


def _ask(kind: str, profile: Profile) -> list[Any]:
    from extraction.readers.doctor import diagnose, health  # openai takes a second

    return [health(profile)] if kind == "health" else diagnose(profile)


def _findings(frame: Frame, task: Task[Any]) -> None:
    if not task.is_done:
        st.caption(f":material/hourglass_top: {frame.text('models.asking')}")
        return
    if task.value is None:
        st.error(frame.text("models.asking_failed"), icon=":material/error:")
        return
    for finding in task.value:
        icon, color = (":material/check_circle:", "green") if finding.is_well else (":material/error:", "red")
        with st.container(horizontal=True, vertical_alignment="top", gap="small"):
            mark = frame.text("models.well" if finding.is_well else "models.ill")
            st.badge(mark, icon=icon, color=color, width=_MARK)  # type: ignore[arg-type]
            st.text(finding_text(frame.texts, finding.code, finding.parameters), width="stretch")


def ask_now(frame: Frame, profile: Profile) -> bool:
    """Say whether a model server is there, within a moment; used where documents are about to be sent to it."""
    task = Task(partial(_ask, "health", profile))
    if not task.wait(_SHORT_WAIT) or not task.value:
        st.warning(frame.text("models.no_answer_yet", name=profile.name), icon=":material/hourglass_top:")
        return False
    finding = task.value[0]
    text = f"{profile.title or profile.name}: {finding_text(frame.texts, finding.code, finding.parameters)}"
    (st.success if finding.is_well else st.warning)(plain(text))
    return bool(finding.is_well)


def plain(text: str) -> str:
    """Return a text that Markdown leaves alone."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()#+!|<>$:~" else char for char in text)
