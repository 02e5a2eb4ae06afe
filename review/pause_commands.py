"""The commands `pause` and `resume`: of a batch, or of the whole queue."""

from contextlib import closing
from typing import Annotated

import typer

from review.command_help import command_settings, command_texts, refuse
from review.terminal import say

Batch = Annotated[str | None, typer.Argument(metavar="BATCH")]


def pause(batch: Batch = None) -> None:
    """Begin no further document of a batch, or of any."""
    _tell("paused" if _steer(batch, "pause") else "already_paused", batch)


def resume(batch: Batch = None) -> None:
    """Let a paused batch, or the whole queue, go on."""
    _tell("resumed" if _steer(batch, "resume") else "not_paused", batch)


def _steer(batch: str | None, action: str) -> bool:
    from review import stored  # DBOS and SQLAlchemy take a second

    settings = command_settings()
    try:
        with closing(stored.open_workspace(settings)) as workspace:
            act = workspace.pause if action == "pause" else workspace.resume
            return act(batch, user=stored.user_of(settings))
    except stored.RecordNotFoundError:
        refuse("cli.no_batch", batch=batch)
    except stored.StorageError as error:
        refuse("cli.storage", reason=error.parameters.get("cause", error.key))


def _tell(key: str, batch: str | None) -> None:
    texts = command_texts()
    what = texts("cli.whole_queue") if batch is None else texts("cli.batch_named", batch=batch)
    say(texts(f"cli.{key}", what=what), stderr=False)
