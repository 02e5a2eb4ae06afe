"""A question whose answer has a class: Instructor's `Mode.JSON_SCHEMA`, the only one that constrains a model on vLLM.

Asked again on broken JSON and on a wrong type only. Whether sums agree is no concern of the class.
"""

import logging
from functools import cache
from typing import Any, TypeVar

import instructor
from instructor import OpenAISchema
from instructor.core.exceptions import IncompleteOutputException, InstructorRetryException
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, create_model

from extraction.errors import DegenerateOutputError, ExtractionError, SchemaMismatchError
from extraction.readers.attempts import Question, Questions, Room

logging.getLogger("instructor").setLevel(logging.CRITICAL)
logging.getLogger("instructor.v2.retry").setLevel(logging.CRITICAL + 1)  # it prints whole answers

A = TypeVar("A", bound=BaseModel)
_REASKS = 1


def ask_structured(
    questions: Questions, question: Question, messages: list[Any], room: Room, answer: type[A], model: str
) -> tuple[A, ChatCompletion]:
    """Return the answer with the completion that held it; SchemaMismatchError after the allowed attempts."""
    completions: list[ChatCompletion] = []

    def create(**given: Any) -> ChatCompletion:  # noqa: ANN401 - the arguments of openai's `create`
        if completions:
            questions.mark_last("schema_mismatch")
        completions.append(questions.ask(question, given["messages"], room, given["response_format"]))
        return completions[-1]

    constrained = instructor.patch(create=create, mode=instructor.Mode.JSON_SCHEMA)
    try:
        found = constrained(response_model=_prepared(answer), messages=messages, model=model, max_retries=_REASKS)
    except IncompleteOutputException:
        questions.mark_last("truncated")
        failure: ExtractionError = DegenerateOutputError(_text(completions), cause="truncated")
    except InstructorRetryException as error:  # it holds the picture and all answers: it must not travel on
        if isinstance(error.__cause__, ExtractionError):
            failure = error.__cause__
        else:
            questions.mark_last("schema_mismatch")
            failure = SchemaMismatchError(_text(completions))
    else:
        return found, completions[-1]
    raise failure


@cache
def _prepared(answer: type[A]) -> type[A]:
    """Return the class as Instructor would make it anew for every question, in 5 ms."""
    return create_model(answer.__name__, __base__=(answer, OpenAISchema))  # type: ignore[arg-type]  # both are bases


def _text(completions: list[ChatCompletion]) -> str:
    return (completions[-1].choices[0].message.content or "") if completions else ""
