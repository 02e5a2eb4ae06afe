"""The amount in capital numerals against the one in digits."""

from decimal import Decimal

from extraction.validation.rules import PASSED, CannotCheck, Doubt, Facts, Outcome, plain, rule
from schemas.document import get_cell
from schemas.numerals import parse_words
from schemas.result import Severity, Suggestion


@rule("words_differ", "medical_receipt")
def check_receipt_words(facts: Facts) -> Outcome:
    """大寫金額 is what is due or what was paid."""
    return _compare(facts, ("amount_due", "amount_paid"))


@rule("words_differ", "invoice")
def check_invoice_words(facts: Facts) -> Outcome:
    """總計新臺幣 in capital numerals is required on hand-written uniform invoices (統一發票使用辦法 §9)."""
    return _compare(facts, ("total_amount",))


def _compare(facts: Facts, paths: tuple[str, ...]) -> Outcome:
    printed: str | None = get_cell(facts.document, "amount_in_words")
    if printed is None:
        return facts.missing("amount_in_words", "no_amount_in_words")
    in_words = parse_words(printed)
    if in_words is None:
        return CannotCheck("words_not_understood")
    amounts: dict[str, Decimal | None] = {path: get_cell(facts.document, path) for path in paths}
    known = {path: amount for path, amount in amounts.items() if amount is not None}
    if in_words in known.values():
        return PASSED
    if not known:
        return facts.missing(paths[0], "no_total")
    path, amount = next(iter(known.items()))
    parameters = {"words": plain(in_words), "digits": plain(amount)}
    suggestion = Suggestion(path=path, value=plain(in_words), source="rule")
    return [Doubt(Severity.ERROR, (path, "amount_in_words"), parameters, (suggestion,))]
