"""A document that comes a second time is shown beside the first one, and a person decides; nothing is deleted."""

import pytest
from stored_work import receipt

from review.likeness import likeness_of
from review.workflow import EditConflictError, LockedError, Status
from schemas.layout import BoundingBox, TextLine
from schemas.result import Extraction
from storage.duplicates import likeness

FULL = {"hospital_name": "仁愛醫院", "receipt_number": "A-123456", "patient_name": "王小明", "amount_due": "150"}


def printed(*texts):
    return [TextLine(text=text, box=BoundingBox(0.1, 0.1, 0.2, 0.2), page=0, score=0.99) for text in texts]


def numbered(numbers, **values):
    """Return a receipt whose page prints these numbers."""
    return receipt(**values).model_copy(update={"lines": printed(*numbers)})


NUMBERS = [str(number) for number in range(1000, 1020)]


def codes(record):
    return [item.flag.code for item in record.flags if item.is_open and "duplicate" in item.flag.code]


def test_same_number_of_the_same_hospital_is_told(work):
    first, second = work.add(receipt(**FULL), receipt(**FULL | {"receipt_number": "A 123456", "visit_date": "114/5/3"}))
    record = work.workspace.record(second)
    assert codes(record) == ["duplicate_receipt"]
    assert [pair.other_id for pair in record.duplicates] == [first]
    assert codes(work.workspace.record(first)) == []


@pytest.mark.parametrize("other", [{"receipt_number": "A-123457", "amount_due": "151"}, {"hospital_name": "慈濟醫院"}])
def test_another_receipt_is_not(work, other):
    _, second = work.add(receipt(**FULL), receipt(**FULL | other))
    assert codes(work.workspace.record(second)) == []


def test_same_patient_place_date_and_amount_is_told(work):
    visit = FULL | {"visit_date": "114/05/21"}
    _, second = work.add(receipt(**visit), receipt(**visit | {"receipt_number": None, "visit_date": "2025-05-21"}))
    assert codes(work.workspace.record(second)) == ["duplicate_receipt"]


def test_paper_photographed_again_is_told_by_the_numbers_on_it(work):
    _, second, third = work.add(
        numbered(NUMBERS, patient_name="王小明"),
        numbered([*NUMBERS[:18], "7777"], patient_name="王小朋"),
        numbered([f"9{number}" for number in NUMBERS], patient_name="李四"),
    )
    assert codes(work.workspace.record(second)) == ["near_duplicate_image"]
    assert codes(work.workspace.record(third)) == []


def test_few_numbers_tell_nothing(work):
    _, second = work.add(numbered(NUMBERS[:4], patient_name="王小明"), numbered(NUMBERS[:4], patient_name="李四"))
    assert codes(work.workspace.record(second)) == []


def test_correction_that_makes_the_number_another_one_ends_the_doubt(work):
    _, second = work.add(receipt(**FULL), receipt(**FULL | {"visit_date": "114/5/3"}))
    record = work.workspace.open_for_review(second, "ann")
    record = work.correct(record, receipt_number="B-999")
    assert codes(record) == []
    assert codes(work.workspace.undo(second, "ann")) == ["duplicate_receipt"]


def test_correction_that_makes_it_the_number_of_another_record_raises_it(work):
    _, second = work.add(receipt(**FULL), receipt(**FULL | {"receipt_number": "B-1", "visit_date": "114/5/3"}))
    record = work.workspace.open_for_review(second, "ann")
    assert codes(work.correct(record, receipt_number="A-123456")) == ["duplicate_receipt"]


def pair(work):
    first, second = work.add(receipt(**FULL), receipt(**FULL))
    return first, work.workspace.open_for_review(second, "ann")


def test_both_may_be_kept(work):
    first, record = pair(work)
    record = work.workspace.decide_duplicate(record.id, record.version, first, "both", "ann")
    assert codes(record) == []
    assert record.history[-1].action == "duplicate_decided"
    assert record.duplicates[0].decision == "both"
    assert codes(work.correct(record, department="內科")) == []
    assert work.workspace.record(first).status == Status.TO_REVIEW


def test_only_this_one_is_kept(work):
    first, record = pair(work)
    record = work.workspace.decide_duplicate(record.id, record.version, first, "this", "ann")
    other = work.workspace.record(first)
    assert (record.status, other.status) == (Status.IN_REVIEW, Status.REJECTED)
    assert other.history[-1].details == {"reason": "duplicate", "of": record.id}
    assert codes(record) == []


def test_only_the_other_is_kept(work):
    first, record = pair(work)
    record = work.workspace.decide_duplicate(record.id, record.version, first, "other", "ann")
    assert record.status == Status.REJECTED
    assert work.workspace.record(first).status == Status.TO_REVIEW
    assert work.workspace.verify() is None


def test_approved_copy_is_reopened_before_it_goes(work):
    first, record = pair(work)
    other = work.workspace.open_for_review(first, "ann")
    overrides = {item.key: "yes" for item in other.flags}
    work.workspace.approve(first, other.version, "ann", overrides)
    record = work.workspace.decide_duplicate(record.id, record.version, first, "this", "ann")
    assert [entry.action for entry in work.workspace.record(first).history][-3:] == ["approved", "reopened", "rejected"]
    assert work.workspace.verify() is None


def test_what_somebody_else_has_open_is_not_rejected(work):
    first, record = pair(work)
    work.workspace.open_for_review(first, "bob")
    with pytest.raises(LockedError):
        work.workspace.decide_duplicate(record.id, record.version, first, "this", "ann")
    assert codes(work.workspace.record(record.id)) == ["duplicate_receipt"]


def test_pair_that_is_none_any_more_cannot_be_decided(work):
    first, record = pair(work)
    record = work.correct(record, receipt_number="B-9", patient_name="李四")
    with pytest.raises(EditConflictError):
        work.workspace.decide_duplicate(record.id, record.version, first, "both", "ann")


def test_rejected_record_is_no_duplicate(work):
    (first,) = work.add(receipt(**FULL))
    record = work.workspace.open_for_review(first, "ann")
    work.workspace.reject(first, record.version, "ann", "blurred")
    (second,) = work.add(receipt(**FULL))
    assert codes(work.workspace.record(second)) == []


def test_fingerprints_hold_no_value_in_clear():
    reading = numbered(NUMBERS, **FULL)
    from extraction.shaping import shape

    extraction = Extraction(file="", sha256="", document_type=reading.document_type, document=shape(reading).document,
                            readings=[reading])  # fmt: skip
    prints = likeness_of(extraction)
    assert set(prints) == {"number", "visit", "minima", "band"}
    told = str(prints)
    assert "123456" not in told
    assert "王小明" not in told


@pytest.mark.shared
def test_pictures_of_one_receipt_are_alike_and_receipts_of_one_form_are_not(shared_data):
    import json

    labels = [json.loads(line) for line in (shared_data / "synthetic" / "labels.jsonl").read_text().splitlines()]
    texts = {}
    for label in labels:
        if label["file"].endswith("_clean.png") and label["file"][0] == "A":
            document = label.get("document") or label
            texts[label["file"]] = json.dumps(document, ensure_ascii=False)
    extractions = [
        Extraction(file=name, sha256="", readings=[numbered([word for word in text.replace('"', " ").split()])])
        for name, text in texts.items()
    ]
    marks = [likeness_of(extraction)["minima"][0] for extraction in extractions]
    assert len(marks) >= 3
    assert all(likeness(one, other) < 0.35 for one in marks for other in marks if one is not other)
