"""Receipts of many structures, from the lines of a perfect OCR: read right, or flagged, never silently wrong."""

from collections.abc import Sequence

import pytest
from drawing import Sheet
from PIL import ImageDraw

from extraction.layout.receipt import read_receipt
from extraction.layout.stamps import find_red_stamp
from schemas.layout import BoundingBox, TextLine
from schemas.result import Reading

NAMES_LEFT = (90, "lm")
ITEMS = [
    ("診察費", "345", ""),
    ("藥費", "1,412", "150"),
    ("藥事服務費", "69", "0"),
    ("檢驗費", "800", "-"),
    ("掛號費", "", "100"),
    ("證明書費", "", "200"),
]
FOOT = ["部分負擔：170", "健保點數合計：2626", "自費合計：450", "應繳金額：620", "實收金額：620"]


def read(sheet: Sheet, lines: Sequence[TextLine] | None = None) -> Reading:
    return read_receipt([sheet.aspect], [list(lines if lines is not None else sheet.lines)])


def cells(reading: Reading) -> list[tuple[str, str | None, str | None]]:
    return [(item["name"], item.get("nhi_amount"), item.get("self_pay_amount")) for item in reading.values["items"]]


def expected(items: Sequence[tuple[str, str, str]]) -> list[tuple[str, str | None, str | None]]:
    def cell(text: str) -> str | None:
        return None if text in ("", "-") else text

    return [(name, cell(nhi), cell(self_pay)) for name, nhi, self_pay in items]


def codes(reading: Reading) -> set[str]:
    return {flag.code for flag in reading.doubts}


def ruled_table() -> Sheet:
    sheet = Sheet()
    sheet.header()
    end = sheet.table(280, [NAMES_LEFT, (700, "mm"), (1000, "mm")], [("項目", "健保點數", "自費金額")])
    end = sheet.table(end, [NAMES_LEFT, (740, "rm"), (1040, "rm")], ITEMS)
    sheet.foot(end + 30, FOOT)
    return sheet


def test_table_is_read_with_blank_zero_and_dash_apart():
    reading = read(ruled_table())
    assert cells(reading) == expected(ITEMS)
    assert reading.values["items"][2]["self_pay_amount"] == "0"
    assert reading.evidence["items.3.self_pay_amount"][0].text == "-"
    assert "items.4.nhi_amount" not in reading.evidence
    assert not reading.doubts


@pytest.mark.parametrize("degrees", [-4, 2, 5])
def test_slanted_page_is_read_like_a_level_one(degrees):
    sheet = ruled_table()
    assert cells(read(sheet, sheet.slanted(degrees))) == expected(ITEMS)


def test_totals_and_header_are_read_by_label():
    values = read(ruled_table()).values
    wanted = {
        "hospital_name": "示範綜合醫院",
        "visit_kind": "門診",
        "patient_name": "林大同",
        "chart_number": "10293847",
        "visit_date": "114/05/21",
        "department": "家庭醫學科",
        "receipt_number": "R20250001",
        "patient_category": "健保",
        "copayment_total": "170",
        "nhi_total": "2626",
        "self_pay_total": "450",
        "amount_due": "620",
        "amount_paid": "620",
    }
    assert {name: values[name] for name in wanted} == wanted
    assert values["discount"] is None and values["birth_date"] is None


def test_self_pay_left_of_nhi_is_not_swapped():
    sheet = Sheet()
    sheet.header()
    end = sheet.table(280, [NAMES_LEFT, (700, "mm"), (1000, "mm")], [("項目", "自費金額", "健保點數")])
    sheet.table(end, [NAMES_LEFT, (740, "rm"), (1040, "rm")], [(name, own, nhi) for name, nhi, own in ITEMS])
    assert cells(read(sheet)) == expected(ITEMS)


def test_quantity_and_price_are_no_amounts():
    sheet = Sheet()
    sheet.header()
    heads = ("項目名稱", "數量", "單價", "健保點數", "自費金額")
    end = sheet.table(280, [NAMES_LEFT, (480, "mm"), (620, "mm"), (800, "mm"), (1040, "mm")], [heads])
    columns = [NAMES_LEFT, (490, "rm"), (650, "rm"), (850, "rm"), (1090, "rm")]
    sheet.table(end, columns, [(name, "2", "175", nhi, own) for name, nhi, own in ITEMS])
    assert cells(read(sheet)) == expected(ITEMS)


