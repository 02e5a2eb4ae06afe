"""Structures of tables beyond one head per column, from the lines of a perfect OCR: each told by what is printed."""

import pytest
from drawing import Sheet

from extraction.layout.receipt import read_receipt
from schemas.result import Reading

NAME = (90, "lm")
LINES = [("診察費", "345", ""), ("藥費", "1,412", "150"), ("檢驗費", "800", ""), ("掛號費", "", "100")]
TOTALS = ["健保點數合計：2557", "自費合計：250", "應繳金額：250"]


def read(sheet: Sheet) -> Reading:
    return read_receipt([sheet.aspect], [list(sheet.lines)])


def cells(reading: Reading) -> list[tuple[str, str | None, str | None]]:
    return [(item["name"], item.get("nhi_amount"), item.get("self_pay_amount")) for item in reading.values["items"]]


def wanted(lines=LINES) -> list[tuple[str, str | None, str | None]]:
    return [(name, nhi or None, own or None) for name, nhi, own in lines]


def codes(reading: Reading) -> set[str]:
    return {flag.code for flag in reading.doubts}


def page(width: int = 1240, height: int = 1000) -> Sheet:
    sheet = Sheet(width, height)
    sheet.header()
    return sheet


def test_amounts_before_names():
    sheet = page()
    end = sheet.table(280, [(300, "mm"), (600, "mm"), (900, "mm")], [("健保申報", "病人自付額", "項目名稱")])
    columns = [(340, "rm"), (640, "rm"), (700, "lm")]
    end = sheet.table(end, columns, [(nhi, own, name) for name, nhi, own in LINES])
    sheet.foot(end + 30, TOTALS)
    reading = read(sheet)
    assert cells(reading) == wanted()
    assert not reading.doubts


def test_running_numbers_before_names_are_no_amounts():
    sheet = page()
    end = sheet.table(280, [(80, "lm"), (200, "lm"), (700, "mm"), (1000, "mm")], [("序", "項目", "健保", "自費")])
    columns = [(80, "lm"), (200, "lm"), (740, "rm"), (1040, "rm")]
    sheet.table(end, columns, [(str(index), *line) for index, line in enumerate(LINES, 1)])
    assert cells(read(sheet)) == wanted()


def test_payers_over_two_sets_of_heads_that_are_alike():
    sheet = page()
    sheet.row(280, [(330, "mm", "自費項目"), (900, "mm", "健保")])
    sheet.table(316, [(250, "mm"), (510, "mm"), (800, "mm"), (1050, "mm")], [("項目", "小計", "項目", "小計")])
    rows = [("掛號費", "100", "診察費", "345"), ("藥費", "150", "藥費", "1,412"), ("", "", "檢驗費", "800")]
    sheet.table(358, [(90, "lm"), (520, "rm"), (640, "lm"), (1060, "rm")], rows)
    sheet.foot(520, TOTALS)
    assert sorted(cells(read(sheet))) == sorted(wanted())


@pytest.mark.parametrize("tags", [("健", "自"), ("保", "自"), ("健保", "自費"), ("NHI", "自費")])
def test_payer_in_the_first_column_speaks_of_its_row_only(tags):
    sheet = page()
    end = sheet.table(280, [(90, "mm"), (300, "mm"), (760, "mm"), (1000, "mm")], [("別", "項目", "數量", "金額")])
    lines = [
        ("診察費", "345", ""),
        ("藥費", "", "150"),
        ("檢驗費", "800", ""),
        ("手術費", "9,000", ""),
        ("掛號費", "", "100"),
    ]
    rows = [(tags[not nhi], name, str(at), nhi or own) for at, (name, nhi, own) in enumerate(lines, 1)]
    sheet.table(end, [(80, "lm"), (200, "lm"), (760, "mm"), (1040, "rm")], rows)
    assert cells(read(sheet)) == wanted(lines)


