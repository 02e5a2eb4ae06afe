"""Which reader reads what of a document, as one text: by page, by document type, and the one for all else.

    rolmocr                                  one reader for everything
    rolmocr@1-3+local                        pages 1 to 3, the rest
    medical_receipt=rolmocr+invoice=local    by document type
    rolmocr@1,4-+medical_receipt=gemma3      both: what no page names goes by the type; without a reader: `local`

A choice travels as this text, from a command line to the worker that reads, so that it is one reader among several.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.registry import DOCUMENT_TYPES

DEFAULT = "local"
_PAGES = re.compile(r"\d+(-\d*)?(,\d+(-\d*)?)*")
_LAST = 1_000_000


@dataclass(frozen=True)
class Pages:
    """Pages as a person counts them: `1-3`, `2`, `4-`, `1,5-6`."""

    text: str

    def __post_init__(self) -> None:
        """Refuse what names no pages."""
        if not _PAGES.fullmatch(self.text) or any(first < 1 or last < first for first, last in self._ranges()):
            raise ValueError(self.text)

    def has(self, number: int) -> bool:
        """Whether a page is among them; pages count from 0 here."""
        return any(first <= number + 1 <= last for first, last in self._ranges())

    def _ranges(self) -> list[tuple[int, int]]:
        found = []
        for part in self.text.split(","):
            first, dash, last = part.partition("-")
            found.append((int(first), int(last or _LAST) if dash else int(first)))
        return found


@dataclass(frozen=True)
class ReaderChoice:
    """A choice taken apart."""

    by_page: tuple[tuple[Pages, str], ...] = ()
    """The first that has a page reads it."""
    by_type: tuple[tuple[str, str], ...] = ()
    rest: str = DEFAULT

    @property
    def text(self) -> str:
        """The choice as it is stored and named."""
        parts = [f"{name}@{pages.text}" for pages, name in self.by_page]
        parts += [f"{kind}={name}" for kind, name in self.by_type]
        return "+".join([*parts, self.rest] if self.rest != DEFAULT or not self.by_type else parts)

    @property
    def names(self) -> tuple[str, ...]:
        """All readers in it, once each."""
        return tuple(dict.fromkeys([*(name for _, name in (*self.by_page, *self.by_type)), self.rest]))

    def for_type(self, kind: str | None) -> str:
        """Return the reader of a document type."""
        return dict(self.by_type).get(kind or "", self.rest)


def parse_choice(text: str) -> ReaderChoice:
    """Return a choice from its text; ValueError where it is none."""
    by_page: list[tuple[Pages, str]] = []
    by_type: dict[str, str] = {}
    rest: list[str] = []
    for part in text.split("+"):
        name, at, pages = part.partition("@")
        kind, equals, typed = part.partition("=")
        if at and name:
            by_page.append((Pages(pages), name))
        elif equals and kind in DOCUMENT_TYPES and typed and kind not in by_type:
            by_type[kind] = typed
        elif part and not at and not equals:
            rest.append(part)
        else:
            raise ValueError(text)
    if len(rest) > 1:
        raise ValueError(text)
    return ReaderChoice(tuple(by_page), tuple(by_type.items()), rest[0] if rest else DEFAULT)


def is_simple(text: str) -> bool:
    """Whether the text is nothing but the name of a reader."""
    return not set(text) & set("@=+")


def names_in(choices: Iterable[str]) -> tuple[str, ...]:
    """Return all readers of several choices; a text that is no choice stands for itself, as an unknown name."""
    found: dict[str, None] = {}
    for text in choices:
        try:
            found |= dict.fromkeys((text,) if is_simple(text) else parse_choice(text).names)
        except ValueError:
            found[text] = None
    return tuple(found)


def choice_by_type(readers: Mapping[str, str | None]) -> str:
    """Return the choice of a reader for each type, the built-in one where none is named."""
    named = tuple((kind, name) for kind, name in readers.items() if name)
    return ReaderChoice(by_type=named).text if named else DEFAULT
