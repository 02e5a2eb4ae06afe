"""The chunks of a stream put together to the completion that a call without a stream would have given."""

from typing import Any

from openai.types.chat import ChatCompletion, ChatCompletionChunk

_THOUGHTS = ("reasoning_content", "reasoning")


class Assembly:
    """One answer as it comes."""

    def __init__(self) -> None:
        """Begin empty."""
        self._first: ChatCompletionChunk | None = None
        self._pieces: list[str] = []
        self._logprobs: list[Any] = []
        self._usage: Any = None
        self._stop_reason: Any = None
        self.finish_reason: str | None = None

    @property
    def text(self) -> str:
        """What was said until now."""
        return "".join(self._pieces)

    @property
    def has_begun(self) -> bool:
        """Whether the server sent anything of an answer."""
        return self._first is not None

    @property
    def usage(self) -> Any:  # noqa: ANN401 - openai's, or None
        """The tokens, where the server told them."""
        return self._usage

    def take(self, chunk: ChatCompletionChunk) -> tuple[str, bool]:
        """Return the new piece of text, and whether anything came that a model made (its thoughts too)."""
        self._first = self._first or chunk
        self._usage = getattr(chunk, "usage", None) or self._usage
        choices = getattr(chunk, "choices", None) or []
        if not choices:
            return "", False
        choice = choices[0]
        self.finish_reason = getattr(choice, "finish_reason", None) or self.finish_reason
        self._stop_reason = getattr(choice, "stop_reason", None) or self._stop_reason
        logprobs = getattr(choice, "logprobs", None)
        self._logprobs.extend((getattr(logprobs, "content", None) or []) if logprobs else [])
        delta = getattr(choice, "delta", None)
        piece = str(getattr(delta, "content", None) or "")
        if piece:
            self._pieces.append(piece)
        return piece, bool(piece) or any(getattr(delta, name, None) for name in _THOUGHTS)

    def completion(self) -> ChatCompletion:
        """Return the whole; not validated, for vLLM has reasons to finish that OpenAI has not."""
        message = {"role": "assistant", "content": self.text, "refusal": None}
        logprobs = {"content": [token.model_dump() for token in self._logprobs]} if self._logprobs else None
        choice = {"index": 0, "message": message, "logprobs": logprobs, "finish_reason": self.finish_reason,
                  "stop_reason": self._stop_reason}  # fmt: skip
        first = self._first
        return ChatCompletion.construct(
            id=getattr(first, "id", ""), object="chat.completion", created=getattr(first, "created", 0),
            model=getattr(first, "model", ""), choices=[choice],
            usage=self._usage.model_dump() if self._usage is not None else None,
        )  # fmt: skip
