"""An extraction to be looked at, not worked on: its cells and doubts as plain tables."""

import html
from collections.abc import Iterable, Sequence
from decimal import Decimal

import streamlit as st

from review.components.page_frame import Frame
from review.i18n import path_label
from review.messages import failure_message, flag_message, flag_title, where
from schemas.document import Document, cells_of, get_cell, lines_of
from schemas.result import CellState, Extraction, Severity

_MARKS = {Severity.ERROR: "✕", Severity.WARNING: "▲", Severity.INFO: "i"}


def extraction_view(frame: Frame, extraction: Extraction) -> None:
    """Show the document, or why there is none."""
    if extraction.error is not None:
        st.error(failure_message(frame.texts, extraction.error), icon=":material/error:")
        return
    document, kind = extraction.document, extraction.document_type
    if document is None or kind is None:
        return
    st.caption(frame.texts(f"document_type.{kind}"))
    st.html(_header(frame, extraction, document, kind))
    for name, part in lines_of(type(document)).items():
        rows = getattr(document, name)
        if rows:
            st.html(_lines(frame, extraction, document, (kind, name), list(cells_of(part)), len(rows)))
    if extraction.flags:
        st.html(_flags(frame, extraction, kind))


def _flags(frame: Frame, extraction: Extraction, kind: str) -> str:
    """Return a row for each doubt, one for all the cells of which the same is said."""
    cells: dict[tuple[Severity, str, str], list[str]] = {}
    for flag in extraction.flags:
        said = flag.severity, flag_title(frame.texts, flag), flag_message(frame.texts, flag, kind)
        cells.setdefault(said, []).extend(flag.paths)
    rows = []
    for (severity, title, message), paths in cells.items():
        names = html.escape(where(frame.texts, kind, tuple(dict.fromkeys(paths))))
        mark = f"<span class={severity.value}>{_MARKS[severity]} {html.escape(title)}</span>"
        rows.append(f"<tr><th scope=row>{mark}</th><td><b>{names}</b> {html.escape(message)}</td></tr>")
    return f'<table class="plain flags">{"".join(rows)}</table>'


def _header(frame: Frame, extraction: Extraction, document: Document, kind: str) -> str:
    shown = ((name, _shown(frame, extraction, document, name)) for name in cells_of(type(document)))
    rows = [
        f"<tr><th scope=row>{html.escape(path_label(frame.texts, kind, name))}</th><td>{html.escape(text)}</td></tr>"
        for name, text in shown if text
    ]  # fmt: skip
    return f'<table class="plain">{"".join(rows)}</table>'


def _lines(
    frame: Frame, extraction: Extraction, document: Document, place: tuple[str, str], cells: Sequence[str], count: int
) -> str:
    kind, name = place
    texts = [[_shown(frame, extraction, document, f"{name}.{row}.{cell}") for cell in cells] for row in range(count)]
    used = [column for column in range(len(cells)) if any(row[column] for row in texts)]
    heads = (frame.texts(f"field.{kind}.{name}_{cells[column]}") for column in used)
    body = "".join(f"<tr>{_cells('td', (row[column] for column in used))}</tr>" for row in texts)
    return f'<table class="plain"><thead><tr>{_cells("th scope=col", heads)}</tr></thead><tbody>{body}</tbody></table>'


def _cells(tag: str, texts: Iterable[str]) -> str:
    end = tag.split()[0]
    return "".join(f"<{tag}>{html.escape(text)}</{end}>" for text in texts)


def _shown(frame: Frame, extraction: Extraction, document: Document, path: str) -> str:
    state, value = extraction.state(path), get_cell(document, path)
    if state is CellState.UNREADABLE:
        return extraction.unparsed.get(path, "?")
    if value is None:
        return frame.text("review.not_read") if state is CellState.NOT_READ else ""
    if isinstance(value, bool):
        return frame.text("yes" if value else "no")
    if isinstance(value, Decimal | int):
        return f"{value:,}"
    key = f"choice.{path.split('.')[-1]}.{value}"
    return frame.texts(key) if frame.texts.has(key) else str(value)
