"""From the upload to the workbook on a real vLLM: nonsense of the right shape is kept, flagged and exported."""

import io
import time
from pathlib import Path

import pytest
from openpyxl import load_workbook

from extraction.readers.profiles import load_profiles, save_profile
from review.delivery import workbook_of
from review.queue import start_worker, stop_worker
from review.workflow import EVERYTHING, Status, open_workspace
from settings import Settings

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(900)]
SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_PATIENCE = 600.0


@pytest.fixture
def settings(profile, tmp_path):
    """An office whose own file of profiles points at the server."""
    file = tmp_path / "readers.toml"
    save_profile(file, profile)
    assert load_profiles(file)[profile.name].base_url == profile.base_url
    return Settings(data=tmp_path, readers=file)


@pytest.fixture
def workspace(settings):
    opened = open_workspace(settings)
    start_worker(settings, polling_seconds=0.1)
    yield opened
    stop_worker()
    opened.close()


def read(workspace, batch_id):
    """Wait until all of a batch is read and return its records."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        found = workspace.records()
        if all(record.status not in (Status.QUEUED, Status.READING) for record in found):
            return [workspace.record(summary.id) for summary in found]
        time.sleep(0.5)
    raise AssertionError("not read in time")


def test_nonsense_is_stored_flagged_and_exported(vllm, profile, workspace):
    files = [("clinic_slip.jpg", (SAMPLES / "clinic_slip.jpg").read_bytes())]
    batch = workspace.submit(files, document_type="medical_receipt", readers=(profile.name,), user="ann")
    [record] = read(workspace, batch)
    assert record.status == Status.TO_REVIEW, record
    extraction = record.extraction
    assert extraction.error is None
    assert {flag.severity for flag in extraction.flags} >= {"error"}
    [stored] = workspace.readings(record.id)  # the record itself goes without raw answers
    reading = stored.reading
    assert (reading.reader, reading.model) == (profile.name, vllm.model)
    kinds = [attempt.kind for attempt in reading.attempts]
    assert "structure" in kinds
    assert kinds[0] == ("transcribe" if profile.strategy == "transcribe_then_structure" else "structure")
    answered = [attempt for attempt in reading.attempts if attempt.cause is None]
    assert all(attempt.raw and attempt.tokens_in and attempt.tokens_out for attempt in answered)
    assert all(attempt.prompt and attempt.seconds for attempt in reading.attempts)
    book = load_workbook(io.BytesIO(workbook_of(workspace, EVERYTHING, "en", "ann")))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any("clinic_slip.jpg" in cell for cell in cells)
