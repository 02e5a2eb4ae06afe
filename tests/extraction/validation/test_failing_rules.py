"""A rule that fails, ours or an office's, costs neither the document nor the other rules, and is not passed over."""

import logging

import pytest
from papers import INVOICE, RECEIPT, changed, extraction, reading

from extraction.validation import rules, validate
from extraction.validation.rules import Doubt, Rule
from review.corrections import Draft
from review.i18n import LANGUAGES, catalog
from review.messages import check_reason, check_title, flag_message, flag_title
from schemas.result import Severity


@pytest.fixture
def office():
    """Let functions run as rules of an office."""

    def put(*functions, words=None):
        rules.put_office_rules([Rule(f"office.rule_{n}", frozenset(), f, words) for n, f in enumerate(functions)])

    yield put
    rules.put_office_rules(())


def fails(_):
    raise ValueError("A123456789")


def exits(_):
    raise SystemExit(3)


def returns_no_outcome(_):
    return True


def points_nowhere(_):
    return [Doubt(Severity.WARNING, ("items.99.name",), {})]


def gives_a_number(_):
    return [Doubt(Severity.WARNING, (), {"sum": 3})]


def doubts_always(_):
    return [Doubt("warning", ("self_pay_total",), {})]


@pytest.mark.parametrize("function", [fails, exits, returns_no_outcome, points_nowhere, gives_a_number])
def test_failing_rule_is_a_flag_and_the_others_run(function, office, caplog):
    office(function, doubts_always)
    with caplog.at_level(logging.ERROR):
        flags, checks = validate(extraction(reading(RECEIPT)))
    assert [(flag.code, flag.severity) for flag in flags] == [
        ("rule_failed", Severity.WARNING), ("office.rule_1", Severity.WARNING)]  # fmt: skip
    assert [(check.outcome, check.reason) for check in checks[-2:]] == [
        ("cannot_check", "rule_failed"), ("failed", None)]  # fmt: skip
    assert "office.rule_0" in caplog.text


def test_log_names_the_line_and_no_value(office, caplog):
    office(fails)
    validate(extraction(reading(RECEIPT)))
    assert f"{__file__}:" in caplog.text
    assert "ValueError" in caplog.text
    assert "A123456789" not in caplog.text


def test_own_rule_that_fails_is_named_by_its_title(monkeypatch):
    broken = [Rule(each.code, each.document_types, fails if each.code == "line_sum_nhi" else each.function)
              for each in rules._RULES]  # fmt: skip
    monkeypatch.setattr(rules, "_RULES", broken)
    flags, checks = validate(extraction(reading(changed(RECEIPT, {"self_pay_total": "9"}))))
    assert {"rule_failed", "line_sum_self_pay"} <= {flag.code for flag in flags}
    failed = next(flag for flag in flags if flag.code == "rule_failed")
    check = next(check for check in checks if check.reason == "rule_failed")
    for language in LANGUAGES:
        texts = catalog(language)
        title = texts("flag.line_sum_nhi.title")
        assert title in flag_message(texts, failed)
        assert flag_title(texts, failed) == texts("flag.rule_failed.title")
        assert (check_title(texts, check), check_reason(texts, check)) == (title, texts("check.reason.rule_failed"))


def test_rule_cannot_change_what_was_read(office):
    def changes(facts):
        facts.receipt.self_pay_total = None
        facts.receipt.items.clear()
        facts.extraction.states["nhi_total"] = "blank"
        facts.extraction.readings[0].values["items"].clear()
        return ()

    seen = extraction(reading(RECEIPT))
    before = seen.model_copy(deep=True)
    office(changes)
    validate(seen)
    assert seen == before


def test_flag_of_a_rule_that_mended_or_went_away_goes_with_the_next_check(office):
    seen = extraction(reading(INVOICE, "invoice"))
    office(fails, doubts_nothing, doubts_invoice)
    seen.flags, seen.checks = validate(seen)
    assert [flag.code for flag in seen.flags] == ["rule_failed", "office.rule_2"]
    office(doubts_nothing)
    checked = Draft(seen).check()
    assert checked.flags == []
    assert [check.code for check in checked.checks if check.code.startswith("office.")] == ["office.rule_0"]


def doubts_nothing(_):
    return ()


def doubts_invoice(_):
    return [Doubt(Severity.ERROR, ("total_amount",), {})]
