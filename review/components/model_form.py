"""One reader profile to be edited: server, model, key, prompts, sampling; saved to the office's file."""

from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from pydantic import SecretStr, ValidationError

from extraction.prompts import prompt
from extraction.readers.profiles import Profile, changed_profiles, drop_profile, save_profile, shipped_profiles
from review.components import resources
from review.components.model_list import EDITING, plain, profiles_of
from review.components.page_frame import Frame

STRATEGIES = ("structure", "transcribe_then_structure", "transcribe")
SECOND = ("always", "when_in_doubt", "never")
_PROMPTS = ("transcribe", "structure", "totals")
_SAVED = "models.saved"


def prompt_text(name_or_text: str) -> str:
    """Return the text of a prompt; the name itself where there is none of that name."""
    try:
        return prompt(name_or_text).text
    except ValueError:
        return name_or_text


def model_form(frame: Frame) -> None:
    """Show the profile that is being edited, if one is."""
    saved = st.session_state.pop(_SAVED, None)
    if saved:
        st.toast(frame.text(f"models.{saved}"), icon=":material/check_circle:")
    name = st.session_state.get(EDITING)
    profile = profiles_of(frame).get(name) if name else None
    if profile is None:
        return
    # over the page, for below a table of models nobody would see it open
    title = plain(frame.text("models.editing", name=profile.title or profile.name))
    st.dialog(title, width="large", on_dismiss=lambda: _forget(profile.name))(_dialog)(frame, profile)


def _dialog(frame: Frame, profile: Profile) -> None:
    with st.container(key="edit_model", gap="small"):
        with st.form(f"models.form.{profile.name}", border=False, enter_to_submit=False):
            typed = _fields(frame, profile)
            with st.container(horizontal=True, gap="small"):
                is_saved = st.form_submit_button(frame.text("models.save"), type="primary", key="models.save")
                is_closed = st.form_submit_button(frame.text("models.close"), key="models.close")
                is_reset = _offers_reset(profile.name) and st.form_submit_button(
                    frame.text("models.reset"), key="models.reset", help=frame.text("models.reset_help"))  # fmt: skip
        if is_saved:
            _save(frame, profile, typed)
        elif is_reset:
            drop_profile(resources.settings().profiles_file, profile.name)
            _close(profile.name, "was_reset")
        elif is_closed:
            _close(profile.name)
        _reasons(frame, profile)


def _fields(frame: Frame, profile: Profile) -> dict[str, Any]:
    def key(name: str) -> str:
        return f"models.{profile.name}.{name}"

    left, right = st.columns(2)
    typed: dict[str, Any] = {
        "base_url": left.text_input(frame.text("models.base_url"), profile.base_url, key=key("base_url"),
                                    help=frame.text("models.base_url_help")),
        "model": right.text_input(frame.text("models.model"), profile.model, key=key("model")),
        "api_key": left.text_input(
            frame.text("models.api_key"), "", type="password", key=key("api_key"), autocomplete="new-password",
            placeholder=frame.text("models.key_kept" if profile.api_key else "models.key_none"),
            help=frame.text("models.api_key_help")),
        "strategy": right.selectbox(
            frame.text("models.strategy"), STRATEGIES, STRATEGIES.index(profile.strategy), key=key("strategy"),
            format_func=lambda each: frame.text(f"strategy.{each}")),
        "temperature": left.number_input(frame.text("models.temperature"), 0.0, 2.0, profile.sampling.temperature, 0.1,
                                         key=key("temperature")),
        "concurrency": right.number_input(frame.text("models.concurrency"), 1, 1024, profile.bounds.concurrency,
                                          key=key("concurrency"), help=frame.text("models.concurrency_help")),
        "as_second": left.selectbox(
            frame.text("models.as_second"), SECOND, SECOND.index(profile.as_second), key=key("as_second"),
            format_func=lambda each: frame.text(f"second.{each}"), help=_second_help(frame)),
    }  # fmt: skip
    typed["drops_key"] = bool(profile.api_key) and left.checkbox(frame.text("models.drop_key"), key=key("drop_key"))
    with st.expander(frame.text("models.prompts")):
        for name in _PROMPTS:
            typed[f"prompt_{name}"] = st.text_area(
                frame.text(f"prompts.{name}"), prompt_text(getattr(profile.prompts, name)), height=180,
                key=key(f"prompt_{name}"))  # fmt: skip
    return typed


