"""The amounts of a page that a label names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extraction.layout.invoice_amount import Amount, NumberStyle, amounts_in, without_amounts
from extraction.layout.invoice_rows import Row
from extraction.layout.invoice_words import COLUMN_WORDS, STRONG, SUMMARY, fold_label, kind_of_label

_CROWDED = 2.5
_CODE = re.compile(r"\W*(?:SR|ZRL|RM|BA|A|元|HKD|NT)\W*")
"""Tax codes and currencies that stand between a label and its amount."""


@dataclass(frozen=True)
class LabelledAmount:
    """An amount with what its label makes of it."""

    kind: str
    label: str
    amount: Amount
    row: int
    weight: float = 0.0


def labelled_amounts(rows: Sequence[Row], style: NumberStyle) -> list[LabelledAmount]:
    """Return the amounts of all rows that have a label, in reading order."""
    result: list[LabelledAmount] = []
    summary_from: int | None = None
    for number, row in enumerate(rows):
        if SUMMARY.find(row.text):
            summary_from = number
        in_summary = summary_from is not None and number - summary_from <= 8
        pairs = _pairs(row, style) or _below(rows, number, style)
        crowd = _CROWDED if len(pairs) == 1 and _is_crowded(row, style) else 0.0
        for label, amount in pairs:
            kind = kind_of_label(label)
            if kind is None:
                continue
            if in_summary and kind not in ("paid", "change"):
                kind = "summary"
            result.append(LabelledAmount(kind, label, amount, number, _weight(kind, label, amount, style) - crowd))
    return result


def is_credit_note(labelled: Sequence[LabelledAmount]) -> bool:
    """Whether more of the sums are negative than not."""
    sums = [item.amount.value for item in labelled if item.kind in ("total", "including", "due", "subtotal", "weak")]
    return sum(value < 0 for value in sums) > sum(value > 0 for value in sums)


def negated(labelled: Sequence[LabelledAmount]) -> list[LabelledAmount]:
    """Return the amounts with the other sign, so that a credit note adds up as an invoice does."""
    return [replace(item, amount=replace(item.amount, value=-item.amount.value)) for item in labelled]


def _weight(kind: str, label: str, amount: Amount, style: NumberStyle) -> float:
    base = {"total": 5.0, "including": 4.5, "due": 4.0, "weak": 2.5, "subtotal": 1.0}.get(kind, 0.0)
    if kind == "total" and STRONG.find(label):
        base += 1.0
    if style.has_cents and not amount.has_decimals:
        base -= 1.5  # a count rather than a sum
    if len(fold_label(label)) > 40:
        base -= 2.0  # a sentence
    return base


def _is_crowded(row: Row, style: NumberStyle) -> bool:
    """Whether several sums stand behind one label, as at the foot of a table: which is the total, no label says."""
    amounts = [amount for piece in row.pieces for amount in amounts_in(piece, style)]
    return len({amount.value for amount in amounts if amount.has_decimals or amount.currency}) > 1


def _pairs(row: Row, style: NumberStyle) -> list[tuple[str, Amount]]:
    """Return label and amount; of several amounts behind one label the last is meant (`Total | 3 | 24.00`)."""
    pairs: list[tuple[str, Amount]] = []
    label, last = "", None
    for piece in row.pieces:
        amounts = amounts_in(piece, style)
        before = piece.text[: amounts[0].start] if amounts else piece.text
        if _says_something(before) and not _CODE.fullmatch(before.strip()):
            if last is not None and label:
                pairs.append((label, last))
            label = "" if last is not None else label
            label, last = f"{label} {without_amounts(piece, amounts)}".strip(), None
        if amounts:
            last = amounts[-1]
            after = piece.text[last.end :]
            if kind_of_label(label) is None and kind_of_label(after) is not None:
                label, last = after, None  # `2 小計 | 8.40`: the count stands before the label
    if last is not None and label:
        pairs.append((label, last))
    return pairs


def _says_something(text: str) -> bool:
    """Whether a text is more than a stray letter; one ideograph may be half of `總 計`."""
    label = fold_label(text)
    return len(label) > 1 or label > "\u2e7f"


def _below(rows: Sequence[Row], number: int, style: NumberStyle) -> list[tuple[str, Amount]]:
    """Return amounts that stand under their label, where the next row has nothing but amounts."""
    if number + 1 >= len(rows) or rows[number + 1].page != rows[number].page:
        return []
    if COLUMN_WORDS.find(rows[number].text):
        return []
    below = [
        (piece, amounts_in(piece, style))
        for piece in rows[number + 1].pieces
        if not _CODE.fullmatch(piece.text.strip())
    ]
    if any(not amounts or len(fold_label(without_amounts(piece, amounts))) > 1 for piece, amounts in below):
        return []
    pairs = []
    for piece in rows[number].pieces:
        under = [a for p, amounts in below for a in amounts if p.left < piece.right and p.right > piece.left]
        if not under and len(rows[number].pieces) == 1:
            under = [a for _, amounts in below for a in amounts]
        if len(under) == 1:
            pairs.append((piece.text, under[0]))
    return pairs if pairs and len(pairs) == len(below) else []
