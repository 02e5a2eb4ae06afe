"""What the product notices of a model's mistakes: a model is played that makes known ones, on documents with labels.

The played model goes through the pipeline like a real one. The OCR and the built-in reader look once at each page.
"""

import copy
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extraction.batch import content_of
from extraction.bench.mistakes import MISTAKES, Values, spoiled
from extraction.errors import DocumentError, ReaderError
from extraction.evaluation import Label
from extraction.inputs import Source
from extraction.ocr import OcrEngine
from extraction.page import PageImage
from extraction.pipeline import Pipeline, Prepared, with_eyes
from extraction.readers import READERS
from extraction.readers.base import DocumentTypeChoice, Reader
from extraction.scoring import Miss, Score, score
from schemas.document import lines_of
from schemas.registry import DOCUMENT_TYPES
from schemas.result import Attempt, Extraction, Reading, Severity
from settings import Settings

KINDS = ("none", *MISTAKES)
PLAYED = "played"
MOST_ESCAPED, LEAST_FLAGGED, MOST_FALSE, LEAST_QUIET = 0.005, 0.98, 0.03, 0.80
"""What is asked for, over all kinds."""
NEVER_ESCAPED = ("columns_swapped", "collapsed", "all_swapped")


@dataclass
class Noticed:
    """Counts of one kind of mistake."""

    counts: Counter[str] = field(default_factory=Counter)
    escaped: list[str] = field(default_factory=list)
    """Files of documents with a wrong cell and neither error nor warning."""
    silent: list[tuple[str, str]] = field(default_factory=list)
    """(file, path) of wrong cells without a flag at cell or row."""
    needless: Counter[str] = field(default_factory=Counter)
    """Codes of flags on documents that are right."""

    def share(self, part: str, whole: str) -> float | None:
        """Return a share of two counts; None where there was nothing to count."""
        return self.counts[part] / self.counts[whole] if self.counts[whole] else None

    def to_json(self) -> dict[str, Any]:
        """Return the figures."""
        return {
            **self.counts,
            "wrong_flagged": self.share("flagged", "wrong"),
            "escaped_share": self.share("escaped", "spoiled"),
            "false_share": self.share("false", "right"),
            "escaped_files": self.escaped,
            "needless": dict(self.needless.most_common()),
        }


class Played:
    """A model's reader that says what it was told to."""

    name = PLAYED

    def __init__(self) -> None:
        """Begin with nothing to say."""
        self.reading = Reading(reader=PLAYED, document_type="invoice")

    def read(self, pages: Sequence[PageImage], document_type: DocumentTypeChoice) -> Reading:
        """Return the reading that was set."""
        return self.reading.model_copy(deep=True)


class Once:
    """A reader that looks at the pages of a document once and says the same again."""

    def __init__(self, reader: Reader) -> None:
        """Take the real reader."""
        self.name = reader.name
        self._reader = reader
        self._known: tuple[int, str, Reading] | None = None

    def read(self, pages: Sequence[PageImage], document_type: DocumentTypeChoice) -> Reading:
        """Return the reader's reading of these pages."""
        key = id(pages[0])
        if self._known is None or self._known[:2] != (key, document_type):
            self._known = (key, document_type, self._reader.read(pages, document_type))
        return self._known[2]


def measure(
    folder: Path, labels: Sequence[Label], engine: OcrEngine, settings: Settings, seed: int = 1
) -> Iterator[dict[str, Noticed]]:
    """Yield, after each document, what was noticed of each kind of mistake so far; documents of others are left out."""
    found = {kind: Noticed() for kind in KINDS}
    played, witness = Played(), Once(READERS["local"](engine))
    pipeline = with_eyes({PLAYED: played}, settings, engine, witness)
    for label in labels:
        if not label.is_real:
            try:
                data = content_of(Source(label.file, folder / label.file), settings.limits)
                prepared = pipeline.prepare(data, label.file)
                _play(label, prepared, pipeline, played, witness, random.Random(f"{seed} {label.file}"), found)  # noqa: S311
            except (DocumentError, ReaderError):
                found["none"].counts["unreadable"] += 1
        yield found


