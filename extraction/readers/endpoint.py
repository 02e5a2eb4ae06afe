"""One model on one server: asked with patience, watched while it answers, let go of at once where it goes wrong."""

import copy
import json
import logging
import random
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import httpx2
from openai.types.chat import ChatCompletion

from extraction.degeneration import Fault, Guard
from extraction.errors import DegenerateOutputError, ReaderError, ReaderUnavailableError, ReadingCancelledError
from extraction.readers import probe as probing
from extraction.readers.breaker import Outage, breaker_of
from extraction.readers.probe import Probe
from extraction.readers.profiles import Profile, Sampling
from extraction.readers.refusals import FOREIGN, Place, Refusal, lost, translate
from extraction.readers.streaming import Assembly, chunks_of
from extraction.readers.transport import Patience, Watch, make_client, make_http_client, watched

OnText = Callable[[str], None]
_log = logging.getLogger(__name__)
_LOOK = 0.1  # seconds between looks at a cancel or an outage, while a caller waits for its turn
_TURNS: dict[tuple[str, int], threading.BoundedSemaphore] = {}
_TURNS_LOCK = threading.Lock()

# A net below our own guard, for a caller that is gone: a receipt may hold a column of 80 zeros or 30 equal rows.
_REPETITION = {"max_pattern_size": 12, "min_pattern_size": 3, "min_count": 100}


