"""What was read of a part of a document, and parts joined: bands to a page, pages to a document."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from extraction.errors import ReaderError
from extraction.readers.bands import join_bands
from extraction.readers.joining import join_pages
from schemas.document import Document
from schemas.result import Flag


@dataclass
class Piece:
    """Values of a band, a page or a document, with the paths that are in doubt."""

    values: dict[str, Any]
    low: set[str] = field(default_factory=set)
    """Cells that hold an unlikely token."""
    not_read: set[str] = field(default_factory=set)
    """Cells that the answer leaves out."""
    flags: list[Flag] = field(default_factory=list)


class JoinedParts:
    """The bands of a page on their way to one piece; one that failed leaves a gap and a doubt, not a failed page."""

    def __init__(self) -> None:
        """Begin without any."""
        self._pieces: list[Piece] = []
        self._overlaps: list[int] = []
        self._doubts: list[Flag] = []
        self._first_error: ReaderError | None = None
        self._is_joined_to_last = True

    def add(self, piece: Piece, overlap: int) -> None:
        """Add a band with so many rows in common with the one before."""
        self._pieces.append(piece)
        self._overlaps.append(overlap if self._is_joined_to_last else 0)
        self._is_joined_to_last = True

    def add_failed(self, error: ReaderError, saved: Piece | None, overlap: int, doubt: Flag) -> None:
        """Note a band that could not be read to its end, with what is whole of it."""
        self._doubts.append(doubt)
        self._first_error = self._first_error or error
        if saved is not None:
            self.add(saved, overlap)
        self._is_joined_to_last = False  # the row in common stood at the end of what is missing

    def joined(self) -> Piece:
        """Return the page; the first failure where no band gave anything."""
        if not self._pieces and self._first_error is not None:
            raise self._first_error
        if len(self._pieces) == 1:
            joined = self._pieces[0]
        else:
            joined = _together(self._pieces, join_bands([piece.values for piece in self._pieces], self._overlaps))
            joined.not_read = {path for path in joined.not_read if _is_empty(joined.values, path)}
        joined.flags += self._doubts
        return joined


def joined_pages(pages: Sequence[tuple[int, Piece]], model: type[Document], reader: str) -> Piece:
    """Return the pages of a document as one, with flags where they differ."""
    values, flags = join_pages([(number, piece.values) for number, piece in pages], model, reader)
    joined = _together([piece for _, piece in pages], values)
    joined.not_read = {path for path in joined.not_read if _is_empty(values, path)}
    joined.flags += flags
    return joined


def _together(pieces: Sequence[Piece], values: dict[str, Any]) -> Piece:
    joined = Piece(values)
    starts: dict[str, int] = {}
    for piece in pieces:
        moves = {
            name: _places(rows, values.get(name) or [], starts.get(name, 0))
            for name, rows in piece.values.items()
            if isinstance(rows, list)
        }
        joined.low |= _moved(piece.low, moves)
        joined.not_read |= _moved(piece.not_read, moves)
        joined.flags += [_moved_flag(flag, moves) for flag in piece.flags]
        starts |= {name: max(places.values(), default=-1) + 1 for name, places in moves.items() if places}
    return joined


def _places(rows: Sequence[Mapping[str, Any]], among: Sequence[Mapping[str, Any]], start: int) -> dict[int, int]:
    """Return where each row is found in the joined list; one that was merged with another has no place."""
    places = {}
    upcoming = start
    for index, row in enumerate(rows):
        found = next((place for place in range(upcoming, len(among)) if among[place] == row), None)
        if found is not None:
            places[index], upcoming = found, found + 1
    return places


def _moved(paths: Iterable[str], moves: Mapping[str, Mapping[int, int]]) -> set[str]:
    moved = set()
    for path in paths:
        name, *rest = path.split(".")
        if not rest:
            moved.add(path)
        elif (place := moves.get(name, {}).get(int(rest[0]))) is not None:
            moved.add(f"{name}.{place}.{rest[1]}")
    return moved


def _moved_flag(flag: Flag, moves: Mapping[str, Mapping[int, int]]) -> Flag:
    """Return the flag at its new places; of a row that is no longer by itself, at the list."""
    paths = dict.fromkeys(next(iter(_moved([path], moves)), path.split(".")[0]) for path in flag.paths)
    suggestions = [
        suggestion.model_copy(update={"path": place})
        for suggestion in flag.suggestions
        for place in _moved([suggestion.path], moves)
    ]
    return flag.model_copy(update={"paths": tuple(paths), "suggestions": tuple(suggestions)})


def _is_empty(values: Mapping[str, Any], path: str) -> bool:
    name, *rest = path.split(".")
    return (values[name][int(rest[0])].get(rest[1]) if rest else values.get(name)) is None
