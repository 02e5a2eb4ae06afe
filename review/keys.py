"""The keys of the review screen: the one list that the screen, its help and `docs/dashboard.md` are made from."""

import json
from dataclasses import dataclass
from typing import Any, Literal

Scope = Literal["desk", "image"]


@dataclass(frozen=True)
class Key:
    """What one or more keys do. The text is `ui.keys.<action>`."""

    action: str
    keys: tuple[str, ...]
    """Defaults, as `key_map.js` names them; `#` stands for a digit from 1 to 9."""
    scope: Scope = "desk"
    """`image`: only while the picture has the focus, so that plain letters may be used."""


GROUPS: dict[str, tuple[Key, ...]] = {
    "flow": (
        Key("next", ("Enter",)),
        Key("previous", ("Shift+Enter",)),
        Key("approve", ("Ctrl+Enter",)),
        Key("skip", ("Alt+PageDown",)),
        Key("back", ("Alt+PageUp",)),
        Key("undo", ("Ctrl+Z",)),
        Key("redo", ("Ctrl+Y", "Ctrl+Shift+Z")),
        Key("help", ("F1", "?")),
    ),
    "cell": (
        Key("alternative", ("Alt+#",)),
        Key("unreadable", ("Alt+0",)),
        Key("reread_box", ("Alt+B",)),
        Key("up", ("ArrowUp",)),
        Key("down", ("ArrowDown",)),
    ),
    "image": (
        Key("zoom_in", ("+", "="), "image"),
        Key("zoom_out", ("-",), "image"),
        Key("fit_page", ("0",), "image"),
        Key("fit_width", ("W",), "image"),
        Key("turn", ("R",), "image"),
        Key("contrast", ("C",), "image"),
        Key("previous_page", ("PageUp",), "image"),
        Key("next_page", ("PageDown",), "image"),
    ),
    "row": (
        Key("insert", ("Alt+I",)),
        Key("delete", ("Alt+Delete",)),
        Key("move_up", ("Alt+ArrowUp",)),
        Key("move_down", ("Alt+ArrowDown",)),
        Key("split", ("Alt+P",)),
        Key("merge_below", ("Alt+M",)),
        Key("merge_above", ("Alt+Shift+M",)),
        Key("swap", ("Alt+S",)),
        Key("swap_all", ("Alt+Shift+S",)),
        Key("row_menu", ("Alt+R",)),
    ),
    "document": (
        Key("reject", ("Alt+X",)),
        Key("postpone", ("Alt+L",)),
        Key("send_back", ("Alt+H",)),
        Key("comment", ("Alt+N",)),
        Key("compare", ("Alt+C",)),
        Key("pages", ("Alt+G",)),
        Key("duplicates", ("Alt+D",)),
    ),
}
KEYS = {key.action: key for group in GROUPS.values() for key in group}
PREFERENCE = "keys"
_LONGEST = 40


def own_keys(stored: str | None) -> dict[str, str]:
    """Return the keys that a person chose instead of the defaults; what is no longer an action is left out."""
    try:
        chosen = json.loads(stored or "{}")
    except ValueError:
        return {}
    return valid_keys(chosen)


def valid_keys(chosen: Any) -> dict[str, str]:  # noqa: ANN401 - whatever a browser sent
    """Return of a choice what can be kept: known actions with one key each, and no key twice."""
    if not isinstance(chosen, dict):
        return {}
    kept: dict[str, str] = {}
    for action, key in chosen.items():
        is_new = action in KEYS and isinstance(key, str) and 0 < len(key) <= _LONGEST
        if is_new and key not in kept.values():
            kept[action] = key
    return kept
