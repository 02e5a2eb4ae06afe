"""Worksheets that are safe to open: text stays text, numbers and dates are typed, doubts are seen at a glance."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import Cell as WrittenCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

MAX_CELL = 32_767
"""Characters that Excel takes in a cell; a longer text makes the whole file "damaged"."""
_MAX_DIGITS = 15  # Excel keeps no more of a number; longer ones are written as text
_FIRST_DATE = dt.date(1900, 3, 1)  # Excel's calendar is wrong before, and has no day before 1900
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")
_MIN_WIDTH, _MAX_WIDTH = 8, 48

HEADER_TONES = {"plain": "1F3A5F", "nhi": "0B6E4F", "copayment": "6A3D9A", "self_pay": "B35900"}
MARKS = {
    "error": PatternFill("solid", start_color="F8C9C4"),
    "warning": PatternFill("solid", start_color="FFE9A8"),
    "info": PatternFill("solid", start_color="DCEBFA"),
    "unreadable": PatternFill("lightUp", start_color="C00000", end_color="FBE3E0"),
    "not_read": PatternFill("lightUp", start_color="7F7F7F", end_color="EDEDED"),
}
"""How a cell is filled; the About sheet shows the same as a legend."""


class Cell(NamedTuple):
    """A value with what a person must see beside it."""

    value: str | int | Decimal | dt.date | None = None
    mark: str | None = None
    note: str = ""
    is_code: bool = False
    """A number that is a name: written as text in a text cell, so that its leading zeros stay when it is edited."""


class Column(NamedTuple):
    """A head and its colour."""

    header: str
    tone: str = "plain"
    only_if_used: bool = False
    """Left out where no row has a value in it."""


@dataclass
class Sheet:
    """Rows under a head; kept small until `write`, because Excel wants the widths before the first row."""

    title: str
    columns: Sequence[Column]
    frozen: int = 0
    """Columns that stay when one scrolls to the right."""
    rows: list[tuple[Cell, ...]] = field(default_factory=list)

    def add(self, cells: Iterable[Cell]) -> None:
        """Append a row."""
        self.rows.append(tuple(cells))

    def write(self, workbook: Workbook, styles: "Styles") -> None:
        """Put the sheet into a write-only workbook."""
        self._drop_unused()
        sheet = workbook.create_sheet(self.title)
        sheet.freeze_panes = f"{get_column_letter(self.frozen + 1)}2"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_title_rows = "1:1"
        for index, width in enumerate(self._widths(), start=1):
            sheet.column_dimensions[get_column_letter(index)].width = width
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(self.columns))}{max(len(self.rows), 1) + 1}"
        sheet.append([styles.header(sheet, column) for column in self.columns])
        for row in self.rows:
            sheet.append([styles.cell(sheet, cell) for cell in row])

    def _drop_unused(self) -> None:
        used = [index for index, column in enumerate(self.columns)
                if not column.only_if_used or any(row[index].value is not None for row in self.rows)]  # fmt: skip
        self.columns = [self.columns[index] for index in used]
        self.rows = [tuple(row[index] for index in used) for row in self.rows]

    def _widths(self) -> list[int]:
        # A head may break over two lines; the filter's arrow takes three characters of it.
        widths = [max(display_width(word) for word in column.header.split()) + 4 for column in self.columns]
        for row in self.rows:
            for index, cell in enumerate(row):
                widths[index] = max(widths[index], display_width(_shown(cell.value)) + 2)
        return [min(max(width, _MIN_WIDTH), _MAX_WIDTH) for width in widths]


class Styles:
    """Makes cells of one workbook. A style is built once and copied: setting it anew takes most of the time."""

    def __init__(self) -> None:
        """Begin without styles."""
        self._known: dict[tuple[object, ...], Any] = {}

    def header(self, sheet: Any, column: Column) -> WrittenCell:  # noqa: ANN401 - openpyxl has no types
        """Return a head cell."""
        cell = WriteOnlyCell(sheet, value=clean_text(column.header))
        cell.data_type = "s"
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", start_color=HEADER_TONES[column.tone])
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        return cell

    def cell(self, sheet: Any, cell: Cell) -> WrittenCell | None:  # noqa: ANN401
        """Return a typed cell; None is an empty one without a mark."""
        if cell.value is None and cell.mark is None and not cell.note:
            return None
        value, number_format, is_text = _typed(cell)
        written = WriteOnlyCell(sheet, value=value)
        if is_text:
            written.data_type = "s"  # openpyxl takes a text that begins with "=" for a formula, "#N/A" for an error
        quoted = is_text and str(value).startswith(_FORMULA_STARTS)
        key = (number_format, cell.mark, quoted, is_text and len(str(value)) > _MAX_WIDTH)
        if key not in self._known:
            self._known[key] = _style(sheet, *key)
        written._style = copy(self._known[key])
        if cell.note:
            written.comment = _comment(cell.note)
        return written


def _style(sheet: Any, number_format: str, mark: str | None, quoted: bool, is_long: bool) -> Any:  # noqa: ANN401
    template = WriteOnlyCell(sheet)
    template.number_format = number_format
    if mark:
        template.fill = MARKS[mark]
    if quoted:
        template.quotePrefix = True  # stays text also after a person edits the cell
    template.alignment = Alignment(vertical="top", wrap_text=is_long)
    return template._style


def _typed(cell: Cell) -> tuple[object, str, bool]:
    """Return the value to write, its number format, and whether it is text."""
    value = cell.value
    if isinstance(value, Decimal):
        if len(value.as_tuple().digits) > _MAX_DIGITS:
            return format(value, "f"), "@", True
        places = max(-int(value.normalize().as_tuple().exponent), 0)
        return value, "#,##0" + ("." + "0" * places if places else ""), False
    if isinstance(value, dt.date):
        if value < _FIRST_DATE:
            return value.isoformat(), "@", True
        return value, "yyyy-mm-dd", False
    if isinstance(value, int):
        return value, "0", False
    if value is None:
        return None, "General", False
    return clean_text(value), "@" if cell.is_code else "General", True


def clean_text(text: str) -> str:
    """Return the text without characters that no XML may hold, and short enough for a cell."""
    text = _ILLEGAL.sub("", text)
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"


def display_width(text: str) -> int:
    """Return the columns that a text takes: a Chinese character counts double."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _shown(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:,}"
    return "" if value is None else str(value)[: _MAX_WIDTH + 1]


def _comment(note: str) -> Comment:
    text = clean_text(note)[:2000]
    lines = sum(1 + display_width(line) // 44 for line in text.splitlines())
    return Comment(text, "claimsheet", width=320, height=24 + 18 * min(lines, 20))
