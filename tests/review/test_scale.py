"""The measure of scale runs and says what it found; how fast it is depends on the machine."""

import json
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

import cli
from review.bench import postgres as servers
from review.bench import stored, workers
from review.bench.stored import LIMIT, Large, Timed, measure_stored
from review.bench.workers import Crew


def test_large_database_is_filled_with_a_history_that_holds_and_worked_on():
    large = measure_stored(None, count=300, rounds=2)
    assert large.holds
    assert {action.action for action in large.actions} >= set(stored.WATCHED)
    assert all(0 <= action.database_p95 <= action.p95 for action in large.actions)


@pytest.mark.parametrize(("fast", "quick", "code"), [(3.7, 0.01, 0), (3.5, 0.01, 1), (3.7, LIMIT * 2, 1)])
def test_command_says_whether_the_figures_are_enough(monkeypatch, fast, quick, code):
    @contextmanager
    def given(_):
        yield "postgresql://nowhere"

    actions = tuple(Timed(name, (quick,), (quick,)) for name in stored.WATCHED)
    large = Large("sqlite", 10, 1.0, 1.0, True, actions, (2**20, 2**20))
    monkeypatch.setattr(servers, "postgres", given)
    monkeypatch.setattr(servers, "empty_database", given)
    monkeypatch.setattr(stored, "measure_stored", lambda *_: large)
    monkeypatch.setattr(workers, "measure_workers", lambda *_: iter([Crew(1, 10.0, 8), Crew(4, 10.0 * fast, 32)]))
    result = CliRunner().invoke(cli.app, ["bench", "scale", "--json", "-"])
    assert result.exit_code == code
    assert json.loads(result.stdout)["workers"][1]["ratio"] == fast
    shown = CliRunner().invoke(cli.app, ["bench", "scale"]).stdout
    assert f"{fast:.2f}" in shown
