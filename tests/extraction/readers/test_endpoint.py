"""A model server that does as it should, and in every way that it should not."""

import json
import logging
import threading
import time

import httpx2
import openai
import pytest
from openai import _exceptions
from vllm_dialect import (
    DialectServer,
    Reply,
    answer,
    context_too_long,
    drop,
    endless,
    exclamation,
    hang,
    invalid_sse,
    key_refused,
    model_not_found,
    no_chat_template,
    no_images,
    recorded,
    status,
    stream_error,
    text,
    truncated_json,
)

from extraction.degeneration import Guard
from extraction.errors import DegenerateOutputError, ReaderError, ReaderUnavailableError, ReadingCancelledError
from extraction.readers import refusals
from extraction.readers.breaker import Breaker, forget_outages
from extraction.readers.endpoint import Endpoint
from extraction.readers.profiles import Profile, Sampling
from extraction.readers.transport import Patience

QUICK = Patience(first_token=5.0, between_tokens=5.0, total=20.0, pause=0.01)
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
ASK = [{"role": "user", "content": [{"type": "text", "text": "Copy what is printed."}, IMAGE]}]
JSON = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
KEY = "sk-secret-of-the-office"


@pytest.fixture(autouse=True)
def _fresh_breakers():
    forget_outages()


@pytest.fixture
def server():
    with DialectServer() as running:
        yield running


def endpoint(server: DialectServer, patience: Patience = QUICK, **changes) -> Endpoint:
    known = {"name": "rolmocr", "base_url": server.base_url, "model": server.model, "dialect": "vllm"}
    return Endpoint(Profile(**(known | changes)), patience=patience)


def ask(asked: Endpoint, *, is_json: bool = False, **more):
    return asked.complete(ASK, max_tokens=500, guard=Guard(is_json=is_json), **more)


def refusal(asked: Endpoint, kind: type[ReaderError] = ReaderError, **more) -> ReaderError:
    with pytest.raises(kind) as caught:
        ask(asked, **more)
    return caught.value


def wait_for(condition, seconds: float = 2.0) -> float:
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "it never came"
        time.sleep(0.005)
    return time.monotonic() - started


# what is asked, and what comes of it


def test_streamed_answer_is_put_together_with_its_tokens(server):
    server.queue(text("診察費 345"))
    shown: list[str] = []
    found = ask(endpoint(server), on_text=shown.append)
    assert found.choices[0].message.content == "".join(shown) == "診察費 345"
    assert len(shown) > 1
    assert found.choices[0].finish_reason == "stop"
    assert found.usage.completion_tokens == len(shown)


@pytest.mark.parametrize("name", ["stream", "stream_json", "stream_logprobs"])
def test_recorded_stream_is_the_recorded_answer(server, name):
    server.queue(Reply(raw=recorded(name).raw))
    found = endpoint(server).complete(ASK, max_tokens=9, guard=Silent())
    whole = json.loads(recorded(name.replace("stream", "chat")).body)
    assert found.choices[0].message.content == whole["choices"][0]["message"]["content"]
    assert found.usage.prompt_tokens == whole["usage"]["prompt_tokens"]
    if name.endswith("logprobs"):
        told = whole["choices"][0]["logprobs"]["content"]
        assert [token.logprob for token in found.choices[0].logprobs.content] == [token["logprob"] for token in told]


def test_recorded_stream_of_llama_server_is_read_to_its_usage(server):
    server.queue(Reply(raw=recorded("stream", "llama").raw))
    found = endpoint(server, dialect="llama").complete(ASK, max_tokens=12, guard=Silent())
    assert (found.choices[0].finish_reason, found.usage.completion_tokens) == ("length", 12)
    assert found.choices[0].message.content.startswith('"')


