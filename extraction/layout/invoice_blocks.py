"""Which texts of an invoice are the buyer's block, which are addresses, tax numbers and domains."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from extraction.layout.invoice_rows import Piece, Row, unaccented

_NO_NUMBER = r"(?!\s*(?:no|n[°o]|nr|nummer|number|id|#|code|ref|acc|copy|service)(?![a-z]))"
BUYER_LABEL = re.compile(
    r"^(?:bill(?:ed|ing)?[\s-]*(?:to|address)|sold\s?to|invoiced? to|ship(?:ped|ping)?[\s-]*(?:to|address)"
    r"|deliver(?:y|ed)? (?:to|address)"
    r"|customer(?: name)?|client|buyer|attn|to|kunde|rechnung an|rechnungs(?:adresse|empfanger|anschrift)"
    r"|liefer(?:adresse|anschrift)"
    r"|factur[ee]e? a|adresse de (?:facturation|livraison)|livr[ee]e? a|destinataire|cliente|facturar a"
    r"|datos del cliente"
    r"|enviar a|direcci[oo]n de env[ii]o|spett\.?(?:le)?|intestatario|destinatari[oa]|destinazione merce|klant"
    r"|factuur aan|factuuradres|aan|afleveradres|.?\s?受\s?人(?:名稱)?|買方|購買方|购买方|客戶(?:名稱)?|抬頭|收件人"
    r"|お客様)"
    rf"(?![a-z]){_NO_NUMBER}\s*[:：.]?",
    re.IGNORECASE,
)
SELLER_LABEL = re.compile(
    r"^(?:from|von|[ee]metteur|emisor|fornitore|van|seller|vendor|supplier|verkaufer|vendeur|fournisseur|proveedor"
    r"|vendedor"
    r"|cedente|leverancier|verkoper|sold by|issued by|賣方|銷售方|销售方|販売元|発行[元者])\s*[:：]?$",
    re.IGNORECASE,
)
_HONOURED = re.compile(r"(?:御中|様|殿|台照|鈞鑒|寶號)\s*$")
TAX_NUMBER = re.compile(
    r"(?<![A-Z])(?:VAT|GST|SST|TVA|MWST|UST|BTW|P\.? ?IVA|PARTITA IVA|CIF|NIF|NIE|SIRET|SIREN|KVK|EIN|UEN|ABN|GSTIN"
    r"|TAX ID|STEUERN|COMPANY (?:NO|REG)"
    r"|CO\.? ?REG|REG\.? ?NO|ROC NO|CHE-\d|TIN)|登録番号|統一編號|統編|税号|纳税人",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\s\d{1,4}\s?[a-z]?$|^\d{1,5}[, -]+[^\W\d]|(?<!\d)\d{5}(?!\d)|^\d{4} ?[A-Z]{2} |^\d{4} [A-Z]|^(?:no|lot|unit"
    r"|blk)\b\.?:?\s?\d|jalan|jln"
    r"|(?:street|road|avenue|ave|lane|drive|suite|floor)(?![a-z])|[路街巷段號号]|[都府県].*[区市]|[區市縣].*[路街道]"
    r"|(?<![a-z])rue "
    r"|calle |via |piazza|,\s?(?:NT|N\.T\.|KLN|HK)$|new territories|kowloon|(?<![a-z])\d?[G\d]/F(?![a-z])"
    r"|stra(?:ß|ss)e|straat",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"(?<![a-z])(?:tel|phone|fax|電話|電話番号)|\d{3,4}[- ]\d{4}|\+\d{2}|@|www\.", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:www\.|https?://|@)([a-z0-9.-]+?)\.[a-z]{2,4}(?![a-z])", re.IGNORECASE)
_EVERYBODYS = frozenset(("gmail", "hotmail", "yahoo", "outlook", "icloud", "googlemail"))
_BLOCK = 7
"""Lines under a label that may be the buyer's."""
_LINE_GAP = 1.9
"""Heights from one line of a block to the next."""


def buyer_block(rows: Sequence[Row]) -> set[int]:
    """Return the ids of the buyer's pieces: labels, what is under or behind them, names with an honorific."""
    pieces = [piece for row in rows for piece in row.pieces]
    theirs: set[int] = set()
    for row in rows:
        for place, piece in enumerate(row.pieces):
            if _HONOURED.search(piece.text):
                theirs.add(id(piece))
            match = BUYER_LABEL.match(unaccented(piece.text))
            if match is None:
                continue
            theirs.add(id(piece))
            under = lines_under(piece, pieces)
            theirs |= {id(other) for other in under}
            if not under and match.end() == len(piece.text):
                theirs |= {id(other) for other in row.pieces[place + 1 : place + 2]}
    return theirs


def lines_under(label: Piece, pieces: Sequence[Piece]) -> list[Piece]:
    """Return the lines of the block under a text."""
    found: list[Piece] = []
    last = label
    for piece in pieces:
        is_below = 0 < piece.center - last.center < _LINE_GAP * max(last.height, piece.height)
        starts_there = abs(piece.left - label.left) < 0.06 or (piece.left < label.right and piece.right > label.left)
        if piece.line.page == label.line.page and is_below and starts_there and len(found) < _BLOCK:
            found.append(piece)
            last = piece
    return found


def is_address(text: str) -> bool:
    """Whether a text is a line of an address or a telephone number."""
    return bool(_ADDRESS.search(text) or _CONTACT.search(text))


def domains(pieces: Iterable[Piece]) -> set[str]:
    """Return the names in web and mail addresses that are a company's own."""
    found: set[str] = set()
    for piece in pieces:
        for match in _DOMAIN.finditer(piece.text):
            found |= {part for part in letters(match[1].replace("-", "")).split(".") if len(part) >= 4}
    return found - _EVERYBODYS


def letters(text: str) -> str:
    """Return lower-case letters without accents, digits and points; spaces and marks are gone."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return re.sub(r"[^\w.]", "", plain)


def has_domain(name: str, known: Iterable[str]) -> bool:
    """Whether a domain is made of the name: all of it, or its first long word."""
    words = [letters(word).strip(".") for word in name.split()]
    whole = "".join(words)
    first = next((word for word in words if len(word) >= 4), "")
    return any(domain in whole or (first and first in domain) for domain in known)
