"""Questions to a model: every one kept with what it cost, and asked again as its cause asks for."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from typing import Any, Literal, TypeVar

from openai.types.chat import ChatCompletion

from extraction.degeneration import Guard
from extraction.errors import DegenerateOutputError, ReaderError
from extraction.readers.endpoint import Endpoint
from extraction.readers.profiles import Profile, Sampling
from schemas.result import Attempt

QuestionKind = Literal["transcribe", "structure", "totals", "document_type"]
OnText = Callable[[str, int, str], None]
"""Gets the kind of a question, its number among all of the document, and each piece of its answer as it comes."""
T = TypeVar("T")

LOOPS = frozenset({
    "repetition", "near_duplicate_lines", "counting", "whitespace", "script_noise", "empty",
})  # fmt: skip
"""Causes after which a warmer read of a slightly other picture may help."""
_MOST_TRIES = 3
_WARMER = 0.4  # a loop comes back at a temperature near 0
_SHRINK = 0.7  # of the picture's tokens, where a context is too long


@dataclass(frozen=True)
class Room:
    """What a question is given: another try gets more of what the last one lacked."""

    max_tokens: int
    temperature: float
    picture_tokens: int | None = None
    """Most tokens of the picture; None: as the profile says."""
    is_cropped: bool = False
    tries: int = 1

    def after(self, error: ReaderError, spent: int | None) -> "Room | None":
        """Return the room of the next try; None where trying again cannot help. `spent`: the picture's tokens."""
        if self.tries >= _MOST_TRIES:
            return None
        following = replace(self, tries=self.tries + 1)
        if error.key == "context_too_long":
            return replace(following, picture_tokens=int((spent or 2048) * _SHRINK))
        cause = error.parameters.get("cause") if isinstance(error, DegenerateOutputError) else None
        if cause == "truncated" and self.tries == 1:
            return replace(following, max_tokens=self.max_tokens * 2)
        if cause in LOOPS:
            return replace(following, temperature=self.temperature + _WARMER, is_cropped=True)
        return None


@dataclass(frozen=True)
class Question:
    """One question as it is noted."""

    kind: QuestionKind
    page: int
    prompt: str
    """Digest."""


class Questions:
    """The questions about one document, in order."""

    def __init__(
        self, endpoint: Endpoint, profile: Profile, cancel: Event | None = None, on_text: OnText | None = None
    ) -> None:
        """Take the server and how it is asked."""
        self._endpoint = endpoint
        self._profile = profile
        self._cancel = cancel
        self._on_text = on_text
        self.attempts: list[Attempt] = []

    def ask(
        self,
        question: Question,
        messages: list[Any],
        room: Room,
        response_format: Any = None,  # noqa: ANN401 - openai's
    ) -> ChatCompletion:
        """Return the answer; a failure is kept and raised."""
        started = time.perf_counter()
        on_text = partial(self._on_text, question.kind, len(self.attempts)) if self._on_text else None
        keep = partial(self._keep, question, started)
        try:
            completion = self._endpoint.complete(
                messages, max_tokens=room.max_tokens, response_format=response_format,
                guard=Guard(is_json=response_format is not None), on_text=on_text, cancel=self._cancel,
                sampling=self._sampling(room),
            )  # fmt: skip
        except DegenerateOutputError as error:
            keep(cause=error.parameters.get("cause", error.key), raw=error.raw, finish_reason=error.finish_reason,
                 tokens_in=error.tokens_in, tokens_out=error.tokens_out)  # fmt: skip
            raise
        except ReaderError as error:
            keep(cause=error.key)
            raise
        choice, usage = completion.choices[0], completion.usage
        keep(raw=choice.message.content, finish_reason=choice.finish_reason,
             tokens_in=usage.prompt_tokens if usage else None,
             tokens_out=usage.completion_tokens if usage else None)  # fmt: skip
        return completion

    def mark_last(self, cause: str) -> None:
        """Say why the last answer is not taken."""
        self.attempts[-1] = self.attempts[-1].model_copy(update={"cause": cause})

    def _sampling(self, room: Room) -> Sampling:
        return self._profile.sampling.model_copy(update={"temperature": room.temperature})

    def _keep(self, question: Question, started: float, **more: Any) -> None:  # noqa: ANN401
        seconds = round(time.perf_counter() - started, 3)
        self.attempts.append(
            Attempt(kind=question.kind, page=question.page, prompt=question.prompt, seconds=seconds, **more)
        )


def with_retries(ask: Callable[[Room], T], room: Room, spent: Callable[[Room], int | None]) -> T:
    """Return what `ask` gives, asked again with other room where the cause of a failure allows it."""
    while True:
        try:
            return ask(room)
        except ReaderError as error:
            following = room.after(error, spent(room))
            if following is None:
                raise
            room = following
