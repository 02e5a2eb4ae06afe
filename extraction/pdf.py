"""PDF bytes → page images at a resolution for OCR, with the text layer of born-digital pages."""

import ctypes
import math
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from extraction.errors import (
    DocumentError,
    DocumentTooLargeError,
    EmptyFileError,
    EncryptedPdfError,
    UnreadableImageError,
)
from extraction.formats import FileFormat, is_cut_short
from extraction.page import PageImage
from extraction.pdf_guard import refuse_bombs
from extraction.raster import bare, check_size, page_pixels
from extraction.text_layer import Character, is_trustworthy, readable, to_lines
from schemas.layout import BoundingBox
from settings import Limits

_DPI = 200  # 8-point print, the smallest on receipts, becomes 22 pixels; OCR reads safely from about 18 (notes: box 28)
_FINEST_DPI = 400  # scans keep their own resolution up to here
_SCAN_AREA = 0.4
_UNITS = 1_000_000  # pdfium maps to whole pixels only: a page of a million gives fractions to six digits
_pdfium = threading.Lock()
"""pdfium keeps global state: calls from two threads crash the process."""


def load_pages(
    data: bytes, limits: Limits, keep: Callable[[PageImage], PageImage] = lambda page: page
) -> list[PageImage | DocumentError]:
    """Return the pages in order, each an image with its trusted text layer or why there is none.

    `keep` is asked as soon as a page is drawn: a hundred of them are too many to hold.
    """
    if is_cut_short(data, FileFormat.PDF):  # pdfium would mend it and show the pages that are left as if they were all
        raise UnreadableImageError("truncated_file")
    refuse_bombs(data)
    with _pdfium:
        document = _opened(data)
        try:
            count = len(document)
            if not count:
                raise EmptyFileError
            if count > limits.pages:
                raise DocumentTooLargeError("too_many_pages", found=count, allowed=limits.pages)
            pages = (_page(document, number, limits, page_pixels(count)) for number in range(count))
            return [keep(page) if isinstance(page, PageImage) else page for page in pages]
        finally:
            document.close()


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    # pdfium sets no error for some failures and reports that of the file before; this one leaves "no PDF" behind
    pdfium.FPDF_LoadMemDocument(b"-", 1, None)
    try:
        document = pypdfium2.PdfDocument(data)
        if document.get_formtype() in (pdfium.FORMTYPE_ACRO_FORM, pdfium.FORMTYPE_XFA_FOREGROUND):
            document.init_forms()  # else filled-in fields are not drawn
    except pypdfium2.PdfiumError as error:
        if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise EncryptedPdfError from error
        if _opens(data):  # pypdfium2 refuses a document without a page as if it were damaged
            raise EmptyFileError from error
        raise UnreadableImageError from error
    return document


def _opens(data: bytes) -> bool:
    handle = pdfium.FPDF_LoadMemDocument(data, len(data), None)
    if handle:
        pdfium.FPDF_CloseDocument(handle)
    return bool(handle)


def _page(document: pypdfium2.PdfDocument, number: int, limits: Limits, most: int) -> PageImage | DocumentError:
    try:
        page = document[number]
        try:
            return _rendered(page, number, limits, most)
        finally:
            page.close()
    except DocumentError as error:
        return error
    except MemoryError as error:
        failure: DocumentError = DocumentTooLargeError("out_of_memory")
        failure.__cause__ = error
        return failure
    except (pypdfium2.PdfiumError, ValueError, OverflowError, ctypes.ArgumentError) as error:
        failure = UnreadableImageError()
        failure.__cause__ = error
        return failure


def _rendered(page: pypdfium2.PdfPage, number: int, limits: Limits, most: int) -> PageImage:
    width, height = page.get_size()
    if not (width > 0 and height > 0 and math.isfinite(width * height)):
        raise UnreadableImageError
    pictures = list(_pictures(page, limits))
    area = sum(share for share, _, _ in pictures)
    scale = _DPI / 72
    if area > _SCAN_AREA:
        scale = min(max(pictures)[1], _FINEST_DPI / 72)
        _refuse_cut_pictures(pictures)
    scale = min(scale, math.sqrt(most / (width * height)))
    check_size((math.ceil(width * scale), math.ceil(height * scale)), limits)
    bitmap = page.render(scale=scale, rev_byteorder=True, fill_color=(255, 255, 255, 255))
    image = bare(bitmap.to_pil())
    bitmap.close()
    grey = np.asarray(image.convert("L"))
    if pictures and grey.min() == grey.max() and not _any_decodes(pictures):
        raise UnreadableImageError  # a scan whose picture is damaged is drawn as an empty page
    characters = list(_characters(page))
    if not is_trustworthy(characters, area, grey):
        return PageImage(number, image)
    return PageImage(number, image, to_lines(characters, number, grey))


