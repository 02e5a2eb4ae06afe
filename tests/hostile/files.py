"""Hostile and odd files, made in code: each with what must come out, its pages or the code of its error."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageDraw

from tests.hostile import pdfs

Expected = int | str
"""Pages that are read, or the code of the error."""
ODD_NAMES = (
    "收據🧾.png", "line\nbreak.png", "-rf.png", "=1+1.png", "a'b\"c;d&e|f$(g).png", "%00%2e%2e.png",
    "\u202egnp.exe.png",
    " spaces .png", "x" * 251 + ".png", "no extension", ".hidden.png", "tab\there.png",
)  # fmt: skip
UNWRITABLE_NAMES = (
    "../../etc/passwd.png",
    "C:\\temp\\a.png",
    "nul\0byte.png",
    "",
    "\n",
    "長" * 300 + ".png",
    "/",
    "\ud800.png",
)
"""Names that only an upload can have."""
_ENDINGS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "BMP": "bmp", "TIFF": "tif", "HEIF": "heic",
            "AVIF": "avif"}  # fmt: skip


def picture(width: int = 300, height: int = 400, mode: str = "RGB") -> Image.Image:
    """Return a small page with some print, another corner dark in each direction."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for row in range(20, height - 30, 24):
        draw.text((20, row), f"Medicine {row * 7}  NT$ {row * 13}", fill=(20, 20, 60))
    draw.rectangle((0, 0, width // 6, height // 8), fill=(200, 30, 30))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return the image as a file."""
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def with_orientation(value: int) -> bytes:
    """Return a JPEG whose EXIF says so."""
    exif = Image.Exif()
    exif[0x0112] = value
    return saved(picture(), "JPEG", exif=exif.tobytes())


def noisy_jpeg(**options: object) -> bytes:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (400, 300, 3), np.uint8))
    return saved(Image.blend(picture(), noise, 0.3), "JPEG", quality=85, **options)


def _noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)  # noqa: S311 - the same noise in every run