def test_stop_by_the_servers_own_detection_is_a_fault(server):
    server.queue(Reply(raw=recorded("stream_repetition").raw))
    error = refusal(endpoint(server), DegenerateOutputError)
    assert error.parameters["cause"] == "repetition"
    assert (error.finish_reason, error.tokens_out) == ("repetition", 9)


def test_chunks_of_the_dialect_have_the_fields_of_the_recorded_ones(server):
    asked = {"model": "m", "messages": [], "stream": True, "stream_options": {"include_usage": True}, "logprobs": True}
    said = httpx2.post(f"{server.base_url}/chat/completions", json=asked).text
    for ours, real in zip(chunks(said)[:2], chunks(recorded("stream_logprobs").raw)[:2], strict=True):
        assert set(ours) <= set(real)
        assert set(ours["choices"][0]) <= set(real["choices"][0])
        assert set(ours["choices"][0]["delta"]) == set(real["choices"][0]["delta"])


def chunks(stream: str) -> list[dict]:
    return [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: {")]


def test_picture_stands_in_front_of_the_text(server):
    ask(endpoint(server))
    assert [part["type"] for part in server.history[0].parts] == ["image_url", "text"]
    assert ASK[0]["content"][0]["type"] == "text", "the caller's list stays as it was"


@pytest.mark.parametrize(
    ("dialect", "extra"),
    [
        ("vllm", {"repetition_penalty", "repetition_detection"}),
        ("llama", {"repeat_penalty"}),
        ("openai", set()),
    ],
)
def test_no_server_gets_a_field_that_is_not_its_own(server, dialect, extra):
    ask(endpoint(server, dialect=dialect), sampling=Sampling(temperature=0.4))
    fields = set(server.history[0].body)
    assert fields - {"model", "messages", "max_tokens", "temperature", "stream", "stream_options"} == extra
    assert server.history[0].body["temperature"] == 0.4


def test_probabilities_are_asked_for_with_a_schema_only(server):
    asked = endpoint(server, logprobs=True)
    ask(asked)
    found = ask(asked, is_json=True, response_format=JSON)
    assert [question.body.get("logprobs") for question in server.history] == [None, True]
    assert found.choices[0].logprobs.content[0].logprob == -0.01


# answers that go wrong


class Silent:
    """A guard that never barks."""

    def feed(self, delta: str) -> None: ...

    def finish(self, finish_reason: str | None) -> None: ...


@pytest.mark.parametrize("piece", ["藥費 0 檢查費 0 ", "!", " "])
def test_loop_is_cut_and_the_server_freed_within_half_a_second(server, piece):
    server.queue(endless(piece, after="示範醫院\n"))
    error = refusal(endpoint(server), DegenerateOutputError)
    raised = time.monotonic()
    wait_for(lambda: server.history[0].aborted)
    assert server.history[0].aborted - raised < 0.5
    assert error.raw.startswith("示範醫院")
    assert 0 < error.tokens_out <= server.history[0].sent + 1


@pytest.mark.parametrize(
    ("reply", "cause", "code"),
    [
        (truncated_json(), "truncated", "answer_truncated"),
        (text(""), "empty", "answer_empty"),
        (exclamation(), "numeric_fault", "numeric_fault"),
        (text("示" * 600, finish_reason="length"), "repetition", "degenerate_output"),
    ],
)
def test_fault_of_an_answer_has_a_text_of_its_own(server, reply, cause, code):
    server.queue(reply)
    error = refusal(endpoint(server), DegenerateOutputError, is_json=reply.text.startswith("{"))
    assert (error.parameters["cause"], error.key) == (cause, code)
    assert len(server.history) == 1, "asking again is the reader's business"


# what a server refuses


@pytest.mark.parametrize(
    ("reply", "code", "parameters"),
    [
        (recorded("error_model"), "model_not_found", {"model": "reducto/RolmOCR"}),
        (model_not_found("x"), "model_not_found", {}),
        (key_refused(), "key_refused", {}),
        (recorded("error_context"), "context_too_long", {"tokens": "16385", "limit": "16384"}),
        (context_too_long(5120, 4096), "context_too_long", {"tokens": "5120", "limit": "4096"}),
        (context_too_long(5120, 4096, kind="llama"), "context_too_long", {"tokens": "5120", "limit": "4096"}),
        (no_images(), "images_refused", {"model": "reducto/RolmOCR"}),
        (no_images("llama"), "images_refused", {}),
        (no_chat_template(), "no_chat_template", {}),
        (recorded("error_schema"), "schema_refused", {}),
        (recorded("error_images"), "request_refused", {"status": "400"}),
        (recorded("error_image"), "request_refused", {"status": "400"}),
        (recorded("error_path"), "wrong_address", {}),
        (recorded("error_path", "llama"), "wrong_address", {}),
        (recorded("error_key", "llama"), "key_refused", {}),
        (recorded("error_context", "llama"), "context_too_long", {"tokens": "60014", "limit": "8192"}),
        (recorded("error_image", "llama"), "request_refused", {"reason": "Failed to load image or audio file"}),
        (recorded("error_no_images", "llama"), "images_refused", {}),
        (Reply(status=301, headers={"Location": "http://127.0.0.1:9/"}, body=""), "wrong_address", {}),
        (invalid_sse(), "protocol_fault", {}),
        (Reply(body="<html>It works!</html>", headers={"Content-Type": "text/html"}), "protocol_fault", {}),
    ],
)
def test_refusal_says_what_to_change_and_is_asked_once(server, reply, code, parameters):
    server.queue(reply)
    error = refusal(endpoint(server))
    assert error.key == code
    assert parameters.items() <= error.parameters.items()
    assert not isinstance(error, ReaderUnavailableError)
    assert len(server.history) == 1


@pytest.mark.parametrize(
    ("message", "numbers"),
    [
        (
            "This model's maximum context length is 5000 tokens. However, you requested 6678 tokens (2678 in the "
            "messages, 4000 in the completion). Please reduce the length of the messages or completion.",
            ("6678", "5000"),
        ),
        ("The decoder prompt (length 5001) is longer than the maximum model length of 5000.", ("5001", "5000")),
        ("This model's maximum context length is unknown.", ("?", "?")),
    ],
)
def test_numbers_of_older_servers_are_found(message, numbers):
    assert refusals._numbers(message, {}) == numbers


def test_more_tokens_than_the_context_holds_are_asked_for_without_a_number(server):
    server.queue(recorded("error_max_tokens"), text("診察費 345"))
    assert ask(endpoint(server)).choices[0].message.content == "診察費 345"
    assert [asked.body.get("max_tokens") for asked in server.history] == [500, None]


def test_what_a_server_quotes_of_the_request_is_not_passed_on(server):
    quoted = recorded("error_field").body.replace("many", "王小明 A123456789")
    server.queue(Reply(status=400, body=quoted))
    error = refusal(endpoint(server))
    assert "王小明" not in str(error)
    assert "valid integer" in error.parameters["reason"]


# servers that are gone, busy or broken


@pytest.mark.parametrize(
    "faults",
    [
        [drop()],
        [drop(after="診察")],
        [status(500)],
        [status(503), status(502)],
        [status(429, retry_after=0.05)],
        [stream_error("診察")],
        [text("診", finish_reason="abort")],
    ],
)
def test_passing_fault_is_asked_again(server, faults):
    server.queue(*faults, text("診察費 345"))
    assert ask(endpoint(server)).choices[0].message.content == "診察費 345"
    assert len(server.history) == len(faults) + 1


def test_answer_that_was_shown_in_part_is_not_asked_for_again(server):
    server.queue(drop(after="診察費 345"))
    shown: list[str] = []
    assert refusal(endpoint(server), ReaderUnavailableError, on_text=shown.append).key == "connection_lost"
    assert "".join(shown) == "診察費 345"
    assert len(server.history) == 1


def test_retry_after_is_heeded(server):
    server.queue(status(429, retry_after=0.3))
    ask(endpoint(server))
    assert server.history[1].started - server.history[0].started >= 0.3


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (drop(), "connection_lost"),
        (status(503), "endpoint_overloaded"),
        (status(429), "endpoint_overloaded"),
        (status(429, retry_after=3600), "endpoint_overloaded"),
        (status(502), "endpoint_failing"),
    ],
)
def test_lasting_fault_leaves_the_document_waiting(server, fault, code):
    server.default = fault
    error = refusal(endpoint(server), ReaderUnavailableError)
    assert error.key == code
    assert error.parameters["address"] == server.root
    assert error.parameters["since"]