def test_section_titles_with_the_sum_of_their_lines():
    sheet = page(900, 1200)
    columns = [(150, "lm"), (800, "rm")]
    sheet.row(300, [(60, "lm", "健保部分"), (800, "rm", "2,557")])
    end = sheet.table(342, columns, [(name, nhi) for name, nhi, _ in LINES if nhi])
    sheet.row(end, [(60, "lm", "自費部分"), (800, "rm", "250")])
    sheet.table(end + 42, columns, [(name, own) for name, _, own in LINES if own])
    reading = read(sheet)
    assert cells(reading) == wanted()
    assert "column_unsure" not in codes(reading)


def test_fees_side_by_side_over_each_payers_amounts():
    sheet = page()
    places = [(80, "lm"), (400, "mm"), (640, "mm"), (880, "mm"), (1120, "mm")]
    rows = [
        ("項目", "診察費", "藥費", "檢驗費", "掛號費"),
        ("健保點數", "345", "1,412", "800", ""),
        ("自費金額", "", "150", "", "100"),
    ]
    end = sheet.table(280, places, rows)
    sheet.foot(end + 30, TOTALS)
    reading = read(sheet)
    assert cells(reading) == wanted()
    assert (reading.values["nhi_total"], reading.values["self_pay_total"]) == ("2557", "250")


def test_bands_of_fees_keep_apart_and_a_band_may_lack_a_payer():
    sheet = page()
    places = [(80, "lm"), (400, "mm"), (640, "mm"), (880, "mm")]
    end = sheet.table(280, places, [("項目", "診察費", "藥費", "檢驗費"), ("健保", "345", "1,412", "800")])
    sheet.table(end + 20, places[:2], [("項目", "掛號費"), ("健保點數", ""), ("自費金額", "100")])
    assert cells(read(sheet)) == [
        ("診察費", "345", None), ("藥費", "1,412", None), ("檢驗費", "800", None), ("掛號費", None, "100")]  # fmt: skip


def test_amount_below_no_name_is_kept_without_one():
    sheet = page()
    places = [(80, "lm"), (400, "mm"), (640, "mm"), (1120, "mm")]
    sheet.table(280, places, [("項目", "診察費", "藥費", ""), ("健保", "345", "1,412", "800")])
    assert cells(read(sheet)) == [("診察費", "345", None), ("藥費", "1,412", None), ("?", "800", None)]


def test_fees_side_by_side_without_a_payer_are_not_guessed():
    sheet = page()
    places = [(80, "lm"), (400, "mm"), (640, "mm")]
    sheet.table(280, places, [("項目", "診察費", "藥費"), ("", "345", "1,412")])
    reading = read(sheet)
    assert cells(reading) == [("診察費", None, None), ("藥費", None, None)]
    assert {"column_unsure", "layout_unsure"} <= codes(reading)


@pytest.mark.parametrize("words", [("健保", "自費"), ("健保點數", "自費金額"), ("NHI", "Self Pay")])
def test_amounts_on_the_line_under_their_name(words):
    sheet = page(900, 1200)
    y = 300
    for name, nhi, own in LINES:
        sheet.text(60, y, name)
        sheet.row(
            y + 40, [(110, "lm", words[0]), (280, "lm", nhi or "0"), (480, "lm", words[1]), (660, "lm", own or "0")]
        )
        y += 90
    sheet.foot(y + 20, TOTALS[:1])
    reading = read(sheet)
    assert cells(reading) == [(name, nhi or "0", own or "0") for name, nhi, own in LINES]
    assert reading.values["nhi_total"] == "2557"


def test_each_payers_amount_on_a_line_of_its_own_under_the_name():
    sheet = page(700, 1200)
    rows = [
        ("診察費", ""),
        ("  健保", "345點"),
        ("  自費", "20元"),
        ("藥費", ""),
        ("  健保", "1,412點"),
        ("  自費", "150元"),
    ]
    sheet.table(300, [(60, "lm"), (600, "rm")], rows)
    assert cells(read(sheet)) == [("診察費", "345", "20"), ("藥費", "1,412", "150")]


