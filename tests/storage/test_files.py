"""Originals are kept once, as they came; page images are what a screen needs."""

import io

import pytest
from PIL import Image

from storage.errors import OriginalMissingError, StorageError
from storage.files import PAGE_SIDE, Files


@pytest.fixture(params=[None, "memory://claims"])
def files(request, tmp_path):
    return Files(request.param, tmp_path)


def test_original_comes_back_as_it_was(files):
    sha256 = files.put_original(b"\x00bytes")
    assert files.put_original(b"\x00bytes") == sha256
    assert files.original(sha256) == b"\x00bytes"


def test_same_bytes_are_kept_once(tmp_path):
    files = Files(None, tmp_path)
    files.put_original(b"a")
    files.put_original(b"a")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_original_that_was_altered_is_not_handed_out(tmp_path):
    files = Files(None, tmp_path)
    sha256 = files.put_original(b"a")
    next(path for path in tmp_path.rglob(sha256)).write_bytes(b"b")
    with pytest.raises(OriginalMissingError):
        files.original(sha256)


def test_missing_files_are_our_error(files):
    with pytest.raises(OriginalMissingError):
        files.original("0" * 64)
    with pytest.raises(OriginalMissingError):
        files.page("r", 1, 0)


def test_folder_that_cannot_be_written_is_our_error(tmp_path):
    (tmp_path / "originals").write_text("a file where the folder should be")
    with pytest.raises(StorageError):
        Files(None, tmp_path).put_original(b"a")


def test_page_image_is_a_jpeg_no_larger_than_a_screen_needs(files):
    files.put_page("r", 1, 0, Image.new("RGB", (5000, 1000), "white"))
    image = Image.open(io.BytesIO(files.page("r", 1, 0)))
    assert (image.format, image.size) == ("JPEG", (PAGE_SIDE, PAGE_SIDE // 5))


def test_nothing_half_written_is_left(tmp_path):
    files = Files(None, tmp_path)
    files.put_page("r", 1, 0, Image.new("RGB", (10, 10)))
    files.put_page("r", 1, 0, Image.new("RGB", (10, 10)))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["1-0.jpg"]
