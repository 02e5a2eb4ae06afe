"""What a worker does besides reading: once a day, where the office says how long, it erases what has had its time."""

import datetime as dt
import logging
import threading
import time

from review import keeping
from review.reading import MACHINE
from settings import Settings
from storage.chores import claim
from storage.database import Database
from storage.errors import StorageError

PURGE = "purge"
EVERY = dt.timedelta(days=1)
LOOK_SECONDS = 600.0
"""Between looks at whether the day is over."""

_log = logging.getLogger(__name__)


class Chores:
    """Erases beside the heartbeat, which must not wait for it; one worker of all does so, and nobody twice a day."""

    def __init__(self, settings: Settings, database: Database, executor: str) -> None:
        """Take the settings: without `retention_days` nothing is ever done."""
        self._settings, self._database, self._executor = settings, database, executor
        self._next = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """Begin what is due."""
        days = self._settings.retention_days
        if days is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LOOK_SECONDS
        with self._database.write() as session:
            is_ours = claim(session, PURGE, self._executor, EVERY)
        if is_ours:
            self._thread = threading.Thread(target=self._purge, args=(days,), name="claimsheet-purge", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the record in work; what is left is erased another day."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _purge(self, days: int) -> None:
        count = 0
        try:
            for _ in keeping.erase_old(self._settings, days, MACHINE):
                count += 1
                if self._stop.is_set():
                    break
        except StorageError as error:
            _log.warning("records past their time are left for tomorrow: %s", error.parameters.get("cause", error.key))
        if count:
            _log.info("%d records were erased after %d days", count, days)