@pytest.mark.parametrize("note", ["註：#為自費項目(元)，其餘為健保申報點數。", "自費項目以#註記，其他為健保給付"])
@pytest.mark.parametrize("at_name", [True, False])
def test_note_says_whose_lines_a_mark_marks(note, at_name):
    sheet = page()
    lines = [("診察費", "345", ""), ("藥費", "", "150"), ("檢驗費", "800", ""), ("掛號費", "", "100")]
    end = sheet.table(280, [(200, "mm"), (1000, "mm")], [("項目", "點數/金額")])
    rows = [(("#" if own and at_name else "") + name, (nhi or own) + ("#" if own and not at_name else ""))
            for name, nhi, own in lines]  # fmt: skip
    end = sheet.table(end, [NAME, (1040, "rm")], rows)
    sheet.text(60, end + 10, note)
    sheet.foot(end + 60, ["健保點數合計：1145", "自費合計：250"])
    reading = read(sheet)
    found = [(name.lstrip("#"), nhi, own) for name, nhi, own in cells(reading)]
    assert found == wanted(lines)
    assert "column_unsure" not in codes(reading)


def test_marks_that_no_sum_bears_out_are_doubted():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (1000, "mm")], [("項目", "金額")])
    end = sheet.table(end, [NAME, (1040, "rm")], [("診察費", "345"), ("#藥費", "150"), ("掛號費", "100")])
    sheet.text(60, end + 10, "註：#為自費項目，其餘為健保申報點數")
    assert "column_unsure" in codes(read(sheet))


def test_note_without_a_word_on_the_rest_leaves_the_rest_open():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (1000, "mm")], [("項目", "金額")])
    end = sheet.table(end, [NAME, (1040, "rm")], [("診察費", "345"), ("#藥費", "150"), ("檢驗費", "100")])
    sheet.text(60, end + 10, "#者為自費")
    assert cells(read(sheet)) == [("診察費", None, None), ("#藥費", None, "150"), ("檢驗費", None, None)]


def test_heads_at_the_foot_of_the_table():
    sheet = page()
    columns = [NAME, (740, "rm"), (1040, "rm")]
    end = sheet.table(280, columns, [*LINES, ("名稱", "健保申報", "病患自付")])
    sheet.table(end + 20, [NAME, (400, "lm")], [("復健部分負擔", "50"), ("點數合計", "2557"), ("自費費用合計", "250")])
    reading = read(sheet)
    assert cells(reading) == wanted()
    assert (reading.values["nhi_total"], reading.values["self_pay_total"]) == ("2557", "250")


def test_titles_of_parts_inside_a_table_are_no_lines():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (700, "mm"), (1000, "mm")], [("項目", "健保", "自費")])
    rows = [("一、診療費用", "", ""), *LINES[:2], ("二、檢查檢驗類", "", ""), *LINES[2:]]
    sheet.table(end, [NAME, (740, "rm"), (1040, "rm")], rows)
    assert cells(read(sheet)) == wanted()


def test_what_is_to_be_paid_of_a_line_is_no_amount_of_a_payer():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (560, "mm"), (800, "mm"), (1050, "mm")], [("項目", "健保", "自費", "應付")])
    columns = [NAME, (600, "rm"), (840, "rm"), (1090, "rm")]
    sheet.table(end, columns, [(name, nhi, own, own or "0") for name, nhi, own in LINES])
    reading = read(sheet)
    assert cells(reading) == wanted()
    assert not reading.doubts


def test_fee_that_no_structure_explains_is_shown_and_doubted():
    sheet = page()
    sheet.table(250, [NAME, (1040, "rm")], [("手術費", "9,000"), ("麻醉費", "500")])
    sheet.text(60, 350, "自費費用")
    sheet.table(392, [NAME, (1040, "rm")], [("掛號費", "100"), ("藥費", "150")])
    reading = read(sheet)
    assert cells(reading) == [
        ("掛號費", None, "100"), ("藥費", None, "150"), ("手術費", None, None), ("麻醉費", None, None)]  # fmt: skip
    assert {"items.2.nhi_amount", "items.3.self_pay_amount"} <= set(reading.not_read)


