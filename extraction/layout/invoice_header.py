"""The head of an invoice: its number, kind, period, codes, and the amount in words."""

import re
from collections.abc import Sequence

from extraction.layout.invoice_rows import Found, Piece, Row, found, unaccented
from schemas.numerals import parse_numerals

_TRACK = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2})[-–— ]{0,2}(\d{8})(?!\d)")
_TRACK_BLURRED = re.compile(r"(?<![A-Za-z0-9])([A-Z0158]{2})[-–— ]{1,2}([0-9OIlSBZ]{8})(?![A-Za-z0-9])")
_LETTERS = str.maketrans("0158", "OISB")
_DIGITS = str.maketrans("OIlSBZ", "011582")
_LABELS = (  # best first
    re.compile(
        r"(?:tax\s*)?invo[il]ce\s*(?:no|number|num|nr|#|id)(?![a-z])[\s.:#№]*|\binv\.?\s?(?:no|#|:)[\s.:#]*"
        r"|no\.?\s*invois[\s.:]*"
        r"|(?:facture|factura|fattura)\s*(?:n[°or]\.?|n\.|num\.?|numero|numero|#)[\s.:]*"
        r"|(?:n[°or]?\.?|num(?:ero)?\.?|num[ee]ro)\s*(?:de\s*|di\s*)?(?:facture|factura|fattura)(?![a-z])[\s.:]*"
        r"|(?:rechnungs?|factuur|beleg)\s*-?\s*(?:nr|nummer|no)(?![a-z])[\s.:]*"
        r"|(?:credit (?:note|memo)|gutschrifts?|avoir|nota di credito|creditnota)\s*-?\s*(?:n[°or]\.?|n\.|number"
        r"|nummer|#)[\s.:]*"
        r"|(?:發票|发票)(?:號碼|编号|編號|号码|代码)[\s:.]*|(?:請求書?|領収書?|伝票|インボイス)(?:番号|No)[\s:.]*"
        r"|cash sales?\s*no[\s.:]*",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:receipt|rcpt|b[i1l]{2,3}|doc|document|ticket|slip|check|chit|trans(?:action)?)\s*(?:no|number|#"
        r"|n°)[\s.:#]*"
        r"(?:no[\s.:]*)?|(?:收據|單據|賬單|帳單)(?:號碼|編號)?[\s:#.]*|order\s*no[\s.:#]*|^(?:receipt|bill"
        r"|slip)\s*:[\s:]*"
        r"|^receipt(?=\s|$)[\s:]*|^tax invoice\s*:\s*",
        re.IGNORECASE,
    ),
    re.compile(
        r"^#\s?|^invoice\s*:?\s*(?:no[.:]\s*)?|^(?:rechnung|facture|factura|fattura|factuur)\s*[:#]?\s*(?=[\w/-]*\d)"
        r"|^no\.?\s*[:.]?\s*(?=[A-Z]{1,4}[-\d])|單號[\s:#.]*",
        re.IGNORECASE,
    ),
)
_NUMBER = re.compile(
    r"[#:.\[\s]*(?P<number>(?:[A-Z]{1,4} (?=\d))?[A-Za-z0-9][A-Za-z0-9_]*(?:\s?[-/_.]\s?[A-Za-z0-9_]+)*)"
)
_DATE_LIKE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}$|(?:20)?\d\d:\d\d")
_PERIOD = re.compile(
    r"(?:中華)?(?:民國|民囯)?\s?(\d{2,3})\s?年\s?(\d{1,2})\s?[-~、,，.至/~-]{1,2}\s?(\d{1,2})\s?月(?:份)?"
)
_RANDOM = re.compile(r"隨機[碼馬]?\s?[:：]?\s?(\d{4})(?!\d)")
_CARRIER = re.compile(r"載具[^/A-Z0-9]{0,6}(/[0-9A-Z+\-.]{7}|[A-Z]{2}\d{14})")
_WORDS = re.compile(
    r"(?:[零〇壹貳貮弍參叁参叄肆伍陸柒捌玖兩][零〇佰拾萬仟億百千壹貳貮弍參叁参叄肆伍陸柒捌玖兩×]*[元圓]?整?){1}"
)
_TAX_TICK = re.compile(r"(應稅|零稅率|免稅)?[V✓✔√☑■](應稅|零稅率|免稅)?")
_TICKED = {"應稅": "taxable", "零稅率": "zero_rated", "免稅": "exempt"}
_KINDS = (
    ("exempt", ("免用統一發票", "免開統一發票")),
    ("electronic", ("電子發票", "電子發", "隨機碼", "子發票證明")),
    ("triplicate", ("三聯式", "三聯")),
    ("duplicate", ("二聯式", "二聯")),
    ("computer", ("電子計算機",)),
    ("cash_register", ("收銀機",)),
)


def find_kind(rows: Sequence[Row]) -> Found:
    """Return the kind of invoice by its printed name; without one it is a commercial one."""
    for kind, words in _KINDS:
        for piece in (piece for row in rows for piece in row.pieces):
            if any(word in piece.text.replace(" ", "") for word in words):
                return found(piece, kind)
    return found(rows[0].pieces[0], "commercial")


