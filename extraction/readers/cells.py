"""What a cell or a word of a transcript says: an amount with its unit, a dash, or text."""

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from extraction.layout.words import PAYERS, HeadWord, Role, fold, head_word
from schemas.values import UNREADABLE, normalize

_NUMBER = r"\d{1,3}(?:[,.'][\d?]{3})+(?:[.,]\d{1,2})?|[\d?]{1,9}(?:\.[\d?]{1,4})?"
_CURRENCY = r"(?:NT\$?|NTD|TWD|新[臺台]幣|\$)"
AMOUNT = re.compile(
    rf"(?P<open>\()?{_CURRENCY}?\s*(?P<number>[-−]?\s?{_CURRENCY}?\s*(?:{_NUMBER}))\s*(?P<unit>[點点元圓])?[整正]?\)?"
)
_DASHES = re.compile(r"[-−–—―─一ー~_.\"=‐]+|無")
_USUAL = {
    Role.NHI: ("健保點數", "健保給付", "健保申報", "健保金額", "健保費用"),
    Role.SELF_PAY: ("自費金額", "自費費用", "自付金額"),
    Role.COPAYMENT: ("部分負擔",),
}
_CLEARLY = 25.0
"""Points of similarity: one letter of four."""
_UNITS = {"點": Role.NHI, "点": Role.NHI, "元": Role.SELF_PAY, "圓": Role.SELF_PAY}


@dataclass(frozen=True)
class Printed:
    """An amount as printed, without currency and unit; `text` is None for a dash."""

    text: str | None
    payer: Role | None = None
    """Whose the unit says it is: points are the NHI's, money may be anybody's where no points are on the page."""


def printed_amount(text: str) -> Printed | None:
    """Return the amount that a whole text is; None where it is anything else, or empty."""
    bare = normalize(text)
    if not bare:
        return None
    if _DASHES.fullmatch(bare):
        return Printed(None)
    match = AMOUNT.fullmatch(bare)
    if match is None or bare.startswith("(") != bare.endswith(")"):
        return None
    number = re.sub(rf"{_CURRENCY}|\s", "", match["number"]).replace("−", "-")
    if number.strip(f"{UNREADABLE}-") == "":
        number = UNREADABLE
    return Printed(f"({number})" if match["open"] else number, _UNITS.get(match["unit"] or ""))


def head(text: str) -> HeadWord | None:
    """Return what a text says as a head; a misspelled one that is as near to another payer's says nothing."""
    word = head_word(text)
    if word is None or word.sure or word.role not in PAYERS:
        return word
    near = {role: max(fuzz.ratio(fold(text), usual) for usual in words) for role, words in _USUAL.items()}
    rivals = [score for role, score in near.items() if role is not word.role]
    return word if near[word.role] > max(rivals) + _CLEARLY else None


def is_amount(text: str) -> bool:
    """Whether a whole text is an amount or a dash."""
    return printed_amount(text) is not None
