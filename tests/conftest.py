"""Fixtures that every test may use."""

from pathlib import Path

import pytest
from hypothesis import settings
from postgres_server import postgres, postgres_database

__all__ = ["postgres", "postgres_database"]

settings.register_profile("suite", derandomize=True, deadline=None)  # the same examples on every machine
settings.load_profile("suite")

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of documents with ground truth beside the checkout."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the documents with ground truth (../shared/data) are not on this machine")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test's data, and whatever it reads from the environment, away from the user's own."""
    monkeypatch.setenv("CLAIMSHEET_DATA", str(tmp_path_factory.mktemp("data")))
    for name in ("CLAIMSHEET_DATABASE_URL", "CLAIMSHEET_ORIGINALS_URL", "CLAIMSHEET_LANGUAGE", "CLAIMSHEET_READERS"):
        monkeypatch.delenv(name, raising=False)
