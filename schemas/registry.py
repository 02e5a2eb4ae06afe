"""The document types there are. A new type is one class in its own file and one line here."""

from schemas.document import Document
from schemas.invoice import Invoice
from schemas.medical_receipt import MedicalReceipt

DOCUMENT_TYPES: dict[str, type[Document]] = {
    "medical_receipt": MedicalReceipt,
    "invoice": Invoice,
}
