"""What an office adds without touching our code: rules as comparisons or Python, fee items, hospitals (docs/rules.md).

The lists and the rules of a process are those that were installed last; every process that checks documents installs
them when it starts.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from extraction.validation import FAMILIES as FAMILIES  # ours run before an office's
from extraction.validation.office.comparing import rules_of
from extraction.validation.office.errors import RulesError
from extraction.validation.office.modules import load_module
from extraction.validation.office.rule_file import RuleFile, read_rule_file
from extraction.validation.rules import OFFICE, Rule, put_office_rules
from schemas.lexicon import FeeEntry, Hospital, extend, fee_entry, shipped_fee_codes

__all__ = ["Office", "RulesError", "install", "load"]


@dataclass(frozen=True)
class Office:
    """What an office's files hold."""

    files: tuple[Path, ...] = ()
    rules: tuple[Rule, ...] = ()
    fees: tuple[FeeEntry, ...] = ()
    hospitals: tuple[Hospital, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of the rules, each once."""
        return tuple(dict.fromkeys(each.code for each in self.rules))


_installed = Office()
_lock = threading.Lock()


def install(paths: Sequence[Path]) -> Office:
    """Put an office's rules and lists in force in this process; RulesError where a file cannot be used.

    Files that are in force are not read again: a change needs a new start.
    """
    global _installed
    with _lock:
        if tuple(paths) != _installed.files:
            office = load(paths)
            extend(office.fees, office.hospitals)
            put_office_rules(office.rules)
            _installed = office
        return _installed


def load(paths: Sequence[Path]) -> Office:
    """Return what the files hold, without putting it in force; RulesError for the first fault."""
    for path in paths:
        if path.suffix not in (".toml", ".py"):
            raise RulesError("wrong_suffix", path)
    read = {path: read_rule_file(path) for path in paths if path.suffix == ".toml"}
    fees = tuple(fee_entry(fee.name, fee.category, fee.synonyms) for file in read.values() for fee in file.fees)
    hospitals = tuple(
        Hospital(each.name, each.aliases, each.level, "", each.code)
        for file in read.values()
        for each in file.hospitals
    )
    categories = shipped_fee_codes() | {fee.code for fee in fees}
    rules: list[Rule] = []
    for path in paths:
        for each in _compared(read[path], categories) if path in read else load_module(path):
            if any(other.code == each.code and _meet(other, each) for other in rules):
                raise RulesError("code_twice", path, place=each.code.removeprefix(OFFICE))
            rules.append(each)
    return Office(tuple(paths), tuple(rules), fees, hospitals)


def _meet(first: Rule, second: Rule) -> bool:
    """Whether both look at documents of one type."""
    types = first.document_types, second.document_types
    return not all(types) or bool(types[0] & types[1])


def _compared(file: RuleFile, categories: frozenset[str]) -> Iterator[Rule]:
    for located in file.rules:
        yield from rules_of(file.path, located, file.lists, categories)
