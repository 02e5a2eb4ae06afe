"""What a file is by its first bytes, never by its name, and whether its end is there."""

import re
import struct
from enum import StrEnum

_PDF_HEAD = 1024  # readers accept a PDF whose header comes after some junk of up to a kilobyte (mail gateways add it)
_TAIL = 4096
_TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_STRIP_OFFSETS, _STRIP_BYTES = 273, 279


class FileFormat(StrEnum):
    """The formats that are read, by media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    BMP = "image/bmp"
    GIF = "image/gif"
    TIFF = "image/tiff"
    HEIF = "image/heif"
    AVIF = "image/avif"
    PDF = "application/pdf"


_MAGIC = (
    (b"\xff\xd8\xff", FileFormat.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileFormat.PNG),
    (b"GIF87a", FileFormat.GIF),
    (b"GIF89a", FileFormat.GIF),
    (b"II*\x00", FileFormat.TIFF),
    (b"MM\x00*", FileFormat.TIFF),
    (b"II+\x00", FileFormat.TIFF),
    (b"MM\x00+", FileFormat.TIFF),
    (b"%PDF-", FileFormat.PDF),
)
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"msf1"}


def format_of(data: bytes) -> FileFormat | None:
    """Return the format by content; None where it is none that is read."""
    for magic, found in _MAGIC:
        if data.startswith(magic):
            return found
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return FileFormat.WEBP
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0":  # two letters alone would claim many a text file
        return FileFormat.BMP
    if data[4:8] == b"ftyp":
        return _isobmff_format(data)
    return FileFormat.PDF if b"%PDF-" in data[:_PDF_HEAD] else None


def _isobmff_format(data: bytes) -> FileFormat | None:
    size = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12]} | {data[at : at + 4] for at in range(16, size, 4)}
    if brands & {b"avif", b"avis"}:  # before mif1, which an AVIF names too
        return FileFormat.AVIF
    return FileFormat.HEIF if brands & _HEIF_BRANDS else None


def is_cut_short(data: bytes, found: FileFormat) -> bool:
    """Whether the end that the format demands is missing: tells a half-copied file from a damaged one."""
    match found:
        case FileFormat.JPEG:
            return b"\xff\xd9" not in data[-_TAIL:]
        case FileFormat.PNG:
            return b"IEND" not in data[-_TAIL:]
        case FileFormat.GIF:
            return b"\x3b" not in data[-64:]
        case FileFormat.WEBP:
            return int.from_bytes(data[4:8], "little") + 8 > len(data)
        case FileFormat.BMP:
            return int.from_bytes(data[2:6], "little") > len(data)
        case FileFormat.HEIF | FileFormat.AVIF:
            return _boxes_end(data) > len(data)
        case FileFormat.PDF:
            return _pdf_is_cut_short(data)
        case FileFormat.TIFF:
            return _tiff_is_cut_short(data)


def _boxes_end(data: bytes) -> int:
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:  # 0: up to the end of the file
            break
        at += size
    return at


def _tiff_is_cut_short(data: bytes) -> bool:
    """Whether the first directory, or a value or strip it points to, lies beyond the end."""
    order = "<" if data[:2] == b"II" else ">"
    try:
        (at,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, at)
        entries = [struct.unpack_from(order + "HHII", data, at + 2 + 12 * entry) for entry in range(count)]
    except struct.error:
        return True
    ends = [value + _TIFF_SIZES.get(kind, 1) * length for _, kind, length, value in entries
            if _TIFF_SIZES.get(kind, 1) * length > 4]  # fmt: skip
    single = {tag: value for tag, _, length, value in entries if length == 1}
    if _STRIP_OFFSETS in single and _STRIP_BYTES in single:
        ends.append(single[_STRIP_OFFSETS] + single[_STRIP_BYTES])
    return max(ends, default=0) > len(data)


def _pdf_is_cut_short(data: bytes) -> bool:
    """Whether objects follow the last cross-reference address, or there is none.

    The usual test, `%%EOF` near the end, passes a linearized file cut anywhere (its first part has an end mark too)
    and fails a whole one with a mail footer after it.
    """
    end = max((found.end() for found in re.finditer(rb"startxref\s+\d+", data)), default=0)
    return not end or re.search(rb"\d\s+\d+\s+obj\b", data[end:]) is not None


def webp_size(data: bytes) -> tuple[int, int]:
    """Return width and height from the header alone: Pillow allocates the canvas as soon as it opens the file."""
    chunk = data[12:16]
    if chunk == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
