"""What people said about a document, to whom it may go, and where it is put aside, as plain data for the browser."""

import datetime as dt

from review.components.page_frame import Frame
from review.handing_on import REMARKS
from review.workflow import HistoryEntry, Record

_MOST_NAMES = 8


def remarks(frame: Frame, record: Record) -> list[dict[str, str]]:
    """Return what was said in people's own words, oldest first."""
    said = (entry for entry in record.history if entry.action in REMARKS and entry.details.get("reason"))
    return [{"when": when(entry.at), "who": who(frame, entry), "text": str(entry.details["reason"])} for entry in said]


def who(frame: Frame, entry: HistoryEntry) -> str:
    """Return who spoke, and to whom or about what."""
    if entry.action == "sent_back":
        return f"{entry.user} → {entry.details['to']}"
    return entry.user if entry.action == "commented" else f"{entry.user} · {frame.text(f'history.{entry.action}')}"


def people(frame: Frame, record: Record) -> list[dict[str, str]]:
    """Return who knows the document: who submitted it first, then all who worked on it."""
    submitters = [entry.user for entry in record.history if entry.action == "submitted"]
    known = dict.fromkeys([*submitters, *(entry.user for entry in reversed(record.history))])
    names = [name for name in known if name not in (frame.user, "claimsheet")][:_MOST_NAMES]
    return [{"name": name, "text": frame.text("review.submitter", user=name) if name in submitters else name}
            for name in names]  # fmt: skip


def marks(frame: Frame, record: Record) -> list[str]:
    """Return where the document is put aside."""
    found = []
    if record.postponed_until:
        found.append(frame.text("review.mark_postponed", when=when(record.postponed_until)))
    if record.sent_to:
        found.append(frame.text("review.mark_sent", user=record.sent_to))
    return found


def aside_notice(frame: Frame, record: Record) -> dict[str, str] | None:
    """Return why a document that was put aside is here, with the words of who did it."""
    if not record.postponed_until and not record.sent_to:
        return None
    action = "postponed" if record.postponed_until else "sent_back"
    last = next((entry for entry in reversed(record.history) if entry.action == action), None)
    if last is None:
        return None
    reason = str(last.details.get("reason") or "–")
    if record.postponed_until:
        return {"level": "info", "text": frame.text("notice.postponed", user=last.user,
                                                    when=when(record.postponed_until), reason=reason)}  # fmt: skip
    return {"level": "info", "text": frame.text("notice.sent", user=last.user, to=str(record.sent_to), reason=reason)}


def when(moment: dt.datetime) -> str:
    """Return a moment in local time."""
    return moment.astimezone().strftime("%m-%d %H:%M")
