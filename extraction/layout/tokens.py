"""OCR lines cut into amounts, texts and dashes, each with its place on the page and on the flat page."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from extraction.layout.flatten import Flattening
from schemas.layout import BoundingBox, TextLine
from schemas.values import normalize


class TokenKind(StrEnum):
    """What a token is."""

    TEXT = "text"
    AMOUNT = "amount"
    DASH = "dash"


@dataclass(frozen=True)
class Token:
    """A piece of one line (or several joined ones)."""

    kind: TokenKind
    text: str
    """As printed, full width folded; of an amount the number alone."""
    page: int
    box: BoundingBox
    left: float
    right: float
    middle: float
    """Height of the centre on the flat page; like `left`, `right` and `height` in page widths."""
    height: float
    score: float
    unit: str = ""
    """`點` or `元` printed behind an amount, or `健` or `自` for the payer."""
    is_value: bool = False
    """Stands behind a label and a colon, so it is no head."""
    printed: str = ""
    """The whole piece, with currency and unit."""
    corners: tuple[tuple[float, float], ...] = ()
    """Of the slanted line, where the token is a whole line."""
    parts: tuple["Token", ...] = ()
    """What a joined text was put together from."""

    @property
    def center(self) -> float:
        """Middle of the width on the flat page."""
        return (self.left + self.right) / 2

    @property
    def width(self) -> float:
        """Width on the flat page."""
        return self.right - self.left


NUMBER = r"\d{1,3}(?:[,.]\d{3})+(?:\.\d{1,2})?|\d{1,9}(?:\.\d{1,2})?"
_CURRENCY = r"(?:NT\$?|NTD|TWD|新[臺台]幣|\$|＄)"
_UNIT = r"[點点元圓]|\((?:健保|自費|自付|[健自])\)|(?:健保|自費|自付|[健自])(?![\u4e00-\u9fff])"
_AMOUNT = re.compile(
    rf"(?P<currency>{_CURRENCY}\s*)?(?P<number>[-−]?(?:{NUMBER}))\s*"
    rf"(?:(?P<unit>{_UNIT})整?(?![\d%])|整?(?![\d%:*/A-Za-z.,\-]))"
)
_DASHES = re.compile(r"[-−–—―─一ー~_.\"'=‐\s]+")
_MARKS = ":、,;/"
_ZEROS = re.compile(r"[OoD〇○]")
_BEFORE_NUMBER = re.compile(r"[A-Za-z\d*/.,\-:#第(\[]$")


def cut(lines: Sequence[TextLine], flat: Flattening) -> list[Token]:
    """Return the tokens of the lines in their order."""
    return [token for line in lines for token in _cut_line(line, flat)]


def characters_of(line: TextLine) -> tuple[BoundingBox, ...]:
    """Return a box for each character: the source's, else evenly spaced (measured: as good)."""
    if len(line.characters) == len(line.text):
        return line.characters
    left, top, right, bottom = line.box
    step = (right - left) / max(len(line.text), 1)
    return tuple(BoundingBox(left + i * step, top, left + (i + 1) * step, bottom) for i in range(len(line.text)))


def score_of(line: TextLine, start: int, end: int) -> float:
    """Return the mean score of a part of a line without its spaces; the line's where the source gives no more."""
    if len(line.character_scores) != len(line.text):
        return line.score
    pairs = zip(line.text[start:end], line.character_scores[start:end], strict=True)
    scores = [score for character, score in pairs if not character.isspace()]
    return sum(scores) / len(scores) if scores else line.score


def sub_line(line: TextLine, start: int, end: int) -> TextLine:
    """Return the part of a line between two characters."""
    boxes = characters_of(line)[start:end]
    box = boxes[0]
    for other in boxes[1:]:
        box = box.union(other)
    return line.model_copy(update={"text": line.text[start:end], "box": box, "corners": (), "characters": boxes,
                                   "character_scores": line.character_scores[start:end]})  # fmt: skip


def _cut_line(line: TextLine, flat: Flattening) -> Iterator[Token]:
    text = "".join(_fold(character) for character in line.text)
    boxes = characters_of(line)
    for start, end, is_value in _segments(text, boxes, flat.aspect):
        yield from _cut_segment(line, text, boxes, (start, end), is_value, flat)


def _fold(character: str) -> str:
    folded = normalize(character)
    return folded if len(folded) == 1 else " " if not folded else character


