"""The shape in which a model answers: the document class once more, each cell a text as printed, `?`, or null.

What is sent is a grammar for the server; the model never sees it, so `field_guide` says the same in the prompt. The
schema keeps to what xgrammar, llguidance and llama.cpp enforce alike: no length of a text (it costs milliseconds a
token), anchored patterns without backslash. An answer of a server that enforces nothing is taken as leniently as print
is: shaping decides what is a value.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model
from pydantic.fields import FieldInfo

from schemas.document import DocumentPart, cells_of, kind_of, lines_of
from schemas.invoice import INVOICE_KINDS, TAX_KINDS
from schemas.medical_receipt import VISIT_KINDS
from schemas.registry import DOCUMENT_TYPES
from schemas.values import UNREADABLE, ValueKind

NUMBER_PATTERN = "^[-(]?[0-9?][0-9?,.' ]{0,18}[)]?$"
"""What a model may copy of an amount: separators of every country, minus or brackets, no currency. A space is allowed:
two amounts run together must show, not be forced into one."""

TOTALS: dict[str, tuple[str, ...]] = {
    "medical_receipt": ("nhi_total", "self_pay_total", "amount_due"),
    "invoice": ("sales_amount", "tax_amount", "total_amount"),
}
"""What the third, small question asks for."""

_MOST_LINES = {"items": 200, "copayments": 20}  # a receipt has at most ~80 lines
_CHOICES: dict[str, Iterable[str]] = {
    "visit_kind": VISIT_KINDS.values(),
    "invoice_kind": INVOICE_KINDS.values(),
    "tax_kind": [*TAX_KINDS.values(), "mixed"],
}
_NUMBERS = (ValueKind.AMOUNT, ValueKind.POINTS, ValueKind.QUANTITY)
_NOTHING = frozenset({"", "null", "none", "n/a"})
_LONGEST = {ValueKind.TEXT: 300}
_LONGEST_NOTES, _LONGEST_OTHER = 2000, 64
"""Characters; a longer cell is no value of its field but a loop or a whole page."""


class WirePart(BaseModel):
    """An answer or one line of it. A cell may be missing where a server enforces nothing: see `unanswered`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=lambda schema: _require_all(schema))

    @classmethod
    def model_json_schema(cls, *given: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - pydantic's own signature
        """Return the schema; making it takes 8 ms, and every question asks for it."""
        return super().model_json_schema(*given, **more) if given or more else json.loads(_schema_of(cls))


@cache
def _schema_of(model: type[WirePart]) -> str:
    return json.dumps(super(WirePart, model).model_json_schema())


def _require_all(schema: dict[str, Any]) -> None:
    """Let the grammar ask for every cell: left to itself a model skips what it finds hard."""
    for declared in schema.get("properties", {}).values():
        declared.pop("default", None)
        declared.pop("title", None)
    schema["required"] = list(schema.get("properties", {}))


@cache
def wire_model(document_type: str) -> type[BaseModel]:
    """Return the class of an answer about a whole page."""
    return _wire_part(DOCUMENT_TYPES[document_type])


@cache
def totals_model(document_type: str) -> type[BaseModel]:
    """Return the class of an answer about the totals alone."""
    return _wire_part(DOCUMENT_TYPES[document_type], TOTALS[document_type])


def _wire_part(model: type[DocumentPart], only: Iterable[str] | None = None) -> type[BaseModel]:
    cells, lines = cells_of(model), lines_of(model)
    fields: dict[str, Any] = {}
    for name in model.model_fields if only is None else only:
        if name in lines:
            part, most = _wire_part(lines[name]), _MOST_LINES.get(name, 200)
            fields[name] = (list[part], Field(max_length=most))  # type: ignore[valid-type]
        else:
            fields[name] = (_cell(name, cells[name]), None)
    return create_model(model.__name__, __base__=WirePart, **fields)


def _cell(name: str, field: FieldInfo) -> Any:  # noqa: ANN401 - an annotation
    kind, shown = kind_of(field), {"type": "string"}
    if kind in _NUMBERS:
        shown["pattern"] = NUMBER_PATTERN
    elif kind in (ValueKind.CHOICE, ValueKind.YES_NO):
        shown = {"type": "string", "enum": choices_of(name, field)}  # type: ignore[dict-item]
    schema = {"anyOf": [shown, {"type": "null"}]}
    read = _printed_number if kind in _NUMBERS else _printed
    return Annotated[str | None, BeforeValidator(read), WithJsonSchema(schema)]


def choices_of(name: str, field: FieldInfo) -> list[str]:
    """Return the answers that a field of choice allows."""
    choices = ["yes", "no"] if kind_of(field) is ValueKind.YES_NO else list(dict.fromkeys(_CHOICES[name]))
    return [*choices, UNREADABLE]


def _printed(value: object) -> object:
    """Take a truth value for what it says; a number in place of a code has lost its leading zeros: refused."""
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _printed_number(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


# -- the guide ---------------------------------------------------------------------------------------------------------


@cache
def field_guide(document_type: str) -> str:
    """Return what each key means, for the prompt; the order is that of the page and of the grammar."""
    return "\n".join(_guide(DOCUMENT_TYPES[document_type]))


@cache
def totals_guide(document_type: str) -> str:
    """Return what the keys of the totals mean."""
    return "\n".join(_guide(DOCUMENT_TYPES[document_type], TOTALS[document_type]))


def _guide(model: type[DocumentPart], only: Iterable[str] | None = None, indent: str = "") -> Iterator[str]:
    lines = lines_of(model)
    for name in model.model_fields if only is None else only:
        field = model.model_fields[name]
        more = " yes or no." if kind_of(field) is ValueKind.YES_NO else ""
        yield f"{indent}{name}{'[]' if name in lines else ''}: {field.description}{more}"
        if name in lines:
            yield from _guide(lines[name], indent=f"{indent}  ")


# -- the answer --------------------------------------------------------------------------------------------------------


def values_of(answer: BaseModel) -> dict[str, Any]:
    """Return the answer as a reading's values; a cell far too long for its field becomes `?`."""
    return {
        name: [values_of(line) for line in value] if isinstance(value, list) else _value(name, value, answer)
        for name, value in answer
    }


def _value(name: str, value: str | None, answer: BaseModel) -> str | None:
    if value is None or value.strip().casefold() in _NOTHING:
        return None
    text = value.strip()
    return UNREADABLE if len(text) > _longest(name, answer) else text


def _longest(name: str, answer: BaseModel) -> int:
    model = _CLASSES[type(answer).__name__]
    if name == "notes":
        return _LONGEST_NOTES
    return _LONGEST.get(kind_of(model.model_fields[name]), _LONGEST_OTHER)


_CLASSES: dict[str, type[DocumentPart]] = {
    part.__name__: part for model in DOCUMENT_TYPES.values() for part in (model, *lines_of(model).values())
}


def unanswered(answer: BaseModel) -> list[str]:
    """Return the paths of cells that the answer leaves out: asked for, yet not read."""
    paths = []
    for name, value in answer:
        if isinstance(value, list):
            paths += [f"{name}.{index}.{path}" for index, line in enumerate(value) for path in unanswered(line)]
        elif name not in answer.model_fields_set:
            paths.append(name)
    return paths
