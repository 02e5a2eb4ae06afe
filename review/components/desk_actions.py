"""What a person did on the review screen, carried out in its order and exactly once, then told back to the browser."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from review.components.page_frame import Frame
from review.keys import PREFERENCE, valid_keys
from review.messages import error_message
from review.regrouping import Axis
from review.workflow import (
    Change,
    Decision,
    EditConflictError,
    Record,
    RecordFilter,
    RowChange,
    Status,
    StorageError,
    Workspace,
)
from schemas.layout import BoundingBox
from schemas.result import Evidence

Action = Mapping[str, Any]
_ROWS: dict[str, Literal["move_row", "split_row", "merge_rows"]] = {
    "move": "move_row", "split": "split_row", "merge": "merge_rows"
}  # fmt: skip


@dataclass
class Memory:
    """What one session knows of its desk. Plain values: it lives in the session's state."""

    nonce: str = ""
    sequence: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    """Record → the version that this session saw last."""
    notice: dict[str, str] | None = None
    stalled: bool = False
    """Whether the database could not be used: what was sent is not done yet."""
    ahead_of: str | None = None
    """Record whose neighbours' pictures are fetched ahead."""
    ahead: list[dict[str, Any]] = field(default_factory=list)
    trail: list[str] = field(default_factory=list)
    """Records shown, the present one last."""
    keys: dict[str, str] | None = None
    """The person's own keys, once asked for."""
    tool: str | None = None
    """Record whose pages the person wants to do something with."""
    compare: str | None = None
    """Record whose readings the person wants to see side by side."""
    goto: str | None = None
    """Record to show next; empty text where nothing waits any more."""

    def take(self, log: Mapping[str, Any]) -> list[Action]:
        """Return the actions of the browser's log that were not carried out yet."""
        if log["nonce"] != self.nonce:
            self.nonce, self.sequence = log["nonce"], 0
        return [action for action in log["actions"] if action["sequence"] > self.sequence]


