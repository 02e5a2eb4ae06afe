"""Text lines laid out as on paper, so that a test reads like the page it is about."""

from collections.abc import Callable

import pytest

from extraction.layout.invoice import read_invoice
from schemas.layout import BoundingBox, TextLine
from schemas.result import Reading

CHARACTER, LINE = 0.011, 0.016
"""Width of a Latin character (an ideograph is twice as wide) and height of a line, fractions of the page."""


def printed(text: str, *, page: int = 0, score: float = 0.99) -> list[TextLine]:
    """Return the lines of a drawing of the page: two spaces or more part texts, a column is where it is drawn."""
    lines = []
    for number, row in enumerate(text.strip("\n").split("\n")):
        place = column = 0
        while column < len(row):
            if row[column] == " ":
                column, place = column + 1, place + 1
                continue
            end = row.find("  ", column)
            word = row[column : end if end >= 0 else len(row)].rstrip()
            width = sum(2 if ord(character) > 0x2E7F else 1 for character in word)
            top = 0.02 + number * LINE * 1.6
            box = BoundingBox(0.03 + place * CHARACTER, top, 0.03 + (place + width) * CHARACTER, top + LINE)
            lines.append(TextLine(text=word, box=box, page=page, score=score))
            column, place = column + len(word), place + width
    return lines


@pytest.fixture(scope="session")
def read() -> Callable[..., Reading]:
    """Read an invoice that is drawn as text, one drawing a page."""

    def read(*pages: str, score: float = 0.99) -> Reading:
        return read_invoice([], [printed(text, page=number, score=score) for number, text in enumerate(pages)])

    return read


@pytest.fixture(scope="session")
def lines_of() -> Callable[..., list[TextLine]]:
    """Lay out one drawn page."""
    return printed
