"""`claimsheet bench faults`: plays a model with known mistakes and prints what of them is noticed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from review.command_help import FAILED, command_settings, command_texts, refuse, write_json
from review.i18n import Catalog
from review.output import STDOUT
from review.terminal import console, progress

if TYPE_CHECKING:  # the pipeline loads OCR: not for the help of other commands
    from extraction.bench.faults import Noticed

_COLUMNS = ("kind", "documents", "wrong", "flagged", "escaped", "false", "quiet")


def faults(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER")],
    seed: Annotated[int, typer.Option("--seed", metavar="N")] = 1,
    json_file: Annotated[str | None, typer.Option("--json", metavar="FILE")] = None,
) -> None:
    """Play a model that makes known mistakes and count those that nobody is told of."""
    from extraction.bench.faults import is_enough, total
    from extraction.evaluation import LABELS, read_labels

    texts = command_texts()
    try:
        labels = [label for label in read_labels(folder) if not label.is_real]
    except OSError:
        refuse("cli.no_labels", path=folder / LABELS)
    found: Mapping[str, Noticed] = {}
    for latest in progress(_measured(folder, labels, seed), len(labels), texts("cli.reading")):
        found = latest
    if json_file:
        write_json(json_file, {kind: noticed.to_json() for kind, noticed in {**found, "all": total(found)}.items()})
    if json_file != STDOUT:
        show_faults({**found, "all": total(found)}, texts)
    raise typer.Exit(0 if is_enough(found) else FAILED)


def _measured(folder: Path, labels: Any, seed: int) -> "Iterator[Mapping[str, Noticed]]":  # noqa: ANN401 - a list of labels
    from extraction.bench.faults import measure
    from extraction.remembering import PageEngine

    settings = command_settings()
    return measure(folder, labels, PageEngine(settings.ocr.threads), settings, seed)


def show_faults(found: "Mapping[str, Noticed]", texts: Catalog) -> None:
    """Print a row for each kind of mistake, and below them what the figures mean."""
    from extraction.bench.faults import LEAST_FLAGGED, LEAST_QUIET, MOST_ESCAPED, MOST_FALSE

    table = Table(header_style="bold")
    for name in _COLUMNS:
        table.add_column(texts(f"faults.{name}"), justify="left" if name == "kind" else "right")
    for kind, noticed in found.items():
        counts = noticed.counts
        escaped = Text(str(counts["escaped"]), style="red" if counts["escaped"] else "green")
        table.add_row(texts(f"faults.kinds.{kind}"), str(counts["documents"]), str(counts["wrong"]),
                      _percent(noticed.share("flagged", "wrong")), escaped, _percent(noticed.share("false", "right")),
                      _percent(noticed.share("quiet", "clean")))  # fmt: skip
    out = console()
    out.print(table)
    limits = {"escaped": MOST_ESCAPED, "flagged": LEAST_FLAGGED, "false": MOST_FALSE, "quiet": LEAST_QUIET}
    out.print(texts("faults.legend", **{name: f"{100 * share:g}" for name, share in limits.items()}), soft_wrap=True)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"