def test_document_that_breaks_a_server_which_is_well_fails_by_itself(server):
    server.default = status(500)
    error = refusal(endpoint(server))
    assert error.key == "request_failed"
    assert not isinstance(error, ReaderUnavailableError)


def test_error_500_of_a_server_that_is_ill_is_an_outage(server):
    server.default, server.healthy = status(500), False
    assert refusal(endpoint(server)).key == "endpoint_failing"


def test_nobody_there_is_an_outage():
    with DialectServer() as stopped:
        pass
    error = refusal(endpoint(stopped), ReaderUnavailableError)
    assert error.key == "endpoint_unreachable"
    assert error.parameters["address"] == stopped.root


@pytest.mark.parametrize(
    ("reply", "patience", "code"),
    [
        (hang(), Patience(0.3, 5, 9), "endpoint_timeout"),
        (hang("診察"), Patience(5, 0.3, 9), "endpoint_timeout"),
        (text("診察費" * 50, token_delay=0.02), Patience(5, 5, 0.4), "answer_too_slow"),
    ],
)
def test_each_limit_ends_the_request_at_the_server_too(server, reply, patience, code):
    server.queue(reply)
    started = time.monotonic()
    assert refusal(endpoint(server, patience)).key == code
    assert time.monotonic() - started < 1.5
    wait_for(lambda: server.history[0].aborted, 0.5)
    assert len(server.history) == 1, "it would only wait as long again"


