"""Every code that can occur is documented, and has a title and a text with the same holes in both languages."""

import ast
import re
import string
from pathlib import Path

import pytest
from papers import INVOICE, RECEIPT, changed, extraction, reading

from extraction.validation import rule_codes, validate
from review.i18n import LANGUAGES, catalog
from storage.records import DUPLICATES

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("schemas", "extraction", "storage", "review")


def is_flag(call: ast.Call) -> bool:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    return name in {"Flag", "_flag", "_warning", "_doubt"}


def codes_of(call: ast.Call) -> set[str]:
    """Return the codes that a call may give: the argument `code` or the first one, a text or one of two texts."""
    named = [word.value for word in call.keywords if word.arg == "code"] or call.args[:1]
    return {part.value for node in named for part in ast.walk(node) if isinstance(part, ast.Constant)}


def codes_in_code() -> set[str]:
    """Return the codes of all rules, and those of every call that makes a flag."""
    codes = {*rule_codes(), *DUPLICATES}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            calls = [
                node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
            ]
            for call in filter(is_flag, calls):
                codes |= codes_of(call)
    return codes


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", sorted(codes_in_code()))
def test_flag_code_is_documented_and_translated(code):
    documented = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "flags.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert documented.count(code) == 1
    texts = [catalog(language) for language in LANGUAGES]
    assert all(text.has(f"flag.{code}.title") and text.has(f"flag.{code}.text") for text in texts)


def test_no_documented_code_is_dead():
    documented = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "flags.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(documented) - codes_in_code() == set()


def test_both_languages_have_the_same_keys_and_holes():
    first, *others = (catalog(language) for language in LANGUAGES)
    for other in others:
        assert first.keys() ^ other.keys() == set()
        assert {key for key in sorted(first.keys()) if holes(first(key)) != holes(other(key))} == set()


def test_every_reason_has_a_text():
    modules = [*(ROOT / "extraction" / "validation").rglob("*.py"), ROOT / "extraction" / "grounding.py"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in modules)
    reasons = set(re.findall(r"CannotCheck\(\"(\w+)\"\)", source)) | set(
        re.findall(r"\.missing\(\w+, \"(\w+)\"", source)
    )
    reasons |= set(re.findall(r"\.missing\(\"\w+\", \"(\w+)\"", source)) | set(re.findall(r"\"(no_\w+)\"", source))
    known = {
        key.removeprefix("check.reason.") for key in sorted(catalog("en").keys()) if key.startswith("check.reason.")
    }
    assert (
        reasons | {"cell_unreadable", "no_balance", "value_missing", "value_unread", "rule_failed", "divided_by_zero"}
        == known
    )


WRONG = [
    ("medical_receipt", RECEIPT, {"nhi_total": "9", "self_pay_total": "9", "copayment_total": "9", "amount_due": "12.5",
     "amount_paid": "9", "amount_in_words": "壹元", "national_id": "A1", "hospital_code": "1",
     "hospital_name": "國泰綜合醬院", "issue_date": "9/9/9", "visit_date": "14/05/21",
     "birth_date": "199/01/01", "patient_name": "?", "balance": "7",
     "items.0.name": "小計", "items.1.name": "怪東西", "items.2.name": None}),
    ("medical_receipt", RECEIPT, {"amount_paid": "999", "admission_date": "112/01/01", "discharge_date": "115/02/01",
     "copayments": [], "items.0.copayment_amount": "7"}),
    ("medical_receipt", RECEIPT, {"nhi_total": "90", "items.2.name": "雙人房差額3日", "self_pay_total": "9",
     "copayments": [{"name": "藥品部分負擔", "amount": "7"}, {"name": "30日以內(急)", "amount": "99"}]}),
    ("medical_receipt", RECEIPT, {"amount_paid": "9", "copayments.0.amount": "171", "patient_category": "健保 001"}),
    ("invoice", INVOICE, {"sales_amount": "9", "tax_amount": "9", "total_amount": "9.5", "items.0.amount": "9",
     "period": "113年01-02月", "seller_tax_id": "12345678", "invoice_number": "1", "amount_in_words": "壹元"}),
]  # fmt: skip


@pytest.mark.parametrize(("document_type", "paper", "changes"), WRONG)
def test_parameters_of_a_flag_fill_the_holes_of_its_text(document_type, paper, changes):
    not_read = ("doctor", "notes")
    flags, _ = validate(extraction(reading(changed(paper, changes), document_type, not_read)))
    assert flags
    for flag in flags:
        assert holes(catalog("en")(f"flag.{flag.code}.text")) <= set(flag.parameters), flag.code


def test_the_wrong_papers_show_every_rule():
    shown = {
        flag.code
        for document_type, paper, changes in WRONG
        for flag in validate(extraction(reading(changed(paper, changes), document_type, ("notes",))))[0]
    }
    assert set(rule_codes()) - shown == set()
