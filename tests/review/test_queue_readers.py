"""Model readers on the real queue: a server that goes away, comes back, hangs; documents called back and read anew."""

import threading
import time
from functools import partial
from pathlib import Path

import pytest
import queued_work
from queued_work import ON_SQLITE, is_idle, quick, spawn, until, workspace
from stored_work import RemoteReader, fake_pipelines, remote_pipelines

from extraction.errors import ReaderError, ReaderUnavailableError
from extraction.pipeline import Pipeline
from extraction.readers.choosing import ChoosingReader
from extraction.readers.fake import FakeReader
from extraction.readers.profiles import ReaderOptions
from review import reading, stored
from review.queue import start_worker, stop_worker
from review.workflow import RecordFilter, Status
from schemas.reader_choice import parse_choice
from settings import Limits

__all__ = ["quick", "spawn", "workspace"]
submit = partial(queued_work.submit, readers=("rolmocr",))


@pytest.fixture
def server(tmp_path_factory):
    return tmp_path_factory.mktemp("server")


def start(settings, make, **more):
    start_worker(settings, make=make, polling_seconds=0.05, **more)


def waiting(workspace):
    return [record for record in workspace.records(limit=1000) if record.wait is not None]


def actions(workspace, record):
    return [entry.action for entry in workspace.record(record.id).history]


def assert_each_was_read_once(workspace, count):
    records = workspace.records(limit=1000)
    assert [record.status for record in records] == [Status.TO_REVIEW] * count
    for record in records:
        assert [action for action in actions(workspace, record) if action != "waiting"] == ["submitted", "read"]
        assert len(workspace.readings(record.id)) == 1
    assert workspace.verify() is None


def test_server_that_goes_away_in_the_middle_leaves_documents_waiting_and_each_is_read_once(
    workspace, empty_settings, server
):
    count = 24
    batch_id = submit(workspace, count)
    start(empty_settings, remote_pipelines(server))
    until(lambda: workspace.counts()["to_review"] >= 3)
    (server / "down").touch()
    until(lambda: waiting(workspace) or workspace.counts()["to_review"] == count)
    submit(workspace, 4, first=count)
    until(lambda: len(waiting(workspace)) >= 4)
    assert workspace.counts()["failed"] == 0
    newest, batch = workspace.batches()
    assert batch.id == batch_id
    assert (newest.wait.reader, newest.wait.cause, newest.seconds_left) == ("rolmocr", "unreachable", None)
    (server / "down").unlink()
    until(lambda: is_idle(workspace))
    assert_each_was_read_once(workspace, count + 4)
    assert all(batch.wait is None for batch in workspace.batches())


@ON_SQLITE
def test_waiting_survives_a_killed_process(workspace, empty_settings, server, spawn):
    (server / "down").touch()
    submit(workspace, 3)
    process = spawn("remote", server)
    until(lambda: len(waiting(workspace)) == 3)
    process.kill()
    process.wait()
    since = {record.id: record.wait.since for record in waiting(workspace)}
    start(empty_settings, remote_pipelines(server))
    time.sleep(0.5)
    assert {record.id: record.wait.since for record in waiting(workspace)} == since
    (server / "down").unlink()
    workspace.try_now()
    until(lambda: is_idle(workspace))
    assert_each_was_read_once(workspace, 3)


@ON_SQLITE
@pytest.mark.parametrize("state", ["down", "slow"])
def test_worker_stops_at_once_though_a_server_hangs_and_goes_on_later(workspace, empty_settings, server, state):
    (server / state).touch()
    submit(workspace, 2)
    start(empty_settings, remote_pipelines(server))
    until(lambda: waiting(workspace) if state == "down" else (server / "asked").exists())
    started = time.monotonic()
    stop_worker()
    assert time.monotonic() - started < 15
    assert threading.active_count() < 30
    (server / state).unlink()
    assert workspace.counts()["failed"] == 0
    start(empty_settings, remote_pipelines(server))
    workspace.try_now()
    until(lambda: is_idle(workspace))
    assert_each_was_read_once(workspace, 2)


