"""The columns of an invoice's lines, by the words at their heads, and which number belongs to which."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from extraction.layout.invoice_amount import Amount, NumberStyle
from extraction.layout.invoice_rows import Row, unaccented

_HEADS = (  # longest first where one word holds another
    ("unit_price", r"[單单]\s?[價价]|UNIT\s?PRICE|U\.?\s?PRICE|U/P(?:\(RM\))?|S/PRICE|PRICE|(?<![A-Z])RATE|HARGA"
                   r"|PRIX(?: UNITAIRE)?|EINZELPREIS|UNIT COST|PRECIO(?: UNITARIO)?|PREZZO(?: UNITARIO)?"
                   r"|P\. ?UNIT\.?|STUKPRIJS|(?<![A-Z])PRIJS|(?<![A-Z])PREIS|(?<![A-Z])PU(?![A-Z])|P\.U\."),
    ("quantity", r"[數数教敷]\s?量|QTY(?:/HR)?|Q[I1]Y|QUANTITY|QUANTIT[EE]|MENGE|ANZAHL|KUANTITI|CANTIDAD|CANT\."
        r"|QUANTITA"
        r"|Q\.TA|(?<![A-Z])UDS|AANTAL|(?<![A-Z])QT[EE]"),
    ("amount", r"金\s?[額额]|LINE TOTAL|TOTAL|AM[OA]UNT|A[MN]T(?![A-Z])|小\s?計|總\s?[數價]|MONTANT|BETRAG"
               r"|SUMME|JUMLAH|IMPORTE|IMPORTO|BEDRAG|TOTAAL|TOTALE"
               r"|GESAMT|^\W*RM\W*$"),
    ("description", r"品\s?名(?:規格)?|品\s?項|[項项]\s?目(?:名[稱称])?|產品|名\s?稱|摘\s?要"
                    r"|(?:CODE/)?DESC(?:RIPTION)?"
                    r"|ITEM(?! CODE)(?: DESCRIPTION| NAME)?"
                    r"|(?<![A-Z])[L1]TEM|PARTICULARS|PRODUCT|DESIGNATION|D[EE]SIGNATION|BEZEICHNUNG|ARTIKEL"
                    r"|LIBELL[EE]|LEISTUNG|BUTIRAN|DESCRIPCION|CONCEPTO|ARTICULO|DESCRIZIONE|ARTICOLO|OMSCHRIJVING"
                    r"|BESCHREIBUNG|品目|項目名"),
    ("other", r"備\s?註|[稅税]\s?[率額额]|TAX(?:ES)?|DISC(?:OUNT)?[.%()]*|ITEM CODE|DATE|(?<![A-Z])UM(?![A-Z])"
              r"|UOM|項\s?次|單\s?位"
              r"|序\s?號|TVA|MWST|VAT|(?<![A-Z])IVA(?![A-Z])|(?<![A-Z])BTW(?![A-Z])|(?<![A-Z])UST(?![A-Z])"),
)  # fmt: skip
_LONGEST_HEAD = 40
"""Characters; more in one text are a sentence."""
_MOST_NUMBERS = 7
NUMBERS = ("quantity", "unit_price", "amount")


@dataclass(frozen=True)
class Column:
    """One column, as wide as the word at its head."""

    kind: str
    left: float
    right: float

    @property
    def middle(self) -> float:
        """Horizontal middle of the head."""
        return (self.left + self.right) / 2


def columns_of(row: Row) -> list[Column]:
    """Return the columns of a row of heads from left to right, also where OCR joined several heads into one text."""
    columns: list[Column] = []
    for piece in row.pieces:
        text, taken = unaccented(piece.text).upper(), set[int]()
        for kind, words in _HEADS:
            for match in re.finditer(words, text):
                if not taken & set(range(*match.span())):
                    taken |= set(range(*match.span()))
                    box = piece.part(match.start(), match.end())
                    columns.append(Column(kind, box.left, box.right))
        if text in ("品", "名") and not any(column.kind == "description" for column in columns):
            columns.append(Column("description", piece.left, piece.right))
    return _one_of_each(sorted(columns, key=lambda column: column.left))


def is_item_head(row: Row) -> bool:
    """Whether the row holds the heads of the item columns: words for a thing or a count and for money, no number."""
    if any(len(piece.text) > _LONGEST_HEAD or re.search(r"\d", piece.text) for piece in row.pieces):
        return False
    kinds = {column.kind for column in columns_of(row)}
    return len(kinds & {"description", "quantity"}) > 0 and len(kinds & {"unit_price", "amount"}) > 0


def _one_of_each(columns: list[Column]) -> list[Column]:
    """Keep the last of two columns of a kind (S/Price with tax, Item before Description), the rest as others."""
    last = {column.kind: column for column in columns}
    return [c if last[c.kind] is c else Column("other", c.left, c.right) for c in columns]


def description_zone(columns: Sequence[Column]) -> tuple[float, float]:
    """Return from where to where the middle of a description may stand."""
    head = next((column for column in columns if column.kind == "description"), None)
    if head is None:
        after = [column.left for column in columns if column.kind in NUMBERS[1:]]
        return 0.0, min(after, default=1.0)
    left = max((column.right for column in columns if column.right <= head.left), default=0.0)
    return left, min((column.left for column in columns if column.left >= head.right), default=1.0)


def complete(columns: Sequence[Column], rows: Sequence[Sequence[Amount]]) -> list[Column]:
    """Add what of quantity, price and amount has no legible head, where the products of most rows prove it."""
    known = {column.kind for column in columns}
    missing = [kind for kind in NUMBERS if kind not in known]
    triples = [sorted(row, key=lambda a: a.middle) for row in rows if len(row) == len(NUMBERS)]
    proven = [row for row in triples if row[0].value * row[1].value == row[2].value]
    if len(missing) not in (1, len(NUMBERS)) or not proven or 2 * len(proven) < len(triples):
        return list(columns)
    added = []
    for kind in missing:
        place = NUMBERS.index(kind)
        spans = [row[place].piece.part(row[place].start, row[place].end) for row in proven]
        added.append(Column(kind, min(span.left for span in spans), max(span.right for span in spans)))
    return sorted([*columns, *added], key=lambda column: column.left)


_DROPPED, _NO_CENTS = 0.15, 0.08
"""What it costs, in page widths, to leave a number out, and to take one without decimals for money that has them."""


def assign(columns: Sequence[Column], amounts: Sequence[Amount], style: NumberStyle) -> list[tuple[Column, Amount]]:
    """Give amounts to columns in their order, so that the distances are least: columns may lean."""

    def distance(column: Column, amount: Amount) -> float:
        is_odd = style.has_cents and not amount.has_decimals and column.kind in ("unit_price", "amount")
        return min(abs(column.middle - amount.middle), abs(column.right - amount.right)) + _NO_CENTS * is_odd

    amounts = sorted(amounts, key=lambda amount: amount.middle)[:_MOST_NUMBERS]
    best: list[tuple[Column, Amount]] = []
    least = _DROPPED * len(amounts)
    for size in range(1, min(len(amounts), len(columns)) + 1):
        for some in itertools.combinations(amounts, size):
            for chosen in itertools.combinations(columns, size):
                pairs = list(zip(chosen, some, strict=True))
                cost = sum(distance(*pair) for pair in pairs) + _DROPPED * (len(amounts) - size)
                if cost < least:
                    best, least = pairs, cost
    return best
