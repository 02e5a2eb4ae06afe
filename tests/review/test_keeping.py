"""Stored work is carried from one database to another whole, and goes when its time is over."""

import io
import tarfile

import pytest
from postgres_server import new_database
from sqlalchemy import text
from stored_work import BOTH, StoredWork, grow_old

from review import keeping
from review.workflow import OriginalMissingError, RecordNotFoundError, Status
from settings import Settings
from storage.errors import BackupError


@pytest.fixture(params=BOTH)
def other(request, tmp_path):
    """Settings of another place, empty, on each kind of database."""
    folder = tmp_path / "other"
    if request.param == "sqlite":
        yield Settings(data=folder)
        return
    with new_database(request.getfixturevalue("postgres")) as url:
        yield Settings(data=folder, database_url=url)


def fill(work):
    """One approved record with a correction, one to review, one still queued."""
    record = work.open_one()
    record = work.correct(record, hospital_name="臺北市立聯合醫院")
    overrides = {item.key: "looked at" for item in record.flags}
    approved = work.workspace.approve(record.id, record.version, "ann", overrides)
    (seen,) = work.add()
    work.workspace.submit([("later.png", b"not read yet")], readers=("fake",), user="ann")
    return approved, seen


def test_restored_work_is_the_same_and_its_history_holds(work, other, tmp_path):
    approved, seen = fill(work)
    written = keeping.back_up(work.settings, tmp_path / "b.tar")
    restored = keeping.restore(other, tmp_path / "b.tar", "bob")
    assert (written.records, written.missing) == (3, 0)
    assert (restored.records, restored.files) == (3, written.files)
    there = StoredWork(other)
    assert there.workspace.verify() is None
    again = there.workspace.record(approved.id)
    assert again == approved
    assert there.workspace.original(seen) == work.workspace.original(seen)
    assert there.workspace.page_image(seen, 0) == work.workspace.page_image(seen, 0)
    there.workspace.close()


def test_work_goes_on_in_the_restored_place(work, other, tmp_path):
    approved, seen = fill(work)
    keeping.back_up(work.settings, tmp_path / "b.tar")
    keeping.restore(other, tmp_path / "b.tar", "bob")
    there = StoredWork(other)
    record = there.workspace.open_for_review(seen, "bob")
    record = there.correct(record, "bob", hospital_name="高雄榮民總醫院")  # its row needs a number of its own
    assert record.extraction.document.hospital_name == "高雄榮民總醫院"
    assert there.workspace.undo(seen, "bob").extraction == there.workspace.record(seen).extraction
    assert there.workspace.reopen(approved.id, "bob").status == Status.TO_REVIEW
    (waiting,) = [record for record in there.workspace.records() if record.name == "later.png"]
    assert (waiting.status, there.workspace.record(waiting.id).history[-1].action) == (Status.QUEUED, "retried")
    there.workspace.close()


def test_backup_is_not_put_over_other_work(work, tmp_path):
    fill(work)
    keeping.back_up(work.settings, tmp_path / "b.tar")
    with pytest.raises(BackupError) as caught:
        keeping.restore(work.settings, tmp_path / "b.tar", "bob")
    assert caught.value.parameters == {"cause": "not_empty"}


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_cut_off_backup_changes_nothing(work, other, tmp_path, share):
    fill(work)
    keeping.back_up(work.settings, tmp_path / "b.tar")
    whole = (tmp_path / "b.tar").read_bytes()
    (tmp_path / "b.tar").write_bytes(whole[: int(len(whole.rstrip(b"\0")) * share)])
    with pytest.raises(BackupError):
        keeping.restore(other, tmp_path / "b.tar", "bob")
    there = StoredWork(other)
    assert there.workspace.records() == []
    there.workspace.close()


def test_altered_original_is_refused(work, other, tmp_path):
    fill(work)
    keeping.back_up(work.settings, tmp_path / "b.tar")
    data = (tmp_path / "b.tar").read_bytes()
    assert data.count(b"not read yet") == 1
    (tmp_path / "b.tar").write_bytes(data.replace(b"not read yet", b"not what was"))
    with pytest.raises(BackupError) as caught:
        keeping.restore(other, tmp_path / "b.tar", "bob")
    assert caught.value.parameters == {"cause": "damaged"}


def test_file_that_would_leave_its_folder_is_refused(work, other, tmp_path):
    fill(work)
    keeping.back_up(work.settings, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar", "a") as tar:
        info = tarfile.TarInfo("pages/../../evil/1-0.jpg")
        info.size = 4
        tar.addfile(info, io.BytesIO(b"evil"))
    with pytest.raises(BackupError):
        keeping.restore(other, tmp_path / "b.tar", "bob")
    assert not list(tmp_path.rglob("evil"))


def test_lost_original_is_counted_and_does_not_stop_a_backup(work, other, tmp_path):
    approved, _ = fill(work)
    work.files.erase_original(work.workspace.record(approved.id).sha256)
    assert keeping.back_up(work.settings, tmp_path / "b.tar").missing == 1
    assert keeping.restore(other, tmp_path / "b.tar", "bob").records == 3


# -- erasing ---------------------------------------------------------------------------------------------------------


def test_old_decided_record_goes_with_its_files_and_the_chain_holds(work):
    approved, seen = fill(work)
    grow_old(work, approved.id, seen)
    assert list(keeping.erase_old(work.settings, 365, "root")) == [approved.id]
    with pytest.raises(RecordNotFoundError):
        work.workspace.record(approved.id)
    with pytest.raises(OriginalMissingError):
        work.files.page(approved.id, 1, 0)
    assert work.workspace.record(seen).status == Status.TO_REVIEW
    assert work.workspace.verify() is None


def test_nothing_of_an_erased_record_is_left_in_the_database(work, tmp_path):
    approved, _ = fill(work)
    grow_old(work, approved.id)
    list(keeping.erase_old(work.settings, 365, "root"))
    keeping.back_up(work.settings, tmp_path / "b.tar")
    assert "臺北市立聯合醫院" not in (tmp_path / "b.tar").read_bytes().decode(errors="ignore")


def test_erased_details_without_a_purge_are_a_broken_link(work):
    approved, _ = fill(work)
    with work.database.write() as session:
        session.execute(text("UPDATE history SET details = '' WHERE record_id = :id"), {"id": approved.id})
    assert work.workspace.verify().reason == "details"


def test_original_that_another_record_still_names_stays(work):
    approved, _ = fill(work)
    data = work.workspace.original(approved.id)[1]
    work.workspace.submit([("again.png", data)], readers=("fake",), user="ann")
    grow_old(work, approved.id)
    with work.database.write() as session:
        session.execute(text("UPDATE originals SET created_at = '2020-01-01 00:00:00'"))
    list(keeping.erase_old(work.settings, 365, "root"))
    (again,) = [record for record in work.workspace.records() if record.name == "again.png"]
    assert work.workspace.original(again.id)[1] == data
    assert again.duplicate_of is None


def test_record_that_was_touched_meanwhile_stays(work):
    approved, _ = fill(work)
    grow_old(work, approved.id)
    assert keeping.find_old(work.settings, 365) == [approved.id]
    work.workspace.reopen(approved.id, "ann")
    assert list(keeping.erase_old(work.settings, 365, "root")) == []
