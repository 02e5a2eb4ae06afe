"""What several readings of one document say together: where they differ both values are shown, no third is made up."""

from collections.abc import Sequence
from typing import Any

from extraction.shaping import shape
from schemas.document import get_cell, paths_of
from schemas.result import Flag, Reading, Severity, Suggestion


def differences(readings: Sequence[Reading]) -> list[Flag]:
    """Return one flag for every cell of the first reading that another reading of the same type gives otherwise."""
    if not readings:
        return []
    first, *others = readings
    document = shape(first).document
    flags = []
    for other in others:
        if other.document_type != first.document_type:
            flags.append(Flag(code="wrong_document_type", severity=Severity.ERROR, parameters={
                "type": first.document_type, "other": other.document_type}))  # fmt: skip
            continue
        second = shape(other).document
        for path in sorted({*paths_of(document), *paths_of(second)}, key=_reading_order):
            ours, theirs = _value(document, path), _value(second, path)
            if ours != theirs:
                flags.append(_flag(path, first, other))
    return flags


def _flag(path: str, first: Reading, other: Reading) -> Flag:
    values = {reading.reader: _text(reading.printed(path)) for reading in (first, other)}
    ours, theirs = (values[reading.reader] for reading in (first, other))
    return Flag(
        code="readers_differ",
        severity=Severity.WARNING,
        paths=(path,),
        parameters={"first": first.reader, "value": ours or "–", "other": other.reader, "other_value": theirs or "–"},
        suggestions=tuple(Suggestion(path=path, value=value, source=reader) for reader, value in values.items()),
    )


def _value(document: Any, path: str) -> Any:  # noqa: ANN401 - whatever the cell holds
    try:
        return get_cell(document, path)
    except KeyError:
        return None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _reading_order(path: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in path.split(".")]
