"""Pages run in this process on stored work of a fake reader."""

import pytest
from page_screen import Screen
from stored_work import StoredWork

from review.components import resources
from settings import Settings, get_settings


@pytest.fixture
def work(tmp_path, monkeypatch):
    """Empty stored work that the pages see; nothing is read unless the test says so."""
    monkeypatch.setenv("CLAIMSHEET_DATA", str(tmp_path))
    monkeypatch.setenv("CLAIMSHEET_USER", "ann")
    get_settings.cache_clear()
    stored = StoredWork(Settings(data=tmp_path))
    monkeypatch.setattr(resources, "workspace", lambda: stored.workspace)
    yield stored
    stored.workspace.close()
    get_settings.cache_clear()


@pytest.fixture
def screen():
    return Screen("en")
