"""One spelling for full-width forms, and the refusal of characters that only look like digits."""

import re
import unicodedata

# NUL and its like break a workbook, lone surrogates break UTF-8: neither is ever printed
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """Return the text without control characters and lone surrogates."""
    return _UNPRINTABLE.sub("", text)


def normalize(text: str) -> str:
    """Fold full-width forms and spaces; `︰` becomes a colon (NFKC alone would make two dots of it)."""
    return unicodedata.normalize("NFKC", printable(text).replace("︰", ":")).strip()


def fold_number(text: str, limit: int = 64) -> str:
    """Return a text that holds a number with full-width forms folded.

    ValueError where folding would make digits of what is none in print: `①`, `²`, `½`, or where the text is far too
    long to be one number.
    """
    if len(text) > limit:
        raise ValueError("too long for one number")
    for character in text:
        if character.isascii() or "０" <= character <= "９":
            continue
        if any(part.isnumeric() and part.isascii() for part in unicodedata.normalize("NFKC", character)):
            raise ValueError(f"not a plain digit: {character!r}")
    return normalize(text)


def fold_code(text: str) -> str:
    """Return a number or code folded and without spaces, the same however often it is done."""
    bare = re.sub(r"\s+", "", fold_number(text, limit=200))
    return unicodedata.normalize("NFKC", bare)  # without its space an accent joins the letter before it
