"""Work that a page starts and does not wait for."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Task(Generic[T]):
    """One piece of work in a thread of its own; `value` stays None where it broke off."""

    def __init__(self, work: Callable[[], T]) -> None:
        """Begin."""
        self.value: T | None = None
        self._done = threading.Event()
        self._work = work
        threading.Thread(target=self._run, daemon=True, name="claimsheet-task").start()

    @property
    def is_done(self) -> bool:
        """Whether it ended, well or not."""
        return self._done.is_set()

    def wait(self, seconds: float) -> bool:
        """Return whether it ended within the time."""
        return self._done.wait(seconds)

    def _run(self) -> None:
        try:
            self.value = self._work()
        finally:
            self._done.set()
