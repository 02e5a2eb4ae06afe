"""Rules over a document: each gives passed, failed with a flag, or cannot check because of something missing.

What an office's own module needs to write rules is imported from here (docs/rules.md).
"""

from extraction.validation import (
    cells,
    copayment,
    dates,
    identifiers,
    invoices,
    payment,
    stays,
    sums,
    vocabulary,
    words,
)
from extraction.validation.rules import PASSED, CannotCheck, Doubt, Facts, Outcome, is_rule, rule, rule_codes, validate
from schemas.result import Severity, Suggestion

FAMILIES = (cells, copayment, dates, identifiers, invoices, payment, stays, sums, vocabulary, words)
"""Importing a family registers its rules."""

__all__ = ["FAMILIES", "PASSED", "CannotCheck", "Doubt", "Facts", "Outcome", "Severity", "Suggestion", "is_rule",
           "rule", "rule_codes", "validate"]  # fmt: skip
