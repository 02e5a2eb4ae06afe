"""Tables of many structures, from the lines of a perfect OCR: the structure that explains most is taken, or doubted."""

from collections.abc import Sequence

import pytest
from drawing import Sheet

from extraction.layout.page import PageLayout, read_page
from extraction.layout.receipt import read_receipt
from extraction.layout.rulings import Ruling, Rulings
from extraction.layout.words import Role
from schemas.result import Reading

LEFT = (90, "lm")
ITEMS = [("診察費", "345", ""), ("藥費", "1,412", "150"), ("檢驗費", "800", "260"), ("證明書費", "", "200")]


def read(sheet: Sheet) -> Reading:
    return read_receipt([sheet.aspect], [sheet.lines])


def layout(sheet: Sheet, rulings: Rulings | None = None) -> PageLayout:
    return read_page(0, sheet.lines, sheet.aspect, rulings=rulings)


def cells(reading: Reading) -> list[tuple[str, str | None, str | None]]:
    return [(item["name"], item.get("nhi_amount"), item.get("self_pay_amount")) for item in reading.values["items"]]


def expected(items: Sequence[tuple[str, str, str]]) -> list[tuple[str, str | None, str | None]]:
    return [(name, nhi or None, own or None) for name, nhi, own in items]


def page(width: int = 1400) -> Sheet:
    sheet = Sheet(width)
    sheet.header()
    return sheet


@pytest.mark.parametrize(
    "heads",
    [
        ("項目", "單價", "數量", "健保點數", "部分負擔", "自費金額", "小計"),
        ("Service", "Price", "Qty", "NHI(NT$)", "Co-pay", "Self Pay(NT$)", "Total"),
    ],
)
def test_columns_between_are_told_apart_by_their_heads(heads):
    sheet = page()
    places = [(x, "mm") for x in (480, 600, 760, 920, 1080, 1260)]
    end = sheet.table(280, [LEFT, *places], [heads])
    rows = [(name, "5", "2", nhi, "20", own, "999") for name, nhi, own in ITEMS]
    sheet.table(end, [LEFT, *[(x + 40, "rm") for x, _ in places]], rows)
    reading = read(sheet)
    assert cells(reading) == expected(ITEMS)
    assert {item["copayment_amount"] for item in reading.values["items"]} == {"20"}


def test_payer_over_two_columns_is_given_to_the_money_below_it():
    sheet = page()
    sheet.table(280, [(700, "mm"), (1100, "mm")], [("健保給付", "自費部分")])
    places = [(600, "mm"), (800, "mm"), (1000, "mm"), (1200, "mm")]
    end = sheet.table(316, [LEFT, *places], [("項目", "數量", "金額", "數量", "金額")])
    sheet.table(end, [LEFT, *places], [(name, "3", nhi, "1", own) for name, nhi, own in ITEMS])
    assert cells(read(sheet)) == expected(ITEMS)


def test_section_gives_its_payer_to_the_columns_below_it():
    sheet = page()
    places = [LEFT, (700, "rm"), (900, "rm"), (1200, "rm")]
    heads = ("項目", "單價", "數量", "小計")
    sheet.text(60, 280, "二、病患自費項目")
    end = sheet.table(322, places, [heads, ("藥費", "75", "2", "150"), ("證明書費", "100", "2", "200")])
    sheet.text(60, end, "全民健康保險給付項目")
    sheet.table(end + 42, places, [heads, ("診察費", "345", "1", "345"), ("藥費", "706", "2", "1,412")])
    assert cells(read(sheet)) == [("藥費", "1,412", "150"), ("證明書費", None, "200"), ("診察費", "345", None)]


@pytest.mark.parametrize("tags", [("健保", "自費"), ("健", "自"), ("NHI", "Self")])
def test_tag_in_a_column_of_its_own_tells_the_payer(tags):
    sheet = page()
    places = [LEFT, (600, "mm"), (1000, "rm")]
    rows = [
        ("診察費", tags[0], "345"),
        ("藥費", tags[0], "1,412"),
        ("藥費", tags[1], "150"),
        ("證明書費", tags[1], "200"),
    ]
    sheet.table(280, places, [("項目", "類別", "金額"), *rows])
    assert cells(read(sheet)) == [("診察費", "345", None), ("藥費", "1,412", "150"), ("證明書費", None, "200")]


