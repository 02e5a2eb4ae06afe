"""Sums settle what model and page differ about: they prove a cell, place columns, and spare totals that are right."""

import datetime as dt

import pytest
from test_grounding import collapse, model, put, swap, witness

from extraction.assembly import conclude
from extraction.grounding import ground
from extraction.page import LoadedFile
from schemas.result import Extraction, Flag, Judgement, Severity, Suggestion

TODAY = dt.date(2025, 6, 1)
PAYERS = ("nhi_amount", "self_pay_amount")


def concluded(reading, seen):
    """Return the extraction of a model's reading against what the page says."""
    extraction = Extraction(file="a.png", sha256="", page_count=1, readings=[reading])
    conclude(extraction, LoadedFile("a.png", "", "image/png", ()), {0: ground(reading, seen)}, TODAY)
    return extraction


def asking(extraction):
    """Return code → cells of the flags that ask for a look."""
    found = {}
    for flag in extraction.flags:
        if flag.severity is not Severity.INFO:
            found.setdefault(flag.code, set()).update(flag.paths)
    return found


def without_heads():
    """Return a witness that read every amount of the rows, but not whose they are."""
    seen = witness()
    for index, row in enumerate(seen.values["items"]):
        texts = [row.pop(cell) for cell in PAYERS]
        paths = [f"items.{index}.{cell}" for cell in PAYERS]
        seen.not_read += paths
        for path in paths:
            seen.evidence.pop(path)
        suggestions = tuple(Suggestion(path=path, value=text, source="ocr")
                            for text in texts if text != "0" for path in paths)  # fmt: skip
        seen.doubts.append(Flag(code="column_unsure", severity=Severity.ERROR, paths=tuple(paths),
                                suggestions=suggestions))  # fmt: skip
    seen.doubts.append(Flag(code="layout_unsure", severity=Severity.ERROR, paths=("items",)))
    return seen


@pytest.mark.parametrize("change", [swap, collapse, put("items.0.nhi_amount", "346"), lambda v: v["items"].pop(1),
                                    lambda v: v["items"].append(dict(v["items"][1]))])  # fmt: skip
def test_totals_that_both_read_are_not_named_where_rows_explain_the_sum(change):
    named = set().union(*asking(concluded(model(change), witness())).values())
    assert not named & {"nhi_total", "self_pay_total"}
    assert named


def test_a_wrong_total_is_named_and_the_right_ones_beside_it_are_not():
    named = asking(concluded(model(put("nhi_total", "767")), witness()))
    assert named == {"not_on_page": {"nhi_total"}, "line_sum_nhi": {"nhi_total", "items"}}


def test_a_cell_that_the_ocr_misread_is_proven_by_the_sum_and_asks_for_nothing():
    seen = witness()
    seen.values["items"][1]["nhi_amount"] = "42"
    seen.lines = [line.model_copy(update={"text": "42"}) if line.text == "412" else line for line in seen.lines]
    extraction = concluded(model(), seen)
    assert asking(extraction) == {}
    assert [flag.severity for flag in extraction.flags if flag.code == "not_on_page"] == [Severity.INFO]
    assert extraction.judgement("items.1.nhi_amount") is not Judgement.WRONG


def test_two_disputed_cells_of_one_sum_prove_nothing():
    seen = witness()
    misread = {"345": "34", "412": "42"}
    for index, text in enumerate(misread.values()):
        seen.values["items"][index]["nhi_amount"] = text
    seen.lines = [line.model_copy(update={"text": misread.get(line.text, line.text)}) for line in seen.lines]
    named = asking(concluded(model(), seen))["not_on_page"]
    assert named == {"items.0.nhi_amount", "items.1.nhi_amount"}


def test_amounts_that_stand_in_their_rows_are_proven_by_a_sum_that_the_columns_of_the_page_do_not_make():
    seen = witness()
    for row in seen.values["items"][:2]:
        row["nhi_amount"], row["self_pay_amount"] = row["self_pay_amount"], row["nhi_amount"]
    assert asking(concluded(model(), seen)) == {}


def test_amounts_that_a_model_put_one_row_lower_are_not_proven_by_their_sum():
    def shift(values):
        values["items"][1]["self_pay_amount"], values["items"][2]["self_pay_amount"] = "60", "150"

    named = asking(concluded(model(shift), witness()))
    assert named == {"not_on_page": {"items.1.self_pay_amount", "items.2.self_pay_amount"}}


def without_second_row():
    """Return a witness that has no second row, although it is on the page."""
    seen = witness()
    for cell in seen.values["items"].pop(1):
        seen.evidence[f"items.1.{cell}"] = seen.evidence.pop(f"items.2.{cell}")
    return seen


def test_where_a_row_that_the_witness_lacks_ends_under_the_columns_of_others_its_columns_are_known():
    seen = without_second_row()
    reading, swapped = model(), model(swap)
    for values in (seen.values, reading.values, swapped.values):
        values |= {"nhi_total": None, "self_pay_total": None}
    assert asking(concluded(reading, seen)) == {}
    assert asking(concluded(swapped, seen))["layout_unsure"] == {"items.1.nhi_amount", "items.1.self_pay_amount"}


def test_a_row_whose_columns_nobody_saw_is_in_doubt_beside_rows_that_are_clear():
    seen = without_second_row()
    assert asking(concluded(model(), seen)) == {}
    assert asking(concluded(model(swap), seen))["layout_unsure"] == {"items.1.nhi_amount", "items.1.self_pay_amount"}


def test_without_heads_sums_that_hold_place_the_columns():
    assert asking(concluded(model(), without_heads())) == {}


def test_without_heads_the_rows_that_alone_can_be_exchanged_are_named_with_their_exchange():
    extraction = concluded(model(swap), without_heads())
    (flag,) = [flag for flag in extraction.flags if flag.code == "layout_unsure"]
    assert [(one.path, one.value) for one in flag.suggestions] == [
        ("items.1.nhi_amount", "412"), ("items.1.self_pay_amount", "150")]  # fmt: skip
    assert set().union(*asking(extraction).values()) == {*flag.paths, "items"}


def test_without_heads_and_totals_every_amount_is_in_doubt():
    seen = without_heads()
    reading = model()
    for values in (seen.values, reading.values):
        values |= {"nhi_total": None, "self_pay_total": None}
    amounts = {f"items.{index}.{cell}" for index in range(3) for cell in PAYERS}
    assert asking(concluded(reading, seen))["layout_unsure"] == amounts


def test_without_heads_amounts_that_the_model_left_out_are_in_doubt():
    def empty(values):
        for row in values["items"]:
            row |= dict.fromkeys(PAYERS)

    named = asking(concluded(model(empty), without_heads()))
    assert "items.1.nhi_amount" in named["layout_unsure"]


def test_without_heads_a_dropped_row_is_missing_with_its_amounts_and_the_others_stay_placed():
    extraction = concluded(model(lambda values: values["items"].pop(1)), without_heads())
    (flag,) = [flag for flag in extraction.flags if flag.code == "row_missing"]
    assert flag.parameters["amounts"] == "412, 150"
    assert "layout_unsure" not in asking(extraction)


def test_without_heads_a_wrong_digit_is_offered_the_amount_of_the_page():
    extraction = concluded(model(put("items.1.nhi_amount", "413")), without_heads())
    (flag,) = [flag for flag in extraction.flags if flag.code == "not_on_page"]
    assert [one.value for one in flag.suggestions] == ["412"]