def test_slow_tokens_within_the_limits_are_waited_for(server):
    server.queue(text("診察費 345", token_delay=0.1))
    assert ask(endpoint(server, Patience(0.4, 0.4, 5))).choices[0].message.content == "診察費 345"


# cancelling


@pytest.mark.parametrize("reply", [hang(), hang("診察"), text("診察費" * 400, token_delay=0.02)])
def test_cancel_from_another_thread_frees_the_server_within_half_a_second(server, reply):
    server.queue(reply)
    cancel, said, shown = threading.Event(), [], []
    asked = endpoint(server)
    asking = threading.Thread(target=lambda: said.append(refusal(asked, cancel=cancel, on_text=shown.append)))
    asking.start()
    wait_for(lambda: len(shown) > 1 or (server.history and reply.hangs == "headers"))
    cancel.set()
    cancelled = time.monotonic()
    asking.join(2)
    wait_for(lambda: server.history[0].aborted)
    assert server.history[0].aborted - cancelled < 0.5
    assert isinstance(said[0], ReadingCancelledError)
    assert reply.hangs == "headers" or said[0].raw.startswith("診察")


def test_cancel_ends_the_wait_for_a_turn_and_for_a_retry(server):
    server.default = status(503, retry_after=20)
    asked = endpoint(server)
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    started = time.monotonic()
    assert isinstance(refusal(asked, cancel=cancel), ReadingCancelledError)
    assert time.monotonic() - started < 1


# the breaker, and turns