def test_codes_and_copayment_column_are_told_apart():
    sheet = Sheet(1400)
    sheet.header()
    heads = ("代碼", "項目", "健保點數", "部分負擔", "自費金額")
    end = sheet.table(280, [(80, "lm"), (250, "lm"), (760, "mm"), (980, "mm"), (1200, "mm")], [heads])
    rows = [
        ("00101B", "診察費", "345", "50", ""),
        ("05223B", "藥費", "1,412", "20", "150"),
        ("A10", "掛號費", "", "", "100"),
    ]
    columns = [(80, "lm"), (250, "lm"), (800, "rm"), (1020, "rm"), (1240, "rm")]
    end = sheet.table(end, columns, rows)
    sheet.table(end, columns[1:], [("合計", "1,757", "70", "250")])
    reading = read(sheet)
    assert cells(reading) == [("診察費", "345", None), ("藥費", "1,412", "150"), ("掛號費", None, "100")]
    assert [item["copayment_amount"] for item in reading.values["items"]] == ["50", "20", None]
    assert [reading.values[name] for name in ("nhi_total", "copayment_total", "self_pay_total")] == [
        "1,757",
        "70",
        "250",
    ]


@pytest.mark.parametrize(
    "heads",
    [
        [("項目", "健保", "自費"), ("", "點數", "金額")],
        [("收費項目", "健保點數", "自費金額"), ("Service", "NHI(NT$)", "Self Pay(NT$)")],
    ],
)
def test_heads_on_two_lines_are_one_head(heads):
    sheet = Sheet()
    sheet.header()
    end = sheet.table(280, [(200, "mm"), (700, "mm"), (1000, "mm")], heads, 34)
    sheet.table(end + 15, [NAMES_LEFT, (740, "rm"), (1040, "rm")], ITEMS)
    assert cells(read(sheet)) == expected(ITEMS)


def test_two_panels_of_one_table_flow_left_then_right():
    sheet = Sheet(1500)
    sheet.header()
    heads = ("Service", "NHI(NT$)", "Self Pay") * 2
    sheet.table(280, [(80, "lm"), (430, "mm"), (640, "mm"), (790, "lm"), (1140, "mm"), (1350, "mm")], [heads])
    columns = [(80, "lm"), (470, "rm"), (680, "rm"), (790, "lm"), (1180, "rm"), (1390, "rm")]
    sheet.table(322, columns, [(*left, *right) for left, right in zip(ITEMS[:3], ITEMS[3:], strict=True)])
    assert cells(read(sheet)) == expected(ITEMS)


def test_clinic_form_keeps_unrelated_halves_apart():
    left = [("診察費", "320"), ("藥費", "75"), ("注射費", ""), ("檢驗費", "200"), ("小計", "595點")]
    right = [("掛號費", "150"), ("基本部份負擔", "50"), ("藥品部份負擔", "20"), ("衛材", ""), ("其他自費金額", "80")]
    sheet = Sheet()
    sheet.header()
    columns = [(80, "lm"), (480, "rm"), (660, "lm"), (1150, "rm")]
    end = sheet.table(280, columns, [("健保申報項目", "點數", "自付費用項目", "金額")])
    end = sheet.table(end, columns, [(*one, *other) for one, other in zip(left, right, strict=True)])
    sheet.foot(end + 30, ["應繳金額 300元"])
    reading = read(sheet)
    assert ("診察費", "320", None) in cells(reading) and ("掛號費", None, "150") in cells(reading)
    assert ("注射費", None, None) in cells(reading)
    assert reading.values["copayments"] == [
        {"name": "基本部份負擔", "amount": "50"},
        {"name": "藥品部份負擔", "amount": "20"},
    ]
    assert (reading.values["nhi_total"], reading.values["self_pay_total"]) == ("595", "80")
    assert reading.values["amount_due"] == "300"


