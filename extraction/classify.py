"""Whether a document is a medical receipt, an invoice, or neither."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from extraction.layout.title import is_receipt_title, names_hospital
from extraction.layout.words import looks_like_fee
from schemas.layout import TextLine
from schemas.values import normalize

DocumentType = Literal["medical_receipt", "invoice"]

_MEDICAL = re.compile(
    r"健保|部[分份]負擔|病歷|病例號|就[診醫]|看診|掛號|門診|急診|住院|醫療|醫事|自[費付](?:金?額|費用|合計)?|點數|主治|診察費|藥費|批價"
)
_CHARGES = re.compile(r"收據|費用|部[分份]負擔|[應實已][繳收]|點數|自費|自付|合計|總計|繳費")
"""Without one of these a medical page is a certificate or a report, not a receipt."""
_INVOICE = re.compile(
    r"發票|統一編號|統編|營業稅|銷售額|隨機碼|買受人|賣方|買方|應稅|載具|收銀|稅額|總計|總數|合計|金額|小計|單價|數量|品名|收據|單號|結帳"
    r"|invoice|receipt|sub-?\s?total|total|\btax\b|\bvat\b|\bgst\b|amount due|balance due|cash|change|bill to|\bqty\b"
    r"|facture|rechnung|fattura|factura|montant|betrag|mwst|\btva\b|reçu|payé|quittung",
    re.IGNORECASE,
)
_SURE_INVOICE = re.compile(r"電子發票|統一發票|發票證明聯|發票號碼|\binvoice\b|facture|rechnung|fattura", re.IGNORECASE)
_MONEY = re.compile(r"\d+[.,]\d{2}(?!\d)|\$\s*\d|\d\s*元|NT\$|€|£|RM\s*\d|USD|HKD|\d{1,3}(?:,\d{3})+")


def classify(lines: Iterable[TextLine], has_codes: bool = False) -> DocumentType | None:
    """Return the type, or nothing where the page is neither; `has_codes`: it carries an e-invoice's QR codes."""
    printed = [normalize(line.text) for line in lines]
    texts = [text.replace(" ", "") for text in printed]
    medical = _medical_signs(texts)
    invoice = sum(bool(_INVOICE.search(text)) for text in printed)
    if medical >= 4 and medical >= invoice and not (has_codes and medical < 8):
        return "medical_receipt"
    if has_codes or any(_SURE_INVOICE.search(text) for text in printed):
        return "invoice"
    if medical >= 4:
        return "medical_receipt"
    money = sum(bool(_MONEY.search(text)) for text in printed)
    return "invoice" if invoice >= 3 or (invoice and money) or money >= 3 else None


def _medical_signs(texts: Sequence[str]) -> int:
    fees = [text for text in texts if not text.isascii() and looks_like_fee(text)]
    if not fees and not any(_CHARGES.search(text) for text in texts):
        return 0
    titles = any(is_receipt_title(text) for text in texts) and any(names_hospital(text) for text in texts)
    return sum(bool(_MEDICAL.search(text)) for text in texts) + len(fees) + 2 * titles
