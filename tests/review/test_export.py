import datetime as dt
import io
import json
import zipfile
from decimal import Decimal

import openpyxl
import pytest

from review.export import ExportRow, write_workbook
from review.i18n import LANGUAGES, catalog
from review.json_lines import json_line
from review.sheets import MAX_CELL
from schemas.document import cells_of
from schemas.invoice import Invoice, InvoiceItem
from schemas.layout import BoundingBox
from schemas.medical_receipt import Copayment, FeeItem, MedicalReceipt
from schemas.result import (
    Attempt,
    CellState,
    Check,
    Evidence,
    Extraction,
    Failure,
    Flag,
    Reading,
    Severity,
    Suggestion,
)


def receipt(**fields):
    values = {
        "hospital_name": "示範醫院",
        "patient_name": "王小明",
        "visit_date": dt.date(2025, 5, 21),
        "chart_number": "00123",
        "nhi_total": Decimal(757),
        "items": [
            FeeItem(name="診察費", nhi_amount=Decimal(345), self_pay_amount=Decimal(0)),
            FeeItem(name="藥費", nhi_amount=None, self_pay_amount=Decimal("1200.5")),
        ],
    }
    return Extraction(
        file="a.jpg",
        sha256="0" * 64,
        page_count=1,
        document_type="medical_receipt",
        document=MedicalReceipt(**(values | fields)),
        states={"items.0.self_pay_amount": CellState.ZERO, "items.1.nhi_amount": CellState.BLANK},
        readings=[Reading(reader="local", document_type="medical_receipt", attempts=[Attempt(seconds=1.25)])],
        seconds=1.25,
    )


def invoice(**fields):
    values = {"invoice_number": "AB12345678", "total_amount": Decimal(105), "items": [InvoiceItem(description="紗布")]}
    return Extraction(file="b.jpg", sha256="1" * 64, page_count=1, document_type="invoice",
                      document=Invoice(**(values | fields)))  # fmt: skip


def failure():
    return Extraction(file="c.pdf", sha256="2" * 64, error=Failure(code="encrypted_pdf"))


def opened(*extractions, language="en"):
    rows = [row if isinstance(row, ExportRow) else ExportRow(row) for row in extractions]
    return openpyxl.load_workbook(io.BytesIO(write_workbook(rows, language)))


def cell(book, sheet, header, row=2):
    heads = {head.value: head.column for head in book[sheet][1]}
    return book[sheet].cell(row, heads[header])


