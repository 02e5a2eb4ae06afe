"""An evaluation as tables on the terminal."""

from collections.abc import Callable
from typing import Any

from rich.table import Table
from rich.text import Text

from extraction.evaluation import Evaluation, Judged, Label, Sums
from review.i18n import Catalog
from review.terminal import console, plain

_GOOD, _POOR = 0.99, 0.9
_TOTAL = "Σ"
_FIGURES: dict[str, Callable[[Sums], Text]] = {
    "documents": lambda sums: _count(sums, "documents"),
    "lines": lambda sums: _share(sums.share("lines")),
    "columns": lambda sums: _share(sums.share("columns")),
    "swaps": lambda sums: _bad(sums, "swaps"),
    "silent_lines": lambda sums: _bad(sums, "silent_lines"),
    "headless": lambda sums: _share(sums.share("headless")),
    "header": lambda sums: _share(sums.share("header")),
    "totals": lambda sums: _share(sums.share("totals")),
    "all_right": lambda sums: Text(f"{sums.counts['all_right']}/{sums.counts['documents']}"),
    "wrong": lambda sums: _count(sums, "wrong"),
    "silent_wrong": lambda sums: _bad(sums, "silent_wrong"),
    "empty": lambda sums: _count(sums, "empty"),
    "silent_empty": lambda sums: _bad(sums, "silent_empty"),
    "extra_lines": lambda sums: _count(sums, "extra_lines"),
    "false_flags": lambda sums: _count(sums, "false_flags"),
    "needless": lambda sums: _count(sums, "needless_review"),
    "failed": lambda sums: _bad(sums, "failed"),
    "seconds": lambda sums: Text("–" if sums.seconds_per_page is None else f"{sums.seconds_per_page:.2f}"),
}
_REAL_FIGURES = ("documents", "all_right", "wrong", "silent_wrong", "empty", "silent_empty", "failed", "seconds")


def show_evaluation(evaluation: Evaluation, texts: Catalog, *, by_document: bool) -> None:
    """Print the tables, and below them what they mean."""
    out = console()
    made_up = evaluation.groups(_layout, real=False)
    if made_up:
        made_up |= evaluation.groups(lambda label: (_TOTAL, label.level), real=False)
        made_up |= evaluation.groups(lambda label: (_TOTAL, _TOTAL), real=False)
        has_headless = any(sums.counts["headless"] for sums in made_up.values())
        figures = tuple(name for name in _FIGURES if name != "headless" or has_headless)
        out.print(_figures(made_up, ("layout", "level"), figures, texts))
        out.print(_fields(evaluation.groups(lambda label: (label.level,), real=False), texts("score.by_level"), texts))
    real = evaluation.groups(lambda label: (label.group,), real=True)
    if real:
        real |= evaluation.groups(lambda label: (_TOTAL,), real=True)
        out.print(_figures(real, ("language",), _REAL_FIGURES, texts))
        out.print(_fields(real, texts("score.by_language"), texts))
    everything = evaluation.groups(lambda _: (_TOTAL,), real=False) | evaluation.groups(lambda _: ("real",), real=True)
    out.print(_flags(everything, texts))
    if by_document:
        out.print(_misses(evaluation, texts))
    out.print(texts("score.legend"))
    out.print(_closing(evaluation, texts))


def _layout(label: Label) -> tuple[str, ...]:
    return label.group, label.level


def _figures(
    groups: dict[tuple[str, ...], Sums], keys: tuple[str, ...], figures: tuple[str, ...], texts: Catalog
) -> Table:
    table = Table(header_style="bold")
    for name in keys:
        table.add_column(texts(f"score.{name}"))
    for name in figures:
        table.add_column(texts(f"score.{name}"), justify="right")
    previous = None
    for key, sums in groups.items():
        if previous not in (None, key[0]):
            table.add_section()
        previous = key[0]
        table.add_row(*(_key(part, texts) for part in key), *(_FIGURES[name](sums) for name in figures))
    return table


def _key(part: str, texts: Catalog) -> Text:
    return Text(texts("score.all"), style="bold") if part == _TOTAL else plain(part)


def _fields(groups: dict[tuple[str, ...], Sums], title: str, texts: Catalog) -> Table:
    table = Table(title=title, header_style="bold", title_justify="left")
    table.add_column(texts("score.field"))
    for key in groups:
        table.add_column(texts("score.all") if key[0] == _TOTAL else key[0], justify="right")
    names = dict.fromkeys(name for sums in groups.values() for name in sums.field_names)
    for name in names:
        counts = [sums.field_share(name) for sums in groups.values()]
        cells = [
            Text(f"{right}/{total}", style=_style(right / total)) if total else Text("") for right, total in counts
        ]
        table.add_row(name, *cells)
    return table


def _flags(groups: dict[tuple[str, ...], Sums], texts: Catalog) -> Table:
    """Return how often each flag points to something wrong, and how often to nothing."""
    table = Table(title=texts("score.by_flag"), header_style="bold", title_justify="left")
    table.add_column(texts("score.flag"))
    table.add_column(texts("score.flag_right"), justify="right")
    table.add_column(texts("score.flag_false"), justify="right")
    for sums in groups.values():
        table.add_section()
        for code in sums.flag_codes:
            table.add_row(code, str(sums.flags[code, True]), str(sums.flags[code, False]))
    return table


def _misses(evaluation: Evaluation, texts: Catalog) -> Table:
    table = Table(header_style="bold")
    for name in ("file", "cell", "expected", "found", "told"):
        table.add_column(texts(f"score.{name}"), overflow="fold")
    for judged in evaluation.documents:
        if judged.score.misses or judged.error:
            table.add_section()
            _add_misses(table, judged, texts)
    return table


def _add_misses(table: Table, judged: Judged, texts: Catalog) -> None:
    if judged.error:
        table.add_row(plain(judged.label.file), Text(judged.error, style="red"), "", "", "")
        return
    for miss in judged.score.misses:
        told = "at_cell" if miss.at_cell else "near" if miss.flagged else "silent"
        style = "bold red" if told == "silent" else ""
        table.add_row(plain(judged.label.file), miss.path, plain(miss.expected), plain(miss.found),
                      Text(texts(f"score.told_{told}"), style=style))  # fmt: skip


def _closing(evaluation: Evaluation, texts: Catalog) -> str:
    pages = sum(judged.pages for judged in evaluation.documents)
    seconds = sum(judged.seconds for judged in evaluation.documents)
    figures: dict[str, Any] = {
        "documents": len(evaluation.documents),
        "pages": pages,
        "seconds": f"{seconds / max(pages, 1):.2f}",
        "memory": evaluation.peak_memory // 2**20,
        "silent": sum(judged.score.counts["silent_wrong"] for judged in evaluation.documents),
        "silent_empty": sum(judged.score.counts["silent_empty"] for judged in evaluation.documents),
    }
    return texts("score.closing", **figures)


def _share(share: float | None) -> Text:
    return Text("–") if share is None else Text(f"{100 * share:.1f}", style=_style(share))


def _style(share: float) -> str:
    return "green" if share >= _GOOD else "yellow" if share >= _POOR else "red"


def _count(sums: Sums, name: str) -> Text:
    return Text(str(sums.counts[name]))


def _bad(sums: Sums, name: str) -> Text:
    return Text(str(sums.counts[name]), style="bold red" if sums.counts[name] else "green")