class Endpoint:
    """Asks one model; from as many threads as wished, of which `bounds.concurrency` are served at a time."""

    def __init__(
        self, profile: Profile, *, http_client: httpx2.Client | None = None, patience: Patience | None = None
    ) -> None:
        """Connect to nothing yet. A client of the caller's own is used as it is, without cancelling inside a read."""
        self.profile = profile
        self.patience = patience or Patience.of(profile)
        self._http = http_client or make_http_client(profile.base_url)
        self._client = make_client(profile, self._http, self.patience)
        self._breaker = breaker_of(profile.base_url)
        self._turns = _turns_of(profile)
        if http_client is None:
            weakref.finalize(self, self._http.close)

    def __repr__(self) -> str:
        """Name the model and the server, nothing else."""
        return f"Endpoint({self.profile.model!r} at {self.address})"

    @property
    def address(self) -> str:
        """The server as a person may see it."""
        parts = urlsplit(self.profile.base_url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def outage(self) -> Outage | None:
        """Return why this server is not asked now; None where it is."""
        return self._breaker.outage()

    def check(self) -> None:
        """Raise ReaderUnavailableError where the server cannot be asked now; a server that is back is open to all."""
        outage = self._breaker.outage()
        if outage is not None and outage.code == "endpoint_failing" and outage.retry_in:
            self._breaker.check()  # it answers, but not questions: only a question can tell that it does again
        try:
            with watched(Watch(probing.PATIENCE)):
                self._client.models.list()
        except FOREIGN as error:
            refusal = translate(error, self._place())
        else:
            if outage is None or outage.code != "endpoint_failing":
                self._breaker.succeeded()
            return
        self._note(refusal)
        if isinstance(refusal.error, ReaderUnavailableError):
            raise refusal.error

    def probe(self, *, is_fresh: bool = False) -> Probe:
        """Return what the server can do; known for some minutes, unless it failed or `is_fresh` asks again."""
        with watched(Watch(probing.PATIENCE)):
            return probing.look(self._client, self.profile, self._place(), is_fresh=is_fresh)

    def complete(
        self, messages: list[Any], *, max_tokens: int, guard: Guard, response_format: Any = None,  # noqa: ANN401 - openai's
        on_text: OnText | None = None, cancel: threading.Event | None = None, sampling: Sampling | None = None,
    ) -> ChatCompletion:  # fmt: skip
        """Return the answer; `on_text` gets each piece as it comes.

        Raises DegenerateOutputError as soon as the guard finds a fault, ReaderUnavailableError where the server is
        down or busy (after the retries), ReadingCancelledError, and ReaderError where it refuses. An answer of which
        `on_text` has seen a part is not asked for again.
        """
        request = self._request(messages, max_tokens, response_format, sampling or self.profile.sampling)
        with self._turn(cancel):
            return self._tried(request, guard, on_text, cancel)

    def _request(
        self,
        messages: list[Any],
        max_tokens: int,
        response_format: Any,  # noqa: ANN401
        sampling: Sampling,
    ) -> dict[str, Any]:
        """Return the fields of the request: only what this kind of server is known to bear."""
        known = probing.known(self.profile)
        dialect = known.kind if known is not None else self.profile.dialect
        logprobs = self._wants_logprobs(known, response_format)
        extra: dict[str, Any] = {}
        if dialect == "vllm":
            extra["repetition_penalty"] = sampling.repetition_penalty
            if known is None or "repetition_detection" in known.supports:
                extra["repetition_detection"] = _REPETITION
        elif dialect == "llama":
            extra["repeat_penalty"] = sampling.repetition_penalty
            if logprobs:
                extra["top_logprobs"] = 1  # it gives 20 alternatives of each token where nothing is said
        fields = {
            "model": self.profile.model, "messages": [_pictures_first(message) for message in messages],
            "max_tokens": max_tokens, "temperature": sampling.temperature,
            "presence_penalty": sampling.presence_penalty, "top_p": sampling.top_p, "seed": sampling.seed,
            "response_format": response_format, "logprobs": logprobs,
            "extra_body": extra or None, "stream_options": {"include_usage": True},
        }  # fmt: skip
        return {name: value for name, value in fields.items() if value is not None}

    def _wants_logprobs(self, known: Probe | None, response_format: Any) -> bool | None:  # noqa: ANN401
        """Only with a schema: a transcript has no values to doubt. A server that lacks them may refuse the request."""
        is_wanted = self.profile.logprobs and response_format is not None
        return True if is_wanted and (known is None or "logprobs" in known.supports) else None

    @contextmanager
    def _turn(self, cancel: threading.Event | None) -> Iterator[None]:
        """Wait for a free place; a server that fails meanwhile is told to all who wait."""
        self._breaker.check()
        while not self._turns.acquire(timeout=_LOOK):
            self._breaker.check()
            if cancel is not None and cancel.is_set():
                raise ReadingCancelledError("")
        try:
            yield
        finally:
            self._turns.release()

    def _tried(
        self, request: dict[str, Any], guard: Guard, on_text: OnText | None, cancel: threading.Event | None
    ) -> ChatCompletion:
        attempt = 1
        while True:
            given = _Given(copy.deepcopy(guard), on_text, Watch(self.patience, cancel))
            found = self._asked(request, given)
            if isinstance(found, ChatCompletion):
                return found
            if found.is_for_room and request.pop("max_tokens", None) is not None:
                continue  # without it, a server gives what room there is
            is_shown = on_text is not None and given.watch.tokens > 0
            if not found.may_retry or is_shown or attempt >= self.patience.attempts:
                raise self._final(found)
            _log.info("%r: %s, attempt %d", self, found.error.key, attempt)
            self._pause(attempt, found.pause, cancel)
            attempt += 1

    def _asked(self, request: dict[str, Any], given: "_Given") -> ChatCompletion | Refusal:
        """Send the request once and tell the breaker how it went."""
        is_trial = self._breaker.admit()
        try:
            completion = self._streamed(request, given)
        except FOREIGN as error:  # not raised on from here: it holds the request, with pictures and the key
            refusal = self._of_limit(given) or translate(error, self._place())
            _log.info("%r: %s after %.1f s", self, type(error).__name__, given.watch.seconds)
        except DegenerateOutputError:
            self._breaker.succeeded()
            raise
        else:
            if completion is not None:
                self._breaker.succeeded()
                return completion
            refusal = lost(self._place())
        finally:
            if is_trial:
                self._breaker.released()
        self._note(refusal)
        return refusal

    def _note(self, refusal: Refusal) -> None:
        if refusal.is_down and isinstance(refusal.error, ReaderUnavailableError):
            self._breaker.failed(refusal.error)
            probing.forget(self.profile)  # it may come back with another model
        elif refusal.status is not None and refusal.status != 429:
            self._breaker.succeeded()

    def _streamed(self, request: dict[str, Any], given: "_Given") -> ChatCompletion | None:
        """Return the answer; None where the stream ended before it did."""
        answer, watch = given.answer, given.watch
        with watched(watch), self._client.chat.completions.create(stream=True, **request) as stream:
            for chunk in chunks_of(stream.response):
                given.take(chunk)
                if not watch.left():
                    raise httpx2.ReadTimeout(str(watch.reached))
        if not answer.has_begun and not _is_stream(stream.response):
            raise json.JSONDecodeError("no stream", "", 0)
        if answer.finish_reason in (None, "abort"):
            return None
        given.finish()
        _log.info("%r: %d pieces in %.1f s", self, watch.tokens, watch.seconds)
        return answer.completion()

    def _of_limit(self, given: "_Given") -> Refusal | None:
        """Return what a limit that was reached means: a silent server is not there, one that talks too long is."""
        watch, seconds = given.watch, round(given.watch.seconds)
        if watch.reached == "cancelled":
            return Refusal(ReadingCancelledError(given.answer.text))
        if watch.reached == "total" and watch.tokens:
            return Refusal(ReaderError("answer_too_slow", seconds=seconds, tokens=watch.tokens))
        if watch.reached is None:
            return None
        place = self._place()
        error = ReaderUnavailableError("endpoint_timeout", address=place.address, since=place.since, seconds=seconds)
        return Refusal(error, is_down=True)

    def _final(self, refusal: Refusal) -> ReaderError:
        """Return what to raise: what fails on a server that is well otherwise is the document's trouble."""
        if refusal.status == 500 and refusal.is_down and self._is_healthy():
            return ReaderError("request_failed", address=self.address, model=self.profile.model)
        return refusal.error

    def _is_healthy(self) -> bool:
        try:
            with watched(Watch(probing.PATIENCE)):
                return self._http.get(probing.root_of(self.profile) + "/health").status_code == 200
        except httpx2.HTTPError:
            return False

    def _pause(self, attempt: int, asked_for: float | None, cancel: threading.Event | None) -> None:
        backoff = self.patience.pause * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
        seconds = asked_for if asked_for is not None else backoff
        if cancel is None:
            time.sleep(seconds)
        elif cancel.wait(seconds):
            raise ReadingCancelledError("")

    def _place(self) -> Place:
        key = self.profile.api_key
        return Place(self.address, self.profile.model, self._breaker.since, key.get_secret_value() if key else "")


class _Given:
    """What goes along with one sending of a request."""

    def __init__(self, guard: Guard, on_text: OnText | None, watch: Watch) -> None:
        self._guard, self._on_text, self.watch = guard, on_text, watch
        self.answer = Assembly()

    def take(self, chunk: SimpleNamespace) -> None:
        """Show a piece and have it judged."""
        piece, is_made = self.answer.take(chunk)
        if is_made:
            self.watch.hear()
        if not piece:
            return
        if self._on_text is not None:
            self._on_text(piece)
        self._judge(self._guard.feed(piece))

    def finish(self) -> None:
        """Have the whole judged."""
        self._judge(self._guard.finish(self.answer.finish_reason))

    def _judge(self, fault: Fault | None) -> None:
        if fault is None:
            return
        answer = self.answer
        error = DegenerateOutputError(answer.text, cause=fault.cause, at=fault.at)
        error.finish_reason = answer.finish_reason
        error.tokens_in = answer.usage.prompt_tokens if answer.usage else None
        error.tokens_out = answer.usage.completion_tokens if answer.usage else self.watch.tokens
        raise error


def _is_stream(response: httpx2.Response) -> bool:
    return response.headers.get("content-type", "").startswith("text/event-stream")


def _pictures_first(message: dict[str, Any]) -> dict[str, Any]:
    """Return the message with its pictures in front: only then a second question about one reuses its cache."""
    parts = message.get("content")
    if not isinstance(parts, list):
        return message
    return {**message, "content": sorted(parts, key=lambda part: part.get("type") != "image_url")}


def _turns_of(profile: Profile) -> threading.BoundedSemaphore:
    """Return the places at a server, shared by all readers of this process that ask it."""
    key = (profile.base_url, profile.bounds.concurrency)
    with _TURNS_LOCK:
        return _TURNS.setdefault(key, threading.BoundedSemaphore(profile.bounds.concurrency))
