"""Several documents on one picture become records of their own, once, however often the job begins."""

import json

from queued_work import ON_SQLITE, is_idle, quick, until, workspace
from stored_work import picture

from extraction.pipeline import Pipeline
from extraction.readers.fake import FakeReader
from extraction.slips import Slips
from review.i18n import catalog
from review.json_lines import json_line
from review.parting import part_id
from review.queue import start_worker, stop_worker
from review.stored import row_of
from review.workflow import Status
from settings import Limits

__all__ = ["quick", "workspace"]


def _three(page):
    return Slips((page, page, page))


def _make(cut=_three):
    return lambda readers, options=None: Pipeline(dict.fromkeys(readers, FakeReader()), Limits(), cut=cut)


def _submit(workspace):
    workspace.submit([("three.png", picture())], readers=["fake"], user="ann")


def _work_off(workspace, settings, cut=_three):
    start_worker(settings, make=_make(cut), polling_seconds=0.05)
    until(lambda: is_idle(workspace))
    stop_worker()


@ON_SQLITE
def test_each_document_becomes_a_record_that_says_where_it_came_from(workspace, empty_settings):
    _submit(workspace)
    _work_off(workspace, empty_settings)

    records = [workspace.record(one.id) for one in workspace.records()]
    assert [record.status for record in records] == [Status.TO_REVIEW] * 3
    assert {record.sha256 for record in records} == {records[0].sha256}
    lines = [json.loads(json_line(row_of(record), catalog("en"))) for record in records]
    assert sorted((line["part"], line["parts"]) for line in lines) == [(1, 3), (2, 3), (3, 3)]
    told = sorted(tuple(entry.action for entry in record.history) for record in records)
    assert told == [("parted", "read"), ("parted", "read"), ("submitted", "read")]
    assert all(workspace.page_image(record.id, 0) for record in records)
    assert workspace.verify() is None


@ON_SQLITE
def test_job_that_begins_anew_adds_nothing(workspace, empty_settings):
    _submit(workspace)
    _work_off(workspace, empty_settings)
    first = next(one.id for one in workspace.records() if workspace.record(one.id).history[0].action == "submitted")

    workspace.read_again(first, ["fake"], user="ann")
    _work_off(workspace, empty_settings)

    assert len(workspace.records()) == 3
    assert {part_id(first, part) for part in (1, 2, 3)} == {one.id for one in workspace.records()}


@ON_SQLITE
def test_part_is_read_again_as_the_part_that_it_is(workspace, empty_settings):
    _submit(workspace)
    _work_off(workspace, empty_settings)
    first = next(one.id for one in workspace.records() if workspace.record(one.id).history[0].action == "submitted")
    third = part_id(first, 3)

    workspace.read_again(third, ["fake"], user="ann")
    _work_off(workspace, empty_settings)
    assert workspace.record(third).extraction.part == 3
    assert len(workspace.records()) == 3

    workspace.read_again(third, ["fake"], user="ann")
    _work_off(workspace, empty_settings, lambda page: Slips((page,)))
    assert workspace.record(third).history[-1].action == "failed"


@ON_SQLITE
def test_part_of_a_photo_is_joined_with_another(workspace, empty_settings):
    """The parts that the program set apart on one picture become one document again, page by page."""
    workspace.submit([("three.png", picture())], readers=["fake"], user="ann")
    start_worker(empty_settings, make=_make(), polling_seconds=0.05)
    until(lambda: is_idle(workspace))
    first, second, third = (record.id for record in sorted(workspace.records(), key=lambda each: workspace.record(
        each.id).extraction.part))  # fmt: skip
    joined = workspace.join([first, third], user="ann")
    until(lambda: is_idle(workspace))
    record = workspace.record(joined)
    assert (record.status, record.page_count, record.error) == (Status.TO_REVIEW, 2, None)
    assert {each.id for each in workspace.records()} == {second, joined}
    assert set(workspace.undo_regrouping(joined, user="ann")) == {first, third}
    assert workspace.verify() is None
