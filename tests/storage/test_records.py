"""What lists show: filters, counts, progress of batches, and whose turn it is."""

import ast
import datetime as dt
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from stored_work import picture, receipt

from extraction.errors import DegenerateOutputError
from extraction.readers.fake import small_receipt
from review.workflow import RecordFilter, Status
from schemas.result import Reading
from storage import errors
from storage.tables import BatchRow, RecordRow

ROOT = Path(__file__).resolve().parents[2]
INVOICE = Reading(reader="fake", document_type="invoice", values={
    "invoice_number": "AB12345678", "issue_date": "114/05/21", "seller_name": "示範商行", "total_amount": "1,234.5",
})  # fmt: skip


def ids(work, **wanted):
    return [summary.id for summary in work.workspace.records(RecordFilter(**wanted))]


def test_summary_has_what_the_lists_search(work):
    receipt_id, invoice_id = work.add(receipt(amount_due="150", receipt_number="A0001"), INVOICE)
    summary = work.workspace.record(receipt_id)
    assert (summary.party, summary.patient, summary.number) == ("示範醫院", "王小明", "A0001")
    assert (summary.date, summary.total, summary.page_count) == (dt.date(2025, 5, 21), Decimal(150), 1)
    invoice = work.workspace.record(invoice_id)
    assert (invoice.party, invoice.number, invoice.total) == ("示範商行", "AB12345678", Decimal("1234.5"))
    assert (invoice.document_type, invoice.currency) == ("invoice", "TWD")


def test_filters_let_through_what_they_say(work):
    first, doubtful, invoice, failed = work.add(
        small_receipt(), receipt(nhi_total="999"), INVOICE, DegenerateOutputError("raw")
    )
    assert set(ids(work)) == {first, doubtful, invoice, failed}
    assert ids(work, statuses=("failed",)) == [failed]
    assert ids(work, document_type="medical_receipt") == [first, doubtful]
    assert doubtful in ids(work, only_flagged=True)
    assert first not in ids(work, only_flagged=True)
    assert ids(work, text="ab12345678 示範商行") == [invoice]
    assert ids(work, text="100%") == []
    assert work.workspace.count_records(RecordFilter(text="王小明")) == 2
    assert [item.id for item in work.workspace.records(offset=1, limit=2)] == [doubtful, invoice]


def test_counts_name_every_status(work):
    work.add(small_receipt(), small_receipt(), DegenerateOutputError("raw"))
    work.workspace.submit([("q.png", picture(99))], user="ann")
    assert work.workspace.counts() == {
        "queued": 1, "reading": 0, "to_review": 2, "in_review": 0, "approved": 0, "rejected": 0, "failed": 1
    }  # fmt: skip


def test_batch_shows_progress_and_every_failure_with_its_cause(work):
    work.add(small_receipt(), DegenerateOutputError("raw", line="3"))
    (batch,) = work.workspace.batches()
    assert (batch.user, batch.total, batch.waiting, batch.seconds_left) == ("ann", 2, 0, None)
    assert batch.counts[Status.TO_REVIEW] == 1
    assert batch.finished_at >= batch.started_at >= batch.created_at
    (failure,) = batch.failures
    assert (failure.name, failure.code, failure.parameters) == (
        "1.png",
        "degenerate_output",
        {"line": "3", "reader": "fake"},
    )


def test_batch_in_work_estimates_what_is_left(work):
    work.add(small_receipt(), small_receipt())
    batch_id = work.workspace.batches()[0].id
    with work.database.write() as session:
        row = session.query(RecordRow).filter_by(position=0).one()
        row.started_at = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
        session.query(RecordRow).filter_by(position=1).one().status = Status.QUEUED
    batch = next(item for item in work.workspace.batches() if item.id == batch_id)
    assert batch.finished_at is None
    assert batch.documents_per_minute == pytest.approx(1, abs=0.1)
    assert batch.seconds_left == pytest.approx(60, abs=6)


def test_queue_goes_by_batch_then_by_doubt_and_never_gives_the_same_again(work):
    clean, doubtful = work.add(small_receipt(), receipt(nhi_total="999"))
    (later,) = work.add(receipt(nhi_total="888"))
    with work.database.write() as session:
        for row in session.query(BatchRow):
            row.created_at += dt.timedelta(seconds=1) * (row.id != work.workspace.record(clean).batch_id)
    following = work.workspace.next_to_review
    assert following() == doubtful
    assert [following(doubtful), following(clean), following(later)] == [clean, later, doubtful]
    assert following(batch_id=work.workspace.record(later).batch_id) == later
    assert following(later, batch_id=work.workspace.record(later).batch_id) is None
    work.workspace.open_for_review(clean, "bob")
    assert following(doubtful) == later


def test_amount_beyond_every_number_is_kept_in_the_document_only(work):
    (record_id,) = work.add(receipt(amount_due="999,999,999,999"))
    assert work.workspace.record(record_id).total == Decimal("999999999999")


def test_file_name_with_control_characters_is_made_printable(work):
    work.workspace.submit([("a\x00\nb.png", picture())], readers=("fake",), user="ann")
    assert work.workspace.records()[0].name == "ab.png"


def test_tree_of_errors_is_the_one_that_is_drawn():
    tree = ast.get_docstring(ast.parse(Path(errors.__file__).read_text(encoding="utf-8")))
    classes = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert all(f"{kind.__name__} " in tree and f" {kind.key}" in tree for kind in classes)


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_every_error_says_what_to_do(language):
    texts = tomllib.loads((ROOT / "review" / "locales" / f"{language}.toml").read_text(encoding="utf-8"))["error"]
    classes = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    keys = {kind.key for kind in classes} | {"not_stored", "internal_error", "job_lost"}
    assert keys <= set(texts)
