"""The questions that are asked about one view of a page, each with its prompt: transcript, cells, totals, type."""

import re
from collections.abc import Sequence
from typing import Any, Literal, TypeVar

from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json

from extraction.classify import DocumentType
from extraction.errors import DegenerateOutputError, ReaderError
from extraction.prompts import Prompt, prompt, render
from extraction.readers.attempts import Question, Questions, Room, with_retries
from extraction.readers.pieces import Piece
from extraction.readers.probabilities import low_paths
from extraction.readers.profiles import Profile
from extraction.readers.structured import ask_structured
from extraction.readers.view import View
from extraction.readers.wire import totals_model, unanswered, values_of, wire_model
from schemas.document import lines_of
from schemas.layout import TextLine
from schemas.registry import DOCUMENT_TYPES

_SMALL_ANSWER = 256  # tokens: a few totals, or one word
_CUT_NUMBER = re.compile(r"[-+.0-9eE]+$")
"""A number without quotes at the end may have lost digits: 34 of 345."""
A = TypeVar("A", bound=BaseModel)
Kind = Literal["transcribe", "structure", "totals", "document_type"]


class _TypeAnswer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    document_type: Literal["medical_receipt", "invoice", "neither"]


class Asking:
    """Asks one model about views, in the words of one profile."""

    def __init__(self, profile: Profile) -> None:
        """Take the profile; ReaderError where it names a prompt that does not exist."""
        self._profile = profile
        names = profile.prompts
        self.transcribe_prompt = _prompt(names.transcribe)
        self.structure_prompt = _prompt(names.structure)
        self._tables = _prompt(names.tables) if names.tables else None
        self._totals = _prompt(names.totals)
        self._type = _prompt("document_type")

    def transcript(self, questions: Questions, view: View, document_type: str) -> str:
        """Return the text of a view; where the model has a task of its own for tables, theirs after it."""
        prompts = [self.transcribe_prompt, *([self._tables] if self._tables else [])]
        texts = [self._plain(questions, view, one, document_type) for one in prompts]
        return "\n\n".join(texts)

    def structure(self, questions: Questions, view: View, document_type: str, transcript: str | None) -> Piece:
        """Return the cells of a view; what a cut-off answer holds whole, `saved` takes from the error."""
        hint: Sequence[TextLine] | None = view.lines if self._profile.ocr_hint else None
        text = render(self.structure_prompt, document_type, transcript, hint)
        answer, completion = self._shaped(
            questions, view, "structure", self.structure_prompt, text, wire_model(document_type),
            self._profile.bounds.structure_tokens,
        )  # fmt: skip
        return Piece(values_of(answer), low=low_paths(completion), not_read=set(unanswered(answer)))

    def totals(self, questions: Questions, view: View, document_type: str) -> dict[str, Any]:
        """Return the printed totals, asked for alone."""
        text = render(self._totals, document_type)
        answer, _ = self._shaped(questions, view, "totals", self._totals, text, totals_model(document_type),
                                 _SMALL_ANSWER)  # fmt: skip
        return values_of(answer)

    def document_type(self, questions: Questions, view: View) -> DocumentType | None:
        """Return what the model takes the paper for; None where it says neither."""
        answer, _ = self._shaped(questions, view, "document_type", self._type, self._type.text, _TypeAnswer,
                                 _SMALL_ANSWER)  # fmt: skip
        return None if answer.document_type == "neither" else answer.document_type

    def _plain(self, questions: Questions, view: View, words: Prompt, document_type: str) -> str:
        text = render(words, document_type).strip()

        def ask(room: Room) -> str:
            question = Question("transcribe", view.page, words.digest)
            completion = questions.ask(question, view.messages(room, text), room)
            return completion.choices[0].message.content or ""

        return with_retries(ask, self._room(self._profile.bounds.transcript_tokens), view.tokens)

    def _shaped(
        self, questions: Questions, view: View, kind: Kind, words: Prompt, text: str, answer: type[A], most: int
    ) -> tuple[A, ChatCompletion]:
        def ask(room: Room) -> tuple[A, ChatCompletion]:
            question = Question(kind, view.page, words.digest)
            return ask_structured(questions, question, view.messages(room, text), room, answer, self._profile.model)

        return with_retries(ask, self._room(most), view.tokens)

    def _room(self, max_tokens: int) -> Room:
        return Room(max_tokens, self._profile.sampling.temperature)


def saved(error: ReaderError, document_type: str) -> Piece | None:
    """Return what stands whole in a cut-off answer; its last row may be half, the cells after it were not read."""
    if not isinstance(error, DegenerateOutputError) or error.parameters.get("cause") != "truncated":
        return None
    try:
        partial = from_json(_CUT_NUMBER.sub("", error.raw), allow_partial=True)
        answer = wire_model(document_type).model_validate(_empty_lists(document_type) | partial)
    except (ValueError, TypeError):  # no JSON, no object, or no answer of the class
        return None
    return Piece(values_of(answer), not_read=set(unanswered(answer)))


def _empty_lists(document_type: str) -> dict[str, Any]:
    return {name: [] for name in lines_of(DOCUMENT_TYPES[document_type])}


def _prompt(name: str) -> Prompt:
    try:
        return prompt(name)
    except ValueError as error:
        raise ReaderError("no_prompt", prompt=name) from error
