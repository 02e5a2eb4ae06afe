"""A page image, and what was loaded from a file: the hand-over between loading and the readers."""

from dataclasses import dataclass, field, replace

from extraction.errors import DocumentError
from extraction.packing import Packed, PackedField
from schemas.layout import TextLine


@dataclass(frozen=True)
class PageImage:
    """One upright raster page."""

    number: int
    """From 0, in the order of the file."""
    image: PackedField = PackedField()  # noqa: RUF009 - a descriptor, not a default
    """RGB, upright, transparent parts on white; of a long file it is unpacked at each look."""
    text_layer: tuple[TextLine, ...] = ()
    """Lines of a born-digital PDF page, in fractions of `image`; empty where the page must be read by OCR."""
    rotation: int = 0
    """Degrees clockwise by which the page was turned to stand upright (beyond EXIF)."""

    def packed(self) -> "PageImage":
        """Return the same page with its picture packed."""
        return replace(self, image=Packed(self.image))


@dataclass(frozen=True)
class LoadedFile:
    """What a file holds. A page that cannot be decoded costs only itself and stands in `failures`."""

    name: str
    sha256: str
    media_type: str
    pages: tuple[PageImage, ...]
    failures: dict[int, DocumentError] = field(default_factory=dict)

    @property
    def page_count(self) -> int:
        """Pages in the file, the failed ones included."""
        return len(self.pages) + len(self.failures)
