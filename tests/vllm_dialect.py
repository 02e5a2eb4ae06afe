"""A server on loopback that speaks vLLM's dialect, as recorded in `recorded/vllm`, with every fault at a switch.

    with DialectServer() as server:
        server.queue(text("診察費 345"), status(503), answer({"items": []}))
        ...                                    # server.base_url, server.model
        server.history[0].body["messages"]     # what was asked, in order; probes are in server.probes

Replies are taken in turn; when none is left, `server.default` answers (a constant, or a function of what was asked).
Requests of the start-up probe never take a queued reply: they are answered by what the server was built to support.
"""

import json
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "recorded"
PROBE = "Reply with OK."
"""The question of the start-up probe; the same as `extraction.readers.probe.QUESTION` (a test compares them)."""
ALL_FEATURES = frozenset({
    "response_format", "structured_outputs", "logprobs", "repetition_detection", "prompt_tokens_details", "images",
})  # fmt: skip


@dataclass(frozen=True)
class Reply:
    """One answer, or one way not to give it."""

    text: str = ""
    finish_reason: str = "stop"
    stop_reason: str | None = None
    status: int = 200
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before the headers."""
    token_delay: float = 0.0
    """Seconds before each piece of a stream."""
    pieces: tuple[str, ...] | None = None
    """The pieces of the stream; default one or two characters each, as tokens are."""
    endless: str | None = None
    """A piece that comes after the text without end, until the caller closes."""
    hangs: str | None = None
    """`headers`: never answers. `stream`: says nothing more after the text."""
    drops: str | None = None
    """`headers`: closes unanswered. `stream`: closes after the text, without an end."""
    raw: str | None = None
    """What the stream says instead of chunks, byte for byte."""
    logprob: float = -0.01
    """Of every token, where logprobs are asked for."""


@dataclass
class Asked:
    """One request as it came, and what became of it."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    started: float
    sent: int = 0
    """Pieces of the stream that were written."""
    finished: float | None = None
    aborted: float | None = None
    """time.monotonic() when the caller was seen to have closed."""

    @property
    def text(self) -> str:
        """The text parts of the messages."""
        return "\n".join(part["text"] for part in self.parts if part["type"] == "text")

    @property
    def images(self) -> list[str]:
        """The data URLs of the pictures."""
        return [part["image_url"]["url"] for part in self.parts if part["type"] == "image_url"]

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The parts of all messages, in order."""
        contents = [message["content"] for message in self.body.get("messages", ())]
        lists = [[{"type": "text", "text": held}] if isinstance(held, str) else held or [] for held in contents]
        return [part for held in lists for part in held]


Answerer = Callable[[Asked], Reply]


def text(content: str, **changes: Any) -> Reply:
    """Answer this."""
    return Reply(content, **changes)


def answer(value: Any, **changes: Any) -> Reply:
    """Answer this as JSON, compact, as xgrammar without free white space gives it."""
    return Reply(json.dumps(value, ensure_ascii=False, separators=(",", ":")), **changes)


def hang(after: str | None = None) -> Reply:
    """Never answer, or fall silent after a text."""
    return Reply(hangs="headers") if after is None else Reply(after, hangs="stream")


def endless(piece: str, after: str = "", token_delay: float = 0.002) -> Reply:
    """Repeat a piece until the caller closes."""
    return Reply(after, endless=piece, token_delay=token_delay)


def drop(after: str | None = None) -> Reply:
    """Close the connection: unanswered, or in the middle of the stream."""
    return Reply(drops="headers") if after is None else Reply(after, drops="stream")


def status(code: int, *, retry_after: float | None = None, message: str = "out of order") -> Reply:
    """Answer with an error of vLLM's form."""
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Reply(status=code, headers=headers, body=error(message, "InternalServerError", code))


def key_refused() -> Reply:
    """Refuse the key."""
    return Reply(status=401, body='{"error":"Unauthorized"}')


def model_not_found(model: str, known: str = "reducto/RolmOCR") -> Reply:
    """Know no such model."""
    message = f"The model `{model}` does not exist. Valid aliases: {known}."
    return Reply(status=404, body=error(message, "NotFoundError", 404, "model"))