def test_workbook_has_the_promised_sheets():
    assert opened(receipt()).sheetnames == ["Receipts", "Items", "Invoices", "Invoice items", "Flags", "About"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_the_schemas_has_its_column(language):
    book, texts = opened(receipt(), invoice(), language=language), catalog(language)
    for document_type, model, number in (("medical_receipt", MedicalReceipt, 0), ("invoice", Invoice, 2)):
        heads = [head.value for head in book.worksheets[number][1]]
        for name in cells_of(model):
            label = texts(f"field.{document_type}.{name}")
            assert any(head.startswith(label) for head in heads), label


def test_dates_numbers_and_codes_have_their_own_types():
    book = opened(receipt())
    date = cell(book, "Receipts", "Visit date")
    assert date.is_date
    assert date.value == dt.datetime(2025, 5, 21)
    assert date.number_format == "yyyy-mm-dd"
    points = cell(book, "Receipts", "NHI total (points)")
    assert (points.value, points.data_type, points.number_format) == (757, "n", "#,##0")
    assert cell(book, "Items", "Self-pay (NT$)", 3).value == 1200.5
    chart = cell(book, "Receipts", "Chart no.")
    assert (chart.value, chart.data_type, chart.number_format) == ("00123", "s", "@")


def test_date_that_excel_cannot_hold_is_written_as_text():
    assert cell(opened(receipt(birth_date=dt.date(1899, 12, 31))), "Receipts", "Birth date").value == "1899-12-31"


def test_number_longer_than_excel_can_hold_keeps_its_digits():
    extraction = receipt()
    extraction.document.nhi_total = Decimal("12345678901234567")  # past the parsers, as the worst reader could
    book = opened(extraction)
    assert cell(book, "Receipts", "NHI total (points)").value == "12345678901234567"


def test_blank_zero_unreadable_and_not_read_are_four_things():
    extraction = receipt(
        items=[FeeItem(name="藥費", self_pay_amount=Decimal(0)), FeeItem(name="診察費", nhi_amount=Decimal(5))]
    )
    extraction.states = {
        "items.0.nhi_amount": CellState.UNREADABLE,
        "items.0.self_pay_amount": CellState.ZERO,
        "items.1.self_pay_amount": CellState.BLANK,
        "items.1.copayment_amount": CellState.NOT_READ,
    }
    extraction.unparsed = {"items.0.nhi_amount": "4?2"}
    book = opened(extraction)
    unreadable, zero = cell(book, "Items", "NHI points"), cell(book, "Items", "Self-pay (NT$)")
    blank, not_read = cell(book, "Items", "Self-pay (NT$)", 3), cell(book, "Items", "Copayment (NT$)", 3)
    assert [c.value for c in (unreadable, zero, blank, not_read)] == ["?", 0, None, "not read"]
    assert "4?2" in unreadable.comment.text
    assert unreadable.fill.fill_type == not_read.fill.fill_type == "lightUp"
    assert blank.fill.fill_type is None
    assert blank.comment is None


def test_flagged_cell_has_colour_and_reason():
    extraction = receipt()
    extraction.flags = [
        Flag(code="unknown_code", severity=Severity.WARNING, paths=("nhi_total",)),
        Flag(code="other_code", severity=Severity.ERROR, paths=("nhi_total", "items.1.name")),
        Flag(code="note", severity=Severity.INFO, paths=("chart_number",)),
    ]
    book = opened(extraction)
    total = cell(book, "Receipts", "NHI total (points)")
    assert total.fill.start_color.rgb.endswith("F8C9C4")
    assert "other_code" in total.comment.text
    assert "unknown_code" in total.comment.text
    assert cell(book, "Receipts", "Open flags").value == 2
    assert [cell(book, "Items", "Open flags", row).value for row in (2, 3)] == [0, 1]
    assert [row[-1].value for row in book["Flags"].iter_rows(min_row=2)] == ["unknown_code", "other_code", "note"]


def test_settled_flag_of_a_record_is_not_shown_as_open():
    extraction = receipt()
    extraction.flags = [Flag(code="some_code", severity=Severity.ERROR, paths=("nhi_total",))]
    book = opened(ExportRow(extraction, record_id="r1", status="approved", flags=()))
    assert cell(book, "Receipts", "Open flags").value == 0
    assert cell(book, "Receipts", "Record").value == "r1"
    assert cell(book, "Receipts", "Status").value == "Approved"
    assert cell(book, "Receipts", "NHI total (points)").comment is None


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "#N/A", "＝1+1"])
def test_text_that_looks_like_a_formula_stays_text(text):
    extraction = receipt(items=[FeeItem()])
    for owner, name in ((extraction.document, "hospital_name"), (extraction.document, "chart_number"),
                        (extraction.document.items[0], "name")):  # fmt: skip
        setattr(owner, name, text)  # past the parsers, as the worst reader could
    data = write_workbook([ExportRow(extraction)], "en")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not any(b"<f>" in archive.read(name) or b"<f " in archive.read(name) for name in archive.namelist()
                       if name.startswith("xl/worksheets/"))  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(data))
    for sheet, header in (("Receipts", "Hospital"), ("Receipts", "Chart no."), ("Items", "Name")):
        found = cell(book, sheet, header)
        assert found.data_type == "s"
        assert found.value.strip() == text.strip()
        assert found.quotePrefix == (text[0] not in "#")


def test_text_that_no_file_may_hold_is_cleaned_and_cut():
    book = opened(receipt(hospital_name="王\x00小\x1b明\ud800", notes="長" * 40_000))
    assert cell(book, "Receipts", "Hospital").value == "王小明"
    assert len(cell(book, "Receipts", "Notes").value) == MAX_CELL


def test_sheets_are_tied_by_number_and_file():
    book = opened(failure(), receipt(), invoice())
    keys = {sheet.title: [(row[0].value, row[1].value) for row in sheet.iter_rows(min_row=2)] for sheet in book}
    assert keys["Receipts"] == [(2, "a.jpg")]
    assert keys["Items"] == [(2, "a.jpg")] * 2
    assert keys["Invoices"] == keys["Invoice items"] == [(3, "b.jpg")]
    assert keys["Flags"] == [(1, "c.pdf")]


