"""Rules over a document: each gives passed, failed with a flag, or cannot check because of something missing."""

from extraction.validation import cells, copayment, dates, identifiers, invoices, payment, sums, vocabulary, words
from extraction.validation.rules import rule_codes, validate

FAMILIES = (cells, copayment, dates, identifiers, invoices, payment, sums, vocabulary, words)
"""Importing a family registers its rules."""

__all__ = ["FAMILIES", "rule_codes", "validate"]