def test_groups_that_repeat_names_become_one_line():
    sheet = Sheet()
    sheet.header("住院醫療費用收據")
    sheet.table(280, [(60, "lm"), (640, "lm")], [("健保點數(含部分負擔)", "自費費用")])
    rows = [
        ("診察費", "345", "掛號費", "100"),
        ("藥費", "1,412", "藥費", "150"),
        ("手術費", "9,000", "證明書費", "200"),
    ]
    sheet.table(322, [(80, "lm"), (520, "rm"), (660, "lm"), (1100, "rm")], rows)
    assert cells(read(sheet)) == [
        ("診察費", "345", None),
        ("藥費", "1,412", "150"),
        ("手術費", "9,000", None),
        ("掛號費", None, "100"),
        ("證明書費", None, "200"),
    ]


def test_sections_below_each_other_with_totals_between():
    sheet = Sheet(900, 1200)
    sheet.header()
    columns = [(120, "lm"), (700, "rm")]
    sheet.text(80, 300, "自費項目")
    end = sheet.table(342, columns, [("掛號費", "100"), ("藥費", "150")])
    end = sheet.table(end, columns, [("自費合計", "250"), ("部分負擔", "200"), ("收據金額", "450")])
    sheet.text(80, end + 20, "健保給付點數")
    end = sheet.table(end + 62, columns, [("診察費", "345"), ("藥費", "1,412")])
    sheet.table(end, columns, [("健保點數合計", "1,757")])
    reading = read(sheet)
    assert cells(reading) == [("掛號費", None, "100"), ("藥費", "1,412", "150"), ("診察費", "345", None)]
    assert (reading.values["self_pay_total"], reading.values["nhi_total"]) == ("250", "1,757")
    assert reading.values["amount_paid"] == "450"


@pytest.mark.parametrize(
    "rows",
    [
        [("診察費(健保)", "345"), ("藥費(健保)", "1,412"), ("藥費(自費)", "150"), ("掛號費(自費)", "100")],
        [("診察費", "$345點"), ("藥費", "$1,412點"), ("藥費", "$150元"), ("掛號費", "$100元")],
    ],
)
def test_tags_and_units_tell_the_payer_on_a_slip(rows):
    sheet = Sheet(600, 900)
    sheet.text(300, 60, "示範診所", "mm", 40)
    sheet.text(300, 110, "門診收據", "mm")
    sheet.text(40, 170, "單號：80333447")
    sheet.table(260, [(40, "lm"), (560, "rm")], [*rows, ("自費合計", "250元")])
    assert cells(read(sheet)) == [("診察費", "345", None), ("藥費", "1,412", "150"), ("掛號費", None, "100")]


def test_one_payer_only():
    sheet = Sheet()
    sheet.header("自費醫療費用收據")
    end = sheet.table(280, [NAMES_LEFT, (900, "mm")], [("項目", "自費金額")])
    sheet.table(end, [NAMES_LEFT, (950, "rm")], [("藥費", "150"), ("掛號費", "100"), ("證明書費", "")])
    assert cells(read(sheet)) == [("藥費", None, "150"), ("掛號費", None, "100"), ("證明書費", None, None)]


@pytest.mark.parametrize("heads", [[], [("項目", "金額", "")]])
def test_without_a_head_that_names_a_payer_nothing_is_guessed(heads):
    sheet = Sheet()
    sheet.header()
    end = sheet.table(280, [NAMES_LEFT, (900, "mm"), (1100, "mm")], heads)
    sheet.table(end, [NAMES_LEFT, (950, "rm")], [("藥費", "150"), ("掛號費", "100"), ("證明書費", "200")])
    reading = read(sheet)
    assert cells(reading) == [("藥費", None, None), ("掛號費", None, None), ("證明書費", None, None)]
    assert {"items.0.nhi_amount", "items.0.self_pay_amount"} <= set(reading.not_read)
    assert {"column_unsure", "layout_unsure"} <= codes(reading)
    unsure = next(flag for flag in reading.doubts if flag.code == "column_unsure")
    assert {suggestion.value for suggestion in unsure.suggestions} == {"150"}


