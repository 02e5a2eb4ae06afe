"""Seller and buyer of an invoice, and their 統一編號."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extraction.layout.invoice_amount import NumberStyle, amounts_in
from extraction.layout.invoice_columns import is_item_head
from extraction.layout.invoice_date import find_issue_date
from extraction.layout.invoice_name import GENERIC, LEGAL, is_business, may_be_name
from extraction.layout.invoice_rows import Found, Piece, Row, found
from extraction.layout.invoice_seller import weigh_sellers
from extraction.layout.invoice_words import kind_of_label
from schemas.identifiers import is_valid_tax_id

_LABEL = re.compile(
    r"^(?:賣方(?:名稱)?|賣\s?方|營業人(?:名稱)?|銷售人|店名|商店名稱|seller|vendor|from|supplier"
    r"|service provider"
    r"|remit to|fournisseur|vendeur|verkäufer)\s*[:：]\s*(?P<name>.+)", re.IGNORECASE)  # fmt: skip
_BUYER = re.compile(
    r"^(?:(?P<of_buyer>.?\s?受\s?人(?:名稱)?|買方(?:名稱)?|客戶名稱|收件人|抬頭|bill(?:ed)? to|sold to|customer name"
    r"|customer|buyer|client|to|factur[ée] à|kunde)|公司名稱|name)\s*[:：]?\s*(?P<name>.*)", re.IGNORECASE)  # fmt: skip
_BUYER_BLOCK = re.compile(
    r".\s?受\s?人|買方|收件人|客戶|BILL(?:ED)?\s?TO|SOLD\s?TO|CUSTOMER NAME|SHIP TO", re.IGNORECASE
)
_MAINLAND = re.compile(r"^(?:销售方|购买方|銷售方|購買方)?\s?名\s?[称稱]\s?[:：]\s*(?P<name>.{4,})")
_STAMP_HINT = re.compile(r"專用章|營業人蓋用")
_TAX_ID = re.compile(r"(?<!\d)(?:\d[ .]?){7}\d(?![\d.])")
_BLURRED_TAX_ID = re.compile(r"[^\dA-Za-z]{0,6}(\d{8})")
_TAX_LABEL = re.compile(r"[統純][一]?[編偏輪]號?|統編|賣\s?方|買\s?方|^方(?=\d)|[一編][編偏]號|稅籍編號")
_LEFT_HALF, _UPPER_PART = 0.5, 0.5
_NEAR = 3.0
"""Heights of a line between a tax id and the name above it."""
_HEAD_LINES = 7.0
"""Line heights from the first name within which the company stands; further down it is the buyer or an address."""
_TOP = 10
"""Rows at the top among which a name without a label is looked for."""


@dataclass
class Parties:
    """Who sold and who bought."""

    seller: Found | None = None
    seller_is_sure: bool = False
    seller_tax_id: Found | None = None
    buyer: Found | None = None
    buyer_tax_id: Found | None = None


def find_parties(rows: Sequence[Row], style: NumberStyle, *, taiwanese: bool, is_stamped: bool = False) -> Parties:
    """Return the parties by labels, by the seller's stamp, and by what stands at the top.

    `is_stamped`: a hand-typed form, on which the seller stands in its stamp only and the buyer at the top left.
    """
    parties = Parties(buyer=_find_buyer(rows))
    if taiwanese:
        _find_tax_ids(rows, parties, is_stamped=is_stamped)
    head = [] if is_stamped else _head_rows(rows, style)
    seller = _labelled_seller(rows) or _mainland_seller(rows) or _stamped_seller(rows, parties)
    if seller is not None:
        parties.seller, parties.seller_is_sure = seller, True
    else:
        parties.seller, parties.seller_is_sure = _seller_at_top(head, parties.buyer)
    if seller is None and not is_stamped:
        parties.seller, parties.seller_is_sure = weigh_sellers(rows, head, parties.seller, parties.seller_is_sure)
    beside = _beside_tax_id(rows, parties)
    if beside is not None and not parties.seller_is_sure:
        parties.seller, parties.seller_is_sure = beside, True
    return parties


# -- names -----------------------------------------------------------------------------------------------------------


def _labelled_seller(rows: Sequence[Row]) -> Found | None:
    for row in rows:
        for piece in row.pieces:
            match = _LABEL.search(piece.text)
            if match and re.search(r"[^\W\d]{2}", match["name"]) and not _TAX_LABEL.match(match["name"]):
                return found(piece, match["name"].strip(), match.start("name"), match.end("name"))
    return None


def _mainland_seller(rows: Sequence[Row]) -> Found | None:
    """Return the second of the two parties of a 发票: the buyer stands left or above, the seller right or below."""
    named = [(piece, match) for row in rows for piece in row.pieces if (match := _MAINLAND.match(piece.text))]
    if len(named) != 2:
        return None
    piece, match = named[1]
    return found(piece, match["name"].strip(), match.start("name"), match.end("name"))


def _stamped_seller(rows: Sequence[Row], parties: Parties) -> Found | None:
    """Return the company in the 統一發票專用章: the one above the seller's tax id, or beside the hint."""
    hint = next((n for n, row in enumerate(rows) if _STAMP_HINT.search(row.text)), None)
    if hint is None:
        return None
    names = [
        piece
        for row in rows[hint:]
        for piece in row.pieces
        if re.search("公司|商行|企業社|藥局|醫院|診所|行$|店$", piece.text) and not _BUYER.match(piece.text)
    ]
    best = next((piece for piece in names if parties.buyer is None or piece.text not in parties.buyer.value), None)
    return found(best, best.text) if best else None


