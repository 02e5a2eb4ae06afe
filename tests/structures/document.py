"""One drawn document, and the parts that every structure is put together from."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from structures import blocks, wordings
from structures.canvas import Canvas
from structures.faces import Style, draw_style
from structures.facts import Facts, Line
from structures.tables import Cell, Column, Look, Row, Table


@dataclass
class Document:
    """Pages with the truth of what they show."""

    kind: str
    truth: dict[str, Any]
    pages: list[Canvas] = field(default_factory=list)
    is_headless: bool = False
    """Whether nothing says who pays: the amounts must come out not read, with a flag."""


class Maker:
    """Draws one document: random choices, a page, the truth as it is printed."""

    def __init__(
        self,
        rng: random.Random,
        kind: str,
        *,
        noto_only: bool = False,
        width: int | None = None,
        size: int | None = None,
    ) -> None:
        self.rng = rng
        rng.date_form = blocks.draw_date(rng)  # type: ignore[attr-defined]
        self.style: Style = draw_style(
            rng,
            noto_only=noto_only,
            width=width or rng.choice((1240, 1240, 1400, 1540)),
            size=size or rng.randint(22, 30),
        )
        self.canvas = Canvas(self.style)
        self.document = Document(kind, {}, [self.canvas])
        self.items: list[dict[str, str | None]] = []
        self._at: dict[str, int] = {}
        self.top = 0.0

    def begin(self, facts: Facts, **options: Any) -> float:
        """Print the header; return the height below."""
        self.facts = facts
        truth = {name: value if isinstance(value, str) else value.isoformat() for name, value in facts.header.items()}
        self.document.truth = {**truth, **{k: v for k, v in self.document.truth.items() if k not in truth}}
        self.top = blocks.header(self.canvas, facts, self.rng, **options)
        return self.top + self.style.size * 0.5

    def finish(self, y: float, *, skip: tuple[str, ...] = (), heavy: bool = False) -> Document:
        """Print totals, notes and stamps, and close the truth."""
        rng, facts, bottom = self.rng, self.facts, y
        if (
            facts.copayments
            and "copayments" not in self.document.truth
            and rng.random() < 0.35
            and "copayment_total" not in skip
        ):
            y, self.document.truth["copayments"] = blocks.copayment_lines(self.canvas, facts, y)
        y = blocks.totals(self.canvas, facts, rng, y, self.document.truth, skip=skip)
        y = blocks.notes(self.canvas, rng, y)
        blocks.marks(self.canvas, rng, self.top, bottom, heavy=heavy)
        self.canvas.cut(y + rng.randint(20, 90))
        self.document.truth["items"] = self.items
        return self.document

    def next_page(self) -> None:
        """Go on on another page."""
        self.canvas = Canvas(self.style)
        self.document.pages.append(self.canvas)
        self.top = 60.0

    # -- cells

    def item(self, name: str, **amounts: int | None) -> str:
        """Return the path of the line of this name, new or (listed again for another payer) the one it has."""
        name = name.replace("\n", "")
        if name not in self._at:
            self._at[name] = len(self.items)
            self.items.append({"name": name, "nhi_amount": None, "self_pay_amount": None})
        for key, value in amounts.items():
            self.items[self._at[name]][key] = None if value is None else str(value)
        return f"items.{self._at[name]}"

    def name_cell(self, line: Line, english: str = "") -> Cell:
        """Return a line's name, with its English `beside` or `below`."""
        path = self.item(line.name) + ".name"
        if english == "beside" and line.english:
            return Cell(f"{line.name} {line.english}", path)
        return Cell(line.name, path, line.english if english == "below" else "")

    def amount_cell(self, line: Line, payer: str) -> Cell:
        """Return the cell of one payer: "nhi", "own" or "copay"."""
        value = {"nhi": line.nhi, "own": line.own, "copay": line.copay}[payer]
        key = {"nhi": "nhi_amount", "own": "self_pay_amount", "copay": "copayment_amount"}[payer]
        text = self.style.amount(value, "點" if payer == "nhi" else "元")
        path = self.item(line.name, **{key: value if text not in ("", "-") else None})
        return Cell(text, f"{path}.{key}" if text not in ("", "-") else None)

    def sum_row(self, columns: Sequence[Column], lines: Sequence[Line], label: str, *, is_grand: bool) -> Row:
        """Return a row that adds up the columns of money."""
        cells = {"name": Cell(label)}
        for column in columns:
            if column.key in ("nhi", "own", "copay"):
                value = sum(getattr(line, column.key) for line in lines)
                total = {"nhi": "nhi_total", "own": "self_pay_total", "copay": "copayment_total"}[column.key]
                cells[column.key] = Cell(
                    self.style.amount(value, "點" if column.key == "nhi" else "元") or "0", total if is_grand else None
                )
                if is_grand:
                    self.document.truth[total] = str(value)
            elif column.key == "sum":
                cells["sum"] = Cell(self.style.amount(sum(line.nhi + line.own for line in lines)) or "0")
        return Row(cells, is_sum=True)

    # -- tables

    def look(self, **changes: Any) -> Look:
        """Return the document's look of a table."""
        return Look(**{"ruling": self.style.ruling, "size": self.style.size, **changes})

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Row],
        y: float,
        *,
        x0: float | None = None,
        x1: float | None = None,
        **changes: Any,
    ) -> float:
        """Print a table; return the height below."""
        left = self.canvas.left if x0 is None else x0
        right = self.canvas.right if x1 is None else x1
        return Table(self.canvas, columns, rows, left, right, self.look(**changes)).draw(y)

    def line_row(self, line: Line, columns: Sequence[Column], english: str = "") -> Row:
        """Return the row of a line in a table of these columns."""
        plain: dict[str, Callable[[], str]] = {
            "quantity": lambda: str(line.quantity),
            "days": lambda: str(line.days),
            "price": lambda: self.style.amount(
                max(1, line.own // line.quantity) if line.own else line.nhi // line.quantity
            ),
            "discount": lambda: self.style.amount(-line.discount if line.discount else 0),
            "sum": lambda: self.style.amount(line.nhi + line.own),
            "code": lambda: f"{self._code(line):02d}",
            "english": lambda: line.english,
        }
        cells = {}
        for column in columns:
            if column.key == "name":
                cells["name"] = self.name_cell(line, english)
            elif column.key in ("nhi", "own", "copay"):
                cells[column.key] = self.amount_cell(line, column.key)
            else:
                cells[column.key] = Cell(plain[column.key]())
        return Row(cells)

    def _code(self, line: Line) -> int:
        return (
            self._at[line.name.replace("\n", "")] + 1 if line.name.replace("\n", "") in self._at else len(self._at) + 1
        )

    def name_column(self, weight: float = 3.0) -> Column:
        """Return the column of names."""
        return Column("name", (self.rng.choice(wordings.NAME_HEADS),), weight, "left")

    def payer_column(self, payer: str, **changes: Any) -> Column:
        """Return the column of one payer under one of its many heads, on one or two lines."""
        heads = {"nhi": wordings.NHI_HEADS, "own": wordings.OWN_HEADS, "copay": wordings.COPAY_HEADS}[payer]
        text = self.rng.choice(heads)
        lines = (text,)
        if self.rng.random() < 0.2 and len(text) in (4, 6) and text.isalpha() and not text.isascii():
            lines = (text[: len(text) // 2 if len(text) == 4 else 2], text[len(text) // 2 if len(text) == 4 else 2 :])
        return Column(payer, lines, 1.4, changes.pop("align", self.style.align), **changes)