def find_track_number(rows: Sequence[Row]) -> Found | None:
    """Return a 字軌號碼, two letters and eight digits; what OCR mixed up is put right by place."""
    for form, is_exact in ((_TRACK, True), (_TRACK_BLURRED, False)):
        for row in rows:
            for piece in row.pieces:
                match = form.search(piece.text)
                if match is None:
                    continue
                number = match[1].translate(_LETTERS) + match[2].translate(_DIGITS)
                if re.fullmatch(r"[A-Z]{2}\d{8}", number):
                    return found(piece, number, match.start(), match.end(), "exact" if is_exact else "folded")
    return _track_in_parts(rows)


def _track_in_parts(rows: Sequence[Row]) -> Found | None:
    """Return a number whose letters and digits stand in two texts side by side."""
    for row in rows:
        for first, second in zip(row.pieces, row.pieces[1:], strict=False):
            if re.fullmatch(r"[A-Z]{2}", first.text) and re.fullmatch(r"\d{8}", second.text):
                return found(second, first.text + second.text)
    return None


def find_invoice_number(rows: Sequence[Row]) -> Found | None:
    """Return the number beside, behind or under the best label."""
    for label in _LABELS:
        for number, row in enumerate(rows):
            for place, piece in enumerate(row.pieces):
                match = label.search(unaccented(piece.text))
                cell = match and _number_after(rows, number, place, piece, match.end())
                if cell:
                    return cell
    return None


def _number_after(rows: Sequence[Row], number: int, place: int, piece: Piece, end: int) -> Found | None:
    row = rows[number]
    own = _as_number(piece, end)
    if own is not None or piece.text[end:].strip(" :.#"):
        return own
    after = next((other for other in row.pieces[place + 1 :] if re.search(r"\w", other.text)), None)
    right = _as_number(after, 0) if after is not None else None
    if right is not None:
        return right
    if number + 1 < len(rows) and rows[number + 1].page == row.page:
        under = [p for p in rows[number + 1].pieces if p.left < piece.right and p.right > piece.left]
        return _as_number(under[0], 0, whole=True) if under else None
    return None


def _as_number(piece: Piece, start: int, *, whole: bool = False) -> Found | None:
    match = _NUMBER.match(piece.text, start)
    if match is None or not any(character.isdigit() for character in match["number"]):
        return None
    if _DATE_LIKE.match(match["number"]) or (whole and match.end() < len(piece.text)):
        return None
    return found(piece, re.sub(r"\s", "", match["number"]), match.start("number"), match.end("number"))


def find_period(rows: Sequence[Row]) -> Found | None:
    """Return the two-month period as printed."""
    return _first(rows, _PERIOD)


def find_random_code(rows: Sequence[Row]) -> Found | None:
    """Return the four digits behind 隨機碼."""
    cell = _first(rows, _RANDOM, group=1)
    if cell is not None:
        return cell
    for row in rows:
        for piece, after in zip(row.pieces, row.pieces[1:], strict=False):
            if re.fullmatch(r"隨機[碼馬]?:?", piece.text) and re.fullmatch(r"\d{4}", after.text):
                return found(after, after.text)
    return None


def find_carrier(rows: Sequence[Row]) -> Found | None:
    """Return a mobile barcode or a citizen certificate's number behind 載具."""
    return _first(rows, _CARRIER, group=1)


def find_words(rows: Sequence[Row]) -> Found | None:
    """Return the total in capital numerals as printed, boxes `×佰×拾` and all."""
    for row in rows:
        text = "".join(piece.text.replace(" ", "") for piece in row.pieces)
        match = max(_WORDS.finditer(text), key=lambda m: len(m[0]), default=None)
        if match is None or len(match[0]) < 4 or not parse_numerals(match[0]):
            continue
        if not re.search("[元圓圆整]", text[match.end() - 1 : match.end() + 1]) or not re.search(
            "[拾佰仟萬]", match[0]
        ):
            continue
        pieces = [piece for piece in row.pieces if piece.text.replace(" ", "") in match[0] or match[0] in piece.text]
        box, score = pieces[0].line.box if pieces else row.pieces[0].line.box, 1.0
        for piece in pieces or row.pieces:
            box, score = box.union(piece.line.box), min(score, piece.line.score)
        evidence = found(row.pieces[0], match[0]).evidence
        return Found(match[0], evidence.model_copy(update={"box": box.rounded(), "text": match[0], "score": score}))
    return None


def find_tax_kind(rows: Sequence[Row]) -> Found | None:
    """Return the ticked tax kind; a tick between two words, or two ticks, say nothing for certain."""
    ticked: dict[str, Found] = {}
    for row in rows:
        for piece in row.pieces:
            for before, after in _TAX_TICK.findall(piece.text.replace(" ", "")):
                if bool(before) != bool(after):
                    kind = _TICKED[before or after]
                    ticked[kind] = found(piece, kind)
    return next(iter(ticked.values())) if len(ticked) == 1 else None


def _first(rows: Sequence[Row], form: re.Pattern[str], group: int = 0) -> Found | None:
    for row in rows:
        for piece in row.pieces:
            match = form.search(piece.text)
            if match:
                return found(piece, match[group], match.start(group), match.end(group))
    return None