def test_decimals_stay_as_printed():
    sheet = Sheet()
    sheet.header("繳費證明")
    end = sheet.table(280, [NAMES_LEFT, (700, "mm"), (1000, "mm")], [("項目", "健保金額", "自費金額")])
    sheet.table(end, [NAMES_LEFT, (740, "rm"), (1040, "rm")], [("診察費", "345.0", "0.0"), ("藥費", "12.0", "1200.0")])
    assert cells(read(sheet)) == [("診察費", "345.0", "0.0"), ("藥費", "12.0", "1200.0")]


def test_names_set_apart_are_joined():
    sheet = Sheet()
    sheet.header()
    sheet.table(280, [NAMES_LEFT, (700, "mm"), (1000, "mm")], [("項目", "健保點數", "自費金額")])
    for row, (name, nhi, own) in enumerate([("檢驗費", "800", "0"), ("藥費", "1,412", "150"), ("病房費", "5", "")]):
        for index, character in enumerate(name):
            sheet.text(90 + index * 190 / (len(name) - 1), 330 + row * 42, character)
        sheet.row(330 + row * 42, [(740, "rm", nhi), (1040, "rm", own)])
    assert cells(read(sheet)) == [("檢驗費", "800", "0"), ("藥費", "1,412", "150"), ("病房費", "5", None)]


def test_subtotals_are_no_items_and_the_last_total_counts():
    sheet = Sheet()
    sheet.header()
    end = sheet.table(280, [NAMES_LEFT, (700, "mm"), (1000, "mm")], [("項目", "健保", "自費")])
    columns = [NAMES_LEFT, (740, "rm"), (1040, "rm")]
    rows = [
        ("診察費", "345", ""),
        ("小計", "345", "0"),
        ("手術費", "9,000", "50"),
        ("小計", "9,000", "50"),
        ("合計", "9,345", "50"),
    ]
    sheet.table(end, columns, rows)
    reading = read(sheet)
    assert cells(reading) == [("診察費", "345", None), ("手術費", "9,000", "50")]
    assert (reading.values["nhi_total"], reading.values["self_pay_total"]) == ("9,345", "50")


def test_stamp_over_a_cell_leaves_it_not_read():
    sheet = ruled_table()
    where = next(index for index, line in enumerate(sheet.lines) if line.text == "1,412")
    sheet.lines[where] = sheet.lines[where].model_copy(update={"text": "收訖"})
    reading = read(sheet)
    assert cells(reading)[1] == ("藥費", None, "150")
    assert "items.1.nhi_amount" in reading.not_read
    assert reading.values["has_stamp"] == "有"


def test_amount_glued_to_a_stamp_is_cut_free():
    sheet = ruled_table()
    where = next(index for index, line in enumerate(sheet.lines) if line.text == "1,412")
    sheet.lines[where] = sheet.lines[where].model_copy(update={"text": "1,412收費專用"})
    assert cells(read(sheet))[1] == ("藥費", "1,412", "150")


def test_pale_amount_is_doubted():
    sheet = ruled_table()
    where = next(index for index, line in enumerate(sheet.lines) if line.text == "800")
    sheet.lines[where] = sheet.lines[where].model_copy(update={"score": 0.91})
    flags = [flag for flag in read(sheet).doubts if flag.code == "low_score"]
    assert [flag.paths for flag in flags] == [("items.3.nhi_amount",)]


def test_digits_that_are_no_amount_stay_unreadable():
    sheet = ruled_table()
    where = next(index for index, line in enumerate(sheet.lines) if line.text == "800")
    sheet.lines[where] = sheet.lines[where].model_copy(update={"text": "8O0"})
    assert cells(read(sheet))[3] == ("檢驗費", "?", None)


# -- several pages ---------------------------------------------------------------------------------------------------


def second_page(shift: float = 0, patient: str = "姓名：林大同") -> Sheet:
    sheet = Sheet()
    sheet.text(60, 60, patient)
    sheet.table(
        140, [NAMES_LEFT, (740 + shift, "rm"), (1040 + shift, "rm")], [("手術費", "9,000", "50"), ("麻醉費", "30", "7")]
    )
    return sheet


def read_both(first: Sheet, second: Sheet) -> Reading:
    later = [line.model_copy(update={"page": 1}) for line in second.lines]
    return read_receipt([first.aspect, second.aspect], [first.lines, later])