class Desk:
    """Carries out actions on the stored work for one person."""

    def __init__(self, frame: Frame, workspace: Workspace, memory: Memory) -> None:
        """Take the parts."""
        self._frame, self._workspace, self._memory = frame, workspace, memory

    def carry_out(self, log: Mapping[str, Any]) -> Record | None:
        """Do what is new in the log and return the record as the last of it left it, where nothing was refused.

        After a refusal the rest of the log for that record is not done either.
        """
        refused: set[str] = set()
        last: Record | None = None
        self._memory.stalled = False
        for action in self._memory.take(log):
            # counted first: no exception may make an action happen twice
            before, self._memory.sequence = self._memory.sequence, action["sequence"]
            record = action["record"]
            if record in refused or action["kind"] not in _KINDS:
                continue
            self._memory.notice = None
            try:
                done = _KINDS[action["kind"]](self, record, action)
            except StorageError as error:
                if type(error) is StorageError and not _has_many_steps(action):
                    # the database did not answer, nothing was written: the browser keeps the action and sends it again
                    self._memory.sequence, self._memory.stalled = before, True
                    return None
                refused.add(record)
                self._memory.notice = {"level": "error", "text": self._told(error, action)}
            except (KeyError, IndexError):
                refused.add(record)
                self._memory.notice = {"level": "error", "text": self._frame.text("notice.gone")}
            else:
                last = done
                if done is not None:
                    self._memory.versions[record] = done.version
        return None if refused else last

    def _told(self, error: StorageError, action: Action) -> str:
        text = error_message(self._frame.texts, error.key, error.parameters)
        if isinstance(error, EditConflictError) and "text" in action:
            return f"{text}\n{self._frame.text('notice.not_saved', typed=action['text'])}"
        return text

    def _version(self, record: str) -> int:
        if record not in self._memory.versions:
            self._memory.versions[record] = self._workspace.record(record).version
        return self._memory.versions[record]

    def _correct(self, record: str, action: Action) -> Record:
        change = Change(action["path"], action["text"], place_of(action.get("region")))
        return self._workspace.correct(record, self._version(record), [change], self._frame.user)

    def _insert(self, record: str, action: Action) -> Record:
        table, row = action["table"], int(action["row"])
        return self._workspace.insert_row(record, self._version(record), table, row, self._frame.user)

    def _delete(self, record: str, action: Action) -> Record:
        table, row = action["table"], int(action["row"])
        return self._workspace.delete_row(record, self._version(record), table, row, self._frame.user)

    def _put_in(self, record: str, action: Action) -> Record:
        return self._workspace.insert_missing(record, self._version(record), action["flag"], self._frame.user)

    def _rearrange(self, record: str, action: Action) -> Record:
        parts = action.get("parts")
        wanted = RowChange(
            _ROWS[action["kind"]], action["table"], int(action["row"]), to=action.get("to"), other=action.get("other"),
            parts=None if parts is None else (parts[0], parts[1]),
        )  # fmt: skip
        return self._workspace.rearrange(record, self._version(record), wanted, self._frame.user)

    def _swap(self, record: str, action: Action) -> Record:
        done = self._workspace.record(record)
        rows = [int(action["row"])] if action["row"] is not None else range(len(_items(done)))
        version = self._version(record)
        for row in rows:
            done = self._workspace.swap_columns(record, version, row, self._frame.user)
            version = self._memory.versions[record] = done.version
        return done

    def _dismiss(self, record: str, action: Action) -> Record | None:
        done = None
        for key in action.get("flags") or [action["flag"]]:
            done = self._workspace.dismiss(record, self._version(record), key, self._frame.user)
            self._memory.versions[record] = done.version
        return done

    def _undo(self, record: str, action: Action) -> Record:
        return self._workspace.undo(record, self._frame.user)

    def _redo(self, record: str, action: Action) -> Record:
        return self._workspace.redo(record, self._frame.user)

    def _approve(self, record: str, action: Action) -> Record:
        reasons = action.get("overrides") or {}
        done = self._workspace.approve(record, self._version(record), self._frame.user, reasons)
        self._go_on(record, "notice.approved")
        return done

    def _reject(self, record: str, action: Action) -> Record:
        done = self._workspace.reject(record, self._version(record), self._frame.user, action["reason"])
        self._go_on(record, "notice.rejected")
        return done

    def _duplicate(self, record: str, action: Action) -> Record:
        decision = action["decision"]
        if decision not in get_args(Decision):
            raise KeyError(decision)
        done = self._workspace.decide_duplicate(record, self._version(record), action["other"], decision,
                                                self._frame.user)  # fmt: skip
        if done.status is Status.REJECTED:
            self._go_on(record, "notice.rejected")
        return done

    def _postpone(self, record: str, action: Action) -> Record:
        until = dt.datetime.fromisoformat(action["until"]) if action["until"] else None
        done = self._workspace.postpone(record, until, self._frame.user, action.get("reason") or "")
        if until is not None:
            self._go_on(record, "notice.is_postponed")
        return done

    def _send_back(self, record: str, action: Action) -> Record:
        done = self._workspace.send_back(record, action["to"], action["reason"], self._frame.user)
        self._go_on(record, "notice.is_sent")
        return done

    def _comment(self, record: str, action: Action) -> Record:
        return self._workspace.comment(record, action["remark"], self._frame.user)

    def _keys(self, record: str, action: Action) -> None:
        self._memory.keys = valid_keys(action["own"])
        kept = json.dumps(self._memory.keys) if self._memory.keys else None
        self._workspace.prefer(self._frame.user, PREFERENCE, kept)

    def _back(self, record: str, action: Action) -> None:
        """Go to the record that was shown before."""
        *earlier, _ = self._memory.trail or [record]
        if earlier:
            self._workspace.release(record, self._frame.user)
            self._memory.goto, self._memory.trail = earlier[-1], earlier[:-1]

    def _reopen(self, record: str, action: Action) -> Record:
        return self._workspace.reopen(record, self._frame.user)

    def _retry(self, record: str, action: Action) -> Record:
        return self._workspace.retry(record, self._frame.user)

    def _take_over(self, record: str, action: Action) -> Record:
        return self._workspace.open_for_review(record, self._frame.user, take_over=True)

    def _next(self, record: str, action: Action) -> None:
        following = next_record(self._workspace, self._frame.user, record)
        if following is None:
            self._memory.notice = {"level": "info", "text": self._frame.text("notice.last")}
            return
        self._workspace.release(record, self._frame.user)
        self._memory.goto = following

    def _compare(self, record: str, action: Action) -> None:
        self._memory.compare = record

    def _pages(self, record: str, action: Action) -> None:
        self._memory.tool = record

    def _read_again(self, record: str, action: Action) -> Record:
        reader, page = action["reader"], action["page"]
        if page is None:
            return self._workspace.read_again(record, [reader], user=self._frame.user)
        return self._workspace.read_page_again(record, int(page), reader, user=self._frame.user)

    def _split_document(self, record: str, action: Action) -> None:
        starts = [int(start) for start in action["starts"]]
        new = self._workspace.split(record, self._version(record), starts, user=self._frame.user)
        self._show(new[0], "notice.is_split")

    def _cut_page(self, record: str, action: Action) -> None:
        page, axis, at = int(action["page"]), action["axis"], float(action["at"])
        if axis not in get_args(Axis):
            raise KeyError(axis)
        new = self._workspace.cut_page(record, self._version(record), page, axis, at, user=self._frame.user)
        self._show(new[0], "notice.is_split")

    def _join(self, record: str, action: Action) -> None:
        self._show(self._workspace.join(action["records"], user=self._frame.user), "notice.is_joined")

    def _undo_regrouping(self, record: str, action: Action) -> None:
        self._show(self._workspace.undo_regrouping(record, user=self._frame.user)[0], "notice.is_put_back")

    def _goto(self, record: str, action: Action) -> None:
        self._workspace.release(record, self._frame.user)
        self._memory.goto = action["other"]

    def _show(self, record: str, key: str) -> None:
        self._memory.goto = record
        self._memory.notice = {"level": "good", "text": self._frame.text(key)}

    def _go_on(self, record: str, key: str) -> None:
        self._memory.goto = next_record(self._workspace, self._frame.user, record) or ""
        self._memory.notice = {"level": "good", "text": self._frame.text(key)}


