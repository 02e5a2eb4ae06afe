"""Tables with any columns, heads, rulings and rows, printed between two edges."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from structures.canvas import Canvas


@dataclass(frozen=True)
class Cell:
    """A printed text; a name may run over lines (`\\n`), and `below` stands under it in small print."""

    text: str = ""
    path: str | None = None
    below: str = ""


@dataclass(frozen=True)
class Column:
    """A column; columns of one `group` share a head above theirs; `path` where the head is a value itself."""

    key: str
    heads: tuple[str, ...] = ()
    weight: float = 1.0
    align: str = "right"
    group: str = ""
    path: str | None = None


@dataclass(frozen=True)
class Row:
    """Cells by the key of their column; `across` is a text over the whole row instead."""

    cells: dict[str, Cell] = field(default_factory=dict)
    across: str = ""
    is_sum: bool = False


@dataclass(frozen=True)
class Look:
    """What is chosen for a table apart from the document's style."""

    heads: str = "top"
    """"top", "none", "turned"."""
    ruling: str = "grid"
    size: int = 26


class Table:
    """One table between two edges."""

    def __init__(
        self, canvas: Canvas, columns: Sequence[Column], rows: Sequence[Row], x0: float, x1: float, look: Look
    ) -> None:
        self._canvas, self._columns, self._rows = canvas, columns, rows
        self._x0, self._x1, self._look = x0, x1, look
        self._edges = self._widths()
        self._lines: list[float] = []
        self._sum_lines: list[float] = []

    def draw(self, y: float) -> float:
        """Print the table from `y` on; return the height below it."""
        top = y
        y = self._heads(y)
        head_end = y
        for row in self._rows:
            y = self._row(row, y)
            self._lines.append(y)
        self._rule(top, head_end, y)
        return y

    def _widths(self) -> list[float]:
        """Return the columns' edges: as wide as their texts need, what is left shared out by weight."""
        while True:
            needs = [self._need(column) for column in self._columns]
            spare = self._x1 - self._x0 - sum(needs)
            if spare >= 0 or self._look.size <= 15:
                break
            self._look = replace(self._look, size=self._look.size - 1)
        weights = sum(column.weight for column in self._columns)
        edges = [self._x0]
        for need, column in zip(needs, self._columns, strict=True):
            edges.append(edges[-1] + need + max(spare, 0) * column.weight / weights)
        return edges

    def _need(self, column: Column) -> float:
        size, small = self._look.size, max(12, round(self._look.size * 0.75))
        texts = [row.cells[column.key] for row in self._rows if column.key in row.cells]
        widths = [self._canvas.measure(part, size) for cell in texts for part in cell.text.split("\n")]
        widths += [self._canvas.measure(cell.below, small) for cell in texts]
        if self._look.heads == "top":
            shared = sum(other.group == column.group for other in self._columns)
            widths += [self._canvas.measure(head, size, self._canvas.style.form) for head in column.heads]
            widths += (
                [self._canvas.measure(column.group, size, self._canvas.style.form) / shared] if column.group else []
            )
        return max(widths, default=0.0) + 1.2 * size

    # -- heads

    def _heads(self, y: float) -> float:
        if self._look.heads == "none":
            return y
        if self._look.heads == "turned":
            return self._turned_heads(y)
        size, step = self._look.size, self._look.size * 1.5
        grouped = any(column.group for column in self._columns)
        depth = max(len(column.heads) for column in self._columns)
        below = y + (step if grouped else 0)
        bottom = below + depth * step
        for index, column in enumerate(self._columns):
            top = below if column.group else y
            middle = (self._edges[index] + self._edges[index + 1]) / 2
            for line, head in enumerate(column.heads):
                at = (top + bottom) / 2 + (line - (len(column.heads) - 1) / 2) * step * 0.85
                self._canvas.text(middle, at, head, anchor="mm", form=True, size=size, path=column.path)
        self._super_heads(y, below)
        return bottom

    def _super_heads(self, y: float, below: float) -> None:
        start = 0
        for index in range(1, len(self._columns) + 1):
            if index < len(self._columns) and self._columns[index].group == self._columns[start].group:
                continue
            group = self._columns[start].group
            if group:
                left, right = self._edges[start], self._edges[index]
                self._canvas.text(
                    (left + right) / 2, (y + below) / 2, group, anchor="mm", form=True, size=self._look.size
                )
                if self._look.ruling in ("grid", "dotted", "rows", "head"):
                    self._canvas.rule(left, below, right, below, dotted=self._look.ruling == "dotted")
            start = index

    def _turned_heads(self, y: float) -> float:
        texts = ["".join(column.heads) for column in self._columns]
        longest = max(self._canvas.measure(text) for text in texts[1:]) + self._look.size
        for index, text in enumerate(texts):
            middle = (self._edges[index] + self._edges[index + 1]) / 2
            if self._columns[index].key == "name":
                self._canvas.text(middle, y + longest / 2, text, anchor="mm", form=True)
            else:
                self._canvas.turned(middle, y + longest / 2, text)
        return y + longest

    # -- rows

    def _row(self, row: Row, y: float) -> float:
        size = self._look.size
        step = size * self._canvas.style.step
        lines = max([cell.text.count("\n") + 1 for cell in row.cells.values()], default=1)
        small = any(cell.below for cell in row.cells.values())
        height = step + (lines - 1) * size * 1.15 + (size * 0.95 if small else 0)
        if row.across:
            self._canvas.text(self._x0 + size * 0.4, y + height / 2, row.across, form=True, size=size)
            return y + height
        for index, column in enumerate(self._columns):
            if column.key in row.cells:
                self._cell(row.cells[column.key], column, self._edges[index], self._edges[index + 1], y, height)
        if row.is_sum:
            self._sum_lines.append(y)
        return y + height

    def _cell(self, cell: Cell, column: Column, left: float, right: float, y: float, height: float) -> None:
        size, canvas, pad = self._look.size, self._canvas, self._look.size * 0.5
        parts = cell.text.split("\n") if cell.text else []
        anchor, x = {"left": ("lm", left + pad), "right": ("rm", right - pad), "center": ("mm", (left + right) / 2)}[
            column.align
        ]
        middle = y + height / 2 - (size * 0.48 if cell.below else 0)
        form = column.key.endswith("name")
        if (
            len(parts) == 1
            and form
            and canvas.style.spread
            and 1 < len(parts[0]) <= 6
            and not cell.below
            and cell.text.isalpha()
        ):
            canvas.spread(
                left + pad, min(right - pad, left + pad + size * 7.5), middle, parts[0], path=cell.path, form=True
            )
            return
        boxes = []
        for line, part in enumerate(parts):
            at = middle + (line - (len(parts) - 1) / 2) * size * 1.15
            boxes.append(canvas.text(x, at, part, anchor=anchor, size=size, form=form))
        if boxes and cell.path:
            canvas.boxes.setdefault(cell.path, []).append(
                (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
            )
        if cell.below:
            canvas.text(x, middle + size * 1.0, cell.below, anchor=anchor, size=max(12, round(size * 0.75)), form=form)

    # -- rulings

    def _rule(self, top: float, head_end: float, bottom: float) -> None:
        ruling, canvas, x0, x1 = self._look.ruling, self._canvas, self._x0, self._x1
        dotted = ruling == "dotted"
        if ruling == "none":
            return
        if ruling == "head":
            for y in (top, head_end, bottom, *self._sum_lines):
                canvas.rule(x0, y, x1, y)
            return
        for y in (top, bottom, head_end):
            canvas.rule(x0, y, x1, y, dotted=dotted)
        for x in (x0, x1):
            canvas.rule(x, top, x, bottom, dotted=dotted)
        if ruling in ("grid", "rows", "dotted"):
            for y in self._lines:
                canvas.rule(x0, y, x1, y, dotted=dotted)
        if ruling in ("grid", "columns", "dotted"):
            self._verticals(top, bottom, dotted)

    def _verticals(self, top: float, bottom: float, dotted: bool) -> None:
        step = self._look.size * 1.5
        for index in range(1, len(self._columns)):
            same = self._columns[index].group and self._columns[index].group == self._columns[index - 1].group
            y = top + step if same and self._look.heads == "top" else top
            self._canvas.rule(self._edges[index], y, self._edges[index], bottom, dotted=dotted)
