"""The measure of our own client runs, counts documents, and says so; how fast it is depends on the machine."""

import json

import pytest
from typer.testing import CliRunner

import cli
from extraction.bench.client import Level, Pace, measure
from review.pace import is_enough


def test_both_loops_are_measured_on_the_same_endpoint():
    (level,) = measure([2], latency=0.3, rounds=2)
    assert level.concurrency == 2
    assert 0 < level.bare.per_minute <= 2 * 60 / 0.3 * 1.1  # no loop is faster than the endpoint
    assert 0 < level.ours.per_minute <= 2 * 60 / 0.3 * 1.1


@pytest.mark.parametrize(("ours", "code"), [(96.0, 0), (94.0, 1)])
def test_command_gives_figures_and_says_whether_they_are_enough(monkeypatch, ours, code):
    levels = [Level(4, Pace(100.0, 0.1, 2**20), Pace(ours, 0.1, None))]
    monkeypatch.setattr("extraction.bench.client.measure", lambda *_: iter(levels))
    result = CliRunner().invoke(cli.app, ["bench", "client", "--json", "-"])
    assert result.exit_code == code
    figures = json.loads(result.stdout)[0]
    assert figures["ratio"] == ours / 100
    assert figures["peak_memory"] == {"bare": 2**20, "ours": None}


def test_command_prints_a_row_for_each_level(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    levels = [Level(4, Pace(100.0, 0.1, 2**20), Pace(97.0, 0.1, 2**21))]
    levels += [Level(16, Pace(400.0, 0.1, 2**20), Pace(399.0, 0.1, None))]
    monkeypatch.setattr("extraction.bench.client.measure", lambda *_: iter(levels))
    shown = CliRunner().invoke(cli.app, ["bench", "client"]).stdout
    assert "0.970" in shown
    assert "399.0" in shown
    assert is_enough(levels)


def test_help_explains_every_option(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_TW.UTF-8")
    shown = CliRunner().invoke(cli.app, ["bench", "client", "--help"]).stdout
    assert "固定延遲" in shown
    assert "提問" in shown
