"""Rows moved, split and taken together: as steps that are undone, told, and made again on a new reading."""

import pytest
from stored_work import receipt

from review.corrections import Cell
from review.rows import joined, merged_cells
from review.workflow import RowChange
from schemas.layout import BoundingBox
from schemas.result import CellState, Evidence, Flag, Severity, Suggestion
from schemas.values import ValueKind

TWO = [
    {"name": "藥", "nhi_amount": "412", "self_pay_amount": None},
    {"name": "費", "nhi_amount": None, "self_pay_amount": "150"},
]


def row(record, number):
    item = record.extraction.document.items[number]
    return item.name, item.nhi_amount, item.self_pay_amount


def rearranged(work, record, action, line="items", number=0, **more):
    return work.workspace.rearrange(record.id, record.version, RowChange(action, line, number, **more), "ann")


def names(record):
    return [item.name for item in record.extraction.document.items]


def three(work):
    return work.open_one(receipt(items=[{"name": name, "nhi_amount": "10"} for name in ("甲", "乙", "丙")]))


def test_moved_row_takes_all_that_is_said_of_it_along_and_goes_back(work):
    record = three(work)
    record = work.correct(record, items__2__nhi_amount="7")
    record = rearranged(work, record, "move_row", number=2, to=0)
    assert names(record) == ["丙", "甲", "乙"]
    assert record.corrected["items.0.nhi_amount"] == "10"
    assert record.history[-1].action == "move_row"
    assert names(work.workspace.undo(record.id, "ann")) == ["甲", "乙", "丙"]
    assert names(work.workspace.redo(record.id, "ann")) == ["丙", "甲", "乙"]


def test_merged_rows_join_their_names_and_keep_each_amount_in_its_column(work):
    record = work.open_one(receipt(items=TWO))
    record = rearranged(work, record, "merge_rows", number=1, other=0)
    assert (len(names(record)), row(record, 0)) == (1, ("藥費", 412, 150))
    assert record.history[-1].details["changes"][0]["before"][1]["name"] == "費"
    record = work.workspace.undo(record.id, "ann")
    assert [row(record, number) for number in (0, 1)] == [("藥", 412, None), ("費", None, 150)]


CELL = {"一百": Cell(value="100", state=CellState.VALUE), "五十": Cell(value="50", state=CellState.VALUE),
        "空": Cell(), "零": Cell(value="0", state=CellState.ZERO), "?": Cell(state=CellState.UNREADABLE),
        "漏": Cell(state=CellState.NOT_READ)}  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "value", "state", "unparsed"),
    [
        ("一百", "五十", "150", CellState.VALUE, None),
        ("一百", "一百", "200", CellState.VALUE, None),
        ("一百", "空", "100", CellState.VALUE, None),
        ("空", "五十", "50", CellState.VALUE, None),
        ("零", "零", "0", CellState.ZERO, None),
        ("空", "空", None, CellState.BLANK, None),
        ("漏", "空", None, CellState.NOT_READ, None),
        ("漏", "漏", None, CellState.NOT_READ, None),
        ("一百", "漏", None, CellState.UNREADABLE, "100 + ?"),
        ("?", "五十", None, CellState.UNREADABLE, "? + 50"),
    ],
)
def test_sum_of_two_amounts_is_known_only_where_both_are(first, second, value, state, unparsed):
    kinds = {"self_pay_amount": ValueKind.AMOUNT}
    found = merged_cells({"self_pay_amount": CELL[first]}, {"self_pay_amount": CELL[second]}, kinds)
    assert found["self_pay_amount"] == Cell(value=value, state=state, unparsed=unparsed)


