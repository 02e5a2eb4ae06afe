"""Labels of totals, and the field that each names."""

import re

from rapidfuzz import fuzz, process

from extraction.layout.words import fold, head_word, looks_like_fee, without_brackets
from schemas.lexicon import from_lists

SUBTOTAL = "subtotal"
"""A row that adds up columns: 小計, 合計, 總計."""
GRAND = "grand"
"""A total that has no field of its own: 總金額, 費用總額."""

_SUM = r"(?:合計|總計|小計|總額|總金額|總數|總點數)"
_MONEY = r"(?:金額|費用|總額|合計|款|現金|總計|總金額)?"


def _pattern(*forms: str) -> re.Pattern[str]:
    return re.compile("|".join(forms))


_LABELS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (GRAND, _pattern(
        r"(?:醫療|本次|全部)?(?:費用總額|總金額|總費用|費用合計|費用總計|金額合計|總收費金額)(?:TOTALBILLED)?",
        r"TOTALBILLED|GRANDTOTAL",
    )),
    (SUBTOTAL, _pattern(
        r"(?:本頁次?|各項|項目|以上|金額|費用|收費)?(?:小計|合計|總計|共計|總和|總額|累計)(?:金額|SUB-?TOTAL|TOTAL)?",
        r"(?:SUB-?)?TOTAL",
        r"(?:承上頁|承前頁|接下頁|過次頁).*",
    )),
    ("copayment_total", _pattern(
        rf"(?:健保|應繳|本次|全民健保)?部分負擔(?:金額|費用)?(?:額|金額|費用|{_SUM})?(?:CO-?PAY(?:MENT)?)?",
        r"CO-?PAYMENT(?:TOTAL)?",
    )),
    ("nhi_total", _pattern(
        rf"(?:全民)?(?:健保|保險)(?:申報|申請|給付|記帳|支付|費用|項目)?(?:點數|金額|費用)?(?:合計點數|合計金額|{_SUM})(?:點數|金額)?",
        r"(?:申報|健保)?(?:總點數|點數合計|點數總計|點數小計|合計點數)",
        r"健保申報點數|健保點數|健保申報金額|健保給付金額|NHITOTAL|TOTALNHI",
    )),
    ("self_pay_total", _pattern(
        rf"(?:其他|病患|病人)?(?:自費|自付)(?:費用|項目|部分)?(?:金額)?{_SUM}(?:金額)?",
        r"其他自費金額|自費金額|自費總費用|SELF-?PAYTOTAL|TOTALSELF-?PAY",
    )),
    ("discount", _pattern(r"(?:優待|減免|折扣|優免|折讓|優惠)+(?:金額|額|費用|合計)?", "DISCOUNT")),
    ("prepaid", _pattern(
        r"已?預[繳收付存](?:金額|款|抵繳|現金|金)?",
        r"暫繳[款金]?額?|住院(?:門診)?預收款?|押金|保證金|PREPAID|DEPOSIT",
    )),
    ("amount_paid", _pattern(
        rf"(?:本次|病患|現金)?(?:實收|實繳|實付|已繳|已收|現收|現繳|繳納|收款|已付){_MONEY}(?:BILLEDNET|PAID)?",
        r"收據金額|現金繳納|AMOUNTPAID|PAID|BILLEDNET",
    )),
    ("amount_due", _pattern(
        rf"(?:本次|合計|病患|總計|實際)?(?:應繳|應收|應付|需繳|須繳){_MONEY}(?:AMOUNTPAYABLE|AMOUNTDUE)?",
        r"自付額|自付總額|AMOUNT(?:PAYABLE|DUE)|PAYABLE|TOTALDUE",
    )),
    ("balance", _pattern(
        r"(?:尚欠|欠款|欠費|未[繳收]|應補繳?)(?:金額|款)?|BALANCE|尚餘應繳",
    )),
)  # fmt: skip
_NEAR = {
    "健保合計": "nhi_total", "健保點數合計": "nhi_total", "健保申報合計": "nhi_total", "健保總點數": "nhi_total",
    "健保金額合計": "nhi_total", "健保費用合計": "nhi_total",
    "自費合計": "self_pay_total", "自費金額合計": "self_pay_total", "自費費用合計": "self_pay_total",
    "部分負擔金額": "copayment_total", "健保部分負擔": "copayment_total", "部分負擔合計": "copayment_total",
    "應繳金額": "amount_due", "應收金額": "amount_due", "本次應繳": "amount_due",
    "實收金額": "amount_paid", "實繳金額": "amount_paid", "已繳金額": "amount_paid", "繳納金額": "amount_paid",
    "優待金額": "discount", "減免金額": "discount", "預繳金額": "prepaid", "尚欠金額": "balance",
}  # fmt: skip
"""Usual labels, for those that are misread."""


@from_lists
def total_field(text: str) -> str | None:
    """Return the field whose label a text is, SUBTOTAL, GRAND, or nothing."""
    folded = fold(text)
    bare = without_brackets(folded) or folded.strip("()")
    if not bare or len(bare) > 16:
        return None
    for field, pattern in _LABELS:
        if pattern.fullmatch(bare):
            return field
    if len(bare) < 4 or looks_like_fee(bare) or _COPAYMENT_KIND.fullmatch(bare):
        return None
    word, score, _ = process.extractOne(bare, list(_NEAR), scorer=fuzz.ratio)
    return _NEAR[word] if score >= 75 else None


_COPAYMENT_KIND = re.compile(r"(?P<kind>.*?)(?:部分負擔|負擔)(?:額|金額|費|費用)?(?:代收)?")


@from_lists
def is_copayment_line(text: str) -> bool:
    """Whether a name is one kind of copayment (基本部分負擔, 藥費部分負擔), not the copayment as a whole."""
    if total_field(text) == "copayment_total":
        return False
    match = _COPAYMENT_KIND.fullmatch(without_brackets(fold(text)))
    return bool(match and match["kind"] and ("部分負擔" in fold(text) or len(match["kind"]) <= 4))


@from_lists
def is_complete(text: str) -> bool:
    """Whether a text is a head, a total's label or a fee's name as it stands: no other piece belongs to it."""
    if len(text) < 2:
        return False
    word = head_word(text)
    return bool(word and word.sure) or total_field(text) is not None or looks_like_fee(text)
