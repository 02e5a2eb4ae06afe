"""Dates, identifiers, names and the state of cells."""

import pytest
from papers import RECEIPT, changed, checks_of, flags_of, invoice_flags, reading, receipt_flags

from extraction.validation.vocabulary import judge_fee_name
from schemas.result import Severity

# -- cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["hospital_name", "patient_name", "visit_date", "items.0.name"])
def test_required_cell_that_is_empty_is_flagged(path):
    (flag,) = receipt_flags(**{path.replace(".", "__"): None})["required_missing"]
    assert flag.paths == (path,)
    assert flag.severity is Severity.ERROR


def test_receipt_without_lines_is_flagged():
    assert receipt_flags(items=[])["required_missing"][0].paths == ("items",)


def test_cell_that_was_seen_but_not_made_out_is_not_missing():
    found = receipt_flags(patient_name="?")
    assert set(found) == {"unreadable"}
    found = flags_of(reading(changed(RECEIPT, {"patient_name": None}), not_read=("patient_name",)))
    assert set(found) == {"not_read"}


def test_missing_visit_date_is_suggested_from_the_admission():
    (flag,) = receipt_flags(visit_date=None, admission_date="114/05/20")["required_missing"]
    assert [(s.path, s.value) for s in flag.suggestions] == [("visit_date", "2025-05-20")]


def test_shop_receipt_abroad_may_lack_a_number():
    (flag,) = invoice_flags(invoice_number=None, currency="USD")["required_missing"]
    assert flag.severity is Severity.WARNING
    (flag,) = invoice_flags(invoice_number=None)["required_missing"]
    assert flag.severity is Severity.ERROR


def test_unreadable_cell_shows_what_was_read():
    (flag,) = receipt_flags(items__0__nhi_amount="3?5")["unreadable"]
    assert (flag.paths, flag.parameters) == (("items.0.nhi_amount",), {"printed": "3?5"})
    assert flag.severity is Severity.ERROR


def test_text_with_a_gap_is_doubted_and_a_question_is_not():
    assert receipt_flags(patient_name="王?明")["unreadable"][0].severity is Severity.WARNING
    assert receipt_flags(notes="Any questions?") == {}


# -- dates -----------------------------------------------------------------------------------------------------------


def test_date_that_does_not_exist_is_flagged_once():
    found = receipt_flags(issue_date="114/02/30")
    assert set(found) == {"date_invalid"}
    assert found["date_invalid"][0].parameters == {"printed": "114/02/30"}


def test_date_with_a_missing_digit_is_unreadable():
    assert set(receipt_flags(issue_date="114/0?/21")) == {"unreadable"}


def test_ambiguous_date_is_offered_both_ways():
    (flag,) = invoice_flags(issue_date="05/06/2025", period=None)["date_invalid"]
    assert [s.value for s in flag.suggestions] == ["2025-06-05", "2025-05-06"]


def test_date_that_has_not_come_is_flagged():
    assert set(receipt_flags(issue_date="115/03/02")) == set()
    assert set(receipt_flags(issue_date="115/03/03")) == {"date_future"}


def test_lost_digit_of_a_roc_year_is_doubted_but_not_at_a_birth():
    assert set(receipt_flags(visit_date="14/05/21", birth_date=None)) == {"date_old"}
    assert receipt_flags(birth_date="14/05/21") == {}


@pytest.mark.parametrize(("changes", "paths", "severity"), [
    ({"birth_date": "115/01/01"}, ("birth_date", "visit_date"), Severity.ERROR),
    ({"admission_date": "114/05/21", "discharge_date": "114/05/20", "visit_date": "114/05/20"},
     ("admission_date", "discharge_date"), Severity.ERROR),
    ({"issue_date": "114/05/20"}, ("visit_date", "issue_date"), Severity.WARNING),
])  # fmt: skip
def test_dates_in_the_wrong_order_are_flagged(changes, paths, severity):
    (flag,) = receipt_flags(**changes)["date_order"]
    assert (flag.paths, flag.severity) == (paths, severity)


