"""What our client takes for granted of vLLM, on a real one; the weights are random, so that it reads nothing."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from drawing import Sheet
from PIL import Image

from extraction.degeneration import Guard
from extraction.degeneration.guard import STRIDE
from extraction.degeneration.loops import count_tokens
from extraction.errors import DegenerateOutputError, ReaderError, ReadingCancelledError
from extraction.readers.endpoint import Endpoint
from extraction.readers.picture import prepare
from extraction.readers.wire import totals_model, wire_model

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]


class Blind(Guard):
    """Finds no fault, so that the server's own means are seen."""

    def feed(self, delta):
        return None

    def finish(self, finish_reason):
        return None


def question(text, image=None):
    parts = [{"type": "text", "text": text}]
    if image is not None:
        parts.insert(0, {"type": "image_url", "image_url": {"url": image}})
    return [{"role": "user", "content": parts}]


def schema_of(model):
    schema = {"name": model.__name__, "schema": model.model_json_schema()}
    return {"type": "json_schema", "json_schema": schema}


def without_end(endpoint, guard, *, temperature=2.0, is_watched_by_server=False, **more):
    """Ask for an answer that has no end of its own: at temperature 0 a loop, at 2 nonsense."""
    sampling = endpoint.profile.sampling.model_copy(update={"temperature": temperature})
    request = endpoint._client.chat.completions.create

    def create(**fields):
        extra = {**fields.pop("extra_body"), "ignore_eos": True}
        if not is_watched_by_server:
            del extra["repetition_detection"]
        return request(**fields, extra_body=extra)

    endpoint._client.chat.completions.create = create
    return endpoint.complete(question("read"), max_tokens=4000, guard=guard, sampling=sampling, **more)


def test_probe_finds_all_that_this_vllm_can_do(vllm, endpoint):
    found = endpoint.probe(is_fresh=True)
    assert found.error is None
    assert (found.kind, found.version, found.context_length) == ("vllm", "0.32.0", 16384)
    assert found.models == (vllm.model,)
    assert found.supports == {
        "response_format", "structured_outputs", "logprobs", "repetition_detection", "prompt_tokens_details", "images",
    }  # fmt: skip


def test_text_arrives_while_it_is_made(endpoint):
    begun, times = time.monotonic(), []
    cancel = threading.Event()

    def on_text(_):
        times.append(time.monotonic() - begun)
        if len(times) == 40:
            cancel.set()

    with pytest.raises(ReadingCancelledError):
        without_end(endpoint, Blind(is_json=False), on_text=on_text, cancel=cancel)
    assert len(set(times)) > 20
    assert times[-1] > times[0]


def test_cancel_frees_the_server_at_once(vllm, endpoint):
    assert vllm.is_idle(30)
    cancel, is_answering = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(
            without_end, endpoint, Blind(is_json=False), on_text=lambda _: is_answering.set(), cancel=cancel
        )
        is_begun = is_answering.wait(60)
        running = vllm.gauge("num_requests_running")
        cancel.set()  # before anything is asserted: the pool waits for its thread
        with pytest.raises(ReadingCancelledError):
            asked.result(10)
    assert is_begun
    assert running >= 1
    assert vllm.is_idle(3)


@pytest.mark.parametrize(
    ("unit", "is_json"),
    [("Total amount of this receipt. ", False), ("合計", False), ("0 ", False), ("藥費 0 0\n", False),
     ('{"item":"total","amount":"0"},', True)],
    ids=["sentence", "word", "zeros", "rows", "json"],
)  # fmt: skip
def test_loop_is_cut_soon_after_it_can_be_known_and_the_server_freed(vllm, endpoint, unit, is_json):
    assert vllm.is_idle(30)
    pattern = {"structured_outputs": {"regex": f"({re.escape(unit)}){{300}}"}}  # random weights change their loops
    request = endpoint._client.chat.completions.create
    before = vllm.gauge("generation_tokens_total")

    def create(**fields):
        del fields["extra_body"]["repetition_detection"]
        return request(**fields | {"extra_body": fields["extra_body"] | pattern})

    endpoint._client.chat.completions.create = create
    with pytest.raises(DegenerateOutputError) as caught:
        endpoint.complete(question("read"), max_tokens=6000, guard=Guard(is_json=is_json))
    assert vllm.is_idle(2)
    assert caught.value.parameters["cause"] in ("repetition", "near_duplicate_lines")
    answer, made = caught.value.raw, vllm.gauge("generation_tokens_total") - before
    # as in the recorded set: a month of equal rows is no loop yet, the same sentence three times is
    enough = max(3 * count_tokens(unit), 360 if is_json else 100)
    known = next((size for size in range(len(answer)) if count_tokens(answer[:size]) > enough), len(answer))
    if is_json:  # this model's tokenizer has few tokens for it: as many as the guard reckons
        assert count_tokens(answer) - enough <= 400 + count_tokens("費" * STRIDE)
    else:  # all that the server made until it was free again
        assert made * (1 - known / len(answer)) <= 400


