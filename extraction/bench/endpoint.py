"""A model server that answers every picture with the same text after the same time, streamed, in a process apart.

Only the standard library: it shares the machine with what it measures. `python -m extraction.bench.endpoint` reads one
line of JSON (`latency`, `pieces`) on standard input, prints its port, and serves until standard input ends.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

MODEL = "constant-latency"
_STREAM = re.compile(rb'"stream":\s*true')
_FIRST = 0.15  # of the latency: the picture is read before the first token
_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: {}\r\n{}\r\n\r\n"
_CHUNKED = _HEAD.format("text/event-stream", "Transfer-Encoding: chunked").encode()


@contextmanager
def constant_latency(latency: float, pieces: Sequence[str]) -> Iterator[str]:
    """Serve as long as the block runs; gives the base URL."""
    command = [sys.executable, "-m", "extraction.bench.endpoint"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None and server.stdout is not None  # noqa: S101 - asked for above
        server.stdin.write(json.dumps({"latency": latency, "pieces": list(pieces)}) + "\n")
        server.stdin.flush()
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        finally:
            server.terminate()


class _Server:
    def __init__(self, latency: float, pieces: Sequence[str]) -> None:
        self._latency = latency
        self._text = "".join(pieces)
        self._chunks = [_chunk(_choice("delta", {"content": piece}, None)) for piece in pieces]
        usage = {"prompt_tokens": 2678, "completion_tokens": len(pieces), "total_tokens": 2678 + len(pieces)}
        ends: list[dict[str, object]] = [_choice("delta", {}, "stop"), {"choices": [], "usage": usage}]
        self._last = b"".join(map(_chunk, ends)) + _framed(b"data: [DONE]\n\n")
        message = {"role": "assistant", "content": self._text}
        self._whole = _json({**_choice("message", message, "stop"), "object": "chat.completion", "usage": usage})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: *([0-9]+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                await self._answer(head.split(b" ", 2)[1], body, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, path: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
        if not body:
            model = {"id": MODEL, "object": "model", "max_model_len": 16384}
            writer.write(_json({"version": "0"} if path.endswith(b"/version") else {"object": "list", "data": [model]}))
        elif _STREAM.search(body) is None:
            await asyncio.sleep(self._latency if b"image_url" in body else 0)
            writer.write(self._whole)
        else:
            await self._stream(writer, self._latency if b"image_url" in body else 0)
        await writer.drain()

    async def _stream(self, writer: asyncio.StreamWriter, latency: float) -> None:
        clock = asyncio.get_running_loop().time
        started = clock()
        writer.write(_CHUNKED)
        for number, chunk in enumerate(self._chunks):
            due = started + latency * (_FIRST + (1 - _FIRST) * number / len(self._chunks))
            if due > clock():  # one that is late does not make the others late
                await asyncio.sleep(due - clock())
            writer.write(chunk)
        await asyncio.sleep(max(0.0, started + latency - clock()))
        writer.write(self._last + b"0\r\n\r\n")


def _choice(key: str, content: object, finish_reason: str | None) -> dict[str, object]:
    return {"choices": [{"index": 0, key: content, "finish_reason": finish_reason}]}


def _chunk(content: dict[str, object]) -> bytes:
    about = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
    return _framed(b"data: " + json.dumps({**about, **content}, ensure_ascii=False).encode() + b"\n\n")


def _framed(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _json(content: dict[str, object]) -> bytes:
    body = json.dumps({"id": "chatcmpl-1", "created": 1, "model": MODEL, **content}, ensure_ascii=False).encode()
    return _HEAD.format("application/json", f"Content-Length: {len(body)}").encode() + body


async def _main(given: IO[str]) -> None:
    settings = json.loads(given.readline())
    place = _Server(settings["latency"], settings["pieces"])
    server = await asyncio.start_server(place.serve, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, given.read)  # the end of input is the end


if __name__ == "__main__":
    asyncio.run(_main(sys.stdin))
