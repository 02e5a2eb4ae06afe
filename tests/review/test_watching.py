"""What is put into a watched folder is queued once, when it is whole, and moved aside."""

import pytest
from stored_work import picture

from review.watching import REFUSED, SUBMITTED, Watch
from settings import Limits


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def watch_of(work, folder, **limits):
    def submit(files):
        return work.workspace.submit(files, readers=("fake",), user="ann")

    return Watch(folder, submit, work.workspace.is_stored, Limits(**limits))


def names(work):
    return sorted(record.name for record in work.workspace.records())


def test_file_is_taken_once_it_stands_unchanged(work, folder):
    watch = watch_of(work, folder)
    (folder / "a.png").write_bytes(picture()[:50])
    assert watch.look().submitted == []
    (folder / "a.png").write_bytes(picture())
    assert watch.look().submitted == []
    taken = watch.look()
    assert (taken.submitted, names(work)) == (["a.png"], ["a.png"])
    assert (folder / SUBMITTED / "a.png").read_bytes() == picture()
    assert watch.look().submitted == watch.look().submitted == []


def test_file_queued_before_a_crash_is_only_moved(work, folder):
    (folder / "a.png").write_bytes(picture())
    work.workspace.submit([("a.png", picture())], readers=("fake",), user="ann")
    watch = watch_of(work, folder)
    watch.look()
    taken = watch.look()
    assert (taken.submitted, taken.known) == ([], 1)
    assert names(work) == ["a.png"]
    assert not (folder / "a.png").exists()


def test_file_too_large_is_put_aside_and_the_others_are_taken(work, folder):
    (folder / "big.png").write_bytes(b"x" * 5000)
    (folder / "sub").mkdir()
    (folder / "sub" / "a.png").write_bytes(picture())
    watch = watch_of(work, folder, bytes=4000)
    watch.look()
    taken = watch.look()
    assert list(taken.refused) == ["big.png"]
    assert taken.submitted == ["sub/a.png"]
    assert (folder / REFUSED / "big.png").exists()


def test_same_name_twice_keeps_both_files(work, folder):
    watch = watch_of(work, folder)
    for number in (1, 2):
        (folder / "a.png").write_bytes(picture(number))
        watch.look()
        assert watch.look().submitted == ["a.png"]
    assert sorted(path.name for path in (folder / SUBMITTED).iterdir()) == ["a (2).png", "a.png"]
    assert len(names(work)) == 2


def test_look_goes_on_until_stopped(work, folder):
    watch = watch_of(work, folder)
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            raise KeyboardInterrupt

    (folder / "a.png").write_bytes(picture())
    with pytest.raises(KeyboardInterrupt):
        list(watch.forever(pause))
    assert names(work) == ["a.png"]