def test_prices_are_never_added_and_pieces_only_of_one_price():
    kinds = {"quantity": ValueKind.QUANTITY, "unit_price": ValueKind.AMOUNT, "amount": ValueKind.AMOUNT}

    def goods(quantity, price, amount):
        values = zip(kinds, (quantity, price, amount), strict=True)
        return {name: Cell(value=value, state=CellState.VALUE) for name, value in values}

    same = merged_cells(goods("1", "50", "50"), goods("2", "50", "100"), kinds)
    assert [same[name].value for name in kinds] == ["3", "50", "150"]
    other = merged_cells(goods("1", "50", "50"), goods("2", "20", "40"), kinds)
    assert [other[name].text for name in kinds] == ["1 / 2", "50 / 20", "90"]
    assert other["unit_price"].state is CellState.UNREADABLE


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [("藥", "費", "藥費"), ("X", "Ray", "X Ray"), ("藥費", "藥費", "藥費"), ("CT", "檢查", "CT檢查")],
)
def test_names_of_two_lines_are_joined_as_they_are_printed(first, second, name):
    assert joined(first, second) == name


def test_doubt_about_a_merged_amount_stays(work):
    record = work.open_one(receipt(items=TWO))
    draft_doubt = Flag(code="not_on_page", severity=Severity.ERROR, paths=("items.1.self_pay_amount",))
    from review.corrections import Draft, Step
    from review.rows import rearrange

    base = record.extraction.model_copy(update={"flags": [draft_doubt]})
    base.evidence["items.1.self_pay_amount"] = [Evidence(page=0, box=(0, 0, 1, 1), text="150")]
    draft = Draft(base)
    (made,) = rearrange(draft, RowChange("merge_rows", "items", 0, other=1))
    after = draft.check()
    assert ("items.0.self_pay_amount",) in [flag.paths for flag in after.flags if flag.code == "not_on_page"]
    assert "items.0.self_pay_amount" not in draft.corrected
    assert after.evidence["items.0.self_pay_amount"][0].text == "150"
    again = Draft(base).apply([Step("merge_rows", made.path, made.after)]).check()
    assert again.document == after.document


def test_split_row_is_divided_as_the_person_typed_it(work):
    record = work.open_one(receipt(items=[{"name": "藥費檢查費", "nhi_amount": "562", "self_pay_amount": "0"}]))
    parts = ({"name": "藥費", "nhi_amount": "412", "self_pay_amount": "0"}, {"name": "檢查費", "nhi_amount": "1,50x"})
    record = rearranged(work, record, "split_row", parts=parts)
    assert row(record, 0) == ("藥費", 412, 0)
    assert row(record, 1) == ("檢查費", None, None)
    assert record.extraction.unparsed["items.1.nhi_amount"] == "1,50x", "kept and explained as typed"
    assert record.extraction.state("items.0.self_pay_amount") is CellState.ZERO
    assert "items.0.self_pay_amount" not in record.corrected, "what was not divided is not a person's word"
    assert row(work.workspace.undo(record.id, "ann"), 0) == ("藥費檢查費", 562, 0)


@pytest.mark.parametrize(
    "wanted",
    [
        RowChange("move_row", "items", 0, to=9),
        RowChange("merge_rows", "items", 2, other=3),
        RowChange("merge_rows", "items", 0, other=2),
        RowChange("move_row", "lines", 0, to=1),
        RowChange("split_row", "items", 0),
    ],
)
def test_row_that_is_not_there_is_refused(work, wanted):
    record = three(work)
    with pytest.raises(KeyError):
        work.workspace.rearrange(record.id, record.version, wanted, "ann")


def again(work, record, *items):
    work.workspace.read_again(record.id, ("fake",), user="ann")
    work.read(receipt(items=list(items)))
    return work.workspace.record(record.id)


def lost(record):
    return [each.flag.parameters["causes"] for each in record.flags if each.flag.code == "rows_lost"]


def items(*values):
    return [{"name": name, "nhi_amount": amount} for name, amount in values]


def test_rows_are_moved_merged_and_split_again_on_a_new_reading(work):
    first = items(("甲", "10"), ("乙丙", "30"), ("丁", "5"), ("戊", "6"))
    record = work.open_one(receipt(items=first))
    record = rearranged(work, record, "move_row", number=3, to=0)  # 戊 甲 乙丙 丁
    parts = ({"name": "乙", "nhi_amount": "10"}, {"name": "丙", "nhi_amount": "20"})
    record = rearranged(work, record, "split_row", number=2, parts=parts)  # 戊 甲 乙 丙 丁
    record = rearranged(work, record, "merge_rows", number=0, other=1)  # 戊甲 乙 丙 丁
    assert names(record) == ["戊甲", "乙", "丙", "丁"]
    record = again(work, record, {"name": "零", "nhi_amount": "1"}, *first)
    assert names(record) == ["零", "戊甲", "乙", "丙", "丁"] or names(record) == ["戊甲", "零", "乙", "丙", "丁"]
    assert not lost(record)
    assert [item.nhi_amount for item in record.extraction.document.items if item.name in ("戊甲", "丙")] == [16, 20]


