"""A page, or a band of one, as it is shown to a model."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from PIL import Image

from extraction.readers.attempts import Room
from extraction.readers.picture import Prepared, prepare
from extraction.readers.profiles import Picture
from schemas.layout import TextLine

_MARGIN = 0.02  # of the side, around the lines of a cropped picture
_SMALLER = 0.94  # other patches, so that a loop is not met again


class View:
    """Pictures are made once for each room, so that all questions about them hit the server's prefix cache."""

    def __init__(
        self, page: int, image: Image.Image, lines: Callable[[], Sequence[TextLine]], picture: Picture, *,
        is_band: bool = False,
    ) -> None:  # fmt: skip
        """Take the part; `lines` gives its OCR lines, in fractions of the whole page, and may have to wait for them."""
        self.page = page
        self.image = image
        self._look = lines
        self._picture = picture
        self._is_band = is_band
        self._prepared: dict[tuple[int | None, bool], Prepared] = {}

    @cached_property
    def lines(self) -> Sequence[TextLine]:
        """The OCR lines."""
        return self._look()

    def prepared(self, room: Room) -> Prepared:
        """Return the picture as it is sent."""
        key = (room.picture_tokens, room.is_cropped)
        if key not in self._prepared:
            image, picture = self.image, self._picture
            if room.is_cropped:
                image = self._cropped
                side = round(min(picture.long_side, max(image.size)) * _SMALLER)
                picture = picture.model_copy(update={"long_side": side})
            self._prepared[key] = prepare(image, picture, room.picture_tokens)
        return self._prepared[key]

    def tokens(self, room: Room) -> int | None:
        """Return the tokens of the picture."""
        return self.prepared(room).tokens

    def messages(self, room: Room, text: str) -> list[dict[str, Any]]:
        """Return a question about the picture; it stands first: text before it would end the common prefix."""
        picture = {"type": "image_url", "image_url": {"url": self.prepared(room).data_url}}
        return [{"role": "user", "content": [picture, {"type": "text", "text": text}]}]

    @cached_property
    def _cropped(self) -> Image.Image:
        """The part without the empty edges; without lines nobody knows where those are, and a band has its cuts."""
        if not self.lines or self._is_band:
            return self.image
        box = self.lines[0].box
        for line in self.lines[1:]:
            box = box.union(line.box)
        width, height = self.image.size
        return self.image.crop((
            max(0, int((box.left - _MARGIN) * width)), max(0, int((box.top - _MARGIN) * height)),
            min(width, int((box.right + _MARGIN) * width) + 1), min(height, int((box.bottom + _MARGIN) * height) + 1),
        ))  # fmt: skip