def place_of(region: Mapping[str, Any] | None) -> Evidence | None:
    """Return the box that a text was read from, as the evidence of its cell."""
    if region is None:
        return None
    box = BoundingBox(*map(float, region["box"])).rounded()
    return Evidence(page=int(region["page"]), box=box, text=str(region["text"]), match="person")


def _has_many_steps(action: Action) -> bool:
    return action["kind"] == "swap" and action["row"] is None


def next_record(workspace: Workspace, user: str, after: str | None = None) -> str | None:
    """Return what a person takes next: at first what they have open, then what waits, then what they left."""
    waiting = workspace.next_to_review(after=after, user=user, order=workspace.queue_order(user))
    if waiting is not None:
        return waiting
    held = workspace.records(RecordFilter(statuses=(Status.IN_REVIEW,)))
    return next((each.id for each in held if each.lock and each.lock.user == user and each.id != after), None)


def _items(record: Record) -> list[Any]:
    document = record.extraction.document if record.extraction else None
    return list(getattr(document, "items", ()))


_KINDS: dict[str, Callable[[Desk, str, Action], Record | None]] = {
    "correct": Desk._correct,
    "insert": Desk._insert,
    "put_in": Desk._put_in,
    "delete": Desk._delete,
    "swap": Desk._swap,
    **dict.fromkeys(_ROWS, Desk._rearrange),
    "postpone": Desk._postpone,
    "send_back": Desk._send_back,
    "comment": Desk._comment,
    "keys": Desk._keys,
    "back": Desk._back,
    "dismiss": Desk._dismiss,
    "duplicate": Desk._duplicate,
    "confirm": Desk._dismiss,
    "undo": Desk._undo,
    "redo": Desk._redo,
    "approve": Desk._approve,
    "reject": Desk._reject,
    "reopen": Desk._reopen,
    "retry": Desk._retry,
    "take_over": Desk._take_over,
    "next": Desk._next,
    "compare": Desk._compare,
    "pages": Desk._pages,
    "read_again": Desk._read_again,
    "split_document": Desk._split_document,
    "cut_page": Desk._cut_page,
    "join": Desk._join,
    "undo_regrouping": Desk._undo_regrouping,
    "goto": Desk._goto,
}
