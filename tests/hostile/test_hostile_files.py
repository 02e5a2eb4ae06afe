"""Every hostile file gives its pages or its named error: no other exception, no warning, no hang."""

import pytest

import settings
from extraction.errors import DocumentError
from extraction.loading import load
from tests.hostile import files

LIMITS = settings.Limits()


@pytest.mark.parametrize("name", files.cases())
def test_file_gives_its_pages_or_its_named_error(name, monkeypatch):
    monkeypatch.setattr("extraction.pdf_guard._SECONDS", 2)
    data, expected = files.cases()[name]
    if isinstance(expected, int):
        loaded = load(data, name, LIMITS)
        assert len(loaded.pages) == expected
        assert all(page.image.mode == "RGB" and not page.image.info for page in loaded.pages)
    else:
        with pytest.raises(DocumentError) as caught:
            load(data, name, LIMITS)
        assert caught.value.key == expected


def test_there_are_many_of_them():
    assert len(files.cases()) >= 60


@pytest.mark.parametrize("name", files.UNWRITABLE_NAMES)
def test_name_of_an_upload_is_made_harmless(name):
    shown = load(files.cases()["jpeg_plain.jpg"][0], name, LIMITS).name
    assert shown and shown.isprintable() and not set(shown) & set("/\\") and len(shown) <= 200


def test_files_can_be_written_to_a_folder(tmp_path):
    expected = files.write_all(tmp_path)
    assert set(expected) == {path.name for path in tmp_path.iterdir()}