def _beside_tax_id(rows: Sequence[Row], parties: Parties) -> Found | None:
    """Return the company on the row of the seller's tax id or on the one above it."""
    if parties.seller_tax_id is None:
        return None
    box, page = parties.seller_tax_id.evidence.box, parties.seller_tax_id.evidence.page
    near = [
        piece
        for row in rows
        for piece in row.pieces
        if piece.line.page == page and -0.5 < (box.top - piece.line.box.top) / max(box.height, 1e-3) < _NEAR
    ]
    named = [piece for piece in near if _may_be_name(piece, parties.buyer) and is_business(piece.text)]
    return found(named[-1], named[-1].text) if named else None


def _find_buyer(rows: Sequence[Row]) -> Found | None:
    in_block = False
    for number, row in enumerate(rows):
        for place, piece in enumerate(row.pieces):
            match = _BUYER.match(piece.text)
            in_block = in_block or bool(_BUYER_BLOCK.search(piece.text))
            if match is None or is_item_head(row) or not (in_block or match["of_buyer"]):
                continue
            name = match["name"].strip(" :")
            if len(name) > 1 and not _TAX_LABEL.match(name):
                if piece.text[: match.start("name")].rstrip().endswith((":", "：")) or re.match(
                    r"買|sold", piece.text, re.I
                ):
                    return found(piece, name, match.start("name"), match.end("name"))
                continue
            if not name:
                return _name_behind(rows, number, place, piece)
    return None


def _name_behind(rows: Sequence[Row], number: int, place: int, piece: Piece) -> Found | None:
    """Return the name under a label, or right of it where nothing stands below."""
    if number + 1 < len(rows) and rows[number + 1].page == rows[number].page:
        for under in rows[number + 1].pieces:
            is_name = len(re.findall(r"[^\W\d_]", under.text)) >= 2
            if is_name and under.left < piece.right and under.right > piece.left and not _LABEL.match(under.text):
                text = re.sub(r"^(?:name|公司名稱|姓名)\s*[:：.]\s*", "", under.text, flags=re.IGNORECASE).rstrip(",")
                return found(under, text, len(under.text) - len(text))
    after = rows[number].pieces[place + 1 : place + 2]
    return found(after[0], after[0].text) if after and re.search("公司|商行|行$", after[0].text) else None


def _head_rows(rows: Sequence[Row], style: NumberStyle) -> list[Row]:
    """Return the rows above the items: to the column heads, or the first labelled sum."""
    for number, row in enumerate(rows):
        has_sum = any(amounts_in(piece, style) for piece in row.pieces) and kind_of_label(row.text) in (
            "subtotal",
            "total",
        )
        if is_item_head(row) or has_sum or _is_priced(row, style):
            return list(rows[: max(number, 1)][:_TOP])
    return list(rows[:_TOP])


def _is_priced(row: Row, style: NumberStyle) -> bool:
    """Whether a row is a thing with its price at the right, as on a slip without column heads."""
    if len(row.pieces) < 2 or kind_of_label(row.text) is not None:
        return False
    last = amounts_in(row.pieces[-1], style)
    return len(last) == 1 and last[0].has_decimals and bool(re.search(r"[^\W\d_]{3}", row.pieces[0].text))


def _seller_at_top(head: Sequence[Row], buyer: Found | None) -> tuple[Found | None, bool]:
    """Return the company named at the top, and whether a word for a business says that it is one."""
    pieces = [piece for row in head for piece in row.pieces if _may_be_name(piece, buyer)]
    before_buyer = _until_buyer(head)
    plain = [piece for piece in pieces if piece in before_buyer and len(re.findall(r"[^\W\d_]", piece.text)) >= 3]
    top = [piece for piece in plain if piece.center - plain[0].center < _HEAD_LINES * plain[0].height]
    legal = [piece for piece in top if LEGAL.search(piece.text.upper())]
    business = [piece for piece in plain if is_business(piece.text)]
    named = [piece for piece in plain if piece in legal or piece in business]
    if named:
        is_only = all(piece is named[0] or piece not in legal for piece in top)  # a trade name and a company: which?
        return _with_line_above(named[0], pieces), named[0] in top and is_only
    return (_with_neighbour(plain[0], plain), False) if plain else (None, False)


