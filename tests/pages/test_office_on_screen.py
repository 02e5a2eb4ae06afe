"""What an office's own rules say on the screens, in the language of the page, and where their file is broken."""

import pytest
from page_screen import Screen
from stored_work import receipt

from extraction.pipeline import make_pipeline
from extraction.validation import rule_codes
from extraction.validation.office import RulesError, install
from review.components import resources
from settings import Settings

RULES = """
[[rule]]
code = "cap"
document = "medical_receipt"
check = "self_pay_total <= 100"
title.en = "Above our limit"
title.zh-Hant = "超過本處上限"
message.en = "{self_pay_total} is above 100."
message.zh-Hant = "{self_pay_total} 元超過 100 元。"

[[rule]]
code = "chart"
document = "medical_receipt"
check = 'length(department) < 20'
title = "科別"
message = "x"
"""


@pytest.fixture
def office(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(RULES, encoding="utf-8")
    install((path,))
    yield path
    install(())


@pytest.mark.parametrize(("language", "title", "text", "skipped"), [
    ("en", "Above our limit", "150 is above 100.", ["科別", "“Department” is empty"]),
    ("zh-Hant", "超過本處上限", "150 元超過 100 元。", ["科別", "「科別」空白"]),
])  # fmt: skip
def test_flags_and_skipped_checks_are_told_as_the_office_wrote_them(language, title, text, skipped, office, work):
    work.add(receipt(department=None))
    desk = Screen(language).open("review").desk()
    told = [(flag["title"], flag["text"], flag["cells"]) for flag in desk["flags"]]
    assert (title, text, ["self_pay_total"]) in told
    assert skipped in desk["checks"]["skipped"]


def test_flag_of_the_office_goes_when_the_cell_is_corrected(office, work, screen):
    record = work.add(receipt())[0]
    screen.open("review")
    screen.act({"kind": "correct", "path": "self_pay_total", "text": "99"})
    codes = {item.flag.code for item in work.workspace.record(record).flags}
    assert "office.cap" not in codes
    assert "line_sum_self_pay" in codes


def test_page_names_the_fault_of_the_file(work, monkeypatch, tmp_path):
    def broken():
        raise RulesError("missing_key", tmp_path / "rules.toml", line=3, place="cap", key="check")

    monkeypatch.setattr(resources, "workspace", broken)
    app = Screen("en").app.run()
    app.switch_page("pages/3_records.py").run()
    assert "rules of your office" in app.error[0].value
    assert f"{tmp_path / 'rules.toml'}:3 (cap): “check” is missing" in app.code[0].value


def test_processes_that_read_or_show_put_the_rules_in_force(office, work, monkeypatch):
    settings = Settings(rules=(office,))
    for start in (lambda: make_pipeline(settings), lambda: resources._workspace.__wrapped__("", None)):
        install(())
        monkeypatch.setattr(resources, "settings", lambda: settings)
        start()
        assert {"office.cap", "office.chart"} <= set(rule_codes())
