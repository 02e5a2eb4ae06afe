"""Receipts drawn at random: their truth is true, and the built-in reader does no silent harm on some of them."""

import json
from decimal import Decimal
from functools import partial

import numpy as np
import pytest
from structures.draw import SETS, draw_document, pictures, write

from extraction.batch import Plan
from extraction.evaluation import evaluate, judge_all, read_labels
from extraction.pipeline import make_pipeline
from settings import Settings

ALL = [(which, index) for which, kinds in SETS.items() for index in range(len(kinds))]


def drawn(which, index, seed=5):
    return draw_document(which, seed, index, noto_only=True)


@pytest.mark.parametrize(("which", "index"), [("open", 0), ("open", 5), ("opened", 4)])
def test_same_seed_draws_the_same_document(which, index):
    first, second = drawn(which, index), drawn(which, index)
    assert first.truth == second.truth
    for one, other in zip(pictures(first, "photo", "s"), pictures(second, "photo", "s"), strict=True):
        assert one[0].tobytes() == other[0].tobytes() and one[1] == other[1]


def test_other_seeds_draw_other_documents():
    assert drawn("open", 0).truth != drawn("open", 0, seed=6).truth


def value_at(truth, path):
    found = truth
    for part in path.split("."):
        found = found[int(part)] if part.isdigit() else found[part]
    return found


@pytest.mark.parametrize(("which", "index"), ALL)
def test_truth_is_what_is_printed(which, index):
    document = drawn(which, index)
    printed = set()
    for image, boxes in pictures(document, "clean", "s"):
        ink = np.asarray(image.convert("L")) < 200
        height, width = ink.shape
        for path, places in boxes.items():
            if path != "amount_in_words" and not document.is_headless:
                assert value_at(document.truth, path) is not None, path
            for left, top, right, bottom in places:
                assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1, path
                part = ink[int(top * height) : int(bottom * height) + 1, int(left * width) : int(right * width) + 1]
                assert part.any(), path
        printed |= boxes.keys()
    for row, item in enumerate(document.truth["items"]):
        missing = [
            key for key, value in item.items() if value not in (None, "0") and f"items.{row}.{key}" not in printed
        ]
        assert not missing


@pytest.mark.parametrize(("which", "index"), ALL)
def test_truth_adds_up(which, index):
    document = drawn(which, index)
    truth = document.truth
    for total, key in (("nhi_total", "nhi_amount"), ("self_pay_total", "self_pay_amount")):
        if total in truth and not document.is_headless:
            assert sum(Decimal(item[key] or 0) for item in truth["items"]) == Decimal(truth[total])
    if {"self_pay_total", "amount_due"} <= truth.keys():
        more = Decimal(truth.get("copayment_total", 0)) - Decimal(truth.get("discount", 0))
        assert Decimal(truth["self_pay_total"]) + more == Decimal(truth["amount_due"])


def test_folder_is_one_that_evaluate_reads(tmp_path):
    write(tmp_path, "open", 5, range(14, 16), ["clean", "heavy"], noto_only=True)
    labels = read_labels(tmp_path)
    assert [label.group for label in labels] == ["no_heads", "no_heads", "continued", "continued"]
    assert [label.is_headless for label in labels] == [True, True, False, False]
    assert all((tmp_path / label.file).exists() for label in labels)
    lines = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [len(line.get("more_boxes", ())) for line in lines] == [0, 0, 1, 1]


def test_drawn_pages_are_read_without_a_swap_and_without_a_silent_line(tmp_path):
    for index, level in ((0, "clean"), (3, "photo"), (9, "clean"), (11, "photo"), (14, "clean"), (16, "photo")):
        write(tmp_path, "open", 5, range(index, index + 1), [level], noto_only=True)
    settings = Settings()
    plan = Plan(partial(make_pipeline, settings), settings.limits)
    judged = evaluate(judge_all(tmp_path, read_labels(tmp_path), plan, 1))
    sums = judged.groups(lambda label: ("all",), real=False)["all",]
    assert sums.counts["documents"] == 6
    assert (sums.counts["swaps"], sums.counts["silent_lines"], sums.counts["silent_wrong"]) == (0, 0, 0)
    assert sums.share("headless") == 1.0
    assert sums.share("lines") > 0.9
