"""Fee lines and totals out of the plain lines of a transcript: names and amounts in their order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from extraction.layout.total_words import GRAND, SUBTOTAL, is_copayment_line, total_field
from extraction.layout.words import (
    PAYERS,
    HeadWord,
    Role,
    looks_like_fee,
    same_name,
    section_payer,
    split_tag,
)
from extraction.readers.cells import Printed, head, printed_amount
from extraction.readers.fee_table import UNKNOWN_PAYERS, Fee
from schemas.values import normalize

STOPS = frozenset({"nhi_total", "self_pay_total", "amount_due", "amount_paid", "balance", "copayment_total", GRAND})
"""Labels after which no fee lines follow until the next head or section."""

_LEADERS = re.compile(r"[.·・…_‥]{3,}")
_STUCK = re.compile(
    r"(?<=[\u4e00-\u9fff)])(?=(?:NT\$|\$)\s?-?\d)|(?<=[費額計])(?=-?\d[\d,.]*\s?[元點点圓]?整?(?:\s|$))"
)
_LABEL_END = re.compile(r"(?<=[^\d\s]):(?=\s|\S)")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Word:
    """A name, or an amount with what is known of it; columns of the terminal tell where it stands."""

    text: str
    start: int
    end: int
    amount: Printed | None = None
    is_value: bool = False
    """Stands behind a label and a colon."""


@dataclass
class LineFees:
    """What the lines hold."""

    fees: list[Fee] = field(default_factory=list)
    totals: list[tuple[str, str | None, bool]] = field(default_factory=list)
    """(field, amount, whether by its column)."""
    copayments: list[tuple[str, str | None]] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    """Lines that are fee lines: nothing of the header stands there."""


def words_of(line: str) -> list[Word]:
    """Return names and amounts in their order; pieces of a name stay together, and those set apart are joined."""
    text = _STUCK.sub(" ", _LEADERS.sub("  ", normalize_keeping_gaps(line)))
    words: list[Word] = []
    is_value = False
    for piece in _pieces(text):
        amount = printed_amount(piece.text) if _may_be_amount(piece.text) else None
        bare = piece.text.rstrip(":")
        last = words[-1] if words else None
        glued = last is not None and last.amount is None and not text[: last.end].rstrip().endswith(":")
        if amount is None and last is not None and glued and _belongs(text, last, piece):
            words[-1] = _joined(text, last, piece, bare)
        elif bare or amount:
            words.append(Word(bare if amount is None else piece.text, piece.start, piece.end, amount, is_value))
        is_value = piece.text.endswith(":")
    return words


def normalize_keeping_gaps(line: str) -> str:
    """Fold full-width forms one by one, so that columns stay where they are."""
    return "".join(_folded(character) for character in line)


def _folded(character: str) -> str:
    if character in "︰：":
        return ":"
    folded = normalize(character)
    return folded if len(folded) == 1 else " " if not folded else character


def _pieces(text: str) -> Iterator[Word]:
    for match in _WORD.finditer(text):
        start = match.start()
        for part in _LABEL_END.split(match[0]):
            end = start + len(part)
            has_colon = end < match.end() and text[end] == ":"
            if part:
                yield Word(part + ":" * has_colon, start, end + has_colon)
            start = end + 1


def _may_be_amount(text: str) -> bool:
    return bool(re.search(r"[\d?\-–—−─]", text)) and not re.fullmatch(r"0\d+", text)


def _belongs(text: str, last: Word, piece: Word) -> bool:
    """Whether a piece goes on with the name before it: one space apart, or letters set apart."""
    gap = piece.start - last.end
    single = len(piece.text.rstrip(":")) == 1 and _is_apart(text, last)
    return gap <= 1 or (single and gap <= 6)


def _is_apart(text: str, word: Word) -> bool:
    """Whether the letters of a word are set apart."""
    return all(len(part) == 1 for part in text[word.start : word.end].split())


def _joined(text: str, last: Word, piece: Word, bare: str) -> Word:
    apart = len(bare) == 1 and _is_apart(text, last) and not bare.isascii()
    return Word(f"{last.text}{'' if apart else ' '}{bare}", last.start, piece.end, None, last.is_value)


# -- lines -------------------------------------------------------------------------------------------------------------


class LineReader:
    """Goes down the lines of a page and remembers under which heads or section they stand."""

    def __init__(self, lines: Sequence[str], first_source: int = 500_000) -> None:
        """Take the lines; sources of fees are counted from `first_source`."""
        self.found = LineFees()
        self._lines = [words_of(line) for line in lines]
        self._raw = lines
        self._payer: Role | None = None
        self._heads: list[HeadWord] = []
        self._source = first_source
        self._widest = 0
        self._has_points = any(word.amount and word.amount.payer is Role.NHI for line in self._lines for word in line)

    def read(self) -> LineFees:
        """Return what the lines hold."""
        for index, words in enumerate(self._lines):
            if words and not self._begin(words):
                self._line(index, words)
        return self.found

    def _begin(self, words: Sequence[Word]) -> bool:
        """Take a line of heads or a section's head."""
        if any(word.amount for word in words):
            return False
        heads = _heads_of(words)
        if heads:
            self._heads, self._payer, self._source, self._widest = heads, None, self._source + 1, 0
            return True
        payer = section_payer(words[0].text) if len(words) == 1 and not words[0].is_value else None
        if payer is not None:
            self._payer, self._heads, self._source = payer, [], self._source + 1
        return payer is not None

    def _line(self, index: int, words: Sequence[Word]) -> None:
        pairs = _paired(words)
        fields = [total_field(name.text) for name, _ in pairs]
        named = [one for one in fields if one is not None and one not in (SUBTOTAL,)]
        if any(one in STOPS for one in named) or len([one for one in fields if one]) > 1:
            self._heads, self._payer = [], None
        self._totals(index, pairs, fields)
        if any(fields) or not pairs:
            return
        if self._heads or self._payer or self._speaks_of_money(pairs):
            fees = self._fees(pairs)
            if words[0].amount is not None:  # an amount before its name, or a column that was cut off
                for fee in fees:
                    fee.unread |= fee.amounts.keys() | set(UNKNOWN_PAYERS)
                    fee.amounts = {}
            self.found.fees += fees
            if fees:
                self.found.used.add(index)
        else:
            self._copayments(pairs)

    def _speaks_of_money(self, pairs: Sequence[tuple[Word, Sequence[Word]]]) -> bool:
        """Whether a line without heads is one of fees: all its names are."""
        names = [split_tag(name.text)[0] for name, amounts in pairs if amounts]
        return bool(names) and all(looks_like_fee(name) and not is_copayment_line(name) for name in names)

    # -- totals

    def _totals(self, index: int, pairs: Sequence[tuple[Word, Sequence[Word]]], fields: Sequence[str | None]) -> None:
        for (name, amounts), named in zip(pairs, fields, strict=True):
            if named == SUBTOTAL:
                self._column_totals(amounts)
            elif named is not None and named != GRAND:
                amount = amounts[0] if len(amounts) == 1 else None
                amount = amount or (self._below(index) if not amounts and len(pairs) == 1 else None)
                if amount is not None and amount.amount is not None:
                    self.found.totals.append((named, amount.amount.text, False))
            elif named is None and is_copayment_line(name.text) and any(fields) and len(amounts) == 1:
                self._copayments([(name, amounts)])

    def _below(self, index: int) -> Word | None:
        """Return the amount that stands alone on the line under a label."""
        below = self._lines[index + 1] if index + 1 < len(self._lines) else []
        return below[0] if len(below) == 1 and below[0].amount else None

    def _column_totals(self, amounts: Sequence[Word]) -> None:
        fields = {Role.NHI: "nhi_total", Role.COPAYMENT: "copayment_total", Role.SELF_PAY: "self_pay_total"}
        roles = [self._payer] if self._payer else [word.role for word in self._heads if word.role is not Role.NAME]
        if len(roles) == len(amounts):
            for role, word in zip(roles, amounts, strict=True):
                if role in PAYERS and word.amount is not None:
                    self.found.totals.append((fields[role], word.amount.text, True))

    def _copayments(self, pairs: Sequence[tuple[Word, Sequence[Word]]]) -> None:
        for name, amounts in pairs:
            if is_copayment_line(name.text) and len(amounts) == 1 and amounts[0].amount is not None:
                self.found.copayments.append((name.text, amounts[0].amount.text))

    # -- fee lines

    def _fees(self, pairs: Sequence[tuple[Word, Sequence[Word]]]) -> list[Fee]:
        kept = [(name, amounts) for name, amounts in pairs if amounts or looks_like_fee(name.text)]
        if not any(amounts for _, amounts in kept) or any(name.is_value for name, _ in kept):
            return []
        names = sum(word.role is Role.NAME for word in self._heads)
        if self._heads and names:
            return self._under_heads(kept, names)
        if self._heads:
            return self._side_by_side(kept)
        fees = [self._pair(name, amounts) for name, amounts in kept]
        if len({fee.name for fee in fees}) < len(fees):  # a name twice on a line is of two payers
            for fee in fees:
                fee.amounts, fee.unread = {}, set(UNKNOWN_PAYERS)
        return fees

    def _under_heads(self, pairs: Sequence[tuple[Word, Sequence[Word]]], names: int) -> list[Fee]:
        """Take lines of a table in the order of its heads; where an amount is missing, nobody knows which."""
        groups: list[list[HeadWord]] = []
        for word in self._heads:
            if word.role is Role.NAME:
                groups.append([word])
            elif groups:
                groups[-1].append(word)
        fees = []
        for number, (name, amounts) in enumerate(pairs):
            group = groups[number] if len(pairs) == names else groups[0] if names == 1 else None
            fees.append(self._by_heads(name, amounts, group, number))
        return fees

    def _by_heads(self, name: Word, amounts: Sequence[Word], group: Sequence[HeadWord] | None, number: int) -> Fee:
        fee = Fee(name.text, source=(self._source, number))
        roles = [word.role for word in group[1:]] if group else []
        payer = group[0].payer if group else None
        if payer is not None:
            roles = [payer if role is Role.AMOUNT else role for role in roles]
        payers = [role for role in roles if role in PAYERS]
        if not payers or len(roles) != len(amounts) or len(set(payers)) < len(payers):
            fee.unread = {role for role in roles if role in PAYERS} or set(UNKNOWN_PAYERS)
            return fee
        for role, word in zip(roles, amounts, strict=True):
            if role in PAYERS:
                _put(fee, role, word)
        return fee

    def _side_by_side(self, pairs: Sequence[tuple[Word, Sequence[Word]]]) -> list[Fee]:
        """Take pairs under two heads: half are each payer's, where the names repeat or the row is full."""
        payers = list(dict.fromkeys(word.role for word in self._heads if word.role in PAYERS))
        half, rest = divmod(len(pairs), len(payers))
        repeated = not rest and all(
            same_name(pairs[place][0].text, pairs[half + place][0].text) for place in range(half)
        )
        is_sure = not rest and len(payers) == 2 and (repeated or len(pairs) == self._widest)
        self._widest = max(self._widest, len(pairs))
        fees = []
        for place, (name, amounts) in enumerate(pairs):
            fee = Fee(name.text, source=(self._source, place // max(half, 1)))
            if is_sure and len(amounts) == 1:
                _put(fee, payers[place // half], amounts[0])
            else:
                fee.unread = set(payers)
            fees.append(fee)
        return fees

    def _pair(self, name: Word, amounts: Sequence[Word]) -> Fee:
        bare, tag = split_tag(name.text)
        unit = amounts[0].amount.payer if len(amounts) == 1 and amounts[0].amount else None
        if unit is Role.SELF_PAY and not self._has_points:
            unit = None  # money may be anybody's where no points tell it apart
        whose = tag or (unit if self._has_points and unit else self._payer)
        fee = Fee(bare, source=(self._source, 0), tagged=bool(tag or (unit and not self._payer)))
        if whose is None or len(amounts) > 1:
            fee.unread = set(UNKNOWN_PAYERS)
        elif amounts:
            _put(fee, whose, amounts[0])
        else:
            fee.amounts[whose] = None
        return fee


def _heads_of(words: Sequence[Word]) -> list[HeadWord]:
    """Return the heads of a table that begins on this line; heads one space apart are told apart."""
    parts = [part for word in words for part in word.text.split() if not word.is_value]
    found = [head(part) for part in parts]
    heads = [word for word in found if word is not None]
    payers = [word for word in heads if word.role in PAYERS or word.payer is not None]
    has_item = any(word.role is Role.NAME for word in heads)
    has_money = any(word.role is Role.AMOUNT for word in heads)
    is_block = (len(payers) >= 2 or (has_item and (payers or has_money) and len(heads) >= 2)) if heads else False
    return heads if is_block and len(heads) == len(parts) else []


def _paired(words: Sequence[Word]) -> list[tuple[Word, list[Word]]]:
    """Return each name with the amounts behind it."""
    pairs: list[tuple[Word, list[Word]]] = []
    for word in words:
        if word.amount is None:
            pairs.append((word, []))
        elif pairs:
            pairs[-1][1].append(word)
    return pairs


def _put(fee: Fee, role: Role, word: Word) -> None:
    if word.amount is None or (word.amount.payer is Role.NHI and role is not Role.NHI):
        fee.unread.add(role)
    else:
        fee.amounts[role] = word.amount.text
