"""Picture bytes → upright RGB images on white, with the size checked before anything is decoded."""

import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from pillow_heif import HeifImageFile

from extraction.errors import DocumentError, DocumentTooLargeError, EmptyFileError, UnreadableImageError
from extraction.formats import FileFormat, is_cut_short, webp_size
from settings import Limits

PAGE_PIXELS = 16_000_000
"""Pixels of a page image. OCR finds lines on 960 pixels and reads each at a height of 48: of 4000 x 4000 pixels the
smallest line it can find (8 of 960) is still 33 high, so more would be thrown away. A long slip keeps its width."""
FILE_PIXELS = 160_000_000
"""Pixels of all pages of a file together (Pillow keeps 4 bytes for each: 640 MB); beyond it pages become smaller."""
SMALLEST_PAGE_PIXELS = 2_200_000
"""However many pages: A4 at 150 dpi, the least at which 10-point print is safely read."""
_SMALLEST_SIDE = 48  # the height at which OCR reads one line: smaller than this there is no line to read

# The plugins are used directly, not through Image.open: that one guesses the format anew, and its own bomb check
# warns or raises at sizes that are not our limits.
_DECODERS: dict[FileFormat, type[ImageFile.ImageFile]] = {
    FileFormat.JPEG: JpegImagePlugin.JpegImageFile,
    FileFormat.PNG: PngImagePlugin.PngImageFile,
    FileFormat.WEBP: WebPImagePlugin.WebPImageFile,
    FileFormat.BMP: BmpImagePlugin.BmpImageFile,
    FileFormat.GIF: GifImagePlugin.GifImageFile,
    FileFormat.TIFF: TiffImagePlugin.TiffImageFile,
    FileFormat.HEIF: HeifImageFile,
    FileFormat.AVIF: AvifImagePlugin.AvifImageFile,  # pillow-heif's wheel decodes no AV1
}
# What Pillow, its plugins and pillow-heif raise on damaged files (found by fuzzing; RuntimeError covers recursion,
# ValueError covers Unicode, OSError covers Image.UnidentifiedImageError).
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, EOFError, LookupError, AttributeError, ArithmeticError,
           RuntimeError, AssertionError, struct.error, zlib.error)  # fmt: skip
_ORIENTATION, _SUBFILE_KIND, _PHOTOMETRIC = 0x0112, 254, 262
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_quiet = threading.Lock()