def context_too_long(tokens: int = 16385, limit: int = 16384, *, kind: str = "vllm") -> Reply:
    """Refuse a prompt that does not fit, as vLLM or as llama-server says it."""
    if kind == "llama":
        message = f"request ({tokens} tokens) exceeds the available context size ({limit} tokens), try increasing it"
        numbers = {"n_prompt_tokens": tokens, "n_ctx": limit}
        return Reply(status=400, body=json.dumps({"error": {
            "code": 400, "message": message, "type": "exceed_context_size_error", **numbers}}))  # fmt: skip
    message = (
        f"This model's maximum context length is {limit} tokens. However, your prompt contains at least {tokens} input "
        "tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt."
        f" (parameter=input_tokens, value={tokens})"
    )
    return Reply(status=400, body=error(message, "BadRequestError", 400, "input_tokens"))


def no_images(kind: str = "vllm") -> Reply:
    """Refuse pictures, as a text-only model does."""
    if kind == "llama":
        return recorded("error_no_images", "llama")
    return Reply(status=400, body=error("At most 0 image(s) may be provided in one prompt. (parameter=image)",
                                        "BadRequestError", 400, "image"))  # fmt: skip


def no_chat_template() -> Reply:
    """Miss the chat template of the model."""
    message = (
        "As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat template if "
        "the tokenizer does not define one."
    )
    return Reply(status=400, body=error(message, "BadRequestError", 400))


def stream_error(after: str = "", code: int = 500) -> Reply:
    """Break off with an error inside the stream."""
    chunk = json.dumps({"choices": [{"index": 0, "delta": {"content": after}, "finish_reason": None}]})
    return Reply(raw=f"data: {chunk}\n\ndata: {error('Internal server error', 'InternalServerError', code)}\n\n")


def invalid_sse() -> Reply:
    """Stream what is no JSON."""
    return Reply(raw='data: {"choices": [{"delta"\n\ndata: <html>\n\n')


def truncated_json() -> Reply:
    """Run into max_tokens in the middle of a document."""
    return Reply('{"hospital_name":"示範醫院","items":[{"name":"診察費","nhi_am', finish_reason="length")


def exclamation(count: int = 400) -> Reply:
    """Give token 0 again and again: what NaN logits come to."""
    return Reply("!" * count, finish_reason="length")


def error(message: str, kind: str, code: int, param: str | None = None) -> str:
    """Return vLLM's error body."""
    return json.dumps({"error": {"message": message, "type": kind, "param": param, "code": code}})


def recorded(name: str, folder: str = "vllm") -> Reply:
    """Return a recorded answer as a reply."""
    code, _, _, body = (RECORDED / folder / f"{name}.txt").read_text(encoding="utf-8").split("\n", 3)
    return Reply(status=int(code), raw=body) if body.startswith("data:") else Reply(status=int(code), body=body)