def test_new_reading_that_has_the_rows_as_the_person_made_them_needs_nothing(work):
    record = work.open_one(receipt(items=items(("乙丙", "30"), ("丁", "5"), ("戊", "6"))))
    parts = ({"name": "乙", "nhi_amount": "10"}, {"name": "丙", "nhi_amount": "20"})
    record = rearranged(work, record, "split_row", number=0, parts=parts)
    record = rearranged(work, record, "merge_rows", number=2, other=3)
    record = again(work, record, *items(("乙", "10"), ("丙", "20"), ("丁戊", "11")))
    assert names(record) == ["乙", "丙", "丁戊"]
    assert not lost(record)


def test_change_of_rows_that_finds_no_place_is_told(work):
    record = work.open_one(receipt(items=items(("乙丙", "30"), ("丁", "5"), ("戊", "6"))))
    parts = ({"name": "乙", "nhi_amount": "10"}, {"name": "丙", "nhi_amount": "20"})
    record = rearranged(work, record, "split_row", number=0, parts=parts)
    record = rearranged(work, record, "merge_rows", number=2, other=3)
    record = rearranged(work, record, "move_row", number=0, to=1)
    record = again(work, record, *items(("庚", "99"), ("丁", "5"), ("辛", "6"), ("壬", "7")))
    assert set(lost(record)) == {"split_row", "merge_rows", "move_row"}
    assert names(record) == ["庚", "丁", "辛", "壬"]


def missing(at, *, evidence=()):
    values = {"name": "檢查費", "nhi_amount": "200"}
    suggestions = tuple(Suggestion(path=f"items.{at}.{name}", value=value, source="ocr", evidence=evidence)
                        for name, value in values.items())  # fmt: skip
    facts = {"name": "檢查費", "amounts": "200", "source": "ocr", "line": "items", "index": str(at)}
    return Flag(code="row_missing", severity=Severity.WARNING, paths=("items",), parameters=facts,
                suggestions=suggestions)  # fmt: skip


def doubted(work, *flags, rows=TWO):
    reading = receipt(items=rows)
    return work.open_one(reading.model_copy(update={"doubts": list(flags)}))


def key_of(record):
    return next(each.key for each in record.flags if each.flag.code == "row_missing")


def test_missing_row_is_put_in_between_and_taken_out_again_in_one_step(work):
    place = Evidence(page=0, box=BoundingBox(0.1, 0.2, 0.3, 0.4), text="檢查費")
    record = doubted(work, missing(1, evidence=(place,)))
    record = work.workspace.insert_missing(record.id, record.version, key_of(record), "ann")
    assert [row(record, number) for number in range(3)] == [
        ("藥", 412, None), ("檢查費", 200, None), ("費", None, 150)]  # fmt: skip
    assert "row_missing" not in {each.flag.code for each in record.flags}
    assert record.extraction.evidence["items.1.name"][0].text == "檢查費"
    record = work.workspace.undo(record.id, "ann")
    assert names(record) == ["藥", "費"]
    assert "row_missing" in {each.flag.code for each in record.flags}
    with pytest.raises(KeyError):
        work.workspace.insert_missing(record.id, record.version, "row_missing-0", "ann")


def test_row_that_was_put_in_is_kept_on_a_new_reading_that_still_lacks_it(work):
    record = doubted(work, missing(1))
    record = work.workspace.insert_missing(record.id, record.version, key_of(record), "ann")
    assert names(again(work, record, *TWO)) == ["藥", "檢查費", "費"]
    record = work.workspace.record(record.id)
    assert names(again(work, record, TWO[0], {"name": "檢查費", "nhi_amount": "200"}, TWO[1])) == ["藥", "檢查費", "費"]