def _segments(text: str, boxes: Sequence[BoundingBox], aspect: float) -> Iterator[tuple[int, int, bool]]:
    """Cut at wide gaps, and after `label:`."""
    start, is_value = 0, False
    last: int | None = None
    for index, character in enumerate(text):
        if character.isspace():
            continue
        height = boxes[index].height * aspect
        if last is not None and boxes[index].left - boxes[last].right > 0.9 * height and start <= last:
            yield start, last + 1, is_value
            start, is_value = index, False
        last = index
        if character == ":" and index > start and not text[index - 1].isdigit():
            yield start, index, False
            start, is_value, last = index + 1, True, None
    if last is not None and start <= last:
        yield start, last + 1, is_value


def _cut_segment(line: TextLine, text: str, boxes: Sequence[BoundingBox], span: tuple[int, int], is_value: bool,
                 flat: Flattening) -> Iterator[Token]:  # fmt: skip
    start, end = span
    position = start
    for match in _AMOUNT.finditer(text, start, end):
        if not _is_amount(text, match, span, boxes, flat.aspect):
            continue
        yield from _text(line, text, boxes, (position, match.start()), is_value, flat)
        number = match["number"].replace("−", "-")
        token = _token(TokenKind.AMOUNT, line, text, boxes, (match.start(), match.end()), flat)
        yield replace(token, text=number, printed=match[0].strip(), unit=_unit(match["unit"]), is_value=is_value)
        position = match.end()
    yield from _text(line, text, boxes, (position, end), is_value, flat)


def _unit(printed: str | None) -> str:
    bare = (printed or "").strip("()")[:1]
    return {"点": "點", "圓": "元"}.get(bare, bare)


def _is_amount(text: str, match: re.Match[str], span: tuple[int, int], boxes: Sequence[BoundingBox],
               aspect: float) -> bool:  # fmt: skip
    before, after = text[span[0] : match.start()], text[match.end() : span[1]]
    digits = match["number"].lstrip("-−")
    is_last = not after or after[0].isspace() or bool(match["unit"])
    if match["currency"]:
        return is_last or _gap(boxes, match.end() - 1, match.end(), aspect)
    if len(digits) > 1 and digits[0] == "0" and not digits.startswith("0."):
        return False  # a code
    if _BEFORE_NUMBER.search(before.rstrip()) and not (before.endswith(" ") and before.rstrip()[-1:].isalpha()):
        return False
    if not is_last:
        return _gap(boxes, match.end() - 1, match.end(), aspect)
    if match["unit"] or not before or before.endswith(" "):
        return True
    return len(digits) >= 2 or _gap(boxes, match.start() - 1, match.start(), aspect)


def _gap(boxes: Sequence[BoundingBox], first: int, second: int, aspect: float) -> bool:
    return boxes[second].left - boxes[first].right > 0.35 * boxes[first].height * aspect


def _text(line: TextLine, text: str, boxes: Sequence[BoundingBox], span: tuple[int, int], is_value: bool,
          flat: Flattening) -> Iterator[Token]:  # fmt: skip
    start, end = span
    while start < end and (text[start].isspace() or text[start] in _MARKS):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _MARKS):
        end -= 1
    if start == end:
        return
    piece = text[start:end]
    token = replace(_token(TokenKind.TEXT, line, text, boxes, (start, end), flat), is_value=is_value)
    if _ZEROS.fullmatch(piece):
        # A lone round sign is a zero badly read; the low score makes it a doubt.
        yield replace(token, kind=TokenKind.AMOUNT, text="0", score=min(token.score, 0.9))
    elif _DASHES.fullmatch(piece):
        yield replace(token, kind=TokenKind.DASH)
    else:
        yield token


def _token(kind: TokenKind, line: TextLine, text: str, boxes: Sequence[BoundingBox], span: tuple[int, int],
           flat: Flattening) -> Token:  # fmt: skip
    start, end = span
    while end - 1 > start and text[end - 1].isspace():
        end -= 1
    first, last, box = boxes[start], boxes[end - 1], boxes[start]
    for other in boxes[start + 1 : end]:
        box = box.union(other)
    left, first_middle = flat.place(first.left, first.center[1])
    right, last_middle = flat.place(last.right, last.center[1])
    printed = text[start:end].strip()
    return Token(kind, printed, line.page, box.rounded(), left, max(right, left + 1e-4),
                 (first_middle + last_middle) / 2,
                 min(box.height for box in boxes[start:end]) * flat.aspect, score_of(line, start, end),
                 printed=printed, corners=line.corners if end - start == len(text.strip()) else ())  # fmt: skip
