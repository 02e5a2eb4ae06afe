"""The words that give a receipt its structure: heads of columns and sections, names of fees."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from rapidfuzz import fuzz, process

from schemas.lexicon import fee_entries, from_lists
from schemas.values import normalize


class Role(StrEnum):
    """What a column holds."""

    NAME = "name"
    NHI = "nhi_amount"
    COPAYMENT = "copayment_amount"
    SELF_PAY = "self_pay_amount"
    AMOUNT = "amount"
    """Money whose payer another head must tell."""
    QUANTITY = "quantity"
    """How often or how long: 數量, 次數, 天數."""
    PRICE = "unit_price"
    LINE_TOTAL = "line_total"
    """What the payers' amounts of the line add up to."""
    DISCOUNT = "discount"
    TAG = "payer"
    """Says of each line who pays: 類別, 給付別."""
    OTHER = "other"
    """Code, unit, remark: nothing that is kept."""


PAYERS = (Role.NHI, Role.COPAYMENT, Role.SELF_PAY)
PAYER_WORDS = {Role.NHI: "健保", Role.COPAYMENT: "部分負擔", Role.SELF_PAY: "自費"}
"""What a row is tagged with whose payer was told in another way."""
ASIDE = frozenset({Role.QUANTITY, Role.PRICE, Role.LINE_TOTAL, Role.DISCOUNT, Role.TAG, Role.OTHER})
"""Columns that stand beside what is kept."""


@dataclass(frozen=True)
class HeadWord:
    """What a text says as a head."""

    role: Role
    payer: Role | None = None
    sure: bool = True


def fold(text: str) -> str:
    """Return a text as structure words are compared: no spaces, marks or brackets' content, 份 as 分 in 部份."""
    bare = re.sub(r"[\s:*■◆●□※<>《》【】\[\]{}、,.。'\"|_~\-–—/]+", "", normalize(text)).upper()
    return bare.replace("部份", "部分").replace("台", "臺").replace("点", "點")


def without_brackets(text: str) -> str:
    """Return a folded text without what stands in round brackets, also unclosed ones."""
    return re.sub(r"\([^)]*\)?|^[^(]{0,6}\)$", "", text)


_PERSON = r"(?:病患|病人|患者|個人|本人|民眾|被保險人)"
_OWN = rf"(?:{_PERSON}?應?(?:自費|自付|自負|自備|自理|自行負擔|自行付費)|{_PERSON}應?(?:負擔|支付|付費))"
_UNCOVERED = r"(?:健保|保險)?[不未]給付|非(?:健保|保險)(?:給付)?|(?:健保|保險)外"
_INSURED = r"(?:全民)?(?:健康保險|健保|保險|NHI)(?:局|署)?"
_SELF = re.compile(
    rf"(?:{_OWN}|{_UNCOVERED})(?:醫療|身分|金額|費用|部分|明細|小計|總?額|費|款|元|NTD?\$?)*(?:SELF-?PA(?:Y(?:MENT)?|ID))?(?:\(?NT\$?\)?)?"
    r"|SELF(?:-?PA(?:Y(?:MENT)?|ID))?(?:AMOUNT)?(?:NT\$?)?|OUTOFPOCKET|PATIENT(?:PAY(?:MENT)?S?|PAID|SHARE)"
    r"|NON-?(?:NHI|COVERED)|UNCOVERED"
)
_NHI = re.compile(
    rf"(?!(?:全民)?健康保險$){_INSURED}"
    r"(?:醫療|身分|點數?|費用|給付|申報|申請|支付|記帳|金額|部分|負擔|明細|小計|額|元|數)*(?:NHI|NT\$?|POINTS?)*"
    r"|(?:申報|申請|支付|給付)?點數?(?:NHI|POINTS?)?|(?:申報|申請|記帳|給付)(?:金額|費用)|申報"
    r"|NHI(?:NT\$?|AMOUNT|POINTS?|COVERED)*|POINTS|INSURANCE(?:AMOUNT)?|COVERED(?:BYNHI)?"
)
_COPAYMENT = re.compile(
    r"(?:健保)?(?:應繳)?(?:部分|定額)負擔(?:額|金額|費用|費|元)?(?:CO-?PAY(?:MENT)?)?|CO-?PAY(?:MENT)?(?:NT\$?)?"
)
_ITEM = re.compile(
    rf"(?:(?P<copay>部分負擔)|(?P<own>{_OWN}(?:費用)?|{_UNCOVERED})|(?P<insured>{_INSURED}(?:申報|給付|費用|支付|負擔)*))?"
    r"(?:醫療|收費|費用|收據|診療|服務|計價|帳務|繳費){0,2}"
    r"(?:項目|名稱|品名|項次名稱|摘要|明細|科目|品項|細目)(?:名稱|明細|說明|內容)?(?:ITEMS?|SERVICE|DESCRIPTION)?"
    r"|費用別|費用名稱|ITEMS?|SERVICES?|DESCRIPTION|PARTICULARS|FEEITEMS?"
)
_COLUMNS: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (Role.QUANTITY, re.compile(r"(?:使用)?(?:數量|次數|天數|日數|總量)|QTY|QUANTITY|QUAN|DAYS?|TIMES")),
    (Role.PRICE, re.compile(r"(?:健保|自費)?單價|支付單價|PRICE|UNITPRICE|UNITCOST|RATE")),
    (Role.DISCOUNT, re.compile(r"(?:折扣|優待|減免|優免|折讓)(?:金?額|數|率|比[例率])?|DISCOUNT|DISC")),
    (Role.LINE_TOTAL, re.compile(
        r"(?:金額|費用)?(?:小計|合計|總計|總額)(?:金額)?|總金額|淨額|(?:折扣?|優待|減免)後(?:金額)?"
        r"|NET|(?:SUB-?)?TOTAL(?:AMOUNT)?"
    )),
    (Role.TAG, re.compile(
        r"(?:費用|給付|身[分份]|收費|付費|計價|支付)?(?:類別|種類|屬性)|給付別|身[分份]別|TYPE|CLASS|PAYER"
    )),
    (Role.OTHER, re.compile(
        r"單位|劑量|用量|頻率|代碼|代號|編號|序號?|項次|NO|備註|說明|比[例率]|成數|自付比[例率]|日期|醫令代?碼?"
        r"|UNIT|CODE|REMARKS?|DATE|ITEMNO"
    )),
)  # fmt: skip
_AMOUNT = re.compile(
    r"(?:應[收繳付]|實[收繳付]|收費|醫療)?(?:金額|費用)|元|點數金額|金額點數|AMOUNT|NT\$?|FEE|CHARGES?|應[收繳付]|實[收繳付]|新臺幣元?"
)
_FUZZY = {
    "健保點數": Role.NHI,
    "健保給付": Role.NHI,
    "健保申報": Role.NHI,
    "健保金額": Role.NHI,
    "健保費用": Role.NHI,
    "自費金額": Role.SELF_PAY,
    "自費費用": Role.SELF_PAY,
    "自付金額": Role.SELF_PAY,
    "部分負擔": Role.COPAYMENT,
    "項目名稱": Role.NAME,
}
_TELLING = {"健保": "健保", "自費": "自費", "自付": "自"}
"""By how a head begins what a misread one must have left of it: 給付金額 is not 自付金額."""
_BESIDE = {"現金": Role.SELF_PAY, "付現": Role.SELF_PAY, "CASH": Role.SELF_PAY, "記帳": Role.NHI}
"""What stands over a payer's column only where another head names the other payer."""
_ENGLISH = {"SELFPAY": Role.SELF_PAY, "SELFPAID": Role.SELF_PAY, "COPAYMENT": Role.COPAYMENT,
            "QUANTITY": Role.QUANTITY, "UNITPRICE": Role.PRICE}  # fmt: skip
