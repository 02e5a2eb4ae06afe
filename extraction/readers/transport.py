"""The wire to a model server, whose reads end as soon as a caller has waited long enough or cancels.

A read that blocks in the kernel cannot be ended from another thread, and a timeout of the HTTP library knows one limit
only. So reads are cut into slices, between which the watch of the request is asked. That also reaches a server that
never sends headers, and closes the connection at once, by which vLLM and llama-server free the slot.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ssl import SSLContext, create_default_context
from typing import Any, Literal

import httpcore2
import httpx2
from openai import OpenAI

from extraction.readers.profiles import Profile

Limit = Literal["cancelled", "first_token", "between_tokens", "total"]
_SLICE = 0.1


@dataclass(frozen=True)
class Patience:
    """How long one request may take, in seconds, and how often it is sent."""

    first_token: float
    between_tokens: float
    total: float
    attempts: int = 3
    pause: float = 0.5
    """Before the second attempt; doubled for each further one."""

    @classmethod
    def of(cls, profile: Profile) -> "Patience":
        """Return what a profile's timeout comes to; between tokens a busy server may preempt a request for a while."""
        total = profile.bounds.timeout
        return cls(first_token=total * 0.75, between_tokens=min(total / 2, 60.0), total=total)


class Watch:
    """The limits of one request, and which of them was reached."""

    def __init__(self, patience: Patience, cancel: threading.Event | None = None) -> None:
        """Begin to count."""
        self._patience, self._cancel = patience, cancel
        self.started = time.monotonic()
        self._heard: float | None = None
        self.tokens = 0
        self.reached: Limit | None = None

    @property
    def seconds(self) -> float:
        """Seconds since the request was sent."""
        return time.monotonic() - self.started

    def hear(self) -> None:
        """A token came."""
        self._heard = time.monotonic()
        self.tokens += 1

    def left(self) -> float:
        """Return the seconds until the next limit; 0 when one is reached, then `reached` names it."""
        now = time.monotonic()
        limits: list[tuple[float, Limit]] = [(self.started + self._patience.total, "total")]
        if self._heard is None:
            limits.append((self.started + self._patience.first_token, "first_token"))
        else:
            limits.append((self._heard + self._patience.between_tokens, "between_tokens"))
        until, limit = min(limits)
        if self._cancel is not None and self._cancel.is_set():
            until, limit = now, "cancelled"
        if until <= now:
            self.reached = self.reached or limit
        return max(0.0, until - now)


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(watch: Watch) -> Iterator[Watch]:
    """Put the requests of this thread under a watch."""
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


class _Stream(httpcore2.NetworkStream):
    """A connection whose reads heed the watch of the thread that reads."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        watch = _watch.get()
        if watch is None:
            return self._inner.read(max_bytes, timeout)
        while left := watch.left():
            try:
                return self._inner.read(max_bytes, min(_SLICE, left))
            except httpcore2.ReadTimeout:
                continue
        raise httpcore2.ReadTimeout(watch.reached)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own signature
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    """Opens connections that heed a watch."""

    def __init__(self) -> None:
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:  # fmt: skip
        return _Stream(self._inner.connect_tcp(host, port, timeout, local_address, socket_options))


class _Transport(httpx2.HTTPTransport):
    """The library's own transport on our connections."""

    def __init__(self, is_tls: bool) -> None:
        # a context that trusts what the system trusts (a private authority too); building one takes 0.3 s
        context = create_default_context() if is_tls else None
        super().__init__(verify=context or False, trust_env=False)
        # a fresh connection a request: vLLM resets one after a 500, and a kept one would count as one more failure
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context, max_connections=None, max_keepalive_connections=0, network_backend=_Backend()
        )


def make_http_client(base_url: str) -> httpx2.Client:
    """Return an HTTP client: no redirects and no proxy of the environment, pages go to the configured server only."""
    return httpx2.Client(transport=_Transport(base_url.startswith("https:")), trust_env=False, follow_redirects=False)


def make_client(profile: Profile, http_client: httpx2.Client, patience: Patience) -> OpenAI:
    """Return the SDK's client; it never retries by itself, for that would hide failures from the breaker."""
    key = profile.api_key.get_secret_value() if profile.api_key else ""
    timeout = httpx2.Timeout(patience.first_token, connect=profile.bounds.connect_timeout)
    return OpenAI(
        base_url=profile.base_url, api_key=key or "none", http_client=http_client, max_retries=0, timeout=timeout
    )
