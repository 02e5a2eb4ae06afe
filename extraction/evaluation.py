"""How well a folder with ground truth (`labels.jsonl`) is read, by layout, level and language."""

import datetime as dt
import json
import re
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from rapidfuzz.fuzz import ratio

from extraction.batch import Plan, extract_each
from extraction.inputs import Source
from extraction.scoring import Miss, Score, covers, same, score
from schemas.invoice import Invoice
from schemas.medical_receipt import MedicalReceipt
from schemas.result import Extraction, Severity
from schemas.values import parse_amount

LABELS = "labels.jsonl"
_REAL_FIELDS = {
    "seller": ("seller_name", "company", "merchant", "issuer", "partner_name"),
    "date": ("date",),
    "total": ("total", "total_amount"),
    "tax": ("tax", "amount_tax"),
    "number": ("invoice_number",),
    "currency": ("currency",),
}
"""What is compared on documents of others → the names that their labels use for it."""
_LABEL_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%d %b %Y")
_SAME_SELLER = 85.0  # labels shorten names ("Sdn. Bhd."), and photographs lose a dot


@dataclass(frozen=True)
class Label:
    """The truth of one document."""

    file: str
    group: str
    """Layout or kind of a made-up document, language of a real one."""
    level: str
    document_type: str
    truth: Mapping[str, Any]
    is_real: bool
    is_headless: bool = False
    """Nothing on the paper says who pays: its amounts must be left empty, with a flag."""

    @classmethod
    def parse(cls, line: str) -> "Label":
        """Read a line of either label format."""
        data = json.loads(line)
        if "fields" in data:
            return cls(data["file"], data["lang"], "real", data["doc_type"], data["fields"], is_real=True)
        layout = data.get("layout") or "?"
        return cls(data["file"], layout, data.get("level") or "?", data["document_type"], data["document"],
                   is_real=False, is_headless=bool(data.get("headless")))  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """One document's score with what it cost."""

    label: Label
    score: Score
    pages: int
    seconds: float
    flags: tuple[str, ...]
    error: str | None


@dataclass
class Evaluation:
    """All documents' scores; sums are made when asked."""

    documents: list[Judged] = field(default_factory=list)
    peak_memory: int = 0
    """Bytes of the largest process."""

    def groups(self, key: Callable[[Label], tuple[str, ...]], *, real: bool) -> dict[tuple[str, ...], "Sums"]:
        """Return sums by any key of the label, sorted."""
        found: dict[tuple[str, ...], Sums] = {}
        for judged in self.documents:
            if judged.label.is_real is real:
                found.setdefault(key(judged.label), Sums()).add(judged)
        return dict(sorted(found.items()))

    def to_json(self) -> dict[str, Any]:
        """Return all figures for a file."""
        by_layout = self.groups(lambda label: (label.group, label.level), real=False)
        by_language = self.groups(lambda label: (label.group,), real=True)
        return {
            "peak_memory": self.peak_memory,
            "layouts": [{"layout": key[0], "level": key[1], **sums.to_json()} for key, sums in by_layout.items()],
            "languages": [{"language": key[0], **sums.to_json()} for key, sums in by_language.items()],
            "documents": [_document_json(judged) for judged in self.documents],
        }


@dataclass
class Sums:
    """Counts of some documents."""

    counts: Counter[str] = field(default_factory=Counter)
    fields: Counter[tuple[str, bool]] = field(default_factory=Counter)
    flags: Counter[tuple[str, bool]] = field(default_factory=Counter)
    pages: int = 0
    seconds: float = 0.0

    def add(self, judged: Judged) -> None:
        """Add a document."""
        self.counts.update(judged.score.counts)
        self.fields.update(judged.score.fields)
        self.flags.update(judged.score.flags)
        self.pages += judged.pages
        self.seconds += judged.seconds

    def share(self, name: str) -> float | None:
        """Return the share that is right, 0 to 1; None where there was nothing to compare."""
        total = self.counts[name]
        return self.counts[f"{name}_right"] / total if total else None

    def field_share(self, name: str) -> tuple[int, int]:
        """Return (right, all) of one field."""
        return self.fields[name, True], self.fields[name, True] + self.fields[name, False]

    @property
    def field_names(self) -> list[str]:
        """The fields that were compared, in the order of first sight."""
        return list(dict.fromkeys(name for name, _ in self.fields))

    @property
    def flag_codes(self) -> list[str]:
        """The codes of the flags that ask for a look, sorted."""
        return sorted({code for code, _ in self.flags})

    @property
    def seconds_per_page(self) -> float | None:
        """Mean reading time of a page."""
        return self.seconds / self.pages if self.pages else None

    def to_json(self) -> dict[str, Any]:
        """Return the counts and shares."""
        shares = {
            name: self.share(name) for name in ("lines", "line_amounts", "columns", "headless", "header", "totals")
        }
        fields = {name: "{}/{}".format(*self.field_share(name)) for name in self.field_names}
        flags = {code: {"right": self.flags[code, True], "false": self.flags[code, False]} for code in self.flag_codes}
        return {
            "shares": shares,
            "counts": dict(self.counts),
            "fields": fields,
            "flags": flags,
            "seconds_per_page": self.seconds_per_page,
        }


