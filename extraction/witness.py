"""The built-in reader's reading as a witness: its values and rows, where each stands, and where it is unsure."""

from collections.abc import Collection
from contextlib import suppress
from decimal import Decimal
from typing import Any

from extraction.page_text import PageText, Place
from extraction.shaping import Shaped
from schemas.document import get_cell
from schemas.layout import BoundingBox
from schemas.result import CellState, Evidence, Flag, Reading
from schemas.values import format_decimal, parse_amount

POOR_PAGE = 0.90
"""Mean line score under which a value that is not found is no evidence (notes of the OCR, grounding)."""
POOR_LINE = 0.90
_COLUMN = 2  # amounts that make a column
_APART = 3.0  # heights of print that two columns end apart, at least
_SLANT = 0.03  # of the distance down the page by which a column may lean on a photo
_UNKNOWN = {CellState.UNREADABLE, CellState.NOT_READ}
_SETTLED = {"photograph_again", "wrong_document_type"}
"""Doubts about a page are weighed by its score."""


class Witness:
    """What the page says by itself."""

    def __init__(self, reading: Reading, shaped: Shaped) -> None:
        """Take the built-in reader's reading and its typed document."""
        self.reader = reading.reader
        self.page = PageText(reading.lines)
        self.agreed: set[str] = set()
        """Cells of the model's reading that the witness read alike."""
        self._reading, self._shaped = reading, shaped
        self._doubts: dict[str, list[Flag]] = {}
        for flag in reading.doubts:
            for path in flag.paths if flag.code not in _SETTLED else ():
                self._doubts.setdefault(path, []).append(flag)
        scores = {page.page: page.score for page in reading.pages}
        self.is_poor = any(score < POOR_PAGE for score in scores.values())
        self.states = shaped.states

    @property
    def has_columns(self) -> bool:
        """Whether the witness knows whose the amounts are."""
        return not any(flag.code == "layout_unsure" and "items" in flag.paths for flag in self._reading.doubts)

    def value(self, path: str) -> Any:  # noqa: ANN401 - whatever the cell holds
        """Return the witness's value of a cell; None where it has none, or the document is of another type."""
        try:
            return get_cell(self._shaped.document, path)
        except KeyError:
            return None

    def rows(self, line: str) -> list[Any]:
        """Return the witness's rows of one kind of line."""
        return list(getattr(self._shaped.document, line, ()))

    def evidence(self, path: str) -> list[Evidence]:
        """Return where the witness read a cell."""
        return self._reading.evidence.get(path, [])

    def is_unknown(self, path: str) -> bool:
        """Whether something is printed in the cell that the witness could not give."""
        return self._shaped.states.get(path) in _UNKNOWN

    def is_unsure(self, path: str) -> bool:
        """Whether the OCR or the geometry is in doubt about this cell, so that it is no ground for an error."""
        if self.is_poor or self.is_unknown(path) or path in self._doubts:
            return True
        return any(one.score < POOR_LINE and one.match != "qr" for one in self.evidence(path))

    def payer_of(self, place: Place, line: str, cells: Collection[str]) -> str | None:
        """Return the cell whose amounts on that page end where this one does; None where two or none do."""
        distances: dict[str, list[float]] = {cell: [] for cell in cells}
        for path, found in self._reading.evidence.items():
            cell = path.rpartition(".")[2]
            if path.startswith(f"{line}.") and cell in cells:
                distances[cell] += [abs(one.box.right - place.box.right) + _SLANT * abs(one.box.top - place.box.top)
                                    for one in found if one.page == place.line.page]  # fmt: skip
        ranked = sorted((min(some), cell) for cell, some in distances.items() if len(some) >= _COLUMN)
        if not ranked or ranked[0][0] > place.box.height:
            return None
        is_alone = len(ranked) > 1 and ranked[1][0] > ranked[0][0] + _APART * place.box.height
        return ranked[0][1] if is_alone else None

    def loose(self, line: str, index: int) -> list[Decimal]:
        """Return the amounts printed in a row that nothing on the page gives to a payer."""
        prefix = f"{line}.{index}."
        doubts = [flag for path, flags in self._doubts.items() if path.startswith(prefix) for flag in flags]
        texts = dict.fromkeys(one.value for flag in doubts if flag.code == "column_unsure" for one in flag.suggestions)
        amounts = []
        for text in texts:
            with suppress(ValueError):
                amounts.append(parse_amount(text))
        return [amount for amount in amounts if amount is not None]

    def row_box(self, line: str, index: int) -> tuple[int, BoundingBox] | None:
        """Return page and box of all that the witness read in a row."""
        prefix = f"{line}.{index}."
        found = [one for path, every in self._reading.evidence.items() if path.startswith(prefix) for one in every]
        if not found:
            return None
        box = found[0].box
        for other in found[1:]:
            box = box.union(other.box)
        return found[0].page, box


def shown(value: object) -> str:
    """Return a typed value as a parameter or a suggestion."""
    if value is None:
        return "–"
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if hasattr(value, "as_tuple"):
        return format_decimal(value) or "0"  # type: ignore[arg-type]
    return str(value)
