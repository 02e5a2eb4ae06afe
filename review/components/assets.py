"""Browser code of our widgets: plain files beside the Python, joined into Streamlit components without a build step."""

import hashlib
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from review.components.resources import is_served

FOLDER = Path(__file__).parent
CODE: dict[str, str] = {}
"""Browser code by the digest that its address holds."""


def read(name: str) -> str:
    """Return a file of this folder as text."""
    return (FOLDER / name).read_text(encoding="utf-8")


def component(name: str, *, html: str, css: tuple[str, ...] = (), js: tuple[str, ...]) -> ComponentRenderer:
    """Register a component whose code is several files; the last script exports the function that Streamlit calls."""
    styles, code = "\n".join(map(read, ("theme.css", *css))) if css else None, "\n".join(map(read, js))
    return st.components.v2.component(f"claimsheet_{name}", html=html, css=styles, js=_loaded(code))


def _loaded(code: str) -> str:
    """Return what loads the code: Streamlit sends its text along with every change, an address is shorter."""
    if not is_served():
        return code
    name = hashlib.sha256(code.encode()).hexdigest()[:16]
    CODE[name] = code
    return f"const code = await import(`${{location.origin}}/api/code/{name}.js`);\nexport default code.default;"


def ignore() -> None:
    """Do nothing when a component's state changes: the page reads the state when it runs."""