def _play(label: Label, prepared: Prepared, pipeline: Pipeline, played: Played, witness: Once, dice: random.Random,
          found: Mapping[str, Noticed]) -> None:  # fmt: skip
    document_type: Any = label.document_type
    seen = witness.read(prepared.pages, document_type).values
    told = _with_cells(label.truth, seen, document_type)
    for kind in KINDS:
        values = spoiled(told, document_type, kind, dice)
        if values is None:
            continue
        # what the labels do not tell, the played model sees as the built-in reader does
        values = {**copy.deepcopy(seen), **values}
        played.reading = Reading(reader=PLAYED, model=PLAYED, document_type=document_type, values=values,
                                 attempts=[Attempt()])  # fmt: skip
        extraction = pipeline.extract_prepared(prepared, label.file, document_type, (PLAYED,))
        _count(found[kind], label, extraction)


def _with_cells(truth: Mapping[str, Any], seen: Mapping[str, Any], document_type: str) -> Values:
    """Return the labels with the cells of their rows that they do not tell, as the built-in reader has them."""
    values = copy.deepcopy(dict(truth))
    for line in lines_of(DOCUMENT_TYPES[document_type]):
        rows = seen.get(line) or []
        if line in values and len(rows) == len(values[line]):
            values[line] = [{**row, **told} for row, told in zip(rows, values[line], strict=True)]
    return values


def _count(noticed: Noticed, label: Label, extraction: Extraction) -> None:
    result = score(extraction, label.document_type, _known(label))
    asking = [flag for flag in extraction.flags if flag.severity is not Severity.INFO]
    counts = noticed.counts
    counts["documents"] += 1
    counts["wrong"] += len(result.misses)
    flagged = [miss for miss in result.misses if _is_flagged(miss, extraction)]
    counts["flagged"] += len(flagged)
    noticed.silent += [(label.file, miss.path) for miss in result.misses if miss not in flagged]
    right, false = _right_cells(result), result.counts["false_flags"]
    counts["right"] += right
    counts["false"] += false
    if result.misses:
        counts["spoiled"] += 1
        if not asking:
            counts["escaped"] += 1
            noticed.escaped.append(label.file)
    elif not label.is_headless:
        counts["clean"] += 1
        counts["quiet"] += not asking
        noticed.needless.update(flag.code for flag in asking)


def _known(label: Label) -> Mapping[str, Any]:
    """Return the labels without what nobody can know: whose the amounts are where nothing on the paper says it.

    There a doubt about the columns is right, and a document that asks for no look would be wrong.
    """
    if not label.is_headless:
        return label.truth
    rows = [
        {cell: value for cell, value in row.items() if not cell.endswith("_amount")} for row in label.truth["items"]
    ]
    return {**label.truth, "items": rows}


def _right_cells(result: Score) -> int:
    return result.counts["right_cells"]


def _is_flagged(miss: Miss, extraction: Extraction) -> bool:
    """Whether a flag names the cell or its row; of a row that is lost, whether one says that rows are missing."""
    parts = miss.path.split(".")
    for flag in extraction.flags:
        if flag.severity is Severity.INFO:
            continue
        if len(parts) == 3 and parts[1] == "-" and parts[0] in flag.paths:
            return True
        if any(path.split(".")[:2] == parts[:2] for path in flag.paths):
            return True
    return False


def total(found: Mapping[str, Noticed]) -> Noticed:
    """Return the counts over all kinds of mistakes, without the readings that have none."""
    every = Noticed()
    for kind, noticed in found.items():
        if kind != "none":
            every.counts.update(noticed.counts)
            every.escaped += noticed.escaped
    return every


def is_enough(found: Mapping[str, Noticed]) -> bool:
    """Whether the figures are what is asked for."""
    every, clean = total(found), found["none"]
    return (
        (every.share("escaped", "spoiled") or 0) <= MOST_ESCAPED
        and all(not found[kind].counts["escaped"] for kind in NEVER_ESCAPED)
        and (every.share("flagged", "wrong") or 1) >= LEAST_FLAGGED
        and max(each.share("false", "right") or 0 for each in (clean, every)) <= MOST_FALSE
        and (clean.share("quiet", "clean") or 1) >= LEAST_QUIET
    )
