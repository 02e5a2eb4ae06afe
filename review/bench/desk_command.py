"""`claimsheet bench review`: how long the screen takes from a key press to what it asks for."""

import os
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from review.command_help import FAILED, command_texts, refuse, write_json
from review.output import STDOUT
from review.terminal import console, progress

if TYPE_CHECKING:  # DBOS and the readers take seconds
    from review.bench.stored import Timed


def review(
    rounds: Annotated[int, typer.Option("--rounds", metavar="N", min=5, max=100)] = 30,
    json_file: Annotated[str | None, typer.Option("--json", metavar="FILE")] = None,
) -> None:
    """Measure the review screen in a real Chromium."""
    from review.bench import desk

    texts = command_texts()
    try:
        desk.find_browser()
    except desk.NoBrowserError:
        refuse("desk_bench.no_browser")
    taken = list(progress(desk.measure_desk(rounds), len(desk.LIMITS), texts("cli.measuring")))
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if json_file:
        write_json(json_file, desk.to_json(taken, load))
    if json_file != STDOUT:
        _show(taken, load)
    raise typer.Exit(0 if all(each.p95 <= desk.LIMITS[each.action] for each in taken) else FAILED)


def _show(taken: "list[Timed]", load: float) -> None:
    from review.bench.desk import LIMITS
    from review.bench.desk_work import ROWS

    texts, table = command_texts(), Table(header_style="bold")
    for name in ("action", "p50", "p95", "limit"):
        table.add_column(texts(f"desk_bench.{name}"), justify="left" if name == "action" else "right")
    for each in taken:
        limit = LIMITS[each.action]
        p95 = Text(f"{each.p95 * 1000:.0f}", style="red" if each.p95 > limit else "")
        table.add_row(texts(f"desk_bench.{each.action}"), f"{each.median * 1000:.0f}", p95, f"{limit * 1000:.0f}")
    out = console()
    out.print(table)
    legend = texts(
        "desk_bench.legend", rows=ROWS, rounds=len(taken[0].seconds), load=f"{load:.1f}", cores=os.cpu_count() or 1
    )
    out.print(legend, soft_wrap=True)
