"""An office's own rules and lists: from its files to flags, with the fault named where a file cannot be used."""

import logging
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from papers import INVOICE, RECEIPT, changed, extraction, reading

from extraction.validation import validate
from extraction.validation.office import RulesError, install, load
from extraction.validation.vocabulary import judge_fee_name
from review.i18n import LANGUAGES, catalog
from review.messages import check_reason, check_title, flag_message, flag_title, rules_error_message
from schemas.copayments import level_of
from schemas.lexicon import fee_code
from schemas.result import Severity

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
RULE = """
[[rule]]
code = "cap"
document = "medical_receipt"
check = "self_pay_total <= 200"
message = "{self_pay_total} is above 200"
"""


@pytest.fixture(autouse=True)
def no_office():
    yield
    install(())


@pytest.fixture
def written(tmp_path):
    """Write a file of rules."""

    def write(text, name="rules.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def outcome_of(paths, changes=None, paper=RECEIPT, not_read=()):
    """Return the office's flags and checks of a paper."""
    install(tuple(paths))
    kind = "invoice" if paper is INVOICE else "medical_receipt"
    flags, checks = validate(extraction(reading(changed(paper, changes or {}), kind, not_read)))
    own = [flag for flag in flags if flag.code.startswith("office.")]
    return own, {check.code: check for check in checks if check.code.startswith("office.")}


def test_comparison_that_fails_is_a_flag_of_the_office(written):
    flags, checks = outcome_of([written(RULE)])
    assert [(flag.code, flag.severity, flag.paths) for flag in flags] == [
        ("office.cap", Severity.WARNING, ("self_pay_total",))]  # fmt: skip
    assert flag_message(catalog("en"), flags[0]) == "250 is above 200"
    assert checks["office.cap"].outcome == "failed"


@pytest.mark.parametrize(("changes", "not_read", "outcome", "reason"), [
    ({"self_pay_total": "200"}, (), "passed", None),
    ({"self_pay_total": None}, (), "cannot_check", "value_missing"),
    ({"self_pay_total": "2?0"}, (), "cannot_check", "value_unread"),
    ({"self_pay_total": None}, ("self_pay_total",), "cannot_check", "value_unread"),
])  # fmt: skip
def test_comparison_passes_or_says_why_it_cannot_check(changes, not_read, outcome, reason, written):
    flags, checks = outcome_of([written(RULE)], changes, not_read=not_read)
    check = checks["office.cap"]
    assert (flags, check.outcome, check.reason) == ([], outcome, reason)
    if reason:
        assert catalog("en")("field.medical_receipt.self_pay_total") in check_reason(
            catalog("en"), check, "medical_receipt")  # fmt: skip


def test_rule_is_not_asked_where_its_condition_does_not_hold(written):
    path = written(RULE + "when = 'visit_date >= \"115/01/01\"'\n")
    flags, checks = outcome_of([path])
    assert (flags, checks["office.cap"].outcome) == ([], "passed")


LINES = """
[[rule]]
code = "lines"
severity = "error"
document = ["medical_receipt"]
each = "items"
when = "fee_code != 'REG'"
check = "self_pay_amount <= 100"
message = "{line}: {name} {self_pay_amount} of {self_pay_total}"
"""


@pytest.mark.parametrize(("changes", "paths", "outcome", "cell"), [
    ({}, ["items.1.self_pay_amount"], "failed", None),
    ({"items.1.self_pay_amount": "?"}, [], "cannot_check", "items.1.self_pay_amount"),
    ({"items.1.self_pay_amount": None}, [], "cannot_check", "items.0.self_pay_amount"),
    ({"items.1.self_pay_amount": "0"}, [], "passed", None),
    ({"items": []}, [], "cannot_check", "items"),
])  # fmt: skip
def test_rule_looks_at_line_after_line(changes, paths, outcome, cell, written):
    flags, checks = outcome_of([written(LINES)], changes)
    assert [path for flag in flags for path in flag.paths] == paths
    assert (checks["office.lines"].outcome, checks["office.lines"].parameters.get("cell")) == (outcome, cell)
    assert [flag_message(catalog("en"), flag) for flag in flags] == ["2: 藥費 150 of 250"] * len(paths)


def test_values_have_names_in_conditions_and_messages(written):
    path = written(RULE.replace("check = \"self_pay_total <= 200\"", "check = \"drugs <= 100\"\nvalues.drugs = "
                                "'sum(items.self_pay_amount, fee_code == \"DRUG\")'").replace("{self_pay_total}",
                                "{drugs}"))  # fmt: skip
    flags, _ = outcome_of([path])
    assert (flag_message(catalog("en"), flags[0]), flags[0].paths) == ("150 is above 200", ("items",))


def test_words_are_those_of_the_language_or_the_one_given(written):
    path = written(RULE.replace('message = "', 'title.zh-Hant = "上限"\nmessage.en = "'))
    flags, checks = outcome_of([path])
    titles = [flag_title(catalog(language), flags[0]) for language in LANGUAGES]
    assert titles == ["上限", "上限"]
    assert {flag_message(catalog(language), flags[0]) for language in LANGUAGES} == {"250 is above 200"}
    assert check_title(catalog("en"), checks["office.cap"]) == "上限"


def test_lists_extend_ours(written, tmp_path):
    (tmp_path / "fees.csv").write_text(
        "\ufeffcanonical,category,synonyms\n健存服務費,CERT,健康存摺費|健摺費\n", "utf-8"
    )
    (tmp_path / "words.csv").write_text("健存服務費,a remark\n\n", "utf-8")
    path = written("""
fee_items = "fees.csv"
[[hospitals]]
name = "惠康家庭醫學科院所"
level = "診所"
code = "3501200000"
[lists]
excluded = "words.csv"
[[rule]]
code = "excluded"
document = "medical_receipt"
check = "not any(items, name in excluded)"
message = "x"
""")
    assert (fee_code("健康存摺費"), judge_fee_name("健摺費")[0]) == (None, "unknown")
    flags, _ = outcome_of([path], {"items.0.name": "健存服務費", "hospital_name": "惠康家庭醫學科院所",
                                   "hospital_code": "3501200000"})  # fmt: skip
    assert [flag.code for flag in flags] == ["office.excluded"]
    assert (fee_code("健康存摺費"), judge_fee_name("健摺費")[0]) == ("CERT", "known")
    assert level_of(None, "3501200000") == level_of("惠康家庭醫學科院所", None) == "診所"
    install(())
    assert (fee_code("健康存摺費"), judge_fee_name("健摺費")[0], level_of(None, "3501200000")) == (
        None,
        "unknown",
        None,
    )


@pytest.mark.parametrize(("text", "line", "key", "told"), [
    ("rule = 3", 1, "wrong_value", "[[rule]]"),
    ("[[rule]\n", 1, "not_toml", ""),
    ("\n[rules]\n", 2, "unknown_key", "rule"),
    (RULE.replace("check =", "chekc ="), 5, "unknown_key", "check"),
    (RULE.replace('check = "self_pay_total <= 200"', ""), 2, "missing_key", "check"),
    (RULE.replace("medical_receipt", "receipt"), 4, "wrong_value", "medical_receipt"),
    (RULE.replace('"cap"', '"Cap!"'), 3, "wrong_value", "self_pay_limit"),
    (RULE + 'severity = "fatal"', 7, "wrong_value", "warning"),
    (RULE + 'each = "lines"', 7, "unknown_name", "items"),
    (RULE.replace("self_pay_total <=", "self_pay_totl <="), 5, "unknown_name", "self_pay_total"),
    (RULE.replace("{self_pay_total}", "{total}"), 6, "unknown_name", "self_pay_total"),
    (RULE.replace("message =", "message.de ="), 6, "wrong_value", "zh-Hant"),
    (RULE + 'values.items = "self_pay_total"', 7, "name_taken", "items"),
    (RULE + RULE, 0, "code_twice", "cap"),
    ('fee_items = "nowhere.csv"', 0, "cannot_be_read", "nowhere.csv"),
    ('[[fee_items]]\nname = "x"\ncategory = "drug"', 1, "wrong_value", "DRUG"),
    ('[[hospitals]]\nname = "某診所"\nlevel = "clinic"', 1, "wrong_value", "診所"),
    ("[lists]\nwords = []", 2, "wrong_value", "csv"),
])  # fmt: skip
def test_fault_of_a_file_is_told_with_its_line(text, line, key, told, written):
    path = written(text)
    with pytest.raises(RulesError) as refused:
        load([path])
    error = refused.value
    assert (error.key, error.line) == (key, line)
    assert told in str(error)
    for language in LANGUAGES:
        message = rules_error_message(catalog(language), error)
        assert str(path.parent) in message
        holes = set(re.findall(r"\{(\w+)\}", catalog(language)(f"rules_file.{key}")))
        assert holes <= set(error.parameters)


def test_every_fault_has_a_text_in_both_languages():
    package = SAMPLES.parent / "extraction" / "validation" / "office"
    source = "\n".join(path.read_text(encoding="utf-8") for path in package.glob("*.py"))
    keys = set(re.findall(r"(?:RulesError|ExpressionError)\(\s*\"(\w+)\"", source)) | {"table_wanted"}
    keys |= set(re.findall(r"\"(\w+_wanted)\" if", source))
    for language in LANGUAGES:
        known = {key.split(".")[1] for key in sorted(catalog(language).keys()) if key.startswith("rules_file.")}
        assert known - {"kind"} == keys


def test_files_that_are_none_are_told(tmp_path, written):
    (tmp_path / "big5.toml").write_bytes("# 規則".encode("big5"))
    for name, key in (("none.toml", "cannot_be_read"), ("big5.toml", "not_utf8"), ("rules.yaml", "wrong_suffix")):
        with pytest.raises(RulesError) as refused:
            load([tmp_path / name])
        assert refused.value.key == key


MODULE = '''
from extraction.validation import CannotCheck, Doubt, Facts, Severity, rule

@rule("sheets", "medical_receipt", text="{count} lines")
def check(facts):
    """Manual 1."""
    if not facts.receipt.chart_number:
        return facts.lacking("chart_number")
    if facts.receipt.chart_number == "9":
        return CannotCheck("the chart is old")
    return [Doubt(Severity.INFO, ("items",), {"count": str(len(facts.receipt.items))})]
'''


@pytest.mark.parametrize(("number", "outcome", "said"), [
    ("1", "failed", "3 lines"), ("9", "cannot_check", "the chart is old"), (None, "cannot_check", "Chart"),
])  # fmt: skip
def test_module_registers_rules_with_our_decorator(number, outcome, said, written):
    flags, checks = outcome_of([written(MODULE, "own.py")], {"chart_number": number})
    check = checks["office.sheets"]
    texts = [flag_message(catalog("en"), flag) for flag in flags] or [
        check_reason(catalog("en"), check, "medical_receipt")]  # fmt: skip
    assert check.outcome == outcome
    assert said in texts[0]


@pytest.mark.parametrize(("text", "line", "key"), [
    ("def broken(:\n", 1, "module_failed"),
    ("x = 1\ny = 1 / 0\n", 2, "module_failed"),
    ("import nowhere_to_be_found\n", 1, "module_failed"),
    ("raise SystemExit(1)\n", 1, "module_failed"),
    ("x = 1\n", 0, "module_without_rules"),
    (MODULE.replace('"sheets"', '"Sheets"'), 4, "wrong_value"),
    (MODULE.replace('"medical_receipt"', '"receipt"'), 4, "wrong_value"),
    (MODULE.replace(', text="{count} lines"', ""), 4, "missing_key"),
])  # fmt: skip
def test_module_that_cannot_be_used_is_told_with_its_line(text, line, key, written, caplog):
    path = written(text, "own.py")
    with caplog.at_level(logging.CRITICAL), pytest.raises(RulesError) as refused:
        load([path])
    assert (refused.value.key, refused.value.line) == (key, line)
    assert list(path.parent.iterdir()) == [path]  # nothing compiled is left there


def test_what_a_module_ran_into_is_told_in_its_own_words(written, caplog):
    with caplog.at_level(logging.CRITICAL), pytest.raises(RulesError) as refused:
        load([written("limit = undefined_name\n", "own.py")])
    assert "name 'undefined_name' is not defined" in rules_error_message(catalog("en"), refused.value)


def test_rule_for_both_types_says_for_which_it_is_wrong(written):
    both = RULE.replace('"medical_receipt"', '["medical_receipt", "invoice"]')
    with pytest.raises(RulesError) as refused:
        load([written(both)])
    assert refused.value.place == "cap · check · Invoice"


def test_broken_file_leaves_what_was_in_force(written):
    good = written(RULE)
    install((good,))
    with pytest.raises(RulesError):
        install((written("[", "bad.toml"),))
    flags, _ = validate(extraction(reading(RECEIPT)))
    assert [flag.code for flag in flags] == ["office.cap"]


def test_samples_flag_what_they_say():
    paths = [SAMPLES / "office_rules.toml", SAMPLES / "office_rules.py"]
    own = {"name": "陪客床費", "nhi_amount": None, "self_pay_amount": "4000"}
    paper = {**RECEIPT, "items": [*RECEIPT["items"], own, own], "self_pay_total": "8250", "visit_kind": "outpatient"}
    flags, checks = outcome_of(paths, paper=paper)
    assert [(flag.code, flag.paths) for flag in flags] == [
        ("office.self_pay_limit", ("self_pay_total",)),
        ("office.excluded_item", ("items.3.name",)),
        ("office.excluded_item", ("items.4.name",)),
        ("office.same_item_twice", ("items.4.self_pay_amount",)),
    ]
    assert checks["office.material_share"].outcome == "passed"
    said = flag_message(catalog("zh-Hant"), flags[1], "medical_receipt")
    assert said == "第 4 項「陪客床費」不在保單給付範圍。"
    flags, _ = outcome_of(paths, paper=INVOICE)
    assert flags == []


CELL = st.none() | st.sampled_from(["?", "0", "1,200", "1?3", "-50", "114/05/21", "藥費", "門診"]) | st.text(max_size=8)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(sorted(set(RECEIPT) - {"items", "copayments"})), CELL),
       st.lists(st.fixed_dictionaries({"name": CELL, "nhi_amount": CELL, "self_pay_amount": CELL}),
                max_size=4))  # fmt: skip
def test_whatever_was_read_the_samples_answer(header, items):
    install((SAMPLES / "office_rules.toml", SAMPLES / "office_rules.py"))
    flags, checks = validate(extraction(reading({**header, "items": items})))
    assert "rule_failed" not in {flag.code for flag in flags}
    assert {"office.self_pay_limit", "office.same_item_twice"} <= {check.code for check in checks}