def test_page_without_heads_goes_on_under_the_columns_of_the_page_before():
    reading = read_both(ruled_table(), second_page())
    assert cells(reading)[-2:] == [("手術費", "9,000", "50"), ("麻醉費", "30", "7")]
    assert reading.evidence["items.6.nhi_amount"][0].page == 1
    assert not reading.not_read


def test_page_whose_columns_stand_elsewhere_inherits_nothing():
    reading = read_both(ruled_table(), second_page(shift=150))
    assert cells(reading)[-1] == ("麻醉費", None, None)
    assert "items.7.nhi_amount" in reading.not_read
    assert "layout_unsure" in codes(reading)


def test_pages_of_two_patients_are_flagged():
    reading = read_both(ruled_table(), second_page(patient="姓名：王小明"))
    flag = next(flag for flag in reading.doubts if flag.code == "pages_differ")
    assert flag.paths == ("patient_name",)
    assert {suggestion.value for suggestion in flag.suggestions} == {"林大同", "王小明"}


def test_amount_between_two_columns_is_doubted_with_both_places():
    sheet = Sheet()
    sheet.header()
    end = sheet.table(280, [NAMES_LEFT, (600, "mm"), (1000, "mm")], [("項目", "健保", "自費")])
    sheet.table(end, [NAMES_LEFT, (815, "rm")], [("證明書費", "200"), ("掛號費", "100")])
    flag = next(flag for flag in read(sheet).doubts if flag.code == "column_unsure")
    assert {suggestion.path for suggestion in flag.suggestions} == {"items.0.nhi_amount", "items.0.self_pay_amount"}


def test_digits_inside_a_name_are_no_amount():
    names = ["病房費(雙人房3天)", "X光費", "維他命B12注射費", "30日以內藥費", "COVID-19快篩費", "第2次診察費"]
    items = [(name, str(100 + index), "") for index, name in enumerate(names)]
    sheet = Sheet()
    sheet.header()
    end = sheet.table(280, [NAMES_LEFT, (700, "mm"), (1000, "mm")], [("項目", "健保點數", "自費金額")])
    sheet.table(end, [NAMES_LEFT, (740, "rm"), (1040, "rm")], items)
    assert cells(read(sheet)) == expected(items)


def test_header_labels_above_their_values():
    sheet = Sheet(1400)
    sheet.text(700, 60, "示範醫療財團法人示範醫院信義分院  門診醫療費用收據", "mm", 34)
    columns = [(60, "lm"), (400, "lm"), (750, "lm"), (1100, "lm")]
    rows = [("姓名", "病歷號碼", "就診日期", "收據號碼"), ("王小明", "00123456", "114/05/21", "A12345")]
    sheet.table(140, columns, rows)
    values = read(sheet).values
    assert values["hospital_name"] == "示範醫療財團法人示範醫院信義分院"
    assert [values[name] for name in ("patient_name", "chart_number", "visit_date", "receipt_number")] == list(rows[1])


def test_payment_lines_with_currency_and_sign():
    sheet = ruled_table()
    sheet.foot(
        700,
        ["優待金額：-50", "應收金額 NT$ 1,234 元", "預繳金額：2,000", "尚欠金額：0", "住院期間：114/05/01~114/05/09"],
    )
    values = read(sheet).values
    assert (values["discount"], values["prepaid"], values["balance"]) == ("-50", "2,000", "0")
    assert (values["admission_date"], values["discharge_date"]) == ("114/05/01", "114/05/09")
    assert values["amount_due"] == "1,234"
    assert any(flag.paths == ("amount_due",) for flag in read(sheet).doubts)  # 620 is printed too


def test_copayment_strip_gives_its_total():
    sheet = ruled_table()
    columns = [(90, "lm"), (400, "mm"), (600, "mm"), (800, "mm")]
    sheet.lines = [line for line in sheet.lines if "部分負擔" not in line.text]
    sheet.table(720, columns, [("部分負擔", "5%", "10%", "合計"), ("", "0", "280", "280")])
    assert read(sheet).values["copayment_total"] == "280"


