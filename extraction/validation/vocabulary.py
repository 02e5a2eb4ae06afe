"""Names against the lists that ship with the product: fee items and hospitals."""

import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from extraction.validation.rules import PASSED, CannotCheck, Doubt, Facts, Outcome, rule
from schemas.lexicon import bare_name, fee_entries, fold_name, from_lists, hospitals, ocr_confusions
from schemas.result import Severity, Suggestion

# below, two different fees of three characters count as near (藥費 and 車費 share half)
_NEAR = 80
_TOTAL_WORDS = {"合計", "小計", "總計", "總額", "應收", "應繳", "SUBTOTAL", "TOTAL"}
_NO_ITEM = re.compile(r"^(?:TOT_|DUE$|PAID$|PREPAID$|REFUND$|BALANCE$|OFFSET_INS$|PAY_METHOD$|DISCOUNT$|SUBSIDY$)")


def is_misread(printed: str, name: str) -> bool:
    """Whether the first is the second with characters that OCR is known to confuse (`樂費` for `藥費`)."""
    if len(printed) != len(name) or printed == name:
        return False
    confusions = ocr_confusions()  # 証 is also how 證 is printed
    return all(
        seen == meant or (seen in confusions.get(meant, "") and seen != "証")
        for seen, meant in zip(printed, name, strict=True)
    )


@from_lists
def _fee_names() -> tuple[dict[str, str], dict[str, str]]:
    """Return category by name for real names, and the real name by misread spelling that the lexicon also lists."""
    codes, misread = {}, {}
    for entry in fee_entries():
        for name in entry.names:
            meant = next((other for other in sorted(entry.names) if is_misread(name, other)), None)
            if meant is None or fold_name(entry.canonical) == name:
                codes[name] = entry.code
            else:
                misread[name] = meant
    return codes, misread


@from_lists
def judge_fee_name(printed: str) -> tuple[str, str | None]:
    """Return `known`, `near` with the name meant, `compound` of a known name, or `unknown`."""
    codes, misread = _fee_names()
    forms = (fold_name(printed), bare_name(printed))
    if any(form in codes for form in forms):
        return "known", None
    for form in forms:
        if form in misread:
            return "near", misread[form]
    bare = forms[1]
    meant = next((name for name in codes if is_misread(bare, name)), None)
    if meant:
        return "near", meant
    # 高壓氧治療費, 急診診察費: a fee of its own, named after a known one
    if any(len(name) >= 3 and bare.endswith(name) for name in codes):
        return "compound", None
    found = process.extract(bare, codes.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR, limit=5)
    near = [(len(name) == len(bare), score, name) for name, score, _ in found if abs(len(name) - len(bare)) <= 1]
    return ("near", max(near)[2]) if near else ("unknown", None)


def _named(facts: Facts) -> list[tuple[str, str]]:
    items = enumerate(facts.receipt.items)
    return [(f"items.{index}.name", item.name) for index, item in items if item.name is not None]


@rule("unknown_fee_item", "medical_receipt")
def check_fee_names(facts: Facts) -> Outcome:
    """Names follow the NHI's 點數清單 (施行細則 §11) with each hospital's own additions, so no name is an error."""
    names = _named(facts)
    if not names:
        return facts.missing("items", "no_items")
    doubts = []
    for path, name in names:
        verdict, meant = judge_fee_name(name)
        if is_total_word(name):
            continue
        if verdict in {"near", "unknown"}:
            suggestions = (Suggestion(path=path, value=meant, source="lexicon"),) if meant else ()
            doubts.append(Doubt(Severity.WARNING, (path,), {"name": name}, suggestions))
        elif verdict == "compound":
            doubts.append(Doubt(Severity.INFO, (path,), {"name": name}))
    return doubts


@rule("total_as_item", "medical_receipt")
def check_total_words(facts: Facts) -> Outcome:
    """A subtotal, total or payment among the fee lines would be counted twice."""
    names = _named(facts)
    if not names:
        return facts.missing("items", "no_items")
    wrong = [(path, name) for path, name in names if is_total_word(name)]
    return [Doubt(Severity.WARNING, (path,), {"name": name}) for path, name in wrong]


def is_total_word(name: str) -> bool:
    """Whether it names a subtotal, total or payment rather than a fee."""
    bare = bare_name(name)
    return bare in _TOTAL_WORDS or bool(_NO_ITEM.match(_fee_names()[0].get(bare, "")))


@rule("hospital_name_misread", "medical_receipt")
def check_hospital_name(facts: Facts) -> Outcome:
    """A listed hospital's name with characters that OCR confuses (國泰 stays, 醬院 does not)."""
    name = facts.receipt.hospital_name
    if name is None:
        return facts.missing("hospital_name", "no_hospital_name")
    if _is_listed(fold_name(name)):
        return PASSED
    meant = _meant_hospital(fold_name(name))
    if meant is None:
        return CannotCheck("hospital_not_listed")
    return [Doubt(Severity.WARNING, ("hospital_name",), {"name": name},
                  (Suggestion(path="hospital_name", value=meant, source="lexicon"),))]  # fmt: skip


@from_lists
def _hospital_names() -> dict[str, str]:
    return {fold_name(name): name for hospital in hospitals() for name in (hospital.name, *hospital.aliases)}


def _is_listed(folded: str) -> bool:
    return folded in _hospital_names()


def _meant_hospital(folded: str) -> str | None:
    names: Iterable[tuple[str, str]] = _hospital_names().items()
    return next((name for key, name in names if len(key) > 2 and is_misread(folded, key)), None)
