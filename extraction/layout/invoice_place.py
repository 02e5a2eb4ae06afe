"""Where an invoice comes from, as far as the page tells: its country, its currency, how it writes dates."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from extraction.layout.invoice_amount import Amount
from extraction.layout.invoice_rows import Found, Piece, found, unaccented

_SYMBOLS = {"NT$": "TWD", "NTD": "TWD", "元": None, "圓": None, "圆": None, "円": "JPY", "HK$": "HKD", "US$": "USD",
            "SG$": "SGD", "AU$": "AUD", "CA$": "CAD", "S$": "SGD", "A$": "AUD", "C$": "CAD", "FR.": "CHF", "₹": "INR",
            "RS": "INR", "RS.": "INR", "₩": "KRW", "฿": "THB", "₱": "PHP", "MOP": "MOP", "MOP$": "MOP", "RM": "MYR",
            "RP": "IDR", "RP.": "IDR", "€": "EUR", "£": "GBP", "$": None, "S": None, "¥": None}  # fmt: skip
"""Currency sign → ISO code, None where several countries use it."""

_CODES = re.compile(
    r"(?<![A-Za-z])(TWD|NTD|USD|HKD|MYR|EUR|GBP|SGD|IDR|JPY|CNY|RMB|CHF|AUD|CAD|THB|KRW|VND|PHP|INR|NZD)(?![A-Za-z])"
)
_CODE_SIGNS = re.compile(
    r"(NT\$|HK\$|US\$|SG\$|(?<![A-Z])S\$|[€£₹₩฿₱])|\(RM\)|^RM$|(?<![A-Za-z])RM(?=\s?\d|\))|US Dollars", re.IGNORECASE
)
_COUNTRIES = {
    "TW": r"統一發票|統一編號|統編|電子發票|中華民國|民國|新[臺台]幣|NT\$|[臺台][北中南東]|營業稅|高雄|新北|桃園",
    "HK": r"HONG ?KONG|香港|九龍|新界|HKD|HK\$|八達通|OCTOPUS|(?<![A-Z])N\.?T\.?,? HK|KOWLOON|NEW TERRITORIES",
    "MY": r"SDN\.?\s*BHD|JALAN|(?<![A-Z])JLN|KUALA LUMPUR|SELANGOR|JOHOR|PENANG|MALAYSIA|(?<![A-Z])RM ?\d|\(RM\)",
    "SG": r"SINGAPORE|PTE\.? ?LTD|S\$",
    "US": r"(?<![A-Z])(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI"
    r"|S[CD]|T[NX]"
          r"|UT|V[AT]|W[AIVY])[,.]? +\d{5}(?!\d)|UNITED STATES|SALES TAX|U\.?S\.?A(?![A-Z])|USD|US DOLLAR",
    "GB": r"£|UNITED KINGDOM|(?<![A-Z])LONDON|GBP|VAT REG|(?<![A-Z])[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}(?![A-Z])",
    "FR": r"FACTURE|RECU|TVA|(?<![A-Z])TTC|PAYE|SIRET|FRANCE|(?<![A-Z])RUE (?:D[EU]|[A-Z])|ESPECES|MERCI|ECHEANCE",
    "DE": r"RECHNUNG|MWST|GMBH|(?<![A-Z])UST\b|DEUTSCHLAND|STEUERNUMMER|BETRAG|STRASSE|QUITTUNG|SUMME|RUCKGELD",
    "CH": r"(?<![A-Z])CHE-\d|SCHWEIZ|SUISSE|SVIZZERA|CHF|(?<![A-Z])FR\. ?\d|ZURICH|GENEVE",
    "AT": r"OSTERREICH|(?<![A-Z])ATU ?\d{8}|(?<!\d)1\d{3} WIEN",
    "ES": r"FACTURA|(?<![A-Z])[NC]IF\b|IMPORTE|FECHA|CALLE|ESPANA|BASE IMPONIBLE|EFECTIVO|GRACIAS|VENCIMIENTO",
    "IT": r"FATTURA|P\. ?IVA|PARTITA IVA|SCONTRINO|DOCUMENTO COMMERCIALE|IMPONIBILE|S\.R\.L|S\.P\.A|IMPORTO|CONTANT[EI]"
          r"|ITALIA|CODICE FISCALE|GRAZIE|SCADENZA",
    "NL": r"FACTUUR|(?<![A-Z])BTW|(?<![A-Z])KVK|TOTAAL|NEDERLAND|(?<![A-Z])B\.V\.|BEDRAG|OMSCHRIJVING|AANTAL|KASSABON",
    "ID": r"(?<![A-Z])RP\.? ?\d|INDONESIA|JAKARTA|PPN|NPWP",
    "JP": r"円|JAPAN|TOKYO|登録番号|消費税|領収|請求書|株式会社|有限会社|合同会社|東京都|大阪府|御中|[ぁ-んァ-ヴ]{2}",
    "CN": r"人民[幣币]|RMB|增值[税稅]|CNY|发票|纳税人|社会信用|开票|价税合计",
    "IN": r"(?<![A-Z])GSTIN|(?<![A-Z])[CSI]GST(?![A-Z])|INDIA|₹",
    "AU": r"(?<![A-Z])ABN\b|AUSTRALIA|AUD",
}  # fmt: skip
_MONEY = {"TW": "TWD", "HK": "HKD", "MY": "MYR", "SG": "SGD", "US": "USD", "GB": "GBP", "FR": "EUR", "DE": "EUR",
          "ID": "IDR", "IN": "INR", "CH": "CHF", "AT": "EUR", "ES": "EUR", "IT": "EUR", "NL": "EUR", "JP": "JPY",
          "CN": "CNY", "AU": "AUD"}  # fmt: skip
_EURO = {"FR", "DE", "AT", "ES", "IT", "NL"}
_OWN_LANGUAGE_ELSEWHERE = ("CH", "AT")
"""Their papers are written in a neighbour's words, so what is theirs alone outweighs those."""
_SWISS_LANGUAGES = ("DE", "FR", "IT")
_APOSTROPHE = re.compile(r"\d['’]\d{3}(?!\d)")
_OUTWEIGHS = 50
NO_CURRENCY = "XXX"
"""ISO 4217's own code where no currency is known."""