_TOTAL = re.compile(r"合計|總計|小計|總額|總數|總點數|應[收繳付]|實[收繳付]|已[收繳付]")


@cache
def head_word(text: str) -> HeadWord | None:
    """Return what a text says as a head of a column or section; nothing where it is none.

    >>> head_word("健保點數(含部分負擔)").role.value, head_word("自費檢查費")
    ('nhi_amount', None)
    """
    folded = fold(text)
    bare = without_brackets(folded) or folded.strip("()")
    tries = (bare, _letters(bare), bare.strip("0123456789."), bare.strip("0123456789.收專訖章"))
    exact = next((word for one in tries if (word := _exact_head(one) or _bilingual_head(one))), None)
    if exact is not None or len(bare) > 12 or _TOTAL.search(bare) or looks_like_fee(bare):
        return exact
    return _near_head(bare)


def _letters(bare: str) -> str:
    """Return a text with digits inside its English words as the letters they look like (`SE1F`)."""
    return re.sub(r"(?<=[A-Z])[10]|[10](?=[A-Z])", lambda digit: "L" if digit[0] == "1" else "O", bare)


def _bilingual_head(bare: str) -> HeadWord | None:
    """Return the head whose Chinese and English name stand side by side (`數量 Qty`)."""
    match = re.fullmatch(r"(?P<own>[^A-Z]{1,8})(?P<english>[A-Z][A-Z$()./]*)", bare)
    own = _exact_head(match["own"]) if match else None
    return own if match and own and (_exact_head(match["english"]) or len(match["english"]) >= 3) else None


def _exact_head(bare: str) -> HeadWord | None:
    if _COPAYMENT.fullmatch(bare):
        return HeadWord(Role.COPAYMENT)
    if _SELF.fullmatch(bare):
        return HeadWord(Role.SELF_PAY)
    if _NHI.fullmatch(bare):
        return HeadWord(Role.NHI)
    if match := _ITEM.fullmatch(bare):
        roles = (("copay", Role.COPAYMENT), ("own", Role.SELF_PAY), ("insured", Role.NHI))
        return HeadWord(Role.NAME, next((role for name, role in roles if match[name]), None))
    for role, pattern in _COLUMNS:
        if pattern.fullmatch(bare):
            return HeadWord(role)
    return HeadWord(Role.AMOUNT) if _AMOUNT.fullmatch(bare) else None


