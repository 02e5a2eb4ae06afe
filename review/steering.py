"""What a person decides on the queue itself: pause and resume, of a batch or of everything."""

import json

from review.intake import Intake, require_free
from review.revision import record_of
from storage import jobs, pauses, queries
from storage.errors import WrongStatusError
from storage.records import Pause, Record


class Steering(Intake):
    """Adds pauses to what can be asked of the machine."""

    def pause(self, batch_id: str | None = None, *, user: str) -> bool:
        """Begin nothing new of a batch, or of anything, until it is resumed; False where it is paused already.

        What is being read is read to its end. What is paused is stored: it outlives a restart of every process.
        """
        with self._database.write() as session:
            is_new = pauses.pause(session, batch_id, user)
            queued = jobs.find_unread(session, paused=True, batch_id=batch_id) if is_new else []
        self._client.cancel([(item.record_id, item.attempt) for item in queued])
        return is_new

    def resume(self, batch_id: str | None = None, *, user: str) -> bool:
        """Let a batch, or the whole queue, go on; False where it is not paused. What else is paused stays so."""
        with self._database.write() as session:
            was_paused = pauses.resume(session, batch_id, user)
            waiting = jobs.find_unread(session, batch_id=batch_id) if was_paused else []
        self._client.revive(waiting)
        return was_paused

    def read_page_again(self, record_id: str, page: int, reader: str, *, user: str) -> Record:
        """Read one page (from 0) anew with another reader; what was read of the others, and typed, stays.

        WrongStatusError where the record is decided, or was never read; LockedError where somebody else has it open;
        KeyError where it has no such page.
        """
        from extraction.page_again import readers_of  # loads OCR: not in processes that only show

        self._client.lanes.require((reader,), None)
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            require_free(row, user)
            if queries.get_base(session, row) is None:
                raise WrongStatusError(row.status)
            if not 0 <= page < row.page_count:
                raise KeyError(page)
            if row.page_count == 1:
                readers: tuple[str, ...] = (reader,)
                jobs.queue_again(session, row, user, readers)
            else:
                readers = readers_of(json.loads(row.readers), reader, page)
                jobs.queue_page(session, row, user, page, reader, readers)
            session.flush()
            record, attempt = record_of(session, row), row.attempt
        self._client.cancel([(record_id, attempt - 1)])
        self._client.enqueue(record_id, attempt, (reader,))
        return record

    def pause_of_everything(self) -> Pause | None:
        """Return who paused the whole queue, and since when."""
        with self._database.read() as session:
            return pauses.Pauses(session).everything

    def count_paused(self) -> int:
        """Return how many documents are queued and paused."""
        with self._database.read() as session:
            return len(jobs.find_unread(session, paused=True))
