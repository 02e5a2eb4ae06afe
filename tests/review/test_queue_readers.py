"""Model readers on the real queue: a server that goes away, comes back, hangs; documents called back and read anew."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from stored_work import RemoteReader, fake_pipelines, picture, remote_pipelines

from extraction.errors import ReaderError, ReaderUnavailableError
from extraction.pipeline import Pipeline
from extraction.readers.fake import FakeReader
from extraction.readers.profiles import ReaderOptions
from review import job_client, reading, worker
from review.queue import start_worker, stop_worker
from review.workflow import RecordFilter, Status, open_workspace
from settings import Limits

ROOT = Path(__file__).resolve().parents[2]
WORKER = """
import sys, time
from pathlib import Path
sys.path.insert(0, "tests")
from stored_work import remote_pipelines
from review import job_client, reading
from review.queue import start_worker
from settings import Settings

if __name__ == "__main__":
    settings = Settings(data=Path(sys.argv[1]), database_url=sys.argv[2] or None)
    start_worker(settings, make=remote_pipelines(Path(sys.argv[3])), polling_seconds=0.05)
    print("started", flush=True)
    time.sleep(600)
"""
ON_SQLITE = pytest.mark.parametrize("empty_settings", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch, empty_settings):
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.2)
    monkeypatch.setattr(worker, "ATTEND_SECONDS", 0.1)
    monkeypatch.setattr(worker, "SWEEP_BEATS", 1)
    monkeypatch.setattr(job_client, "_POLLING_SECONDS", 0.05)
    monkeypatch.setattr(reading, "_SECONDS", dict.fromkeys(reading._SECONDS, 0.2))
    yield
    stop_worker()


@pytest.fixture
def workspace(empty_settings):
    opened = open_workspace(empty_settings)
    yield opened
    opened.close()


@pytest.fixture
def server(tmp_path_factory):
    return tmp_path_factory.mktemp("server")


def submit(workspace, count, first=0, readers=("rolmocr",), **more):
    files = ((f"{number}.png", picture(number)) for number in range(first, first + count))
    return workspace.submit(files, readers=readers, user="ann", **more)


def start(settings, make, **more):
    start_worker(settings, make=make, polling_seconds=0.05, **more)


def until(condition, seconds=40):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.03)


def is_idle(workspace):
    counts = workspace.counts()
    return not counts["queued"] + counts["reading"]


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
def test_waiting_survives_a_killed_process(workspace, empty_settings, server):
    (server / "down").touch()
    submit(workspace, 3)
    command = [sys.executable, "-c", WORKER, str(empty_settings.data), empty_settings.database_url or "", str(server)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "started\n"
        until(lambda: len(waiting(workspace)) == 3)
        process.kill()
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
    assert sorted(seen, key=len) == sorted([(("rolmocr", "internvl3"), both), (("rolmocr",), None)], key=len)


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
