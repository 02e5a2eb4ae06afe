"""Whether a document is a medical receipt, an invoice, or neither."""

import re
from collections.abc import Iterable
from typing import Literal

from extraction.layout.title import is_receipt_title, names_hospital
from extraction.layout.words import looks_like_fee
from schemas.layout import TextLine
from schemas.values import normalize

DocumentType = Literal["medical_receipt", "invoice"]

_MEDICAL = re.compile(
    r"健保|部[分份]負擔|病歷|病例號|就[診醫]|看診|掛號|門診|急診|住院|醫療|醫事|自[費付](?:金?額|費用|合計)?|點數|主治|診察費|藥費|批價"
)
_INVOICE = re.compile(
    r"發票|統一編號|營業稅|銷售額|隨機碼|買受人|賣方|買方|應稅|載具|收銀|免用統一發票|稅額"
    r"|invoice|receipt|sub-?\s?total|total|\btax\b|\bvat\b|\bgst\b|amount due|balance due|cash|change|bill to"
    r"|qty|quantity"
    r"|facture|rechnung|fattura|factura|montant|betrag|mwst|tva|總計|合計|金額|小計|單價|數量",
    re.IGNORECASE,
)
_SURE_INVOICE = re.compile(r"電子發票|統一發票|發票證明聯|\binvoice\b|facture|rechnung|fattura", re.IGNORECASE)
_MONEY = re.compile(r"\d+[.,]\d{2}(?!\d)|\$\s*\d|\d\s*元|NT\$?|€|£|RM\s*\d|USD|HKD|\d{1,3}(?:,\d{3})+")


def classify(lines: Iterable[TextLine], has_codes: bool = False) -> DocumentType | None:
    """Return the type, or nothing where the page is neither; `has_codes`: it carries an e-invoice's QR codes."""
    texts = [normalize(line.text).replace(" ", "") for line in lines]
    medical = sum(bool(_MEDICAL.search(text)) + looks_like_fee(text) for text in texts)
    medical += 2 * any(is_receipt_title(text) for text in texts) * any(names_hospital(text) for text in texts)
    spaced = [normalize(text) for text in texts]
    invoice = sum(bool(_INVOICE.search(text)) for text in spaced)
    sure = has_codes or any(_SURE_INVOICE.search(text) for text in spaced)
    if medical >= 4 and medical >= invoice and not (has_codes and medical < 8):
        return "medical_receipt"
    if sure:
        return "invoice"
    if medical >= 4:
        return "medical_receipt"
    has_money = any(_MONEY.search(text) for text in spaced)
    return "invoice" if invoice >= 2 and has_money else None