Picture = tuple[float, float, pypdfium2.PdfImage]
"""Share of the page, pixels per point, the object."""


def _pictures(page: pypdfium2.PdfPage, limits: Limits) -> Iterator[Picture]:
    width, height = page.get_size()
    for found in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=6):
        matrix, outer = found.get_matrix(), found.container
        while outer is not None:  # a picture in a form is placed in the form's own space
            matrix, outer = matrix.multiply(outer.get_matrix()), outer.container
        across, down = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
        pixels = found.get_px_size()
        if pixels[0] * pixels[1] > limits.pixels:
            raise DocumentTooLargeError(
                "too_many_pixels", found=f"{pixels[0] * pixels[1] / 1e6:.0f}", allowed=f"{limits.pixels / 1e6:.0f}"
            )
        if across > 0 and down > 0:
            share = min(1.0, abs(matrix.a * matrix.d - matrix.b * matrix.c) / (width * height))
            yield share, max(pixels[0] / across, pixels[1] / down), found


def _refuse_cut_pictures(pictures: list[Picture]) -> None:
    for share, _, picture in pictures:
        if share > 0.1 and list(picture.get_filters())[-1:] == ["DCTDecode"]:
            packed = bytes(picture.get_data(decode_simple=True))
            if is_cut_short(packed, FileFormat.JPEG):
                raise UnreadableImageError("truncated_file")


def _any_decodes(pictures: list[Picture]) -> bool:
    for _, _, picture in pictures:
        try:
            picture.get_bitmap()
        except pypdfium2.PdfiumError:
            continue
        return True
    return False


def _characters(page: pypdfium2.PdfPage) -> Iterator[Character]:
    text_page = page.get_textpage()
    to_fractions = _Mapping(page)
    matrix, colour = pdfium.FS_MATRIX(), [ctypes.c_uint() for _ in range(4)]
    try:
        for index in range(text_page.count_chars()):
            code = pdfium.FPDFText_GetUnicode(text_page, index)
            if pdfium.FPDFText_IsGenerated(text_page, index) == 1 or chr(code).isspace() or not code:
                continue
            if pdfium.FPDFText_IsHyphen(text_page, index) == 1:
                code = ord("-")
            pdfium.FPDFText_GetMatrix(text_page, index, matrix)
            pdfium.FPDFText_GetFillColor(text_page, index, *colour)
            mode = pdfium.FPDFTextObj_GetTextRenderMode(pdfium.FPDFText_GetTextObject(text_page, index))
            yield Character(
                text="\ufffd" if pdfium.FPDFText_HasUnicodeMapError(text_page, index) == 1 else readable(chr(code)),
                box=to_fractions.box(*text_page.get_charbox(index, loose=True)),
                is_visible=mode not in (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
                and colour[3].value > 0,
                is_upright=to_fractions.is_level(matrix.a, matrix.b),
            )
    finally:
        text_page.close()


class _Mapping:
    """From a page's own space (any origin, /Rotate, crop box) to fractions of its image."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        """Ask pdfium where three points fall."""
        left, bottom, right, top = page.get_bbox()
        self._origin, x_end, y_end = (self._ask(page, *at) for at in ((left, bottom), (right, bottom), (left, top)))
        self._corner = left, bottom
        self._x = tuple((end - start) / (right - left) for start, end in zip(self._origin, x_end, strict=True))
        self._y = tuple((end - start) / (top - bottom) for start, end in zip(self._origin, y_end, strict=True))

    @staticmethod
    def _ask(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page, 0, 0, _UNITS, _UNITS, 0, x, y, across, down)
        return across.value / _UNITS, down.value / _UNITS

    def _point(self, x: float, y: float) -> tuple[float, float]:
        x, y = x - self._corner[0], y - self._corner[1]
        return (self._origin[0] + x * self._x[0] + y * self._y[0], self._origin[1] + x * self._x[1] + y * self._y[1])

    def box(self, left: float, bottom: float, right: float, top: float) -> BoundingBox:
        """Return the rectangle of the page as a box of the image."""
        (x1, y1), (x2, y2) = self._point(left, bottom), self._point(right, top)
        return BoundingBox(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))

    def is_level(self, x: float, y: float) -> bool:
        """Whether writing in this direction of the page runs from left to right on the image."""
        across, down = x * self._x[0] + y * self._y[0], x * self._x[1] + y * self._y[1]
        return bool(across > 0 and abs(down) < 0.1 * across)
