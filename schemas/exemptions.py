"""Who pays no copayment, by 部分負擔代號 and by the words on receipts (`data/copayment_exemptions.csv`)."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

from schemas.copayments import listed_rows
from schemas.lexicon import fold_name

_DRUGS_ONLY = "I22"
_DENIED = r"(?<![中非無免])"  # 中低收入 is not exempt, 非重大傷病 says the opposite


@dataclass(frozen=True)
class Exemption:
    """What is printed of an exemption."""

    code: str
    printed: str
    """The code, or the word that stands for it."""
    by_word: bool
    """A word tells who the patient is, not that this visit is exempt."""
    drugs_only: bool
    is_conditional: bool = False
    """The word exempts only with something that the receipt does not tell: this illness, a referral, that place."""


@cache
def _listed() -> tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None, bool, dt.date, dt.date], ...]:
    return tuple(
        (
            row["code"],
            re.compile(rf"(?<![A-Z\d]){row['code']}(?!\d)"),
            re.compile(f"{_DENIED}(?:{row['words']})") if row["words"] else None,
            bool(row["only_if"]),
            dt.date.fromisoformat(row["since"]),
            dt.date.fromisoformat(row["until"]) if row["until"] else dt.date.max,
        )
        for row in listed_rows("copayment_exemptions.csv")
    )


def find_exemption(category: str, date: dt.date | None) -> Exemption | None:
    """Return what the printed insurance status says of an exemption on that day, a code before a word."""
    folded = fold_name(category)
    words: list[Exemption] = []
    for code, number, word, is_conditional, since, until in _listed():
        if date is not None and not since <= date <= until:
            continue
        drugs_only = code == _DRUGS_ONLY
        if found := number.search(folded):
            return Exemption(code, found.group(), by_word=False, drugs_only=drugs_only)
        if word is not None and (found := word.search(folded)):
            words.append(
                Exemption(code, found.group(), by_word=True, drugs_only=drugs_only, is_conditional=is_conditional)
            )
    return words[0] if words else None
