"""Who sold, by evidence: labels, legal forms, print, tax numbers, domains, repetition, and what is not the buyer's."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extraction.layout.invoice_blocks import (
    SELLER_LABEL,
    TAX_NUMBER,
    buyer_block,
    domains,
    has_domain,
    is_address,
    letters,
    lines_under,
)
from extraction.layout.invoice_name import LEGAL, is_business, is_shop, is_title, may_be_name
from extraction.layout.invoice_rows import Found, Piece, Row, found, unaccented
from extraction.layout.invoice_words import kind_of_label

_PARTS = re.compile(r"\s+[-–—·•|/]\s+|\s*[·•|]\s*|,\s+|\s{3,}")
_SLOGAN = re.compile(r"(?<=\S\S)\s+[|｜].*$|(?<=\D)\s?/\s?\d{1,4}$")
"""What else stands on a shop's line: a slogan behind a stroke, the number of the till."""
_TITLE_BEHIND = re.compile(r"\s+(?:tax )?(?:invoice|receipt|statement)$", re.IGNORECASE)
_FIELD = re.compile(
    r"nummer|number|(?<![a-z])(?:n[°o]|nr|núm)[. ]|datum|fecha|(?<![a-z])dat[ae](?![a-z])|numero|client|kunde|klant"
    r"|commande|pedido|ordine|bestell"
    r"|order|iban|swift|bic\b|bank|page \d|thank|danke|merci|gracias|grazie|bedankt",
    re.IGNORECASE,
)
_CODE = re.compile(r"[A-Z]{1,4}[- ]?\d+")
_FOOT = 10
"""Rows at the end of a page among which a seller may stand."""
_BIG = 1.35
"""Height by the usual print's from which a name is a head."""
_NEXT_LINE, _NEXT_BLOCK = 1.5, 2.0
_NEAR = 8.0
"""Line heights from a name down to a number of its block."""
_CERTAIN, _MARGIN = 4.5, 1.5
_RECEIVER = 2.5
_IMPRINT = 3.0
"""What a company beside a tax number at the foot is worth: nobody prints another's there."""
_OVER_TITLE = 3.0
"""What it says that a name alone stands over the title of a Taiwanese invoice or receipt."""
_IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
_PROMINENT = 5.0
"""What place and print say of the first, biggest text, alone over its address."""
_SHOP_CODE = re.compile(
    r"^(?:(?:店號|分店|store|shop|branch)\W*)*(?P<branch>[A-Z]{0,2}\d{2,5}\s?[-–—]\s?[^\W\d][^()（）]*)", re.IGNORECASE
)
"""A chain's shop with its number, as it stands under the chain's name: `J065-日出康城`, `店號:405 - 宇宙工業中心`."""
_BRANCH = re.compile(r"店號|分店|(?:store|shop|branch)(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True)
class _Candidate:
    piece: Piece
    name: str
    start: int
    score: float
    is_part: bool
    """Whether it is perhaps but a part of the name."""
    is_borne_out: bool
    """Whether anything but its place and size speaks for it."""

    def found(self) -> Found:
        return found(self.piece, self.name, self.start, self.start + len(self.name))


def weigh_sellers(
    rows: Sequence[Row], head: Sequence[Row], first: Found | None, is_sure: bool
) -> tuple[Found | None, bool]:
    """Return the seller and whether the evidence is strong; `first` is the choice by place and words alone."""
    candidates = _Weighing(rows, head, first, is_sure).candidates()
    if not candidates:
        return first, is_sure and first is not None
    best = candidates[0]
    whole = _whole_of(best, candidates)
    branch = _branch_of(whole or best, rows)
    if whole is not None or branch is not None:
        return branch or (whole or best).found(), False
    rivals = [one for one in candidates[1:] if not _same(one.name, best.name)]
    margin = best.score - rivals[0].score if rivals else best.score
    is_certain = best.is_borne_out and best.score >= _CERTAIN and margin >= _MARGIN
    if first is not None and _same(first.value, best.name):
        is_trimmed = best.name != first.value and best.name in first.value and first.value in best.piece.text
        return best.found() if is_trimmed else first, is_certain or (is_sure and margin >= 0.5 and not best.is_part)
    if first is not None and margin < 0.5:
        return first, False
    return best.found(), is_certain


def _whole_of(part: _Candidate, candidates: Sequence[_Candidate]) -> _Candidate | None:
    """Return the name that a part of a logo belongs to, where it is printed once more as a whole."""
    own = letters(part.name)
    wholes = [one for one in candidates if own in letters(one.name) and len(letters(one.name)) > len(own) + 1]
    return min(wholes, key=lambda one: len(one.name), default=None) if part.is_part else None


def _branch_of(candidate: _Candidate, rows: Sequence[Row]) -> Found | None:
    """Return the name with the chain's shop that is printed right under it."""
    piece, name = candidate.piece, candidate.found()
    for other in (other for row in rows for other in row.pieces):
        match = _SHOP_CODE.match(other.text)
        if match and 0.5 < _lines_between(piece, other) < _NEXT_BLOCK and _overlap(piece, other):
            text = f"{name.value} {match['branch'].strip()}"
            box = name.evidence.box.union(other.line.box).rounded()
            return Found(text, name.evidence.model_copy(update={"box": box, "text": text}))
    return None


class _Weighing:
    def __init__(self, rows: Sequence[Row], head: Sequence[Row], first: Found | None, is_sure: bool) -> None:
        self._rows, self._first, self._is_sure = rows, first, is_sure
        self._pieces = [piece for row in rows for piece in row.pieces]
        self._theirs = buyer_block(rows)
        heights = sorted(piece.height for piece in self._pieces)
        self._usual = heights[len(heights) // 2] if heights else 0.0
        foot = [row for row in rows[-_FOOT:] if row not in head]
        self._head = [piece for row in head for piece in row.pieces]
        self._foot = [piece for row in foot for piece in row.pieces if row.center > 0.5]
        self._domains = domains(piece for piece in self._pieces if id(piece) not in self._theirs)
        self._numbers = [p for p in self._pieces if TAX_NUMBER.search(p.text) and id(p) not in self._theirs]
        self._senders = {id(p) for p in self._pieces if len(_PARTS.split(p.text)) > 2 and _name_of(p.text)[0] != p.text}
        for sender in [p for p in self._head if id(p) in self._senders]:  # the window of an envelope
            self._theirs |= {id(other) for other in lines_under(sender, self._pieces)}
        self._labels = [p for p in self._pieces if SELLER_LABEL.match(unaccented(p.text))]

    def candidates(self) -> list[_Candidate]:
        foot = list(self._named(self._foot, in_foot=True))
        named = [*self._named(self._head, in_foot=False), *foot]
        if any(one.score >= 2 * _IMPRINT for one in foot):  # an address at the top of such a letter is the receiver's
            numbered = {id(p) for p in self._head if self._has_number(p)}
            named = [
                one if one in foot or id(one.piece) in numbered else replace(one, score=one.score - _RECEIVER)
                for one in named
            ]
        return sorted(named, key=lambda one: -one.score)

    def _named(self, pieces: Sequence[Piece], *, in_foot: bool) -> Iterator[_Candidate]:
        for piece in pieces:
            if id(piece) in self._theirs:
                continue
            name, start = _name_of(piece.text)
            if not name or not _is_name(name):
                continue
            place, proof = self._place(piece, name), self._proof(piece, name)
            if not in_foot or place + proof >= 2.5:  # a thank-you at the foot has nothing that speaks for it
                is_part = self._is_part(piece, name) or self._goes_on(piece, name)
                yield _Candidate(
                    piece, name, start, place + proof, is_part, (proof > 0 or place >= _PROMINENT) and not is_part
                )

    def _place(self, piece: Piece, name: str) -> float:
        """Return what place and print say."""
        is_first = self._first is not None and _same(self._first.value, name)
        score = (3.5 if self._is_sure else 2.0) * is_first + 1.5 * (piece.height > _BIG * self._usual)
        return score + self._alone_over_address(piece)

    def _proof(self, piece: Piece, name: str) -> float:
        """Return what words, numbers and labels say."""
        score = 2.5 * bool(LEGAL.search(name.upper())) or 1.5 * is_business(name)
        score += 2.0 * has_domain(name, self._domains)
        score += 1.5 * self._is_repeated(piece, name)
        score += 2.0 * (id(piece) in self._senders)
        score += _OVER_TITLE * self._is_first_over_title(piece)
        score += 5.0 * any(_stands_under(piece, label) for label in self._labels)
        beside = self._has_number(piece)
        if beside and piece in self._foot and (LEGAL.search(name.upper()) or is_shop(name)):
            score += _IMPRINT
        return score + 2.0 * beside + 1.5 * (beside and is_shop(name))

    def _is_first_over_title(self, piece: Piece) -> bool:
        """Whether a name is the first text of the page, and the next line the title: the form of a 電子發票證明聯."""
        others = [p for p in self._pieces if p.line.page == piece.line.page and p is not piece]
        under = min((p for p in others if p.center > piece.bottom), key=lambda p: p.center, default=None)
        is_first = not any(p.center <= piece.bottom for p in others)
        return is_first and under is not None and is_title(under.text) and bool(_IDEOGRAPH.search(under.text))

    def _has_number(self, piece: Piece) -> bool:
        """Whether a tax number stands in the block under a name, or beside it."""
        near = [number for number in self._numbers if -1.5 < _lines_between(piece, number) < _NEAR]
        return any(_overlap(piece, n) or abs(_lines_between(piece, n)) < 2.5 for n in near)

    def _goes_on(self, piece: Piece, name: str) -> bool:
        """Whether the next line is in the same print, centred on it and no address: the name may have two lines."""
        if LEGAL.search(name.upper()):
            return False
        return any(
            0.7 < _lines_between(piece, p) < _NEXT_LINE and 0.85 < p.height / max(piece.height, 1e-4) < 1.18
            and abs(p.left + p.right - piece.left - piece.right) < 0.05 and _is_name(p.text)
            and not LEGAL.search(p.text.upper())
            for p in self._head
        )  # fmt: skip

    def _is_part(self, piece: Piece, name: str) -> bool:
        """Whether another text of the head holds the name and more: a logo of which a part was read."""
        own = letters(name)
        others = [p for p in self._head if p is not piece and id(p) not in self._theirs and not is_address(p.text)]
        return any(own in letters(p.text) and len(letters(_name_of(p.text)[0])) > len(own) + 1 for p in others)

    def _is_repeated(self, piece: Piece, name: str) -> bool:
        own = letters(name)
        return len(own) >= 4 and any(
            other is not piece and id(other) not in self._theirs and own in letters(other.text)
            for other in self._pieces
        )

    def _alone_over_address(self, piece: Piece) -> float:
        """Return what it says that the next line under a name is an address, a telephone number or a tax number."""
        under = [
            p for p in self._pieces if p.line.page == piece.line.page and p.center > piece.bottom and _overlap(piece, p)
        ]
        first = min(under, key=lambda p: p.center, default=None)
        if first is None or first.top - piece.bottom > 2.5 * first.height or _BRANCH.match(first.text):
            return 0.0
        return 1.5 if is_address(first.text) or TAX_NUMBER.search(first.text) else 0.0


def _name_of(text: str) -> tuple[str, int]:
    """Return the name in a text and where it begins: the sender's line over a window holds the address as well."""
    parts = [part for part in _PARTS.split(text) if part.strip()]
    name = text
    if len(parts) > 1 and any(is_address(part) for part in parts[1:]) and not is_address(parts[0]):
        name = parts[0]
    name = _TITLE_BEHIND.sub("", _SLOGAN.sub("", name)).strip(" ,;:")
    return name, max(text.find(name), 0)


def _is_name(name: str) -> bool:
    if (
        len(re.findall(r"[^\W\d_]{2}", name)) < 1
        or not may_be_name(name)
        or _CODE.fullmatch(name)
        or SELLER_LABEL.match(name)
    ):
        return False
    has_form = is_business(name)
    return has_form or not (is_address(name) or _FIELD.search(name) or kind_of_label(name) or TAX_NUMBER.search(name))


def _same(one: str, other: str) -> bool:
    first, second = letters(one), letters(other)
    return bool(first and second) and (first in second or second in first)


def _lines_between(upper: Piece, lower: Piece) -> float:
    if upper.line.page != lower.line.page:
        return 1e3
    return (lower.center - upper.center) / max(upper.height, lower.height, 1e-4)


def _overlap(one: Piece, other: Piece) -> bool:
    return one.left < other.right and one.right > other.left


def _stands_under(piece: Piece, label: Piece) -> bool:
    return 0 < _lines_between(label, piece) < 2.2 and _overlap(piece, label)
