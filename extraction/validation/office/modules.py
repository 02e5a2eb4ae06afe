"""Loads an office's Python module of rules. They register with our own decorator, under codes of the office's own."""

import re
import sys
from dataclasses import replace
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

from extraction.validation.apart import Fault, run_apart
from extraction.validation.office.csv_lists import read_text
from extraction.validation.office.errors import RulesError
from extraction.validation.office.rule_file import CODE
from extraction.validation.rules import OFFICE, Rule, registering
from schemas.registry import DOCUMENT_TYPES
from schemas.result import Words


class _Loader(SourceFileLoader):
    def set_data(self, path: str, data: object, *, _mode: int = 0o666) -> None:
        """Leave no compiled file in the office's folder."""


def load_module(path: Path) -> list[Rule]:
    """Return the rules that a module registers; RulesError where it fails, or one of them cannot be taken."""
    read_text(path)
    with registering() as found:
        loaded = run_apart(f"rules module {path.name}", lambda: _load(path), tells_text=True)
    if isinstance(loaded, Fault):
        is_own = bool(loaded.file) and Path(loaded.file).resolve() == path.resolve()
        raise RulesError("module_failed", path, line=loaded.line if is_own else 0,
                         kind=": ".join(filter(None, (loaded.kind, loaded.text))))  # fmt: skip
    if not found:
        raise RulesError("module_without_rules", path)
    return [_checked(each, path) for each in found]


def _load(path: Path) -> ModuleType:
    name = f"claimsheet_rules_{re.sub(r'[^0-9a-zA-Z]', '_', path.stem)}"
    spec = spec_from_loader(name, _Loader(name, str(path.resolve())))
    assert spec is not None and spec.loader is not None  # noqa: S101 - for the type checker
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def _checked(each: Rule, path: Path) -> Rule:
    line = getattr(getattr(each.function, "__code__", None), "co_firstlineno", 0)
    code = each.code.removeprefix(OFFICE) if isinstance(each.code, str) else ""
    if not re.fullmatch(CODE, code):
        raise RulesError("wrong_value", path, line=line, key="code", value=each.code, expected=CODE)
    for name in each.document_types - set(DOCUMENT_TYPES):
        raise RulesError("wrong_value", path, line=line, place=code, key="document", value=name,
                         expected=", ".join(DOCUMENT_TYPES))  # fmt: skip
    words = each.words or Words()
    if not words.text:
        raise RulesError("missing_key", path, line=line, place=code, key="text")
    return replace(each, code=OFFICE + code, words=words, file=str(path))
