"""What a copayment may be by kind, level of the institution and date (`data/copayments.csv` names the sources)."""

import csv
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from schemas.lexicon import fold_name, hospitals

_ANY_LEVEL = "*"
_SHORT = 2
_DISABLED = Decimal(50)  # also dental and Chinese medicine, and a course of treatment, at every level
_REMOTE = Decimal("0.8")  # 20 % off where doctors are few (施行細則)


@dataclass(frozen=True)
class _Tariff:
    kind: str
    level: str
    since: dt.date
    until: dt.date
    amounts: frozenset[Decimal]


@cache
def _tariffs() -> tuple[_Tariff, ...]:
    text = files("schemas").joinpath("data", "copayments.csv").read_text(encoding="utf-8")
    return tuple(
        _Tariff(
            row["kind"], row["level"], dt.date.fromisoformat(row["since"]), dt.date.fromisoformat(row["until"]),
            frozenset(Decimal(amount) for amount in row["amounts"].split("|")),
        )
        for row in csv.DictReader(text.splitlines())
    )  # fmt: skip


@cache
def copayment_kinds() -> frozenset[str]:
    """Return the fee codes that the tariff knows."""
    return frozenset(tariff.kind for tariff in _tariffs())


def plausible_copayments(kind: str, level: str, date: dt.date) -> frozenset[Decimal]:
    """Return what may be charged: tariff, reductions and nothing; empty where the tariff of that day is not known."""
    listed = {
        amount
        for tariff in _tariffs()
        if tariff.kind == kind and tariff.level in (level, _ANY_LEVEL) and tariff.since <= date <= tariff.until
        for amount in tariff.amounts
    }
    if not listed:
        return frozenset()
    full = listed | ({_DISABLED} if kind == "COPAY_BASE" else set())
    return frozenset({Decimal(0)} | full | {amount * _REMOTE for amount in full})


def level_of(name: str | None, code: str | None) -> str | None:
    """Return the level of a listed institution by code or name, or what its own name says; never guessed."""
    listed = next((hospital.level for hospital in hospitals() if code is not None and hospital.code == code), None)
    if listed or name is None:
        return listed
    folded = fold_name(name)
    levels = {hospital.level for hospital in hospitals()
              if folded in {fold_name(other) for other in (hospital.name, *hospital.aliases)
                            if len(other) > _SHORT}}  # fmt: skip
    if len(levels) == 1:
        return levels.pop()
    return next((level for level in ("診所", "藥局") if folded.endswith(level)), None)
