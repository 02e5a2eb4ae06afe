"""The stream of events, read without the SDK's classes."""

import json

import httpx2
import openai
import pytest

from extraction.readers.streaming import Assembly, chunks_of


def response(*pieces):
    return httpx2.Response(200, content=iter(pieces), request=httpx2.Request("POST", "http://127.0.0.1/v1"))


def event(**chunk):
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\r\n\r\n"


def delta(text, **more):
    return event(id="1", choices=[{"index": 0, "delta": {"content": text}, **more}])


def test_text_is_whole_wherever_the_network_cuts_it():
    stream = delta("診察費\u2028\x85") + b": ping\n\n" + delta("345", finish_reason="stop") + b"data: [DONE]\n\n"
    answer = Assembly()
    for chunk in chunks_of(response(*(stream[place : place + 5] for place in range(0, len(stream), 5)))):
        answer.take(chunk)
    assert answer.text == "診察費\u2028\x85345"
    assert answer.completion().choices[0].finish_reason == "stop"


def test_error_within_a_stream_is_the_sdks():
    chunks = chunks_of(response(delta("診"), event(error={"message": "out of memory", "code": 500})))
    assert next(chunks).id == "1"
    with pytest.raises(openai.APIError, match="out of memory") as raised:
        next(chunks)
    assert raised.value.body == {"message": "out of memory", "code": 500}


@pytest.mark.parametrize("odd", [{"choices": None}, {"choices": {}}, {"choices": "x"}, {"usage": "many"}])
def test_odd_chunks_say_nothing(odd):
    answer = Assembly()
    for chunk in chunks_of(response(event(**odd), b"data: [1]\n\n", b"data: null\n\n")):
        assert answer.take(chunk) == ("", False)
    assert answer.usage is None


def test_broken_json_is_refused():
    with pytest.raises(json.JSONDecodeError):
        list(chunks_of(response(b'data: {"choices": [\n\n')))
