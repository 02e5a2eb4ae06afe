"""`claimsheet bench scale`: how workers add up, and how a large database feels."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from review.command_help import FAILED, command_settings, command_texts, refuse, write_json
from review.i18n import Catalog
from review.output import STDOUT
from review.terminal import console, progress

if TYPE_CHECKING:  # DBOS and the readers take seconds
    from review.bench.stored import Large
    from review.bench.workers import Crew


def scale(
    latency: Annotated[float, typer.Option("--latency", metavar="SECONDS", min=0.1, max=300)] = 8.0,
    places: Annotated[int, typer.Option("--places", metavar="N", min=1, max=64)] = 4,
    rounds: Annotated[int, typer.Option("--rounds", metavar="N", min=1, max=100)] = 4,
    records: Annotated[int, typer.Option("--records", metavar="N", min=0)] = 100_000,
    json_file: Annotated[str | None, typer.Option("--json", metavar="FILE")] = None,
) -> None:
    """Measure worker processes on PostgreSQL, and both databases with very many records."""
    from review.bench import stored, workers
    from review.bench.postgres import NoPostgresError, postgres

    texts = command_texts()
    with ExitStack() as stack:
        try:
            server = stack.enter_context(postgres(command_settings()))
        except NoPostgresError:
            refuse("scale.no_postgres")
        measured = workers.measure_workers(server, workers.WORKERS, latency, places, rounds)
        crews = list(progress(measured, len(workers.WORKERS), texts("cli.measuring")))
        found = _large(server, records) if records else iter(())
        larges = list(progress(found, 2 if records else 0, texts("cli.measuring")))
    if json_file:
        figures = {"workers": workers.to_json(crews), "stored": [stored.to_json(large) for large in larges]}
        write_json(json_file, figures)
    if json_file != STDOUT:
        _show_crews(crews, latency, places, texts)
        for large in larges:
            _show_large(large, texts)
    is_enough = workers.ratio_of(crews) >= workers.TARGET and all(large.is_quick and large.holds for large in larges)
    raise typer.Exit(0 if is_enough else FAILED)


def _large(server: str, records: int) -> "Iterator[Large]":
    from review.bench.postgres import empty_database
    from review.bench.stored import measure_stored

    yield measure_stored(None, records)
    with empty_database(server) as url:
        yield measure_stored(url, records)


def _show_crews(crews: "Sequence[Crew]", latency: float, places: int, texts: Catalog) -> None:
    from review.bench.workers import TARGET

    table = _table(texts, "workers", "per_minute", "times")
    for crew in crews:
        table.add_row(str(crew.workers), f"{crew.per_minute:.1f}", f"{crew.per_minute / crews[0].per_minute:.2f}")
    _print(table, texts("scale.workers_legend", latency=f"{latency:g}", places=places, target=TARGET))


def _show_large(large: "Large", texts: Catalog) -> None:
    from review.bench.stored import LIMIT, WATCHED

    table = _table(texts, "action", "p50", "p95", "database_p95")
    for action in large.actions:
        slow = action.action in WATCHED and action.database_p95 > LIMIT
        table.add_row(texts(f"scale.actions.{action.action}"), _milliseconds(action.median), _milliseconds(action.p95),
                      Text(_milliseconds(action.database_p95), style="red" if slow else ""))  # fmt: skip
    before, after = large.memory or (0, 0)
    _print(table, texts("scale.stored_legend", records=large.records, database=large.kind, limit=f"{LIMIT * 1000:.0f}",
                        fill=f"{large.fill_seconds:.0f}", verify=f"{large.verify_seconds:.1f}",
                        before=before // 2**20, after=after // 2**20))  # fmt: skip
    if not large.holds:
        console().print(texts("scale.broken"), style="red")


def _table(texts: Catalog, *names: str) -> Table:
    table = Table(header_style="bold")
    for name in names:
        table.add_column(texts(f"scale.{name}"), justify="left" if name == "action" else "right")
    return table


def _print(table: Table, legend: str) -> None:
    out = console()
    out.print(table)
    out.print(legend, soft_wrap=True)


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"
