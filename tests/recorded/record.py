"""Records what a model server says, byte for byte: `record.py http://127.0.0.1:8100 MODEL FOLDER` (see README.md)."""

import base64
import io
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

from PIL import Image, ImageDraw

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "nhi_amount": {"anyOf": [{"type": "string", "pattern": "^-?[0-9?]{1,6}$"}, {"type": "null"}]},
        "is_original": {"type": "boolean"},
    },
    "required": ["name", "nhi_amount", "is_original"],
    "additionalProperties": False,
}
JSON = {"type": "json_schema", "json_schema": {"name": "line", "schema": SCHEMA}}
QUESTION = {"type": "text", "text": "Copy the line."}


def picture() -> dict:
    """Return a made-up line of print as the image part of a message."""
    image = Image.new("RGB", (112, 56), "white")
    ImageDraw.Draw(image).text((8, 20), "A0001  150", fill="black")
    held = io.BytesIO()
    image.save(held, "PNG")
    url = "data:image/png;base64," + base64.b64encode(held.getvalue()).decode()
    return {"type": "image_url", "image_url": {"url": url}}


def asked(base: str, path: str, body: dict | None = None) -> tuple[int, dict[str, str], str]:
    """Return status, the headers that matter, and the body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=120) as reply:  # noqa: S310
            return reply.status, dict(reply.headers), reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


def questions(model: str) -> dict[str, dict]:
    """Return the chat requests by the name of their recording."""
    read = [{"role": "user", "content": [picture(), QUESTION]}]
    plain = {"model": model, "messages": read, "max_tokens": 12, "temperature": 0, "repetition_penalty": 1.0}
    short = {"model": model, "messages": [{"role": "user", "content": "OK?"}], "max_tokens": 400, "temperature": 0}
    streamed = {"stream": True, "stream_options": {"include_usage": True}}
    loop = {"repetition_detection": {"max_pattern_size": 30, "min_pattern_size": 1, "min_count": 6}}
    broken = {"type": "image_url", "image_url": {"url": "data:image/png;base64,bm8="}}
    return {
        "chat": plain,
        "chat_json": plain | {"max_tokens": 200, "response_format": JSON},
        "chat_logprobs": plain | {"max_tokens": 4, "logprobs": True},
        "stream": plain | streamed,
        "stream_json": plain | streamed | {"max_tokens": 200, "response_format": JSON},
        "stream_logprobs": plain | streamed | {"max_tokens": 4, "logprobs": True},
        "stream_repetition": short | streamed | loop,
        "error_model": plain | {"model": "none/such"},
        "error_context": short | {"messages": [{"role": "user", "content": "metro " * 20000}]},
        "error_max_tokens": short | {"max_tokens": 10**6},
        "error_images": plain | {"messages": [{"role": "user", "content": [picture()] * 3 + [QUESTION]}]},
        "error_image": plain | {"messages": [{"role": "user", "content": [broken, QUESTION]}]},
        "error_repetition": short | {"repetition_detection": {"max_pattern_size": 3, "min_count": 1}},
        "error_schema": plain | {"response_format": {"type": "json_schema", "json_schema": {
            "name": "set", "schema": {"type": "array", "uniqueItems": True}}}},
        "error_field": plain | {"max_tokens": "many"},
        "error_remote_image": plain | {"messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "http://127.0.0.1:9/x.png"}}, QUESTION]}]},
    }  # fmt: skip


def main(base: str, model: str, folder: str) -> None:
    """Write one file a question: the status, the content type, a blank line, the body."""
    target = Path(folder)
    target.mkdir(exist_ok=True)
    gets = {"version": "/version", "models": "/v1/models", "health": "/health", "error_path": "/v2/models"}
    told = {name: asked(base, path) for name, path in gets.items()}
    told |= {name: asked(base, "/v1/chat/completions", body) for name, body in questions(model).items()}
    for name, (status, headers, body) in told.items():
        kind = {key.lower(): value for key, value in headers.items()}.get("content-type", "")
        (target / f"{name}.txt").write_text(f"{status}\n{kind}\n\n{body}", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