def read_labels(folder: Path) -> list[Label]:
    """Return the labels of a folder; FileNotFoundError where there are none."""
    lines = (folder / LABELS).read_text(encoding="utf-8").splitlines()
    return [Label.parse(line) for line in lines if line.strip()]


def judge_all(folder: Path, labels: Iterable[Label], plan: Plan, jobs: int) -> Iterator[Judged]:
    """Read and judge the documents one after another."""
    labels = list(labels)
    sources = [Source(label.file, folder / label.file) for label in labels]
    for label, documents in zip(labels, extract_each(sources, plan, jobs), strict=True):
        yield judge(label, documents[0])  # a label tells of one document: what was parted wrongly lacks its rest


def evaluate(judged: Iterable[Judged]) -> Evaluation:
    """Collect judged documents, and the memory that reading them took."""
    evaluation = Evaluation(list(judged))
    evaluation.peak_memory = max(
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ) * (1 if sys.platform == "darwin" else 1024)
    return evaluation


def judge(label: Label, extraction: Extraction) -> Judged:
    """Compare one extraction with its label."""
    if label.is_real:
        found = score_real(extraction, label.document_type, label.truth)
    else:
        found = score(extraction, label.document_type, label.truth, headless=label.is_headless)
    asking = tuple(sorted({flag.code for flag in extraction.flags}))
    error = extraction.error.code if extraction.error else None
    return Judged(label, found, max(extraction.page_count, 1), extraction.seconds, asking, error)


def score_real(extraction: Extraction, document_type: str, truth: Mapping[str, Any]) -> Score:
    """Compare the few fields that labels of others share with ours. Their document types are not ours."""
    result, found = Score(), _real_values(extraction)
    result.counts.update(documents=1, failed=int(extraction.error is not None))
    for name, keys in _REAL_FIELDS.items():
        expected = next((truth[key] for key in keys if truth.get(key) is not None), None)
        wanted = None if expected is None else _real_value(name, expected)
        if wanted is None:
            continue
        path, value = found.get(name, (name, None))
        right = _real_same(name, wanted, value)
        result.fields[name, right] += 1
        if not right:
            told = [covers(flag, path) for flag in extraction.flags]
            near = extraction.error is not None or any(n for n, _ in told)
            result.misses.append(Miss(path, str(wanted), None if value is None else str(value), near,
                                      any(e for _, e in told)))  # fmt: skip
    wrong = [miss for miss in result.misses if not miss.is_empty]
    result.counts.update(wrong=len(wrong), empty=len(result.misses) - len(wrong))
    result.counts["silent_wrong"] = sum(not miss.flagged for miss in wrong)
    result.counts["silent_empty"] = sum(not miss.flagged for miss in result.misses if miss.is_empty)
    result.counts["all_right"] = int(not result.misses and extraction.error is None)
    for flag in extraction.flags:
        if flag.severity is not Severity.INFO:
            result.flags[flag.code, any(covers(flag, miss.path)[0] for miss in result.misses)] += 1
    return result


def _real_values(extraction: Extraction) -> dict[str, tuple[str, object]]:
    document = extraction.document
    if isinstance(document, MedicalReceipt):
        total = next((n for n in ("amount_paid", "amount_due", "self_pay_total") if getattr(document, n)), "amount_due")
        names = {"seller": "hospital_name", "date": "visit_date", "total": total, "number": "receipt_number"}
    elif isinstance(document, Invoice):
        names = {"seller": "seller_name", "date": "issue_date", "total": "total_amount", "tax": "tax_amount",
                 "number": "invoice_number", "currency": "currency"}  # fmt: skip
    else:
        return {}
    return {name: (path, getattr(document, path)) for name, path in names.items()}


def _real_value(name: str, expected: object) -> object:
    """Return a label's value as ours would be; None where the label itself is no such value."""
    try:
        if name == "date":
            return _label_date(str(expected))
        if name in ("total", "tax"):
            return parse_amount(expected)
    except ValueError:
        return None
    return str(expected)


def _label_date(text: str) -> dt.date:
    """Return a label's date: ISO, or as printed with the day first. The truth takes no parser of ours."""
    for form in _LABEL_DATES:
        try:
            return dt.datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise ValueError(f"no date: {text!r}")


def _real_same(name: str, wanted: object, value: object) -> bool:
    if isinstance(wanted, dt.date | Decimal) or value is None:
        return same(wanted, value)
    a, b = (re.sub(r"[\W_]+", "", str(text)).upper() for text in (wanted, value))
    return ratio(a, b) >= _SAME_SELLER if name == "seller" else a == b


def _document_json(judged: Judged) -> dict[str, Any]:
    return {
        "file": judged.label.file,
        "group": judged.label.group,
        "level": judged.label.level,
        "error": judged.error,
        "flags": list(judged.flags),
        "misses": [
            {"path": m.path, "expected": m.expected, "found": m.found, "flagged": m.flagged, "at_cell": m.at_cell}
            for m in judged.score.misses
        ],
        "counts": dict(judged.score.counts),
        "pages": judged.pages,
        "seconds": judged.seconds,
    }
