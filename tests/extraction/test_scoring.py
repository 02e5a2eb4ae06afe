from decimal import Decimal

import pytest

from extraction.scoring import align, covers, same, score
from schemas.medical_receipt import FeeItem, MedicalReceipt
from schemas.result import Extraction, Failure, Flag, Severity

TRUTH = {
    "hospital_name": "示範醫院",
    "nhi_total": "757",
    "items": [
        {"name": "診察費", "nhi_amount": "345", "self_pay_amount": "0"},
        {"name": "藥費", "nhi_amount": "412", "self_pay_amount": "150"},
    ],
}


def read(*items, flags=(), **fields):
    document = MedicalReceipt(**({"hospital_name": "示範醫院", "nhi_total": Decimal(757)} | fields), items=list(items))
    return Extraction(file="a", sha256="", document_type="medical_receipt", document=document, flags=list(flags))


def item(name, nhi=None, self_pay=None):
    return FeeItem(name=name, nhi_amount=nhi, self_pay_amount=self_pay)


GOOD = (item("診察費", "345"), item("藥費", "412", "150"))


def counts(*items, **more):
    return score(read(*items, **more), "medical_receipt", TRUTH).counts


def test_all_right_where_nothing_differs_but_order_spaces_and_zero():
    found = counts(GOOD[1], item("診 察 費", "345", "0"))
    assert (found["all_right"], found["lines_right"], found["lines"], found["header_right"]) == (1, 2, 2, 1)
    assert (found["wrong"], found["swaps"], found["false_flags"]) == (0, 0, 0)


def test_amount_under_the_other_column_is_a_swap():
    found = counts(item("診察費", None, "345"), GOOD[1])
    assert (found["swaps"], found["columns"], found["columns_right"], found["placed"]) == (1, 3, 2, 3)
    assert (found["wrong"], found["empty"], found["silent_wrong"]) == (1, 1, 1)


def test_wrong_value_without_a_flag_is_silent():
    found = counts(item("診察費", "845"), GOOD[1])
    assert (found["wrong"], found["silent_wrong"], found["all_right"]) == (1, 1, 0)


@pytest.mark.parametrize(
    "paths", [("items.0.nhi_amount",), ("items.0.name",), ("nhi_total", "items"), ("items.1.nhi_amount",), ()]
)
def test_flag_at_cell_row_column_or_document_tells_of_a_wrong_value(paths):
    flag = Flag(code="some", severity=Severity.ERROR, paths=paths)
    assert counts(item("診察費", "845"), GOOD[1], flags=[flag])["silent_wrong"] == 0


@pytest.mark.parametrize(
    ("severity", "paths"),
    [(Severity.INFO, ()), (Severity.ERROR, ("self_pay_total",)), (Severity.ERROR, ("items.1.self_pay_amount",))],
)
def test_flag_elsewhere_or_a_mere_note_does_not_tell(severity, paths):
    flag = Flag(code="some", severity=severity, paths=paths)
    assert counts(item("診察費", "845"), GOOD[1], flags=[flag])["silent_wrong"] == 1


def test_missing_row_leaves_its_cells_empty():
    found = counts(GOOD[0])
    assert (found["lines_right"], found["empty"], found["silent_empty"], found["wrong"]) == (1, 3, 3, 0)


def test_invented_row_is_wrong():
    found = counts(*GOOD, item("停車費", None, "60"))
    assert (found["extra_lines"], found["wrong"], found["all_right"]) == (1, 2, 0)


def test_flag_at_a_right_cell_is_false_and_the_review_needless():
    flag = Flag(code="some", severity=Severity.WARNING, paths=("nhi_total",))
    found = counts(*GOOD, flags=[flag])
    assert (found["false_flags"], found["needless_review"], found["all_right"]) == (1, 1, 1)


def test_document_that_was_not_read_misses_everything_but_not_in_silence():
    extraction = Extraction(file="a", sha256="", error=Failure(code="empty_file"))
    found = score(extraction, "medical_receipt", TRUTH).counts
    assert (found["failed"], found["empty"], found["silent_empty"], found["all_right"]) == (1, 7, 0, 0)


def test_document_read_as_another_type_has_nothing_right():
    found = score(read(*GOOD), "invoice", {"total_amount": "105"}).counts
    assert (found["wrong_type"], found["totals_right"], found["silent_empty"]) == (1, 0, 1)


def test_rows_pair_by_name_and_amounts_not_by_place():
    wanted = [{"name": "藥費", "nhi_amount": Decimal(5)}, {"name": "藥費", "nhi_amount": Decimal(7)}]
    assert align(wanted, [item("藥費", "7"), item("藥費", "5")]) == {0: 1, 1: 0}
    assert align(wanted, [item("停車費", "60")]) == {}


def test_equal_rows_pair_in_order():
    wanted = [{"name": "藥費", "nhi_amount": Decimal(5)}] * 2
    assert align(wanted, [item("藥費", "5"), item("藥費", "5")]) == {0: 0, 1: 1}


def test_nothing_and_zero_are_the_same_but_nothing_and_text_are_not():
    assert same(None, Decimal(0))
    assert not same(None, "0")
    assert not same(Decimal(1), None)


def test_flag_names_a_cell_only_by_its_path():
    flag = Flag(code="some", severity=Severity.ERROR, paths=("items.0.name",))
    assert covers(flag, "items.0.name") == (True, True)
    assert covers(flag, "items.0.nhi_amount") == (True, False)
    assert covers(flag, "items.1.nhi_amount") == (False, False)


def test_line_that_is_not_right_is_silent_until_a_flag_stands_at_it():
    assert counts(item("診察費", "845"), GOOD[1])["silent_lines"] == 1
    assert counts(GOOD[0])["silent_lines"] == 1
    flag = Flag(code="some", severity=Severity.ERROR, paths=("items.0.name",))
    assert counts(item("診察費", "845"), GOOD[1], flags=[flag])["silent_lines"] == 0
    assert counts(*GOOD)["silent_lines"] == 0


@pytest.mark.parametrize(
    ("amount", "flagged", "right"), [(None, True, 1), (None, False, 0), ("345", True, 0), ("345", False, 0)]
)
def test_table_that_does_not_say_who_pays_is_left_empty_with_a_flag(amount, flagged, right):
    truth = {"items": [{"name": "診察費", "nhi_amount": None, "self_pay_amount": None}]}
    flags = [Flag(code="not_read", severity=Severity.WARNING, paths=("items.0.nhi_amount",))] if flagged else []
    found = score(read(item("診察費", amount), flags=flags), "medical_receipt", truth, headless=True).counts
    assert (found["headless_right"], found["headless"]) == (right, 1)
