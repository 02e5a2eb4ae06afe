"""The real queue for tests: fast beats, a workspace, worker processes that can be killed, and waiting with an end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stored_work import SlowReader, fake_pipelines, picture, remote_pipelines

from extraction.pipeline import Pipeline
from review import job_client, reading, worker
from review.queue import start_worker, stop_worker
from review.workflow import Workspace, open_workspace
from settings import Limits, Settings

ROOT = Path(__file__).resolve().parents[1]
ON_SQLITE = pytest.mark.parametrize("empty_settings", ["sqlite"], indirect=True)
_SPAWNED = "import sys; sys.path.insert(0, 'tests'); from queued_work import work_until_killed; work_until_killed()"


def work_until_killed() -> None:
    """Be a worker process: `slow` takes so many seconds a document, `remote` asks the server of a folder.

    `model` asks a real model server by the profile of that name.
    """
    data, url, kind, argument = sys.argv[1:]
    if kind == "slow":
        make = fake_pipelines(reader=SlowReader(float(argument)))
    else:
        make = remote_pipelines(Path(argument)) if kind == "remote" else model_pipelines(Path(data), argument)
    start_worker(Settings(data=Path(data), database_url=url or None), make=make, polling_seconds=0.05)
    print("started", flush=True)
    time.sleep(600)


def model_pipelines(data: Path, name: str):
    """Return what makes pipelines of a model reader alone: no OCR turns its pages or looks at its values."""
    from extraction.readers.profiles import load_profiles
    from extraction.readers.vlm import VlmReader

    profile = load_profiles(data / "readers.toml")[name]
    return lambda readers, options=None: Pipeline({each: VlmReader(profile) for each in readers}, Limits())


def worker_command(settings: Settings, kind: str, argument: object) -> list[str]:
    """Return the command of a worker process, to be run in ROOT."""
    return [sys.executable, "-c", _SPAWNED, str(settings.data), settings.database_url or "", kind, str(argument)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, empty_settings: Settings) -> Iterator[None]:
    """Let a worker beat fast, and stop it before its database goes."""
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.2)
    monkeypatch.setattr(worker, "ATTEND_SECONDS", 0.1)
    monkeypatch.setattr(worker, "SWEEP_BEATS", 1)
    monkeypatch.setattr(job_client, "_POLLING_SECONDS", 0.05)
    monkeypatch.setattr(reading, "_SECONDS", dict.fromkeys(reading._SECONDS, 0.2))
    yield
    stop_worker()


@pytest.fixture
def workspace(empty_settings: Settings) -> Iterator[Workspace]:
    """The stored work, closed in the end."""
    opened = open_workspace(empty_settings)
    yield opened
    opened.close()


@pytest.fixture
def spawn(empty_settings: Settings) -> Iterator[Callable[[str, object], subprocess.Popen]]:
    """Start worker processes (`work_until_killed`); whatever is left of them is killed."""
    started = []

    def begin(kind: str, argument: object) -> subprocess.Popen:
        command = worker_command(empty_settings, kind, argument)
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        started.append(process)
        assert process.stdout.readline() == "started\n"
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def submit(workspace: Workspace, count: int, first: int = 0, readers: tuple[str, ...] = ("fake",), **more) -> str:
    """Queue documents and return the batch."""
    files = ((f"{number}.png", picture(number)) for number in range(first, first + count))
    return workspace.submit(files, readers=readers, user="ann", **more)


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is true; fail where it does not happen."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.03)


def is_idle(workspace: Workspace) -> bool:
    """Whether everything was read, or could not be."""
    counts = workspace.counts()
    return not counts["queued"] + counts["reading"]