def test_dead_server_is_left_alone_and_everybody_told_at_once(server):
    server.default = status(502)
    asked = endpoint(server)
    first, second = refusal(asked), refusal(asked)
    assert len(server.history) == 5, "five failures in a row, then no more"
    started = time.monotonic()
    third = refusal(asked)
    assert time.monotonic() - started < 0.1
    assert len(server.history) == 5
    assert first.key == second.key == third.key == "endpoint_failing"
    assert third.parameters["since"] == first.parameters["since"]
    assert asked.outage().failures == 5


def test_callers_waiting_for_their_turn_are_told_too(server):
    server.queue(hang())
    server.default = drop()
    narrow = {"bounds": {"concurrency": 1, "timeout": 60}}
    asked, cancel, said = endpoint(server, **narrow), threading.Event(), []
    holder = threading.Thread(target=lambda: said.append(refusal(asked, cancel=cancel)))
    holder.start()
    wait_for(lambda: server.history)
    waiting = threading.Thread(target=lambda: said.append(refusal(asked)))
    waiting.start()
    other = endpoint(server, bounds={"concurrency": 2})
    for _ in range(2):
        refusal(other)
    waiting.join(1)
    assert [error.key for error in said] == ["connection_lost"]
    cancel.set()
    holder.join(1)


def test_breaker_lets_one_caller_try_after_a_pause():
    now = [100.0]
    breaker = Breaker(failures=2, pause=30, clock=lambda: now[0])
    down = ReaderUnavailableError("endpoint_unreachable", address="http://x", since="2026-01-01 08:00")
    breaker.failed(down)
    assert breaker.admit() is False
    breaker.failed(down)
    with pytest.raises(ReaderUnavailableError) as caught:
        breaker.admit()
    assert caught.value.parameters == down.parameters
    assert breaker.outage().retry_in == 30
    now[0] += 31
    assert breaker.admit() is True
    with pytest.raises(ReaderUnavailableError):
        breaker.admit()
    breaker.failed(down)  # the trial failed: the pause begins anew
    with pytest.raises(ReaderUnavailableError):
        breaker.check()
    now[0] += 31
    assert breaker.admit() is True
    breaker.succeeded()
    assert breaker.admit() is False
    assert breaker.outage() is None


def test_trial_that_is_given_up_leaves_room_for_the_next():
    now = [0.0]
    breaker = Breaker(failures=1, pause=5, clock=lambda: now[0])
    breaker.failed(ReaderUnavailableError())
    now[0] += 6
    assert breaker.admit() is True
    breaker.released()
    assert breaker.admit() is True


def test_refusals_do_not_open_the_breaker(server):
    server.default = key_refused()
    asked = endpoint(server)
    for _ in range(7):
        assert refusal(asked).key == "key_refused"
    assert asked.outage() is None


def test_server_that_is_back_is_open_to_all_after_a_check():
    with DialectServer() as server:
        port = server.server_address[1]
        asked = endpoint(server)
    for _ in range(2):
        refusal(asked)
    with pytest.raises(ReaderUnavailableError):
        asked.check()
    with DialectServer(port=port):
        asked.check()
        assert ask(asked).choices[0].finish_reason == "stop"


def test_no_more_requests_at_a_time_than_the_profile_allows(server):
    server.default = text("診察費 345", token_delay=0.02)
    asked = endpoint(server, bounds={"concurrency": 3})
    threads = [threading.Thread(target=ask, args=(asked,)) for _ in range(9)]
    for thread in threads:
        thread.start()
    most = 0
    while any(thread.is_alive() for thread in threads):
        most = max(most, sum(1 for question in list(server.history) if question.finished is None))
        time.sleep(0.002)
    assert len(server.history) == 9
    assert most == 3


# the seam


