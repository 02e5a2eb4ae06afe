"""What a document is known by when it comes again: its number, its visit, and the numbers printed on it.

A perceptual hash of the page is no help here: two receipts of one form differ in 12 of 256 bits, two pictures of one
receipt in up to 144. The printed numbers tell them apart, however the paper was turned, scaled or photographed.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence

from schemas.invoice import Invoice
from schemas.layout import TextLine
from schemas.medical_receipt import MedicalReceipt
from schemas.result import Extraction
from schemas.values import normalize
from storage.duplicates import BAND, MINIMA

_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z,./:\-]*[0-9]")
_LEAST_SCORE, _LEAST_DIGITS, _LEAST_NUMBERS = 0.85, 3, 5
_FUNCTIONS, _BAND_SIZE = 24, 2
_PRIME = (1 << 61) - 1
_WHOLE = 0xFFFFFFFF


def likeness_of(extraction: Extraction) -> dict[str, list[str]]:
    """Return the fingerprints of an extraction by kind, as digests."""
    prints: dict[str, list[str]] = {}
    for kind, parts in _identities(extraction):
        folded = [_folded(part) for part in parts]
        if all(folded):
            prints[kind] = [_digest(kind, *folded)]
    minima = _minima(_numbers(line for reading in extraction.readings for line in reading.lines))
    if minima:
        prints[MINIMA] = ["".join(f"{value & _WHOLE:08x}" for value in minima)]
        prints[BAND] = [
            _digest(BAND, str(at), *map(str, minima[at : at + _BAND_SIZE])) for at in range(0, _FUNCTIONS, _BAND_SIZE)
        ]
    return prints


def _identities(extraction: Extraction) -> list[tuple[str, Sequence[object]]]:
    document = extraction.document
    if isinstance(document, MedicalReceipt):
        total = document.amount_due if document.amount_due is not None else document.amount_paid
        date = document.visit_date or document.admission_date
        return [
            ("number", (document.hospital_name, document.receipt_number)),
            ("visit", (document.hospital_name, document.patient_name, date, total)),
        ]
    if isinstance(document, Invoice):
        seller = document.seller_tax_id or document.seller_name
        return [("number", (seller, document.invoice_number))]
    return []


def _folded(part: object) -> str:
    return "" if part is None else re.sub(r"[\s\-]", "", normalize(str(part))).casefold()


def _numbers(lines: Iterable[TextLine]) -> set[str]:
    found = set()
    for line in lines:
        if line.score >= _LEAST_SCORE:
            found |= {re.sub(r"[^0-9A-Z]", "", text) for text in _NUMBER.findall(normalize(line.text).upper())}
    return {text for text in found if sum(character.isdigit() for character in text) >= _LEAST_DIGITS}


def _minima(numbers: set[str]) -> list[int]:
    """Return the least value of each of many hash functions: the share of equal ones is the share of equal numbers."""
    if len(numbers) < _LEAST_NUMBERS:
        return []
    values = [int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest()) for text in numbers]
    return [min((a * value + b) % _PRIME for value in values) for a, b in _COEFFICIENTS]


def _coefficients() -> list[tuple[int, int]]:
    seeds = [hashlib.blake2b(f"claimsheet {at}".encode(), digest_size=14).digest() for at in range(_FUNCTIONS)]
    return [(int.from_bytes(seed[:7]) | 1, int.from_bytes(seed[7:])) for seed in seeds]


_COEFFICIENTS = _coefficients()


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()