def test_title_set_apart_is_read_without_its_gaps():
    sheet = ruled_table()
    sheet.lines = [line for line in sheet.lines if line.box.top > 0.14]
    for index, character in enumerate("示範綜合醫院"):
        sheet.text(300 + 90 * index, 60, character, "mm", 40)
    sheet.text(620, 110, "住 院 醫 療 費 用 收 據", "mm")
    values = read(sheet).values
    assert (values["hospital_name"], values["visit_kind"]) == ("示範綜合醫院", "住院")


def test_rows_of_a_drug_table_are_no_fee_lines():
    sheet = Sheet(800, 900)
    sheet.text(400, 60, "示範診所", "mm", 40)
    sheet.text(400, 110, "醫療費用收據", "mm")
    sheet.table(200, [(60, "lm"), (100, "lm"), (600, "rm")], [("1", "Amoxicillin", "21"), ("2", "Panadol", "12")])
    sheet.text(60, 330, "診察費:320   藥費:150   其他:50")
    reading = read(sheet)
    assert [item["name"] for item in reading.values["items"]] == ["診察費", "藥費", "其他"]
    assert "layout_unsure" in codes(reading)


def test_copy_is_told_from_the_original():
    sheet = ruled_table()
    sheet.text(1150, 60, "副本", "mm")
    assert read(sheet).values["is_original"] == "副本"
    assert read(ruled_table()).values["is_original"] is None


def test_name_whose_bracket_closes_on_the_next_row_is_one_line():
    sheet = Sheet()
    sheet.header()
    end = sheet.table(280, [NAMES_LEFT, (700, "mm"), (1000, "mm")], [("項目", "健保點數", "自費金額")])
    rows = [("診察費", "345", ""), ("特殊材料費(人工關節", "", ""), ("含骨水泥)", "", "80,000"), ("藥費", "12", "")]
    sheet.table(end, [NAMES_LEFT, (740, "rm"), (1040, "rm")], rows)
    assert cells(read(sheet))[1] == ("特殊材料費(人工關節含骨水泥)", None, "80,000")


def test_red_stamp_is_seen_on_the_picture_only_where_there_is_one():
    sheet = ruled_table()
    assert find_red_stamp(sheet.image) is None
    ImageDraw.Draw(sheet.image).ellipse((700, 500, 900, 700), outline=(220, 40, 50), width=6)
    box = find_red_stamp(sheet.image)
    assert box is not None and box.overlaps(BoundingBox(0.6, 0.55, 0.7, 0.65))


@pytest.mark.parametrize("heads", [("項目", "%#&", "自費金額"), ("項目", "健保點數", "%#&"), ("", "健保點數", "")])
def test_column_whose_head_was_lost_goes_to_no_other_payer(heads):
    sheet = Sheet()
    sheet.header()
    end = sheet.table(280, [NAMES_LEFT, (700, "mm"), (1000, "mm")], [heads])
    sheet.table(end, [NAMES_LEFT, (740, "rm"), (1040, "rm")], ITEMS)
    reading = read(sheet)
    flagged = {path for flag in reading.doubts for path in flag.paths}
    for index, (found, printed) in enumerate(zip(cells(reading), expected(ITEMS), strict=True)):
        for cell, value, truth in zip(("nhi_amount", "self_pay_amount"), found[1:], printed[1:], strict=True):
            path = f"items.{index}.{cell}"
            assert value in (truth, None)
            assert value == truth or path in reading.not_read or path in flagged


@pytest.mark.parametrize("word", ["全民健康保險", "健保", "自費"])
def test_payer_word_in_the_header_opens_no_section(word):
    sheet = Sheet(700, 900)
    sheet.text(350, 60, "示範診所", "mm", 40)
    sheet.text(60, 110, word)
    for row, text in enumerate(("姓名：林大同", "病歷號：00123", "日期：114/05/21", "醫師：陳小華")):
        sheet.text(60, 160 + 42 * row, text)
    sheet.table(360, [(60, "lm"), (600, "rm")], [("診察費", "345"), ("藥費", "150"), ("應繳金額", "495")])
    reading = read(sheet)
    assert cells(reading) == [("診察費", None, None), ("藥費", None, None)]
    assert "layout_unsure" in codes(reading)