def test_server_stops_a_loop_that_nobody_watches(endpoint):
    found = without_end(endpoint, Blind(is_json=False), temperature=0.0, is_watched_by_server=True)
    assert found.choices[0].finish_reason == "repetition"
    assert found.usage.completion_tokens < 2000


def test_prompt_longer_than_the_context_is_said_with_its_numbers(endpoint):
    with pytest.raises(ReaderError) as caught:
        endpoint.complete(question("診察費 345 " * 6000), max_tokens=64, guard=Guard(is_json=False))
    assert caught.value.key == "context_too_long"
    assert caught.value.parameters["limit"] == "16384"
    assert int(caught.value.parameters["tokens"]) > 16384


def test_more_tokens_asked_for_than_the_context_has_are_no_failure(endpoint):
    bounded = schema_of(totals_model("medical_receipt"))
    completion = endpoint.complete(
        question("總計"), max_tokens=40_000, guard=Blind(is_json=True), response_format=bounded
    )
    assert completion.choices[0].message.content


def test_unknown_model_is_named(profile):
    with pytest.raises(ReaderError) as caught:
        Endpoint(profile.model_copy(update={"model": "no/such"})).complete(
            question("read"), max_tokens=8, guard=Guard(is_json=False)
        )
    assert caught.value.key == "model_not_found"
    assert caught.value.parameters["model"] == "no/such"


def test_damaged_picture_is_refused_and_the_server_goes_on(endpoint):
    with pytest.raises(ReaderError) as caught:
        endpoint.complete(question("read", "data:image/jpeg;base64,AAAA"), max_tokens=8, guard=Guard(is_json=False))
    assert caught.value.key in ("request_refused", "request_failed")
    assert endpoint.outage() is None


@pytest.mark.parametrize("document_type", ["medical_receipt", "invoice"])
def test_answers_are_held_to_our_schemas(endpoint, document_type):
    model = wire_model(document_type)
    for seed in range(2):
        warm = endpoint.profile.sampling.model_copy(update={"temperature": 1.0, "seed": seed})
        completion = endpoint.complete(question("read"), max_tokens=900, guard=Blind(is_json=True),
                                       response_format=schema_of(model), sampling=warm)  # fmt: skip
        choice = completion.choices[0]
        if choice.finish_reason == "stop":
            model.model_validate_json(choice.message.content)


def test_probabilities_come_with_every_token_of_a_shaped_answer(endpoint):
    logged = Endpoint(endpoint.profile.model_copy(update={"logprobs": True}))
    schema = schema_of(totals_model("medical_receipt"))
    completion = logged.complete(question("總計"), max_tokens=400, guard=Blind(is_json=True), response_format=schema)
    tokens = completion.choices[0].logprobs.content
    assert "".join(token.token for token in tokens).startswith(completion.choices[0].message.content[:20])


def test_tokens_of_a_picture_are_as_many_as_we_reckon(endpoint):
    kinds = endpoint.profile.picture
    for size in ((1202, 1700), (600, 1700), (1700, 900)):
        prepared = prepare(Image.new("RGB", size, "white"), kinds, None)
        bare, shown = (
            endpoint.complete(question("read", url), max_tokens=1, guard=Blind(is_json=False)).usage.prompt_tokens
            for url in (None, prepared.data_url)
        )
        assert prepared.tokens == pytest.approx(shown - bare, abs=16)


def test_second_question_about_a_picture_reuses_its_tokens(endpoint):
    picture = prepare(Sheet(850, 1100).image, endpoint.profile.picture, None)
    cached = 0
    for text in ("read it", "what is the total"):
        done = endpoint.complete(question(text, picture.data_url), max_tokens=1, guard=Blind(is_json=False))
        cached = done.usage.prompt_tokens_details.cached_tokens
    assert cached > 0.8 * (picture.tokens or 0)


def test_eight_at_once_are_all_answered(endpoint):
    schema = schema_of(totals_model("medical_receipt"))

    def ask(number):
        image = prepare(Image.new("RGB", (300, 400), (number, 255, 255)), endpoint.profile.picture, 400)
        return endpoint.complete(question(f"總計 {number}", image.data_url), max_tokens=400, guard=Blind(is_json=True),
                                 response_format=schema)  # fmt: skip

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert all(answer.choices[0].message.content for answer in answers)
