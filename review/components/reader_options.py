"""What a person changes of a model reader for one run: strategy, temperature, prompts."""

from collections.abc import Mapping

import streamlit as st

from extraction.errors import ReaderError
from extraction.readers.profiles import Profile, ReaderOptions, load_profiles
from review.components import resources
from review.components.model_form import STRATEGIES, prompt_text
from review.components.page_frame import Frame
from review.messages import error_message

_PROMPTS = ("transcribe", "structure", "totals")


def model_profiles(frame: Frame) -> Mapping[str, Profile]:
    """Return the profiles to choose from; a broken file is told and leaves the built-in reader."""
    try:
        return load_profiles(resources.settings().profiles_file)
    except ReaderError as error:
        st.warning(error_message(frame.texts, error.key, error.parameters), icon=":material/warning:")
        return {}


def reader_label(frame: Frame, name: str, profiles: Mapping[str, Profile]) -> str:
    """Return the name of a reader for a person."""
    if name in profiles:
        return profiles[name].title or name
    return frame.text(f"upload.reader_{name}")


def choose_changes(frame: Frame, profile: Profile, page: str, start: ReaderOptions | None = None) -> ReaderOptions:
    """Ask for what is changed of a profile, beginning with `start`; what is as in the profile is None."""
    old = profile.with_options(start)

    def key(name: str) -> str:
        return f"{page}.{profile.name}.{name}"

    left, right = st.columns(2)
    strategy = left.selectbox(
        frame.text("models.strategy"), STRATEGIES, STRATEGIES.index(old.strategy), key=key("strategy"),
        format_func=lambda each: frame.text(f"strategy.{each}"),
    )  # fmt: skip
    temperature = right.number_input(
        frame.text("models.temperature"), 0.0, 2.0, old.sampling.temperature, 0.1, key=key("temperature")
    )
    changes: dict[str, object] = {}
    if strategy != profile.strategy:
        changes["strategy"] = strategy
    if temperature != profile.sampling.temperature:
        changes["temperature"] = temperature
    for name in _PROMPTS:
        text = st.text_area(
            frame.text(f"prompts.{name}"), prompt_text(getattr(old.prompts, name)), height=150, key=key(name)
        )
        if text.strip() and text.strip() != prompt_text(getattr(profile.prompts, name)).strip():
            changes[name] = text
    return ReaderOptions.model_validate(changes)
