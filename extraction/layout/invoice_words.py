"""The words beside amounts on invoices and receipts of several languages, and what they make of the amount."""

import re
from functools import lru_cache

# OCR mixes these up, so both sides of every comparison are folded the same way
_FOLD = str.maketrans(
    {"1": "L", "I": "L", "|": "L", "!": "L", "0": "O", "N": "M", "5": "S", "8": "B", "6": "G", "2": "Z", "É": "E",

     "È": "E", "Ê": "E", "À": "A", "Á": "A", "Ü": "U", "Ú": "U", "Ä": "A",
     "Ó": "O", "Ò": "O", "Í": "L", "Ñ": "M", "Ç": "C", "×": "X", "言": "計", "份": "分", "台": "臺", "计": "計",
     "总": "總", "税": "稅", "价": "價", "额": "額"}
)  # fmt: skip
_SHORT = 6
"""Latin words shorter than this stand alone: TVA is not in `TV Antenna`, CARD not in `cardigan`."""


@lru_cache(maxsize=4096)
def fold_label(text: str) -> str:
    """Return letters and ideographs only, with those that OCR mixes up made equal: Totai and TOTAL are one."""
    return re.sub(r"[\W_]+", "", text.upper().translate(_FOLD))


def _spaced(text: str) -> str:
    """Return a folded label that keeps a space between its words."""
    return " " + re.sub(r"[\W_]+", " ", text.upper().translate(_FOLD)).strip() + " "


class Words:
    """Words to be found in a label however OCR spaced it; `^` and `$` bind a word to the begin or the end."""

    def __init__(self, words: str) -> None:
        """Take the words in one text, `|` between them."""
        long: list[str] = []
        short: list[str] = []
        for word in (part.strip() for part in words.split("|")):
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


SUMMARY = Words(
    "GST SUMMARY | GST SUMARY | TAX SUMMARY | TAX ANALYSIS | VAT SUMMARY | TAX CODE | SST SUMMARY"
    "| PAYMENT MODE | GST RATE"
)
"""Heads of the small table of taxes at the foot of a receipt: its sums are not the document's."""

COLUMN_WORDS = Words(
    "DESCRIPTION | 品名 | 品項 | QTY | QUANTITY | 數量 | ITEM | UNIT PRICE | 單價 | DESIGNATION | BEZEICHNUNG"
    "| PARTICULARS"
)

STRONG = Words(
    "實際應付 | 價稅合計 | 應付總 | 含稅總 | 總計新臺幣 | TOTAL AMT PAYABLE | TOTAL AMOUNT PAYABLE | TOTAL PAYABLE"
    "| AMOUNT PAYABLE | TO BE PAID | AMT PAYABLE | GRAND TOTAL"
    "| TOTAL AMT ROUNDED | ROUNDED TOTAL | TOTAL ROUNDED | TOTAL AFTER | NET TOTAL | NETT TOTAL | MONTANT TTC"
    "| TOTAL TTC"
    "| NET A PAYER | TOTAL FACTURE | GESAMTBETRAG | RECHNUNGSBETRAG | ENDBETRAG | JUMLAH BESAR | JUMLAH KESELURUHAN"
    "| IMPORTE TOTAL | TOTAL FACTURA | TOTAL A PAGAR | TOTALE FATTURA | TOTALE COMPLESSIVO | TOTALE DA PAGARE | DA"
    " PAGARE"
    "| NETTO A PAGARE | TOTAALBEDRAG | TE BETALEN | TOTAAL INCL | ZU ZAHLEN | ZAHLBETRAG | BRUTTOBETRAG | A REGLER"
    "| TOTAL A PAYER | 請求金額 | 領収金額 | 稅込合計 | 合計金額"
)
"""Labels that leave no doubt that the whole sum is meant."""

