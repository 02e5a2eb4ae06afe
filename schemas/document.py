"""What all document types share: how fields are declared, and how a path names a cell."""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.fields import FieldInfo

from schemas.values import Kind, ValueKind


class DocumentPart(BaseModel):
    """A document or one line of it: unknown fields are refused, everything may be absent."""

    model_config = ConfigDict(extra="forbid", validate_default=False)


class Document(DocumentPart):
    """One medical receipt or invoice."""


def required(description: str, **more: Any) -> Any:  # noqa: ANN401 - like pydantic's own Field
    """Declare a field that the paper must show; its absence is flagged, never an error."""
    return Field(default=None, description=description, json_schema_extra={"required": True}, **more)


def optional(description: str, **more: Any) -> Any:  # noqa: ANN401
    """Declare a field that the paper may show."""
    return Field(default=None, description=description, **more)


@cache
def lines_of(model: type[DocumentPart]) -> dict[str, type[DocumentPart]]:
    """Return the fields that hold lines, with the class of a line: `{"items": FeeItem, …}`."""
    found = {}
    for name, field in model.model_fields.items():
        annotation = get_args(field.annotation)
        if get_origin(field.annotation) is list and issubclass(annotation[0], DocumentPart):
            found[name] = annotation[0]
    return found


@cache
def cells_of(model: type[DocumentPart]) -> dict[str, FieldInfo]:
    """Return the fields that hold one cell each."""
    lines = lines_of(model)
    return {name: field for name, field in model.model_fields.items() if name not in lines}


def is_required(field: FieldInfo) -> bool:
    """Whether the contract marks the field with a star."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("required"))


def kind_of(field: FieldInfo) -> ValueKind:
    """Return what the field holds."""
    return next((item.value for item in field.metadata if isinstance(item, Kind)), ValueKind.TEXT)


# building one takes longer than all the cells of a page; the field is kept so that its id stays its own
_ADAPTERS: dict[int, tuple[FieldInfo, TypeAdapter[Any]]] = {}


def parse_cell(field: FieldInfo, value: object) -> Any:  # noqa: ANN401 - whatever the field holds
    """Coerce a printed or typed text into the field's value; raises ValueError (pydantic's) where it cannot."""
    known = _ADAPTERS.get(id(field))
    if known is None:
        annotation: Any = Annotated[field.annotation, *field.metadata]
        known = _ADAPTERS[id(field)] = (field, TypeAdapter(annotation))
    return known[1].validate_python(value)


def paths_of(document: DocumentPart) -> Iterator[str]:
    """Yield the path of every cell, `hospital_name` and `items.0.name` alike."""
    model = type(document)
    yield from cells_of(model)
    for name, part in lines_of(model).items():
        for index in range(len(getattr(document, name))):
            yield from (f"{name}.{index}.{cell}" for cell in cells_of(part))


def get_cell(document: DocumentPart, path: str) -> Any:  # noqa: ANN401
    """Return the value at a path; KeyError where there is no such cell."""
    owner, name = owner_of(document, path)
    return getattr(owner, name)


def set_cell(document: DocumentPart, path: str, value: object) -> None:
    """Put a coerced value at a path, in place; KeyError where there is no such cell."""
    owner, name = owner_of(document, path)
    setattr(owner, name, value)


def field_at(model: type[DocumentPart], path: str) -> FieldInfo:
    """Return the declaration of the cell at a path; KeyError where there is none."""
    parts = path.split(".")
    if len(parts) == 3:
        return lines_of(model)[parts[0]].model_fields[parts[2]]
    return cells_of(model)[path]


def owner_of(document: DocumentPart, path: str) -> tuple[DocumentPart, str]:
    """Return the part that holds the cell, and the cell's name in it."""
    parts = path.split(".")
    owner: DocumentPart = document
    if len(parts) == 3:
        try:
            owner = getattr(document, parts[0])[int(parts[1])]
        except (AttributeError, IndexError, ValueError):
            raise KeyError(path) from None
    if len(parts) not in (1, 3) or parts[-1] not in cells_of(type(owner)):
        raise KeyError(path)
    return owner, parts[-1]
