"""Flags and checks of an office's rules leave the house in its own words."""

import io
import json

import openpyxl
import pytest

from review.export import ExportRow, write_workbook
from review.i18n import LANGUAGES, catalog
from review.json_lines import json_line
from schemas.medical_receipt import MedicalReceipt
from schemas.result import Check, Extraction, Flag, Severity, Words

WORDS = Words(title={"en": "Limit", "zh-Hant": "上限"}, text={"zh-Hant": "=超過 {self_pay_total} 元"})
EXTRACTION = Extraction(
    file="a.jpg", sha256="0" * 64, document_type="medical_receipt", document=MedicalReceipt(),
    flags=[Flag(code="office.cap", severity=Severity.WARNING, paths=("self_pay_total",),
                parameters={"self_pay_total": "150"}, words=WORDS)],
    checks=[Check(code="office.cap", outcome="failed", words=WORDS),
            Check(code="office.chart", outcome="cannot_check", reason="value_missing",
                  parameters={"cell": "chart_number"}, words=WORDS),
            Check(code="line_sum_nhi", outcome="cannot_check", reason="no_items")],
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_workbook_and_line_have_the_words_of_the_office(language):
    book = openpyxl.load_workbook(io.BytesIO(write_workbook([ExportRow(EXTRACTION)], language)))
    cells = [cell.value for row in book[catalog(language)("workbook.sheet.flags")] for cell in row]
    assert {"office.cap", WORDS.title[language], "=超過 150 元"} <= set(cells)
    told = json.loads(json_line(EXTRACTION, catalog(language)))
    assert [(flag["code"], flag["message"]) for flag in told["flags"]] == [("office.cap", "=超過 150 元")]


def test_checks_of_the_line_keep_their_form():
    told = json.loads(json_line(EXTRACTION, catalog("en")))
    assert told["checks"] == [
        {"code": "office.cap", "outcome": "failed"},
        {"code": "office.chart", "outcome": "cannot_check", "reason": "value_missing",
         "parameters": {"cell": "chart_number"}},
        {"code": "line_sum_nhi", "outcome": "cannot_check", "reason": "no_items"},
    ]  # fmt: skip


def test_words_are_kept_with_the_record():
    assert Extraction.model_validate_json(EXTRACTION.model_dump_json()) == EXTRACTION
