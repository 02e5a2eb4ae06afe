"""Which readers a command means: built-in ones, profiles, or a server named by its address and model."""

from collections.abc import Sequence
from dataclasses import dataclass

from extraction.readers import READERS, reader_names
from extraction.readers.profiles import AD_HOC, ReaderOptions
from settings import Settings


class ChoiceError(Exception):
    """What was asked for cannot be; `key` names the sentence, `parameters` fill its holes."""

    def __init__(self, key: str, **parameters: object) -> None:
        """Take the key and the holes of the sentence."""
        super().__init__(key)
        self.key = key
        self.parameters = parameters


@dataclass(frozen=True)
class Choice:
    """Readers in order, and what is changed of those that ask a server."""

    readers: tuple[str, ...]
    options: ReaderOptions | None = None


def choose_readers(
    settings: Settings, names: Sequence[str] | None, base_url: str | None = None, model: str | None = None
) -> Choice:
    """Return the readers meant; a server changes the profiles among them, and is a reader of its own without any."""
    known = reader_names(settings)
    wanted = tuple(dict.fromkeys(names or ((AD_HOC,) if base_url or model else ("local",))))
    server = ReaderOptions(base_url=base_url, model=model)
    if not names and (base_url or model):
        if not (base_url and model):
            raise ChoiceError("cli.server_incomplete")
        return Choice(wanted, server)
    for name in wanted:
        if name not in known:
            raise ChoiceError("cli.no_reader", name=name, known=", ".join(known))
    if not (base_url or model):
        return Choice(wanted)
    if all(name in READERS for name in wanted):
        raise ChoiceError("cli.server_without_profile", names=", ".join(wanted))
    return Choice(wanted, server)
