"""Writes small PDFs by hand: pages, pictures, an encryption, and everything that can be wrong with them."""

import hashlib
import zlib

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def write(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """Return a PDF of the objects, numbered from 1; the first is the catalogue."""
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def text(x: float, y: float, words: str, size: float = 10, mode: int = 0) -> bytes:
    """Return content that prints words; mode 3 is invisible."""
    escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("cp1252")
    return b"BT /F1 %g Tf %d Tr %g %g Td (%s) Tj ET\n" % (size, mode, x, y, escaped)


def paged(
    contents: list[bytes],
    *,
    box: tuple[float, ...] = (0, 0, 595, 842),
    page: bytes = b"",
    extra: list[bytes] | None = None,
    xobjects: bytes = b"",
    trailer: bytes = b"",
) -> bytes:
    """Return a PDF with a page for each content; `extra` objects are numbered from 4."""
    extra = extra or []
    first = 4 + len(extra)
    kids = b" ".join(b"%d 0 R" % (first + 2 * at) for at in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(contents), kids),
        FONT,
        *extra,
    ]
    media = b" ".join(b"%g" % value for value in box)
    for at, content in enumerate(contents):
        resources = b"<< /Font << /F1 3 0 R >> /XObject << %s >> >>" % xobjects
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Resources %s /Contents %d 0 R %s >>"
            % (media, resources, first + 2 * at + 1, page)
        )
        objects.append(stream(content))
    return write(objects, trailer)


def picture(data: bytes, width: int, height: int, filter_name: bytes = b"DCTDecode") -> bytes:
    """Return an image object."""
    entries = (
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /%s"
    )
    return stream(data, entries % (width, height, filter_name))


def scan(jpeg: bytes, width: int, height: int, layer: bytes = b"") -> bytes:
    """Return a page that is one picture, with or without a layer of text."""
    content = b"q 595 0 0 842 0 0 cm /Im Do Q\n" + layer
    return paged([content], extra=[picture(jpeg, width, height)], xobjects=b"/Im 4 0 R")


RECEIPT = b"".join(
    text(72, 770 - 24 * row, words)
    for row, words in enumerate(("Taipei Example Clinic", "Receipt 2025-05-21", "Registration 150", "Medicine 320"))
)


def flate_bomb(size: int) -> bytes:
    """Return a page whose content unpacks to so many bytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(size // 1_000_000)) + packer.flush()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        stream(packed, b"/Filter /FlateDecode"),
    ]
    return write(objects)


def laughing(levels: int, width: int) -> bytes:
    """Return a page that draws a form that draws a form …, each several times."""
    forms = [
        stream(
            b"/X%d Do " % (level + 1) * width if level < levels - 1 else text(9, 9, "ha"),
            b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X%d %d 0 R >> >>"
            % (level + 1, 5 + level),
        )
        for level in range(levels)
    ]
    return paged([b"/X0 Do"], extra=forms, xobjects=b"/X0 4 0 R")


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j, out, i = list(range(256)), 0, bytearray(), 0
    for at in range(256):
        j = (j + state[at] + key[at % len(key)]) % 256
        state[at], state[j] = state[j], state[at]
    j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def encrypted(user: bytes, owner: bytes) -> bytes:
    """Return a page under the standard security handler (RC4, 40 bits)."""
    padded_user, padded_owner = (user + _PADDING)[:32], (owner + _PADDING)[:32]
    owner_key = _rc4(_md5(padded_owner)[:5], padded_user)
    key = _md5(padded_user + owner_key + (0xFFFFFFC0).to_bytes(4, "little") + b"0" * 16)[:5]
    content = _rc4(_md5(key + (5).to_bytes(3, "little") + b"\0\0")[:10], RECEIPT)
    resources = b"/Resources << /Font << /F1 3 0 R >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>",
        FONT,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s /Contents 5 0 R >>" % resources,
        stream(content),
        b"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -64 /O <%s> /U <%s> >>"
        % (owner_key.hex().encode(), _rc4(key, _PADDING).hex().encode()),
    ]
    return write(objects, b"/Encrypt 6 0 R /ID [<%s> <%s>]" % (b"30" * 16, b"30" * 16))
