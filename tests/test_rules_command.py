"""`claimsheet rules`, and what every other command says where an office's file is broken."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
from extraction.validation.office import install
from settings import Settings, get_settings

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
RULES = ":".join(str(SAMPLES / name) for name in ("office_rules.toml", "office_rules.py"))


@pytest.fixture(autouse=True)
def own_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("CLAIMSHEET_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CLAIMSHEET_LANGUAGE", "en")
    get_settings.cache_clear()
    yield
    install(())
    get_settings.cache_clear()


def run(*arguments):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def line(**document):
    told = {"file": "a.jpg", "sha256": "0", "document_type": "medical_receipt", "states": {}, "evidence": {}}
    return json.dumps({**told, "document": {"items": [], **document}}, ensure_ascii=False)


def test_rules_lists_ours_and_the_offices(monkeypatch):
    monkeypatch.setenv("CLAIMSHEET_RULES", RULES)
    result = run("rules")
    assert result.exit_code == 0
    for word in ("line_sum_nhi", "office.self_pay_limit", "office.same_item_twice", "Claims manual 3.2", "1 hospitals"):
        assert word in result.stdout


def test_rules_without_any_of_the_office_says_how_to_begin():
    result = run("rules")
    assert result.exit_code == 0
    assert "CLAIMSHEET_RULES" in result.stdout


def test_rules_are_tried_on_what_extract_wrote(tmp_path):
    documents = tmp_path / "out.jsonl"
    documents.write_text("\n".join([
        line(self_pay_total="3001", visit_kind="outpatient"), line(visit_kind="outpatient"),
        json.dumps({**json.loads(line()), "document": None}),
    ]), encoding="utf-8")  # fmt: skip
    result = run("rules", SAMPLES / "office_rules.toml", "--try", documents)
    assert result.exit_code == 0
    assert "✗ Self-pay above the outpatient limit: Self-pay of 3001" in result.stdout
    assert "– Self-pay above the outpatient limit: “Self-pay total” is empty" in result.stdout
    assert "was not read" in result.stdout


@pytest.mark.parametrize("text", ["{", "[]", '{"file": "a"}'])
def test_file_that_is_no_json_lines_is_told(text, tmp_path):
    documents = tmp_path / "out.jsonl"
    documents.write_text(text, encoding="utf-8")
    result = run("rules", SAMPLES / "office_rules.toml", "--try", documents)
    assert (result.exit_code, "out.jsonl" in result.stderr) == (2, True)
    assert run("rules", "--try", tmp_path / "none").exit_code == 2


def test_record_that_is_not_there_is_told():
    result = run("rules", "--record", "nobody")
    assert (result.exit_code, "nobody" in result.stderr) == (2, True)


def test_broken_file_stops_every_command_but_the_doctor_with_its_line(monkeypatch, tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(
        '[[rule]]\ncode = "x"\ndocument = "invoice"\ncheck = "total > 5"\nmessage = "m"\n', encoding="utf-8"
    )
    monkeypatch.setenv("CLAIMSHEET_RULES", str(path))
    for arguments in (["status"], ["rules"], ["extract", str(SAMPLES / "e_invoice.png"), "--json", "-"], ["worker"]):
        get_settings.cache_clear()
        result = run(*arguments)
        assert result.exit_code == 2, arguments
        assert f"{path}:4 (x · check)" in result.stderr
        assert "total_amount" in result.stderr
    result = run("doctor")
    assert (result.exit_code, f"{path}:4" in result.stdout) == (1, True)


def test_doctor_says_what_is_loaded(monkeypatch):
    monkeypatch.setenv("CLAIMSHEET_RULES", RULES)
    result = run("doctor")
    assert "6 rules, 1 fee items and 1 hospitals of your office" in result.stdout


def test_rules_file_in_the_data_folder_counts_without_a_setting(tmp_path):
    settings = Settings()
    assert settings.rules_files == ()
    settings.data.mkdir(parents=True)
    (settings.data / "rules.toml").write_text("", encoding="utf-8")
    assert settings.rules_files == (settings.data / "rules.toml",)


def test_several_files_are_parted_as_in_path(monkeypatch):
    monkeypatch.setenv("CLAIMSHEET_RULES", f"{RULES}:")
    assert Settings().rules_files == (SAMPLES / "office_rules.toml", SAMPLES / "office_rules.py")
