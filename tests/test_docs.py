import re
from pathlib import Path

import pytest
from pydantic import BaseModel

import cli
from extraction.validation import rule_codes
from settings import Settings

ROOT = Path(__file__).resolve().parent.parent


def variables(model=Settings, prefix="CLAIMSHEET_"):
    """Yield every setting as the variable that sets it."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from variables(field.annotation, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}"


def read(name):
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"{name} is not written yet")
    return path.read_text(encoding="utf-8")


def test_every_setting_is_documented():
    missing = [name for name in variables() if f"`{name}`" not in read("docs/settings.md")]
    assert not missing


@pytest.mark.parametrize("page", ["README.md", "docs/settings.md", "docs/command_line.md"])
def test_no_setting_is_documented_that_does_not_exist(page):
    named = set(re.findall(r"CLAIMSHEET_[A-Z_]*[A-Z]", read(page)))
    assert named <= set(variables())


def test_every_command_and_option_is_documented():
    text = read("docs/command_line.md")
    for command in cli.app.registered_commands:
        name = command.name or command.callback.__name__
        assert f"## claimsheet {name}" in text
    for option in set(re.findall(r'"(--[a-z-]+)"', read("cli.py"))):
        assert option in text


def test_every_rule_stands_in_the_list_of_rules():
    listed = set(re.findall(r"`([a-z_]+)`", read("docs/rules.md")))
    assert set(rule_codes()) <= listed
