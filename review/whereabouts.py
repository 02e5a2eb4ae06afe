"""Where the rows and cells of documents are in others that were put together from their pages."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from review.corrections import Cell, cell_at
from schemas.result import Evidence, Extraction

Match = Callable[[Sequence[Any], Sequence[Any]], dict[int, int]]
"""Pairs the rows of one list with those of another that are the same."""
_UNKNOWN, _OUTSIDE = -1, -2


@dataclass(frozen=True)
class Move:
    """How the pages of one reading are found in another."""

    kind: Literal["again", "split", "join"]
    where: Callable[[Evidence], int | None]
    """Tells the page of the new reading on which a place of the old one is; None where it is on none."""


class Whereabouts:
    """What became of each row and cell."""

    def __init__(self, old: Extraction, new: Extraction, move: Move) -> None:
        """Take both readings as the machine made them."""
        self._old, self._new, self._move = old, new, move

    def same_rows(self, line: str, match: Match) -> dict[int, int]:
        """Return the rows that are the same, matched page by page; rows of unknown page with what is left."""
        olds, news = getattr(self._old.document, line), getattr(self._new.document, line)
        here, there = (
            self._pages(self._old, line, self._move.where),
            self._pages(self._new, line, lambda item: item.page),
        )
        found: dict[int, int] = {}
        for page in {page for page in here if page >= 0}:
            found |= _matched(olds, news, [at for at, each in enumerate(here) if each == page],
                              [at for at, each in enumerate(there) if each == page], match)  # fmt: skip
        left = [at for at, page in enumerate(here) if page != _OUTSIDE and at not in found]
        taken = set(found.values())
        other = [at for at in range(len(news)) if at not in taken and (there[at] == _UNKNOWN or _UNKNOWN in here)]
        return found | _matched(olds, news, left, other, match)

    def outside(self, line: str) -> set[int]:
        """Return the old rows that stand on pages which the new document does not have."""
        pages = self._pages(self._old, line, self._move.where)
        return {at for at, page in enumerate(pages) if page == _OUTSIDE}

    def scalar(self, path: str, typed: Cell) -> Literal["apply", "skip", "lose"]:
        """Return what is to be done with a value that was typed for a cell outside the tables.

        It belongs where the same was read, or to the page that the old cell stood on. A field that was blank belongs
        to the whole document: where that was split, nobody can tell to which part.
        """
        now, before = cell_at(self._new, path), cell_at(self._old, path)
        if self._move.kind == "again" or now == typed or (now == before and now.value is not None):
            return "apply"
        pages = {self._move.where(item) for item in self._old.evidence.get(path, ())}
        new_pages = {item.page for item in self._new.evidence.get(path, ())}
        if pages:
            inside = pages - {None}
            return "skip" if not inside else "apply" if not new_pages or inside & new_pages else "lose"
        return "apply" if now == before and self._move.kind == "join" else "lose"

    def _pages(self, extraction: Extraction, line: str, where: Callable[[Evidence], int | None]) -> list[int]:
        """Return the page of the new document on which each row stands."""
        found = []
        for at in range(len(getattr(extraction.document, line))):
            places = (items for path, items in extraction.evidence.items() if path.startswith(f"{line}.{at}."))
            pages = Counter(where(item) for items in places for item in items)
            page = pages.most_common(1)[0][0] if pages else _UNKNOWN
            found.append(_OUTSIDE if page is None else page)
        return found


def _matched(
    olds: Sequence[Any], news: Sequence[Any], here: Sequence[int], there: Sequence[int], match: Match
) -> dict[int, int]:
    pairs = match([olds[at] for at in here], [news[at] for at in there])
    return {here[one]: there[other] for one, other in pairs.items()}