def _second_help(frame: Frame) -> str:
    """Return what the policy means, and where a setting goes before it."""
    setting = resources.settings().second_reader
    told = [frame.text("models.as_second_help")]
    if setting is not None:
        told.append(frame.text("models.as_second_set", when=frame.text(f"second.{setting}")))
    return " ".join(told)


def _save(frame: Frame, profile: Profile, typed: dict[str, Any]) -> None:
    """Save what is right; what is not stays as typed and is explained."""
    prompts = {
        name: typed[f"prompt_{name}"] for name in _PROMPTS
        if typed[f"prompt_{name}"].strip() != prompt_text(getattr(profile.prompts, name)).strip()
    }  # fmt: skip
    changes = {
        "base_url": typed["base_url"], "model": typed["model"].strip(), "strategy": typed["strategy"],
        "as_second": typed["as_second"],
        "api_key": _key(profile, typed), "prompts": profile.prompts.model_copy(update=prompts),
        "sampling": profile.sampling.model_copy(update={"temperature": typed["temperature"]}),
        "bounds": profile.bounds.model_copy(update={"concurrency": typed["concurrency"]}),
    }  # fmt: skip
    blank = [name for name in prompts if not prompts[name].strip()]
    if blank:
        st.error(frame.text("models.blank_prompt", names=", ".join(frame.text(f"prompts.{each}") for each in blank)))
        return
    try:
        changed = Profile.model_validate({**profile.__dict__, **changes})
        save_profile(resources.settings().profiles_file, changed)
    except ValidationError as error:  # its own text quotes what was typed, a key too
        for found in error.errors():
            st.error(frame.text(f"models.wrong_{found['loc'][0]}" if found["loc"][0] in ("base_url", "model")
                                else "models.wrong_other"), icon=":material/error:")  # fmt: skip
    except OSError as error:
        st.error(frame.text("models.not_saved", reason=error.strerror or type(error).__name__))
    else:
        _close(profile.name, "was_saved")


def _key(profile: Profile, typed: dict[str, Any]) -> SecretStr | None:
    """Return the key to keep: it belongs to the server that it was given for."""
    if typed["api_key"]:
        return SecretStr(typed["api_key"])
    is_moved = urlsplit(typed["base_url"].strip()).netloc != urlsplit(profile.base_url).netloc
    return None if typed["drops_key"] or is_moved else profile.api_key


def _offers_reset(name: str) -> bool:
    return name in shipped_profiles() and name in changed_profiles(resources.settings().profiles_file)


def _forget(name: str) -> None:
    st.session_state.pop(EDITING, None)
    for key in [key for key in st.session_state if str(key).startswith(f"models.{name}.")]:
        del st.session_state[key]


def _close(name: str, message: str | None = None) -> None:
    _forget(name)
    if message:
        st.session_state[_SAVED] = message
    st.rerun()


def _reasons(frame: Frame, profile: Profile) -> None:
    """Show why the values are what they are: of shipped ones that the office left alone, and the office's own."""
    prefix, shipped = f"reason.{profile.name}.", shipped_profiles().get(profile.name)
    reasons = dict(profile.reasons)
    for key in sorted(frame.texts.keys()):
        path = key.removeprefix(prefix)
        if path != key and shipped is not None and attrgetter(path)(profile) == attrgetter(path)(shipped):
            reasons[path] = frame.texts(key)
    if reasons:
        with st.expander(frame.text("models.reasons")):
            for path, reason in reasons.items():
                st.text(f"{path}: {reason}")
