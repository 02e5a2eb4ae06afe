"""From a reading's printed texts to the typed document, with a state for every cell. Coerces, never guesses."""

from typing import Any

from pydantic import ValidationError

from schemas.document import Document, DocumentPart, cells_of, kind_of, lines_of, parse_cell
from schemas.registry import DOCUMENT_TYPES
from schemas.result import CellState, Reading
from schemas.values import UNREADABLE, ValueKind

_NUMBERS = {ValueKind.AMOUNT, ValueKind.POINTS, ValueKind.QUANTITY}


class Shaped:
    """A document with the state of every cell that is no plain value, and the texts that no parser took."""

    def __init__(self, model: type[Document]) -> None:
        """Begin with an empty document."""
        self.document = model()
        self.states: dict[str, CellState] = {}
        self.unparsed: dict[str, str] = {}

    def fill(self, part: DocumentPart, values: dict[str, Any], not_read: set[str], prefix: str = "") -> None:
        """Coerce the cells of one part; a text that is no value of its field stays in `unparsed`."""
        for name, field in cells_of(type(part)).items():
            path, printed = f"{prefix}{name}", values.get(name)
            if printed is None:
                if path in not_read:
                    self.states[path] = CellState.NOT_READ
                elif getattr(part, name) is None:  # a field with a default (the currency) is not blank
                    self.states[path] = CellState.BLANK
                continue
            marks = str(printed).replace("？", UNREADABLE).strip()
            if marks and not marks.strip(UNREADABLE):
                self._refuse(path, UNREADABLE)
                continue
            if UNREADABLE in marks and kind_of(field) is not ValueKind.TEXT:
                self._refuse(path, str(printed))
                continue
            try:
                value = parse_cell(field, printed)
            except ValidationError:
                self._refuse(path, str(printed))
                continue
            setattr(part, name, value)
            if value is None:
                self.states[path] = CellState.BLANK
            elif kind_of(field) in _NUMBERS and value == 0:
                self.states[path] = CellState.ZERO

    def _refuse(self, path: str, printed: str) -> None:
        self.states[path] = CellState.UNREADABLE
        if printed != UNREADABLE:
            self.unparsed[path] = printed


def shape(reading: Reading) -> Shaped:
    """Return the document that a reading describes."""
    model = DOCUMENT_TYPES[reading.document_type]
    shaped, not_read = Shaped(model), set(reading.not_read)
    for name, line_model in lines_of(model).items():
        for index, values in enumerate(reading.values.get(name) or []):
            line = line_model()
            shaped.fill(line, values, not_read, f"{name}.{index}.")
            getattr(shaped.document, name).append(line)
    shaped.fill(shaped.document, reading.values, not_read)
    return shaped
