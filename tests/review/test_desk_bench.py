"""The measure of the review screen: its receipts are large and clean, and without a browser it says so."""

import io
from random import Random

from PIL import Image
from typer.testing import CliRunner

import cli
from review.bench import desk
from review.bench.desk_work import PHOTO, ROWS, put_receipts
from review.bench.stored import Timed
from review.workflow import Status, open_workspace
from settings import Settings


def test_receipts_have_forty_rows_on_a_photo_of_a_phone_and_nothing_to_look_at(tmp_path):
    settings = Settings(data=tmp_path)
    (record,) = put_receipts(settings, 1, Random(1))  # noqa: S311 - the same receipts each time
    workspace = open_workspace(settings)
    found = workspace.record(record)
    assert (found.status, [flag.flag.code for flag in found.flags if flag.flag.severity != "info"]) == (
        Status.TO_REVIEW,
        [],
    )
    assert len(found.extraction.document.items) == ROWS
    assert len(found.extraction.evidence) > 3 * ROWS
    with Image.open(io.BytesIO(workspace.original(record)[1])) as photo:
        assert photo.size == PHOTO
    workspace.close()


def test_without_a_browser_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(desk.shutil, "which", lambda name: None)
    result = CliRunner().invoke(cli.app, ["bench", "review"])
    assert result.exit_code == 2
    assert "Chromium" in result.output


def test_figures_are_milliseconds_beside_their_limits():
    taken = [Timed("focus", (0.1, 0.12), ())]
    assert desk.to_json(taken, 1.26)["milliseconds"] == {"focus": {"p50": 110, "p95": 120, "limit": 150.0}}
