"""The lists that ship with the product: fee items, hospitals, OCR confusions. Sources stand in the files."""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

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


def _rows(name: str) -> list[dict[str, str]]:
    text = files("schemas").joinpath("data", name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


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


@cache
def fee_entries() -> tuple[FeeEntry, ...]:
    """Return the fee lexicon (`data/fee_items.csv`)."""
    entries = []
    for row in _rows("fee_items.csv"):
        names = [row["canonical"], *row["synonyms"].split("|")]
        entries.append(FeeEntry(row["canonical"], row["category"], frozenset(fold_name(n) for n in names if n)))
    return tuple(entries)


@cache
def _codes() -> dict[str, str]:
    return {name: entry.code for entry in fee_entries() for name in entry.names}


def fee_code(name: str) -> str | None:
    """Return the category code of a printed fee item: exact or synonym only, once more without its decoration."""
    codes = _codes()
    return codes.get(fold_name(name)) or codes.get(bare_name(name))


@cache
def hospitals() -> tuple[Hospital, ...]:
    """Return the hospital list (`data/hospitals.csv`)."""
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
