"""The lists that ship with the product: fee items, hospitals, OCR confusions. Sources stand in the files.

An office may add entries of its own (docs/rules.md); what is computed from the lists is then computed anew.
"""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, TypeVar

from schemas.values import normalize


@dataclass(frozen=True)
class FeeEntry:
    """One canonical fee item and every way it is printed."""

    canonical: str
    code: str
    names: frozenset[str]


@dataclass(frozen=True)
class Hospital:
    """One hospital of the NHI's list."""

    name: str
    aliases: tuple[str, ...]
    level: str
    county: str
    code: str


_Function = TypeVar("_Function", bound=Callable[..., Any])
_clear: list[Callable[[], None]] = []
_added_fees: tuple[FeeEntry, ...] = ()
_added_hospitals: tuple[Hospital, ...] = ()


def from_lists(function: _Function) -> _Function:
    """Remember what a function computes from the lists until an office's own entries change them."""
    remembered = lru_cache(maxsize=16384)(function)
    _clear.append(remembered.cache_clear)
    return remembered  # type: ignore[return-value]  # called as the function is


def extend(fees: Sequence[FeeEntry], listed: Sequence[Hospital]) -> None:
    """Put an office's own entries in the place of those it added before; they go before the shipped ones."""
    global _added_fees, _added_hospitals
    if (tuple(fees), tuple(listed)) == (_added_fees, _added_hospitals):
        return
    _added_fees, _added_hospitals = tuple(fees), tuple(listed)
    for clear in _clear:
        clear()


def _rows(name: str) -> list[dict[str, str]]:
    text = files("schemas").joinpath("data", name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=16384)
def fold_name(name: str) -> str:
    """Return a name as it is compared: full width folded, no spaces, 部份 as 部分, 台 as 臺."""
    return re.sub(r"\s+", "", normalize(name)).replace("部份", "部分").replace("台", "臺").upper()


_DECORATION = re.compile(
    r"\([^)]*\)|^[*#※.、\d-]+|[*#※]+$|^(?:自費|健保|NHI)[-:]?|[-:]?(?:自費|健保)$|\d+[日天次]$|共?計\d+[日天]$"
)


def bare_name(name: str) -> str:
    """Return the folded name without brackets, bullets, day counts and 自費: `**自費藥費(門診)` → `藥費`."""
    bare = fold_name(name)
    for _ in range(3):
        shorter = _DECORATION.sub("", bare)
        if shorter in {"", bare}:
            break
        bare = shorter
    return bare


def fee_entry(name: str, code: str, synonyms: Sequence[str]) -> FeeEntry:
    """Return an entry whose names are folded as they are compared."""
    return FeeEntry(name, code, frozenset(fold_name(each) for each in (name, *synonyms) if each))


@cache
def _shipped_fees() -> tuple[FeeEntry, ...]:
    return tuple(fee_entry(row["canonical"], row["category"], row["synonyms"].split("|"))
                 for row in _rows("fee_items.csv"))  # fmt: skip


def shipped_fee_codes() -> frozenset[str]:
    """Return the category codes of the shipped lexicon."""
    return frozenset(entry.code for entry in _shipped_fees())


@from_lists
def fee_entries() -> tuple[FeeEntry, ...]:
    """Return the fee lexicon (`data/fee_items.csv`), the office's own entries first."""
    return (*_added_fees, *_shipped_fees())


@from_lists
def _codes() -> dict[str, str]:
    return {name: entry.code for entry in reversed(fee_entries()) for name in entry.names}


def fee_code(name: str) -> str | None:
    """Return the category code of a printed fee item: exact or synonym only, once more without its decoration."""
    codes = _codes()
    return codes.get(fold_name(name)) or codes.get(bare_name(name))


@from_lists
def hospitals() -> tuple[Hospital, ...]:
    """Return the hospital list (`data/hospitals.csv`), the office's own first."""
    return (*_added_hospitals, *_shipped_hospitals())


@cache
def _shipped_hospitals() -> tuple[Hospital, ...]:
    return tuple(
        Hospital(
            row["name"], tuple(a for a in row["aliases"].split("|") if a), row["level"], row["county"], row["code10"]
        )
        for row in _rows("hospitals.csv")
    )


@cache
def ocr_confusions() -> dict[str, str]:
    """Return, for each character, those it is misread as (`data/ocr_confusions.csv`)."""
    return {row["char"]: row["misread_as"].replace("|", "") for row in _rows("ocr_confusions.csv")}
