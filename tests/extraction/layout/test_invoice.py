"""Invoices of many kinds, drawn as text: what is read, what stays empty, what is doubted."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.layout.invoice import read_invoice
from extraction.shaping import shape
from schemas.layout import BoundingBox, TextLine

TRIPLICATE = """
SM 96280727               統一發票（三聯式）
                    中華民國111年05、06月份
買受人：大同資訊股份有限公司
統一編號：3 2 3 7 9 8 2 1              中華民國111年5月14日
品名            數量    單價    金額       備註
優碘藥水          3      767     2301
                                         營業人蓋用統一發票專用章
紗布敷料          2      636     1272
                                         維康醫療用品股份有限公司
                                         統一編號49383303
銷售額合計                       3573
營業稅                            179
總      計                       3752
總計新臺幣零仟零佰零拾零萬參仟柒佰伍拾貳元整
"""
FRENCH = """
Pharmacie du Marché SARL                               FACTURE
12 rue de la Gare
75011 Paris, France
Facture n° FA-2024-0187
Date de facture : 05/03/2024
Échéance : 04/04/2024
Client : Jean Dupont

Désignation                    Quantité   Prix unitaire   Montant
Bandage élastique                  2          12,50 €       25,00 €
Tensiomètre électronique           1       1 234,00 €    1 234,00 €

                               Total HT                  1 259,00 €
                               TVA 20 %                    251,80 €
                               Total TTC                 1 510,80 €
"""
GERMAN = """
Sanitätshaus Müller GmbH
10115 Berlin
Rechnung Nr. 2024-00815
Rechnungsdatum: 07.04.2024

Bezeichnung                Menge    Einzelpreis    Gesamt
Rollstuhl Standard            1        1.250,00    1.250,00
Verbandmaterial              10            3,50       35,00

Zwischensumme                                      1.285,00
MwSt 19%                                             244,15
Gesamtbetrag                                    1.529,15 €
Bar                                             1.600,00
Rückgeld                                           70,85
"""
AMERICAN = """
Springfield Medical Supply, Inc.                          INVOICE
742 Evergreen Terrace
Springfield, IL 62704

Invoice Number        Invoice Date        Due Date
10-4432               03/04/2024          04/03/2024

Bill To:
Homer Thompson
Qty    Description               Unit Price     Amount
2      Wheelchair cushion          $45.00       $90.00
1      Walker                     $120.00      $120.00

                     Subtotal                  $210.00
                     Sales Tax (6.25%)          $13.13
                     Total                     $223.13
                     Previous balance           $10.00
                     Total Due                 $233.13
"""
MALAYSIAN = """
RESTORAN SERI MELAYU SDN BHD
(123456-X)
12 JALAN AMPANG, KUALA LUMPUR
Receipt No : R-00291      Date : 12/11/2019 13:22
Item                 Qty    Price    Amount
Nasi Lemak            2     8.50     17.00
Teh Tarik             2     3.00      6.00
Sub Total                            23.00
Service Charge 10%                    2.30
SST 6%                                1.38
Total Amount                         26.68
Rounding                              0.02
Jumlah Besar (RM)                    26.70
Tunai                                50.00
Baki                                 23.30
"""
LARGE_E_INVOICE = """
                       樂活醫材股份有限公司
                       電子發票證明聯
                       2025-05-21
發票號碼：ZZ12345678                                  格式：25
買方：大同資訊股份有限公司
統一編號：04595257
品名              數量      單價       金額      備註
醫療耗材             3     1,000      3,000
運費                 1       100        100

銷售額合計                             3,100     營業人蓋統一發票專用章
營業稅    應稅 V   零稅率    免稅         155     賣方：樂活醫材股份有限公司
總計                                   3,255     統一編號：10458575
總計新臺幣（中文大寫） 參仟貳佰伍拾伍元整
"""
HONG_KONG = """
康寧大藥房有限公司
香港九龍彌敦道100號
單據編號 A-7781
日期 21/04/2025 18:02
維他命C        $128.00
紗布            $22.50
會員折扣       -$10.00
總金額         $140.50
八達通         $140.50
餘額            $63.20
"""
CASH_REGISTER = """
全安藥局
台北市信義區忠孝東路1號
統一編號：10458575
收銀機統一發票
中華民國113年07-08月
CD12345678
2024-07-21 13:05:11
OK繃            60 TX
酒精棉片         90 TX
合計           150
現金           200
找零            50
"""
EXEMPT = """
免用統一發票收據
買受人：王小明
中華民國 113 年 6 月 2 日

品名            數量    單價     總價
看護墊           3      250      750
口罩             2      100      200

