"""Signed addresses for page images and uploads: short-lived, and worthless without the key of the data folder."""

import hashlib
import hmac
import os
import secrets
import time
from pathlib import Path
from urllib.parse import urlencode

STEP = 300
"""Seconds to which an expiry is rounded: an address stays the same for five minutes, so the browser's cache works."""
PICTURE_STEP = 3600
"""The same for pictures that never change."""
LIFE = 3600
"""Seconds an address lives at least; a page that is still open asks for new ones with each rerun."""


class Signer:
    """Signs and checks paths with one key."""

    def __init__(self, key: bytes) -> None:
        """Take the key."""
        self._key = key

    def sign(self, path: str, *, life: int = LIFE, step: int = STEP) -> str:
        """Return the path with its expiry and signature as a query; the same one for `step` seconds."""
        expiry = int(time.time() // step + 1) * step + life
        return f"{path}?{urlencode({'e': expiry, 's': self._signature(path, expiry)})}"

    def check(self, path: str, expiry: str | None, signature: str | None) -> bool:
        """Whether the signature is ours and has not expired."""
        if not expiry or not expiry.isdecimal() or len(expiry) > 12 or int(expiry) < time.time():
            return False
        return hmac.compare_digest(self._signature(path, int(expiry)).encode(), (signature or "").encode())

    def _signature(self, path: str, expiry: int) -> str:
        return hmac.new(self._key, f"{path}|{expiry}".encode(), hashlib.sha256).hexdigest()[:32]


def signer_of(folder: Path) -> Signer:
    """Return the signer of a data folder; its random key is made on first use and readable by its owner only."""
    path = folder / "signing.key"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _write_once(path, secrets.token_bytes(32))
    return Signer(path.read_bytes())


def _write_once(path: Path, key: bytes) -> None:
    """Write the key under another name and link it, so that two processes that start at once agree on one."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
