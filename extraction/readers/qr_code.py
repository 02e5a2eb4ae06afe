"""Finds the QR codes and the Code 39 of an e-invoice on a page, as bytes with their boxes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from extraction.readers.e_invoice import RIGHT_MARK, Barcode, EInvoice, EInvoiceError, parse_barcode, parse_e_invoice
from schemas.layout import BoundingBox

_Grey = NDArray[np.uint8]
_MOST_PIXELS = 6_000_000
"""An enlarged page has no more: a slip alone is far below, and a whole page at × 3 would take seconds."""
_FORMATS = zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code39


@dataclass(frozen=True)
class Code:
    """One code on a page; the bytes are exact where a decoded text would guess the encoding."""

    kind: Literal["qr", "code39"]
    data: bytes
    box: BoundingBox


@dataclass(frozen=True)
class Slip:
    """What the codes of one e-invoice say, and where they stand."""

    invoice: EInvoice
    box: BoundingBox
    barcode: Barcode | None = None
    has_right_code: bool = False
    others: tuple[str, ...] = ()
    """Numbers of further e-invoices on the same page."""


def find_codes(image: Image.Image, *, thorough: bool = True) -> list[Code]:
    """Return the codes of a page; the treatments (measured order) stop when both QR codes are there."""
    grey = np.asarray(image.convert("L"))
    found: dict[bytes, Code] = {}
    for treated, scale, top in _treatments(grey) if thorough else [(grey, 1.0, 0)]:
        for code in _decode(treated, scale, top, grey.shape):
            found.setdefault(code.data, code)
        if _has_pair(list(found.values())):
            break
    return list(found.values())


def read_slip(codes: Sequence[Code]) -> Slip | None:
    """Return the first e-invoice among the codes of a page, or None where no left code is among them."""
    lefts = []
    for code in codes:
        if code.kind == "qr" and not code.data.startswith(RIGHT_MARK):
            try:
                lefts.append((code, parse_e_invoice(code.data)))
            except EInvoiceError:
                continue
    if not lefts:
        return None
    left = lefts[0][0]
    right = _nearest_right(left, codes)
    invoice = parse_e_invoice(left.data, right.data if right else None)
    others = tuple(other.number for _, other in lefts[1:] if other.number != invoice.number)
    return Slip(
        invoice,
        left.box.union(right.box) if right else left.box,
        _barcode_of(invoice, codes),
        right is not None,
        others,
    )


def _nearest_right(left: Code, codes: Sequence[Code]) -> Code | None:
    rights = [code for code in codes if code.kind == "qr" and code.data.startswith(RIGHT_MARK)]
    x, y = left.box.center
    return min(rights, key=lambda c: abs(c.box.center[0] - x) + abs(c.box.center[1] - y), default=None)


def _barcode_of(invoice: EInvoice, codes: Sequence[Code]) -> Barcode | None:
    """Return the Code 39 that belongs to the invoice, or the only one there is: a difference must be seen."""
    found = []
    for code in codes:
        if code.kind == "code39":
            try:
                found.append(parse_barcode(code.data.decode("ascii", "replace")))
            except EInvoiceError:
                continue
    same = [barcode for barcode in found if barcode.number == invoice.number]
    return next(iter(same or found), None)


def _treatments(grey: _Grey) -> Iterator[tuple[_Grey, float, int]]:
    """Yield the picture as it is, then made clearer, with its scale and the row it begins at."""
    yield grey, 1.0, 0
    if min(grey.shape) > 64:
        yield _binarised(grey, max(grey.shape[1] // 20 | 1, 15), 10), 1.0, 0
        yield _binarised(grey, 25, 15), 1.0, 0
    middle = grey.shape[0] // 2
    for part, top, factor, blur in ((grey[middle:], middle, 2.0, 0.0), (grey, 0, 2.0, 1.5), (grey, 0, 3.0, 0.0)):
        scale = min(factor, (_MOST_PIXELS / max(part.size, 1)) ** 0.5)
        if scale > 1.2:
            enlarged = _enlarged(part, scale)
            yield (_blurred(enlarged, blur) if blur else enlarged), scale, top


def _binarised(grey: _Grey, block: int, offset: int) -> _Grey:
    mode, kind = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY
    return np.asarray(cv2.adaptiveThreshold(grey, 255, mode, kind, block, offset), np.uint8)


def _blurred(grey: _Grey, sigma: float) -> _Grey:
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma), np.uint8)


def _enlarged(grey: _Grey, scale: float) -> _Grey:
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)


def _decode(grey: _Grey, scale: float, top: int, size: tuple[int, ...]) -> Iterator[Code]:
    for result in zxingcpp.read_barcodes(np.ascontiguousarray(grey), formats=list(_FORMATS)):
        position = result.position
        corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
        xs = [corner.x / scale / size[1] for corner in corners]
        ys = [(corner.y / scale + top) / size[0] for corner in corners]
        kind: Literal["qr", "code39"] = "qr" if result.format == zxingcpp.BarcodeFormat.QRCode else "code39"
        yield Code(kind, bytes(result.bytes), BoundingBox(min(xs), min(ys), max(xs), max(ys)))


def _has_pair(codes: Sequence[Code]) -> bool:
    slip = read_slip(codes)
    return slip is not None and slip.has_right_code