合計新臺幣 零萬零仟玖佰伍拾零元整          950
幸福商行
統一編號 04595257
"""


def cells(reading, *paths):
    return tuple(reading.values[path] for path in paths)


def lines(reading):
    return [tuple(item[cell] for cell in ("description", "quantity", "unit_price", "amount"))
            for item in reading.values["items"]]  # fmt: skip


def codes(reading, path=None):
    return {flag.code for flag in reading.doubts if path is None or path in flag.paths}


def test_triplicate_form_keeps_buyer_and_seller_apart(read):
    reading = read(TRIPLICATE)
    assert cells(reading, "invoice_number", "invoice_kind", "issue_date", "currency") == (
        "SM96280727", "triplicate", "2022-05-14", "TWD")  # fmt: skip
    assert cells(reading, "buyer_name", "buyer_tax_id") == ("大同資訊股份有限公司", "32379821")
    assert cells(reading, "seller_name", "seller_tax_id") == ("維康醫療用品股份有限公司", "49383303")
    assert cells(reading, "sales_amount", "tax_amount", "total_amount") == ("3573", "179", "3752")
    assert lines(reading) == [("優碘藥水", "3", "767", "2301"), ("紗布敷料", "2", "636", "1272")]
    assert reading.doubts == []


def test_large_e_invoice_keeps_the_sellers_block_out_of_the_sums(read):
    reading = read(LARGE_E_INVOICE)
    assert cells(reading, "sales_amount", "tax_amount", "total_amount") == ("3100", "155", "3255")
    assert cells(reading, "seller_tax_id", "buyer_tax_id", "seller_name") == (
        "10458575", "04595257", "樂活醫材股份有限公司")  # fmt: skip
    assert [line[0] for line in lines(reading)] == ["醫療耗材", "運費"]


def test_tax_without_a_legible_label_is_found_between_sales_and_total(read):
    assert read(TRIPLICATE.replace("營業稅  ", "        ")).values["tax_amount"] == "179"


HEADS = "品名            數量    單價    金額       備註"


def test_form_without_heads_gives_the_lines_that_their_products_prove(read):
    assert lines(read(TRIPLICATE.replace(HEADS, "▮"))) == lines(read(TRIPLICATE))


def test_form_without_heads_gives_no_lines_rather_than_unproven_ones(read):
    reading = read(TRIPLICATE.replace(HEADS, "▮").replace("767 ", "761 ").replace("636 ", "631 "))
    assert lines(reading) == []
    assert "items_not_found" in codes(reading)


@pytest.mark.parametrize("head", ["數量", "單價", "金額"])
def test_column_whose_head_is_lost_is_found_by_the_products(read, head):
    assert lines(read(TRIPLICATE.replace(head, "▮▮"))) == lines(read(TRIPLICATE))


def test_sums_without_legible_labels_are_proven_by_the_tax_rate(read):
    blurred = TRIPLICATE.replace("銷售額合計", "▮▮▮▮▮").replace("營業稅", "▮▮▮").replace("總      計", "▮▮      ▮")
    reading = read(blurred.replace("總計新臺幣零仟零佰零拾零萬參仟柒佰伍拾貳元整", ""))
    assert cells(reading, "sales_amount", "tax_amount", "total_amount") == ("3573", "179", "3752")
    assert len(lines(reading)) == 2


def test_tax_id_behind_a_blurred_label_needs_its_check_digit(read):
    assert read(TRIPLICATE.replace("統一編號49383303", "死一端花04595257")).values["seller_tax_id"] == "04595257"
    assert read(TRIPLICATE.replace("統一編號49383303", "死一端花04595251")).values["seller_tax_id"] is None


@pytest.mark.parametrize(
    ("boxes", "kind"),
    [
        ("V應稅  零稅率  免稅", "taxable"),
        ("應稅  零稅率 ✓", "zero_rated"),
        ("應稅 V 零稅率  免稅", None),
        ("應稅  零稅率  免稅", None),
    ],
)
def test_tax_kind_is_taken_only_where_the_tick_is_beyond_doubt(read, boxes, kind):
    assert read(f"{TRIPLICATE}\n{boxes}").values["tax_kind"] == kind


@pytest.mark.parametrize(
    ("page", "head", "sums"),
    [
        (FRENCH, ("FA-2024-0187", "2024-03-05", "Pharmacie du Marché SARL", "EUR"), ("1259", "251.80", "1510.80")),
        (GERMAN, ("2024-00815", "2024-04-07", "Sanitätshaus Müller GmbH", "EUR"), ("1285", "244.15", "1529.15")),
        (AMERICAN, ("10-4432", "2024-03-04", "Springfield Medical Supply, Inc.", "USD"), ("210", "13.13", "223.13")),
        (MALAYSIAN, ("R-00291", "2019-11-12", "RESTORAN SERI MELAYU SDN BHD", "MYR"), (None, "1.38", "26.70")),
        (HONG_KONG, ("A-7781", "2025-04-21", "康寧大藥房有限公司", "HKD"), (None, None, "140.50")),
        (CASH_REGISTER, ("CD12345678", "2024-07-21", "全安藥局", "TWD"), (None, None, "150")),
        (EXEMPT, (None, "2024-06-02", "幸福商行", "TWD"), (None, None, "950")),
    ],
)  # fmt: skip
def test_head_and_sums_of_many_countries(read, page, head, sums):
    reading = read(page)
    assert cells(reading, "invoice_number", "issue_date", "seller_name", "currency") == head
    assert cells(reading, "sales_amount", "tax_amount", "total_amount") == sums
    assert reading.doubts == []


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (FRENCH, [("Bandage élastique", "2", "12.50", "25"), ("Tensiomètre électronique", "1", "1234", "1234")]),
        (GERMAN, [("Rollstuhl Standard", "1", "1250", "1250"), ("Verbandmaterial", "10", "3.50", "35")]),
        (AMERICAN, [("Wheelchair cushion", "2", "45", "90"), ("Walker", "1", "120", "120")]),
        (HONG_KONG, [("維他命C", None, None, "128"), ("紗布", None, None, "22.50"), ("會員折扣", None, None, "-10")]),
        (CASH_REGISTER, [("OK繃", None, None, "60"), ("酒精棉片", None, None, "90")]),
        (EXEMPT, [("看護墊", "3", "250", "750"), ("口罩", "2", "100", "200")]),
    ],
)  # fmt: skip
def test_lines_with_and_without_heads(read, page, expected):
    assert lines(read(page)) == expected


def test_every_value_is_what_the_schema_reads_and_has_its_box(read):
    for page in (TRIPLICATE, FRENCH, GERMAN, AMERICAN, MALAYSIAN, HONG_KONG, CASH_REGISTER, EXEMPT):
        reading = read(page)
        assert shape(reading).unparsed == {}
        shown = {path for path, value in reading.values.items() if value and path not in ("items", "currency")}
        assert shown <= reading.evidence.keys()


def test_total_is_never_the_subtotal_the_cash_or_the_change(read):
    reading = read("Corner Shop Ltd\nSubtotal   90.00\nTotal   99.00\nCash   100.00\nChange   1.00")
    assert reading.values["total_amount"] == "99"


def test_total_without_label_is_taken_only_with_a_doubt(read):
    reading = read(
        "測試有限公司\n統一編號：10458575\n小計：  NT$ 464,000\n營業稅 (5%)：  NT$ 23,200\n        NT$ 487,200"
    )
    assert reading.values["total_amount"] == "487200"
    assert "total_unsure" in codes(reading, "total_amount")


def test_two_totals_that_nothing_bears_out_are_doubted(read):
    reading = read("Corner Shop Ltd\nTotal   90.00\nTotal   80.00")
    flag = next(flag for flag in reading.doubts if flag.code == "total_unsure")
    assert {reading.values["total_amount"], flag.suggestions[0].value} == {"80", "90"}


def test_net_total_before_tax_is_not_what_is_due(read):
    reading = read("Boots Medical Ltd\nNet total   £34.50\nVAT @ 20%   £6.90\nAmount due   £41.40")
    assert reading.values["total_amount"] == "41.40"


def test_rounded_total_is_what_is_to_be_paid(read):
    reading = read(
        "KEDAI ABC SDN BHD\nTOTAL   RM 60.31\nROUNDING ADJ   -0.01\nRM   60.30\nCASH   70.30\nCHANGE   10.00"
    )
    assert reading.values["total_amount"] == "60.30"


def test_several_sums_behind_one_label_are_doubted(read):
    assert "total_unsure" in codes(read("Corner Shop Ltd\nTotal   70.50   9.20"), "total_amount")


def test_page_without_sums_has_no_total(read):
    assert read("Corner Shop Ltd\nThank you").values["total_amount"] is None


def test_day_and_month_that_nothing_decides_are_doubted(read):
    reading = read("Global Traders Ltd\nInvoice No: GT-99\nDate: 04/05/2023\nTotal   100.00")
    flag = next(flag for flag in reading.doubts if flag.code == "date_order_unsure")
    assert {reading.values["issue_date"], flag.suggestions[0].value} == {"2023-04-05", "2023-05-04"}


@pytest.mark.parametrize("other", ["Due Date: 05/25/2023", "Delivered: 25 May 2023, ordered Apr 5, 2023"])
def test_another_date_decides_which_is_the_month(read, other):
    reading = read(f"Global Traders Ltd\nDate: 04/05/2023\n{other}\nTotal   100.00")
    assert reading.values["issue_date"] == "2023-04-05"
    assert "date_order_unsure" not in codes(reading)


@pytest.mark.parametrize(
    ("printed_date", "expected"),
    [
        ("Date : 27/06/185:02:32 PM", "2018-06-27"),
        ("Date:2016-07-3113:48:37", "2016-07-31"),
        ("Date: 22 MAR 2018", "2018-03-22"),
        ("Date: Sept. 3rd, 2024", "2024-09-03"),
        ("DATE/TIME : 20180428/191204", "2018-04-28"),
        ("Date: 31.12.19", "2019-12-31"),
    ],
)
def test_dates_glued_to_their_time_and_in_words(read, printed_date, expected):
    assert read(f"KEDAI ABC SDN BHD\n{printed_date}\nTotal   RM 5.00").values["issue_date"] == expected


def test_date_of_issue_is_not_the_due_date(read):
    assert read(AMERICAN).values["issue_date"] == "2024-03-04"


def test_currency_is_not_taken_for_granted(read):
    reading = read("Corner Shop Ltd\nTotal   90.00")
    assert reading.values["currency"] == "XXX"
    assert "currency_unsure" in codes(reading)
    assert read("Corner Shop Ltd\nTotal   $90.00").values["currency"] == "USD"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("1.234,56 €", "1234.56"), ("1,234.56", "1234.56"), ("16 85", "16.85"), ("RMO.85", "0.85"), ("$1,234", "1234"),
     ("2.450", "2.45")],
)  # fmt: skip
def test_amounts_are_what_the_page_means_by_them(read, amount, expected):
    cents = "0,50" if "€" in amount else "0.50"
    reading = read(f"Corner Shop Ltd\nPen   {cents}\nTotal   {amount}")
    assert str(shape(reading).document.total_amount) == expected
    assert reading.evidence["total_amount"][0].text == amount


def test_pale_print_is_doubted(read):
    assert "low_score" in codes(read(TRIPLICATE, score=0.8), "invoice_number")
    assert "low_score" not in codes(read(TRIPLICATE, score=0.8), "seller_tax_id"), "its check digit holds"


def test_seller_by_position_alone_is_doubted(read):
    reading = read("Bluebird\n12 Main Street\nTotal   5.00")
    assert reading.values["seller_name"] == "Bluebird"
    assert "seller_unsure" in codes(reading)


def test_pages_of_one_invoice_are_read_together(read):
    first, second = AMERICAN.split("1      Walker")
    reading = read(first, "1      Walker" + second)
    assert reading.values["total_amount"] == "223.13"
    assert reading.evidence["total_amount"][0].page == 1
    assert len(lines(reading)) == 2


def test_page_without_text_is_an_empty_reading():
    reading = read_invoice([], [[]])
    assert reading.values["total_amount"] is None
    assert reading.values["items"] == []


def test_slanted_page_is_read_like_a_straight_one(read):
    straight = read(TRIPLICATE)
    tilted = []
    for line in straight.lines:
        box, lean = line.box, 0.06
        corners = tuple((x, y + lean * x) for x, y in ((box.left, box.top), (box.right, box.top),
                                                       (box.right, box.bottom), (box.left, box.bottom)))  # fmt: skip
        hull = BoundingBox(box.left, box.top + lean * box.left, box.right, box.bottom + lean * box.right)
        tilted.append(line.model_copy(update={"box": hull, "corners": corners}))
    assert read_invoice([], [tilted]).values == straight.values


def test_reading_a_page_takes_little_time(read):
    read(MALAYSIAN)
    started = time.process_time()
    read(MALAYSIAN)
    assert time.process_time() - started < 0.1


BOXES = st.tuples(*[st.floats(0, 0.9)] * 2).map(lambda p: BoundingBox(p[0], p[1], p[0] + 0.1, p[1] + 0.02))
WORDS = st.text(max_size=20) | st.sampled_from(
    [
        *("Total", "1,234.50", "總計", "Date: 31/02/2023", "品名 數量 單價 金額", "AB-12345678", "統一編號 04595257"),
        *("-", "$", "%", "中華民國114年13月40日", "零仟壹佰元整", "Bill To:", "Invoice No", "(5.00)", "小計 1,2,3"),
        *("99/99/9999", "0.00", "Rounding 0.01", "Subtotal 5", "TAX 0.5", "GST SUMMARY"),
    ]
)


@given(st.lists(st.builds(TextLine, text=WORDS, box=BOXES), max_size=12))
def test_no_text_makes_the_reader_fail(found):
    shape(read_invoice([], [found]))
