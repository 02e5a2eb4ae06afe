"""The bench of faults plays known mistakes; on a few photos none may pass without a flag."""

import json
import random

import pytest
from typer.testing import CliRunner

import cli
from extraction.bench import faults
from extraction.bench.mistakes import MISTAKES, spoiled
from extraction.evaluation import Label, read_labels
from extraction.remembering import PageEngine
from settings import Settings

RECEIPT = {
    "patient_name": "王小明", "visit_date": "2025-05-21", "receipt_number": "A0001", "nhi_total": "757",
    "self_pay_total": "150",
    "items": [{"name": "診察費", "nhi_amount": "345", "self_pay_amount": "0"},
              {"name": "藥費", "nhi_amount": "412", "self_pay_amount": "150"},
              {"name": "材料費", "nhi_amount": "0", "self_pay_amount": "60"}],
}  # fmt: skip


@pytest.mark.parametrize("kind", MISTAKES)
def test_every_mistake_changes_the_values_and_the_same_seed_makes_the_same(kind):
    made = [spoiled(RECEIPT, "medical_receipt", kind, random.Random(3)) for _ in range(2)]  # noqa: S311
    assert made[0] == made[1] != RECEIPT


@pytest.mark.parametrize("kind", ["all_swapped", "rows_shifted"])
def test_some_mistakes_keep_every_sum(kind):
    made = spoiled(RECEIPT, "medical_receipt", kind, random.Random(3))  # noqa: S311
    gaps = [sorted(sum(int(row[cell]) for row in paper["items"]) - int(paper[total])
                   for cell, total in (("nhi_amount", "nhi_total"), ("self_pay_amount", "self_pay_total")))
            for paper in (RECEIPT, made)]  # fmt: skip
    assert gaps[0] == gaps[1]
    assert made != RECEIPT


def test_what_nobody_can_know_is_left_out_of_the_count():
    label = Label("a.png", "no heads", "clean", "medical_receipt", RECEIPT, is_real=False, is_headless=True)
    rows = faults._known(label)["items"]
    assert rows == [{"name": "診察費"}, {"name": "藥費"}, {"name": "材料費"}]


def test_a_mistake_that_has_no_place_is_not_made():
    assert spoiled({"items": []}, "invoice", "columns_swapped", random.Random(1)) is None  # noqa: S311


def test_figures_decide_about_the_exit_code(monkeypatch, tmp_path):
    (tmp_path / "labels.jsonl").write_text("", encoding="utf-8")
    noticed = {kind: faults.Noticed() for kind in faults.KINDS}
    noticed["columns_swapped"].counts.update(spoiled=100, escaped=1, wrong=100, flagged=99)
    monkeypatch.setattr("review.fault_command._measured", lambda *_: iter([noticed]))
    result = CliRunner().invoke(cli.app, ["bench", "faults", str(tmp_path), "--json", "-"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["columns_swapped"]["escaped_share"] == 0.01


@pytest.mark.shared
def test_no_mistake_escapes_on_photos(shared_data):
    folder = shared_data / "synthetic"
    labels = [
        label for label in read_labels(folder) if label.file in ("B01_photo.jpg", "E00_photo.jpg", "G00_photo.jpg")
    ]
    for found in faults.measure(folder, labels, PageEngine(1), Settings()):
        measured = found
    assert faults.is_enough(measured)
    assert faults.total(measured).escaped == []
