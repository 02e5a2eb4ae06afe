"""The least probable token of each value of a JSON answer: one input of flags, never shown as a number to people."""

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from openai.types.chat import ChatCompletion

LOW = 0.5
"""Under it something else was at least as likely in a place of the value."""
_SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null')
_SPACE = re.compile(r"[\s,:]*")


def low_paths(completion: ChatCompletion) -> set[str]:
    """Return the paths of the values whose least token probability is low; nothing where the server gives none.

    Probabilities come after the grammar's mask (vLLM): forced tokens have 1. Where the tokens do not spell the answer
    (llama-server gives those from before its grammar) they are of no use.
    """
    choice = completion.choices[0]
    text, logprobs = choice.message.content or "", choice.logprobs
    tokens = (logprobs.content or []) if logprobs is not None else []
    spelled = [bytes(token.bytes) if token.bytes is not None else token.token.encode() for token in tokens]
    raw = text.encode()
    joined = b"".join(spelled)
    if not tokens or not joined.startswith(raw):  # the end-of-text token may follow
        return set()
    starts = [0, *accumulate(len(part) for part in spelled)]
    values = [token.logprob for token in tokens]
    low = math.log(LOW)
    return {path for path, first, last in _spans(text) if _least(values, starts, text, first, last) < low}


def _least(values: Sequence[float], starts: Sequence[int], text: str, first: int, last: int) -> float:
    begin, end = len(text[:first].encode()), len(text[:last].encode())
    tokens = range(bisect_right(starts, begin) - 1, bisect_right(starts, end - 1))
    return min((values[index] for index in tokens if index < len(values)), default=0.0)


def _spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield path, start and end of every value of an object that is known to be valid JSON."""
    stack: list[str | int] = []
    keys: list[bool] = []
    place = 0
    while place < len(text):
        place = _SPACE.match(text, place).end()  # type: ignore[union-attr]  # it matches nothing at least
        character = text[place : place + 1]
        if character in ("{", "["):
            stack.append("" if character == "{" else 0)
            keys.append(character == "{")
            place += 1
        elif character in ("}", "]"):
            stack.pop()
            keys.pop()
            place += 1
            _next(stack)
        elif match := _SCALAR.match(text, place):
            place = match.end()
            if keys and keys[-1]:
                stack[-1], keys[-1] = match.group()[1:-1], False
                continue
            yield ".".join(map(str, stack)), match.start(), match.end()
            _next(stack)
        else:
            return
        if stack and isinstance(stack[-1], str):
            keys[-1] = True


def _next(stack: list[str | int]) -> None:
    if stack and isinstance(stack[-1], int):
        stack[-1] += 1
