"""The measure of our own client as a table on the terminal."""

from collections.abc import Iterable
from typing import Any

from rich.table import Table
from rich.text import Text

from extraction.bench.client import TARGET, Level
from review.i18n import Catalog
from review.terminal import console


def show_levels(levels: Iterable[Level], texts: Catalog) -> None:
    """Print a row for each level, and below them what they mean."""
    table = Table(header_style="bold")
    for name in ("concurrency", "bare", "ours", "ratio", "bare_cpu", "cpu", "bare_memory", "memory"):
        table.add_column(texts(f"bench.{name}"), justify="right")
    for level in levels:
        ratio = Text(f"{level.ratio:.3f}", style="green" if level.ratio >= TARGET else "red")
        table.add_row(str(level.concurrency), f"{level.bare.per_minute:.1f}", f"{level.ours.per_minute:.1f}", ratio,
                      f"{level.bare.cpu * 1000:.0f}", f"{level.ours.cpu * 1000:.0f}",
                      _megabytes(level.bare.peak_memory), _megabytes(level.ours.peak_memory))  # fmt: skip
    out = console()
    out.print(table)
    out.print(texts("bench.legend", target=f"{TARGET:.2f}"), soft_wrap=True)


def levels_to_json(levels: Iterable[Level]) -> list[dict[str, Any]]:
    """Return the figures as JSON takes them."""
    return [
        {
            "concurrency": level.concurrency,
            "documents_per_minute": {"bare": round(level.bare.per_minute, 2), "ours": round(level.ours.per_minute, 2)},
            "ratio": round(level.ratio, 4),
            "cpu_seconds_per_document": {"bare": round(level.bare.cpu, 4), "ours": round(level.ours.cpu, 4)},
            "peak_memory": {"bare": level.bare.peak_memory, "ours": level.ours.peak_memory},
        }
        for level in levels
    ]


def is_enough(levels: Iterable[Level]) -> bool:
    """Say whether our own client keeps up with the bare loop at every level."""
    return all(level.ratio >= TARGET for level in levels)


def _megabytes(size: int | None) -> str:
    return "–" if size is None else f"{size / 2**20:.0f}"
