"""What a person does with a document besides correcting it: put it off, send it to somebody, say something about it."""

import datetime as dt
from collections.abc import Mapping

from review.intake import Intake
from review.revision import record_with_entry
from storage import edits, preferences, queries, review_queue
from storage.records import Record
from storage.review_queue import QueueOrder

DEFAULT_ORDER: QueueOrder = "risk"
ORDERS: tuple[QueueOrder, ...] = tuple(review_queue.PLACES)
_ORDER = "queue_order"
_LONGEST = dt.timedelta(days=366)
REMARKS = ("commented", "sent_back", "postponed", "rejected")
"""Actions of the history that carry a person's own words."""


class HandingOn(Intake):
    """Postpone, send back, comment, and what each person prefers."""

    def next_to_review(
        self,
        after: str | None = None,
        batch_id: str | None = None,
        user: str | None = None,
        order: QueueOrder = "batch",
    ) -> str | None:
        """Return the record to take next in this order; `after` is never returned, nor what is put off.

        Without `after`, what `user` has open already comes first, then what was sent to them: whoever comes back goes
        on where they were. What was sent to somebody else is not theirs.
        """
        with self._database.read() as session:
            return review_queue.find_next(session, queries.now(), after, batch_id, user, order)

    def count_postponed(self) -> int:
        """Return how many records are put off for now."""
        with self._database.read() as session:
            return review_queue.count_postponed(session, queries.now())

    def postpone(self, record_id: str, until: dt.datetime | None, user: str, reason: str = "") -> Record:
        """Take a record out of the queue until a moment (a year at most); None brings it back at once."""
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            edits.take_lock(row, user, self._lock_minutes)
            edits.release_lock(row, user)
            row.postponed_until = None if until is None else min(until, queries.now() + _LONGEST)
            details = {} if until is None else {"until": until.astimezone(dt.UTC).isoformat(), "reason": reason.strip()}
            return record_with_entry(session, row, None, "resumed" if until is None else "postponed", user, details)

    def send_back(self, record_id: str, to: str, reason: str, user: str) -> Record:
        """Leave a record to somebody else, who finds it first; both a name and a reason are needed."""
        if not to.strip() or not reason.strip():
            raise ValueError("nobody to send it to, or no reason")
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            edits.take_lock(row, user, self._lock_minutes)
            edits.release_lock(row, user)
            row.sent_to, row.postponed_until = to.strip(), None
            return record_with_entry(
                session, row, None, "sent_back", user, {"to": to.strip(), "reason": reason.strip()}
            )

    def comment(self, record_id: str, text: str, user: str) -> Record:
        """Say something about a record, whatever its status; it stays in the history."""
        if not text.strip():
            raise ValueError("an empty comment")
        with self._database.write() as session:
            row = queries.get_row(session, record_id, for_update=True)
            return record_with_entry(session, row, None, "commented", user, {"reason": text.strip()})

    def preferences(self, user: str) -> Mapping[str, str]:
        """Return what a person chose of the screens, by name."""
        with self._database.read() as session:
            return preferences.find_preferences(session, user)

    def prefer(self, user: str, name: str, value: str | None) -> None:
        """Keep a choice of a person; None goes back to the default."""
        with self._database.write() as session:
            preferences.put_preference(session, user, name, value)

    def queue_order(self, user: str) -> QueueOrder:
        """Return the order in which a person works."""
        chosen = self.preferences(user).get(_ORDER)
        return next((order for order in review_queue.PLACES if order == chosen), DEFAULT_ORDER)

    def choose_order(self, user: str, order: QueueOrder) -> None:
        """Let a person work in another order from now on."""
        self.prefer(user, _ORDER, None if order == DEFAULT_ORDER else order)