def test_negative_discount_inside_a_table_is_one_of_its_lines():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (700, "mm"), (1000, "mm")], [("項目", "健保", "自費")])
    sheet.table(end, [NAME, (740, "rm"), (1040, "rm")], [*LINES, ("優待折扣", "", "-20")])
    assert cells(read(sheet))[-1] == ("優待折扣", None, "-20")


def test_totals_that_fit_one_way_only_propose_whose_unheaded_columns_are():
    sheet = page()
    end = sheet.table(280, [NAME, (740, "rm"), (1040, "rm")], LINES)
    sheet.foot(end + 30, TOTALS)
    reading = read(sheet)
    assert cells(reading) == [(name, None, None) for name, _, _ in LINES]
    proposed = [
        suggestion for flag in reading.doubts if flag.code == "column_unsure" for suggestion in flag.suggestions
    ]
    assert {(one.path, one.value) for one in proposed} == {
        ("items.0.nhi_amount", "345"), ("items.1.nhi_amount", "1,412"), ("items.1.self_pay_amount", "150"),
        ("items.2.nhi_amount", "800"), ("items.3.self_pay_amount", "100")}  # fmt: skip


def test_totals_that_fit_two_ways_propose_nothing():
    sheet = page()
    end = sheet.table(280, [NAME, (740, "rm"), (1040, "rm")], [("診察費", "50", "50"), ("藥費", "30", "30")])
    sheet.foot(end + 30, ["健保點數合計：80", "自費合計：80"])
    unsure = [flag for flag in read(sheet).doubts if flag.code == "column_unsure"]
    assert {suggestion.path for suggestion in unsure[0].suggestions} == {
        "items.0.nhi_amount",
        "items.0.self_pay_amount",
    }


def test_misread_head_of_a_section_leaves_its_lines_open():
    sheet = page()
    sheet.text(60, 300, "自費費用")
    end = sheet.table(342, [NAME, (900, "rm")], [("掛號費", "100"), ("藥費", "150")])
    sheet.text(60, end, "健保填目")
    sheet.table(end + 42, [NAME, (900, "rm")], [("診察費", "345"), ("檢驗費", "800")])
    reading = read(sheet)
    assert cells(reading) == [
        ("掛號費", None, "100"), ("藥費", None, "150"), ("診察費", None, None), ("檢驗費", None, None)]  # fmt: skip
    assert "column_unsure" in codes(reading)


def test_pieces_of_a_stamp_come_off_a_name_with_a_doubt():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (700, "mm"), (1000, "mm")], [("項目", "健保", "自費")])
    rows = [("1掛號費", "", "100"), ("治療處置費用", "345", ""), ("30日以內藥費", "20", ""), ("X光費", "50", "")]
    sheet.table(end, [NAME, (740, "rm"), (1040, "rm")], rows)
    reading = read(sheet)
    assert [name for name, _, _ in cells(reading)] == ["掛號費", "治療處置費", "30日以內藥費", "X光費"]
    doubted = [flag.paths for flag in reading.doubts if flag.code == "reads_differ"]
    assert doubted == [("items.0.name",), ("items.1.name",)]


def test_numbered_names_keep_their_numbers():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (700, "mm"), (1000, "mm")], [("項目", "健保", "自費")])
    sheet.table(end, [NAME, (740, "rm"), (1040, "rm")], [("1.診察費", "345", ""), ("2.藥費", "20", "")])
    assert [name for name, _, _ in cells(read(sheet))] == ["1.診察費", "2.藥費"]


def test_character_of_a_stamp_glued_to_an_amount_is_cut_off_and_doubted():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (700, "mm"), (1000, "mm")], [("項目", "健保", "自費")])
    sheet.table(end, [NAME, (740, "rm"), (1040, "rm")], [("診察費", "345訖", ""), ("藥費", "20", "150")])
    reading = read(sheet)
    assert cells(reading)[0] == ("診察費", "345", None)
    assert [flag.paths for flag in reading.doubts if flag.code == "low_score"] == [("items.0.nhi_amount",)]


