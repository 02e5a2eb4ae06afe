"""A shop's name on a till slip: whole, with branch, without slogan or till; totals that arithmetic makes sure."""

import pytest

_ITEMS = """
外賣收據
2025-11-17 14:59
米線餐                22.00
凍檸檬茶              12.00
總計                  34.00
"""


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("安記雲南米線\nJ065-日出康城\n新界康城路1號", "安記雲南米線 J065-日出康城"),
        ("ROUND KAY\n店號(Store):405 - 宇宙中心(2947 7834)", "ROUND KAY 405 - 宇宙中心"),
        ("KFX - 沙田中心 | 清真友善", "KFX - 沙田中心"),
        ("迎店 - 青衣店/991\n電話：5559 4551", "迎店 - 青衣店"),
    ],
)
def test_shop_is_read_with_its_branch_and_without_slogan_or_till(read, head, name):
    assert read(head + _ITEMS).values["seller_name"] == name


def test_name_alone_over_the_title_of_an_e_invoice_is_sure(read):
    reading = read("阿明雞排\n電子發票證明聯\n113/05/09\n隨機碼：8552\nCC-43137448\n賣方統一編號：04595257\n總計 120")

    assert reading.values["seller_name"] == "阿明雞排"
    assert "seller_unsure" not in {flag.code for flag in reading.doubts}


def test_first_line_that_no_title_follows_stays_unsure(read):
    reading = read("對獎小幫手\n中華民國109年11-12月份\nGH20114078\n總計 120")

    assert "seller_unsure" in {flag.code for flag in reading.doubts}


def test_subtotal_that_was_paid_is_the_total_beyond_doubt(read):
    reading = read(
        "PARK MART\n2025-11-17\n鮮牛奶        $18.00\n近期鮮貨      -$9.60\n小計          $8.40\n八達通付款    $8.40"
    )

    assert reading.values["total_amount"] == "8.40"
    assert "total_unsure" not in {flag.code for flag in reading.doubts}


def test_total_without_a_label_is_sure_where_lines_subtotal_and_tax_make_it(read):
    page = """
測試範例股份有限公司          銷貨發票
發票號碼：INV-2025-001234     2025年11月26日
品名          數量      單價       金額
伺服器          2     85,000    170,000
交換器          3     32,000     96,000
小計：                          266,000
營業稅 (5%)：                    13,300
                                279,300
"""
    reading = read(page)

    assert reading.values["total_amount"] == "279300"
    assert "total_unsure" not in {flag.code for flag in reading.doubts}
