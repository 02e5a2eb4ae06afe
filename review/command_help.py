"""What all commands share: settings, refusals, and help in two languages (`cli.help.*`, `cli.option.*`)."""

import json
import os
from pathlib import Path
from typing import Any, NoReturn

import typer
from pydantic import ValidationError
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from extraction.validation.office import RulesError, install
from review.i18n import Catalog
from review.messages import rules_error_message
from review.output import STDOUT
from review.terminal import say, terminal_texts
from settings import Settings, get_settings

FAILED, USAGE, SOME_FAILED, LEFT_WAITING, INTERRUPTED = 1, 2, 3, 4, 130
"""Exit codes (the contract: docs/command_line.md)."""


def command_texts() -> Catalog:
    """Return the texts of the command line in the language of the setting, else of the terminal."""
    language = os.environ.get("CLAIMSHEET_LANGUAGE")
    return terminal_texts(language if language in ("en", "zh-Hant") else None)


def command_settings(*, checks_rules: bool = True) -> Settings:
    """Return the settings, or end with the names of those that are wrong; so too where an office's rules are."""
    try:
        settings = get_settings()
        if checks_rules:
            install(settings.rules_files)
        return settings
    except RulesError as error:
        refuse("cli.wrong_rules", reason=rules_error_message(command_texts(), error))
    except ValidationError as error:
        wrong = ", ".join("CLAIMSHEET_" + "__".join(map(str, e["loc"])).upper() for e in error.errors())
        refuse("cli.wrong_setting", names=wrong)


def refuse(key: str, **parameters: object) -> NoReturn:
    """End with a sentence: what was asked for cannot be done as it stands."""
    say(command_texts()(key, **parameters), style="red")
    raise typer.Exit(USAGE)


def write_json(place: str, value: object) -> None:
    """Write figures to a file, or to standard output by its usual name; a place that cannot be written is refused."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    if place == STDOUT:
        print(text)
        return
    try:
        Path(place).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        refuse("cli.cannot_write", path=place, reason=error.strerror)


_FRAME = {"OPTIONS_PANEL_TITLE": "options", "ARGUMENTS_PANEL_TITLE": "arguments", "COMMANDS_PANEL_TITLE": "commands",
          "REQUIRED_LONG_STRING": "required", "DEFAULT_STRING": "default"}  # fmt: skip


def _localize_frame(command: Any, ctx: Any) -> None:  # noqa: ANN401
    """Put in what typer itself writes around our texts."""
    texts = command_texts()
    for name, key in _FRAME.items():
        setattr(rich_utils, name, texts(f"cli.frame.{key}"))
    if option := command.get_help_option(ctx):
        option.help = texts("cli.option.help")


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
        _localize_frame(self, ctx)
        super().format_help(ctx, formatter)


class Group(TyperGroup):
    """Commands under one name, their help in the person's language."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Put the texts in before they are shown."""
        for command in (self, *self.commands.values()):
            _localize(command)
        _localize_frame(self, ctx)
        super().format_help(ctx, formatter)
