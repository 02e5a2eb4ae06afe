"""Runs code that may be an office's own, apart from ours: beside the worker and the pages, what catches everything.

Nobody can list what foreign code raises. A rule that fails must cost neither the document nor the other rules, and a
module that cannot be loaded must be named by file and line; both are told to a person, neither is passed over.
"""

import logging
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from traceback import extract_tb
from typing import TypeVar

_Result = TypeVar("_Result")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """What foreign code ran into: the kind of error and the line; its text only where it cannot quote a value."""

    kind: str
    file: str = ""
    line: int = 0
    text: str = ""


def run_apart(name: str, call: Callable[[], _Result], *, tells_text: bool = False) -> _Result | Fault:
    """Return what the call returns, or the fault that it ended in; the log gets the traceback without values.

    `tells_text`: no document is in sight, so that the error's own text may be told.
    """
    try:
        return call()
    except (Exception, SystemExit) as error:
        kind = type(error).__name__
        frames = [(frame.filename, frame.lineno or 0, frame.name) for frame in extract_tb(error.__traceback__)[1:]]
        places = " < ".join(f"{file}:{line} in {function}" for file, line, function in reversed(frames))
        _log.error("%s failed: %s at %s", name, kind, places or "its call")
        text = str(error) if tells_text else ""
        if isinstance(error, SyntaxError) and error.filename:
            return Fault(kind, error.filename, error.lineno or 0, error.msg if tells_text else "")
        return Fault(kind, *_own(frames), text)


def _own(frames: list[tuple[str, int, str]]) -> tuple[str, int]:
    """Return the innermost place that is neither in Python's own files nor in a package: there a person can act."""
    paths = sysconfig.get_paths()
    foreign = tuple(paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    own = [(file, line) for file, line, _ in frames if file[:1] != "<" and not file.startswith(foreign)]
    return own[-1] if own else ("", 0)