def page_pixels(pages: int) -> int:
    """Return how many pixels each of so many pages may keep."""
    return min(PAGE_PIXELS, max(FILE_PIXELS // max(pages, 1), SMALLEST_PAGE_PIXELS))


def check_size(size: tuple[int, int], limits: Limits) -> None:
    """Refuse a page that is too small to hold text or over the limits."""
    width, height = size
    if min(size) < _SMALLEST_SIDE:
        raise UnreadableImageError("image_too_small", width=width, height=height, needed=_SMALLEST_SIDE)
    if max(size) > limits.side:
        raise DocumentTooLargeError("too_long_side", found=max(size), allowed=limits.side)
    if width * height > limits.pixels:
        raise DocumentTooLargeError(
            "too_many_pixels", found=f"{width * height / 1e6:.0f}", allowed=f"{limits.pixels / 1e6:.0f}"
        )


def decode(data: bytes, found: FileFormat, limits: Limits) -> Iterator[Image.Image | DocumentError]:
    """Yield the pages of a picture file: one, or those of a TIFF, each an image or why there is none."""
    with _translated(data, found):
        if found is FileFormat.WEBP and len(data) > 30:
            check_size(webp_size(data), limits)
        picture = _DECODERS[found](io.BytesIO(data))
        if found is not FileFormat.TIFF:
            page = _page(picture, limits, PAGE_PIXELS)
            if found is FileFormat.JPEG and _is_filled_up(data, picture):
                raise UnreadableImageError("truncated_file")
            yield page
            return
        frames = _tiff_pages(picture, limits)
    for frame in frames:
        try:
            with _translated(data, found):
                picture.seek(frame)
                page = _page(picture, limits, page_pixels(len(frames)))
        except DocumentError as error:
            yield error
        else:
            yield page


@contextmanager
def _translated(data: bytes, found: FileFormat) -> Iterator[None]:
    """Turn what the decoders raise into our errors, and keep their warnings from the user.

    One at a time: Python's warning filters belong to the whole process, not to a thread.
    """
    with _quiet, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except MemoryError as error:
            raise DocumentTooLargeError("out_of_memory") from error
        except _DAMAGE as error:
            cut = "truncated" in str(error).lower() or is_cut_short(data, found)
            raise UnreadableImageError("truncated_file" if cut else "unreadable_image") from error


def _tiff_pages(picture: ImageFile.ImageFile, limits: Limits) -> list[int]:
    """Return the frames that are pages: previews and masks that scanners and editors add are none."""
    pages, frame = [], 0
    while True:
        try:
            picture.seek(frame)
        except EOFError:
            break
        tags = getattr(picture, "tag_v2", {})
        if not int(tags.get(_SUBFILE_KIND, 0)) & 0b101:
            pages.append(frame)
        if len(pages) > limits.pages:
            raise DocumentTooLargeError("too_many_pages", found=f"> {limits.pages}", allowed=limits.pages)
        frame += 1
    if not pages:
        if not frame:
            raise EmptyFileError
        pages = [0]
    return pages


def _page(picture: ImageFile.ImageFile, limits: Limits, most: int) -> Image.Image:
    check_size(picture.size, limits)
    if picture.format == "JPEG":  # libjpeg decodes at a half, a quarter …: a 100-megapixel photo in a quarter of memory
        picture.draft("RGB", _fitting(picture.size, round(0.7 * most)))  # 48 megapixels: by a half, to 12
    picture.load()
    upright = _TURNS.get(_orientation(picture))
    image = shrunk(_eight_bit(picture), most)
    image = _on_white(image)
    if upright is not None:
        image = image.transpose(upright)
    return bare(image)


def bare(image: Image.Image) -> Image.Image:
    """Return the pixels alone: no EXIF, no position, no profile, no file behind."""
    pixels = Image.new("RGB", image.size)
    pixels.paste(image)
    return pixels


def _is_filled_up(data: bytes, picture: ImageFile.ImageFile) -> bool:
    """Whether a JPEG's end mark comes before its picture is whole: the decoder then fills up with grey and is silent.

    A grey last pixel alone may be printed there. So bytes are slipped in before the end mark: a whole picture does
    not change by them, one that lacks data takes them for its own.
    """
    last = picture.getpixel((picture.width - 1, picture.height - 1))
    bands = last if isinstance(last, tuple) else (last,)
    if any(band is None or abs(band - 128) > 2 for band in bands):
        return False
    end = data.rfind(b"\xff\xd9")
    padded = data[:end] + b"\x35\x9a" * 4096 + data[end:]
    small = [_smallest(version) for version in (data, padded)]
    return small[0] != small[1]


def _smallest(data: bytes) -> bytes:
    picture = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    picture.draft("RGB", (1, 1))
    return picture.tobytes()


def _orientation(picture: ImageFile.ImageFile) -> int:
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except _DAMAGE:  # damaged EXIF says nothing about the picture, which may be whole
        return 1
    return value if isinstance(value, int) else 1


def _fitting(size: tuple[int, int], most: int) -> tuple[int, int]:
    scale = min(1.0, (most / (size[0] * size[1])) ** 0.5)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrunk(image: Image.Image, most: int) -> Image.Image:
    """Return the image with at most so many pixels, its proportions kept."""
    target = _fitting(image.size, most)
    return image if target == image.size else image.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _eight_bit(picture: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be resized, of 8 bits a channel."""
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        return _deep_grey(picture)
    if picture.mode == "LAB":  # Pillow converts it by colour profiles only; lightness is what print is
        return picture.getchannel("L")
    if picture.mode in ("RGBA", "LA", "CMYK", "RGB", "L") and "transparency" not in picture.info:
        return picture
    if picture.mode == "1":
        return picture.convert("L")
    clear = picture.mode in ("PA", "La", "RGBa", "RGBA", "LA") or "transparency" in picture.info
    return picture.convert("RGBA" if clear else "RGB")


def _deep_grey(picture: Image.Image) -> Image.Image:
    values = np.asarray(picture)
    if values.dtype == np.uint16:  # by table: 120 megapixels as floats would be half a gigabyte
        table = np.clip(np.arange(65536) * (255.0 / _white(float(values.max()))), 0, 255).astype(np.uint8)
        image = Image.fromarray(table[values])
    else:
        values = np.nan_to_num(values.astype(np.float32), nan=np.inf, posinf=np.inf, neginf=0)
        finite = values[np.isfinite(values)]
        white = _white(float(finite.max()) if finite.size else 1.0, is_float=picture.mode == "F")
        image = Image.fromarray((np.clip(values, 0, white) * (255.0 / white)).astype(np.uint8))
    inverted = getattr(picture, "tag_v2", {}).get(_PHOTOMETRIC) == 0  # white is zero; Pillow minds it up to 8 bits only
    return ImageOps.invert(image) if inverted else image


def _white(highest: float, *, is_float: bool = False) -> float:
    """Return the value of white by the depth really used: 10 to 14 bits travel in 16; floats run to 1 or a depth."""
    depths = (*((1.0,) if is_float else ()), 255.0, 1023.0, 4095.0, 16383.0, 65535.0)
    return next((top for top in depths if highest <= top), highest)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode not in ("RGBA", "LA"):
        return image.convert("RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return white
