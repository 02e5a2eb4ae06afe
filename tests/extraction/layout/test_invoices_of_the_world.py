"""Invoices drawn at random in many countries' ways: what is read is right or flagged, and little is flagged in vain."""

import io
import json
import random
from collections.abc import Callable
from datetime import date

import pytest
from invoice_papers.eastern import EASTERN
from invoice_papers.facts import Paper
from invoice_papers.sealed import SEALED
from invoice_papers.western import WESTERN, till_slip, window_letter

from extraction.classify import classify
from extraction.evaluation import Label, judge
from extraction.layout.invoice import read_invoice
from extraction.loading import load
from extraction.ocr import OcrEngine
from extraction.readers.local import LocalReader
from extraction.scoring import Score
from extraction.shaping import shape
from extraction.validation import validate
from schemas.result import Extraction, Reading, Severity
from settings import Limits

Make = Callable[[random.Random], Paper]
PAPERS = 12


def chance(make: Make, seed: object) -> random.Random:
    return random.Random(f"{make.__name__}{seed}")  # noqa: S311 - the same papers in every run


def judged(paper: Paper, reading: Reading) -> tuple[Score, bool]:
    """Return the score, and whether a person must look although all is right."""
    shaped = shape(reading)
    extraction = Extraction(file="paper", sha256="", page_count=1, document_type="invoice", document=shaped.document)
    extraction.readings, extraction.states, extraction.evidence = [reading], shaped.states, reading.evidence
    flags, _ = validate(extraction, date(2026, 1, 1))
    extraction.flags = [*reading.doubts, *flags]
    score = judge(Label.parse(json.dumps(paper.label("paper"))), extraction).score
    asking = any(f.severity is not Severity.INFO and f.code != "required_missing" for f in extraction.flags)
    return score, asking and not score.misses


@pytest.mark.parametrize("make", [*WESTERN, *EASTERN, *SEALED], ids=lambda make: make.__name__)
def test_what_is_read_is_right(make: Make) -> None:
    scores = []
    for number in range(PAPERS):
        paper = make(chance(make, number))
        lines = paper.sheet.lines()
        assert classify(lines) == "invoice"
        scores.append(judged(paper, read_invoice([], [lines]))[0])
    missed = [miss for score in scores for miss in score.misses]
    assert len([score for score in scores if not score.misses]) >= PAPERS - 1, missed
    assert not [miss for miss in missed if not miss.flagged]


def test_little_is_flagged_in_vain() -> None:
    needless = 0
    for make in (*WESTERN, *EASTERN):
        for number in range(4):
            paper = make(chance(make, number))
            needless += judged(paper, read_invoice([], [paper.sheet.lines()]))[1]
    assert needless <= 3


@pytest.mark.parametrize("make", [till_slip, window_letter], ids=lambda make: make.__name__)
def test_a_picture_reads_as_its_text_does(make: Make) -> None:
    paper, file = make(chance(make, "picture")), io.BytesIO()
    paper.sheet.picture().save(file, "PNG")
    pages = load(file.getvalue(), "paper.png", Limits()).pages
    score, _ = judged(paper, LocalReader(OcrEngine()).read(pages, "auto"))
    assert not [miss for miss in score.misses if not miss.flagged]
