import io
import json
import os
import signal
import socket
import time
from functools import partial
from pathlib import Path

import openpyxl
import pytest
from PIL import Image
from typer.testing import CliRunner
from vllm_dialect import DialectServer, answer, sample, text

import cli
from extraction.batch import Plan, extract_all
from extraction.inputs import Found, Source, find_documents
from extraction.pipeline import Pipeline, make_pipeline
from extraction.readers.fake import FakeReader, small_receipt
from review import stored
from review.workflow import BrokenLink
from settings import Limits, get_settings

LINE = ["file", "sha256", "pages", "document_type", "document", "states", "evidence", "flags",
        "judgements", "checks", "readings", "seconds", "error"]  # fmt: skip


def fake_pipeline():
    return Pipeline({"local": FakeReader()}, Limits())


class Moody(FakeReader):
    """Kills its process on white pages, is slow on black ones."""

    def read(self, pages, document_type):
        if pages[0].image.getpixel((0, 0)) == (255, 255, 255):
            os.kill(os.getpid(), signal.SIGKILL)
        if pages[0].image.getpixel((0, 0)) == (0, 0, 0):
            time.sleep(0.5)
        return super().read(pages, document_type)


def moody_pipeline():
    return Pipeline({"local": Moody()}, Limits())


@pytest.fixture(autouse=True)
def _english_and_fake(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(cli, "make_pipeline", lambda *_: fake_pipeline())
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.fixture
def folder(tmp_path):
    """Three documents, one of them broken, beside files that are none."""
    root = tmp_path / "in"
    (root / "sub").mkdir(parents=True)
    (root / "a.png").write_bytes(png())
    (root / "sub" / "b.JPG").write_bytes(png())
    (root / "broken.pdf").write_bytes(b"")
    (root / "notes.txt").write_bytes(png())
    (root / ".hidden.png").write_bytes(png())
    return root


def png(color="gray"):
    stream = io.BytesIO()
    Image.new("RGB", (400, 300), color).save(stream, "PNG")
    return stream.getvalue()


def run(*arguments, stdin=None):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments], input=stdin)


def lines(path):
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


# -- extract ---------------------------------------------------------------------------------------------------------


def test_folder_becomes_one_line_a_document_in_order(folder, tmp_path):
    result = run("extract", folder, "--json", tmp_path / "out.jsonl")
    assert result.exit_code == 3
    written = lines(tmp_path / "out.jsonl")
    assert [line["file"] for line in written] == ["a.png", "broken.pdf", "sub/b.JPG"]
    assert all(list(line) == LINE for line in written)
    assert written[1]["document"] is None
    assert written[1]["error"]["code"] == "empty_file"
    assert written[0]["document"]["items"][1]["self_pay_amount"] == "150"


def test_failed_document_is_named_on_standard_error_with_what_to_do(folder):
    result = run("extract", folder)
    assert "broken.pdf: The file holds nothing." in result.stderr
    assert "示範醫院" in result.stdout
    assert "1 not read" in result.stdout


def test_all_read_ends_with_0(folder):
    assert run("extract", folder / "a.png").exit_code == 0


def test_file_named_by_itself_is_tried_whatever_its_name(folder):
    assert run("extract", folder / "notes.txt").exit_code == 0


def test_document_on_standard_input_gives_a_line_on_standard_output():
    result = run("extract", "-", "--json", "-", stdin=png())
    assert result.exit_code == 0
    assert json.loads(result.stdout)["file"] == "stdin"


