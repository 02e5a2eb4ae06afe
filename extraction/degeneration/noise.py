"""Finds text that mixes scripts as no document does: what a model with broken weights says."""

import re

_SCRIPTS = {
    "cyrillic": "\u0400-\u052f",
    "hebrew": "\u0590-\u05ff",
    "arabic": "\u0600-\u06ff",
    "devanagari": "\u0900-\u097f",
    "thai": "\u0e00-\u0e7f",
    "kana": "\u3040-\u30ff",
    "hangul": "\uac00-\ud7af",
}
_ANY = "".join(_SCRIPTS.values())
_SPECIAL = r"<\|[a-z_]{2,30}\|>"  # a token of the model's own, as text
_SIGN = re.compile(rf"[{_ANY}\ufffd]|<\|")
_BROKEN = re.compile(rf"\ufffd+|{_SPECIAL}")
_HAN = "\u4e00-\u9fff"
_SEEN = 384
_ENOUGH = 8
# Kana stand beside Chinese characters and every script beside Latin letters; nothing else within a word.
_JOINTS = re.compile(
    "|".join(
        f"[{own}](?=[{_ANY}{_HAN}])(?![{own}{_HAN if name == 'kana' else ''}])"
        + ("" if name == "kana" else f"|(?<=[{_HAN}])[{own}]")
        for name, own in _SCRIPTS.items()
    )
)
_RARE = [re.compile(f"[{letters}]") for letters in _SCRIPTS.values()]


def is_suspicious(text: str) -> bool:
    """Say whether a piece holds anything that noise would hold; most text does not, and the look at it is cheap."""
    return _SIGN.search(text) is not None


def find_noise(text: str) -> int | None:
    """Return where noise begins in the last of the text."""
    seen = text[-_SEEN:]
    broken = [match.start() for match in _BROKEN.finditer(seen)]
    joints = [match.start() for match in _JOINTS.finditer(seen)]
    if len(broken) + len(joints) < _ENOUGH:
        return None
    if len(broken) < 3 and sum(letters.search(seen) is not None for letters in _RARE) < 2:
        return None  # one foreign script, in a document of two
    return len(text) - len(seen) + min(broken + joints)
