"""Jobs survive: killed processes, two workers on one database, lost queues, bad files."""

import logging
import signal
import sqlite3

from queued_work import ON_SQLITE, is_idle, quick, spawn, submit, until, workspace
from stored_work import SlowReader, fake_pipelines, picture

from extraction.readers.fake import FakeReader
from review import queue
from review.queue import is_working, start_worker, stop_worker
from review.workflow import Status
from settings import Interface, Settings
from storage.executors import DEAD_AFTER
from storage.tables import ExecutorRow, ExtractionRow, ReadingRow

__all__ = ["quick", "spawn", "workspace"]


def work_off(workspace, settings, **options):
    start_worker(settings, make=fake_pipelines(), polling_seconds=0.05, **options)
    until(lambda: is_idle(workspace))


def assert_each_document_ended_once(workspace, count):
    records = workspace.records(limit=1000)
    assert [record.status for record in records] == [Status.TO_REVIEW] * count
    for record in records:
        actions = [entry.action for entry in workspace.record(record.id).history]
        assert actions == ["submitted", "read"]
    with workspace._database.read() as session:
        assert session.query(ReadingRow).count() == session.query(ExtractionRow).count() == count
    assert workspace.verify() is None


@ON_SQLITE
def test_killed_worker_loses_and_doubles_nothing_when_it_comes_back(workspace, empty_settings, spawn):
    submit(workspace, 12)
    process = spawn("slow", 0.1)
    until(lambda: workspace.counts()["to_review"] >= 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not is_idle(workspace)
    work_off(workspace, empty_settings)
    assert queue._worker.executor.id.endswith("-0")
    assert_each_document_ended_once(workspace, 12)


def test_two_workers_share_one_database_and_take_over_from_a_dead_one(workspace, empty_settings, spawn):
    """The second worker runs under a name of its own, so it can only get the first one's job by taking it over."""
    first = spawn("slow", 0.3)
    start_worker(empty_settings, make=fake_pipelines(reader=SlowReader(0.3)), polling_seconds=0.05)
    assert queue._worker.executor.id.endswith("-1")
    submit(workspace, 8)
    until(lambda: workspace.counts()["to_review"] >= 3)
    first.kill()
    first.wait()
    with workspace._database.write() as session:
        session.query(ExecutorRow).filter(ExecutorRow.id.endswith("-0")).one().seen_at -= DEAD_AFTER * 2
    until(lambda: is_idle(workspace))
    assert_each_document_ended_once(workspace, 8)


@ON_SQLITE
def test_bad_file_stops_neither_the_batch_nor_quotes_anything(workspace, empty_settings, caplog):
    name = "王小明"

    class BrokenReader(FakeReader):
        def read(self, pages, document_type):
            raise RuntimeError(f"patient {name}")

    submit(workspace, 2)
    with caplog.at_level(logging.DEBUG):
        start_worker(empty_settings, make=fake_pipelines(reader=BrokenReader()), polling_seconds=0.05)
        until(lambda: is_idle(workspace))
    failures = workspace.batches()[0].failures
    assert [(item.code, item.parameters) for item in failures] == [("internal_error", {"kind": "RuntimeError"})] * 2
    assert "RuntimeError" in caplog.text
    assert name not in caplog.text


@ON_SQLITE
def test_failed_document_is_read_again_when_a_person_asks(workspace, empty_settings):
    workspace.submit([("a.png", b"no picture")], readers=("fake",), user="ann")
    work_off(workspace, empty_settings)
    (failure,) = workspace.batches()[0].failures
    assert failure.code == "unsupported_format"
    workspace.retry(failure.record_id, "ann")
    until(lambda: is_idle(workspace))
    record = workspace.record(failure.record_id)
    assert [entry.action for entry in record.history] == ["submitted", "failed", "retried", "failed"]


@ON_SQLITE
def test_document_whose_original_is_gone_fails_by_name(workspace, empty_settings):
    submit(workspace, 1)
    for path in (empty_settings.data / "originals").rglob("*"):
        if path.is_file():
            path.unlink()
    work_off(workspace, empty_settings)
    assert workspace.batches()[0].failures[0].code == "original_missing"


@ON_SQLITE
def test_sweep_finds_documents_that_were_never_queued(workspace, empty_settings, monkeypatch):
    monkeypatch.setattr(workspace._client, "enqueue", lambda *_, **options: None)
    submit(workspace, 2)
    work_off(workspace, empty_settings)
    assert_each_document_ended_once(workspace, 2)


@ON_SQLITE
def test_job_that_was_cancelled_is_reported(workspace, empty_settings):
    submit(workspace, 1)
    client = workspace._client._connected()
    client.cancel_workflows([item.workflow_id for item in client.list_workflows()])
    work_off(workspace, empty_settings)
    assert workspace.batches()[0].failures[0].code == "job_lost"


@ON_SQLITE
def test_starting_twice_is_once_and_a_server_without_workers_starts_none(empty_settings):
    start_worker(Settings(data=empty_settings.data, interface=Interface(workers=0)))
    assert not is_working()
    start_worker(empty_settings, make=fake_pipelines())
    first = queue._worker
    start_worker(empty_settings, make=fake_pipelines())
    assert queue._worker is first
    stop_worker()
    stop_worker()
    assert not is_working()


@ON_SQLITE
def test_queue_knows_ids_only(workspace, empty_settings):
    submit(workspace, 1)
    work_off(workspace, empty_settings)
    stop_worker(patience_seconds=1)
    with sqlite3.connect(empty_settings.data / "queue.sqlite3") as connection:
        dump = "\n".join(connection.iterdump())
    connection.close()
    assert workspace.records()[0].id in dump
    for value in ("王小明", "\\u738b", "示範", '"757"', "0.png"):
        assert value not in dump


@ON_SQLITE
def test_document_that_somebody_waits_for_goes_before_a_night_batch(workspace, empty_settings):
    workspace.submit([(f"night {at}.png", picture(at)) for at in range(5)], readers=("fake",), user="cron")
    workspace.submit([("now.png", picture(9))], readers=("fake",), urgent=True, user="ann")
    start_worker(empty_settings, make=fake_pipelines(reader=SlowReader(0.1)), polling_seconds=0.05)
    until(lambda: is_idle(workspace))
    order = sorted(workspace.records(), key=lambda record: workspace.record(record.id).history[-1].sequence)
    assert order[0].name == "now.png"
