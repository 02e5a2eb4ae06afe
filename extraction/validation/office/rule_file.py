"""The shape of an office's TOML file of rules and lists, and where in it a fault stands."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from extraction.validation.office.csv_lists import read_first_column, read_rows, read_text
from extraction.validation.office.errors import RulesError
from schemas.result import Severity

CODE = r"[a-z][a-z0-9_]{0,39}"
"""What a rule of an office may be called; flags have it behind `office.`."""
Type = Literal["medical_receipt", "invoice"]
Words = str | dict[Literal["en", "zh-Hant"], str]
_Spec = TypeVar("_Spec", bound=BaseModel)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleSpec(_Part):
    """One comparison as an office writes it."""

    code: str = Field(pattern=rf"^{CODE}$", examples=["self_pay_limit"])
    severity: Severity = Severity.WARNING
    document: tuple[Type, ...]
    each: str = ""
    when: str = ""
    check: str = Field(min_length=1, examples=["self_pay_total <= 50000"])
    values: dict[str, str] = Field(default_factory=dict)
    title: Words = ""
    message: Words = Field(min_length=1, examples=['"…"', "en", "zh-Hant"])
    source: str = ""

    @field_validator("document", mode="before")
    @classmethod
    def _as_several(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value


class FeeSpec(_Part):
    """A fee item of the office's own."""

    name: str = Field(min_length=1, examples=["藥費"])
    category: str = Field(pattern=r"^[A-Z][A-Z0-9_]{0,29}$", examples=["DRUG", "MATERIAL"])
    synonyms: tuple[str, ...] = ()


class HospitalSpec(_Part):
    """A hospital, clinic or pharmacy of the office's own."""

    name: str = Field(min_length=2)
    aliases: tuple[str, ...] = ()
    level: Literal["醫學中心", "區域醫院", "地區醫院", "診所", "藥局", ""] = ""
    code: str = Field(default="", pattern=r"^(?:[0-9A-Z]{10})?$", examples=["0401180014"])


@dataclass(frozen=True)
class Located:
    """A rule and the lines of the file that it stands on."""

    spec: RuleSpec
    line: int
    lines: Mapping[str, int]


@dataclass(frozen=True)
class RuleFile:
    """A file that has the right shape; nothing in its expressions is looked at yet."""

    path: Path
    rules: tuple[Located, ...]
    fees: tuple[FeeSpec, ...]
    hospitals: tuple[HospitalSpec, ...]
    lists: Mapping[str, tuple[str, ...]]


_TABLES = {"rule", "fee_items", "hospitals", "lists"}


def read_rule_file(path: Path) -> RuleFile:
    """Return what stands in a file; RulesError with its line where that is not as it must be."""
    text = read_text(path)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise RulesError("not_toml", path, line=int(line[1]) if line else text.count("\n") + 1) from None
    for name in tables:
        if name not in _TABLES:
            raise RulesError("unknown_key", path, line=_line_of(text, name), **_near(name, _TABLES))
    listed = _Lists(path, text)
    rules = tuple(_rules(path, text, tables.get("rule", [])))
    lists = tables.get("lists", {})
    if not isinstance(lists, dict):
        raise _wrong(path, text, "lists", lists, "[lists]")
    return RuleFile(path, rules, listed.of(FeeSpec, "fee_items", tables), listed.of(HospitalSpec, "hospitals", tables),
                    {name: listed.texts(name, given) for name, given in lists.items()})  # fmt: skip


def _rules(path: Path, text: str, tables: object) -> Iterator[Located]:
    starts = [number for number, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*rule\s*\]\]", line)]
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _wrong(path, text, "rule", "[rule]", "[[rule]]")
    for number, table in enumerate(tables):
        start = starts[number] if number < len(starts) else 0
        end = starts[number + 1] if number + 1 < len(starts) else len(text.splitlines()) + 1
        lines = {key: _line_of(text, key, start, end) or start for key in (*RuleSpec.model_fields, *table)}
        place = str(table.get("code", f"rule {number + 1}"))
        yield Located(checked(RuleSpec, table, path, place, lines, start), start, lines)


def checked(spec: type[_Spec], table: object, path: Path, place: str, lines: Mapping[str, int] | None = None,
            line: int = 0) -> _Spec:  # fmt: skip
    """Return a table as what it must be; RulesError for the first fault in it."""
    try:
        return spec.model_validate(table)
    except ValidationError as error:
        found = error.errors(include_url=False)
    first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
    key = str(first["loc"][0]) if first["loc"] else ""
    where = (lines or {}).get(key) or line
    if first["type"] == "missing":
        raise RulesError("missing_key", path, line=line, place=place, key=key)
    if first["type"] == "extra_forbidden":
        raise RulesError("unknown_key", path, line=where, place=place, **_near(key, spec.model_fields))
    told = [each["ctx"]["expected"] for each in found if each["loc"][:1] == first["loc"][:1]
            and "expected" in each.get("ctx", {})]  # fmt: skip
    field = spec.model_fields.get(key)
    examples = ", ".join([*((field.examples if field else None) or [first["type"]]), "…"])
    expected = told[0] if told else examples
    raise RulesError("wrong_value", path, line=where, place=place, key=key, value=first["input"], expected=expected)


def _wrong(path: Path, text: str, key: str, value: object, expected: str) -> RulesError:
    return RulesError("wrong_value", path, line=_line_of(text, key), key=key, value=value, expected=expected)


def _near(key: str, known: "Mapping[str, Any] | set[str]") -> dict[str, str]:
    near = get_close_matches(key, list(known), n=2, cutoff=0.5)
    return {"key": key, "near": ", ".join(near or sorted(known))}


def _line_of(text: str, key: str, start: int = 1, end: int | None = None) -> int:
    """Return the line between two on which a key is set or a table begins; 0 where none is found."""
    wanted = re.compile(rf"\s*(?:\[+\s*)?\"?{re.escape(key)}\"?\s*(?:[.=\]]|$)")
    for number, line in enumerate(text.splitlines(), 1):
        if max(start, 1) <= number < (end or number + 1) and wanted.match(line):
            return number
    return 0


class _Lists:
    """Lists that are written in the file, or in a CSV file beside it."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text

    def of(self, spec: type[_Spec], name: str, tables: Mapping[str, Any]) -> tuple[_Spec, ...]:
        given = tables.get(name, [])
        if isinstance(given, str):
            path = self._path.parent / given
            return tuple(checked(spec, row, path, name, line=line) for line, row in read_rows(path, spec.model_fields))
        if not isinstance(given, list):
            raise RulesError("wrong_value", self._path, line=_line_of(self._text, name), key=name, value=given,
                             expected=f'[[{name}]], "….csv"')  # fmt: skip
        line = _line_of(self._text, name)
        return tuple(checked(spec, table, self._path, f"{name} {number}", line=line)
                     for number, table in enumerate(given, 1))  # fmt: skip

    def texts(self, name: str, given: object) -> tuple[str, ...]:
        if isinstance(given, str):
            return read_first_column(self._path.parent / given)
        if isinstance(given, list) and given and all(isinstance(each, str) and each.strip() for each in given):
            return tuple(given)
        raise _wrong(self._path, self._text, name, given, '["…", "…"], "….csv"')
