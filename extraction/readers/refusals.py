"""The one seam where errors of `openai` and `httpx2` become ours, each saying what a person can do.

Texts of servers are looked at, never passed on as they are but for one short, cleaned line: they may quote the prompt.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai

from extraction.errors import ReaderError, ReaderUnavailableError

FOREIGN = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, json.JSONDecodeError, UnicodeDecodeError)
"""Everything that the SDK raises while a request is sent and its stream is read."""
_LONGEST_PAUSE_ASKED_FOR = 20.0  # seconds; longer, and the document had better wait elsewhere

_CONTEXT = re.compile(r"maximum context length|maximum model length|exceeds? the available context size", re.I)
_LIMIT = re.compile(r"(?:context length is|model length of|context size \(|max_model_len=)\s*(\d+)")
_TOKENS = re.compile(r"(?:at least|has|length|request \(|you requested)\s*(\d+)|\((\d+) in the messages|value=(\d+)")
_MOST_TOKENS = re.compile(r"max_tokens|max_completion_tokens")
_IMAGES = re.compile(
    r"at most 0 image|not a multimodal model|image input is not supported|does not support image", re.I
)
_TEMPLATE = re.compile(r"chat template", re.I)
_SCHEMA = re.compile(r"json.?schema|response_format|grammar|guided|structured.?output", re.I)
_QUOTED = re.compile(r"['\"]?input(_value)?['\"]?\s*[:=].*", re.S)


@dataclass(frozen=True)
class Place:
    """Who was asked."""

    address: str
    model: str
    since: str
    """Local time of the first failure in a row."""
    key: str = field(default="", repr=False)
    """Some servers quote it."""


@dataclass(frozen=True)
class Refusal:
    """What an error comes to."""

    error: ReaderError
    may_retry: bool = False
    is_down: bool = False
    """Counts for the breaker: unreachable or out of order, not merely busy."""
    pause: float | None = None
    """Seconds that the server asked to wait."""
    status: int | None = None
    is_for_room: bool = False
    """`max_tokens` alone was refused."""


def translate(error: Exception, place: Place) -> Refusal:
    """Return what an error of the SDK or the HTTP library means."""
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return _unreachable(place)  # of connecting; the limits of an answer are the watch's
    if isinstance(error, openai.APIStatusError):
        return _of_status(error.status_code, error.body, error.response.headers, place)
    if isinstance(error, openai.APIConnectionError):
        return _lost(place) if _has_begun(error.__cause__) else _unreachable(place)
    if isinstance(error, httpx2.RequestError | httpx2.StreamError):
        return _lost(place)
    if isinstance(error, openai.APIError) and isinstance(error.body, Mapping):  # inside a stream
        return _of_status(_number(error.body.get("code")) or 500, error.body, {}, place)
    return Refusal(ReaderError("protocol_fault", address=place.address))


def lost(place: Place) -> Refusal:
    """Return what a stream without an end means."""
    return _lost(place)


def _has_begun(cause: BaseException | None) -> bool:
    return isinstance(cause, httpx2.ReadError | httpx2.WriteError | httpx2.RemoteProtocolError)


def _unreachable(place: Place) -> Refusal:
    error = ReaderUnavailableError("endpoint_unreachable", address=place.address, since=place.since)
    return Refusal(error, may_retry=True, is_down=True)


def _lost(place: Place) -> Refusal:
    error = ReaderUnavailableError("connection_lost", address=place.address, since=place.since)
    return Refusal(error, may_retry=True, is_down=True)


def _of_status(status: int, body: object, headers: Mapping[str, str], place: Place) -> Refusal:
    text, details = _text(body)
    if special := _of_text(status, text, details, place):
        return special
    if status in (401, 403):
        return Refusal(ReaderError("key_refused", address=place.address), status=status)
    if status == 404:
        return Refusal(_not_found(text, place), status=status)
    if status in (429, 503):
        pause = _seconds(headers.get("retry-after"))
        error = ReaderUnavailableError("endpoint_overloaded", address=place.address, since=place.since)
        return Refusal(error, pause is None or pause <= _LONGEST_PAUSE_ASKED_FOR, status == 503, pause, status)
    if status >= 500 or status == 408:
        failing = ReaderUnavailableError("endpoint_failing", address=place.address, since=place.since, status=status)
        return Refusal(failing, may_retry=True, is_down=True, status=status)
    if 300 <= status < 400 or status == 405:
        return Refusal(ReaderError("wrong_address", address=place.address), status=status)
    return Refusal(ReaderError("request_refused", status=status, reason=_reason(text, place)), status=status)


def _of_text(status: int, text: str, details: Mapping[str, Any], place: Place) -> Refusal | None:
    """Return what only the text of an answer tells; llama-server says some of it with a status of 500."""
    if _IMAGES.search(text):
        return Refusal(ReaderError("images_refused", model=place.model), status=status)
    if status not in (400, 413, 422):
        return None
    if details.get("param") in ("max_tokens", "max_completion_tokens") or _is_for_room(text):
        error = ReaderError("request_refused", status=status, reason=_reason(text, place))
        return Refusal(error, status=status, is_for_room=True)
    if _CONTEXT.search(text) or details.get("type") == "exceed_context_size_error":
        tokens, limit = _numbers(text, details)
        return Refusal(ReaderError("context_too_long", tokens=tokens, limit=limit), status=status)
    if _TEMPLATE.search(text):
        return Refusal(ReaderError("no_chat_template", model=place.model), status=status)
    if _SCHEMA.search(text):
        return Refusal(ReaderError("schema_refused", model=place.model, reason=_reason(text, place)), status=status)
    return None


def _is_for_room(text: str) -> bool:
    return bool(_MOST_TOKENS.search(text) and ("too large" in text or "cannot be greater" in text))


def _not_found(text: str, place: Place) -> ReaderError:
    if "model" in text.lower():
        return ReaderError("model_not_found", model=place.model, address=place.address)
    return ReaderError("wrong_address", address=place.address)


def _text(body: object) -> tuple[str, Mapping[str, Any]]:
    """Return the message and the rest of an error body; servers nest it or not, and may send a plain text."""
    inner = body.get("error", body) if isinstance(body, Mapping) else body
    if isinstance(inner, Mapping):
        return str(inner.get("message") or inner.get("detail") or ""), inner
    return str(inner or ""), {}


def _numbers(text: str, details: Mapping[str, Any]) -> tuple[str, str]:
    """Return the tokens asked for and the most that fit; `?` where the server does not say."""
    limit = _LIMIT.search(text)
    rest = text[limit.end() :] if limit else text
    found = [number for match in _TOKENS.finditer(rest) for number in match.groups() if number]
    found = found or [number for match in _TOKENS.finditer(text) for number in match.groups() if number]
    tokens = details.get("n_prompt_tokens") or (found[0] if found else "?")
    return str(tokens), str(details.get("n_ctx") or (limit[1] if limit else "?"))


def _reason(text: str, place: Place) -> str:
    """Return one short line of a server's text, without what it quotes of the request."""
    text = text.replace(place.key, "…") if place.key else text
    return _QUOTED.sub("", " ".join(text.split()))[:160].strip(" ,{[(") or "-"


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:  # a date: as good as none
        return None


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else None
