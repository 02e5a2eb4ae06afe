"""Watches an answer as it streams, so that a request whose answer went wrong is stopped and the server freed."""

from extraction.degeneration.lines import Lines
from extraction.degeneration.loops import (
    WINDOW,
    Cause,
    Fault,
    Run,
    excerpt,
    find_counting,
    find_loop,
    fold_numbers,
)
from extraction.degeneration.noise import find_noise, is_suspicious

STRIDE = 64
"""Characters between two looks: a look costs as much as some forty deltas, and this much more of a loop is no loss."""

# Token 0 of the vocabularies in use: what comes out when the logits are NaN. No sampling can help against that.
_FIRST_TOKENS = ("!", "<unk>", "<pad>")
_FIRST_TOKEN_TIMES = 48
_JSON_SPACE, _TEXT_SPACE = 120, 480  # characters; white space may pad columns, JSON needs next to none
_LAST_PATIENCE = 0.5  # of an answer that ran into its limit: half a loop explains why


class Guard:
    """Judges one answer; `is_json` where it is to be JSON, whose keys repeat and which needs no white space."""

    def __init__(self, *, is_json: bool) -> None:
        """Begin with an empty answer."""
        self._is_json = is_json
        self._fault: Fault | None = None
        self._fresh: list[str] = []
        self._fresh_size = 0
        self._seen = 0
        self._text = ""
        self._folded = ""
        self._lines = Lines()
        self._has_text = False

    def feed(self, delta: str) -> Fault | None:
        """Take the next piece of the answer; once something is wrong, it stays wrong."""
        self._fresh.append(delta)
        self._fresh_size += len(delta)
        if self._fresh_size < STRIDE:
            return self._fault
        return self._look()

    def finish(self, finish_reason: str | None) -> Fault | None:
        """Judge the whole answer: `finish_reason` is the server's, None where it gave none."""
        if self._fault is None:
            self._take("".join(self._fresh))
            self._fresh, self._fresh_size = [], 0
            self._fault = self._at_end(finish_reason)
        return self._fault

    def _look(self) -> Fault | None:
        text = "".join(self._fresh)
        whole = len(text) - len(text) % STRIDE
        self._fresh, self._fresh_size = [text[whole:]], len(text) - whole
        for start in range(0, whole, STRIDE):
            if self._fault is not None:
                break
            self._take(text[start : start + STRIDE])
        return self._fault

    def _take(self, piece: str) -> None:
        """Look at the answer up to here; only ever called at the same places of the same answer."""
        self._seen += len(piece)
        self._has_text = self._has_text or bool(piece.strip())
        self._text = (self._text + piece)[-WINDOW:]
        if self._folded[-1:] == "0":  # a number may go on: folded anew with what comes
            self._folded, piece = self._folded[:-1], "0" + piece
        self._folded = (self._folded + fold_numbers(piece))[-WINDOW:]
        self._fault = (
            self._first_token() or self._space() or self._loop() or self._counting() or self._noise(piece)
        )  # fmt: skip
        if self._fault is None and not self._is_json:
            self._fault = self._lines.feed(piece)

    def _first_token(self, times: int = _FIRST_TOKEN_TIMES) -> Fault | None:
        for token in _FIRST_TOKENS:
            if self._text.endswith(token * times):
                return self._tail("numeric_fault", Run(len(token), len(token) * times))
        return None

    def _space(self) -> Fault | None:
        length = len(self._text) - len(self._text.rstrip())
        is_loop = length >= (_JSON_SPACE if self._is_json else _TEXT_SPACE)
        return self._tail("whitespace", Run(1, length)) if is_loop else None

    def _loop(self, patience: float = 1.0) -> Fault | None:
        run = find_loop(self._text, is_json=self._is_json, patience=patience)
        return self._tail("repetition", run) if run else None

    def _counting(self) -> Fault | None:
        fault = find_counting(self._folded, self._text)
        return fault and Fault(fault.cause, self._seen - len(self._text) + fault.at, fault.unit)

    def _noise(self, piece: str) -> Fault | None:
        place = find_noise(self._text) if is_suspicious(piece) else None
        return None if place is None else self._tail("script_noise", Run(1, len(self._text) - place))

    def _tail(self, cause: Cause, run: Run) -> Fault:
        unit = self._text[-run.length :] if cause == "script_noise" else self._text[-run.period :]
        return Fault(cause, self._seen - run.length, excerpt(unit))

    def _at_end(self, finish_reason: str | None) -> Fault | None:
        if not self._has_text:
            return Fault("truncated" if finish_reason == "length" else "empty", 0)
        if fault := self._first_token(8):  # a short limit stopped it
            return fault
        if finish_reason in ("length", "repetition") and (fault := self._loop(_LAST_PATIENCE)):
            return fault
        if finish_reason == "repetition":  # the server's own detection, finer than ours
            return Fault("repetition", self._seen, excerpt(self._text[-20:]))
        if finish_reason == "length":
            return Fault("truncated", self._seen)
        return None
