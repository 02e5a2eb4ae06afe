"""Texts in two languages from `locales/*.toml`. A text has holes `{name}`; keys are dotted paths."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = {"en": "English", "zh-Hant": "繁體中文"}
DEFAULT_LANGUAGE = "en"


class Catalog:
    """The texts of one language."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        """Take the flat texts by dotted key."""
        self.language = language
        self._texts = texts

    def __call__(self, key: str, /, **parameters: object) -> str:
        """Return the text with its holes filled; KeyError where there is no such text."""
        text = self._texts[key]
        return text.format(**parameters) if parameters else text

    def has(self, key: str) -> bool:
        """Whether the language has the text."""
        return key in self._texts

    def keys(self) -> set[str]:
        """Return all keys."""
        return set(self._texts)


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


@cache
def catalog(language: str) -> Catalog:
    """Return the texts of a language, read once."""
    text = files("review").joinpath("locales", f"{language}.toml").read_text(encoding="utf-8")
    return Catalog(language, dict(_flatten(tomllib.loads(text))))


def best_language(wanted: str | None) -> str:
    """Return the language for a locale name of a browser or terminal (`zh-TW`, `zh_TW.UTF-8`, `en-US`)."""
    return "zh-Hant" if (wanted or "").lower().startswith("zh") else DEFAULT_LANGUAGE


def path_label(texts: Catalog, document_type: str, path: str) -> str:
    """Return a cell's name for a person: `Hospital`, `Item 3 · Self-pay`."""
    parts = path.split(".")
    if len(parts) == 1:
        return texts(f"field.{document_type}.{path}")
    line, index, cell = parts
    return texts("field.line", line=texts(f"field.{document_type}.{line}"), number=int(index) + 1,
                 cell=texts(f"field.{document_type}.{line}_{cell}"))  # fmt: skip
