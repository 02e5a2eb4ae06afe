"""One list of keys: complete in both languages and in the documentation, without two actions on one key."""

from collections import Counter
from pathlib import Path

import pytest

from review.i18n import LANGUAGES, catalog
from review.keys import GROUPS, KEYS, own_keys, valid_keys

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "dashboard.md").read_text(encoding="utf-8")
SIGNS = {"ArrowUp": "↑", "ArrowDown": "↓", "PageUp": "Page Up", "PageDown": "Page Down", "-": "−"}


def shown(key):
    if key.endswith("#"):
        return f"{key[:-1]}1 … {key[:-1]}9"
    *modifiers, last = [key] if key == "+" else key.split("+")
    return "+".join([*modifiers, SIGNS.get(last, last)])


@pytest.mark.parametrize("action", KEYS)
def test_every_key_is_named_in_both_languages_and_documented(action):
    for language in LANGUAGES:
        assert catalog(language).has(f"ui.keys.{action}")
    keys = ", ".join(map(shown, KEYS[action].keys))
    assert f"| {keys} | {catalog('en')(f'ui.keys.{action}')} |" in DOCS


def test_every_group_has_a_heading():
    for language in LANGUAGES:
        assert all(catalog(language).has(f"ui.keys.group_{name}") for name in GROUPS)


def test_no_default_is_given_twice():
    count = Counter(key for one in KEYS.values() for key in one.keys)
    assert [key for key, number in count.items() if number > 1] == []


@pytest.mark.parametrize(
    ("stored", "kept"),
    [
        (None, {}),
        ("no json", {}),
        ("[1]", {}),
        ('{"insert": "Alt+J", "gone": "Alt+K"}', {"insert": "Alt+J"}),
        ('{"insert": "Alt+J", "delete": "Alt+J"}', {"insert": "Alt+J"}),
        ('{"insert": 5, "delete": ""}', {}),
    ],
)
def test_only_keys_that_can_be_used_are_kept(stored, kept):
    assert own_keys(stored) == kept
    assert valid_keys(kept) == kept
