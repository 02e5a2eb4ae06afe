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
    """Return the category code of a printed fee item: exact or synonym only, a decoration in brackets dropped."""
    folded = fold_name(name)
    codes = _codes()
    return codes.get(folded) or codes.get(re.sub(r"\([^)]*\)|^\*+", "", folded))


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
