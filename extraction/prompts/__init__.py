"""What is asked of models: one text a task, with explicit holes, and the digest that is stored with each reading."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from extraction.readers.wire import field_guide, totals_guide
from schemas.layout import TextLine

_NAME = re.compile(r"[a-z0-9_]{1,64}")
_HOLE = re.compile(r"\{\{(document|field_guide|totals_guide|transcript|ocr_lines)\}\}")
# `<|im_end|>`, `<end_of_turn>` or our own closing tag in a document would end the section or the whole turn: of all
# that begins with < only the marks of a transcript's tables stay
_FOREIGN_TAG = re.compile(
    r"<(?!/?(?:table|thead|tbody|tfoot|tr|td|th|br|caption|b|i|u|sup|sub)(?:\s[^<>|]*)?/?>)", re.I
)
_DOCUMENTS = {
    "medical_receipt": "Taiwanese medical receipt (醫療費用收據)",
    "invoice": "invoice or shop receipt (統一發票, 電子發票, foreign ones too)",
}
_TRANSCRIPT = "\nA transcript of this page by another read; where it and the picture differ, the picture counts:\n"
_OCR_LINES = "\nLines that an OCR program read, one row of the page a line; its characters may be wrong:\n"


@dataclass(frozen=True)
class Prompt:
    """A prompt's text as written, with its holes."""

    text: str

    @property
    def digest(self) -> str:
        """`sha256:…` of the text as written, the same on every page."""
        return f"sha256:{hashlib.sha256(self.text.encode()).hexdigest()}"

    @property
    def holes(self) -> frozenset[str]:
        """Names of the holes: a read with a transcript needs a prompt that has a place for it."""
        return frozenset(_HOLE.findall(self.text))


def prompt_names() -> list[str]:
    """Return the names of the prompts that come with the product."""
    folder = files("extraction.prompts")
    return sorted(entry.name.removesuffix(".md") for entry in folder.iterdir() if entry.name.endswith(".md"))


def prompt(name_or_text: str) -> Prompt:
    """Return a prompt by its name, or the text itself where it was edited; ValueError for a name that is none."""
    if not _NAME.fullmatch(name_or_text):
        return Prompt(name_or_text)
    if name_or_text not in prompt_names():
        raise ValueError(f"no prompt of this name: {name_or_text}")  # a name sent as a prompt would be read as one
    return Prompt(files("extraction.prompts").joinpath(f"{name_or_text}.md").read_text(encoding="utf-8"))


def render(
    prompt: Prompt,
    document_type: str,
    transcript: str | None = None,
    ocr_lines: Sequence[TextLine | str] | None = None,
) -> str:
    """Return the text to send: holes filled in one pass, so that nothing a document says is taken for a hole."""
    filled = {
        "document": lambda: _DOCUMENTS.get(document_type, "receipt or invoice"),
        "field_guide": lambda: field_guide(document_type),
        "totals_guide": lambda: totals_guide(document_type),
        "transcript": lambda: _section("transcript", _TRANSCRIPT, transcript),
        "ocr_lines": lambda: _section("ocr_lines", _OCR_LINES, _rows(ocr_lines or ())),
    }
    return _HOLE.sub(lambda match: filled[match[1]](), prompt.text)


def _section(name: str, introduction: str, text: str | None) -> str:
    return f"{introduction}<{name}>\n{escaped(text.strip())}\n</{name}>\n" if text and text.strip() else ""


def escaped(text: str) -> str:
    """Return a document's text in which nothing ends its section or the turn of the chat."""
    return _FOREIGN_TAG.sub("‹", text)


def _rows(lines: Sequence[TextLine | str]) -> str:
    """Put lines that stand side by side into one row, as far apart as ` | ` says."""
    plain = [line for line in lines if isinstance(line, str)]
    rows: list[list[TextLine]] = []
    for line in sorted((one for one in lines if isinstance(one, TextLine)), key=lambda one: one.box.center[1]):
        last = rows[-1] if rows else []
        if last and _is_beside(last[-1], line):
            last.append(line)
        else:
            rows.append([line])
    printed = [" | ".join(one.text for one in sorted(row, key=lambda one: one.box.left)) for row in rows]
    return "\n".join([*plain, *printed])


def _is_beside(first: TextLine, second: TextLine) -> bool:
    apart = second.box.center[1] - first.box.center[1]
    return first.page == second.page and apart < 0.5 * min(first.box.height, second.box.height)
