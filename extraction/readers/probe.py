"""Finds out what a model server is and can do, by asking it: its version, its models, and some tiny requests."""

import base64
import io
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import httpx2
from openai import OpenAI
from PIL import Image

from extraction.errors import ReaderError, ReaderUnavailableError
from extraction.readers.profiles import Profile
from extraction.readers.refusals import FOREIGN, Place, translate
from extraction.readers.transport import Patience

Kind = Literal["vllm", "llama", "openai"]
QUESTION = "Reply with OK."
PATIENCE = Patience(first_token=60.0, between_tokens=60.0, total=60.0, attempts=1)
"""Of one look: the first picture after a start takes vLLM some seconds."""
_EXPIRY = 600.0
_WORD = "ok-7"  # a model that is not held to it says something else
_SCHEMA = {
    "type": "object", "properties": {"word": {"type": "string", "enum": [_WORD]}}, "required": ["word"],
    "additionalProperties": False,
}  # fmt: skip


@dataclass(frozen=True)
class Probe:
    """What was found."""

    reachable: bool
    """Whether the server answered at all; a refusal is an answer."""
    kind: Kind = "openai"
    version: str | None = None
    models: tuple[str, ...] = ()
    context_length: int | None = None
    """Tokens of one request."""
    supports: frozenset[str] = frozenset()
    """Of response_format, structured_outputs, logprobs, repetition_detection, prompt_tokens_details, images."""
    refusals: dict[str, str] = field(default_factory=dict)
    """Code of the error, by what was tried; a field that was taken and ignored is in neither."""
    error: ReaderError | None = None
    """Why the model cannot be asked."""
    seconds: float = 0.0


_cache: dict[tuple[str, str], tuple[float, Probe]] = {}
_lock = threading.Lock()


def known(profile: Profile) -> Probe | None:
    """Return what was found some minutes ago, without asking."""
    with _lock:
        until, found = _cache.get((profile.base_url, profile.model), (0.0, None))
    return found if time.monotonic() < until else None


def forget(profile: Profile) -> None:
    """Ask anew the next time."""
    with _lock:
        _cache.pop((profile.base_url, profile.model), None)


def look(client: OpenAI, profile: Profile, place: Place, *, is_fresh: bool = False) -> Probe:
    """Return what the server can do. Nothing is raised: `error` says why the model cannot be asked."""
    found = None if is_fresh else known(profile)
    if found is not None:
        return found
    started = time.monotonic()
    found = replace(_Look(client, profile, place).found(), seconds=round(time.monotonic() - started, 3))
    if found.error is None:
        with _lock:
            _cache[profile.base_url, profile.model] = (time.monotonic() + _EXPIRY, found)
    return found


def root_of(profile: Profile) -> str:
    """Return the address without `/v1`, where servers keep what is not OpenAI's."""
    return profile.base_url.removesuffix("/v1")