def _until_buyer(head: Sequence[Row]) -> list[Piece]:
    result = []
    for row in head:
        if _BUYER_BLOCK.search(row.text):
            result += [piece for piece in row.pieces if not _BUYER_BLOCK.search(piece.text)]
            break
        result += row.pieces
    return result


def _may_be_name(piece: Piece, buyer: Found | None) -> bool:
    text = piece.text.strip()
    if not may_be_name(text) or find_issue_date([Row([piece])], taiwanese=True, month_first=None):
        return False
    return buyer is None or buyer.value not in text


def _with_line_above(piece: Piece, pieces: Sequence[Piece]) -> Found:
    """Join a name that was broken before its last words (`… VEGETARIAN / RESTAURANT SDN BHD`)."""
    labelled = re.match(r"(?:名[稱称]|name)\s*:\s*(?=\S)", piece.text, re.IGNORECASE)
    if labelled:
        return found(piece, piece.text[labelled.end() :], labelled.end())
    text = re.sub(r"\s\((?=[^)]*\d).*", "", piece.text).strip(" -,") or piece.text
    above = [
        other
        for other in pieces
        if 0 < piece.center - other.center < 2.5 * piece.height
        and other.left < piece.right
        and other.right > piece.left
    ]
    is_end = bool(GENERIC.fullmatch(text)) or text.count(")") > text.count("(")
    if is_end and above and not re.search(r"\d", above[-1].text):
        return _joined(above[-1], piece, f"{above[-1].text} {text}")
    return found(piece, text, 0, len(text))


def _with_neighbour(piece: Piece, pieces: Sequence[Piece]) -> Found:
    """Join a name that OCR parted on one row, where the gap is no wider than two characters."""
    width = (piece.right - piece.left) / max(len(piece.text), 1)
    for other in pieces:
        if abs(other.center - piece.center) < 0.4 * piece.height and 0 <= other.left - piece.right < 2 * width:
            return _joined(piece, other, f"{piece.text}{other.text}")
    return found(piece, piece.text)


def _joined(first: Piece, second: Piece, text: str) -> Found:
    box = first.line.box.union(second.line.box).rounded()
    return Found(text, found(second, text).evidence.model_copy(update={"box": box, "text": text}))


# -- tax ids ---------------------------------------------------------------------------------------------------------


def _find_tax_ids(rows: Sequence[Row], parties: Parties, *, is_stamped: bool) -> None:
    """Tell the two numbers apart by their label, else by the block: under the buyer's name or anywhere else."""
    in_buyer_block = is_stamped
    for row in rows:
        if _BUYER_BLOCK.search(row.text):
            in_buyer_block = True
        if is_item_head(row) or row.center > _UPPER_PART:
            in_buyer_block = False
        for cell, label in _tax_ids_of(row, is_stamped=is_stamped):
            in_block = in_buyer_block and (not is_stamped or cell.evidence.box.center[0] < _LEFT_HALF)
            is_buyer = "買" in label or (in_block and "賣" not in label)
            if is_buyer and parties.buyer_tax_id is None:
                parties.buyer_tax_id, in_buyer_block = cell, False
            elif not is_buyer and parties.seller_tax_id is None:
                parties.seller_tax_id = cell


def _tax_ids_of(row: Row, *, is_stamped: bool) -> list[tuple[Found, str]]:
    result, label = [], ""
    for place, piece in enumerate(row.pieces):
        after = row.pieces[place + 1].text if place + 1 < len(row.pieces) else ""
        digits = piece.text + after if re.fullmatch(r"[\d ]{1,7}", after) else ""
        match = _TAX_ID.search(digits)
        if match and not _TAX_ID.search(piece.text) and _TAX_LABEL.search(label + piece.text[: match.start()]):
            result.append((found(piece, re.sub(r"\D", "", match[0])), label + piece.text))
            continue
        blurred = _BLURRED_TAX_ID.fullmatch(piece.text) if is_stamped else None
        if blurred and not _TAX_LABEL.search(piece.text) and is_valid_tax_id(blurred[1]):
            # on a form an eight-digit number behind a blurred label whose check digit holds is nothing else
            result.append((found(piece, blurred[1], blurred.start(1), blurred.end(1), "folded"), ""))
            continue
        for match in _TAX_ID.finditer(piece.text):
            before = label + piece.text[: match.start()]
            if _TAX_LABEL.search(before) and not re.search("電話|傳真|帳號|號碼", before):
                number = re.sub(r"\D", "", match[0])
                result.append((found(piece, number, match.start(), match.end()), before))
        label = piece.text if _TAX_LABEL.search(piece.text) and not _TAX_ID.search(piece.text) else ""
    return result
