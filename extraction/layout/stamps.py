"""Stamps over the print: their words are no items, and an amount glued to one is cut free."""

import re
from collections.abc import Iterable

import cv2
import numpy as np
from PIL import Image

from extraction.layout.flatten import Flattening, direction
from extraction.layout.tokens import NUMBER, Token, TokenKind, sub_line
from extraction.layout.total_words import total_field
from extraction.layout.words import head_word, looks_like_fee
from schemas.layout import BoundingBox, TextLine
from schemas.values import normalize

_WORDS = r"(?:收費專用章?|現金收訖章?|收訖章?|出納組|收費章|收據章|繳費章|已收訖|付訖)"
_STAMP = re.compile(rf"(?:{_WORDS})+")
_DATE = re.compile(r"\d{2,3}\.\d{1,2}\.\d{1,2}")
_GLUED = re.compile(
    rf"(?P<before>{_WORDS}|[收專用訖章]{{1,3}})?(?P<amount>(?:{NUMBER})[點元]?)(?P<after>{_WORDS}|[收費專用訖章]{{1,3}})?"
)
_COVERED = 0.96
"""Score of an amount that a stamp's character was glued to, at the most: it asks for a look unless sums agree."""
_PIECE = re.compile(r"(?:收費|專用|出納組?|現金|收訖|專用章|收|訖|章|納組)|\d{2,3}\.(?:\d{1,2}\.?){0,2}")
_CHARACTERS = frozenset("收費專用訖章出納現付款")
_TELLING = re.compile(r"[訖章]|專用|用章|^收.{0,2}$|^費專")
_TAIL = re.compile(r"(?<=[費)])[ ■□]*(?:[收文]?[訖記]|收?費?專用?章?|收|■|□)$")
_SLANT = 0.1


def is_slanted(line: TextLine, flat: Flattening) -> bool:
    """Whether a line does not run along the page's rows; short pieces say nothing."""
    slope, width, height = direction(line, flat.aspect)
    if len(line.text) < 2 or width < 1.6 * height:
        return False
    return abs(slope - flat.slope_at(line.box.center[1] * flat.aspect)) > _SLANT


def without_pieces(tokens: Iterable[Token]) -> list[Token]:
    """Return the tokens without pieces of a stamp's words that were glued to the line below them."""
    return [token for token in tokens if token.kind is not TokenKind.TEXT or token.is_value
            or not (_PIECE.fullmatch(token.text) or _is_misread(token.text))]  # fmt: skip


def _is_misread(text: str) -> bool:
    """Whether a short text is what the OCR makes of a stamp's word: 收費車, 文訖."""
    known = sum(character in _CHARACTERS for character in text)
    return (
        len(text) <= 5
        and known * 2 >= len(text)
        and bool(_TELLING.search(text))
        and head_word(text) is None
        and not looks_like_fee(text)
        and total_field(text) is None
    )


def without_stamp(name: str) -> str:
    """Return a name without the piece of a stamp that was read as its end."""
    return _TAIL.sub("", name)


def lift_stamps(lines: Iterable[TextLine], flat: Flattening, top: float) -> tuple[list[TextLine], list[BoundingBox]]:
    """Return the lines without stamps, and where stamps were seen; short dates are stamps below `top` only."""
    kept, stamps = [], []
    for line in lines:
        text = normalize(line.text).replace(" ", "")
        bare_date = bool(_DATE.fullmatch(text)) and line.box.top > top
        if _STAMP.fullmatch(text) or bare_date or is_slanted(line, flat):
            stamps.append(line.box)
            continue
        glued = _GLUED.fullmatch(normalize(line.text)) if len(normalize(line.text)) == len(line.text) else None
        if glued and (glued["before"] or glued["after"]):
            stamps.append(line.box)
            line = sub_line(line, *glued.span("amount"))
            if not _STAMP.fullmatch((glued["before"] or "") + (glued["after"] or "")):
                line = line.model_copy(update={"score": min(line.score, _COVERED), "character_scores": ()})
        kept.append(line)
    return kept, stamps


_SIDE = 480
"""Pixels of the longer side at which red is looked for."""
_FORM = 12
"""From so many separate red places on, the form itself is printed in red."""


def find_red_stamp(image: Image.Image) -> BoundingBox | None:
    """Return where a red stamp stands on a colour page: the largest red figure that is neither line nor speck."""
    small = image.copy()
    small.thumbnail((_SIDE, _SIDE), reducing_gap=2.0)
    colour = np.asarray(small.convert("RGB")).astype(np.int16)
    red = (colour[..., 0] - np.maximum(colour[..., 1], colour[..., 2]) > 35).astype(np.uint8)
    joined = cv2.dilate(red, np.ones((9, 9), np.uint8))
    _, _, figures, _ = cv2.connectedComponentsWithStats(joined)
    width, height = small.size
    found = [
        (int(area), BoundingBox(x / width, y / height, (x + w) / width, (y + h) / height))
        for x, y, w, h, area in figures[1:].tolist()
        if min(w, h) > 0.06 * min(width, height) and 0.2 < w / h < 5 and w * h < 0.3 * width * height
    ]
    if not found or len(found) >= _FORM:
        return None
    return max(found)[1].rounded()