EXPECTED = {
    "OpenAIError": "protocol_fault",
    "SubjectTokenProviderError": "protocol_fault",
    "APIError": "endpoint_failing",
    "APIResponseValidationError": "protocol_fault",
    "APIStatusError": "request_refused",
    "APIConnectionError": "endpoint_unreachable",
    "APITimeoutError": "endpoint_unreachable",
    "BadRequestError": "request_refused",
    "AuthenticationError": "key_refused",
    "OAuthError": "key_refused",
    "PermissionDeniedError": "key_refused",
    "NotFoundError": "wrong_address",
    "ConflictError": "request_refused",
    "UnprocessableEntityError": "request_refused",
    "RateLimitError": "endpoint_overloaded",
    "InternalServerError": "endpoint_failing",
    "LengthFinishReasonError": "protocol_fault",
    "ContentFilterFinishReasonError": "protocol_fault",
    "WebSocketConnectionClosedError": "protocol_fault",
    "WebSocketQueueFullError": "protocol_fault",
}
"""The errors of the SDK that can come out of a call; a new one must be thought about here."""
REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")
STATUS = {
    "AuthenticationError": 401, "OAuthError": 401, "PermissionDeniedError": 403, "NotFoundError": 404,
    "ConflictError": 409, "UnprocessableEntityError": 422, "RateLimitError": 429, "InternalServerError": 500,
}  # fmt: skip
PLACE = refusals.Place("http://127.0.0.1", "m", "2026-01-01 08:00")


def errors_of_the_sdk() -> dict[str, type[Exception]]:
    """Return the errors of a call by name; wrong use of the module and web sockets have theirs elsewhere."""
    named = {name: kind for name, kind in vars(_exceptions).items() if isinstance(kind, type)}
    return {name: kind for name, kind in named.items() if issubclass(kind, openai.OpenAIError)}


def instance(kind: type[Exception]) -> Exception:
    error = kind.__new__(kind)
    if issubclass(kind, openai.APIStatusError):
        error.status_code, error.body = STATUS.get(kind.__name__, 400), {}
        error.response = httpx2.Response(error.status_code, request=REQUEST)
    elif issubclass(kind, openai.APIError):
        error.body = {"code": 500} if kind is openai.APIError else None
    return error


def test_every_error_of_the_sdk_is_mapped():
    known = errors_of_the_sdk()
    assert set(known) == set(EXPECTED)
    for name, kind in known.items():
        assert issubclass(kind, refusals.FOREIGN)
        assert refusals.translate(instance(kind), PLACE).error.key == EXPECTED[name], name


def test_every_error_of_the_http_library_is_mapped():
    named = [getattr(httpx2, name) for name in dir(httpx2) if isinstance(getattr(httpx2, name), type)]
    ours = [kind for kind in named if issubclass(kind, httpx2.HTTPError | httpx2.StreamError)]
    assert len(ours) > 15
    for kind in ours:
        error = refusals.translate(kind.__new__(kind), PLACE).error
        assert error.key in ("endpoint_unreachable", "connection_lost", "protocol_fault"), kind


def test_key_and_answers_are_in_no_log_and_no_error(caplog, server):
    caplog.set_level(logging.DEBUG)
    said = "王小明 A123456789"
    server.key = KEY
    asked = endpoint(server, api_key=KEY)
    server.queue(text(said), Reply(status=400, body=json.dumps({"error": {"message": f"{KEY} is odd"}})))
    ask(asked)
    error = refusal(asked)
    server.queue(endless("藥費 0 ", after=said))
    loop = refusal(asked, DegenerateOutputError)
    told = [
        repr(asked),
        str(asked),
        repr(error),
        str(error),
        str(loop),
        *(record.getMessage() for record in caplog.records),
    ]
    assert not [line for line in told if KEY in line or "王小明" in line or "藥費" in line or "iVBOR" in line]
    assert error.__cause__ is None and error.__context__ is None, "the SDK's error holds the request"


def test_answers_as_json_pass_unharmed(server):
    value = {"items": [{"name": "診察費", "nhi_amount": "345"}], "notes": None}
    server.queue(answer(value))
    assert json.loads(ask(endpoint(server), is_json=True, response_format=JSON).choices[0].message.content) == value
