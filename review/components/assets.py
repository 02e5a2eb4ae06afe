"""Browser code of our widgets: plain files beside the Python, joined into Streamlit components without a build step."""

from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

FOLDER = Path(__file__).parent


def read(name: str) -> str:
    """Return a file of this folder as text."""
    return (FOLDER / name).read_text(encoding="utf-8")


def component(name: str, *, html: str, css: tuple[str, ...] = (), js: tuple[str, ...]) -> ComponentRenderer:
    """Register a component whose code is several files; the last script exports the function that Streamlit calls."""
    styles = "\n".join(map(read, ("theme.css", *css))) if css else None
    return st.components.v2.component(f"claimsheet_{name}", html=html, css=styles, js="\n".join(map(read, js)))


def ignore() -> None:
    """Do nothing when a component's state changes: the page reads the state when it runs."""
