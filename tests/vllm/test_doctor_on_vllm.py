"""What the doctor says of a real vLLM: random weights read nothing, and that must be said in words."""

import pytest
from real_vllm import Vllm

from extraction.readers.breaker import forget_outages
from extraction.readers.doctor import diagnose, health
from extraction.readers.profiles import shipped_profiles
from review.i18n import catalog
from review.model_doctor import finding_text

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]
DOES_NOT_READ = {"reads_nothing", "says_nothing", "babbles", "gibberish"}


@pytest.fixture(autouse=True)
def _no_outages():
    forget_outages()


def test_model_that_does_not_read_is_told_so_in_both_languages(profile):
    found = diagnose(profile)
    assert [finding.code for finding in found if finding.is_well] == ["server", "context", "images", "schema"]
    [ill] = [finding for finding in found if not finding.is_well]
    assert ill.code in DOES_NOT_READ
    assert finding_text(catalog("en"), ill.code, ill.parameters).startswith("It does not read: ")
    assert finding_text(catalog("zh-Hant"), ill.code, ill.parameters).startswith("讀不出內容：")


def test_other_model_is_told_with_those_that_the_server_holds(vllm, profile):
    [finding] = diagnose(profile.model_copy(update={"model": "Qwen/Qwen3-VL-8B-Instruct"}))
    assert (finding.code, finding.is_well) == ("no_such_model", False)
    assert finding.parameters["known"] == vllm.model


def test_server_that_is_down_is_told_with_its_address(profile):
    gone = profile.model_copy(update={"base_url": "http://127.0.0.1:9/v1"})
    [finding] = diagnose(gone)
    assert (finding.code, finding.parameters["address"]) == ("endpoint_unreachable", "http://127.0.0.1:9")
    assert health(gone).code == "endpoint_unreachable"


def test_context_too_small_for_a_page_is_told_and_the_rest_looked_at():
    profile = shipped_profiles()["rolmocr"]
    with Vllm("rolmocr", context=2048) as server:
        found = diagnose(profile.model_copy(update={"base_url": server.base_url}))
    ill = {finding.code: finding for finding in found if not finding.is_well}
    assert ill["context_small"].parameters["found"] == "2048"
    assert int(ill["context_small"].parameters["needed"]) > 2048
    assert DOES_NOT_READ & ill.keys()
