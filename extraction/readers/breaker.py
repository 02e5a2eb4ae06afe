"""Keeps callers from a model server that is down: after some failures in a row all are told at once why and since when.

After a pause one caller is let through; its success opens the way for all. One breaker a server, in the whole process.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from extraction.errors import ReaderUnavailableError

FAILURES = 5
PAUSE = 15.0
"""Seconds: an office restarts vLLM in one to three minutes, and a trial costs one refused connection."""


@dataclass(frozen=True)
class Outage:
    """Why a server is not asked now."""

    code: str
    """Of the locale texts `error.<code>`; `parameters` fill its holes."""
    parameters: dict[str, str]
    failures: int
    retry_in: float
    """Seconds until the next caller is let through."""


class Breaker:
    """The state of one server, shared by all threads."""

    def __init__(
        self, *, failures: int = FAILURES, pause: float = PAUSE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin closed: everybody may ask."""
        self._most, self._pause, self._clock = failures, pause, clock
        self._lock = threading.Lock()
        self._count = 0
        self._first: str | None = None
        self._last: ReaderUnavailableError | None = None
        self._open_until: float | None = None
        self._is_tried = False

    @property
    def since(self) -> str:
        """Local time of the first failure in a row; now, where there was none."""
        with self._lock:
            return self._first or _now()

    def outage(self) -> Outage | None:
        """Return why the server is not asked now; None where everybody may."""
        with self._lock:
            if self._open_until is None or self._last is None:
                return None
            left = max(0.0, self._open_until - self._clock())
            return Outage(self._last.key, dict(self._last.parameters), self._count, left)

    def check(self) -> None:
        """Raise what is known of a server that is down, without taking the turn of a trial."""
        with self._lock:
            if self._open_until is not None and (self._is_tried or self._clock() < self._open_until):
                raise self._again()

    def admit(self) -> bool:
        """Let the caller ask, or raise at once; True where it is the one to try, who must say how it went."""
        with self._lock:
            if self._open_until is None:
                return False
            if self._is_tried or self._clock() < self._open_until:
                raise self._again()
            self._is_tried = True
            return True

    def succeeded(self) -> None:
        """The server answered, be it with a refusal."""
        with self._lock:
            self._count, self._first, self._last = 0, None, None
            self._open_until, self._is_tried = None, False

    def failed(self, error: ReaderUnavailableError) -> None:
        """The server is not there, or out of order."""
        with self._lock:
            self._first = self._first or _now()
            self._last = error
            self._count += 1
            if self._is_tried or self._count >= self._most:
                self._open_until = self._clock() + self._pause
                self._is_tried = False

    def released(self) -> None:
        """The trial is over, whatever was learnt."""
        with self._lock:
            self._is_tried = False

    def _again(self) -> ReaderUnavailableError:
        last = self._last or ReaderUnavailableError()
        return ReaderUnavailableError(last.key, **last.parameters)


_breakers: dict[str, Breaker] = {}
_breakers_lock = threading.Lock()


def breaker_of(base_url: str) -> Breaker:
    """Return the breaker of a server, one in the process."""
    with _breakers_lock:
        return _breakers.setdefault(base_url, Breaker())


def forget_outages() -> None:
    """Let everybody ask every server again, as after a start."""
    with _breakers_lock:
        _breakers.clear()


def _now() -> str:
    return datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
