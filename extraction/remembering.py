"""An engine that reads each page once for all readers, packed pages too."""

from PIL import Image

from extraction.ocr import RememberingEngine
from extraction.packing import packed_of
from schemas.layout import TextLine


class PageEngine(RememberingEngine):
    """Keeps what it reads of a packed page with the page: its picture is another object at each look."""

    def read(self, image: Image.Image, page: int = 0, *, red_channel: bool = True) -> list[TextLine]:
        """Return every line, as before where the page is the same."""
        packed = packed_of(image)
        if packed is None:
            return super().read(image, page, red_channel=red_channel)
        key = (page, red_channel)
        if key not in packed.lines:
            packed.lines[key] = super().read(image, page, red_channel=red_channel)
        return list(packed.lines[key])
