"""What a copayment may be by kind, level of the institution and date (`data/copayments.csv` names the sources).

Of a row that is not confirmed by a source nothing is concluded: the tariff of that day is not known.
"""

import csv
import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from schemas.lexicon import fold_name, hospitals

_ANY_LEVEL = "*"
_SHORT = 2
_DISABLED = Decimal(50)  # also dental and Chinese medicine, and a course of treatment, at every level
_REMOTE = Decimal("0.8")  # 20 % off where doctors are few (施行細則)
_TIER = Decimal(100)  # dollars of drugs
_SMALLEST = "診所"
"""Its scale for drugs is that of the poor and the disabled at every level, and of Chinese medicine."""
# 部分負擔代號: the letter tells the level, of Western medicine, dentists and Chinese medicine in turn (PartCode-cs)
_CODE = re.compile(r"(?<![A-Z\d])([A-HNQRS])\d{2}(?!\d)")
_LEVELS = {"醫學中心": "AEN", "區域醫院": "BFQ", "地區醫院": "CGR", "診所": "DHS"}


@dataclass(frozen=True)
class _Tariff:
    kind: str
    level: str
    since: dt.date
    until: dt.date
    amounts: tuple[Decimal, ...]
    """Of drugs, one for each hundred dollars of their cost, in order."""


def listed_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a shipped table of facts that a source confirms."""
    text = files("schemas").joinpath("data", name).read_text(encoding="utf-8")
    return [row for row in csv.DictReader(text.splitlines()) if row.get("status") != "unconfirmed"]


@cache
def _tariffs() -> tuple[_Tariff, ...]:
    return tuple(
        _Tariff(
            row["kind"], row["level"], dt.date.fromisoformat(row["since"]), dt.date.fromisoformat(row["until"]),
            tuple(Decimal(amount) for amount in row["amounts"].split("|")),
        )
        for row in listed_rows("copayments.csv")
    )  # fmt: skip


@cache
def copayment_kinds() -> frozenset[str]:
    """Return the fee codes that the tariff knows."""
    return frozenset(tariff.kind for tariff in _tariffs())


def _in_force(kind: str, level: str, date: dt.date) -> list[_Tariff]:
    return [
        tariff
        for tariff in _tariffs()
        if tariff.kind == kind and tariff.level in (level, _ANY_LEVEL) and tariff.since <= date <= tariff.until
    ]


def plausible_copayments(kind: str, level: str, date: dt.date) -> frozenset[Decimal]:
    """Return what may be charged: tariff, reductions and nothing; empty where the tariff of that day is not known."""
    listed = {amount for tariff in _in_force(kind, level, date) for amount in tariff.amounts}
    if not listed:
        return frozenset()
    full = listed | ({_DISABLED} if kind == "COPAY_BASE" else set())
    return frozenset({Decimal(0)} | full | {amount * _REMOTE for amount in full})


def drug_copayments(cost: Decimal, level: str, date: dt.date) -> frozenset[Decimal]:
    """Return what may be charged for drugs of that cost; empty where the tariff of that day is not known."""
    scales = [tariff.amounts for tariff in _in_force("COPAY_DRUG", level, date)]
    if not scales:
        return frozenset()
    scales += [tariff.amounts for tariff in _in_force("COPAY_DRUG", _SMALLEST, date)]
    tier = max(int((cost - 1) // _TIER), 0)
    full = {scale[min(tier, len(scale) - 1)] for scale in scales}
    return frozenset({Decimal(0)} | full | {amount * _REMOTE for amount in full})


def level_of(name: str | None, code: str | None, copayment_code: str | None = None) -> str | None:
    """Return the level of a listed institution by code or name, or what its own name or code says; never guessed.

    `copayment_code`: the text that may hold a 部分負擔代號.
    """
    listed = next((hospital.level for hospital in hospitals() if code is not None and hospital.code == code), None)
    if listed:
        return listed
    folded = fold_name(name or "")
    levels = {hospital.level for hospital in hospitals()
              if folded in {fold_name(other) for other in (hospital.name, *hospital.aliases)
                            if len(other) > _SHORT}}  # fmt: skip
    if len(levels) == 1:
        return levels.pop()
    named = next((level for level in ("診所", "藥局") if folded.endswith(level)), None)
    found = _CODE.search(fold_name(copayment_code or ""))
    if named or found is None:
        return named
    return next(level for level, letters in _LEVELS.items() if found[1] in letters)