def test_workbook_is_written_in_one_piece(folder, tmp_path):
    target = tmp_path / "out.xlsx"
    assert run("extract", folder, "--xlsx", target).exit_code == 3
    book = openpyxl.load_workbook(target)
    assert [row[1].value for row in book["Receipts"].iter_rows(min_row=2)] == ["a.png", "sub/b.JPG"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out.xlsx"], "no draft is left"


@pytest.mark.parametrize("option", ["--json", "--xlsx"])
def test_place_that_cannot_be_written_is_refused_before_the_work(option, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "extract_all", lambda *_: pytest.fail("work began"))
    result = run("extract", folder, option, tmp_path / "nowhere" / "out")
    assert result.exit_code == 2
    assert str(tmp_path / "nowhere" / "out") in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing.png"], "nothing.png"),
        (["--reader", "psychic", "."], "local"),
        (["--reader", "rolmocr@3-1", "."], "NAME@1-3"),
        (["--reader", "rolmocr@1", "--reader", "psychic", "."], "psychic"),
        (["--base-url", "http://127.0.0.1:1", "."], "--model"),
        (["--reader", "local", "--model", "x", "."], "model reader"),
        (["--base-url", "ftp://host", "--model", "x", "."], "base_url"),
        (["--type", "bill", "."], "medical_receipt"),
        (["--jobs", "0", "."], "jobs"),
        ([], "PATH"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_why(arguments, told):
    result = run("extract", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


@pytest.mark.parametrize(
    ("named", "chosen"),
    [
        ([], ("medical_receipt=gemma3",)),
        (["rolmocr@1-3"], ("rolmocr@1-3+medical_receipt=gemma3",)),
        (["local"], ("local",)),
        (["local", "rolmocr@1-3", "internvl3", "qwen3_vl@5-"], ("rolmocr@1-3+qwen3_vl@5-+local", "internvl3")),
    ],
)
def test_pages_and_types_choose_readers(named, chosen, folder, monkeypatch):
    monkeypatch.setenv("CLAIMSHEET_READER_FOR__MEDICAL_RECEIPT", "gemma3")
    plans = []
    monkeypatch.setattr(cli, "extract_all", lambda sources, plan, jobs: plans.append(plan) or iter(()))
    run("extract", folder, *(part for name in named for part in ("--reader", name)))
    assert [plan.readers for plan in plans] == [chosen]


def test_folder_without_documents_is_wrong_usage(tmp_path):
    (tmp_path / "x.txt").write_text("x")
    result = run("extract", tmp_path)
    assert result.exit_code == 2
    assert "1 other files" in result.stderr


def test_interrupt_keeps_what_was_done(folder, tmp_path, monkeypatch):
    def interrupted(sources, plan, jobs):
        yield next(extract_all(sources, Plan(fake_pipeline, Limits())))
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "extract_all", interrupted)
    result = run("extract", folder, "--json", tmp_path / "out.jsonl", "--xlsx", tmp_path / "out.xlsx")
    assert result.exit_code == 130
    assert len(lines(tmp_path / "out.jsonl")) == 1
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["Receipts"].max_row == 2


def test_printed_text_cannot_steer_the_terminal(folder, monkeypatch):
    answer = small_receipt()
    answer.values["hospital_name"] = "bad\x1b[2Jname"
    monkeypatch.setattr(cli, "make_pipeline", lambda *_: Pipeline({"local": FakeReader(answer)}, Limits()))
    assert "\x1b[2J" not in run("extract", folder / "a.png").stdout


def test_wrong_setting_is_named(monkeypatch, folder):
    monkeypatch.setenv("CLAIMSHEET_LIMITS__PAGES", "many")
    result = run("extract", folder)
    assert result.exit_code == 2
    assert "CLAIMSHEET_LIMITS__PAGES" in result.stderr


@pytest.mark.parametrize(("language", "word"), [("en", "Files, folders"), ("zh-Hant", "檔案、資料夾")])
def test_help_speaks_the_language_of_the_settings(language, word, monkeypatch):
    monkeypatch.setenv("CLAIMSHEET_LANGUAGE", language)
    shown = run("extract", "--help").stdout
    assert word in shown
    assert ("Show this text" in shown) == (language == "en")


def test_reader_for_tests_is_not_offered(folder):
    result = run("extract", folder, "--reader", "nosuch")
    assert (result.exit_code, "rolmocr" in result.stderr, "fake" in result.stderr) == (2, True, False)


# -- many documents --------------------------------------------------------------------------------------------------


def sources(*colors):
    return [Source(f"{number}.png", data=png(color)) for number, color in enumerate(colors)]


def test_processes_give_results_in_order():
    found = list(extract_all(sources("black", "gray", "gray"), Plan(moody_pipeline, Limits()), jobs=2))
    assert [extraction.file for extraction in found] == ["0.png", "1.png", "2.png"]
    assert all(extraction.error is None for extraction in found)


def test_process_that_dies_costs_only_its_document():
    found = list(extract_all(sources("gray", "white", "gray", "gray"), Plan(moody_pipeline, Limits()), jobs=2))
    assert [extraction.error.code if extraction.error else None for extraction in found] == [
        None, "reader_crashed", None, None]  # fmt: skip


def test_file_over_the_limit_is_not_read_into_memory(tmp_path):
    big = tmp_path / "big.png"
    with big.open("wb") as stream:
        stream.truncate(2**30)
    found = next(extract_all([Source("big.png", big)], Plan(fake_pipeline, Limits(bytes=1000))))
    assert found.error.code == "too_many_bytes"
    assert set(found.error.parameters) == {"found", "allowed"}


def test_file_that_vanished_is_a_failure_of_its_own(tmp_path):
    found = next(extract_all([Source("gone.png", tmp_path / "gone.png")], Plan(fake_pipeline, Limits())))
    assert (found.error.code, found.sha256) == ("file_unreadable", "")


def test_file_named_twice_is_read_once(folder):
    assert len(find_documents([folder, folder / "a.png"]).sources) == 3


# -- evaluate --------------------------------------------------------------------------------------------------------


@pytest.fixture
def labelled(folder):
    document = {"hospital_name": "示範醫院", "nhi_total": "758"}
    label = {"file": "a.png", "level": "clean", "layout": "A", "document_type": "medical_receipt", "document": document}
    (folder / "labels.jsonl").write_text(json.dumps(label), encoding="utf-8")
    return folder


def test_evaluate_prints_tables_and_every_wrong_cell(labelled):
    result = run("evaluate", labelled, "--by-document")
    assert result.exit_code == 0
    for told in ("Wrong without a flag: 1", "758", "nhi_total"):
        assert told in result.stdout


def test_evaluate_gives_all_figures_as_json(labelled):
    result = run("evaluate", labelled, "--json", "-")
    assert json.loads(result.stdout)["layouts"][0]["counts"]["documents"] == 1


def test_evaluate_needs_labels(folder):
    result = run("evaluate", folder)
    assert result.exit_code == 2
    assert "labels.jsonl" in result.stderr


# -- serve, doctor ---------------------------------------------------------------------------------------------------


def test_busy_port_is_told_before_anything_starts():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        result = run("serve", "--port", busy.getsockname()[1])
    assert result.exit_code == 2
    assert str(busy) and "in use" in result.stderr


def test_doctor_finds_a_data_folder_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("CLAIMSHEET_DATA", str(tmp_path / "file"))
    result = run("doctor")
    assert result.exit_code == 1
    assert "CLAIMSHEET_DATA" in result.stdout


def test_doctor_of_the_built_in_reader_says_how_it_is_tried():
    result = run("doctor", "--reader", "local")
    assert (result.exit_code, "without --reader" in result.stdout.replace("\n", " ")) == (0, True)


@pytest.mark.parametrize(("said", "code"), [("40718 2025/05/21 345 1,207 86 1,638", 0), ("!" * 400, 1)])
def test_doctor_of_a_model_reader_has_it_read(said, code, monkeypatch, tmp_path):
    with DialectServer(default=text(said)) as server:
        file = tmp_path / "readers.toml"
        file.write_text(f'[profiles.rolmocr]\nbase_url = "{server.base_url}"\n')
        monkeypatch.setenv("CLAIMSHEET_READERS", str(file))
        result = run("doctor", "--reader", "rolmocr")
    assert result.exit_code == code, result.stdout
    assert "rolmocr" in result.stdout
    assert ("bfloat16" in result.stdout) == (code == 1)


# -- stored work -----------------------------------------------------------------------------------------------------


def test_export_needs_a_place_and_a_known_status():
    assert run("export").exit_code == 2
    result = run("export", "--json", "-", "--status", "lost")
    assert result.exit_code == 2
    assert "approved" in result.stderr


def test_status_counts_nothing_in_an_empty_database():
    result = run("status", "--json")
    assert json.loads(result.stdout) == dict.fromkeys(
        ("queued", "reading", "to_review", "in_review", "approved", "rejected", "failed"), 0)  # fmt: skip


def test_history_of_an_empty_database_holds():
    assert run("verify").exit_code == 0


def test_submitted_documents_wait(folder):
    result = run("submit", folder, "--type", "medical_receipt")
    assert result.exit_code == 0
    assert len(result.stdout.split()) == 1
    assert json.loads(run("status", "--json").stdout)["queued"] == 3
    assert run("export", "--json", "-").stdout == "", "what was not read yet is exported only when asked for"
    waiting = run("export", "--json", "-", "--status", "queued").stdout.splitlines()
    assert [json.loads(line)["status"] for line in waiting] == ["queued"] * 3


def test_file_that_cannot_be_opened_is_named_and_the_rest_queued(folder, monkeypatch):
    monkeypatch.setattr(cli, "find_documents", lambda paths: Found([Source("gone.png", folder / "gone.png"),
                                                                   Source("a.png", folder / "a.png")]))  # fmt: skip
    result = run("submit", folder)
    assert result.exit_code == 3
    assert "gone.png: The file cannot be opened" in result.stderr
    assert json.loads(run("status", "--json").stdout)["queued"] == 1


def test_worker_reads_what_waits_and_the_history_holds(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "start_worker", partial(stored.start_worker, make=lambda *_: fake_pipeline()))
    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)
    run("submit", folder)
    assert run("worker", "--until-idle").exit_code == 0
    counts = json.loads(run("status", "--json").stdout)
    assert (counts["queued"], counts["to_review"], counts["failed"]) == (0, 2, 1)
    result = run("export", "--json", "-", "--xlsx", tmp_path / "out.xlsx")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [list(line)[:3] for line in found] == [["id", "status", "file"]] * 3
    assert {line["file"]: line["status"] for line in found} == {
        "a.png": "to_review", "sub/b.JPG": "to_review", "broken.pdf": "failed"}  # fmt: skip
    assert next(line for line in found if line["file"] == "broken.pdf")["error"]["code"] == "empty_file"
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["Receipts"]["C1"].value == "Record"
    assert run("verify").exit_code == 0


def test_broken_history_is_told_with_its_first_link(monkeypatch):
    run("status")
    link = BrokenLink(sequence=7, reason="hash", record_id="r1")
    monkeypatch.setattr(stored.Workspace, "verify", lambda self: link)
    result = run("verify")
    assert result.exit_code == 1
    assert "entry 7 (record r1)" in result.stdout


def test_server_named_by_address_and_model_reads(folder, monkeypatch):
    monkeypatch.setattr(cli, "make_pipeline", make_pipeline)
    with DialectServer() as server:
        server.queue(*[answer_of(hospital_name="示範醫院")] * 2)
        result = run("extract", folder / "a.png", "--type", "medical_receipt", "--json", "-",
                     "--base-url", server.root, "--model", server.model)  # fmt: skip
    (line,) = result.stdout.splitlines()
    assert result.exit_code == 0
    assert json.loads(line)["readings"][0]["model"] == "reducto/RolmOCR"
    assert json.loads(line)["document"]["hospital_name"] == "示範醫院"


def answer_of(**values):
    def answer_to(asked):
        wanted = asked.body.get("response_format")
        return answer({**sample(wanted["json_schema"]["schema"]), **values}) if wanted else text("示範醫院\n")

    return answer_to


def test_broken_profiles_file_is_named(folder, tmp_path, monkeypatch):
    path = tmp_path / "readers.toml"
    path.write_text("[profiles.rolmocr]\nmodle = 1\n", encoding="utf-8")
    monkeypatch.setenv("CLAIMSHEET_READERS", str(path))
    get_settings.cache_clear()
    result = run("extract", folder, "--reader", "rolmocr")
    assert result.exit_code == 2
    assert "modle" in result.stderr
