"""Columns of amounts, and what would settle a sum without a made-up number."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from extraction.validation.rules import Facts
from schemas.document import get_cell
from schemas.result import Severity, Suggestion
from schemas.values import format_decimal

ONE = Decimal(1)


@dataclass(frozen=True)
class Column:
    """The cells of one column: amounts by path (an empty cell counts as nothing), and whether one is not known."""

    amounts: dict[str, Decimal | None]
    is_unknown: bool

    @property
    def total(self) -> Decimal:
        """Sum of the printed amounts."""
        return sum((amount for amount in self.amounts.values() if amount is not None), Decimal(0))

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds an amount."""
        return all(amount is None for amount in self.amounts.values())


def column(facts: Facts, lines: str, cell: str) -> Column:
    """Return a column of the document's lines."""
    paths = [f"{lines}.{index}.{cell}" for index in range(len(getattr(facts.document, lines)))]
    amounts = {path: get_cell(facts.document, path) for path in paths}
    unknown = facts.is_unknown(lines) or any(facts.is_unknown(path) for path in paths)
    return Column(amounts, unknown)


def severity_of(difference: Decimal) -> Severity:
    """An error, but a warning where the printed parts are off by one: rounding, or the last digit misread."""
    return Severity.WARNING if abs(difference) <= ONE else Severity.ERROR


def settling_cells(facts: Facts, cells: Column, difference: Decimal) -> Iterator[Suggestion]:
    """Yield single cells whose other reading makes the sum right; `difference` is printed total minus sum."""
    for path, amount in cells.amounts.items():
        for other in facts.alternatives(path):
            if isinstance(other, Decimal) and other - (amount or 0) == difference:
                yield Suggestion(path=path, value=format_decimal(other), source="ocr")


def settling_value(facts: Facts, path: str, fits: Callable[[Decimal], bool]) -> Iterator[Suggestion]:
    """Yield other readings of one cell that make the sum right."""
    for other in facts.alternatives(path):
        if isinstance(other, Decimal) and fits(other):
            yield Suggestion(path=path, value=format_decimal(other), source="ocr")
