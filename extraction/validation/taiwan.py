"""Whether an invoice follows the rules of Taiwan's uniform invoices."""

from schemas.identifiers import is_invoice_number
from schemas.invoice import Invoice

_UNIFORM_KINDS = {"electronic", "triplicate", "duplicate", "cash_register", "computer"}


def is_uniform_invoice(invoice: Invoice) -> bool:
    """Whether anything but the currency says 統一發票: TWD alone may be the default of a foreign paper."""
    if invoice.currency != "TWD" or invoice.invoice_kind in {"commercial", "exempt"}:
        return False
    has_number = invoice.invoice_number is not None and is_invoice_number(invoice.invoice_number)
    is_numbered = len(invoice.seller_tax_id or "") == 8 or invoice.random_code is not None or invoice.period is not None
    return has_number or is_numbered or invoice.invoice_kind in _UNIFORM_KINDS
