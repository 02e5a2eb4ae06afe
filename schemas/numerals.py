"""Chinese numerals: capital ones of amounts (壹仟貳佰元整), everyday ones of dates (廿五), and pre-printed grids."""

import re
from decimal import Decimal

from schemas.folding import normalize

# Variants seen in print; cn2an 0.5 fails on 參, 参, 弍, 貮, ○ and 卅, hence our own.
_CAPITAL = {
    "壹": 1, "壱": 1, "弌": 1, "貳": 2, "貮": 2, "贰": 2, "弍": 2, "兩": 2, "两": 2, "參": 3, "叁": 3, "叄": 3, "叅": 3,
    "参": 3, "弎": 3, "肆": 4, "伍": 5, "陸": 6, "陆": 6, "柒": 7, "漆": 7, "捌": 8, "玖": 9,
}  # fmt: skip
_ZERO = {"零": 0, "〇": 0, "○": 0}
_EVERYDAY = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_ARABIC = {str(digit): digit for digit in range(10)}
_DIGITS = _CAPITAL | _ZERO | _EVERYDAY | _ARABIC
_SMALL = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_LARGE = {"萬": 10_000, "万": 10_000, "億": 100_000_000, "亿": 100_000_000}
_JOINED = {"廿": "二十", "卅": "三十", "卌": "四十"}
_CAPITAL_UNITS = frozenset("拾佰仟萬億")

_DECORATION = re.compile(r"新[臺台]幣|NT\$|NTD|TWD|大寫|金額|合計|總計|[:\s]")
# a cross fills an unused place of a pre-printed grid; anywhere else it is no digit
_CROSS = re.compile(r"[×Xx✕╳](?=[拾十佰百仟千萬万億亿元圓圆])")
_BARE_TEN = re.compile("(?<![〇○零一二三四五六七八九壹貳參叁肆伍陸柒捌玖])([十拾])")
_PARTS = re.compile("([萬万億亿])")
_PHRASE = re.compile(r"(?P<whole>[^元圓圆角分整正]+)(?:[元圓圆](?:(?P<jiao>.)角)?(?:(?P<fen>.)分)?)?[整正]?")


def parse_numerals(text: str, *, everyday: bool = False) -> int | None:
    """Return the whole number, or None where the text is no numeral; a bare everyday numeral counts only if asked for.

    A grid `×佰×拾壹萬貳仟…` with × or 零 before unused units reads the same way; a unit without a digit before it is
    refused, since nobody can tell whether its digit was left out or not read.
    """
    amount = parse_words(text, everyday=everyday)
    return None if amount is None or amount != int(amount) else int(amount)


def parse_words(text: str, *, everyday: bool = False) -> Decimal | None:
    """Return the amount with its 角 and 分, or None where the text is no numeral."""
    bare = _CROSS.sub("零", _DECORATION.sub("", normalize(text)))
    match = _PHRASE.fullmatch(bare)
    if not match or not _is_numeral(match["whole"], everyday):
        return None
    whole = _whole(match["whole"], everyday)
    tenth, hundredth = (_DIGITS.get(match[part] or "零") for part in ("jiao", "fen"))
    if whole is None or tenth is None or hundredth is None:
        return None
    return Decimal(whole) + Decimal(tenth * 10 + hundredth) / 100


def _is_numeral(text: str, everyday: bool) -> bool:
    """Whether the characters say `numeral`: 一 may be a dash, ○ a mark, and 12 is for another parser."""
    telling = _CAPITAL.keys() | _JOINED.keys() | {"零"}
    if everyday:
        telling = telling | _EVERYDAY.keys() | _SMALL.keys()
    if any(character in telling for character in text):
        return True
    return any(c in _CAPITAL_UNITS for c in text) and any(c in _ARABIC for c in text)


def _whole(text: str, everyday: bool) -> int | None:
    text = "".join(_JOINED.get(character, character) for character in text)
    if everyday:
        text = _BARE_TEN.sub(r"一\1", text)
    elif text[0] in "拾十" and not _PARTS.search(text):
        text = f"一{text}"  # 拾伍元; but 拾壹萬 is 110,000 in speech and 10,000 in a grid whose first place is empty
    *sections, last = _PARTS.split(text)
    total, above = 0, 10**12
    for section, unit in zip(sections[::2], sections[1::2], strict=True):
        number = _section(section) if section else None
        if number is None or _LARGE[unit] >= above:
            return None
        above = _LARGE[unit]
        total += number * above
    rest = _section(last)
    return None if rest is None else total + rest


def _section(text: str) -> int | None:
    """Return what stands between two large units; units must come down, each with its digit."""
    total, above = 0, 10**4
    digit: int | None = None
    for character in text:
        if character in _DIGITS and not digit:
            digit = _DIGITS[character]
        elif digit is not None and _SMALL.get(character, above) < above:
            above = _SMALL[character]
            total, digit = total + digit * above, None
        else:
            return None
    return total + (digit or 0)
