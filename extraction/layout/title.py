"""What a receipt says without a label: the hospital's name, the kind of visit, original or copy, words for amounts."""

import re
from collections.abc import Sequence

from extraction.layout.header import Found, HeaderRow

_HOUSE = r"(?:醫院|診所|藥局|藥房|衛生所|醫學中心|醫務室|聯合門診|健康中心)"
_BRANCH = r"(?:[\u4e00-\u9fff\-－—–()（）]{1,8}?(?:分院|院區|分部|分所))?"
_RECEIPT = (
    r"(?:門急診|門診|急診|住院|出院|健保|自費|醫療|藥品|掛號|收費|費用|繳費|就醫|看診|電子|個人|病患|病人|牙科)*"
    r"(?:收據|明細|繳費證明|費用證明|收費證明|帳單)"
)
_HOSPITAL = re.compile(
    rf"(?P<name>[^\s:：]*?{_HOUSE}{_BRANCH}(?:附設[^\s:：]*?{_HOUSE})?)(?=$|\W|\s|{_RECEIPT}|[A-Za-z])"
)
_FOREIGN = re.compile(r"[A-Z][A-Za-z.,&'\- ]*(?:Hospital|Clinic|Medical Center)\b[A-Za-z.,&'\- ]*")
_TITLE = re.compile(rf"(?:{_RECEIPT})|RECEIPT|STATEMENT", re.IGNORECASE)
_KINDS = re.compile(r"門急診|急診|住院|出院|門診|藥局")
_COPY = re.compile(r"(?:^|(?<=[\s(\[【]))(?:收據)?[正副] ?本(?:聯|收據)?(?=$|[\s)\]】])|(?<=收據)[正副]本(?=$|\s)")
_WORDS = re.compile(
    r"[零〇○壹貳貮贰弍兩參叁叄叅参肆伍陸柒捌玖拾佰仟萬億×]{2,}[元圓圆]?[整正]?"
    r"|[零壹貳參叁肆伍陸柒捌玖][元圓圆][整正]?"
)
_NO_NAME = re.compile(r"地址|電話|網址|轉診|處方|本收據|請|憑|查詢|^\W|收費員|經手人|歡迎|謝謝|https?")
_TOP = 0.4
"""The title stands in this upper part of the printed rows."""


def find_unlabelled(rows: Sequence[HeaderRow]) -> list[Found]:
    """Return the values that stand without a label, at most one a field."""
    found = [*_hospital(rows), *_visit_kind(rows)]
    for row in rows:
        for match in _COPY.finditer(row.text):
            found.append(row.found("is_original", *match.span(), "副本" if "副" in match[0] else "正本"))
        for words in _WORDS.finditer(row.text):
            found.append(row.found("amount_in_words", *words.span()))
    return found


def _hospital(rows: Sequence[HeaderRow]) -> list[Found]:
    top = rows[: max(4, int(len(rows) * _TOP))]
    best: tuple[float, Found] | None = None
    for index, row in enumerate(top):
        text, places = _squeezed(row)
        match = _HOSPITAL.search(text) if not _NO_NAME.search(text) else None
        if match is None or len(match["name"]) < 3:
            continue
        start, end = places[match.start("name")], places[match.end("name") - 1] + 1
        height = row.letters[start].box.height
        found = row.found("hospital_name", start, end, match["name"])
        if index and (owner := _owner(top[index - 1], height)) is not None:
            found = Found(found.field, owner.text + found.text, found.page, owner.box.union(found.box),
                          owner.printed + found.printed, min(owner.score, found.score))  # fmt: skip
        rank = height * (1.0 if len(found.text) > 3 else 0.5)
        if best is None or rank > best[0] * 1.05:
            best = rank, found
    if best is not None:
        return [best[1]]
    for row in top:
        if match := _FOREIGN.search(row.text):
            return [row.found("hospital_name", *match.span())]
    return []


def _squeezed(row: HeaderRow) -> tuple[str, list[int]]:
    """Return the text of a row and where each character stands; a title set apart (`示 範 醫 院`) without gaps."""
    pieces = row.text.split()
    apart = len(pieces) >= 3 and sum(len(piece) == 1 for piece in pieces) * 4 >= len(pieces) * 3
    places = [index for index, character in enumerate(row.text) if not (apart and character.isspace())]
    return "".join(row.text[index] for index in places), places


def _owner(row: HeaderRow, height: float) -> Found | None:
    """Return the first line of a name on two lines (`…財團法人` above `…醫院`)."""
    text = row.text.strip("\u2003 ")
    if not re.fullmatch(r"[\u4e00-\u9fff()]{3,24}(?:法人|大學|附設|基金會|教會)", text):
        return None
    start = row.text.find(text)
    same_size = row.letters[start].box.height > 0.8 * height
    return row.found("hospital_name", start, start + len(text)) if same_size else None


def _visit_kind(rows: Sequence[HeaderRow]) -> list[Found]:
    for row in rows[: max(5, int(len(rows) * _TOP))]:
        text, places = _squeezed(row)
        for title in _TITLE.finditer(text):
            kind = _KINDS.search(title[0])
            if kind:
                first = places[title.start() + kind.start()]
                last = places[title.start() + kind.end() - 1] + 1
                word = "門診" if kind[0] == "門急診" else kind[0]
                return [row.found("visit_kind", first, last, word, folded=word != kind[0])]
    return []


def is_receipt_title(text: str) -> bool:
    """Whether a line is the title of a receipt for medical fees."""
    return bool(re.search(rf"{_RECEIPT}", text))


def names_hospital(text: str) -> bool:
    """Whether a line names a hospital, clinic or pharmacy."""
    return bool(re.search(_HOUSE, text))
