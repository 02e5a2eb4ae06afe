"""What a person did in a widget of ours, carried out in its order and exactly once, whatever the network does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from review.components.page_frame import Frame
from review.messages import error_message
from review.workflow import EditConflictError, Record, StorageError, Workspace

Action = Mapping[str, Any]


@dataclass
class ActionLog:
    """What one session has carried out of the log of one widget; `action_log.js` keeps the other end."""

    nonce: str = ""
    sequence: int = 0
    stalled: bool = False
    """Whether the database could not be used: the browser sends what is left again."""
    versions: dict[str, int] = field(default_factory=dict)
    """Record → the version that this session saw last."""
    notice: dict[str, str] | None = None

    def carry_out(self, frame: Frame, log: Mapping[str, Any], do: Callable[[Action], Record | None]) -> None:
        """Do what is new; after a refusal the rest for that record is not done either, and the notice says why."""
        if log["nonce"] != self.nonce:
            self.nonce, self.sequence = log["nonce"], 0
        refused: set[str] = set()
        self.stalled, self.notice = False, None
        for action in (each for each in log["actions"] if each["sequence"] > self.sequence):
            before, self.sequence = self.sequence, action["sequence"]
            if action["record"] in refused:
                continue
            try:
                done = do(action)
            except StorageError as error:
                if type(error) is StorageError:  # the database did not answer, nothing was written
                    self.sequence, self.stalled = before, True
                    return
                refused.add(action["record"])
                self._refuse(frame, action, error_message(frame.texts, error.key, error.parameters), error)
            except (KeyError, IndexError):
                refused.add(action["record"])
                self._refuse(frame, action, frame.text("notice.gone"), None)
            else:
                if done is not None:
                    self.versions[done.id] = done.version

    def _refuse(self, frame: Frame, action: Action, text: str, error: StorageError | None) -> None:
        if "text" in action:
            text = f"{text}\n{frame.text('notice.not_saved', typed=action['text'])}"
        if isinstance(error, EditConflictError):
            self.versions.pop(action["record"], None)  # what is shown next is what somebody else left there
        earlier = f"{self.notice['text']}\n" if self.notice else ""
        self.notice = {"level": "error", "text": earlier + text}

    def version(self, workspace: Workspace, record: str) -> int:
        """Return the version that this session saw last."""
        if record not in self.versions:
            self.versions[record] = workspace.record(record).version
        return self.versions[record]

    def told(self) -> dict[str, Any]:
        """Return for the browser what was carried out, and what was refused since it was told last."""
        notice, self.notice = self.notice, None
        return {"ack": {"nonce": self.nonce, "sequence": self.sequence}, "stalled": self.stalled, "notice": notice}
