"""An office's file of rules or lists that cannot be used as it stands."""

from pathlib import Path


class RulesError(Exception):
    """Where the fault is, and the text `rules_file.<key>` that says what to do; `parameters` fill its holes."""

    def __init__(self, key: str, file: Path, /, *, line: int = 0, place: str = "", **parameters: object) -> None:
        """Take the text's key, the file, and the line or the place in it where they are known."""
        super().__init__(key)
        self.key, self.file, self.line, self.place = key, file, line, place
        self.parameters = {name: str(value) for name, value in parameters.items()}

    def __str__(self) -> str:
        """Return it for a log; a person gets the text in their language."""
        where = f"{self.file}:{self.line}" if self.line else str(self.file)
        return " ".join([where, self.place, self.key, *(f"{name}={value}" for name, value in self.parameters.items())])


class ExpressionError(Exception):
    """An expression that cannot be used: the text `rules_file.<key>` with `parameters`; no file is known here yet."""

    def __init__(self, key: str, /, **parameters: object) -> None:
        """Take the text's key and what fills its holes."""
        super().__init__(key)
        self.key, self.parameters = key, parameters