def test_document_that_was_not_read_is_named_with_its_cause():
    book = opened(failure())
    assert cell(book, "Flags", "Code").value == "encrypted_pdf"
    assert "password" in cell(book, "Flags", "Why").value
    assert [row[1].value for row in book["About"] if row[0].value == "Not read"] == [1]


def test_head_is_frozen_and_filtered_and_columns_fit():
    book = opened(receipt(hospital_name="財團法人示範醫院附設民眾診療服務處"))
    for sheet in book.worksheets[:5]:
        assert sheet.freeze_panes == "C2"
        assert sheet.auto_filter.ref.startswith("A1:")
    hospital = cell(book, "Receipts", "Hospital").column_letter
    assert 34 <= book["Receipts"].column_dimensions[hospital].width <= 48
    assert "Record" not in [head.value for head in book["Receipts"][1]], "a column without any value is left out"


def test_columns_of_the_two_payers_differ_at_a_glance():
    heads = {head.value: head.fill.start_color.rgb for head in opened(receipt())["Items"][1]}
    assert len({heads["NHI points"], heads["Self-pay (NT$)"], heads["Copayment (NT$)"], heads["Name"]}) == 4


def test_copayment_lines_stand_in_one_cell_of_the_receipt():
    book = opened(receipt(copayments=[Copayment(name="基本", amount=Decimal(50)), Copayment(name="藥品")]))
    assert cell(book, "Receipts", "Copayment").value == "基本 50; 藥品"


def test_empty_workbook_opens():
    assert opened().sheetnames[0] == "Receipts"


# -- the JSON line ---------------------------------------------------------------------------------------------------


def test_json_line_keeps_the_contract():
    extraction = receipt()
    extraction.evidence = {"nhi_total": [Evidence(page=0, box=BoundingBox(0.310041, 0.42, 0.36, 0.44), text="757")]}
    suggestion = Suggestion(path="nhi_total", value="345", source="rule")
    extraction.flags = [Flag(code="some_code", severity=Severity.ERROR, paths=("nhi_total", "items"),
                             suggestions=(suggestion,))]  # fmt: skip
    extraction.checks = [Check(code="line_sum_nhi", outcome="passed"),
                         Check(code="words", outcome="cannot_check", reason="no_amount_in_words")]  # fmt: skip
    line = json_line(extraction, catalog("en"))
    assert "\n" not in line
    data = json.loads(line)
    assert list(data) == ["file", "sha256", "pages", "document_type", "document", "states", "evidence", "flags",
                          "judgements", "checks", "readings", "seconds", "error"]  # fmt: skip
    assert data["document"]["visit_date"] == "2025-05-21"
    assert data["document"]["items"][1] == {"name": "藥費", "nhi_amount": None, "copayment_amount": None,
                                            "self_pay_amount": "1200.5"}  # fmt: skip
    assert data["states"] == {"items.0.self_pay_amount": "zero", "items.1.nhi_amount": "blank"}
    assert data["evidence"]["nhi_total"] == [{"page": 0, "box": [0.31, 0.42, 0.36, 0.44], "text": "757",
                                              "match": "exact"}]  # fmt: skip
    flag = data["flags"][0]
    assert list(flag) == ["code", "severity", "paths", "message", "suggestions"]
    assert (flag["severity"], flag["paths"]) == ("error", ["nhi_total", "items"])
    assert data["checks"] == [{"code": "line_sum_nhi", "outcome": "passed"},
                              {"code": "words", "outcome": "cannot_check", "reason": "no_amount_in_words"}]  # fmt: skip
    assert data["readings"] == [{"reader": "local", "model": None, "attempts": [{"cause": None, "seconds": 1.25}],
                                 "prompt": None}]  # fmt: skip
    assert data["error"] is None


def test_json_line_can_be_read_back_as_a_document():
    data = json.loads(json_line(receipt(), catalog("en")))
    again = MedicalReceipt.model_validate(data["document"])
    assert again == receipt().document


def test_failed_document_has_a_code_and_a_message_in_its_line():
    data = json.loads(json_line(failure(), catalog("zh-Hant")))
    assert data["document"] is None
    assert data["error"]["code"] == "encrypted_pdf"
    assert "密碼" in data["error"]["message"]


def test_line_of_a_record_says_which_and_where_it_stands():
    data = json.loads(json_line(ExportRow(receipt(), record_id="r1", status="approved"), catalog("en")))
    assert (data["id"], data["status"]) == ("r1", "approved")