# The first kind with a word in the label wins, so the order is part of the knowledge.
KINDS: tuple[tuple[str, Words], ...] = (
    ("subtotal", Words("SUBTOTAL | SUBSTOTAL | SUB TOTAL | SUBTOTAAL | 小計")),
    ("other", Words(
        "QTY | QUANTITY | 數量 | 件數 | POINTS | 積分 | ITEMS | TOTAL ITEM | ITEM COUNT | 卡號 | 編號 | 號碼"
        "| PREVIOUS | LAST BALANCE"
        "| 上期 | SAVING | SAVED | 已慳 | TELEPHONE | TEL: | 電話 | STARTING BALANCE | 隨機碼 | 格式 | 統編"
        "| 統一編號 | TAXABLE"
        "| UNIT PRICE | 單價 | 機號 | CASHIER | CUSTOMER ID | DUE DATE | TERMS | ACCOUNT | 上一次 | 賣方 | 買方 |"
        " VAT REG | VAT"
        " NO | VAT ID | REG NO | GST REG | GST ID | GST NO | SST ID | TAX ID | USTID | UST ID | P IVA"
        "| PARTITA IVA | BTW NR | TVA FR | 登録番号 | 登錄番號")),
    ("total", STRONG),
    ("rounding", Words("ROUNDING | ROUND ADJ | 抹零 | 尾數 | PEMBULATAN | ARRONDI | RUNDUNG | REDONDEO |"
        " ARROTONDAMENTO "
        "| AFRONDING")),
    ("tax", Words("^DAVON | ^ENTHALTENE | ^DONT TVA | DI CUI IVA | ^INKL MWST | ^INKL UST | ^WAARVAN BTW | 內消費稅 |"
        " 内消費稅")),
    ("including", Words(
        "INCL GST | INCLUSIVE | INCL OF | INCL TAX | INCLUDING | INCLUDES GST | INEL OF GST | INCL VAT"
        "| INCL SST | 含稅 | INKL MWST | INKL UST | INCL BTW | IVA INCLUIDO | IVA INCLUIDA | IVA INCLUSA | IVA"
        " COMPRESA | 稅込")),
    ("subtotal", Words(
        "EXCLUDING | EXCL | 未稅 | 銷售額 | SUPPLIES | SOUS TOTAL | ZWISCHENSUMME | NETTOBETRAG | TOTAL HT"
        "| MONTANT HT"
        "| BASE IMPONIBLE | IMPONIBILE | ^NETTO$ | ^NETTO: | NETTOSUMME | 稅抜"
        "| BEFORE TAX | GROSS AMT | TA AMT | SUMME NETTO | TOTAL NET HT | GROSS AMOUNT | TOTAL GROSS")),
    ("discount", Words(
        "DISCOUNT | DISGOUNT | DISC | 折扣 | 優惠 | 減免 | 折讓 | REMISE | RABATT | DISKAUN | VOUCHER"
        "| CREDITS | COUPON | DESCUENTO | DTO | SCONTO | KORTING | 值引 | 値引 | 割引")),
    ("change", Words(
        "CHANGE | 找續 | 找回 | 找零 | 找款 | BAKI | RENDU | RUCKGELD | 餘額 | 結餘 | REMAIN | KEMBALI | CAMBIO |"
        " RESTO |"
        " WISSELGELD | ^TERUG$ | MONNAIE | ^ZURUCK | DEVOLUCION | VUELTO"
        "| 釣り | 釣銭")),
    ("tax", Words(
        "TOTAL TAX | TOTAL GST | GST | SST | SALES TAX | ^VAT | VAT$ | TVA | MWST | ^UST | 稅額 | 營業稅"
        "| 稅金 | TAX AMOUNT"
        "| GOV TAX | SVR TAX | CUKAI | ^PPN | ^PB1 | ^IVA | IVA$ | ^BTW | BTW$ | UMSATZSTEUER | UST | IVA | BTW |"
        " IMPOSTA | 消費稅 | CGST | SGST | IGST"
        "| ^PIVA$")),
    ("service", Words(
        "SERVICE CHARGE | SERV CHARGE | SERVICE CHG | SVC | SVC CHG | 服務費 | SHIPPING | DELIVERY | 運費"
        "| ^TIP$ | FREIGHT | FRAIS"
        "| VERSAND | GASTOS DE ENVIO | SPESE DI | VERZENDKOSTEN | 送料")),
    ("due", Words("BALANCE DUE | AMOUNT DUE | TOTAL DUE | TOTAL AMOUNT DUE | DUE$")),
    ("paid", Words(
        "ACCEPTED | CASH | VISA | MASTERCARD | CARD | TENDER | RECEIVED | AMOUNT PAID | PAID AMOUNT | PAYMENT"
        "| 現金 | 信用卡"
        "| 八達通 | OCTOPUS | 支付 | MOBILE PAY | 實收 | TUNAI | ESPECES | 扣除金額 | BARGELD | ^BAR$ | DEBIT"
        "| 交易金額 | ALIPAY"
        "| LINE PAY | 付款方式 | GEGEBEN | EFECTIVO | ENTREGADO | TARJETA | CONTANTI | CONTANTE | CONTANT | CARTE"
        " BANCAIRE"
        "| EC KARTE | KARTENZAHLUNG | お預 | 預り | 預かり | DEPOSIT")),
    ("total", Words(
        "總計 | ^總$ | 總額 | 總金額 | 合計 | 總數 | TOTAL | TOTALE | JUMLAH | SUMME$ | GESAMT | 應付$ | 應付:"
        "| 付款金額 | 應收 | MONTANT"
        "| 共計 | LOTAL | TOTAAL | IMPORTO TOTALE | ENDSUMME")),
    ("weak", Words("PAYE | PAID | NET AMT | NET AMOUNT | BETRAG | AMOUNT | 金額 | 實付 | IMPORTE | IMPORTO | BEDRAG")),
    ("tax", Words("TAX | 稅")),
)  # fmt: skip


def kind_of_label(text: str) -> str | None:
    """Return what a label says its amount is, or None where it says nothing of the kind."""
    if not fold_label(text):
        return None
    return next((kind for kind, words in KINDS if words.find(text)), None)
