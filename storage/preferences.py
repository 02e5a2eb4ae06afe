"""What each person prefers of the screens: small texts by name, kept with the work so that they follow the person."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.tables import PreferenceRow


def find_preferences(session: Session, user: str) -> dict[str, str]:
    """Return all that a person chose."""
    rows = session.scalars(select(PreferenceRow).where(PreferenceRow.user == user))
    return {row.name: row.value for row in rows}


def put_preference(session: Session, user: str, name: str, value: str | None) -> None:
    """Keep a choice; None goes back to the default."""
    row = session.get(PreferenceRow, (user, name))
    if value is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(PreferenceRow(user=user, name=name, value=value))
    else:
        row.value = value
    session.flush()
