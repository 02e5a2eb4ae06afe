"""Transcripts read back: every cell under its own payer, and nothing where nobody can tell."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transcripts import WRITERS, write

from extraction.readers.markup import Table, parse_markup
from extraction.readers.transcript import Parsed, values_from_transcript
from extraction.scoring import same
from extraction.shaping import shape
from schemas.document import cells_of, lines_of, parse_cell
from schemas.registry import DOCUMENT_TYPES
from schemas.result import CellState, Reading


def items(text: str) -> list[tuple[str | None, ...]]:
    """Return name, NHI and self-pay of each line."""
    found = values_from_transcript(text, "medical_receipt").values["items"]
    return [(line["name"], line["nhi_amount"], line["self_pay_amount"]) for line in found]


def markdown(*rows: str) -> str:
    width = rows[0].count("|") + 1
    return "\n".join([f"| {rows[0]} |", "|---" * width + "|", *(f"| {row} |" for row in rows[1:])])


# -- labels written down and read back ---------------------------------------------------------------------------------


def pairs(parsed: Parsed, document_type: str, truth: dict[str, Any]) -> Iterator[tuple[str, object, object]]:
    """Yield path, what the label says and what was read, lines of one name in their order."""
    model = DOCUMENT_TYPES[document_type]
    reading = Reading(reader="x", document_type=document_type, values=parsed.values, not_read=parsed.not_read)
    document = shape(reading).document
    for name, declared in cells_of(model).items():
        if name in truth:
            yield name, parse_cell(declared, truth[name]), getattr(document, name)
    for name, part in lines_of(model).items():
        found = list(getattr(document, name))
        key = next(iter(cells_of(part)))
        for index, line in enumerate(truth.get(name, ())):
            match = next((one for one in found if getattr(one, key) == line[key]), part())
            found = [one for one in found if one is not match]
            for cell, declared in cells_of(part).items():
                if cell in line:
                    yield f"{name}.{index}.{cell}", parse_cell(declared, line[cell]), getattr(match, cell)
        yield f"{name} beyond the labels", 0, len(found) if name in truth else 0


@pytest.mark.shared
@pytest.mark.parametrize("form", WRITERS)
def test_labels_written_as_transcripts_are_read_back(form, shared_data: Path):
    labels = shared_data / "synthetic" / "labels.jsonl"
    records = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines()]
    cells, wrong, swapped = 0, [], []
    for record in (one for one in records if one["level"] == "clean"):
        truth = dict(record["document"])
        if record["layout"] == "F":
            del truth["items"]  # they stand in the QR code only
        text = write(truth, record["layout"], WRITERS[form])
        rows: dict[str, dict[str, tuple[object, object]]] = {}
        for path, expected, found in pairs(values_from_transcript(text, record["document_type"]),
                                           record["document_type"], truth):  # fmt: skip
            cells += 1
            if not same(expected, found):
                wrong.append((record["file"], path, expected, found))
            rows.setdefault(path.rpartition(".")[0], {})[path.rpartition(".")[2]] = (expected, found)
        swapped += [(record["file"], row) for row, cell in rows.items() if is_swapped(cell)]
    assert swapped == []
    assert len(wrong) <= 0.01 * cells, wrong[:10]


def is_swapped(cells: dict[str, tuple[object, object]]) -> bool:
    nhi, own = cells.get("nhi_amount"), cells.get("self_pay_amount")
    if nhi is None or own is None or same(nhi[0], own[0]):
        return False
    return (bool(nhi[1]) and same(nhi[1], own[0])) or (bool(own[1]) and same(own[1], nhi[0]))


# -- tables ------------------------------------------------------------------------------------------------------------


def test_dash_blank_zero_and_unreadable_stay_four():
    parsed = values_from_transcript(
        markdown("項目|健保點數|自費金額", "藥費|-|0", "診察費||?"), "medical_receipt"
    )  # fmt: skip
    states = shape(Reading(reader="x", document_type="medical_receipt", values=parsed.values)).states
    assert states["items.0.nhi_amount"] is states["items.1.nhi_amount"] is CellState.BLANK
    assert states["items.0.self_pay_amount"] is CellState.ZERO
    assert states["items.1.self_pay_amount"] is CellState.UNREADABLE


@pytest.mark.parametrize("heads", ["項目|健保給付|自付金額", "費用項目|健保(點)|自費(元)", "收費項目|健保申報|病患自費",
                                   "**項目**|**健保點數**|**自費金額**"])  # fmt: skip
def test_heads_are_known_by_their_words(heads):
    assert items(markdown(heads, "藥費|1,200|50")) == [("藥費", "1,200", "50")]


def test_counts_prices_codes_and_numbers_of_lines_are_no_amounts():
    text = markdown("項次|代碼|項目|數量|單價|健保|自費", "1|00101B|藥費|2|50|100|", "2|X1|X光費|1|300||300")
    assert items(text) == [("藥費", "100", None), ("X光費", None, "300")]


def test_heads_on_two_rows_and_spanning_cells():
    text = """<table><thead><tr><th rowspan="2">項目</th><th colspan="2">健保</th><th rowspan="2">自費金額</th></tr>
    <tr><th>點數</th><th>部分負擔</th></tr></thead><tr><td>藥費</td><td>1,200</td><td>50</td><td>0</td></tr>
    <tr><td>合計</td><td>1,200</td><td>50</td><td>0</td></tr></table>"""
    values = values_from_transcript(text, "medical_receipt").values
    line = {"name": "藥費", "nhi_amount": "1,200", "copayment_amount": "50", "self_pay_amount": "0"}
    assert values["items"] == [line]
    assert (values["nhi_total"], values["copayment_total"], values["self_pay_total"]) == ("1,200", "50", "0")


@pytest.mark.parametrize("heads", ["健保費用(點)|自費費用", "健保費用(點)||||自費費用|||",
                                   "健保費用(點)||健保費用(點)||自費費用||自費費用|"])  # fmt: skip
def test_two_groups_of_columns_side_by_side_become_one_line_an_item(heads):
    text = f"| {heads} |\n|---|---|\n| 診察費 | 345 | 藥費 | 20 | 診察費 | 0 | 藥費 | 30 |"
    assert items(text) == [("診察費", "345", "0"), ("藥費", "20", "30")]


def test_items_of_two_payers_side_by_side():
    text = markdown("健保申報項目|點數|自付費用項目|金額", "診察費|345|掛號費|100", "藥費|50|證明書費|20")
    assert items(text) == [
        ("診察費", "345", None),
        ("掛號費", None, "100"),
        ("藥費", "50", None),
        ("證明書費", None, "20"),
    ]


def test_sections_inside_a_table():
    text = markdown("項目|金額", "健保項目|", "診察費|345", "小計|345", "自費項目|", "證明書費|100", "小計|100")
    assert items(text) == [("診察費", "345", None), ("證明書費", None, "100")]


def test_table_whose_payers_nobody_can_tell_gives_names_alone():
    for text in (
        markdown("項目|金額", "藥費|50"),
        markdown("項目|保|費", "藥費|50|20"),
        "| 藥費 | 50 |\n| 診察費 | 20 |",
    ):
        parsed = values_from_transcript(text, "medical_receipt")
        assert parsed.values["items"][0] == {"name": "藥費", "nhi_amount": None, "self_pay_amount": None}
        assert parsed.not_read[:2] == ["items.0.nhi_amount", "items.0.self_pay_amount"]


def test_row_that_lacks_a_cell_is_not_guessed():
    parsed = values_from_transcript(markdown("項目|健保點數|自費金額", "藥費|100", "診察費|20|30"), "medical_receipt")
    assert parsed.values["items"][0] == {"name": "藥費", "nhi_amount": None, "self_pay_amount": None}
    assert parsed.not_read == ["items.0.nhi_amount", "items.0.self_pay_amount"]


@pytest.mark.parametrize(("heads", "rows"), [
    ("健保點數|自費金額", ["藥費|100|50", "診察費|20|30"]),  # a head is missing
    ("項目|自費金額", ["藥費|100|50", "診察費|20|30"]),
    ("|項目|健保點數", ["藥費|100|50", "診察費|20|30"]),  # moved by one
    ("項目||健保點數|自費金額", ["藥費|100|50|", "診察費|20|30|"]),
    ("項目|健保點數|健保金額", ["藥費|100|50", "診察費|20|30"]),  # two columns of one payer
    ("項目|健保點數|自保費用", ["藥費|100|50", "診察費|20|30"]),  # as near to one payer as to the other
])  # fmt: skip
def test_heads_that_do_not_fit_their_columns_put_no_amount_anywhere(heads, rows):
    parsed = values_from_transcript(markdown(heads, *rows), "medical_receipt")
    assert [line["name"] for line in parsed.values["items"]] == ["藥費", "診察費"]
    amounts = [line[cell] for line in parsed.values["items"] for cell in ("nhi_amount", "self_pay_amount")]
    assert amounts in ([None] * 4, ["100", None, "20", None])
    assert {"items.0.self_pay_amount", "items.1.self_pay_amount"} <= set(parsed.not_read)


def test_amount_before_its_name_is_not_guessed():
    parsed = values_from_transcript("健保點數 項目 自費金額\n100 藥費 50", "medical_receipt")
    assert parsed.values["items"] == [{"name": "藥費", "nhi_amount": None, "self_pay_amount": None}]


def test_points_under_a_head_for_money_are_not_read():
    parsed = values_from_transcript(markdown("項目|健保點數|自費金額", "藥費|0|100點"), "medical_receipt")
    assert parsed.not_read == ["items.0.self_pay_amount"]


def test_amount_that_spans_two_rows_counts_once():
    text = """<table><tr><td>項目</td><td>健保</td><td>自費</td></tr><tr><td>診察費</td><td rowspan=2>300</td><td>1</td>
    </tr><tr><td>藥費</td><td>2</td></tr></table>"""
    assert items(text) == [("診察費", "300", "1"), ("藥費", "?", "2")]


def test_amount_over_both_payers_columns_is_nobodys():
    text = """<table><tr><td>項目</td><td>健保</td><td>自費</td></tr>
    <tr><td>藥費</td><td colspan=2>300</td></tr></table>"""
    parsed = values_from_transcript(text, "medical_receipt")
    assert set(parsed.not_read) == {"items.0.nhi_amount", "items.0.self_pay_amount"}


def test_several_printed_rows_in_one_row_of_cells():
    assert items(markdown("項目|健保|自費", "診察費<br>藥費|1<br>2|3<br>4")) == [
        ("診察費", "1", "3"),
        ("藥費", "2", "4"),
    ]


def test_header_and_totals_in_tables_of_their_own():
    text = "\n\n".join([
        "示範醫院", markdown("姓名|王小明|病歷號|00123", "就診日期|114/05/21|科別|內科"),
        markdown("項目|健保|自費", "藥費|100|20"),
        markdown("部分負擔|健保合計|自費合計|應繳金額", "50|100|20|70"),
    ])  # fmt: skip
    values = values_from_transcript(text, "medical_receipt").values
    expected = {"hospital_name": "示範醫院", "patient_name": "王小明", "chart_number": "00123",
                "visit_date": "114/05/21",
                "copayment_total": "50", "nhi_total": "100", "self_pay_total": "20", "amount_due": "70"}  # fmt: skip
    assert {name: values[name] for name in expected} == expected
    assert len(values["items"]) == 1


def test_total_printed_twice_differently_is_not_read():
    parsed = values_from_transcript("應繳金額: 70\n應繳金額: 90", "medical_receipt")
    assert parsed.values["amount_due"] is None
    assert parsed.not_read == ["amount_due"]


# -- lines -------------------------------------------------------------------------------------------------------------


def test_sections_of_plain_lines():
    text = "健保\n診察費：345\n藥費：412點\n自費\n證明書費：100元\n應繳金額：100元"
    assert items(text) == [("診察費", "345", None), ("藥費", "412", None), ("證明書費", None, "100")]


def test_plain_line_that_lacks_an_amount_is_not_guessed():
    parsed = values_from_transcript("項目 健保點數 自費金額\n診察費 345 0\n證明書費 100", "medical_receipt")
    assert parsed.values["items"][1] == {"name": "證明書費", "nhi_amount": None, "self_pay_amount": None}
    assert parsed.not_read == ["items.1.nhi_amount", "items.1.self_pay_amount"]


def test_money_without_any_word_on_the_payer_is_nobodys():
    parsed = values_from_transcript("診察費 345元\n藥費 20元\n應繳金額 365元", "medical_receipt")
    assert parsed.values["amount_due"] == "365"
    assert len(parsed.not_read) == 4


def test_points_and_money_tell_payers_apart():
    assert items("診察費 345點\n證明書費 20元") == [("診察費", "345", None), ("證明書費", None, "20")]


def test_tags_tell_payers_apart():
    assert items("診察費(健保) 345\n藥費(自費) 20") == [("診察費", "345", None), ("藥費", None, "20")]


def test_names_set_apart_are_put_together():
    assert items("健保費用(點)   自費費用\n診 察 費 220  診 察 費 773") == [("診察費", "220", "773")]


def test_copayments_by_kind():
    values = values_from_transcript("基本部分負擔 50\n藥費部分負擔: 20\n部分負擔合計 70", "medical_receipt").values
    assert values["copayments"] == [{"name": "基本部分負擔", "amount": "50"}, {"name": "藥費部分負擔", "amount": "20"}]
    assert values["copayment_total"] == "70"


# -- invoices ----------------------------------------------------------------------------------------------------------


def test_foreign_invoice_with_its_sums():
    rows = ["Description|Qty|Unit Price|Amount", "Bandage|2|10.00|20.00", "Tape 5m|1|5.50|5.50", "Subtotal|||25.50",
            "Tax 5%|||1.28", "Total|||26.78"]  # fmt: skip
    text = f"# ACME Ltd\nInvoice No: INV-2024-001\nDate: 21/06/2025\n{markdown(*rows)}"
    values = values_from_transcript(text, "invoice").values
    assert [line["description"] for line in values["items"]] == ["Bandage", "Tape 5m"]
    assert values["items"][1]["unit_price"] == "5.50"
    sums = (values["sales_amount"], values["tax_amount"], values["total_amount"])
    assert (values["invoice_number"], *sums) == ("INV-2024-001", "25.50", "1.28", "26.78")


# -- whatever a model writes -------------------------------------------------------------------------------------------

SCRAPS = st.sampled_from(["|", "---", "\n", "<table>", "<tr>", "<td colspan=3>", "</td>", "<td rowspan=9>", "</table>",
                          "<fcel>", "<nl>", "<lcel>", "項目", "健保", "自費", "藥費", "100", "合計", "：", " ", "?",
                          "```",
                          "<br>", "&nbsp;", "總計", "發票"])  # fmt: skip


@given(st.lists(SCRAPS, max_size=60).map("".join), st.sampled_from(list(DOCUMENT_TYPES)))
def test_any_scraps_give_a_document(text, document_type):
    parsed = values_from_transcript(text, document_type)
    shape(Reading(reader="x", document_type=document_type, values=parsed.values, not_read=parsed.not_read))


@given(st.text(max_size=300))
def test_any_text_gives_a_document(text):
    assert values_from_transcript(text, "medical_receipt").values.keys() == cells_of(
        DOCUMENT_TYPES["medical_receipt"]
    ).keys() | {"items", "copayments"}


def test_spans_without_end_are_bounded():
    (table,) = parse_markup("<table><tr><td colspan=999999 rowspan=999999>a</td><td>b</td></tr></table>")
    assert isinstance(table, Table)
    assert table.width <= 61