@dataclass(frozen=True)
class Place:
    """What the page tells of its origin."""

    country: str | None
    currency: str
    is_sure: bool
    """Whether the currency has evidence of its own."""
    evidence: Found | None = None

    @property
    def month_first(self) -> bool | None:
        """Whether dates are month/day; None where the origin does not tell."""
        return None if self.country is None else self.country == "US"


def find_place(pieces: Sequence[Piece], amounts: Sequence[Amount]) -> Place:
    """Decide country and currency by words and signs on the whole document."""
    country = _country(pieces)
    named, where = _named_money(pieces, amounts)
    if country in _SWISS_LANGUAGES and "EUR" not in named and _has_apostrophes(amounts):
        country = "CH"
    if len(named) == 1 and country is not None and _MONEY[country] not in named and sum(named.values()) == 1:
        return Place(country, _MONEY[country], False)  # a code that stands once may be part of a product's name
    if named:
        code, count = named.most_common(1)[0]
        rivals = [other for other, number in named.items() if other != code and number * 2 > count]
        return Place(country or _country_of(code), code, not rivals, where[code])
    if country is not None:
        return Place(country, _MONEY[country], True)
    if any(amount.currency in ("$", "S") for amount in amounts):
        return Place(None, "USD", False)
    return Place(None, NO_CURRENCY, False)


def _named_money(pieces: Sequence[Piece], amounts: Sequence[Amount]) -> tuple[Counter[str], dict[str, Found]]:
    """Return how often the page names each currency, and where first."""
    named: Counter[str] = Counter()
    where: dict[str, Found] = {}
    for piece in pieces:
        for match in [*_CODES.finditer(piece.text), *_CODE_SIGNS.finditer(piece.text)]:
            code = _code_of(match[0])
            if code:
                named[code] += 1
                where.setdefault(code, found(piece, code, match.start(), match.end()))
    for amount in amounts:
        code = _code_of(amount.currency or "")
        if code:
            named[code] += 2
            where.setdefault(code, found(amount.piece, code, amount.start, amount.end))
    return named, where


def _has_apostrophes(amounts: Sequence[Amount]) -> bool:
    return any(_APOSTROPHE.search(amount.piece.text) for amount in amounts)


def _country(pieces: Sequence[Piece]) -> str | None:
    text = "\n".join(unaccented(piece.text.upper()) for piece in pieces)
    counts = {code: len(re.findall(words, text)) for code, words in _COUNTRIES.items()}
    for code in _OWN_LANGUAGE_ELSEWHERE:
        counts[code] *= _OUTWEIGHS
    best = max(counts, key=lambda code: counts[code])
    rivals = [code for code in counts if counts[code] == counts[best] and _MONEY[code] != _MONEY[best]]
    return best if counts[best] and not rivals else None  # a tie is no answer


def _code_of(sign: str) -> str | None:
    sign = sign.upper().strip("()")
    if sign == "US DOLLARS":
        return "USD"
    if sign in ("NTD", "RMB"):
        return {"NTD": "TWD", "RMB": "CNY"}[sign]
    return sign if _CODES.fullmatch(sign) else _SYMBOLS.get(sign)


def _country_of(code: str) -> str | None:
    return next((country for country, money in _MONEY.items() if money == code and country not in _EURO), None)
