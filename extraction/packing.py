"""Pages of a long file wait packed and are unpacked while they are read: memory does not grow with the pages."""

import io
import threading
import weakref
from typing import Any

from PIL import Image

from schemas.layout import TextLine

UNPACKED = 3
"""Pages of a file that stay as they are: a usual document is not packed at all."""
_QUALITY = 95  # with colours at full resolution: what a scan in a PDF has lost before is far more


class Packed:
    """A picture in few bytes: A4 at 150 dots an inch takes 9 MB as pixels and about 0.6 MB here."""

    def __init__(self, image: Image.Image) -> None:
        """Pack."""
        held = io.BytesIO()
        image.save(held, "JPEG", quality=_QUALITY, subsampling=0)
        self._bytes = held.getvalue()
        self._known: weakref.ref[Image.Image] | None = None
        self.lines: dict[tuple[int, bool], list[TextLine]] = {}
        """What was read of it, by page number and whether in the red channel."""

    def image(self) -> Image.Image:
        """Return the picture; for each thread the last one stays unpacked."""
        found = self._known() if self._known is not None else None
        if found is None:
            found = Image.open(io.BytesIO(self._bytes)).convert("RGB")
            vars(found)["packed"] = self
            self._known = weakref.ref(found)
        _last.image = found
        return found


_last = threading.local()


def packed_of(image: Image.Image) -> Packed | None:
    """Return what a picture was unpacked from; pictures made from it are pictures of their own."""
    found = vars(image).get("packed")
    return found if isinstance(found, Packed) else None


class PackedField:
    """A field that takes a picture as it is or packed, and always gives the picture."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Note where to keep it."""
        self._name = f"_{name}"

    def __get__(self, owner: Any, kind: type | None = None) -> Image.Image:  # noqa: ANN401 - any class may have it
        """Return the picture; the class itself has none, so that the field has no default."""
        if owner is None:
            raise AttributeError(self._name)
        found = vars(owner)[self._name]
        return found.image() if isinstance(found, Packed) else found

    def __set__(self, owner: Any, value: Image.Image | Packed) -> None:  # noqa: ANN401
        """Keep it, packed where the picture was unpacked from something."""
        vars(owner)[self._name] = value if isinstance(value, Packed) else packed_of(value) or value
