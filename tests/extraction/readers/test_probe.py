"""What a look at a model server finds."""

import pytest
from vllm_dialect import ALL_FEATURES, PROBE, DialectServer, hang, text

from extraction.degeneration import Guard
from extraction.readers import probe
from extraction.readers.breaker import forget_outages
from extraction.readers.endpoint import Endpoint
from extraction.readers.profiles import Profile


@pytest.fixture(autouse=True)
def _fresh():
    forget_outages()
    probe._cache.clear()


def endpoint(server: DialectServer, **changes) -> Endpoint:
    known = {"name": "r", "base_url": server.base_url, "model": "reducto/RolmOCR", "dialect": "vllm"}
    return Endpoint(Profile(**(known | changes)))


def test_vllm_is_known_with_its_context_and_what_it_can():
    with DialectServer(context_length=8192) as server:
        found = endpoint(server).probe()
        assert (found.reachable, found.kind, found.version, found.context_length) == (True, "vllm", "0.32.0", 8192)
        assert found.models == ("reducto/RolmOCR",)
        assert found.supports == ALL_FEATURES
        assert found.error is None
        assert not server.history, "a probe takes no reply of a test"


@pytest.mark.parametrize("missing", sorted(ALL_FEATURES))
def test_what_a_server_lacks_is_found(missing):
    with DialectServer(features=ALL_FEATURES - {missing}) as server:
        assert endpoint(server).probe().supports == ALL_FEATURES - {missing}


def test_text_only_model_says_why_it_takes_no_picture():
    with DialectServer(features=ALL_FEATURES - {"images"}) as server:
        assert endpoint(server).probe().refusals == {"images": "images_refused"}


def test_llama_server_is_known_and_spared_the_fields_of_vllm():
    with DialectServer(kind="llama", model="gemma-3-27b", context_length=4096) as server:
        asked = endpoint(server)  # the profile says vllm; the server knows better
        found = asked.probe()
        assert (found.kind, found.context_length, found.version) == ("llama", 4096, "b7000-0c1e570")
        asked.complete([{"role": "user", "content": "x"}], max_tokens=99, guard=Guard(is_json=False))
        everything = [question.body for question in (*server.probes, *server.history)]
        foreign = {"structured_outputs", "repetition_detection", "repetition_penalty", "ignore_eos", "min_tokens"}
        assert not [body for body in everything if foreign & set(body)]
        assert server.history[0].body["repeat_penalty"] == 1.0


def test_model_that_the_server_does_not_hold_is_named_before_it_is_asked():
    with DialectServer(model="OpenGVLab/InternVL3-8B") as server:
        found = endpoint(server).probe()
        assert found.reachable
        assert found.error.key == "model_not_found"
        assert found.models == ("OpenGVLab/InternVL3-8B",)
        assert not server.probes


def test_refused_key_is_told():
    with DialectServer(key="right") as server:
        found = endpoint(server, api_key="wrong").probe()
        assert (found.reachable, found.error.key) == (True, "key_refused")
        assert endpoint(server, api_key="right").probe().error is None


def test_good_probe_is_kept_and_a_failed_one_is_not():
    with DialectServer() as server:
        port = server.server_address[1]
    asked = endpoint(server)
    found = asked.probe()
    assert (found.reachable, found.error.key) == (False, "endpoint_unreachable")
    with DialectServer(port=port) as server:
        first = asked.probe()
        assert first.error is None
        assert asked.probe() is first
        assert server.paths.count("/v1/models") == 1
        assert asked.probe(is_fresh=True) is not first


def test_kept_probe_expires(monkeypatch):
    monkeypatch.setattr(probe, "_EXPIRY", -1.0)
    with DialectServer() as server:
        asked = endpoint(server)
        assert asked.probe() is not asked.probe()


def test_outage_forgets_what_was_known():
    with DialectServer() as server:
        asked = endpoint(server)
        asked.probe()
    with pytest.raises(Exception, match=r"endpoint_unreachable|connection_lost"):
        asked.complete([{"role": "user", "content": "x"}], max_tokens=99, guard=Guard(is_json=False))
    assert probe.known(asked.profile) is None


def test_server_that_hangs_does_not_hang_the_probe(monkeypatch):
    with DialectServer() as server:
        monkeypatch.setattr(probe, "PATIENCE", probe.Patience(0.3, 0.3, 0.3, attempts=1))
        monkeypatch.setattr(server, "_to_probe", lambda asked: hang())
        found = endpoint(server).probe()
        assert not found.reachable


def test_field_that_is_taken_but_ignored_is_not_supported():
    with DialectServer() as server:
        server._to_probe = lambda asked: text("Sure! Here is the JSON.")
        found = endpoint(server).probe()
        assert not found.supports & {"response_format", "structured_outputs", "repetition_detection"}
        assert not found.refusals


def test_question_is_the_one_that_the_dialect_server_knows():
    assert probe.QUESTION == PROBE