def sample(schema: dict[str, Any], root: dict[str, Any] | None = None) -> Any:
    """Return the smallest value of a JSON schema: what a constrained model without a clue would say."""
    root = root if root is not None else schema
    if "$ref" in schema:
        return sample(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        return None if {"type": "null"} in branches else sample(branches[0], root)
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        return None if "null" in kind else sample(schema | {"type": kind[0]}, root)
    if kind == "object":
        return {name: sample(part, root) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(schema.get("items", {}), root)] * schema.get("minItems", 0)
    return {"string": "?", "integer": schema.get("minimum", 0), "number": 0, "boolean": False}.get(kind)


def plain(asked: Asked) -> Reply:
    """Answer with the smallest document of the schema, or a short transcript where none is asked for."""
    wanted = asked.body.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        return answer(sample(wanted["json_schema"]["schema"]))
    return text("示範醫院\n診察費 345 0\n藥費 412 150\n")


class DialectServer(ThreadingHTTPServer):
    """The server; a context manager."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self, *replies: Reply | Answerer, kind: str = "vllm", model: str = "reducto/RolmOCR", key: str | None = None,
        context_length: int = 16384, version: str = "0.32.0", features: frozenset[str] = ALL_FEATURES,
        default: Reply | Answerer = plain, latency: float | None = None, port: int = 0,
    ) -> None:  # fmt: skip
        """`latency`: answer everything so many seconds after it was asked, however much is asked at once."""
        super().__init__(("127.0.0.1", port), _Connection)
        self.kind, self.model, self.key, self.version = kind, model, key, version
        self.context_length, self.features, self.latency = context_length, features, latency
        self.default = default
        self.history: list[Asked] = []
        self.probes: list[Asked] = []
        self.paths: list[str] = []
        self.healthy = True
        """Whether /health answers 200."""
        self._replies = list(replies)
        self._lock = threading.Lock()
        self.stopping = threading.Event()

    @property
    def root(self) -> str:
        """The address without /v1."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def base_url(self) -> str:
        """The address for a profile."""
        return f"{self.root}/v1"

    def queue(self, *replies: Reply | Answerer) -> None:
        """Add replies to be given in turn."""
        with self._lock:
            self._replies.extend(replies)

    def take(self, asked: Asked) -> Reply:
        """Return the next reply and note the request."""
        with self._lock:
            if asked.text == PROBE:
                self.probes.append(asked)
                return self._to_probe(asked)
            self.history.append(asked)
            following = self._replies.pop(0) if self._replies else self.default
        return following(asked) if callable(following) else following

    def _to_probe(self, asked: Asked) -> Reply:
        body, known = asked.body, self.features
        if body.get("model") != self.model and self.kind == "vllm":
            return model_not_found(str(body.get("model")), self.model)
        if asked.images and "images" not in known:
            return no_images(self.kind)
        if "repetition_detection" in body and "repetition_detection" in known:
            return recorded("error_repetition")
        if "response_format" in body and "response_format" in known:
            return answer(sample(body["response_format"]["json_schema"]["schema"]))
        if "structured_outputs" in body and "structured_outputs" in known:
            return text(body["structured_outputs"]["choice"][0])
        return text("OK")

    def __enter__(self) -> "DialectServer":
        """Serve in a thread."""
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and let go of whoever hangs."""
        self.stopping.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Callers close as they like; that is no error here."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: DialectServer

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        if not self._is_let_in():
            return
        pages = {"/v1/models": self._models, "/health": lambda: ("", 200 if self.server.healthy else 503)}
        if self.server.kind == "vllm":
            pages["/version"] = lambda: (json.dumps({"version": self.server.version}), 200)
        if self.server.kind == "llama":
            pages["/props"] = self._props
        body, code = pages.get(self.path, lambda: ('{"detail":"Not Found"}', 404))()
        self._say(code, body)

    def do_POST(self) -> None:
        self.server.paths.append(self.path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._is_let_in():
            return
        if self.path != "/v1/chat/completions":
            self._say(404, '{"detail":"Not Found"}')
            return
        asked = Asked(self.path, body, dict(self.headers), time.monotonic())
        try:
            self._answer(asked, self.server.take(asked))
        except OSError:
            asked.aborted = time.monotonic()
            self.close_connection = True
        finally:
            asked.finished = time.monotonic()

    def _is_let_in(self) -> bool:
        key = self.server.key
        if key is None or self.path == "/health" or self.headers.get("Authorization") == f"Bearer {key}":
            return True
        self._say(401, '{"error":"Unauthorized"}')
        return False

    def _models(self) -> tuple[str, int]:
        server = self.server
        model: dict[str, Any] = {"id": server.model, "object": "model", "created": 1795503355}
        if server.kind == "vllm":
            model = (
                json.loads(recorded("models").body or "")["data"][0] | model | {"max_model_len": server.context_length}
            )
        if server.kind == "llama":
            model = json.loads(recorded("models", "llama").body or "")["data"][0] | model
        return json.dumps({"object": "list", "data": [model]}), 200

    def _props(self) -> tuple[str, int]:
        modalities = {"vision": "images" in self.server.features}
        settings = {"n_ctx": self.server.context_length}
        return json.dumps({"default_generation_settings": settings, "total_slots": 4, "build_info": "b7000-0c1e570",
                           "modalities": modalities}), 200  # fmt: skip

    def _answer(self, asked: Asked, reply: Reply) -> None:
        latency = self.server.latency if self.server.latency is not None and asked.text != PROBE else 0.0
        self._wait(reply.delay + latency)
        if reply.hangs == "headers":
            self._wait(None)
        if reply.drops == "headers":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if reply.status != 200 or reply.body is not None:
            self._say(reply.status, reply.body or "", reply.headers)
        elif asked.body.get("stream"):
            self._stream(asked, reply)
        else:
            self._say(200, json.dumps(completion(asked, reply, self.server.features)))

    def _wait(self, seconds: float | None) -> None:
        """Sleep, for ever if need be, but no longer than the caller stays; BrokenPipeError when that went."""
        until = time.monotonic() + seconds if seconds is not None else None
        while not self.server.stopping.is_set() and (until is None or time.monotonic() < until):
            left = 0.05 if until is None else max(0.0, min(0.05, until - time.monotonic()))
            if select.select([self.connection], [], [], left)[0] and not self.connection.recv(1, socket.MSG_PEEK):
                raise BrokenPipeError
        if self.server.stopping.is_set():
            raise BrokenPipeError

    def _say(self, code: int, body: str, headers: dict[str, str] | None = None) -> None:
        data = body.encode()
        self.send_response(code)
        length = {"Content-Length": str(len(data))}
        for name, value in ({"Content-Type": "application/json"} | (headers or {}) | length).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        if code >= 500:  # vLLM resets the connection after one
            self.close_connection = True

    def _stream(self, asked: Asked, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if reply.raw is not None:
            self._chunk(reply.raw)
            self._chunk("")
            return
        for number, event in enumerate(events(asked, reply, self.server.features)):
            if reply.token_delay and number:
                self._wait(reply.token_delay)
            self._chunk(f"data: {json.dumps(event, ensure_ascii=False)}\n\n")
            asked.sent = number
        if reply.hangs == "stream":
            self._wait(None)
        if reply.drops == "stream":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._chunk("data: [DONE]\n\n")
        self._chunk("")

    def _chunk(self, content: str) -> None:
        data = content.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def pieces(reply: Reply) -> Iterator[str]:
    """Yield the text in pieces as long as tokens are, then the endless one."""
    yield from reply.pieces if reply.pieces is not None else re.findall(r"(?s)[!-~]{1,4}|.", reply.text)
    while reply.endless is not None:
        yield reply.endless


def events(asked: Asked, reply: Reply, features: frozenset[str] = ALL_FEATURES) -> Iterator[dict[str, Any]]:
    """Yield the chunks of a stream: the role, the pieces, the end, the usage."""
    base = {
        "id": "chatcmpl-0",
        "object": "chat.completion.chunk",
        "created": 1795503383,
        "model": asked.body.get("model"),
    }
    first = {"index": 0, "delta": {"role": "assistant", "content": ""}, "logprobs": None, "finish_reason": None}
    yield {**base, "choices": [first]}
    with_logprobs, count, held = bool(asked.body.get("logprobs")) and "logprobs" in features, 0, ""
    limit = asked.body.get("max_tokens") or 10**9
    is_cut = False
    for piece in pieces(reply):
        if count >= limit and reply.endless is None:
            is_cut = True
            break
        if held:
            yield {**base, "choices": [choice(held, with_logprobs, reply.logprob)]}
        held, count = piece, count + 1
    if reply.hangs == "stream" or reply.drops == "stream":
        if held:
            yield {**base, "choices": [choice(held, with_logprobs, reply.logprob)]}
        return
    last = choice(held, with_logprobs, reply.logprob)
    last |= {"finish_reason": "length" if is_cut else reply.finish_reason, "stop_reason": reply.stop_reason}
    yield {**base, "choices": [last]}
    if (asked.body.get("stream_options") or {}).get("include_usage"):
        yield {**base, "choices": [], "usage": usage(asked, count, features)}


def choice(piece: str, with_logprobs: bool, logprob: float) -> dict[str, Any]:
    """Return one chunk's choice."""
    token = {"token": piece, "logprob": logprob, "bytes": list(piece.encode()), "top_logprobs": []}
    return {"index": 0, "delta": {"content": piece}, "logprobs": {"content": [token]} if with_logprobs else None,
            "finish_reason": None, "token_ids": None}  # fmt: skip


def usage(asked: Asked, count: int, features: frozenset[str]) -> dict[str, Any]:
    """Return the tokens of a request, roughly as many as there would be."""
    asked_for = len(asked.text) // 2 + 8 + 1000 * len(asked.images)
    details = {"prompt_tokens_details": {"cached_tokens": 0}} if "prompt_tokens_details" in features else {}
    return {"prompt_tokens": asked_for, "total_tokens": asked_for + count, "completion_tokens": count, **details}


def completion(asked: Asked, reply: Reply, features: frozenset[str] = ALL_FEATURES) -> dict[str, Any]:
    """Return the whole answer of a request that does not stream."""
    parts = list(pieces(replace(reply, endless=None)))
    logprobs = None
    if asked.body.get("logprobs") and "logprobs" in features:
        logprobs = {"content": [choice(part, True, reply.logprob)["logprobs"]["content"][0] for part in parts]}
    message = {"role": "assistant", "content": "".join(parts), "refusal": None}
    only = {"index": 0, "message": message, "logprobs": logprobs, "finish_reason": reply.finish_reason,
            "stop_reason": reply.stop_reason}  # fmt: skip
    return {"id": "chatcmpl-0", "object": "chat.completion", "created": 1795503355, "model": asked.body.get("model"),
            "choices": [only], "usage": usage(asked, len(parts), features)}  # fmt: skip
