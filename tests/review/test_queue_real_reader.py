"""The real model reader on the real queue, against a server that goes away in the middle of a batch and comes back."""

import time

import pytest
import vllm_dialect as dialect
from stored_work import picture

from extraction.readers.profiles import Profile, save_profile, shipped_profiles
from review import reading, worker
from review.queue import start_worker, stop_worker
from review.workflow import Status, open_workspace
from settings import Settings

COUNT = 10


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "ATTEND_SECONDS", 0.1)
    monkeypatch.setattr(reading, "_SECONDS", dict.fromkeys(reading._SECONDS, 0.5))
    yield Settings(data=tmp_path)
    stop_worker()


def answers(asked):
    if "response_format" not in asked.body:
        return dialect.text("示範醫院")
    return dialect.answer(dialect.sample(asked.body["response_format"]["json_schema"]["schema"]), delay=0.3)


def keep_profile(settings, base_url):
    kept = shipped_profiles()["rolmocr"].model_dump() | {"base_url": base_url, "totals_witness": False}
    kept["bounds"]["concurrency"] = 3
    save_profile(settings.profiles_file, Profile.model_validate(kept))


def test_documents_wait_for_a_server_that_was_restarted_elsewhere_and_none_fails(settings):
    workspace = open_workspace(settings)
    with dialect.DialectServer() as first:
        first.default = answers
        keep_profile(settings, first.base_url)
        files = [(f"{number}.png", picture(number)) for number in range(COUNT)]
        workspace.submit(files, readers=["rolmocr"], document_type="medical_receipt", user="ann")
        start_worker(settings)
        until(lambda: workspace.counts()["to_review"] >= 2)
    until(lambda: workspace.batches()[0].wait)
    wait = workspace.batches()[0].wait
    assert (wait.reader, wait.cause) == ("rolmocr", "unreachable")
    assert workspace.counts()["failed"] == 0
    with dialect.DialectServer() as second:
        second.default = answers
        keep_profile(settings, second.base_url)
        until(lambda: workspace.counts()["to_review"] == COUNT)
    assert [record.status for record in workspace.records()] == [Status.TO_REVIEW] * COUNT
    for record in workspace.records():
        attempts = workspace.readings(record.id)[-1].reading.attempts
        assert {"transcribe", "structure"} <= {attempt.kind for attempt in attempts}
        assert all(attempt.raw for attempt in attempts if attempt.cause is None)
    workspace.close()
