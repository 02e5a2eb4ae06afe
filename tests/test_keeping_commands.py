"""Backup, restore and purge on the command line say what they did, and what to do where they refuse."""

import pytest
from stored_work import StoredWork, grow_old
from typer.testing import CliRunner

import cli
from settings import Settings, get_settings


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("CLAIMSHEET_LANGUAGE", "en")

    def at(folder, *arguments, **options):
        monkeypatch.setenv("CLAIMSHEET_DATA", str(tmp_path / folder))
        get_settings.cache_clear()
        return CliRunner().invoke(cli.app, [str(argument) for argument in arguments], **options)

    yield at
    get_settings.cache_clear()


def test_backup_goes_to_another_place_and_not_over_what_is_there(run, tmp_path):
    work = StoredWork(Settings(data=tmp_path / "here"))
    work.add()
    target = tmp_path / "b.tar"
    assert "1 records and 2 files" in run("here", "backup", target).output
    again = run("here", "backup", target)
    assert (again.exit_code, "is there already" in again.output) == (2, True)
    assert "1 records and 2 files" in run("there", "restore", target).output
    refused = run("there", "restore", target)
    assert (refused.exit_code, "stored work here already" in refused.output.replace("\n", " ")) == (1, True)
    work.workspace.close()


def test_file_that_is_no_backup_is_refused_in_words(run, tmp_path):
    (tmp_path / "b.tar").write_text("nothing")
    refused = run("there", "restore", tmp_path / "b.tar")
    assert (refused.exit_code, "no backup" in refused.output) == (1, True)


def test_backup_into_a_folder_that_is_not_there_says_so(run, tmp_path):
    refused = run("here", "backup", tmp_path / "nowhere" / "b.tar")
    assert (refused.exit_code, "there is no such folder" in refused.output.replace("\n", " ")) == (1, True)


def test_data_folder_that_cannot_be_made_is_a_sentence(run, tmp_path):
    (tmp_path / "file").write_text("a file, not a folder")
    for command in (["status"], ["verify"], ["resume"], ["purge", "--older-than", "1"], ["backup", tmp_path / "b.tar"]):
        refused = run("file/data", *command)
        assert (refused.exit_code, "cannot be used" in refused.output.replace("\n", " ")) == (2, True)
        assert "Traceback" not in refused.output


def test_purge_asks_first(run, tmp_path):
    assert run("here", "purge").exit_code == 2
    work = StoredWork(Settings(data=tmp_path / "here"))
    record = work.open_one()
    work.workspace.reject(record.id, record.version, "ann", "twice")
    grow_old(work, record.id)
    assert "1 records" in run("here", "purge", "--older-than", 30, input="n\n").output
    assert len(work.workspace.records()) == 1
    assert "1 records were erased" in run("here", "purge", "--older-than", 30, "--yes").output
    assert work.workspace.records() == []
    work.workspace.close()
