"""Chinese numerals: capital ones of amounts (壹仟貳佰元整), everyday ones of dates (廿五), and pre-printed grids."""

import re
import unicodedata

# Variants seen in print; cn2an 0.5 fails on 參, 参, 弍, 貮, ○ and 卅, hence our own.
_CAPITAL = {
    "零": 0, "〇": 0, "○": 0, "壹": 1, "壱": 1, "弌": 1, "貳": 2, "貮": 2, "贰": 2, "弍": 2, "兩": 2, "两": 2,
    "參": 3, "叁": 3, "叄": 3, "叅": 3, "参": 3, "弎": 3, "肆": 4, "伍": 5, "陸": 6, "陆": 6, "柒": 7, "漆": 7,
    "捌": 8, "玖": 9,
}  # fmt: skip
_EVERYDAY = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SMALL = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_LARGE = {"萬": 10_000, "万": 10_000, "億": 100_000_000, "亿": 100_000_000}
_JOINED = {"廿": 20, "卅": 30, "卌": 40}
_DECORATION = re.compile(r"新[臺台]幣|NT\$|NTD|金額|合計|[:\s元圓圆整正]")


def parse_numerals(text: str, *, everyday: bool = False) -> int | None:
    """Return the number, or None where the text is no numeral; a bare everyday numeral counts only if asked for.

    A grid `×佰×拾壹萬貳仟…` with × or 零 before unused units reads the same way.
    """
    bare = _DECORATION.sub("", unicodedata.normalize("NFKC", text)).replace("×", "零").replace("X", "零")
    if not bare or not any(character in _CAPITAL or (everyday and character in _EVERYDAY | _SMALL | _JOINED)
                           for character in bare):  # fmt: skip
        return None
    digits = _CAPITAL | _EVERYDAY
    total = section = 0
    digit: int | None = None
    for character in bare:
        if character in digits:
            if digit:
                return None  # two digits side by side: not a phrase
            digit = digits[character]
        elif character in _JOINED:
            section, digit = section + _JOINED[character], None
        elif character in _SMALL:
            section, digit = section + (1 if digit is None else digit) * _SMALL[character], None
        elif character in _LARGE:
            total, section, digit = total + (section + (digit or 0)) * _LARGE[character], 0, None
        else:
            return None
    return total + section + (digit or 0)
