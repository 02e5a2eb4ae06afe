"""The commands that keep stored work and let it go: `backup`, `restore`, `purge`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from review.command_help import FAILED, command_settings, command_texts, refuse
from review.terminal import say

if TYPE_CHECKING:
    from review.keeping import StorageError


def backup(target: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Write all stored work to one file."""
    from review import keeping

    if target.exists():
        refuse("cli.backup_exists", path=target)
    try:
        written = keeping.back_up(command_settings(), target)
    except keeping.StorageError as error:
        _fail(error)
    say(command_texts()("cli.backed_up", records=written.records, files=written.files, path=target), stderr=False)
    if written.missing:
        say(command_texts()("cli.backup_missing", count=written.missing), style="red")
        raise typer.Exit(FAILED)


def restore(source: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Put a backup into an empty database."""
    from review import keeping, stored

    settings = command_settings()
    if not source.is_file():
        refuse("cli.no_such_path", path=source)
    try:
        restored = keeping.restore(settings, source, stored.user_of(settings))
    except keeping.StorageError as error:
        _fail(error)
    say(command_texts()("cli.restored", records=restored.records, files=restored.files), stderr=False)


def purge(
    older_than: Annotated[int | None, typer.Option("--older-than", metavar="DAYS", min=1)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    yes: Annotated[bool, typer.Option("--yes")] = False,
) -> None:
    """Erase decided records after their time."""
    from review import keeping, stored

    settings, texts = command_settings(), command_texts()
    days = older_than or settings.retention_days
    if days is None:
        refuse("cli.no_retention")
    try:
        count = len(keeping.find_old(settings, days))
        say(texts("cli.to_purge", count=count, days=days), stderr=False)
        if dry_run or not count or not (yes or typer.confirm(texts("cli.purge_sure"))):
            return
        erased = sum(1 for _ in keeping.erase_old(settings, days, stored.user_of(settings)))
    except keeping.StorageError as error:
        _fail(error)
    say(texts("cli.purged", count=erased), stderr=False)


def _fail(error: "StorageError") -> NoReturn:
    texts = command_texts()
    cause = error.parameters.get("cause", "")
    if error.key != "backup_failed":  # the stored work itself: said as the other commands say it
        refuse("cli.storage", reason=cause or error.key)
    reason = texts(f"backup_cause.{cause}") if texts.has(f"backup_cause.{cause}") else cause
    say(texts("error.backup_failed", cause=reason), style="red")
    raise typer.Exit(FAILED)
