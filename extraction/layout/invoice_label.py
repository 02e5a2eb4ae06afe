"""The labels beside amounts on invoices and receipts of several languages, and the amounts that they name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from extraction.layout.invoice_amount import Amount, NumberStyle, amounts_in, without_amounts
from extraction.layout.invoice_rows import Row

_FOLD = str.maketrans({"1": "L", "I": "L", "|": "L", "!": "L", "0": "O", "N": "M", "5": "S", "8": "B", "6": "G",
                       "2": "Z", "É": "E", "Ü": "U", "Ä": "A", "×": "X", "言": "計", "份": "分",
                       "台": "臺"})  # fmt: skip


@lru_cache(maxsize=4096)
def fold_label(text: str) -> str:
    """Return letters and ideographs only, with those that OCR mixes up made equal: Totai and TOTAL are one."""
    return re.sub(r"[\W_]+", "", text.upper().translate(_FOLD))


_SHORT = 6
"""Latin words shorter than this stand alone: TVA is not in `TV Antenna`, CARD not in `cardigan`."""


def _spaced(text: str) -> str:
    """Return a folded label that keeps a space between its words."""
    return " " + re.sub(r"[\W_]+", " ", text.upper().translate(_FOLD)).strip() + " "


class _Words:
    """Words to be found in a label however OCR spaced it; `^` and `$` bind a word to the begin or the end."""

    def __init__(self, *words: str) -> None:
        long: list[str] = []
        short: list[str] = []
        for word in words:
            folded = re.escape(fold_label(word))
            pattern = "^" * word.startswith("^") + folded + "$" * word.endswith("$")
            is_short = len(folded) < _SHORT and folded.isascii() and pattern == folded
            (short if is_short else long).append(pattern)
        self._long = re.compile("|".join(long)) if long else None
        self._short = re.compile("(?<= )(?:" + "|".join(short) + ")S?(?= )") if short else None

    def find(self, text: str) -> bool:
        """Whether one of the words is in the text."""
        return bool(
            (self._long and self._long.search(fold_label(text))) or (self._short and self._short.search(_spaced(text)))
        )

    def count(self, text: str) -> int:
        """Return how many of the words are in the text."""
        found = self._long.findall(fold_label(text)) if self._long else []
        return len(found) + (len(self._short.findall(_spaced(text))) if self._short else 0)


def _words(*words: str) -> _Words:
    return _Words(*words)


SUMMARY = _words("GST SUMMARY", "GST SUMARY", "TAX SUMMARY", "TAX ANALYSIS", "VAT SUMMARY", "TAX CODE", "SST SUMMARY",
                 "PAYMENT MODE")  # fmt: skip

# The first kind with a word in the label wins, so the order is part of the knowledge.
_KINDS: tuple[tuple[str, _Words], ...] = (
    ("other", _words("QTY", "QUANTITY", "數量", "件數", "POINTS", "積分", "ITEMS", "TOTAL ITEM", "卡號", "編號",
                     "號碼", "PREVIOUS", "LAST BALANCE", "上期", "SAVING", "SAVED", "已慳", "TELEPHONE", "TEL:",
                     "電話",
                     "STARTING BALANCE", "隨機碼", "格式", "統編", "統一編號", "TAXABLE", "UNIT PRICE", "單價",
                     "機號", "CASHIER", "CUSTOMER ID",
                     "DUE DATE", "TERMS", "ACCOUNT", "上一次", "賣方", "買方")),
    ("rounding", _words("ROUNDING", "ROUND ADJ", "抹零", "尾數", "PEMBULATAN", "ARRONDI", "RUNDUNG")),
    ("total", _words("實際應付", "TOTAL AMT PAYABLE", "TOTAL PAYABLE", "AMOUNT PAYABLE", "GRAND TOTAL", "總計新臺幣",
                     "TOTAL AMT ROUNDED", "ROUNDED TOTAL", "TOTAL ROUNDED", "TOTAL AFTER", "NET TOTAL", "NETT TOTAL",
                     "MONTANT TTC", "TOTAL TTC", "NET A PAYER", "GESAMTBETRAG", "RECHNUNGSBETRAG", "ENDBETRAG",
                     "TOTAL FACTURE", "JUMLAH BESAR", "JUMLAH KESELURUHAN", "IMPORTE TOTAL", "含稅總", "應付總")),
    ("including", _words("INCL GST", "INCLUSIVE", "INCL OF", "INCL TAX", "INCLUDING", "INEL OF GST", "INCL VAT",
        "含稅",
                         "INCL. SST")),
    ("subtotal", _words("SUBTOTAL", "SUBSTOTAL", "SUB TOTAL", "小計", "EXCLUDING", "EXCL", "未稅", "銷售額",
        "SOUS TOTAL",
                        "ZWISCHENSUMME", "NETTOBETRAG", "TOTAL HT", "MONTANT HT", "BEFORE TAX", "GROSS AMT", "TA AMT",
                        "SUMME NETTO", "TOTAL NET HT", "GROSS AMOUNT", "TOTAL GROSS")),
    ("discount", _words("DISCOUNT", "DISGOUNT", "DISC", "折扣", "優惠", "減免", "折讓", "REMISE", "RABATT", "DISKAUN",
                        "VOUCHER", "CREDITS", "COUPON")),
    ("change", _words("CHANGE", "找續", "找回", "找零", "找款", "BAKI", "RENDU", "RUCKGELD", "餘額", "結餘", "REMAIN",
                      "KEMBALI")),
    ("tax", _words("TOTAL TAX", "TOTAL GST", "GST", "SST", "SALES TAX", "^VAT", "VAT$", "TVA", "MWST", "^UST",
        "稅額", "營業稅",
                   "稅金", "TAX AMOUNT", "GOV TAX", "SVR TAX", "CUKAI", "^PPN", "^PB1", "^IVA")),
    ("service", _words("SERVICE CHARGE", "SERV CHARGE", "SVC", "服務費", "SHIPPING", "DELIVERY", "運費", "^TIP$",
                       "FREIGHT", "FRAIS", "VERSAND")),
    ("due", _words("BALANCE DUE", "AMOUNT DUE", "TOTAL DUE", "TOTAL AMOUNT DUE", "DUE$")),
    ("paid", _words("ACCEPTED", "CASH", "VISA", "MASTERCARD", "CARD", "TENDER", "RECEIVED", "AMOUNT PAID",
        "PAID AMOUNT", "PAYMENT",
                    "現金", "信用卡", "八達通", "OCTOPUS", "支付", "MOBILE PAY", "實收", "TUNAI", "ESPECES",
                    "扣除金額",
                    "BARGELD", "^BAR$", "DEBIT", "交易金額", "ALIPAY", "LINE PAY", "付款方式", "八達通付款",
                    "GEGEBEN")),
    ("total", _words("總計", "總額", "總金額", "合計", "總數", "TOTAL", "TOTALE", "JUMLAH", "SUMME$", "GESAMT",
                     "應付$", "應付:", "付款金額", "應收", "MONTANT", "共計", "LOTAL")),
    ("weak", _words("PAYE", "PAID", "NET AMT", "NET AMOUNT", "BETRAG", "AMOUNT", "金額", "實付")),
    ("tax", _words("TAX", "稅")),
)  # fmt: skip
_STRONG = _KINDS[2][1]
COLUMN_WORDS = _words("DESCRIPTION", "品名", "品項", "QTY", "QUANTITY", "數量", "ITEM", "UNIT PRICE", "單價",
"DESIGNATION",
                      "BEZEICHNUNG", "PARTICULARS")  # fmt: skip


@dataclass(frozen=True)
class LabelledAmount:
    """An amount with what its label makes of it."""

    kind: str
    label: str
    amount: Amount
    row: int
    weight: float = 0.0


def kind_of_label(text: str) -> str | None:
    """Return what a label says its amount is, or None where it says nothing of the kind."""
    if not fold_label(text):
        return None
    return next((kind for kind, words in _KINDS if words.find(text)), None)


def is_strong_total(text: str) -> bool:
    """Whether the label leaves no doubt that the whole sum is meant."""
    return _STRONG.find(text)


def labelled_amounts(rows: Sequence[Row], style: NumberStyle) -> list[LabelledAmount]:
    """Return the amounts of all rows that have a label, in reading order."""
    result: list[LabelledAmount] = []
    summary_from: int | None = None
    for number, row in enumerate(rows):
        if SUMMARY.find(row.text):
            summary_from = number
        in_summary = summary_from is not None and number - summary_from <= 8
        for label, amount in _pairs(row, style) or _below(rows, number, style):
            kind = kind_of_label(label)
            if kind is None:
                continue
            if in_summary and kind not in ("paid", "change"):
                kind = "summary"
            result.append(LabelledAmount(kind, label, amount, number, _weight(kind, label, amount, style)))
    return result


def _weight(kind: str, label: str, amount: Amount, style: NumberStyle) -> float:
    base = {"total": 5.0, "including": 4.5, "due": 4.0, "weak": 2.5, "subtotal": 1.0}.get(kind, 0.0)
    if kind == "total" and is_strong_total(label):
        base += 1.0
    if style.has_cents and not amount.has_decimals:
        base -= 1.5  # a count rather than a sum
    if len(fold_label(label)) > 40:
        base -= 2.0  # a sentence
    return base


def _pairs(row: Row, style: NumberStyle) -> list[tuple[str, Amount]]:
    """Return label and amount; of several amounts behind one label the last is meant (`Total | 3 | 24.00`)."""
    pairs: list[tuple[str, Amount]] = []
    label, last = "", None
    for piece in row.pieces:
        amounts = amounts_in(piece, style)
        before = piece.text[: amounts[0].start] if amounts else piece.text
        if _says_something(before) and not re.fullmatch(r"\W*(SR|ZRL|RM|BA|A|元|HKD|NT|\(?RM\)?)\W*", before.strip()):
            if last is not None and label:
                pairs.append((label, last))
            if last is not None or amounts:
                label = "" if last is not None else label
            label, last = f"{label} {without_amounts(piece, amounts)}".strip(), None
        if amounts:
            last = amounts[-1]
            after = piece.text[last.end :]
            if kind_of_label(label) is None and kind_of_label(after) is not None:
                label, last = after, None  # `2 小計 | 8.40`: the count stands before the label
    if last is not None and label:
        pairs.append((label, last))
    return pairs


def _says_something(text: str) -> bool:
    """Whether a text is more than a stray letter; one ideograph may be half of `總 計`."""
    label = fold_label(text)
    return len(label) > 1 or label > "\u2e7f"


def _below(rows: Sequence[Row], number: int, style: NumberStyle) -> list[tuple[str, Amount]]:
    """Return amounts that stand under their label, where the next row has nothing but amounts."""
    if number + 1 >= len(rows) or rows[number + 1].page != rows[number].page:
        return []
    if COLUMN_WORDS.find(rows[number].text):
        return []
    below = [(piece, amounts_in(piece, style)) for piece in rows[number + 1].pieces]
    if any(not amounts or len(fold_label(without_amounts(piece, amounts))) > 1 for piece, amounts in below):
        return []
    pairs = []
    for piece in rows[number].pieces:
        under = [a for p, amounts in below for a in amounts if p.left < piece.right and p.right > piece.left]
        if len(under) == 1:
            pairs.append((piece.text, under[0]))
    return pairs if len(pairs) == len(below) else []
