"""What each kind of evidence is worth to the built-in reader: `python benchmarks/ablation.py FOLDER [--level photo]`.

Every document with truth in the folders is read once as it is and once more with each kind switched off. The OCR is
asked once for each picture. Receipts drawn at random (`tests/structures`) show more than layouts a rule was written on.
"""

import argparse
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from extraction.batch import Plan
from extraction.evaluation import Label, Sums, judge_all, read_labels
from extraction.layout import columns, evidence, flatten, heads, hypotheses
from extraction.ocr import OcrEngine
from extraction.pipeline import make_pipeline
from settings import Settings

LAYOUT = "extraction.layout"
Switch = Callable[[ExitStack], None]
"""Puts a patch on the stack."""


def _weights(*names: str) -> Switch:
    return lambda stack: stack.enter_context(patch.dict(evidence.WEIGHTS, dict.fromkeys(names, 0.0)))


def _replaced(*places: str, by: Any) -> Switch:
    def put(stack: ExitStack) -> None:
        for place in places:
            stack.enter_context(patch(place, by))

    return put


def _both(*switches: Switch) -> Switch:
    return lambda stack: [switch(stack) for switch in switches] and None


def _in_order(found: Sequence[Any], given: Sequence[Any], uprights: Sequence[float] = ()) -> list[columns.Assignment]:
    """Give heads to columns as they follow each other, wherever they stand."""
    padded = [*given, *[None] * len(found)]
    return [columns.Assignment(tuple(padded[: len(found)]), 0.0)]


def _without_heads(rows: Sequence[Any]) -> list[heads.Region]:
    return [heads.Region(rows=list(rows))]


def _without_units(cut: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    return lambda *args, **more: [replace(token, unit="") for token in cut(*args, **more)]


def _switches() -> dict[str, Switch]:
    from extraction.layout import page

    first_only = hypotheses.structures
    one_cut = hypotheses.find_cuts
    read = OcrEngine.read
    return {
        "everything on": lambda stack: None,
        "heads of columns": _replaced(f"{LAYOUT}.page.find_regions", by=_without_heads),
        "where heads stand (x-ranges)": _both(
            _replaced(f"{LAYOUT}.hypotheses.assignments", by=_in_order), _weights("misfit")
        ),
        "panels side by side (gaps)": _replaced(f"{LAYOUT}.hypotheses.find_cuts", by=lambda *a: one_cut(*a)[:1]),
        "rulings": _replaced("extraction.readers.local.find_rulings", by=lambda image: None),
        "units 點, 元": _replaced(f"{LAYOUT}.page.cut", by=_without_units(page.cut)),
        "tags 健保, 自費 on the line": _replaced(
            f"{LAYOUT}.lines.tag_payer", f"{LAYOUT}.strips.tag_payer", by=lambda text: None
        ),
        "sums": _weights("sum", "no_sum", "subtotal"),
        "arithmetic within lines, sizes": _weights("product", "line_total", "quantity", "small"),
        "fee names (lexicon, 費)": _weights("fee", "glued", "lost"),
        "several structures weighed": _replaced(f"{LAYOUT}.search.structures", by=lambda *a: first_only(*a)[:1]),
        "doubt where two explain": _replaced(f"{LAYOUT}.search.CLEAR", by=-1.0),
        "flattening of rows and columns": _both(
            _replaced(f"{LAYOUT}.page.fit_rows", by=lambda lines, aspect: flatten.Flattening(aspect)),
            _replaced(f"{LAYOUT}.page.fit_columns", by=lambda flat, *rest: flat),
        ),
        "flattening of columns only": _replaced(f"{LAYOUT}.page.fit_columns", by=lambda flat, *rest: flat),
        "stamps lifted off": _both(
            _replaced(f"{LAYOUT}.page.lift_stamps", by=lambda lines, *rest: (list(lines), [])),
            _replaced(f"{LAYOUT}.page.without_pieces", by=list),
            _replaced(f"{LAYOUT}.entries.without_stamp", by=lambda name: name),
        ),
        "red channel (mask of stamps)": _replaced(
            "extraction.ocr.OcrEngine.read",
            by=lambda self, image, page=0, *, red_channel=True: read(self, image, page, red_channel=False),
        ),
        "second read in colour": _replaced("extraction.readers.local.needs_second_look", by=lambda reading: False),
        "single names looked at again": _replaced(
            "extraction.readers.local.LocalReader._look", by=lambda self, page: None
        ),
        "names on two lines joined": _replaced(f"{LAYOUT}.lines.unwrapped", by=list),
        "names listed for each payer joined": _replaced(f"{LAYOUT}.page.merge_entries", by=list),
        "heads of the page before": _replaced(f"{LAYOUT}.page._fits", by=lambda *args: False),
    }


@contextmanager
def _remembered() -> Iterator[None]:
    """Ask the OCR once for what is asked again with the same pixels."""
    known: dict[tuple[object, ...], Any] = {}
    read, read_boxes = OcrEngine.read, OcrEngine.read_boxes

    def digest(image: Any) -> bytes:
        return hashlib.blake2b(image.tobytes(), digest_size=16).digest()

    def once(self: OcrEngine, image: Any, page: int = 0, *, red_channel: bool = True) -> Any:
        key = ("page", digest(image), page, red_channel)
        if key not in known:
            known[key] = read(self, image, page, red_channel=red_channel)
        return list(known[key])

    def boxes_once(self: OcrEngine, image: Any, boxes: Any, *, red_channel: bool = True) -> Any:
        key = ("boxes", digest(image), boxes.tobytes(), red_channel)
        if key not in known:
            known[key] = read_boxes(self, image, boxes, red_channel=red_channel)
        return list(known[key])

    with patch.object(OcrEngine, "read", once), patch.object(OcrEngine, "read_boxes", boxes_once):
        yield


def _measure(folders: Sequence[Path], levels: Sequence[str], switch: Switch) -> Sums:
    settings, sums = Settings(), Sums()
    plan = Plan(partial(make_pipeline, settings), settings.limits)
    with ExitStack() as stack:
        switch(stack)
        for folder in folders:
            for judged in judge_all(folder, _wanted(folder, levels), plan, 1):
                sums.add(judged)
    return sums


def _wanted(folder: Path, levels: Sequence[str]) -> list[Label]:
    return [label for label in read_labels(folder)
            if label.document_type == "medical_receipt" and (not levels or label.level in levels)]  # fmt: skip


def _row(name: str, sums: Sums) -> str:
    counts = sums.counts
    shares = [f"{100 * (sums.share(key) or 0):.1f}" for key in ("lines", "columns")]
    figures = [*shares, *(str(counts[key]) for key in ("swaps", "wrong", "silent_wrong", "silent_lines", "empty"))]
    return f"| {name} | " + " | ".join([*figures, str(counts["needless_review"])]) + " |"


def main() -> None:
    """Print the table, a line as soon as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--level", action="append", default=[])
    parser.add_argument("--only", action="append", default=[], help="part of the name of a kind of evidence")
    options = parser.parse_args()
    heads_of_table = ("switched off", "lines right %", "right column %", "swaps", "wrong cells", "of them silent",
                      "silent lines", "empty cells", "needless reviews")  # fmt: skip
    print("| " + " | ".join(heads_of_table) + " |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    with _remembered():
        for name, switch in _switches().items():
            if not options.only or any(part in name for part in options.only):
                print(_row(name, _measure(options.folders, options.level, switch)), flush=True)


if __name__ == "__main__":
    main()
