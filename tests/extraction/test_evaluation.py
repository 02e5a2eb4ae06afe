import datetime as dt
import json
from decimal import Decimal

import pytest

from extraction.evaluation import Label, evaluate, judge, read_labels
from review.i18n import LANGUAGES, catalog
from review.scoreboard import show_evaluation
from schemas.invoice import Invoice
from schemas.medical_receipt import FeeItem, MedicalReceipt
from schemas.result import Extraction, Failure

MADE_UP = {"file": "A00_clean.png", "level": "clean", "document_type": "medical_receipt", "layout": "A",
           "document": {"hospital_name": "示範醫院", "visit_date": "2021-04-25", "nhi_total": "345",
                        "items": [{"name": "診察費", "nhi_amount": "345", "self_pay_amount": "0"}]}}  # fmt: skip
REAL = {"id": "x", "file": "files/r.jpg", "doc_type": "receipt_photo", "lang": "zh-HK",
        "fields": {"merchant": "茶餐廳 (中環店)", "date": "2025-10-24", "total": 84.0, "currency": "HKD"}}  # fmt: skip


def made_up(amount="345", seconds=2.0):
    document = MedicalReceipt(hospital_name="示範醫院", visit_date=dt.date(2021, 4, 25), nhi_total=Decimal(345),
                              items=[FeeItem(name="診察費", nhi_amount=amount)])  # fmt: skip
    extraction = Extraction(file="A00_clean.png", sha256="", page_count=1, document_type="medical_receipt",
                            document=document, seconds=seconds)  # fmt: skip
    return judge(Label.parse(json.dumps(MADE_UP)), extraction)


def real(**fields):
    values = {"seller_name": "茶餐廳（中環店）", "issue_date": dt.date(2025, 10, 24), "total_amount": Decimal("84.00"),
              "currency": "HKD"}  # fmt: skip
    extraction = Extraction(file="r.jpg", sha256="", page_count=1, document_type="invoice",
                            document=Invoice(**(values | fields)))  # fmt: skip
    return judge(Label.parse(json.dumps(REAL)), extraction)


def test_shares_are_summed_by_layout_and_level():
    evaluation = evaluate([made_up(), made_up("845")])
    sums = evaluation.groups(lambda label: (label.group, label.level), real=False)["A", "clean"]
    assert sums.share("lines") == 0.5
    assert sums.share("header") == 1.0
    assert sums.seconds_per_page == 2.0
    assert sums.counts["silent_wrong"] == 1
    assert sums.field_share("hospital_name") == (2, 2)
    assert evaluation.peak_memory > 2**20


def test_real_document_is_right_whatever_its_punctuation():
    assert real().score.counts["all_right"] == 1


def test_wrong_total_of_a_real_document_counts_as_silent():
    judged = real(total_amount=Decimal(34))
    assert judged.score.counts["silent_wrong"] == 1
    assert judged.score.fields["total", False] == 1


def test_real_document_read_as_a_receipt_is_compared_by_its_own_fields():
    document = MedicalReceipt(hospital_name="茶餐廳中環店", visit_date=dt.date(2025, 10, 24), amount_due=Decimal(84))
    extraction = Extraction(file="r", sha256="", document_type="medical_receipt", document=document)
    fields = judge(Label.parse(json.dumps(REAL)), extraction).score.fields
    assert fields["seller", True] == fields["date", True] == fields["total", True] == 1


@pytest.mark.parametrize("printed", ["24/10/2025", "24-10-2025", "24/10/25", "24 OCT 2025", "2025-10-24"])
def test_date_of_a_label_is_read_day_first(printed):
    label = Label.parse(json.dumps(REAL | {"fields": {"date": printed}}))
    document = Invoice(issue_date=dt.date(2025, 10, 24))
    judged = judge(label, Extraction(file="r", sha256="", document_type="invoice", document=document))
    assert judged.score.fields["date", True] == 1


def test_labels_of_both_formats_are_read(tmp_path):
    (tmp_path / "labels.jsonl").write_text(json.dumps(MADE_UP) + "\n\n" + json.dumps(REAL), encoding="utf-8")
    assert [(label.group, label.level) for label in read_labels(tmp_path)] == [("A", "clean"), ("zh-HK", "real")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_show_the_number_that_matters(language, capsys):
    failed = Extraction(file="A00_clean.png", sha256="", error=Failure(code="empty_file"))
    judged = [made_up("845"), real(), judge(Label.parse(json.dumps(MADE_UP)), failed)]
    show_evaluation(evaluate(judged), catalog(language), by_document=True)
    shown = capsys.readouterr().out
    assert catalog(language)("score.silent_wrong").split()[0] in shown
    assert "845" in shown
    assert "empty_file" in shown
    assert "zh-HK" in shown


def test_figures_can_be_written_as_json():
    data = json.loads(json.dumps(evaluate([made_up("845"), real()]).to_json()))
    assert data["layouts"][0]["counts"]["silent_wrong"] == 1
    assert data["languages"][0]["language"] == "zh-HK"
    assert data["documents"][0]["misses"][0]["path"] == "items.0.nhi_amount"
