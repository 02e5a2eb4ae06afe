"""What the doctor of model readers says of servers that are well, and of those with each known trouble."""

import random
import re
from pathlib import Path

import pytest
from vllm_dialect import ALL_FEATURES, DialectServer, context_too_long, exclamation, no_chat_template, text

from extraction.readers import doctor
from extraction.readers.breaker import forget_outages
from extraction.readers.doctor import diagnose, health
from extraction.readers.known_receipt import drawn_receipt, missing_facts
from extraction.readers.profiles import Profile
from review.i18n import catalog
from review.model_doctor import finding_text

RECEIPT = "TEST CLINIC\nNo. 40718\n2025/05/21\nConsultation 345\nMedicine 1,207\nSupplies 86\nTotal 1,638\n"

HOLES = ("kind", "version", "model", "known", "found", "needed", "right", "total", "missing", "said")
NOISE = "".join(random.Random(4).choices("藥Д한ไह院שЛ하费یБ金ขЮ民Гอ계ש號", k=380))  # noqa: S311 - no secret


@pytest.fixture(autouse=True)
def _no_outages():
    forget_outages()


def profile(server: DialectServer, **changes: object) -> Profile:
    return Profile(name="m", model=server.model, base_url=server.base_url, dialect="vllm", **changes)


def codes(server: DialectServer, **changes: object) -> dict[str, bool]:
    return {finding.code: finding.is_well for finding in diagnose(profile(server, **changes))}


def test_server_that_reads_the_drawn_receipt_is_well():
    with DialectServer(default=text(RECEIPT)) as server:
        found = diagnose(profile(server))
    assert [finding.code for finding in found] == ["server", "context", "images", "reads", "schema"]
    assert all(finding.is_well for finding in found)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (exclamation(), "numeric_fault"),
        (text(NOISE), "gibberish"),
        (text("345 0\n" * 400, finish_reason="length"), "babbles"),
        (text("A cat sits on a mat."), "reads_nothing"),
        (text("No. 40718 345 999"), "misreads"),
        (text(""), "says_nothing"),
        (no_chat_template(), "no_chat_template"),
        (context_too_long(), "context_too_long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_answer_that_went_wrong_is_recognised(reply, code):
    with DialectServer(default=reply) as server:
        found = codes(server)
    assert found[code] is False


def test_numeric_fault_says_what_to_change_on_the_server():
    with DialectServer(default=exclamation()) as server:
        finding = next(each for each in diagnose(profile(server)) if each.code == "numeric_fault")
    for language in ("en", "zh-Hant"):
        said = finding_text(catalog(language), finding.code, finding.parameters)
        assert "--dtype bfloat16" in said
        assert "AWQ" in said


def test_small_context_is_told_with_its_numbers():
    with DialectServer(default=text(RECEIPT), context_length=4096) as server:
        finding = next(each for each in diagnose(profile(server)) if each.code == "context_small")
    assert finding.parameters["found"] == "4096"
    assert int(finding.parameters["needed"]) > 4096


def test_what_a_model_says_that_reads_nothing_is_shown_in_one_short_line():
    with DialectServer(default=text("A cat\n\x1b[31m sits. " * 30)) as server:
        finding = next(each for each in diagnose(profile(server)) if each.code == "reads_nothing")
    assert finding.parameters["said"].startswith("A cat [31m sits.")
    assert len(finding.parameters["said"]) == 60


def test_text_only_model_is_not_asked_to_read():
    with DialectServer(features=ALL_FEATURES - {"images"}) as server:
        assert codes(server)["text_only"] is False
        assert not server.history


def test_schema_that_the_server_ignores_is_told_unless_none_is_sent():
    with DialectServer(default=text(RECEIPT), features=ALL_FEATURES - {"response_format"}) as server:
        assert codes(server)["schema_ignored"] is False
        assert "schema_ignored" not in codes(server, strategy="transcribe")


def test_missing_server_key_and_model_have_each_their_finding():
    with DialectServer(key="secret") as server:
        assert codes(server) == {"key_refused": False}
        known = profile(server, api_key="secret")
        assert health(known).is_well
        assert health(known.model_copy(update={"model": "other"})).code == "no_such_model"
        gone = profile(server)
    assert health(gone).code == "endpoint_unreachable"


def test_drawn_receipt_needs_no_chinese_font(monkeypatch):
    from extraction.readers import known_receipt

    monkeypatch.setattr(known_receipt, "_chinese_font", lambda: None)
    assert drawn_receipt().size == (900, 700)
    assert missing_facts(RECEIPT) == []
    assert missing_facts("40718 2025-5-21 345 1207 86 1638") == []


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_every_finding_of_the_doctor_has_a_text(language):
    source = Path(doctor.__file__).read_text()
    for code in {*re.findall(r'(?:_ill|Finding)\("(\w+)"', source), *doctor._LOOPS.values(), "context_small"}:
        assert finding_text(catalog(language), code, dict.fromkeys(HOLES, "1")) != code, code