@pytest.mark.parametrize("letters", [("健", "自"), ("點", "元")])
def test_letter_behind_the_amount_tells_the_payer(letters):
    sheet = page()
    rows = [("診察費", f"345{letters[0]}"), ("藥費", f"1,412{letters[0]}"), ("證明書費", f"200{letters[1]}")]
    sheet.table(280, [LEFT, (1000, "rm")], [("項目", "金額"), *rows])
    assert cells(read(sheet)) == [("診察費", "345", None), ("藥費", "1,412", None), ("證明書費", None, "200")]


def test_heads_written_downwards_are_read():
    sheet = page()
    for x, head in ((700, "健保點數"), (1000, "自費金額")):
        for index, character in enumerate(head):
            sheet.text(x, 280 + 32 * index, character, "mm")
    sheet.text(90, 330, "項目")
    sheet.table(430, [LEFT, (740, "rm"), (1040, "rm")], ITEMS)
    assert cells(read(sheet)) == expected(ITEMS)


def test_head_in_two_halves_is_one_head():
    sheet = page()
    sheet.table(280, [LEFT, (700, "mm"), (1200, "mm")], [("項目", "健保點數", "自費金額")])
    sheet.text(950, 264, "部份", "mm")
    sheet.text(950, 298, "負擔", "mm")
    sheet.table(
        340, [LEFT, (740, "rm"), (970, "rm"), (1240, "rm")], [(name, nhi, "20", own) for name, nhi, own in ITEMS]
    )
    reading = read(sheet)
    assert cells(reading) == expected(ITEMS)
    assert {item["copayment_amount"] for item in reading.values["items"]} == {"20"}


def test_heads_of_one_panel_may_stand_a_row_lower():
    sheet = page()
    places = [(80, "lm"), (520, "rm"), (760, "lm"), (1200, "rm")]
    sheet.row(280, [(300, "mm", "健保項目"), (980, "mm", "病患自費項目")])
    rows = [("診察費", "345", "項目", "金額"), ("藥費", "1,412", "證明書費", "200"), ("檢驗費", "800", "掛號費", "100")]
    sheet.table(322, places, rows)
    assert cells(read(sheet)) == [("診察費", "345", None), ("藥費", "1,412", None), ("檢驗費", "800", None),
                                  ("證明書費", None, "200"), ("掛號費", None, "100")]  # fmt: skip


def test_english_below_or_beside_a_name_is_no_line():
    sheet = page()
    end = sheet.table(280, [LEFT, (700, "mm"), (1000, "mm")], [("項目 Service", "健保 NHI", "自費 Self Pay")])
    for index, (name, nhi, own) in enumerate(ITEMS):
        sheet.table(end + 70 * index, [LEFT, (740, "rm"), (1040, "rm")], [(name, nhi, own)])
        sheet.text(90, end + 70 * index + 28, "Some Fee", "lm", 20)
    assert cells(read(sheet)) == expected(ITEMS)


@pytest.mark.parametrize("halves", [("放射線", "診療費"), ("特殊材料費", "(手術用)"), ("病房費差額(單", "人房2天)")])
def test_name_on_two_lines_is_one_name(halves):
    sheet = page()
    end = sheet.table(280, [LEFT, (700, "mm"), (1000, "mm")], [("項目", "健保點數", "自費金額")])
    columns = [LEFT, (740, "rm"), (1040, "rm")]
    end = sheet.table(end, columns, ITEMS[:2])
    sheet.table(end, columns, [(halves[0], "70", "30")])
    sheet.table(end + 32, columns, [(halves[1], "", "")])
    sheet.table(end + 80, columns, ITEMS[2:])
    assert cells(read(sheet)) == expected([*ITEMS[:2], ("".join(halves), "70", "30"), *ITEMS[2:]])


def test_sum_without_a_label_is_no_line():
    sheet = page()
    columns = [LEFT, (740, "rm"), (1040, "rm")]
    end = sheet.table(280, [LEFT, (700, "mm"), (1000, "mm")], [("項目", "健保點數", "自費金額")])
    sheet.table(end, columns, [*ITEMS, ("", "2,557", "610")])
    assert cells(read(sheet)) == expected(ITEMS)


