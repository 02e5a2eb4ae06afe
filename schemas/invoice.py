"""統一發票, 電子發票證明聯 and commercial invoices and shop receipts of other countries."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from schemas.document import Document, DocumentPart, optional, required
from schemas.folding import fold_code
from schemas.values import Amount, Date, Identifier, Kind, Quantity, Text, ValueKind, parse_choice

INVOICE_KINDS = {
    "電子發票": "electronic",
    "三聯": "triplicate",
    "二聯": "duplicate",
    "收銀機": "cash_register",
    "電子計算機": "computer",
    "免用統一發票": "exempt",
    "commercial": "commercial",
}
TAX_KINDS = {"應稅": "taxable", "零稅率": "zero_rated", "免稅": "exempt", "混合": "mixed", "TX": "taxable"}
"""Printed word → code."""


def _invoice_kind(value: object) -> str | None:
    return parse_choice(value, INVOICE_KINDS)


def _tax_kind(value: object) -> str | None:
    return parse_choice(value, TAX_KINDS)


def parse_invoice_number(value: object) -> str | None:
    """Return the number without spaces; `AB-12345678` loses its hyphen, foreign numbers keep theirs."""
    if value is None:
        return None
    text = fold_code(str(value))
    bare = text.replace("-", "").upper()
    is_track = len(bare) == 10 and bare[:2].isalpha() and bare[2:].isdigit()
    return (bare if is_track else text) or None


InvoiceNumber = Annotated[str | None, Kind(ValueKind.IDENTIFIER), BeforeValidator(parse_invoice_number)]
InvoiceKind = Annotated[str | None, Kind(ValueKind.CHOICE), BeforeValidator(_invoice_kind)]
TaxKind = Annotated[str | None, Kind(ValueKind.CHOICE), BeforeValidator(_tax_kind)]


class InvoiceItem(DocumentPart):
    """One line of an invoice."""

    description: Text = required("品名 What was sold, exactly as printed.")
    quantity: Quantity = optional("數量 Quantity.")
    unit_price: Amount = optional("單價 Price of one.")
    amount: Amount = optional("金額 Amount of the line.")
    tax_kind: TaxKind = optional("課稅別 Tax kind of the line where it is printed.")


class Invoice(Document):
    """An invoice or shop receipt."""

    invoice_number: InvoiceNumber = required("發票號碼 Two letters and eight digits; other invoices, their own number.")
    invoice_kind: InvoiceKind = optional("發票種類 electronic, triplicate, duplicate, cash_register, computer, exempt, "
                                         "commercial.")  # fmt: skip
    issue_date: Date = required("開立日期 Date of issue.")
    period: Text = optional("期別 Two-month period as printed (114年05-06月).")
    random_code: Identifier = optional("隨機碼 Four digits on an e-invoice.")
    seller_name: Text = optional("賣方 Name of the seller.")
    seller_tax_id: Identifier = optional("賣方統一編號 Seller's tax id.")
    buyer_name: Text = optional("買受人 Name of the buyer.")
    buyer_tax_id: Identifier = optional("買方統一編號 Buyer's tax id.")
    currency: Identifier = Field(default="TWD", description="幣別 ISO code of the currency.")
    items: list[InvoiceItem] = Field(default_factory=list, description="品項 Every line in the order of the page.")
    sales_amount: Amount = optional("銷售額合計 Sales amount before tax.")
    tax_kind: TaxKind = optional("課稅別 taxable, zero_rated, exempt or mixed.")
    tax_amount: Amount = optional("營業稅 Tax.")
    total_amount: Amount = required("總計 Total with tax.")
    amount_in_words: Text = optional("大寫金額 Total in Chinese capital numerals, as printed.")
    carrier: Text = optional("載具 Carrier code of an e-invoice.")
    notes: Text = optional("備註 Printed remarks.")