@pytest.mark.parametrize(
    "heads",
    [
        ("項目", "給付金額", "自負額"),
        ("項目", "申報", "自備"),
        ("收費類別", "全民健保", "自行付費"),
        ("項目", "健保身分", "自費身分"),
    ],
)
def test_heads_in_other_words_are_given_to_their_payers(heads):
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (700, "mm"), (1000, "mm")], [heads])
    sheet.table(end, [NAME, (740, "rm"), (1040, "rm")], LINES)
    assert cells(read(sheet)) == wanted()


ONE_EACH = [("診察費", "345", ""), ("藥費", "", "150"), ("檢驗費", "800", ""), ("掛號費", "", "100")]


def test_tick_under_a_payers_head_says_who_pays():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (600, "mm"), (750, "mm"), (1000, "mm")], [("項目", "健保", "自費", "金額")])
    rows = [(name, "V" if nhi else "", "V" if own else "", nhi or own) for name, nhi, own in ONE_EACH]
    sheet.table(end, [NAME, (600, "mm"), (750, "mm"), (1040, "rm")], rows)
    assert cells(read(sheet)) == wanted(ONE_EACH)


def test_ticked_box_on_the_line_says_who_pays():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (600, "mm"), (1000, "mm")], [("項目", "給付別", "金額")])
    rows = [(name, "■健保 □自費" if nhi else "□健保 ■自費", nhi or own) for name, nhi, own in ONE_EACH]
    sheet.table(end, [NAME, (500, "lm"), (1040, "rm")], rows)
    assert cells(read(sheet)) == wanted(ONE_EACH)


def test_letters_that_a_note_explains_say_who_pays():
    sheet = page()
    end = sheet.table(280, [(90, "lm"), (300, "mm"), (1000, "mm")], [("別", "項目", "金額")])
    rows = [("A" if nhi else "B", name, nhi or own) for name, nhi, own in ONE_EACH]
    end = sheet.table(end, [(90, "lm"), (250, "lm"), (1040, "rm")], rows)
    sheet.text(60, end + 10, "A:健保 B:自費")
    assert cells(read(sheet)) == wanted(ONE_EACH)


def test_name_that_spans_its_payers_rows():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (600, "mm"), (1000, "mm")], [("項目", "給付別", "金額")])
    rows = [
        ("診察費", "健保", "345"),
        ("", "自費", "20"),
        ("藥費", "健保", "1,412"),
        ("", "自費", "150"),
        ("掛號費", "自費", "100"),
    ]
    sheet.table(end, [NAME, (600, "mm"), (1040, "rm")], rows)
    assert cells(read(sheet)) == [("診察費", "345", "20"), ("藥費", "1,412", "150"), ("掛號費", None, "100")]


def test_word_of_the_line_against_the_head_of_its_column_is_doubted():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (700, "mm"), (1000, "mm")], [("項目", "健保", "自費")])
    sheet.table(
        end, [NAME, (500, "lm"), (740, "rm")], [("診察費", "", "345"), ("藥費", "自費", "150"), ("檢驗費", "", "800")]
    )
    flags = [flag.paths for flag in read(sheet).doubts if flag.code == "column_unsure"]
    assert ("items.1.nhi_amount",) in flags


def test_amounts_that_both_totals_say_are_the_other_payers_leave_their_cells():
    sheet = page()
    sheet.text(60, 290, "自費費用")
    end = sheet.table(
        332, [NAME, (900, "rm")], [("掛號費", "100"), ("藥費", "150"), ("診察費", "345"), ("檢驗費", "800")]
    )
    sheet.foot(end + 30, ["健保點數合計：1145", "自費合計：250"])
    reading = read(sheet)
    assert cells(reading)[:2] == [("掛號費", None, "100"), ("藥費", None, "150")]
    assert all(nhi is None and own is None for _, nhi, own in cells(reading)[2:])
    proposed = {(one.path, one.value) for flag in reading.doubts for one in flag.suggestions}
    assert {("items.2.nhi_amount", "345"), ("items.3.nhi_amount", "800")} <= proposed


