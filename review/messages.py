"""From the code of a flag or failure to a sentence in a language."""

import re
from collections.abc import Mapping

from extraction.validation.office.errors import RulesError
from review.i18n import Catalog, path_label
from schemas.result import Check, Failure, Flag, Words
from storage.records import Pause, Wait

_HOLE = re.compile(r"\{\w+\}")


def flag_message(texts: Catalog, flag: Flag, document_type: str | None = None) -> str:
    """Return why a person must look; a parameter that is a cell's path becomes the cell's name."""
    if flag.words and flag.code != "rule_failed" and (own := _own(texts, flag.words.text)):
        return _filled(own, flag.parameters)  # its parameters are values
    parameters = {name: _label(texts, document_type, value) for name, value in flag.parameters.items()}
    if causes := flag.parameters.get("causes"):
        each = [_text(texts, f"flag.{flag.code}.cause.{cause}", cause, {}) for cause in causes.split(",")]
        parameters["causes"] = " ".join(each)
    if flag.code == "rule_failed":
        parameters["rule"] = _rule_title(texts, flag.parameters.get("rule", ""), flag.words)
    text = _text(texts, f"flag.{flag.code}.text", flag.code, parameters)
    if not {"top", "bottom"} <= set(parameters):
        return text
    place = "place.rows" if "rows" in parameters else "place.part"  # one band of a page, not all of it
    return f"{text} {_text(texts, place, flag.code, parameters)}"


def flag_title(texts: Catalog, flag: Flag) -> str:
    """Return the flag in a few words."""
    if flag.words and flag.code != "rule_failed":
        return _filled(_rule_title(texts, flag.code, flag.words), flag.parameters)
    return _text(texts, f"flag.{flag.code}.title", flag.code, flag.parameters)


def check_title(texts: Catalog, check: Check) -> str:
    """Return what a rule looks for in a few words."""
    return _HOLE.sub("…", _rule_title(texts, check.code, check.words))


def check_reason(texts: Catalog, check: Check, document_type: str | None = None) -> str:
    """Return why a rule cannot say anything; an office's rule may give the reason in words of its own."""
    key = f"check.reason.{check.reason}"
    if not check.reason or not texts.has(key):
        return check.reason or ""
    parameters = {name: _label(texts, document_type, value) for name, value in check.parameters.items()}
    return _filled(texts(key), parameters)


def failure_message(texts: Catalog, failure: Failure) -> str:
    """Return what happened and what to do next, in this language whatever ran the extraction spoke."""
    return error_message(texts, failure.code, failure.parameters)


def rules_error_message(texts: Catalog, error: RulesError) -> str:
    """Return what is wrong with an office's file of rules or lists, where, and what to do."""
    parameters = {"file": str(error.file), "place": error.place, **error.parameters}
    for name in ("left", "right", "found", "kind"):
        key = f"rules_file.kind.{parameters.get(name)}"
        if texts.has(key):
            parameters[name] = texts(key)
    where = f"{error.file}:{error.line}" if error.line else str(error.file)
    what = texts(f"rules_file.{error.key}", **parameters)
    return f"{where}{f' ({error.place})' if error.place else ''}: {what}"


def wait_message(texts: Catalog, wait: Wait) -> str:
    """Return for what queued documents wait and since when, in local time."""
    since = wait.since.astimezone().strftime("%m-%d %H:%M")
    return _text(texts, f"waiting.{wait.cause}", wait.cause, {"reader": wait.reader, "since": since})


def error_message(texts: Catalog, code: str, parameters: Mapping[str, str]) -> str:
    """Return the text of an error's code."""
    return _text(texts, f"error.{code}", code, parameters)


def where(texts: Catalog, document_type: str | None, paths: tuple[str, ...]) -> str:
    """Return the names of the cells that a flag points to."""
    return ", ".join(_label(texts, document_type, path) for path in paths)


def _text(texts: Catalog, key: str, code: str, parameters: Mapping[str, str]) -> str:
    if not texts.has(key):
        return texts("message.unknown", code=code)
    return _filled(texts(key), parameters)


def _filled(text: str, parameters: Mapping[str, str]) -> str:
    for name, value in parameters.items():
        text = text.replace(f"{{{name}}}", value)
    return _HOLE.sub("…", text)  # a stored flag may be older than the text and lack a parameter


def _rule_title(texts: Catalog, code: str, words: Words | None) -> str:
    """Return a rule's name: the office's own, else ours, else its code."""
    if words is not None:
        return _own(texts, words.title) or _text(texts, "flag.office.title", code, {"rule": code.split(".", 1)[-1]})
    key = f"flag.{code}.title"
    return texts(key) if texts.has(key) else code


def _own(texts: Catalog, by_language: Mapping[str, str]) -> str | None:
    """Return an office's words in this language, else those for all, else those in another."""
    return by_language.get(texts.language) or by_language.get("*") or next(iter(by_language.values()), None)


def _label(texts: Catalog, document_type: str | None, value: str) -> str:
    if not document_type or not re.fullmatch(r"[a-z][a-z_]+(\.\d+\.[a-z_]+)?", value):
        return value
    try:
        return path_label(texts, document_type, value)
    except KeyError:
        return value


def pause_message(texts: Catalog, pause: Pause) -> str:
    """Return who let nothing new be begun, and since when."""
    scope = "queue" if pause.is_everything else "batch"
    return texts(f"ui.{scope}.pause_all", user=pause.user, since=f"{pause.since.astimezone():%m-%d %H:%M}")
