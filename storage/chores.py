"""What one worker does for all now and then: whoever asks first after its time does it."""

import datetime as dt

from sqlalchemy.orm import Session

from storage import audit
from storage.tables import ChoreRow


def claim(session: Session, name: str, executor: str, every: dt.timedelta) -> bool:
    """Take a chore on; False where somebody began it less than its time ago."""
    row, now = session.get(ChoreRow, name), dt.datetime.now(dt.UTC)
    if row is not None and row.begun_at > now - every:
        return False
    audit.hold(session)  # of two workers who find it due at once, the second sees that the first has it
    row = session.get(ChoreRow, name, populate_existing=True)
    if row is not None and row.begun_at > now - every:
        return False
    session.merge(ChoreRow(name=name, begun_at=now, executor=executor))
    session.flush()
    return True