def test_sums_decide_where_heads_stand_between_columns():
    def drawn(total: str) -> Reading:
        sheet = page(1240)
        end = sheet.table(280, [LEFT, (600, "mm"), (1000, "mm")], [("項目", "健保", "自費")])
        sheet.table(end, [LEFT, (815, "rm")], [("證明書費", "200"), ("掛號費", "100")])
        sheet.foot(end + 120, [total])
        return read(sheet)

    assert cells(drawn("自費合計：300")) == [("證明書費", None, "200"), ("掛號費", None, "100")]
    assert cells(drawn("健保合計：300")) == [("證明書費", "200", None), ("掛號費", "100", None)]
    assert {flag.code for flag in drawn("應繳金額：300").doubts} == {"column_unsure"}


def test_ruling_between_head_and_column_keeps_them_apart():
    sheet = page(1240)
    end = sheet.table(280, [LEFT, (600, "mm"), (1000, "mm")], [("項目", "健保", "自費")])
    sheet.table(end, [LEFT, (815, "rm")], [("證明書費", "200"), ("掛號費", "100")])
    line = 690 / 1240
    entries = layout(sheet, Rulings(vertical=(Ruling(line, 0.2, line, 0.9),))).items
    assert [set(entry.cells) for entry in entries] == [{Role.SELF_PAY}] * 2
    assert not any(entry.unsure for entry in entries)


def test_grid_gives_columns_and_rows_on_the_page_image():
    sheet = page()
    end = sheet.table(280, [LEFT, (700, "mm"), (1000, "mm")], [("項目", "健保點數", "自費金額")])
    sheet.table(end, [LEFT, (740, "rm"), (1040, "rm")], ITEMS)
    grid = layout(sheet).grid
    assert [column.role for column in grid.columns] == [Role.NHI, Role.SELF_PAY]
    assert grid.columns[0].right == pytest.approx(740 / 1400, abs=0.01)
    assert [tuple(role for role, _ in row.amounts) for row in grid.rows] == [
        (Role.NHI,), (Role.NHI, Role.SELF_PAY), (Role.NHI, Role.SELF_PAY), (Role.SELF_PAY,)
    ]  # fmt: skip


@pytest.mark.parametrize("mark", ["、", ",", "/"])
def test_amounts_in_a_sentence_belong_to_the_payer_named_before_them(mark):
    sheet = page()
    for index, text in enumerate((f"診察費：健保345點{mark}自費50元", "藥費：自費150元", "檢驗費：健保800點")):
        sheet.text(60, 300 + 42 * index, text)
    assert cells(read(sheet)) == [("診察費", "345", "50"), ("藥費", None, "150"), ("檢驗費", "800", None)]


def test_two_known_fees_in_one_row_of_two_panels_stay_two_lines():
    sheet = page()
    rows = [
        ("健保項目", "點數", "自費項目", "金額"),
        ("治療處置費", "345", "牙科處置費", "37"),
        ("藥費", "12", "掛號費", "100"),
    ]
    sheet.table(280, [(80, "lm"), (520, "rm"), (760, "lm"), (1200, "rm")], rows)
    assert ("治療處置費", "345", None) in cells(read(sheet)) and ("牙科處置費", None, "37") in cells(read(sheet))


def test_copayments_in_a_list_of_their_own_are_no_fees():
    sheet = page()
    rows = [
        ("健保項目", "點數", "部分負擔項目", "金額"),
        ("診察費", "345", "基本", "50"),
        ("藥費", "12", "藥品部分負擔", "20"),
        ("檢驗費", "800", "檢驗", "10"),
    ]
    sheet.table(280, [(80, "lm"), (520, "rm"), (760, "lm"), (1200, "rm")], rows)
    reading = read(sheet)
    assert [item["name"] for item in reading.values["items"]] == ["診察費", "藥費", "檢驗費"]
    assert [one["amount"] for one in reading.values["copayments"]] == ["50", "20", "10"]


def test_lone_amount_under_no_head_is_doubted_beside_others():
    sheet = page()
    end = sheet.table(280, [LEFT, (700, "mm")], [("項目", "健保點數")])
    sheet.table(
        end, [LEFT, (740, "rm"), (1240, "rm")], [("診察費", "345", ""), ("藥費", "12", "150"), ("檢驗費", "800", "")]
    )
    reading = read(sheet)
    assert cells(reading)[1] == ("藥費", "12", None)
    assert any("items.1.self_pay_amount" in flag.paths for flag in reading.doubts)