@ON_SQLITE
def test_built_in_reader_goes_on_while_a_model_server_is_away(workspace, empty_settings, server):
    (server / "down").touch()
    submit(workspace, 3)
    submit(workspace, 2, first=10, readers=("fake",))
    maker = remote_pipelines(server)
    start(empty_settings, lambda names, options: (fake_pipelines() if "fake" in names else maker)(names, options))
    until(lambda: workspace.counts()["to_review"] == 2)
    until(lambda: len(waiting(workspace)) == 3)
    assert workspace.batches()[0].wait is None


@ON_SQLITE
def test_several_documents_wait_for_a_model_at_once_but_one_for_the_built_in_reader(workspace, empty_settings):
    together = threading.Barrier(3)
    lock, seen = threading.Lock(), {"now": 0, "most": 0}

    class Together(RemoteReader):
        def read(self, pages, document_type):
            together.wait(30)
            return super().read(pages, document_type)

    class Alone(FakeReader):
        def read(self, pages, document_type):
            with lock:
                seen["now"] += 1
                seen["most"] = max(seen.values())
            time.sleep(0.05)
            with lock:
                seen["now"] -= 1
            return super().read(pages, document_type)

    kinds = {"fake": Alone, "rolmocr": lambda: Together(Path("nowhere"))}
    submit(workspace, 6)
    submit(workspace, 6, first=10, readers=("fake",))
    start(empty_settings, lambda names, _: Pipeline({name: kinds[name]() for name in names}, Limits()), concurrency=1)
    until(lambda: is_idle(workspace))
    assert_each_was_read_once(workspace, 12)
    assert seen["most"] == 1


@ON_SQLITE
def test_batch_that_is_called_back_stops_asking_and_can_be_read_again(workspace, empty_settings, server):
    (server / "slow").touch()
    batch_id = submit(workspace, 20)
    start(empty_settings, remote_pipelines(server))
    until(lambda: (server / "asked").exists())
    until(lambda: workspace.counts()["reading"] >= 2)
    assert workspace.cancel(batch_id, "bob") == 20
    assert workspace.cancel(batch_id, "bob") == 0
    until(lambda: not worker_jobs())
    records = workspace.records(RecordFilter(statuses=("failed",)))
    assert {(record.error.code, record.error.parameters["user"]) for record in records} == {("cancelled", "bob")}
    assert len(records) == 20
    (server / "slow").unlink()
    workspace.retry(records[0].id, "ann")
    until(lambda: workspace.counts()["to_review"] == 1)
    assert actions(workspace, records[0]) == ["submitted", "cancelled", "retried", "read"]


def worker_jobs():
    from review import queue

    return queue._worker._jobs


@ON_SQLITE
def test_waiting_document_is_called_back_or_given_to_another_reader(workspace, empty_settings, server):
    (server / "down").touch()
    submit(workspace, 2)
    maker = remote_pipelines(server)
    start(empty_settings, lambda names, options: (fake_pipelines() if "fake" in names else maker)(names, options))
    until(lambda: len(waiting(workspace)) == 2)
    first, second = workspace.records()
    assert workspace.cancel(first.id, "ann") == 1
    workspace.read_again(second.id, ["fake"], user="ann")
    until(lambda: is_idle(workspace))
    until(lambda: not worker_jobs())
    assert workspace.record(first.id).error.code == "cancelled"
    assert workspace.record(second.id).status is Status.TO_REVIEW
    assert actions(workspace, second) == ["submitted", "waiting", "read_again", "read"]


@ON_SQLITE
def test_what_waiting_cannot_help_fails_with_its_text(workspace, empty_settings):
    answers = [ReaderError("key_refused", address="http://gpu:8000"), ReaderUnavailableError(cause="OSError")]
    submit(workspace, 2)
    start(empty_settings, fake_pipelines(*answers))
    until(lambda: is_idle(workspace))
    assert {failure.code for failure in workspace.batches()[0].failures} == {"key_refused", "reader_unavailable"}


