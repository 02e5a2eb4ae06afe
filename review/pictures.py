"""A page in the size that a screen needs at once; the whole of it comes when somebody looks closer."""

import io

from PIL import Image, ImageOps

SMALL = 1400
"""Longest side of the first picture: all that the viewer shows at the width of the page on a usual screen."""
WHOLE = 0
"""Stands for the picture as it is kept."""
_QUALITY = 82


def scaled(picture: bytes, side: int) -> bytes:
    """Return a picture as an upright JPEG no larger than `side`; OSError or ValueError where it is no picture."""
    try:
        with Image.open(io.BytesIO(picture)) as image:
            image.draft("RGB", (side, side))  # a JPEG is decoded at a fraction of its size: a third of the time
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (Image.DecompressionBombError, SyntaxError) as error:
        raise ValueError from error
    upright.thumbnail((side, side), reducing_gap=2.0)
    buffer = io.BytesIO()
    upright.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
