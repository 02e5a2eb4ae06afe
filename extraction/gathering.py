"""The pages of a document that a person put together: from several files, from parts of pictures, in their order."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from extraction.errors import DocumentError
from extraction.loading import load
from extraction.page import LoadedFile, PageImage
from extraction.slips import Slips
from schemas.layout import BoundingBox, TextLine
from settings import Limits


@dataclass(frozen=True)
class Piece:
    """A page of a file, or all of them."""

    data: bytes
    name: str
    part: int = 1
    """Which of the documents on a picture, from 1."""
    page: int | None = None
    """From 0; None is every page."""
    box: BoundingBox | None = None
    """The part of the upright page that belongs to the document; None is all of it."""


@dataclass(frozen=True)
class Gathered:
    """The pages of all pieces, numbered through."""

    loaded: LoadedFile
    pages: tuple[PageImage, ...]
    is_doubtful: bool
    """Whether a page seems to hold several documents."""


def gather(pieces: Sequence[Piece], limits: Limits, cut: Callable[[PageImage], Slips]) -> Gathered:
    """Return the pages of a document, each upright and cut out as when its file is read by itself.

    DocumentError where a file cannot be loaded, or a picture has no such part.
    """
    files: dict[bytes, LoadedFile] = {}
    pages: list[PageImage] = []
    failures: dict[int, DocumentError] = {}
    is_doubtful = False
    for piece in pieces:
        loaded = files.get(piece.data) or files.setdefault(piece.data, load(piece.data, piece.name, limits))
        known = {page.number: page for page in loaded.pages}
        for number in range(loaded.page_count) if piece.page is None else [piece.page]:
            at = len(pages) + len(failures)
            if number not in known:
                failures[at] = loaded.failures.get(number, DocumentError("page_not_found", page=number + 1))
                continue
            page, doubt = _paper(known[number], cut, piece.part if loaded.page_count == 1 else None)
            is_doubtful = is_doubtful or (doubt and piece.box is None)
            pages.append(_numbered(page if piece.box is None else cropped(page, piece.box), at))
    if not pages:
        raise failures[min(failures)]
    first = pieces[0]
    whole = LoadedFile(first.name, hashlib.sha256(first.data).hexdigest(), files[first.data].media_type, tuple(pages),
                       failures)  # fmt: skip
    return Gathered(whole, tuple(pages), is_doubtful)


def _paper(page: PageImage, cut: Callable[[PageImage], Slips], part: int | None) -> tuple[PageImage, bool]:
    """Return a page as its document has it; `part` where it is the only one of its file and may hold several."""
    slips = cut(page)
    if part is None:
        return (slips.pages[0] if len(slips.pages) == 1 else page), slips.is_doubtful or len(slips.pages) > 1
    if part > len(slips.pages):
        raise DocumentError("part_not_found", part=part, parts=len(slips.pages))
    return slips.pages[part - 1], slips.is_doubtful


def cropped(page: PageImage, box: BoundingBox) -> PageImage:
    """Return a part of a page; lines of its text layer are kept where their middle is inside."""
    width, height = page.image.size
    edges = (round(box.left * width), round(box.top * height), round(box.right * width), round(box.bottom * height))
    lines = [line for line in page.text_layer if holds(box, line.box)]
    return replace(page, image=page.image.crop(edges), text_layer=tuple(_moved(line, box) for line in lines))


def holds(box: BoundingBox, other: BoundingBox) -> bool:
    """Whether the middle of the other lies in a box."""
    across, down = other.center
    return box.left <= across < box.right and box.top <= down < box.bottom


def _moved(line: TextLine, box: BoundingBox) -> TextLine:
    def point(across: float, down: float) -> tuple[float, float]:
        return (across - box.left) / box.width, (down - box.top) / box.height

    def moved(inner: BoundingBox) -> BoundingBox:
        return BoundingBox(*point(inner.left, inner.top), *point(inner.right, inner.bottom))

    return line.model_copy(update={
        "box": moved(line.box), "corners": tuple(point(*corner) for corner in line.corners),
        "characters": tuple(moved(character) for character in line.characters),
    })  # fmt: skip


def _numbered(page: PageImage, number: int) -> PageImage:
    if page.number == number:
        return page
    lines = tuple(line.model_copy(update={"page": number}) for line in page.text_layer)
    return replace(page, number=number, text_layer=lines)
