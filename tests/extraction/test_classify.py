import pytest

from extraction.classify import classify
from schemas.layout import BoundingBox, TextLine


def page(*texts: str) -> list[TextLine]:
    return [
        TextLine(text=text, box=BoundingBox(0.1, 0.05 + index / 50, 0.5, 0.06 + index / 50))
        for index, text in enumerate(texts)
    ]


RECEIPT = page(
    "示範綜合醫院", "門診醫療費用收據", "姓名：林大同", "病歷號碼：1", "健保點數", "自費金額", "診察費", "345"
)
SLIP = page("示範商行", "電子發票證明聯", "114年05-06月", "AB-12345678", "隨機碼:1234", "總計:100", "賣方:12345678")
CERTIFICATE = page("示範醫院", "診斷證明書", "姓名 林大同", "病歷號 1", "就診日期 114/05/21", "門診追蹤", "住院三天")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (RECEIPT, "medical_receipt"),
        (SLIP, "invoice"),
        (page("Corner Shop", "Milk 1.20", "Total 1.20", "Cash 2.00"), "invoice"),
        (page("ACME Ltd", "Invoice No. 17", "Discount 10%", "Total $90"), "invoice"),
        (page("收據", "品名", "芒果冰 120", "合計 200"), "invoice"),
        (CERTIFICATE, None),
        (page("親愛的客戶您好", "會議通知", "時間 2025/01/01"), None),
        ([], None),
    ],
)
def test_type_follows_from_what_is_printed(lines, expected):
    assert classify(lines) == expected


def test_codes_make_an_invoice_of_an_unreadable_slip():
    assert classify(page("示範"), has_codes=True) == "invoice"