class _Look:
    """One look at a server."""

    def __init__(self, client: OpenAI, profile: Profile, place: Place) -> None:
        self._client, self._profile, self._place = client, profile, place
        self._refusals: dict[str, str] = {}

    def found(self) -> Probe:
        try:
            return self._with_features(self._identity())
        except ReaderUnavailableError as error:
            return Probe(reachable=False, error=error)
        except ReaderError as error:
            return Probe(reachable=True, error=error)

    def _identity(self) -> Probe:
        """Say who is there, without a word to the model."""
        try:
            listed = [model.model_dump() for model in self._client.models.list().data or ()]
        except FOREIGN as error:
            refused = translate(error, self._place).error
            listed = None
        except (AttributeError, TypeError):  # a page of another program
            refused = ReaderError("wrong_address", address=self._place.address)
            listed = None
        if listed is None:
            raise refused
        first = next((model for model in listed if model.get("id") == self._profile.model), listed[0] if listed else {})
        version = self._json("/version").get("version")
        properties = self._json("/props") if first.get("owned_by") == "llamacpp" else {}
        kind: Kind = "openai"
        if first.get("owned_by") == "vllm" or (version and "max_model_len" in first):
            kind = "vllm"
        elif properties or first.get("owned_by") == "llamacpp":
            kind, version = "llama", properties.get("build_info")
        settings = properties.get("default_generation_settings") or {}
        length = first.get("max_model_len") or settings.get("n_ctx")
        names = tuple(str(model.get("id")) for model in listed)
        return Probe(True, kind, str(version) if version else None, names, int(length) if length else None)

    def _json(self, path: str) -> dict[str, Any]:
        """Return what a page beside the API says; nothing where there is none."""
        try:
            reply = self._client._client.get(root_of(self._profile) + path)
            value = reply.json() if reply.status_code == 200 else {}
        except (httpx2.HTTPError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def _with_features(self, found: Probe) -> Probe:
        if found.models and self._profile.model not in found.models and found.kind != "llama":
            error = ReaderError("model_not_found", model=self._profile.model, address=self._place.address)
            return replace(found, error=error)
        supports = {name for name, is_supported in self._features(found.kind).items() if is_supported()}
        return replace(found, supports=frozenset(supports), refusals=self._refusals)

    def _features(self, kind: Kind) -> dict[str, Callable[[], bool]]:
        """Return the questions; the schema stands first, for the first one fixes vLLM's engine of grammars."""
        json_schema = {"type": "json_schema", "json_schema": {"name": "probe", "schema": _SCHEMA}}
        questions: dict[str, Callable[[], bool]] = {
            "response_format": lambda: self._asks("response_format", _is_word, response_format=json_schema),
            "logprobs": lambda: self._asks("logprobs", _has_logprobs, logprobs=True, max_tokens=2),
            "images": lambda: self._asks("images", lambda _: True, picture=True, max_tokens=2),
            "prompt_tokens_details": lambda: self._asks("prompt_tokens_details", _has_details, max_tokens=2),
        }
        if kind == "vllm":  # nobody else knows these
            choice = {"structured_outputs": {"choice": [_WORD]}}
            wrong = {"repetition_detection": {"max_pattern_size": 3, "min_pattern_size": 1, "min_count": 1}}
            questions["structured_outputs"] = lambda: self._asks(
                "structured_outputs", lambda said: said.choices[0].message.content == _WORD, extra_body=choice
            )
            questions["repetition_detection"] = lambda: self._is_refused("repetition_detection", wrong)
        return questions

    def _asks(
        self,
        name: str,
        judge: Callable[[Any], bool],
        *,
        picture: bool = False,
        max_tokens: int = 48,
        **more: Any,  # noqa: ANN401
    ) -> bool:
        """Return whether a tiny request gets what it asks for; a server that is gone is raised."""
        said = self._say(picture, max_tokens, more)
        if isinstance(said, ReaderError):
            self._refusals[name] = said.key
            if isinstance(said, ReaderUnavailableError) or said.key in ("key_refused", "model_not_found"):
                raise said
            return False
        try:
            return judge(said)
        except (AttributeError, IndexError, TypeError, ValueError):
            return False

    def _is_refused(self, name: str, wrong: dict[str, Any]) -> bool:
        """Return whether a wrong value is refused: who does not know a field takes anything."""
        said = self._say(False, 2, {"extra_body": wrong})
        if isinstance(said, ReaderUnavailableError):
            raise said
        return isinstance(said, ReaderError) and said.key == "request_refused"

    def _say(self, picture: bool, max_tokens: int, more: dict[str, Any]) -> Any:  # noqa: ANN401 - ChatCompletion or ReaderError
        parts: list[Any] = [{"type": "text", "text": QUESTION}]
        if picture:
            parts.insert(0, {"type": "image_url", "image_url": {"url": _blank_picture()}})
        try:
            return self._client.chat.completions.create(
                model=self._profile.model, messages=[{"role": "user", "content": parts}], temperature=0.0,
                max_tokens=max_tokens, timeout=PATIENCE.total, **more,
            )  # fmt: skip
        except FOREIGN as error:
            return translate(error, self._place).error


def _is_word(said: Any) -> bool:  # noqa: ANN401
    return bool(json.loads(said.choices[0].message.content) == {"word": _WORD})


def _has_logprobs(said: Any) -> bool:  # noqa: ANN401
    return bool(said.choices[0].logprobs.content)


def _has_details(said: Any) -> bool:  # noqa: ANN401
    return said.usage.prompt_tokens_details is not None


def _blank_picture() -> str:
    held = io.BytesIO()
    Image.new("RGB", (112, 112), "white").save(held, "PNG")
    return "data:image/png;base64," + base64.b64encode(held.getvalue()).decode()