def _near_head(bare: str) -> HeadWord | None:
    """Return the head a misread text is nearest to; such a head counts only beside a sure one."""
    if len(bare) < 2:
        return None
    if bare in _BESIDE:
        return HeadWord(_BESIDE[bare], sure=False)
    word, score, _ = process.extractOne(bare, list(_FUZZY), scorer=fuzz.ratio)
    if bare.isascii():
        english, score, _ = process.extractOne(bare, list(_ENGLISH), scorer=fuzz.ratio)
        return HeadWord(_ENGLISH[english], sure=False) if score >= 80 else None
    same_start = len(bare) <= 6 and bare[:1] in "健自" and word[:1] == bare[:1]
    is_told = any(character in bare for character in _TELLING.get(word[:2], bare))
    if (score >= 75 and is_told) or (same_start and score >= 45 and len(bare) >= 2 and not bare.endswith("費")):
        return HeadWord(_FUZZY[word], sure=False)
    return None


# -- names of fees ---------------------------------------------------------------------------------------------------


@from_lists
def _fee_names() -> frozenset[str]:
    return frozenset(fold(name) for entry in fee_entries() for name in entry.names)


def looks_like_fee(text: str) -> bool:
    """Whether a text is the name of a fee: in the lexicon, or ending in 費."""
    bare = without_brackets(fold(text))
    ends_so = len(bare) > 1 and bare.endswith("費") and not bare.endswith(("自費", "公費", "免費"))
    return ends_so or bare in _fee_names()


def same_name(first: str, second: str) -> bool:
    """Whether two printed names are one: equal but for spaces, marks, or a 費 that the OCR lost."""
    one, other = fold(first).removesuffix("費"), fold(second).removesuffix("費")
    return one == other


def name_similarity(first: str, second: str) -> float:
    """Return 0 to 100."""
    return fuzz.ratio(fold(first), fold(second))


_TAG_WORDS = {"健保": Role.NHI, "健": Role.NHI, "保": Role.NHI, "健保給付": Role.NHI, "NHI": Role.NHI, "給付": Role.NHI,
              "自費": Role.SELF_PAY, "自": Role.SELF_PAY, "自付": Role.SELF_PAY, "SELF": Role.SELF_PAY,
              "SELFPAY": Role.SELF_PAY, "不給付": Role.SELF_PAY, "非健保": Role.SELF_PAY, "自負": Role.SELF_PAY,
              "自理": Role.SELF_PAY, "自付額": Role.SELF_PAY, "病患自付": Role.SELF_PAY, "健保不給付": Role.SELF_PAY,
              "未給付": Role.SELF_PAY, "全民健保": Role.NHI, "健保身分": Role.NHI,
              "健保項目": Role.NHI, "自費項目": Role.SELF_PAY,
              "自費身分": Role.SELF_PAY}  # fmt: skip
_OPEN, _CLOSE = r"[(\[【<「]", r"[)\]】>」]"
_TAG = re.compile(
    rf"{_OPEN}(?P<last>健保|自費|自付|NHI|健|自){_CLOSE}?\s*$"
    rf"|^{_OPEN}(?P<first>健保|自費|自付|NHI|健|自){_CLOSE}"
    rf"|^(?P<leading>健保|自費|自付)[-:/]|[-:/ ](?P<trailing>健保|自費|自付)$"
)


def split_tag(text: str) -> tuple[str, Role | None]:
    """Return a name without its payer tag, and the payer: `護理費(健保)`."""
    match = _TAG.search(text)
    if not match:
        return text, None
    word = next(word for word in match.groups() if word)
    return (text[: match.start()] + text[match.end() :]).strip() or text, _TAG_WORDS[word]


_TICKED, _OPEN_BOX = r"[■☑▣✔✓√V●█]", r"[□☐口○囗▢]"
_CHECKED = re.compile(
    rf"{_TICKED}(?P<first>健保|自費|自付){_OPEN_BOX}(?:健保|自費|自付)"
    rf"|{_OPEN_BOX}(?:健保|自費|自付){_TICKED}(?P<second>健保|自費|自付)"
)


def tag_payer(text: str) -> Role | None:
    """Return the payer that a text names and nothing else: `健`, `(自費)`."""
    bare = re.sub(r"[\[\](){}【】<>「」\s-]", "", normalize(text)).upper()
    if box := _CHECKED.fullmatch(bare):
        return _TAG_WORDS[box["first"] or box["second"]]
    return _TAG_WORDS.get(bare) or _TAG_WORDS.get(bare.replace("1", "L"))


_NUMBERED = re.compile(r"^(?:\(?[一二三四五六七八九十壹貳參肆\dA-Z]{1,2}[)、.．]\s*|\([一二三四五六七八九十\d]\))")


def section_payer(text: str) -> Role | None:
    """Return whose lines follow under a text that stands alone on its row; strict, a loose rule swaps columns."""
    word = head_word(_NUMBERED.sub("", normalize(text)))
    if word is None or not word.sure:
        return None
    if word.role in PAYERS:
        return word.role
    return word.payer if word.role is Role.NAME else None
