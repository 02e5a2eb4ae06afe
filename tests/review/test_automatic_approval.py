"""Automatic approval is off by default, needs every value confirmed, leaves a sample, and says so in the history."""

import pytest
from stored_work import receipt

from review import automatic
from review.automatic import is_sampled
from review.workflow import Status
from schemas.result import Extraction
from settings import Approval


@pytest.fixture
def confirmed(monkeypatch):
    monkeypatch.setattr(Extraction, "is_confirmed", property(lambda self: True))


def added(work, **approval):
    """Return the record that was read under these settings."""
    work.settings.approval = Approval(**approval)
    (record,) = work.add(receipt())
    return work.workspace.record(record)


def test_nothing_is_approved_by_default(work, confirmed):
    assert added(work).status is Status.TO_REVIEW


def test_a_confirmed_document_is_approved_and_the_history_names_the_rule(work, confirmed):
    record = added(work, automatic=True, audit_share=0)
    assert record.status is Status.APPROVED
    entry = next(entry for entry in record.history if entry.action == "approved")
    assert (entry.user, entry.details["rule"]) == (automatic.RULE, "all_confirmed")
    assert work.workspace.verify() is None


def test_a_document_that_is_not_confirmed_waits_for_a_person(work):
    assert added(work, automatic=True, audit_share=0).status is Status.TO_REVIEW


def test_a_sample_waits_for_a_person(work, confirmed):
    assert added(work, automatic=True, audit_share=1).status is Status.TO_REVIEW


def test_the_sample_is_drawn_by_the_record_and_has_its_size():
    drawn = [is_sampled(f"{number:016x}", 0.05) for number in range(4000)]
    assert drawn == [is_sampled(f"{number:016x}", 0.05) for number in range(4000)]
    assert 0.03 < sum(drawn) / len(drawn) < 0.07