IN_PARTS = [("診察費", "345"), ("檢驗費", "800"), ("藥費", "1,412"), ("藥費", "150"), ("掛號費", "100")]


def in_margin(words: dict[str, float], foot: list[str]) -> Sheet:
    """Return lines with payers' words beside them, each at a place counted in rows."""
    sheet = page()
    for at, (name, amount) in enumerate(IN_PARTS):
        sheet.row(300 + at * 42, [(250, "lm", name), (900, "rm", amount)])
    for word, at in words.items():
        sheet.text(80, 300 + at * 42, word)
    sheet.foot(560, foot)
    return sheet


def test_words_in_merged_cells_stand_at_the_middle_of_their_rows():
    reading = read(in_margin({"健保": 1, "自費": 3.5}, []))
    assert sorted(cells(reading)) == sorted(wanted())


def test_words_in_the_first_of_their_rows_still_head_sections():
    reading = read(in_margin({"健保": 0, "自費": 3}, []))
    assert sorted(cells(reading)) == sorted(wanted())


def test_totals_say_how_far_merged_cells_reach():
    reading = read(in_margin({"健保": 0, "自費": 2}, ["健保點數合計：345", "自費合計：2462"]))
    assert [own for _, _, own in cells(reading)] == [None, "800", "1,412", "150", "100"] or [
        own for _, _, own in cells(reading)
    ] == [None, "800", "1,562", "100"]


def test_merged_cells_of_unclear_reach_tell_nothing():
    reading = read(in_margin({"健保": 0.5, "自費": 2.6}, []))
    assert all(nhi is None and own is None for _, nhi, own in cells(reading))
    assert "column_unsure" in codes(reading)


def test_fees_side_by_side_under_heads_of_sections():
    sheet = page()
    sheet.text(60, 290, "健保")
    end = sheet.table(
        330, [(300, "mm"), (600, "mm"), (900, "mm")], [("診察費", "藥費", "檢驗費"), ("345", "1,412", "800")]
    )
    sheet.text(60, end, "自費")
    sheet.table(end + 40, [(300, "mm"), (600, "mm")], [("藥費", "掛號費"), ("150", "100")])
    assert sorted(cells(read(sheet))) == sorted(wanted())


def test_two_panels_with_amounts_before_names():
    sheet = page(1500)
    heads = ("健保", "自費", "項目") * 2
    sheet.table(280, [(150, "mm"), (320, "mm"), (500, "mm"), (850, "mm"), (1020, "mm"), (1200, "mm")], [heads])
    columns = [(180, "rm"), (350, "rm"), (420, "lm"), (880, "rm"), (1050, "rm"), (1120, "lm")]
    sheet.table(
        322, columns, [("345", "", "診察費", "800", "", "檢驗費"), ("1,412", "150", "藥費", "", "100", "掛號費")]
    )
    assert cells(read(sheet)) == wanted()


@pytest.mark.parametrize("heads", [("健保項目", "點數", "", "金額"), ("", "點數", "自費項目", "金額")])
def test_lost_head_of_a_clinic_panel_gives_its_amounts_to_no_other_payer(heads):
    sheet = page()
    rows = [heads, ("診察費", "345", "藥費", "150"), ("藥費", "1,412", "掛號費", "100"), ("檢驗費", "800", "", "")]
    end = sheet.table(280, [(90, "lm"), (480, "rm"), (660, "lm"), (1150, "rm")], rows)
    sheet.foot(end + 30, TOTALS)
    nhi = {(name, amount) for name, amount, _ in cells(read(sheet)) if amount}
    own = {(name, amount) for name, _, amount in cells(read(sheet)) if amount}
    assert nhi == {("診察費", "345"), ("藥費", "1,412"), ("檢驗費", "800")}
    assert own <= {("藥費", "150"), ("掛號費", "100")}


