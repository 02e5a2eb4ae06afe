"""The first line of every page: page settings, menu, language, user, and an apology for what nobody expected."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from extraction.validation.office.errors import RulesError
from review.components.assets import FOLDER, component, read
from review.components.resources import settings, user
from review.i18n import LANGUAGES, Catalog, best_language, catalog
from review.messages import error_message, rules_error_message
from review.workflow import StorageError

logger = logging.getLogger(__name__)

PAGES = {
    "overview": ("streamlit_app.py", ":material/space_dashboard:"),
    "upload": ("pages/1_upload.py", ":material/upload_file:"),
    "review": ("pages/2_review.py", ":material/fact_check:"),
    "fields": ("pages/7_fields.py", ":material/view_module:"),
    "records": ("pages/3_records.py", ":material/table_rows:"),
    "models": ("pages/5_models.py", ":material/neurology:"),
    "try": ("pages/6_try.py", ":material/biotech:"),
}
_SHORT = {"en": "EN", "zh-Hant": "繁中"}
_HTML_LANGUAGE = {"en": "en", "zh-Hant": "zh-Hant-TW"}
_document = component("document", html="<span\nhidden></span>", js=("page_frame.js",))


@dataclass(frozen=True)
class Frame:
    """What a page needs to speak to the person."""

    texts: Catalog
    user: str

    def text(self, key: str, **parameters: object) -> str:
        """Return a text of the screens (`ui.…`)."""
        return self.texts(f"ui.{key}", **parameters)


@contextmanager
def page_frame(page: str) -> Iterator[Frame]:
    """Draw the frame around a page; what goes wrong inside is logged with an id and apologised for."""
    st.set_page_config(page_title="claimsheet", page_icon=str(FOLDER / "icon.png"), layout="wide")
    language = _language()
    frame = Frame(catalog(language), user())
    st.html(f"<style>{read('theme.css')}{read('page_frame.css')}</style>")
    _top_bar(page, frame)
    with guard(frame):
        yield frame


@contextmanager
def guard(frame: Frame) -> Iterator[None]:
    """Apologise for an unexpected error; a fragment needs its own, it runs without the page around it."""
    try:
        yield
    except StorageError as error:  # has a text of its own that says what to do
        logger.warning("page without storage: %s %s", error.key, error.parameters.get("cause", ""))
        st.error(error_message(frame.texts, error.key, error.parameters), icon=":material/database_off:")
    except RulesError as error:
        logger.warning("page without rules: %s", error)
        st.error(frame.texts("cli.wrong_rules", reason=""), icon=":material/rule:")
        st.code(rules_error_message(frame.texts, error), language=None, wrap_lines=True)
    except Exception as error:  # noqa: BLE001,RUF100 - the last line of defence of a page
        reference = secrets.token_hex(4)
        # where, not what: messages and arguments of an error may hold field values
        logger.error("page failed, reference %s: %s at %s", reference, type(error).__name__, _places(error))
        st.error(frame.text("frame.apology", reference=reference), icon=":material/error:")
    if st.session_state.get("frame.language", frame.texts.language) != frame.texts.language:
        st.rerun()  # switched while a cell was typed in: its fragment, which saved it, alone keeps the old language


def _places(error: BaseException) -> str:
    places, trace = [], error.__traceback__
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " < ".join(reversed(places))


def _language() -> str:
    """Return what the person switched to, else `?lang=`, else the setting, else the browser's."""
    if "frame.language" not in st.session_state:
        asked = st.query_params.get("lang")
        wanted = asked if asked in LANGUAGES else best_language(asked) if asked else settings().language
        st.session_state["frame.language"] = wanted or best_language(st.context.locale)
    language: str = st.session_state["frame.language"]
    return language


def _switch() -> None:
    language = st.session_state["frame.switch"]
    st.session_state["frame.language"] = language
    st.query_params["lang"] = language  # a reload keeps the choice


def _top_bar(page: str, frame: Frame) -> None:
    language = frame.texts.language
    kept = {"lang": language} if "lang" in st.query_params else None
    with st.container(key="topbar", horizontal=True, vertical_alignment="center", gap="small"):
        st.html('<span class="brand"><i aria-hidden="true">✓</i>claimsheet</span>', width="content")
        for name, (path, icon) in PAGES.items():
            key = f"menu_{name}{'_here' if name == page else ''}"
            with st.container(key=key, width="content"):
                st.page_link(path, label=frame.text(f"menu.{name}"), icon=icon, query_params=kept)
        st.space("stretch")
        st.segmented_control(
            frame.text("frame.language"), list(LANGUAGES), default=language, key="frame.switch", required=True,
            format_func=_SHORT.__getitem__, label_visibility="collapsed", on_change=_switch, width="content",
        )  # fmt: skip
        with st.container(key="person", width="content"):
            st.text(frame.user, width="content")
        _document(key="frame.document", data={"language": _HTML_LANGUAGE[language], "title": _title(page, frame)})


def _title(page: str, frame: Frame) -> str:
    return f"{frame.text(f'menu.{page}')} · claimsheet"
