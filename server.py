"""The dashboard as an ASGI app: Streamlit pages, signed images, uploads, security headers, the worker's life."""

import base64
import hashlib
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from review.components import assets, resources
from review.queue import start_worker, stop_worker
from review.uploads import Refused, Staging

logger = logging.getLogger(__name__)


def _inline_scripts() -> str:
    """Return the hashes of the inline scripts in the page that Streamlit itself serves."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    digests = (hashlib.sha256(text.encode()).digest() for text in re.findall(r"<script>(.*?)</script>", page, re.S))
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


_CSP = "; ".join(
    (
        "default-src 'self'",
        f"script-src 'self' blob: {_inline_scripts()}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "object-src 'none'",
    )
)
"""`blob:` scripts are inline components, inline styles are Streamlit's own; nothing comes from elsewhere."""
_HEADERS = {
    "content-security-policy": _CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
}


class SecurityHeaders:
    """Adds the headers that Streamlit leaves out. Plain ASGI: it neither buffers uploads nor touches web sockets."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; add headers to the beginning of a response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower().decode() for name, _ in message["headers"]}
                added = [(name.encode(), text.encode()) for name, text in _HEADERS.items() if name not in present]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self.app(scope, receive, with_headers)


def _is_signed(request: Request) -> bool:
    query = request.query_params
    return resources.signer().check(request.url.path, query.get("e"), query.get("s"))


async def page_image(request: Request) -> Response:
    """Give a page image to whoever holds a signed address."""
    if not _is_signed(request):
        return Response(status_code=403)
    record, page = request.path_params["record"], request.path_params["page"]
    image = await run_in_threadpool(resources.page_image, record, page)
    if image is None:
        return Response(status_code=404)
    content, media_type = image
    return Response(content, media_type=media_type, headers={"cache-control": "private, max-age=3600"})


async def picture(request: Request) -> Response:
    """Give a page of one attempt in a size that a signed address names; such a picture never changes."""
    if not _is_signed(request):
        return Response(status_code=403)
    names = request.path_params
    found = await run_in_threadpool(resources.picture, names["record"], names["attempt"], names["page"], names["side"])
    if found is None:
        return Response(status_code=404)
    return Response(found[0], media_type=found[1], headers={"cache-control": "private, max-age=3600, immutable"})


async def page_snippet(request: Request) -> Response:
    """Give the part of a page that a signed address names: the place of one value, or the whole page in small."""
    if not _is_signed(request):
        return Response(status_code=403)
    names = request.path_params
    image = await run_in_threadpool(resources.page_snippet, names["record"], names["page"], names["box"])
    if image is None:
        return Response(status_code=404)
    return Response(image, media_type="image/jpeg", headers={"cache-control": "private, max-age=3600"})


async def region(request: Request) -> Response:
    """Read a part of a page for one cell; the address is signed for the record, the box is the person's."""
    if not _is_signed(request):
        return JSONResponse({"problem": "not_signed"}, status_code=403)
    names, asked = request.path_params, request.query_params
    found = await run_in_threadpool(resources.read_part, names["record"], names["attempt"], asked)
    if found is None:
        return JSONResponse({"problem": "failed"}, status_code=404)
    return JSONResponse(found)


async def code(request: Request) -> Response:
    """Give browser code of ours; its address changes with it."""
    text = assets.CODE.get(request.path_params["name"])
    if text is None:
        return Response(status_code=404)
    return Response(text, media_type="text/javascript", headers={"cache-control": "max-age=31536000, immutable"})


async def upload(request: Request) -> Response:
    """Take one file of an upload to disk while it arrives; refuse it as soon as it breaks a limit."""
    if not _is_signed(request):
        return JSONResponse({"code": "not_signed"}, status_code=403)
    staging = Staging(resources.settings().data, resources.settings().limits)
    try:
        number, name = request.headers.get("x-file-number", ""), request.headers.get("x-file-name", "")
        file = staging.begin(request.path_params["upload"], number, name, request.headers.get("content-length"))
        with file:
            async for chunk in request.stream():
                file.write(chunk)
            file.finish()
    except Refused as refusal:
        return JSONResponse({"code": refusal.code}, status_code=refusal.status)
    except ClientDisconnect:
        return Response(status_code=400)
    return JSONResponse({"size": file.size}, status_code=201)


async def health(request: Request) -> Response:
    """Say that the process answers and can reach its database."""
    await run_in_threadpool(resources.workspace().counts)
    return JSONResponse({"status": "ok"})


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:  # noqa: ANN401 - Streamlit's App, or Starlette's
    """Start the worker before the first visitor and stop it with the server."""
    settings = resources.settings()
    resources.mark_served()
    Staging(settings.data, settings.limits).sweep()
    await run_in_threadpool(start_worker, settings)
    try:
        yield {}
    finally:
        await run_in_threadpool(stop_worker)


ROUTES = [
    Route("/api/pages/{record}/{page:int}.jpg", page_image),
    Route("/api/pages/{record}/{page:int}/{box}.jpg", page_snippet),
    Route("/api/pictures/{record}/{attempt:int}-{page:int}-{side:int}.jpg", picture),
    Route("/api/code/{name}.js", code),
    Route("/api/regions/{record}/{attempt:int}", region),
    Route("/api/uploads/{upload}", upload, methods=["PUT"]),
    Route("/api/health", health),
]
MIDDLEWARE = [Middleware(SecurityHeaders)]

app = st.App(Path(__file__).with_name("streamlit_app.py"), lifespan=lifespan, routes=ROUTES, middleware=MIDDLEWARE)
