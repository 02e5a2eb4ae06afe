"""Which readers a command means: built-in ones, profiles, or a server named by its address and model."""

from collections.abc import Sequence
from dataclasses import dataclass

from extraction.readers import READERS, reader_names
from extraction.readers.profiles import AD_HOC, ReaderOptions
from schemas.reader_choice import choice_by_type, is_simple, names_in, parse_choice
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
    wanted = (AD_HOC,) if (base_url or model) and not names else choices(names or (), settings)
    server = ReaderOptions(base_url=base_url, model=model)
    if not names and (base_url or model):
        if not (base_url and model):
            raise ChoiceError("cli.server_incomplete")
        return Choice(wanted, server)
    named = names_in(wanted)
    for name in named:
        if name not in known:
            raise ChoiceError("cli.no_reader", name=name, known=", ".join(each for each in known if each != "fake"))
    if not (base_url or model):
        return Choice(wanted)
    if all(name in READERS for name in named):
        raise ChoiceError("cli.server_without_profile", names=", ".join(named))
    return Choice(wanted, server)


def choices(names: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """Return the choices of readers that the names mean (`schemas/reader_choice.py`).

    All `NAME@PAGES` together are one, with the first other name, or what the settings say, for the rest of the pages.
    """
    by_page = [name for name in names if "@" in name and "+" not in name]
    others = [name for name in names if name not in by_page] or [choice_by_type(settings.reader_for.model_dump())]
    whole = ["+".join([*by_page, others[0]]), *others[1:]]
    try:
        return tuple(dict.fromkeys(name if is_simple(name) else parse_choice(name).text for name in whole))
    except ValueError as error:
        raise ChoiceError("cli.wrong_choice", given=error.args[0]) from None
