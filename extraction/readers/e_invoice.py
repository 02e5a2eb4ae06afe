"""What the two QR codes and the Code 39 of a 電子發票證明聯 say.

Source: Ministry of Finance, 電子發票證明聯一維及二維條碼規格說明 v1.8 (2018-08), v1.9 (2022-05). The right
code goes on where the left one ends, in the middle of a character if need be: both are joined as bytes before anything
is decoded.
"""

import base64
import binascii
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.values import ROC_OFFSET, UNREADABLE

RIGHT_MARK = b"**"
"""A code that begins so is the right one, in whatever order the two were found."""

CROSS_BORDER = "3"
"""Encoding flag of a seller abroad, whose amounts stand behind it."""
_NOBODY = "00000000"
_HEADER = re.compile(
    rb"(?P<track>[A-Z]{2})-?(?P<digits>\d{8})"  # one shop in public samples prints the hyphen into the code
    rb"(?P<year>\d{3})(?P<month>\d{2})(?P<day>\d{2})"
    rb"(?P<random>\d{4}| {4})"  # B2B invoices have no random code
    rb"(?P<sales>[0-9a-fA-F]{8})(?P<total>[0-9a-fA-F]{8})"
    rb"(?P<buyer>\d{8})(?P<seller>\d{8})"
    rb"(?P<cipher>[\x20-\x7e]{24})(?P<body>:.*|\s*)",
    re.DOTALL,
)
_BARCODE = re.compile(r"(?P<year>\d{3})(?P<month>0[2468]|1[02])(?P<number>[A-Z]{2}\d{8})(?P<random>\d{4})")
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?")
_COUNT = re.compile(rb"\d{1,4}")
_CROSS_BORDER_AMOUNT = re.compile(rb"[0-9a-fA-F]{10}")
_ENCODINGS = {"0": ("cp950", "utf-8", "shift_jis"), "1": ("utf-8", "shift_jis", "cp950")}
_KATAKANA = re.compile("[\uff61-\uff9f]")


class EInvoiceError(ValueError):
    """The code is not that of an e-invoice."""


@dataclass(frozen=True)
class EInvoiceItem:
    """One line: price may be with or without tax, and a discount is a negative price."""

    description: str
    quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True)
class EInvoice:
    """The content of the two QR codes."""

    number: str
    date: dt.date
    random_code: str | None
    sales: Decimal
    """0 where the shop cannot part the tax; some shops repeat the total here."""
    total: Decimal
    buyer_tax_id: str | None
    seller_tax_id: str
    items: tuple[EInvoiceItem, ...] = ()
    area: str | None = None
    in_codes: int | None = None
    on_invoice: int | None = None
    encoding: str | None = None
    note: str | None = None

    @property
    def has_all_items(self) -> bool:
        """Whether every line of the invoice is in the codes, so that the lines may be added up."""
        return bool(self.items) and len(self.items) == (self.on_invoice or len(self.items))


@dataclass(frozen=True)
class Barcode:
    """The content of the Code 39: `period` is `11406` for 114年05-06月."""

    period: str
    number: str
    random_code: str


def parse_e_invoice(left: bytes, right: bytes | None = None) -> EInvoice:
    """Return what the codes of one slip say, in either order; EInvoiceError where they are not an e-invoice's."""
    if left.startswith(RIGHT_MARK) and right is not None:
        left, right = right, left
    if right is not None and not right.startswith(RIGHT_MARK):
        right = None
    header = _HEADER.fullmatch(left.removeprefix(b"\xef\xbb\xbf"))
    if header is None:
        raise EInvoiceError("not the left code of an e-invoice")
    text = {name: value.decode("ascii") for name, value in header.groupdict().items() if name != "body"}
    try:
        date = dt.date(int(text["year"]) + ROC_OFFSET, int(text["month"]), int(text["day"]))
    except ValueError:
        raise EInvoiceError("no such date") from None
    sales, total = Decimal(int(text["sales"], 16)), Decimal(int(text["total"], 16))
    body = _parse_body(header["body"], right, {sales, total} - {Decimal(0)})
    return EInvoice(
        number=text["track"] + text["digits"],
        date=date,
        random_code=text["random"].strip() or None,
        sales=sales,
        total=total if body.total is None else body.total,
        buyer_tax_id=None if text["buyer"] == _NOBODY else text["buyer"],
        seller_tax_id=text["seller"],
        items=tuple(body.items),
        area=body.area,
        in_codes=body.in_codes,
        on_invoice=body.on_invoice,
        encoding=body.encoding,
        note=body.note,
    )