def _cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def _patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def _jpeg_of_height(data: bytes, width: int, height: int) -> bytes:
    at = data.index(b"\xff\xc0") + 5
    return _patched(data, at, struct.pack(">HH", height, width))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, rows: bytes, *more: bytes, depth: int = 8, colour: int = 0) -> bytes:
    """Return a PNG that declares a size, whatever it holds."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"".join((b"\x89PNG\r\n\x1a\n", head, *more, _chunk(b"IDAT", zlib.compress(rows)), _chunk(b"IEND", b"")))


def tiff(pages: int, **options: object) -> bytes:
    first, *others = [picture() for _ in range(pages)]
    return saved(first, "TIFF", save_all=True, append_images=others, **options)


def _second_page_spoiled() -> bytes:
    data = bytearray(tiff(3, compression="tiff_adobe_deflate"))
    at = [found for found in range(len(data)) if data[found : found + 2] == b"\x78\x9c"]
    data[at[len(at) // 2] : at[len(at) // 2] + 200] = b"\xff" * 200
    return bytes(data)


def _ifd_loop() -> bytes:
    data = bytearray(saved(picture(mode="L"), "TIFF"))
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    struct.pack_into("<I", data, at + 2 + 12 * count, at)
    return bytes(data)


def _archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "text")
    return out.getvalue()


def _pictures() -> dict[str, tuple[bytes, Expected]]:
    jpeg, grey = noisy_jpeg(), picture(mode="L")
    exif_damaged = saved(picture(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    cases: dict[str, tuple[bytes, Expected]] = {
        "jpeg_plain.jpg": (jpeg, 1),
        "jpeg_cut_2_bytes.jpg": (jpeg[:-2], "truncated_file"),
        "jpeg_cut_header.jpg": (jpeg[:100], "truncated_file"),
        "jpeg_progressive_cut.jpg": (_cut(noisy_jpeg(progressive=True), 0.6), "truncated_file"),
        "jpeg_cut_but_ended.jpg": (_cut(jpeg, 0.6) + b"\xff\xd9", "truncated_file"),
        "jpeg_taller_than_data.jpg": (_jpeg_of_height(jpeg, 300, 900), "truncated_file"),
        "jpeg_declares_65535.jpg": (_jpeg_of_height(jpeg, 65535, 65535), "too_long_side"),
        "jpeg_cmyk.jpg": (saved(picture(mode="CMYK"), "JPEG"), 1),
        "jpeg_grey.jpg": (saved(grey, "JPEG"), 1),
        "jpeg_grey_field.jpg": (saved(Image.new("RGB", (200, 200), (128, 128, 128)), "JPEG"), 1),
        "jpeg_exif_damaged.jpg": (exif_damaged, 1),
        "jpeg_then_pdf.jpg": (jpeg + pdfs.paged([pdfs.RECEIPT]), 1),
        "jpeg_named_pdf.pdf": (jpeg, 1),
        "jpeg_only_start.jpg": (b"\xff\xd8\xff\xe0", "truncated_file"),
        "png_16_bit_grey.png": (saved(deep, "PNG"), 1),
        "png_16_bit_rgb.png": (png(60, 60, (b"\0" + b"\x12\x34" * 180) * 60, depth=16, colour=2), 1),
        "png_palette_clear.png": (saved(picture(mode="P"), "PNG", transparency=0), 1),
        "png_grey_alpha.png": (saved(picture(mode="LA"), "PNG"), 1),
        "png_1_bit.png": (saved(picture(mode="1"), "PNG"), 1),
        "png_animated.png": (saved(picture(), "PNG", save_all=True, append_images=[picture().rotate(90)]), 1),
        "png_no_pixels.png": (png(300, 400, b""), "truncated_file"),
        "png_huge.png": (png(2**31 - 1, 2**31 - 1, b"\0"), "too_long_side"),
        "png_many_pixels.png": (png(15_000, 15_000, b"\0"), "too_many_pixels"),
        "png_30000_wide.png": (saved(Image.new("1", (30_000, 60)), "PNG"), "too_long_side"),
        "png_zero_wide.png": (png(0, 0, b""), "unreadable_image"),
        "png_text_bomb.png": (
            png(60, 60, b"\0" * 61 * 60, _chunk(b"zTXt", b"a\0\0" + zlib.compress(b" " * 80_000_000, 9))),
            "unreadable_image",
        ),
        "png_damaged.png": (_patched(saved(picture(), "PNG"), 200, b"\xff" * 300), "unreadable_image"),
        "gif_animated.gif": (saved(picture(), "GIF", save_all=True, append_images=[grey.rotate(90)], duration=9), 1),
        "gif_huge_screen.gif": (_patched(saved(picture(), "GIF"), 6, b"\xff\xff\xff\xff"), "too_long_side"),
        "webp_animated.webp": (saved(picture(), "WEBP", save_all=True, append_images=[picture().rotate(9)]), 1),
        "webp_alpha.webp": (saved(picture(mode="RGBA"), "WEBP"), 1),
        "webp_huge_canvas.webp": (
            b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\xfe\xff\xff\xfe\xff\xff" + b"\0" * 8, "too_long_side"
        ),
        "bmp_plain.bmp": (saved(picture(), "BMP"), 1),
        "bmp_huge.bmp": (_patched(saved(picture(), "BMP"), 18, struct.pack("<ii", 2**30, 2**30)), "too_long_side"),
        "tiff_3_pages.tif": (tiff(3), 3),
        "tiff_3_pages_one_damaged.tif": (_second_page_spoiled(), 2),
        "tiff_101_pages.tif": (tiff_of(101), "too_many_pages"),
        "tiff_ifd_loop.tif": (_ifd_loop(), 1),
        "tiff_ifd_nowhere.tif": (b"II*\0\xff\xff\xff\x7f", "truncated_file"),
        "tiff_group4.tif": (saved(picture(mode="1"), "TIFF", compression="group4"), 1),
        "tiff_float.tif": (saved(Image.fromarray(np.asarray(grey, np.float32) / 255), "TIFF"), 1),
        "tiff_16_bit.tif": (saved(deep, "TIFF"), 1),
        "tiff_32_bit.tif": (saved(grey.convert("I"), "TIFF"), 1),
        "tiff_cmyk.tif": (saved(picture(mode="CMYK"), "TIFF", compression="tiff_lzw"), 1),
        "tiff_lab.tif": (saved(Image.new("LAB", (80, 80)), "TIFF"), 1),
        "heic_plain.heic": (saved(picture(), "HEIF"), 1),
        "heic_only_ftyp.heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "unreadable_image"),
        "avif_plain.avif": (saved(picture(), "AVIF"), 1),
        "one_pixel.png": (saved(Image.new("RGB", (1, 1)), "PNG"), "image_too_small"),
        "one_pixel.jpg": (saved(Image.new("RGB", (1, 1)), "JPEG"), "image_too_small"),
        "one_pixel.gif": (saved(Image.new("L", (1, 1)), "GIF"), "image_too_small"),
    }  # fmt: skip
    for kind, ending in _ENDINGS.items():
        whole = jpeg if kind == "JPEG" else saved(picture(), kind)
        for share in (0.3, 0.7, 0.97):
            cases[f"{kind.lower()}_cut_at_{share:.0%}.{ending}"] = (_cut(whole, share), "truncated_file")
    for value in (0, *range(1, 9), 9, 65535):
        cases[f"jpeg_orientation_{value}.jpg"] = (with_orientation(value), 1)
    return cases


def tiff_of(pages: int) -> bytes:
    small = Image.new("1", (64, 64), 1)
    return saved(small, "TIFF", save_all=True, append_images=[small] * (pages - 1))


def _documents() -> dict[str, tuple[bytes, Expected]]:
    page, jpeg = pdfs.paged([pdfs.RECEIPT]), noisy_jpeg()
    catalog, no_box = b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Page /Parent 2 0 R >>"
    return {
        "pdf_plain.pdf": (page, 1),
        "pdf_named_jpg.jpg": (page, 1),
        "pdf_turned.pdf": (pdfs.paged([pdfs.RECEIPT], page=b"/Rotate 90"), 1),
        "pdf_turned_oddly.pdf": (pdfs.paged([pdfs.RECEIPT], page=b"/Rotate 37"), 1),
        "pdf_password.pdf": (pdfs.encrypted(b"secret", b"owner"), "encrypted_pdf"),
        "pdf_owner_password.pdf": (pdfs.encrypted(b"", b"owner"), 1),
        "pdf_unknown_encryption.pdf": (pdfs.paged([b""], trailer=b"/Encrypt << /Filter /Some >>"), "encrypted_pdf"),
        "pdf_no_pages.pdf": (pdfs.write([catalog, b"<< /Type /Pages /Count 0 /Kids [] >>"]), "empty_file"),
        "pdf_500_pages.pdf": (pdfs.paged([b""] * 500), "too_many_pages"),
        "pdf_page_tree_loop.pdf": (
            pdfs.write([catalog, b"<< /Type /Pages /Count 2 /Kids [2 0 R 2 0 R] >>"]), "unreadable_image"
        ),
        "pdf_claims_a_billion.pdf": (
            pdfs.write([catalog, b"<< /Type /Pages /Count 1000000000 /Kids [3 0 R] >>", no_box]), 1
        ),
        "pdf_parent_loop.pdf": (
            pdfs.write([catalog, b"<< /Type /Pages /Parent 2 0 R /Count 1 /Kids [3 0 R] >>", no_box]), 1
        ),
        "pdf_cut_half.pdf": (_cut(page, 0.5), "truncated_file"),
        "pdf_cut_end.pdf": (page[: page.index(b"trailer")], "truncated_file"),
        "pdf_only_header.pdf": (b"%PDF-1.7\n", "truncated_file"),
        "pdf_bad_offsets.pdf": (page.replace(b"\nxref\n", b"\n\n\n\nxref\n"), 1),
        "pdf_junk_before.pdf": (b"MIME junk\r\n" * 20 + page, 1),
        "pdf_footer_after.pdf": (page + b"\n-- \nsent by a gateway\n" * 200, 1),
        "pdf_zip_polyglot.pdf": (page + _archive("a.txt"), 1),
        "pdf_flate_bomb.pdf": (pdfs.flate_bomb(100_000_000), "expands_too_far"),
        "pdf_form_draws_itself.pdf": (
            pdfs.paged([b"/X Do"], xobjects=b"/X 4 0 R", extra=[
                pdfs.stream(b"/X Do /X Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]"
                                            b" /Resources << /XObject << /X 4 0 R >> >>")]), "takes_too_long"
        ),
        "pdf_forms_multiply.pdf": (pdfs.laughing(9, 40), "takes_too_long"),
        "pdf_giant_page.pdf": (pdfs.paged([pdfs.RECEIPT], box=(0, 0, 2e6, 2e6)), 1),
        "pdf_tiny_page.pdf": (pdfs.paged([b""], box=(0, 0, 3, 3)), "image_too_small"),
        "pdf_box_upside_down.pdf": (pdfs.paged([pdfs.RECEIPT], box=(595, 842, 0, 0)), 1),
        "pdf_box_elsewhere.pdf": (pdfs.paged([b""], box=(-900, -900, -300, -100)), 1),
        "pdf_garbage_content.pdf": (pdfs.paged([_noise(5000)]), 1),
        "pdf_scan.pdf": (pdfs.scan(jpeg, 300, 400), 1),
        "pdf_scan_cut.pdf": (pdfs.scan(_cut(jpeg, 0.5), 300, 400), "truncated_file"),
        "pdf_scan_garbage.pdf": (pdfs.scan(b"\xff\xd8" + b"garbage" * 500 + b"\xff\xd9", 300, 400), "unreadable_image"),
        "pdf_scan_huge.pdf": (pdfs.scan(jpeg, 60_000, 60_000), "too_many_pixels"),
        "pdf_script.pdf": (pdfs.paged([pdfs.RECEIPT], page=b"/AA << /O << /S /JavaScript /JS (app.beep(1)) >> >>"), 1),
    }  # fmt: skip


def _strangers() -> dict[str, tuple[bytes, Expected]]:
    unsupported = {
        "text.jpg": "收據 總計 1,200 元\n".encode() * 50,
        "page.jpg": b"<!doctype html><html><body><img src=x></body></html>",
        "drawing.png": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "letter.docx.jpg": _archive("[Content_Types].xml", "word/document.xml"),
        "archive.pdf": _archive("a/../../b.txt"),
        "program.png": b"MZ" + bytes(500),
        "film.heic": b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(500),
        "zeros.pdf": bytes(100_000),
        "noise.jpg": b"\x01" + _noise(50_000),
        "one_byte.jpg": b"\xff",
        "bm_text.bmp": b"BM is how this text begins, and it is no picture at all.",
        "postscript.pdf": b"%!PS-Adobe-3.0\nshowpage\n",
    }
    return {name: (data, "unsupported_format") for name, data in unsupported.items()} | {
        "empty.jpg": (b"", "empty_file")
    }


@cache
def cases() -> dict[str, tuple[bytes, Expected]]:
    """Return all files by name, with what must come out."""
    named = {name: (saved(picture(), "PNG"), 1) for name in ODD_NAMES}
    return _pictures() | _documents() | _strangers() | named


def write_all(folder: Path, wanted: Callable[[str], bool] = lambda name: True) -> dict[str, Expected]:
    """Write the files into a folder and return what must come out of each."""
    chosen = {name: case for name, case in cases().items() if wanted(name)}
    for name, (data, _) in chosen.items():
        (folder / name).write_bytes(data)
    return {name: expected for name, (_, expected) in chosen.items()}