@ON_SQLITE
def test_document_that_always_runs_out_of_time_fails_once_the_server_reads_others(workspace, empty_settings):
    class Picky(FakeReader):
        name = "rolmocr"

        def read(self, pages, document_type):
            if pages[0].image.getpixel((0, 0))[2] == 255:
                raise ReaderUnavailableError("endpoint_timeout", address="http://gpu:8000", seconds="180")
            return super().read(pages, document_type).model_copy(update={"reader": "rolmocr"})

    submit(workspace, 1)
    start(empty_settings, lambda names, _: Pipeline({name: Picky() for name in names}, Limits()))
    until(lambda: waiting(workspace))
    time.sleep(2)  # alone, it is never given up: it may be the server that hangs
    assert workspace.counts()["queued"] + workspace.counts()["reading"] == 1
    submit(workspace, 1, first=5)
    until(lambda: workspace.counts()["to_review"] == 1)
    workspace.try_now("rolmocr")
    until(lambda: is_idle(workspace))
    (failure,) = workspace.batches()[1].failures
    assert (failure.name, failure.code) == ("0.png", "endpoint_timeout")


@ON_SQLITE
def test_options_of_a_batch_reach_the_readers_of_that_batch_only(workspace, empty_settings):
    seen = []

    def make(names, options):
        seen.append((tuple(names), options))
        return fake_pipelines()(names)

    changed = ReaderOptions(temperature=0.5, structure="只抄寫印出的內容")
    submit(workspace, 1, readers=("rolmocr", "internvl3"), options=changed)
    submit(workspace, 1, first=5)
    start(empty_settings, make)
    until(lambda: is_idle(workspace))
    both = {"rolmocr": changed, "internvl3": changed}
    assert sorted(seen, key=lambda made: len(made[0])) == [(("rolmocr",), None), (("rolmocr", "internvl3"), both)]


@ON_SQLITE
def test_profile_that_was_changed_is_used_at_once(empty_settings):
    made = []
    pipelines = reading.Pipelines(lambda names, options: made.append(names) or object(), empty_settings.profiles_file)
    for text in ("", "", "changed"):
        if text:
            empty_settings.profiles_file.write_text(text)
        with pipelines.lend(["rolmocr"]):
            pass
    assert len(made) == 2


def work(workspace, settings, make, monkeypatch):
    monkeypatch.setattr(stored, "start_worker", partial(start_worker, make=make, polling_seconds=0.05))
    monkeypatch.setattr(stored, "_LOOK_SECONDS", 0.1)
    return stored.work(workspace, settings, until_idle=True)


@ON_SQLITE
def test_worker_until_idle_ends_while_documents_only_wait_and_says_for_whom(
    workspace, empty_settings, server, monkeypatch
):
    (server / "down").touch()
    submit(workspace, 20)  # more than are asked for at a time: some stand behind the waiting ones
    submit(workspace, 2, first=30, readers=("fake",))
    maker = remote_pipelines(server)
    make = lambda names, options: (fake_pipelines() if "fake" in names else maker)(names, options)  # noqa: E731
    assert work(workspace, empty_settings, make, monkeypatch) == {"rolmocr": 20}
    assert workspace.counts()["to_review"] == 2
    assert stored.address_of("rolmocr", empty_settings) == "http://127.0.0.1:8000"
    (server / "down").unlink()
    assert work(workspace, empty_settings, make, monkeypatch) == {}
    assert workspace.counts()["to_review"] == 22


@ON_SQLITE
def test_reader_of_some_pages_waits_under_its_own_name(workspace, empty_settings, server, monkeypatch):
    (server / "down").touch()
    submit(workspace, 1, readers=("rolmocr@1+fake",))
    seen = []

    def make(names, options):
        seen.append(tuple(names))
        choice = parse_choice(names[0])
        parts = {"rolmocr": RemoteReader(server), "fake": FakeReader()}
        return Pipeline({names[0]: ChoosingReader(names[0], choice, parts, lambda _: [])}, Limits())

    assert work(workspace, empty_settings, make, monkeypatch) == {"rolmocr": 1}
    assert set(seen) == {("rolmocr@1+fake",)}
    (server / "down").unlink()
    assert work(workspace, empty_settings, make, monkeypatch) == {}
    assert workspace.records()[0].status is Status.TO_REVIEW