def parse_barcode(text: str) -> Barcode:
    """Return what the Code 39 says; EInvoiceError where it is another code."""
    match = _BARCODE.fullmatch(text.strip().strip("*"))
    if match is None or not text.isascii():
        raise EInvoiceError("not the Code 39 of an e-invoice")
    return Barcode(match["year"] + match["month"], match["number"], match["random"])


# -- what follows the 77 characters ----------------------------------------------------------------------------------


@dataclass
class _Body:
    items: list[EInvoiceItem]
    area: str | None = None
    in_codes: int | None = None
    on_invoice: int | None = None
    encoding: str | None = None
    total: Decimal | None = None
    note: str | None = None

    @property
    def is_complete(self) -> bool:
        return self.in_codes is None or len(self.items) >= self.in_codes


def _parse_body(left: bytes, right: bytes | None, sums: set[Decimal]) -> _Body:
    """Read the joined body; where the seam itself is the separator, with a colon put there."""
    if right is not None:
        plain = _read_fields(left + right[2:])
        if not plain.is_complete:
            parted = _read_fields(left + b":" + right[2:])
            return parted if parted.is_complete else plain
        return plain
    whole = _read_fields(left)
    added = sum(item.quantity * item.unit_price for item in whole.items)
    if whole.encoding == "2" or left.endswith(b":") or (whole.is_complete and (not whole.items or added in sums)):
        return whole
    # without the right code the last field may be cut in two, a price of 200 to 20
    return _read_fields(left[: left.rfind(b":") + 1])


def _read_fields(body: bytes) -> _Body:
    fields = body.strip().removeprefix(b":").split(b":", 4)
    if len(fields) < 4:
        return _Body([])
    result = _Body(
        [], _decode(fields[0], "1"), _count(fields[1]), _count(fields[2]), _decode(fields[3], "1")[:1] or None
    )
    rest = fields[4] if len(fields) > 4 else b""
    if result.encoding == "2":
        rest = _from_base64(rest)
    parts = [part for part in rest.split(b":") if part.strip()]
    if (
        result.encoding == CROSS_BORDER
        and len(parts) >= 2
        and all(_CROSS_BORDER_AMOUNT.fullmatch(part) for part in parts[:2])
    ):
        result.total = int(parts[1][:8], 16) + Decimal(int(parts[1][8:], 16)) / 100
        parts = parts[2:]
    texts = [_decode(part, result.encoding) for part in parts]
    _read_items(result, texts)
    return result


def _read_items(result: _Body, texts: Sequence[str]) -> None:
    limit = max(result.in_codes or 0, result.on_invoice or 0) or len(texts)
    place = 0
    while place + 3 <= len(texts) and len(result.items) < limit:
        name, quantity, price = texts[place : place + 3]
        if not (_NUMBER.fullmatch(quantity) and _NUMBER.fullmatch(price)):
            break
        result.items.append(EInvoiceItem(name, Decimal(quantity), Decimal(price)))
        place += 3
    if result.is_complete and place < len(texts):
        result.note = ":".join(texts[place:])


def _count(field: bytes) -> int | None:
    return int(field) if _COUNT.fullmatch(field) else None


def _decode(field: bytes, flag: str | None) -> str:
    """Decode by the left code's flag, then the other way: shops mix the two up. None fits: unreadable.

    Some encoders put Chinese into the QR code's Kanji mode, whose bytes are Shift JIS whatever the flag says; Big5 read
    as Shift JIS shows half-width katakana.
    """
    for encoding in _ENCODINGS.get(flag or "1", _ENCODINGS["1"]):
        try:
            text = field.decode(encoding).strip()
        except UnicodeDecodeError:
            continue
        if encoding != "shift_jis" or not _KATAKANA.search(text):
            return text
    return UNREADABLE


def _from_base64(text: bytes) -> bytes:
    """Decode what is there; a tail cut off by a missing right code is left out."""
    whole = re.sub(rb"[^A-Za-z0-9+/]", b"", text)
    try:
        return base64.b64decode(whole[: len(whole) // 4 * 4] + _tail(whole), validate=True)
    except binascii.Error:
        return b""


def _tail(text: bytes) -> bytes:
    rest = text[len(text) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""
