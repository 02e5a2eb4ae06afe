"""The command line's own words: help texts of the locale files, `cli.help.<command>` and `cli.option.<parameter>`."""

import os
from typing import Any

from typer.core import TyperCommand, TyperGroup

from review.i18n import Catalog
from review.terminal import terminal_texts


def command_texts() -> Catalog:
    """Return the texts of the command line in the language of the setting, else of the terminal."""
    language = os.environ.get("CLAIMSHEET_LANGUAGE")
    return terminal_texts(language if language in ("en", "zh-Hant") else None)


def _localize(command: Any) -> None:  # noqa: ANN401 - typer's own click
    texts = command_texts()
    command.help = texts(f"cli.help.{command.name}") if texts.has(f"cli.help.{command.name}") else command.help
    for parameter in command.params:
        keys = (f"cli.option.{command.name}_{parameter.name}", f"cli.option.{parameter.name}")
        key = next(filter(texts.has, keys), None)
        if key:
            parameter.help = texts(key)


class Command(TyperCommand):
    """A command whose help is in the person's language."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Put the texts in before they are shown."""
        _localize(self)
        super().format_help(ctx, formatter)


class Group(TyperGroup):
    """Commands under one name, their help in the person's language."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Put the texts in before they are shown."""
        for command in (self, *self.commands.values()):
            _localize(command)
        super().format_help(ctx, formatter)
