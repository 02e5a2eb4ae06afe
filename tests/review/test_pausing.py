"""A paused batch or queue begins nothing new, over every restart, holds nobody else up, and goes on where it was."""

import pytest
from queued_work import ON_SQLITE, is_idle, quick, submit, until, workspace
from stored_work import SlowReader, StoredWork, fake_pipelines, remote_pipelines
from typer.testing import CliRunner

import cli
from review.queue import start_worker, stop_worker
from review.workflow import RecordFilter, RecordNotFoundError, Status, open_workspace
from settings import Settings, get_settings

__all__ = ["quick", "workspace"]


def start(settings, reader=None):
    start_worker(settings, make=fake_pipelines(reader=reader), polling_seconds=0.05)


def ended_once(workspace):
    records = workspace.records(limit=1000)
    for record in records:
        actions = [entry.action for entry in workspace.record(record.id).history]
        assert actions == ["submitted", "read"]
    return {record.status for record in records}


def test_paused_batch_waits_and_others_are_read_meanwhile(workspace, empty_settings):
    night = submit(workspace, 3)
    assert workspace.pause(night, user="ann")
    assert not workspace.pause(night, user="bob"), "it is paused already"
    day = submit(workspace, 2, first=3)
    start(empty_settings)
    until(lambda: workspace.counts()["to_review"] == 2)
    assert {record.batch_id for record in workspace.records(RecordFilter(statuses=["to_review"]))} == {day}
    newest, oldest = workspace.batches()
    assert (newest.pause, oldest.pause.user, oldest.seconds_left) == (None, "ann", None)
    assert workspace.count_paused() == 3
    assert workspace.resume(night, user="bob")
    assert not workspace.resume(night, user="bob")
    until(lambda: is_idle(workspace))
    assert ended_once(workspace) == {Status.TO_REVIEW}
    assert workspace.verify() is None


@ON_SQLITE
def test_document_in_work_is_finished_and_no_other_begun(workspace, empty_settings):
    batch = submit(workspace, 4)
    start(empty_settings, SlowReader(0.4))
    until(lambda: workspace.counts()["reading"] == 1)
    workspace.pause(batch, user="ann")
    until(lambda: not workspace.counts()["reading"])
    assert workspace.counts()["queued"] == 3
    workspace.resume(batch, user="ann")
    until(lambda: is_idle(workspace))
    assert ended_once(workspace) == {Status.TO_REVIEW}


def test_pause_of_everything_outlives_every_process(workspace, empty_settings):
    submit(workspace, 2)
    workspace.pause(user="ann")
    submit(workspace, 1, first=2)
    for _ in range(2):  # jobs that begin meanwhile end without having read anything; sweeps leave them alone
        start(empty_settings)
        until(lambda: not workspace.counts()["reading"])
        again = open_workspace(empty_settings)
        assert (again.pause_of_everything().user, again.count_paused()) == ("ann", 3)
        again.close()
        stop_worker()
    workspace.resume(user="ann")
    start(empty_settings)
    until(lambda: is_idle(workspace))
    assert ended_once(workspace) == {Status.TO_REVIEW}


@ON_SQLITE
def test_batch_stays_paused_when_the_queue_goes_on(workspace, empty_settings):
    first, second = submit(workspace, 1), submit(workspace, 1, first=1)
    workspace.pause(user="ann")
    workspace.pause(first, user="ann")
    workspace.resume(user="ann")
    start(empty_settings)
    until(lambda: workspace.counts()["to_review"] == 1)
    (left,) = workspace.records(RecordFilter(statuses=["queued"]))
    assert (left.batch_id, left.pause.is_everything) == (first, False)
    assert {batch.id: batch.pause is None for batch in workspace.batches()} == {first: False, second: True}


@ON_SQLITE
def test_document_that_waits_for_a_server_gives_its_place_to_others(empty_settings, tmp_path):
    """One place in the lane: what waits in it, and is paused, must not hold up another batch of the same reader."""
    settings = empty_settings.model_copy(
        update={"interface": empty_settings.interface.model_copy(update={"requests": 1})}
    )
    opened = open_workspace(settings)
    (tmp_path / "down").touch()
    waiting = submit(opened, 1, readers=("rolmocr",))
    start_worker(settings, make=remote_pipelines(tmp_path), polling_seconds=0.05)
    until(lambda: opened.batches()[0].wait)
    opened.pause(waiting, user="ann")
    (tmp_path / "down").unlink()
    submit(opened, 1, first=1, readers=("rolmocr",))
    until(lambda: opened.counts()["to_review"] == 1)
    assert opened.record(opened.records(RecordFilter(batch_id=waiting))[0].id).status is Status.QUEUED
    opened.resume(waiting, user="ann")
    until(lambda: is_idle(opened))
    assert [entry.action for entry in opened.record(opened.records(RecordFilter(batch_id=waiting))[0].id).history] == [
        "submitted", "waiting", "read"]  # fmt: skip
    opened.close()


@ON_SQLITE
def test_worker_that_reads_until_idle_ends_where_all_that_is_left_is_paused(workspace, empty_settings):
    workspace.pause(submit(workspace, 1), user="ann")
    assert workspace.standstill(workspace.batches()[0].created_at) == {}


def test_batch_that_there_is_not_is_named(work: StoredWork):
    for act in (work.workspace.pause, work.workspace.resume):
        with pytest.raises(RecordNotFoundError):
            act("nothing", user="ann")


def test_pause_and_resume_on_the_command_line(tmp_path, monkeypatch):
    monkeypatch.setenv("CLAIMSHEET_LANGUAGE", "en")
    monkeypatch.setenv("CLAIMSHEET_DATA", str(tmp_path))
    get_settings.cache_clear()
    opened = open_workspace(Settings(data=tmp_path))
    batch = submit(opened, 2)

    def run(*arguments):
        return CliRunner().invoke(cli.app, arguments)

    assert f"Batch {batch} is paused:" in run("pause", batch).output.replace("\n", " ")
    assert "2 documents are paused" in run("status").output.replace("\n", " ")
    assert "The whole queue is paused:" in run("pause").output
    assert "already" in run("pause").output
    assert "goes on" in run("resume").output
    assert "goes on" in run("resume", batch).output
    assert "not paused" in run("resume", batch).output
    wrong = run("pause", "nothing")
    assert (wrong.exit_code, "no batch nothing" in wrong.output) == (2, True)
    opened.close()
    get_settings.cache_clear()
