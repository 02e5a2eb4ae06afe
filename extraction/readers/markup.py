"""A model's transcript taken apart: its Markdown, HTML and OTSL tables as grids of cells, all else as lines."""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

_FENCE = re.compile(r"^\s*(?:```|~~~)[\w-]*\s*$")
_RULE = re.compile(r"^\s*(?:[-=_*─—–~]\s*){3,}$")
_SEPARATOR = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_PIPE = re.compile(r"(?<!\\)\|")
_TABLE = re.compile(r"<table\b.*?(?:</table\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BARE_ROWS = re.compile(r"<tr\b.*(?:</tr\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|h[1-6]|li|tr)\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_OTSL = re.compile(r"(?:<(?:fcel|ecel|lcel|ucel|xcel|ched|rhed|srow)>[^<]*|<nl>\s*)+", re.IGNORECASE)
_OTSL_CELL = re.compile(r"<(fcel|ecel|lcel|ucel|xcel|ched|rhed|srow|nl)>([^<]*)", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:#{1,6}\s+|>\s+|[-+•●▪◦]\s+|\*\s+)")
_MARKS = re.compile(r"\*\*|__|`|\\(?=[|*_#$()\[\]{}.%<>-])")
_LATEX = re.compile(r"^\$\s*\\?(?:text\{)?([^$]*?)\}?\s*\$$")
_MOST_SPAN = 60
"""Columns or rows that one cell may span, and cells of a row; more is a loop."""
_MOST_CHARACTERS, _LONGEST_LINE, _MOST_ROWS = 60_000, 1_000, 300
"""Of a transcript, a line, and all its lines and rows; a page has a tenth of that."""


@dataclass(frozen=True)
class Cell:
    """One place of a grid; places that one spanning cell covers share its `origin`."""

    text: str
    origin: int


@dataclass(frozen=True)
class Table:
    """A grid as it was written: rows may be of different lengths."""

    rows: tuple[tuple[Cell, ...], ...]

    @property
    def width(self) -> int:
        """Cells of the longest row."""
        return max((len(row) for row in self.rows), default=0)


@dataclass(frozen=True)
class Text:
    """One line outside of tables."""

    text: str


Block = Table | Text


def parse_markup(transcript: str) -> list[Block]:
    """Return tables and lines in the order of the transcript."""
    lines = transcript[:_MOST_CHARACTERS].splitlines()
    text = "\n".join(line for line in lines if not _FENCE.match(line))
    form = _OTSL if _OTSL.search(text) else _TABLE if _TABLE.search(text) else _BARE_ROWS
    blocks: list[Block] = []
    position = 0
    for match in form.finditer(text):
        blocks += _markdown(text[position : match.start()])
        rows = _otsl_rows(match[0]) if form is _OTSL else _html_rows(match[0])
        blocks += _as_blocks(rows)
        position = match.end()
    return _bounded([*blocks, *_markdown(text[position:])])


def _bounded(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks without what is beyond any page: the end of a loop."""
    kept: list[Block] = []
    left = _MOST_ROWS
    for block in blocks:
        if isinstance(block, Table):
            kept.append(Table(tuple(row[:_MOST_SPAN] for row in block.rows[:left])))
            left -= len(block.rows)
        else:
            kept.append(Text(block.text[:_LONGEST_LINE]))
            left -= 1
        if left <= 0:
            break
    return kept


def clean(text: str) -> str:
    """Return a text without marks of emphasis, entities and full-width forms; its line breaks stay."""
    bare = _TAG.sub("", _BREAK.sub("\n", text))
    bare = _MARKS.sub("", html.unescape(bare))
    folded = unicodedata.normalize("NFKC", bare.replace("︰", ":"))
    lines = [re.sub(r"[ \t\u3000]+", " ", line).strip() for line in folded.splitlines()]
    joined = "\n".join(line for line in lines if line)
    latex = _LATEX.match(joined)
    return latex[1].strip() if latex else joined


def _as_blocks(rows: Sequence[Sequence[Cell]]) -> list[Block]:
    """Return a grid of one column as the lines that it is."""
    kept = [tuple(row) for row in rows if any(cell.text for cell in row)]
    if max((len(row) for row in kept), default=0) < 2:
        return [Text(line) for row in kept for cell in row for line in cell.text.splitlines()]
    return [Table(tuple(row for old in kept for row in _unstacked(old)))]


def _unstacked(row: tuple[Cell, ...]) -> Iterator[tuple[Cell, ...]]:
    """Part a row whose cells all hold the same number of lines: several printed rows in one."""
    parts = [cell.text.split("\n") for cell in row]
    counts = {len(part) for part in parts if part != [""]}
    if counts == {1} or len(counts) != 1:
        yield tuple(Cell(cell.text.replace("\n", " "), cell.origin) for cell in row)
        return
    for index in range(counts.pop()):
        yield tuple(
            Cell(part[index] if part != [""] else "", cell.origin * 1000 + index + 1)
            for cell, part in zip(row, parts, strict=True)
        )


# -- Markdown and plain text -------------------------------------------------------------------------------------------


def _markdown(text: str) -> list[Block]:
    blocks: list[Block] = []
    run: list[str] = []
    for line in [*_BREAK.sub("\n", _without_piped_breaks(text)).splitlines(), ""]:
        if "|" in line or "｜" in line:
            run.append(line.replace("｜", "|"))
            continue
        blocks += _piped(run)
        run = []
        if line.strip() and not _RULE.match(line):
            blocks.append(Text(_plain_line(line)))
    return blocks


def _without_piped_breaks(text: str) -> str:
    """Keep `<br>` inside the rows of a Markdown table."""
    lines = text.split("\n")
    return "\n".join(re.sub(r"<br\s*/?>", "&#10;", one, flags=re.I) if "|" in one else one for one in lines)


def _plain_line(line: str) -> str:
    """Return a line with its gaps, which may be columns."""
    bare = _MARKS.sub("", html.unescape(_TAG.sub("", _BULLET.sub("", line))))
    return bare.replace("\u3000", "  ").replace("\t", "    ").rstrip()


def _piped(run: Sequence[str]) -> list[Block]:
    if not run:
        return []
    is_table = any(_SEPARATOR.match(line) and "-" in line for line in run) or (
        len(run) > 1 and all(line.strip().startswith("|") for line in run)
    )
    if not is_table:
        return [Text("    ".join(_plain_line(part) for part in _PIPE.split(line) if part.strip())) for line in run]
    rows: list[list[Cell]] = []
    for number, line in enumerate(run):
        if not _SEPARATOR.match(line):
            cells = _PIPE.split(re.sub(r"^\s*\|", "", re.sub(r"\|\s*$", "", line)))
            rows.append([Cell(clean(cell), number * 1000 + place) for place, cell in enumerate(cells)])
    return _as_blocks(rows)


# -- HTML and OTSL -----------------------------------------------------------------------------------------------------


@dataclass
class _Open:
    text: list[str] = field(default_factory=list)
    columns: int = 1
    rows: int = 1


class _Rows(HTMLParser):
    """Collects the cells of a table; tables inside cells become text, tags left open end with the next."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[_Open]] = []
        self._cell: _Open | None = None
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._depth += 1
        elif self._depth > 1 and tag in ("tr", "td", "th"):
            self.handle_data("\n" if tag == "tr" else " ")
        elif tag == "tr":
            self.rows.append([])
            self._cell = None
        elif tag in ("td", "th"):
            found = dict(attrs)
            self._cell = _Open(columns=_span(found.get("colspan")), rows=_span(found.get("rowspan")))
            if not self.rows:
                self.rows.append([])
            self.rows[-1].append(self._cell)
        elif tag == "br":
            self.handle_data("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._depth = max(0, self._depth - 1)
        elif tag in ("td", "th", "tr") and self._depth <= 1:
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.text.append(data)
        elif data.strip() and self.rows and not self.rows[-1]:
            self.rows[-1].append(_Open([data]))


def _span(value: str | None) -> int:
    return min(max(int(value), 1), _MOST_SPAN) if value and value.strip().isdigit() else 1


def _html_rows(text: str) -> list[list[Cell]]:
    parser = _Rows()
    parser.feed(text)
    parser.close()
    rows = parser.rows[:_MOST_ROWS]
    grid: list[dict[int, Cell]] = [{} for _ in rows]
    origin = 0
    for number, row in enumerate(rows):
        column = 0
        for opened in row:
            while column in grid[number]:
                column += 1
            if column >= _MOST_SPAN:
                break
            origin += 1
            cell = Cell(clean("".join(opened.text)), origin)
            for below in range(min(opened.rows, len(grid) - number)):
                grid[number + below].update({column + right: cell for right in range(opened.columns)})
            column += opened.columns
    return [[row.get(place, Cell("", -place)) for place in range(max(row, default=-1) + 1)] for row in grid]


def _otsl_rows(text: str) -> list[list[Cell]]:
    """Return the grid of PaddleOCR-VL's table language: `lcel` goes on from the left, `ucel` from above."""
    rows: list[list[Cell]] = [[]]
    for number, (tag, inner) in enumerate(_OTSL_CELL.findall(text)):
        row, above = rows[-1], rows[-2] if len(rows) > 1 else []
        if tag.lower() == "nl":
            rows.append([])
        elif tag.lower() == "lcel" and row:
            row.append(row[-1])
        elif tag.lower() in ("ucel", "xcel") and len(above) > len(row):
            row.append(above[len(row)])
        else:
            row.append(Cell(clean(inner), number + 1))
    return rows
