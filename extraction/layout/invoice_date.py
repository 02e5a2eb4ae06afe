"""Dates on an invoice of any country: which one is the date of issue, and which number is the day."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.layout.invoice_rows import Found, Piece, Row, found, unaccented
from schemas.values import ROC_OFFSET

_MONTHS = {
    unaccented(name): number
    for number, names in enumerate(
        ("jan janvier januar januari ene enero gen gennaio", "feb fev février fevrier fév februar februari febrero"
        " febbraio",
         "mar mars märz marz mrt maart marzo mac", "apr avr avril april abr abril aprile", "may mai mei mayo mag"
         " maggio",
         "jun juin juni junio giu giugno", "jul juil juillet juli julai julio lug luglio",
         "aug août aout august ogos agustus ago agosto augustus", "sep sept set septembre september septiembre"
         " settembre",
         "oct okt ott octobre oktober octubre ottobre", "nov novembre november noviembre",
         "dec dez dis dic déc decembre décembre dezember disember diciembre dicembre"), 1)
    for name in names.split()
}  # fmt: skip
_WORD = r"[A-Za-zéûä]{3,10}"
_YEAR = r"(?:19|20)\d\d"
_END = r"(?!\d)(?![/.\-]\d)|(?=\d{1,2}[:：]\d\d)"
_YMD = re.compile(rf"(?<!\d)(?P<y>{_YEAR})\s?[/.\-年]\s?(?P<m>\d{{1,2}})\s?[/.\-月]\s?(?P<d>\d{{2}}|\d)(?:{_END})")
_ROC = re.compile(
    rf"(?P<mark>民國|民囯)?(?<![\d/.\-])(?P<y>\d{{2,3}})\s?(?P<sep>[/.\-年])\s?(?P<m>\d{{1,2}})\s?[/.\-月]\s?"
    rf"(?P<d>\d{{2}}|\d)(?:{_END})"
)
_DMY = re.compile(rf"(?<![\d/.\-])(?P<a>\d{{1,2}})\s?(?P<sep>[/.\-])\s?(?P<b>\d{{1,2}})\s?(?P=sep)\s?"
                  rf"(?P<y>{_YEAR}|\d\d)(?:{_END})")  # fmt: skip
_NAMED = (
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er"
        rf"|\.)?[\s\-/]?\s?(?:de )?(?P<m>{_WORD})\.?[\s\-/,]*(?:del? )?(?P<y>{_YEAR}"
        rf"|\d\d)(?!\d)"
    ),
    re.compile(rf"(?P<m>{_WORD})\.?\s?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s?,?\s?(?P<y>{_YEAR})(?!\d)"),
)
_RUN = re.compile(r"(?<!\d)(?P<a>\d\d)(?P<b>\d\d)(?P<y>20\d\d)(?!\d)")
_RUN_YMD = re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d)")
_GOOD = re.compile(
    r"INVOICE ?DATE|INV\.? ?(?:DATE|DT)|ISSUE|^DATE|[^A-Z]DATE ?[:：]?|BILL DATE|開立|發票日期|銷售日期|交易時間|日期"
    r"|DATE DE|DATUM|TARIKH|ISSUED|FECHA|(?<![A-Z])DATA(?![A-Z])|請求日|[発發]行日|領収日", re.IGNORECASE)  # fmt: skip
_BAD = re.compile(
    r"DUE|EXPIR|到期|有效|PERIOD|DELIVER|SHIP|上一次|上一|TRAINING|BIRTH|出生|VALID|LIVRAISON|ECHEANCE|LIEFER|FALLIG"
    r"|PRINT|PRN|CLOSED|期間|RETURN|STAY|SUPPLY|PAY(?:ABLE)? (?:BY|BEFORE)|LEISTUNG|ZAHLBAR|REGLER|ORDER|BESTELL"
    r"|COMMANDE"
    r"|PEDIDO|ORDINE|VENCIM|ENTREGA|OPERACI|SCADENZA|CONSEGNA|VERVAL|BETALEN|LEVER|納期|期限|注文日|交貨"
    r"|送貨", re.IGNORECASE)  # fmt: skip
_DUE = re.compile(
    r"DUE|ECHEANCE|FALLIG|ZAHLBAR|REGLER|VENCIM|SCADENZA|VERVAL|BETALEN|PAY(?:ABLE)? BY|到期|期限", re.IGNORECASE
)
_LONGEST_TERM = dt.timedelta(days=200)
_CENTURY = 2000


@dataclass(frozen=True)
class PrintedDate:
    """A date on the page; `other` is the second reading where day and month may be exchanged."""

    date: dt.date
    other: dt.date | None
    piece: Piece
    start: int
    end: int
    row: int
    score: float
    is_due: bool = False

    def found(self, date: dt.date) -> Found:
        """Return the cell, the printed text as its evidence."""
        return found(self.piece, date.isoformat(), self.start, self.end)


@dataclass(frozen=True)
class IssueDate:
    """The date of issue; `other` where the order of day and month is open, `rival` where another date is as good."""

    cell: Found
    other: dt.date | None = None
    rival: Found | None = None


def find_issue_date(
    rows: Sequence[Row], *, taiwanese: bool, month_first: bool | None, guess: bool = False
) -> IssueDate | None:
    """Return the date of issue, or None where the page shows none; `guess` is taken where nothing tells the order."""
    dates = [date for number, row in enumerate(rows) for date in _dates_of(rows, number, row, taiwanese)]
    if not dates:
        return None
    best = max(dates, key=lambda date: (date.score, -date.row))
    order = _order(dates)
    if order is None:
        order = month_first
    is_swapped = (guess if order is None else order) and best.other is not None
    chosen = best.other if is_swapped and best.other else best.date
    open_reading = best.date if is_swapped else best.other
    same_day = {chosen, open_reading}
    rivals = [d for d in dates if d.score >= best.score and d.date not in same_day and d.other not in same_day]
    return IssueDate(
        best.found(chosen),
        open_reading if order is None else None,
        rivals[0].found(rivals[0].date) if rivals and best.score < 3 else None,
    )


def _order(dates: Sequence[PrintedDate]) -> bool | None:
    """Return whether months come first by the dates themselves: a day over 12, or one in another form."""
    clear = {date.date for date in dates if date.other is None}
    for date in dates:
        if date.other is not None and (date.date in clear) != (date.other in clear):
            return date.other in clear
    by_term = _order_by_term(dates)
    if by_term is not None:
        return by_term
    votes = [_vote(date) for date in dates]
    firsts, seconds = votes.count("month"), votes.count("day")
    return None if firsts == seconds else firsts > seconds


def _order_by_term(dates: Sequence[PrintedDate]) -> bool | None:
    """Return the order in which payment falls due after the issue and not years later, where only one does."""
    best = max(dates, key=lambda date: (date.score, -date.row))
    possible = set()
    for due in (date for date in dates if date.is_due and date is not best):
        for month_first in (False, True):
            issue, term = ((d.other if month_first and d.other else d.date) for d in (best, due))
            if dt.timedelta(0) <= term - issue <= _LONGEST_TERM:
                possible.add(month_first)
    return possible.pop() if len(possible) == 1 and (best.other is not None) else None


def _vote(date: PrintedDate) -> str | None:
    match = _DMY.fullmatch(date.piece.text[date.start : date.end])
    if match is None or date.other is not None or int(match["a"]) == int(match["b"]):
        return None
    return "month" if int(match["a"]) <= 12 else "day"


def _dates_of(rows: Sequence[Row], number: int, row: Row, taiwanese: bool) -> Iterator[PrintedDate]:
    for place, piece in enumerate(row.pieces):
        for start, end, date, other, bonus in _in_text(piece.text, taiwanese):
            left = row.pieces[place - 1].text if place else ""
            above = _above(rows, number, piece)
            if re.search(r"\d", left) and (_GOOD.search(above) or _BAD.search(above)):
                left = ""  # another value of a row of values, each under its label
            before, above = unaccented(f"{left} {piece.text[:start]}"), unaccented(above)
            score = bonus - 0.02 * min(number, 40)
            if _BAD.search(before):
                score -= 3
            elif _GOOD.search(before):
                score += 3
            elif not before.strip() and above:
                score += -3 if _BAD.search(above) else 2.5 * bool(_GOOD.search(above))
            if re.search(r"\d{1,2}[:：時h]\d\d", piece.text[end:] + " ".join(p.text for p in row.pieces[place + 1 :])):
                score += 1
            is_due = bool(_DUE.search(before) or (not before.strip() and _DUE.search(above)))
            yield PrintedDate(date, other, piece, start, end, number, score, is_due)


def _above(rows: Sequence[Row], number: int, piece: Piece) -> str:
    """Return the text over a date that has none before it on its own row."""
    if number == 0 or rows[number - 1].page != rows[number].page:
        return ""
    over = [p for p in rows[number - 1].pieces if p.left < piece.right and p.right > piece.left]
    return over[0].text if over else ""


def _in_text(text: str, taiwanese: bool) -> Iterator[tuple[int, int, dt.date, dt.date | None, float]]:
    """Yield place, date, the other reading, and how much the form itself speaks for a date."""
    taken: list[tuple[int, int]] = []
    for match, date, other, bonus in _matches(text, taiwanese):
        if date is not None and not any(match.start() < end and start < match.end() for start, end in taken):
            taken.append(match.span())
            yield match.start(), match.end(), date, other, bonus


def _matches(text: str, taiwanese: bool) -> Iterator[tuple[re.Match[str], dt.date | None, dt.date | None, float]]:
    for match in _YMD.finditer(text):
        yield match, _make(int(match["y"]), int(match["m"]), int(match["d"])), None, 1.0
    for form in _NAMED:
        for match in form.finditer(text):
            month = _month(match["m"])
            yield match, _make(_year(match["y"]), month, int(match["d"])), None, 1.0
    if taiwanese:
        for match in _ROC.finditer(text):
            yield match, _roc(match), None, 1.0
    for match in _DMY.finditer(text):
        yield match, *_two_readings(match), 0.8
    for match in _RUN_YMD.finditer(text):
        yield match, _make(int(match["y"]), int(match["m"]), int(match["d"])), None, -0.5
    for match in _RUN.finditer(text):
        yield match, *_two_readings(match), -1.0


def _month(word: str) -> int:
    plain = unaccented(word.lower())
    return _MONTHS.get(plain) or _MONTHS.get(plain[:3], 0)


def _two_readings(match: re.Match[str]) -> tuple[dt.date | None, dt.date | None]:
    """Return day first and month first, or the only one that exists."""
    year, a, b = _year(match["y"]), int(match["a"]), int(match["b"])
    day_first, month_first = _make(year, b, a), _make(year, a, b)
    if day_first is None or a == b:
        return month_first, None
    return day_first, month_first


def _roc(match: re.Match[str]) -> dt.date | None:
    year = int(match["y"])
    if not match["mark"] and match["sep"] != "年" and not 80 <= year <= 150:
        return None
    return _make(year + ROC_OFFSET, int(match["m"]), int(match["d"]))


def _year(text: str) -> int:
    return int(text) + (_CENTURY if len(text) == 2 else 0)


def _make(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