def test_amounts_far_beside_the_only_payers_head_are_doubted():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (700, "mm")], [("項目", "健保點數")])
    sheet.table(end, [NAME, (1040, "rm")], [("藥費", "150"), ("掛號費", "100"), ("診察費", "345")])
    assert "column_unsure" in codes(read(sheet))


def test_merged_cells_over_sums_of_parts_and_copayments():
    sheet = page()
    parts = [
        ("診察費", "345"), ("檢驗費", "800"), ("小計", "1,145"),
        ("基本部分負擔", "50"), ("藥品部分負擔", "20"),
        ("藥費", "150"), ("掛號費", "100"), ("小計", "250"),
    ]  # fmt: skip
    for at, (name, amount) in enumerate(parts):
        sheet.row(300 + at * 42, [(250, "lm", name), (900, "rm", amount)])
    for word, at in (("健保", 1), ("部分負擔", 3.5), ("自費", 6)):
        sheet.text(80, 300 + at * 42, word)
    reading = read(sheet)
    assert cells(reading) == [
        ("診察費", "345", None), ("檢驗費", "800", None), ("藥費", None, "150"), ("掛號費", None, "100")]  # fmt: skip
    assert reading.values["copayments"] == [
        {"name": "基本部分負擔", "amount": "50"}, {"name": "藥品部分負擔", "amount": "20"}]  # fmt: skip
    assert (reading.values["nhi_total"], reading.values["self_pay_total"]) == ("1,145", "250")


def test_payers_word_before_a_run_of_names_and_amounts():
    sheet = page()
    sheet.text(60, 290, "健保：診察費 345  藥費 1,412  檢驗費 800")
    sheet.text(60, 340, "自費：藥費 150  掛號費 100")
    assert sorted(cells(read(sheet))) == sorted(wanted())


def test_bracketed_letters_that_a_note_explains():
    sheet = page()
    end = sheet.table(280, [(200, "mm"), (1000, "mm")], [("項目", "金額")])
    end = sheet.table(
        end, [NAME, (1040, "rm")], [(name + ("(H)" if nhi else "(S)"), nhi or own) for name, nhi, own in ONE_EACH]
    )
    sheet.text(60, end + 10, "註：(H)健保 (S)自費")
    assert [(nhi, own) for _, nhi, own in cells(read(sheet))] == [
        (nhi or None, own or None) for _, nhi, own in ONE_EACH
    ]


def test_units_in_cells_of_their_own():
    sheet = page()
    rows = [(name, nhi or own, "點" if nhi else "元") for name, nhi, own in ONE_EACH]
    sheet.table(280, [(90, "lm"), (700, "rm"), (820, "lm")], [("項目", "金額", "單位"), *rows])
    assert cells(read(sheet)) == wanted(ONE_EACH)


def test_word_of_a_single_row_and_one_between_rows_are_not_taken_for_heads_of_sections():
    reading = read(in_margin({"健保": 0, "自費": 2.5}, []))
    assert [own for _, _, own in cells(reading)].count(None) == 1  # the first row alone is the other payer's


@pytest.mark.parametrize("note", ["註：「*」表示自費項目", "※*號為自費"])
def test_note_on_one_payer_speaks_of_the_other_where_totals_bear_it_out(note):
    def drawn(foot: list[str]) -> Reading:
        sheet = page()
        end = sheet.table(280, [(200, "mm"), (1000, "mm")], [("項目", "金額")])
        end = sheet.table(
            end, [NAME, (1040, "rm")], [(("*" if own else "") + name, nhi or own) for name, nhi, own in ONE_EACH]
        )
        sheet.text(60, end + 10, note)
        sheet.foot(end + 60, foot)
        return read(sheet)

    told = cells(drawn(["健保點數合計：1145", "自費合計：250"]))
    assert [(nhi, own) for _, nhi, own in told] == [(nhi or None, own or None) for _, nhi, own in ONE_EACH]
    open_ones = cells(drawn(["應繳金額：250"]))
    assert [(nhi, own) for _, nhi, own in open_ones] == [(None, None), (None, "150"), (None, None), (None, "100")]
