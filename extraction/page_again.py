"""One page of a document read anew by a reader: the rest of the earlier reading stays as it was."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from extraction.readers.joining import join_pages
from extraction.readers.matches import same_text
from schemas.document import Document, cells_of, lines_of
from schemas.registry import DOCUMENT_TYPES
from schemas.result import Evidence, Flag, Reading, Severity


def with_page(old: Reading, new: Reading, page: int) -> Reading:
    """Return the earlier reading with one page as the new one has it; neither is changed.

    A row stands on the page of its evidence. One that has none belongs to the page that the rows on both sides of it
    are on; where those differ nobody can tell, and a doubt says so.
    """
    merged = _Merged(old, new, page)
    model = DOCUMENT_TYPES[old.document_type]
    values, flags = join_pages(merged.values(model), model, new.reader)
    result = Reading(reader=_choice(old.reader, new.reader, page), document_type=old.document_type, values=values)
    result.evidence = merged.evidence(values)
    paths = [merged.old_path(path) for path in old.not_read], [merged.new_path(path) for path in new.not_read]
    result.not_read = sorted(path for path in {*paths[0], *paths[1]} if path and ("." in path or not values.get(path)))
    result.doubts = [*merged.doubts(), *flags, *merged.unclear]
    result.lines = sorted([*(line for line in old.lines if line.page != page), *new.lines], key=lambda line: line.page)
    result.pages = sorted([*(one for one in old.pages if one.page != page), *new.pages], key=lambda one: one.page)
    result.attempts, result.prompt, result.seconds = new.attempts, new.prompt, new.seconds
    result.model = ", ".join(dict.fromkeys(name for name in (old.model, new.model) if name)) or None
    return result


class _Merged:
    """Where each row of two readings goes."""

    def __init__(self, old: Reading, new: Reading, page: int) -> None:
        self._old, self._new, self._page = old, new, page
        self._pages = {line: _pages_of(old, line, page) for line in lines_of(DOCUMENT_TYPES[old.document_type])}
        self._places: dict[str, tuple[dict[int, int], int]] = {}
        self.unclear: list[Flag] = []

    def values(self, model: type[Document]) -> list[tuple[int, Mapping[str, Any]]]:
        """Return what each page gives, for the pages to be joined."""
        found: dict[int, dict[str, Any]] = {self._page: {}}
        for name in cells_of(model):
            if (value := self._old.values.get(name)) is not None:
                number = self._page_of(name)
                if number != self._page:
                    found.setdefault(number, {})[name] = value
            if (value := self._new.values.get(name)) is not None:
                found[self._page][name] = value
        for line in lines_of(model):
            self._place(line, found)
        return sorted(found.items())

    def _page_of(self, name: str) -> int:
        """Return the page of a cell outside the tables; one without a place counts as of the first other page."""
        evidence = self._old.evidence.get(name)
        if evidence:
            return evidence[0].page
        return next((one.page for one in self._old.pages if one.page != self._page), self._page + 1)

    def _place(self, line: str, found: dict[int, dict[str, Any]]) -> None:
        rows, added = self._old.values.get(line) or [], self._new.values.get(line) or []
        pages = self._pages[line]
        gone = [number == self._page or (number is None and any(_alike(row, each) for each in added))
                for number, row in zip(pages, rows, strict=True)]  # fmt: skip
        ends = (at for at, number in enumerate(pages) if gone[at] or (number or -1) > self._page)
        end = next(ends, len(rows))  # the page's own rows stood here, or those of a later page do
        start = sum(not each for each in gone[:end])
        kept: dict[int, int] = {}
        for at in range(len(rows)):
            if not gone[at]:
                kept[at] = len(kept) + (len(added) if at >= end else 0)
                if pages[at] is None:
                    self.unclear.append(_unclear(line, kept[at], self._page))
        self._places[line] = kept, start
        ordered = [rows[at] for at in kept]
        found[self._page][line] = [*ordered[:start], *added, *ordered[start:]]

    def old_path(self, path: str) -> str | None:
        """Return where a path of the earlier reading points now; None where it is gone."""
        line, *rest = path.split(".")
        if line not in self._places or not rest:
            return path
        index = self._places[line][0].get(int(rest[0]))
        return None if index is None else ".".join([line, str(index), *rest[1:]])

    def new_path(self, path: str) -> str:
        """Return where a path of the new reading points now."""
        line, *rest = path.split(".")
        if line not in self._places or not rest:
            return path
        return ".".join([line, str(int(rest[0]) + self._places[line][1]), *rest[1:]])

    def evidence(self, values: Mapping[str, Any]) -> dict[str, list[Evidence]]:
        """Return the places of all cells; of one outside the tables those of the reading that it was taken from."""
        found: dict[str, list[Evidence]] = {}
        for path, items in self._old.evidence.items():
            moved = self.old_path(path)
            on_page = "." not in path and self._page_of(path) == self._page
            if moved and not on_page and ("." in path or self._old.values.get(path) == values.get(path)):
                found[moved] = items
        for path, items in self._new.evidence.items():
            if "." in path or self._new.values.get(path) == values.get(path):
                found.setdefault(self.new_path(path), items)
        return found

    def doubts(self) -> list[Flag]:
        """Return what is in doubt still: not what was about this page, or about rows of it."""
        number = str(self._page + 1)
        old = (flag for flag in self._old.doubts if flag.parameters.get("page") != number)
        kept = [flag.moved(self.old_path) for flag in old if not self._is_settled(flag)]
        new = (flag for flag in self._new.doubts if flag.code != "wrong_document_type")  # a page is not the document
        return [flag for flag in (*kept, *(flag.moved(self.new_path) for flag in new)) if flag]

    def _is_settled(self, flag: Flag) -> bool:
        """Whether a doubt names only cells outside the tables that stand on this page."""
        paths = [path for path in flag.paths if "." not in path and path not in self._pages]
        return bool(flag.paths) and len(paths) == len(flag.paths) and all(
            self._old.evidence.get(path) and self._page_of(path) == self._page for path in paths
        )  # fmt: skip


def _unclear(line: str, index: int, page: int) -> Flag:
    return Flag(code="row_of_page", severity=Severity.WARNING, paths=(f"{line}.{index}",),
                parameters={"page": str(page + 1)})  # fmt: skip


def _pages_of(reading: Reading, line: str, page: int) -> list[int | None]:
    """Return the page of each row: that of its evidence, else of the rows around it; None where it may be `page`."""
    rows = reading.values.get(line) or []
    known: list[int | None] = []
    for at in range(len(rows)):
        places = (items for path, items in reading.evidence.items() if path.startswith(f"{line}.{at}."))
        pages = Counter(item.page for items in places for item in items)
        known.append(pages.most_common(1)[0][0] if pages else None)
    numbers = [one.page for one in reading.pages] or [0, page]
    found: list[int | None] = []
    for at, number in enumerate(known):
        low = next((each for each in reversed(known[: at + 1]) if each is not None), min(numbers))
        high = next((each for each in known[at:] if each is not None), max(numbers))
        found.append(number if number is not None else low if low == high or not low <= page <= high else None)
    return found


def _alike(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two rows print the same."""
    cells = [cell for cell in {*row, *other} if row.get(cell) is not None or other.get(cell) is not None]
    return bool(cells) and all(same_text(str(row.get(cell)), str(other.get(cell))) for cell in cells)


def readers_of(choice: Sequence[str], reader: str, page: int) -> tuple[str, ...]:
    """Return the choice of readers of a document after one page of it was read by another."""
    first, *others = choice
    return (_choice(first, reader, page), *others)


def _choice(first: str, reader: str, page: int) -> str:
    """Return the reader that gives the document, page by page; what was chosen for this page before is told no more."""
    rest = [part for part in first.split("+") if part.partition("@")[2] != str(page + 1)]
    return "+".join([f"{reader}@{page + 1}", *rest]) if rest != [reader] else reader
