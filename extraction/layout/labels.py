"""Labels of a receipt's header, and what a value behind each looks like."""

import re

_DATE = (
    r"(?:中華)?(?:民國)?\s*\d{2,4}\s*[年/.\-]\s*\d{1,2}\s*[月/.\-]\s*\d{1,2}\s*日?"
    r"|(?:19|20)\d{6}(?!\d)|\d{7}(?!\d)"
    r"|民國\s*[〇零一二三四五六七八九十百廿卅]+年[一二三四五六七八九十廿卅]+月[一二三四五六七八九十廿卅]+日"
)
_CODE = r"[A-Za-z0-9][A-Za-z0-9\-]{2,}"
_TEXT = r"[^\s:]+(?:\s[^\s:]+)?"
_NAME = r"[\u4e00-\u9fff○〇OＯ*＊●Xx·‧]{2,10}|[A-Za-z][A-Za-z.,\- ]{2,40}"

VALUE_FORMS: dict[str, re.Pattern[str]] = {
    name: re.compile(form)
    for name, form in {
        "hospital_name": r"\S*(?:醫院|診所|藥局|衛生所|醫學中心|中心|分院|院區|藥房)\S*|[A-Za-z][A-Za-z.,\- ]+",
        "hospital_code": r"[0-9O]{6}[0-9A-Z][0-9O]{3}",
        "department": _TEXT,
        "doctor": _NAME,
        "patient_name": _NAME,
        "national_id": r"[A-Za-z0-9][A-Za-z0-9*＊○〇●]{6,9}",
        "birth_date": rf"{_DATE}|\d{{6}}(?!\d)",
        "chart_number": _CODE,
        "patient_category": _TEXT,
        "visit_kind": r"[\u4e00-\u9fff]{1,6}",
        "visit_date": _DATE,
        "admission_date": _DATE,
        "discharge_date": _DATE,
        "issue_date": _DATE,
        "period": rf"({_DATE})\s*(?:\d{{1,2}}:\d{{2}}\s*)?[~～\-–—一至到起迄止、\s]*\s*({_DATE})",
        "receipt_number": _CODE,
        "visit_sequence": r"IC[A-Za-z0-9]{2}|(?=[A-Za-z]{0,3}\d)[A-Za-z0-9]{1,6}",
        "notes": r".+",
    }.items()
}
"""Form of the value by field; `period` gives admission and discharge."""

IGNORED = ""
"""A label that only ends the value before it."""

_LABELS: dict[str, str] = {
    "hospital_name": "醫院名稱|醫療院所名稱|院所名稱|機構名稱|醫療機構名稱|醫事機構名稱|醫療院所",
    "hospital_code": (
        "醫事機構代碼|醫事機構代號|醫療機構代碼|醫療機構代號|醫事服務機構代號|機構代碼"
        "|機構代號|院所代碼|院所代號|醫院代碼|醫院代號|Hospital Code"
    ),
    "department": ("就診科別|就醫科別|看診科別|門診科別|診療科別|科別|科室|就診科|科 Service|Department|Dept"),
    "doctor": ("主治醫師|看診醫師|診治醫師|就診醫師|醫師姓名|診療醫師|醫師|醫生|Doctor|Physician"),
    "patient_name": ("病患姓名|病人姓名|患者姓名|就醫者姓名|就診人姓名|姓名|病患|病人|患者|Patient Name|Name"),
    "national_id": (
        "身分證統一編號|國民身分證統一編號|身分證字號|身份證字號|身分證號碼|身份證號碼"
        "|身分證號|身份證號|身分證|身份證|居留證號|證號|ID No|ID"
    ),
    "birth_date": "出生年月日|出生日期|生日|Date of Birth|Birth Date|Birthday|DOB",
    "chart_number": ("病歷號碼|病歷號數|病歷編號|病歷字號|病歷號|病例號碼|病例號|病歷|病號|Chart No|Chart Number|MRN"),
    "patient_category": (
        "病患身分別|就醫身分別|就醫身份別|看診身分|看診身份|就醫身分|就醫身份|保險身分"
        "|保險身份|身分別|身份別|身分|身份|保險別|Status"
    ),
    "visit_kind": "就醫類別|就診類別|看診類別|就醫別|門急住別|門住別|門診別|類別",
    "visit_date": (
        "就診日期|就醫日期|看診日期|門診日期|診療日期|急診日期|就診日|就醫日|看診日|日期|Visit Date|Date of Visit|Date"
    ),
    "admission_date": "入院日期|住院日期|住院日|入院日|Admission Date|Admitted|Admission",
    "discharge_date": "出院日期|出院日|Discharge Date|Discharged|Discharge",
    "issue_date": (
        "開立日期|列印日期|收款日期|收費日期|印表日期|收據日期|製表日期|繳費日期"
        "|批價日期|開單日期|結帳日期|印製日期|開立日|列印時間|印表時間|製表時間"
        "|Statement Date|Issue Date|Printed"
    ),
    "period": (
        "住院期間|費用期間|就醫期間|計費期間|住院起迄日期|住院起訖|住院起迄|住院日期起迄|就診期間|Period Covered|Period"
    ),
    "receipt_number": (
        "收據號碼|收據編號|收據單號|收據序號|收據字號|收費單號|單據號碼|單據編號"
        "|批價單號|批價序號|帳單號碼|流水號|單號|收據|Receipt No|Recpt. No|Recpt No"
        "|Receipt Number"
    ),
    "visit_sequence": ("健保卡就醫序號|就醫序號|健保卡序號|IC卡序號|卡序號|健保序號|就診序號|卡序|IC序號"),
    "notes": "備註|附註|註記|Remarks|Remark",
    IGNORED: (
        "性別|床號|電話|地址|統一編號|收費員|收費人員|經手人|收款人|部分負擔代號"
        "|部分負擔代碼|部份負擔代號|診別|診號|頁次|頁數|年齡|案件編號|案件|卡號|負責人"
        "|服務電話|查詢專線|製表人|看診號|時段|診間|診斷|病名|適應症|院區|院長|主辦會計"
        "|列印人員|開立人員|住院天數|天數|轉診|優待身分|優待身份|部分負擔類別|午別|班別"
        "|Sex|Gender|Bed No|Tel|Address|Cashier|Page"
    ),
}


def _spread(label: str) -> str:
    """Allow spaces inside: `姓　　名`."""
    if label.isascii():
        return re.escape(label).replace(r"\ ", r"\s*") + r"(?![A-Za-z])\.?"
    return r"\s*".join(re.escape(character) for character in label if character != " ")


_ENTRIES = sorted(
    ((label, field) for field, labels in _LABELS.items() for label in labels.split("|")),
    key=lambda entry: len(entry[0]),
    reverse=True,
)
LABELS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(_spread(label), re.IGNORECASE), field, label) for label, field in _ENTRIES
)
"""(pattern, field, label), the longest label first."""
