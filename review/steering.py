"""What a person decides on the queue itself: pause and resume, of a batch or of everything."""

from review.intake import Intake
from storage import jobs, pauses
from storage.records import Pause


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

    def pause_of_everything(self) -> Pause | None:
        """Return who paused the whole queue, and since when."""
        with self._database.read() as session:
            return pauses.Pauses(session).everything

    def count_paused(self) -> int:
        """Return how many documents are queued and paused."""
        with self._database.read() as session:
            return len(jobs.find_unread(session, paused=True))