def test_stay_of_years_is_doubted():
    found = receipt_flags(visit_date="112/05/21", admission_date="112/05/21", discharge_date="114/05/21")
    assert found["long_stay"][0].parameters == {"days": "731"}


# -- identifiers -----------------------------------------------------------------------------------------------------


def test_masked_national_id_cannot_be_checked():
    for printed in ("A12****789", "E121○○○289", "K247947***"):
        seen = reading(changed(RECEIPT, {"national_id": printed}))
        assert (checks_of(seen)["national_id_checksum"].reason, flags_of(seen)) == ("masked", {})


def test_wrong_digit_of_a_national_id_is_flagged_and_a_passport_doubted():
    assert receipt_flags(national_id="A123456788")["national_id_checksum"][0].severity is Severity.ERROR
    assert receipt_flags(national_id="A12345678O")["national_id_checksum"][0].severity is Severity.WARNING
    assert receipt_flags(national_id="310293847")["national_id_checksum"][0].severity is Severity.WARNING


def test_other_reading_of_a_number_is_suggested_where_it_holds():
    seen = reading(changed(RECEIPT, {"national_id": "A123456788"}), evidence={"national_id": "A123456789"})
    (flag,) = flags_of(seen)["national_id_checksum"]
    assert [(s.value, s.source) for s in flag.suggestions] == [("A123456789", "ocr")]


def test_hospital_code_that_fails_is_only_doubted_and_the_listed_one_suggested():

    found = receipt_flags(hospital_code="0401180015", hospital_name="國立臺灣大學醫學院附設醫院")
    (flag,) = found["hospital_code_checksum"]
    assert flag.severity is Severity.WARNING
    assert [(s.value, s.source) for s in flag.suggestions] == [("0401180014", "lexicon")]


def test_wrong_digit_of_a_tax_id_is_flagged():
    (flag,) = invoice_flags(seller_tax_id="04595258")["tax_id_checksum"]
    assert flag.severity is Severity.ERROR
    assert "tax_id_checksum" not in invoice_flags(seller_tax_id="DE123456789", currency="EUR")


def test_form_of_an_invoice_number():
    (flag,) = invoice_flags(invoice_number="A812345678")["invoice_number_format"]
    assert flag.severity is Severity.ERROR
    assert "invoice_number_format" not in invoice_flags(invoice_number="INV-100", invoice_kind="commercial")


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "verdict"), [
    ("藥費", ("known", None)), ("掛 號 費", ("known", None)), ("基本部份負擔", ("known", None)),
    ("証明書費", ("known", None)),
    ("自費檢查費", ("known", None)), ("病房費(雙人房3天)", ("known", None)), ("Registration Fee", ("known", None)),
    ("樂費", ("near", "藥費")), ("藥事服務廣", ("near", "藥事服務費")), ("掛號賣", ("near", "掛號費")),
    ("樂品費", ("near", "藥品費")),
    ("皮膚雷射治療費", ("compound", None)), ("怪東西", ("unknown", None)), ("", ("unknown", None)),
])  # fmt: skip
def test_fee_name_against_the_lexicon(name, verdict):
    assert judge_fee_name(name) == verdict


def test_misread_fee_name_is_doubted_with_the_name_meant():
    (flag,) = receipt_flags(items__1__name="樂費")["unknown_fee_item"]
    assert flag.severity is Severity.WARNING
    assert [(s.path, s.value, s.source) for s in flag.suggestions] == [("items.1.name", "藥費", "lexicon")]


@pytest.mark.parametrize("name", ["合計", "小計", "點數合計", "應繳金額", "實收金額", "自費合計"])
def test_total_among_the_lines_is_doubted_once(name):
    found = receipt_flags(items__2__name=name)
    assert set(found) == {"total_as_item"}


def test_misread_name_of_a_listed_hospital_is_doubted():
    (flag,) = receipt_flags(hospital_name="國泰綜合醬院")["hospital_name_misread"]
    assert [s.value for s in flag.suggestions] == ["國泰綜合醫院"]
    seen = reading(changed(RECEIPT, {"hospital_name": "示範診所"}))
    assert checks_of(seen)["hospital_name_misread"].reason == "hospital_not_listed"
