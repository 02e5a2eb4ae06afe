"""Every error has a text in both languages, and the tree in the docstring is the classes."""

import ast
import re
from pathlib import Path

import pytest

from extraction import errors
from review.i18n import LANGUAGES, catalog

SOURCES = Path(errors.__file__).parent


def classes() -> list[type[errors.ExtractionError]]:
    return [found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, Exception)]


def raised() -> dict[str, set[str]]:
    """Return the codes that the package raises by name, with the parameters given."""
    names, codes = {found.__name__ for found in classes()}, {}
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                for constant in (inner for argument in node.args for inner in ast.walk(argument)):
                    if isinstance(constant, ast.Constant) and re.fullmatch("[a-z_]+", str(constant.value)):
                        codes.setdefault(constant.value, set()).update(key.arg or "" for key in node.keywords)
    return codes


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_text_whose_holes_are_filled(language):
    texts, given = catalog(language), raised()
    for code in {found.code for found in classes()} | set(given):
        text = texts(f"error.{code}")
        assert set(re.findall(r"{(\w+)}", text)) <= given.get(code, {"found", "allowed"}), code


def test_tree_in_the_docstring_is_the_classes():
    drawn = set(re.findall(r"\w+Error\b", errors.__doc__ or ""))
    assert drawn == {found.__name__ for found in classes()}
    for code in {found.code for found in classes() if found is not errors.DocumentError}:
        assert code in (errors.__doc__ or "") or code == "extraction_failed"
    for code in raised():
        assert code in (errors.__doc__ or ""), code
