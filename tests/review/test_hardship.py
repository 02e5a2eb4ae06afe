"""The short form of `benchmarks/endurance.py`: killed workers, a full disk, a job that nobody does: nothing is lost."""

import errno
import os
import sqlite3
import threading
import time
from contextlib import closing
from random import Random

import hardship
import pytest
from queued_work import ON_SQLITE, quick, submit, workspace
from sqlalchemy.exc import OperationalError
from stored_work import fake_pipelines

from review import queue
from review.queue import start_worker
from storage import executors, jobs
from storage.files import Files

__all__ = ["quick", "workspace"]


def read_all(workspace, settings, count):
    if not queue.is_working():
        start_worker(settings, make=fake_pipelines(), polling_seconds=0.05)
    hardship.until(lambda: hardship.is_read(workspace), 60, "the batch does not end")
    assert hardship.find_losses(workspace, count) == []


@ON_SQLITE
def test_worker_killed_at_random_moments_loses_and_doubles_nothing(workspace, empty_settings):
    random = Random(7)  # noqa: S311
    submit(workspace, 40)
    with hardship.crew(empty_settings, "slow", 0.05) as workers:
        for share in (2, 10, 18):
            process = workers.start()
            hardship.until(lambda share=share: workspace.counts()["to_review"] >= share, 60, "no progress")
            time.sleep(random.uniform(0, 0.1))
            workers.kill(process)
    read_all(workspace, empty_settings, 40)


@ON_SQLITE
@pytest.mark.parametrize("kind", ["files", "database"])
def test_documents_wait_while_the_disk_is_full(workspace, empty_settings, monkeypatch, kind):
    refused, is_full = [], [True]
    write, begin = Files._write, jobs.begin_reading

    def write_file(*arguments):
        if is_full:
            refused.append(kind)
            raise OSError(errno.ENOSPC, "No space left on device")
        write(*arguments)

    def begin_reading(*arguments):
        if is_full:
            refused.append(kind)
            raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database or disk is full"))
        return begin(*arguments)

    submit(workspace, 3)
    monkeypatch.setattr(queue, "_PATIENCE", (0.05, 0.1))
    if kind == "files":
        monkeypatch.setattr(Files, "_write", write_file)
    else:
        monkeypatch.setattr(jobs, "begin_reading", begin_reading)
    start_worker(empty_settings, make=fake_pipelines(), polling_seconds=0.05)
    hardship.until(lambda: len(refused) >= 8, 60, "nothing was tried again")  # beyond the tries of one step
    assert workspace.counts()["failed"] == 0
    is_full.clear()
    read_all(workspace, empty_settings, 3)


@ON_SQLITE
def test_job_that_its_worker_does_not_do_is_taken_up_again(workspace, empty_settings):
    """As where the queue took the job but could not note on a full disk that it began."""
    start_worker(empty_settings, make=fake_pipelines(), polling_seconds=2.0)
    submit(workspace, 1)
    with closing(sqlite3.connect(empty_settings.data / "queue.sqlite3", timeout=30)) as connection, connection:
        connection.execute(
            "UPDATE workflow_status SET status = 'PENDING', executor_id = ? WHERE status = 'ENQUEUED'",
            (queue._worker.executor.id,),
        )
    read_all(workspace, empty_settings, 1)


@ON_SQLITE
def test_job_that_broke_off_in_the_queue_is_asked_for_anew(workspace, empty_settings):
    submit(workspace, 1)
    with closing(sqlite3.connect(empty_settings.data / "queue.sqlite3", timeout=30)) as connection, connection:
        connection.execute("UPDATE workflow_status SET status = 'ERROR'")
    read_all(workspace, empty_settings, 1)
    (record,) = workspace.records()
    assert [entry.action for entry in workspace.record(record.id).history] == ["submitted", "retried", "read"]


@ON_SQLITE
def test_worker_that_was_cut_off_itself_does_not_take_others_for_dead(empty_settings):
    start_worker(empty_settings, make=fake_pipelines())
    worker = queue._worker
    assert worker._may_judge()
    worker._beaten_at -= 40
    assert not worker._may_judge()


def test_workers_that_start_at_once_take_names_of_their_own(workspace):
    names, together = [], threading.Barrier(4)

    def start():
        together.wait(30)
        with workspace._database.write() as session:
            names.append(executors.claim(session, f"host-{os.getpid()}").id)

    threads = [threading.Thread(target=start) for _ in range(4)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(executors, "_is_alive", lambda *_: True)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(names)) == 4
