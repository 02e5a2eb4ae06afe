"""A medical receipt out of its pages: values as printed, where each stands, and what is doubtful."""

from collections.abc import Sequence
from typing import Any

from extraction.layout.doubts import Doubts
from extraction.layout.entries import Entry
from extraction.layout.header import Found
from extraction.layout.names import Look
from extraction.layout.page import PageLayout, read_page
from extraction.layout.rulings import Rulings
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.totals import Total
from extraction.layout.words import PAYERS, Role, fold
from schemas.document import cells_of
from schemas.layout import BoundingBox, TextLine
from schemas.medical_receipt import MedicalReceipt
from schemas.result import Evidence, Reading
from schemas.values import normalize

_TOTALS = (
    "nhi_total", "copayment_total", "self_pay_total", "discount", "prepaid", "amount_due", "amount_paid", "balance",
)  # fmt: skip


def read_receipt(aspects: Sequence[float], lines: Sequence[Sequence[TextLine]],
                 looks: Sequence[Look | None] = (), rulings: Sequence[Rulings] = ()) -> Reading:  # fmt: skip
    """Return what the pages of one receipt say; `aspects` is height by width, `looks` reads places of a page again."""
    layouts: list[PageLayout] = []
    frame = None
    for number, (aspect, page_lines) in enumerate(zip(aspects, lines, strict=True)):
        page = page_lines[0].page if page_lines else number
        look, ruled = looks[number] if looks else None, rulings[number] if rulings else None
        layouts.append(read_page(page, page_lines, aspect, frame, look, ruled))
        frame = layouts[-1].frame
    return _Receipt(layouts).reading


class _Receipt:
    """Collects the values of the pages into one reading."""

    def __init__(self, layouts: Sequence[PageLayout]) -> None:
        self.reading = Reading(reader="local", document_type="medical_receipt")
        self.reading.values = {name: None for name in cells_of(MedicalReceipt)} | {"items": [], "copayments": []}
        self._doubts = Doubts(self.reading)
        self._header(layouts)
        for layout in layouts:
            for entry in layout.items:
                self._item(entry, layout)
        for layout in layouts:
            for name, amount in layout.copayments:
                self._copayment(name, amount)
        self._totals(layouts)
        self._stamp(layouts)
        self._doubts.of_layout(layouts)

    # -- header

    def _header(self, layouts: Sequence[PageLayout]) -> None:
        for field in cells_of(MedicalReceipt):
            found = [one for layout in layouts for one in layout.header if one.field == field]
            if not found or field in _TOTALS:
                continue
            best = _best(found)
            self._set(field, best)
            self._doubts.of_header(field, best)
            self._doubts.of_pages(field, best.text, [(one.page, one.text) for one in _firsts(found)])
        values, evidence = self.reading.values, self.reading.evidence
        if values["visit_date"] is None and values["admission_date"] is not None:
            values["visit_date"] = values["admission_date"]  # of a stay, the first day
            evidence["visit_date"] = evidence["admission_date"]

    def _set(self, field: str, found: Found) -> None:
        self.reading.values[field] = found.text
        match = "folded" if found.folded else "exact"
        self.reading.evidence[field] = [
            Evidence(page=found.page, box=found.box, text=found.printed, match=match, score=round(found.score, 4))
        ]

    # -- lines

    def _item(self, entry: Entry, layout: PageLayout) -> None:
        index = len(self.reading.values["items"])
        prefix = f"items.{index}."
        values: dict[str, Any] = {"name": entry.label or "?"}
        if entry.name is not None:
            self._evidence(prefix + "name", entry.name)
            if entry.other_names:
                self._doubts.of_name(prefix + "name", entry)
        for role in PAYERS:
            token = entry.cells.get(role)
            if token is None and role not in entry.shown:
                if role is not Role.COPAYMENT:
                    values[role.value] = None
                continue
            values[role.value] = self._amount(prefix + role.value, token)
        self.reading.values["items"].append(values)
        self._doubts.of_item(prefix, entry, layout)

    def _amount(self, path: str, token: Token | None) -> str | None:
        """Return the printed amount of a cell; a dash is blank, but stays in the evidence."""
        if token is None:
            return None
        self._evidence(path, token)
        if token.kind is TokenKind.DASH:
            return None
        self._doubts.of_amount(path, token)
        return token.text

    def _evidence(self, path: str, token: Token) -> None:
        self.reading.evidence[path] = [
            Evidence(page=token.page, box=token.box, text=token.printed or token.text, score=round(token.score, 4))
        ]

    def _copayment(self, name: Token, amount: Token) -> None:
        prefix = f"copayments.{len(self.reading.values['copayments'])}."
        self._evidence(prefix + "name", name)
        self.reading.values["copayments"].append({"name": name.text, "amount": self._amount(prefix + "amount", amount)})

    # -- totals

    def _totals(self, layouts: Sequence[PageLayout]) -> None:
        every = [total for layout in layouts for total in layout.totals]
        for field in _TOTALS:
            labelled = [total for total in every if total.field == field and not total.by_column]
            chosen = labelled or _column_total([t for t in every if t.field == field and t.by_column])
            if not chosen:
                continue
            last = chosen[-1]
            self.reading.values[field] = self._amount(field, last.token)
            self._doubts.of_totals(field, [total.token for total in chosen])

    def _stamp(self, layouts: Sequence[PageLayout]) -> None:
        for layout in layouts:
            if layout.stamps:
                self.reading.values["has_stamp"] = "有"
                box: BoundingBox = layout.stamps[0]
                for other in layout.stamps[1:]:
                    box = box.union(other)
                self.reading.evidence["has_stamp"] = [Evidence(page=layout.number, box=box.rounded(), text="")]
                return


def note_stamp(reading: Reading, page: int, box: BoundingBox) -> None:
    """Record a stamp that was seen on the picture."""
    if reading.values.get("has_stamp") is None:
        reading.values["has_stamp"] = "有"
        reading.evidence["has_stamp"] = [Evidence(page=page, box=box, text="")]


def _best(found: Sequence[Found]) -> Found:
    """Return the value behind the most telling label (`就診日期` before `日期`), the first of equals."""
    return max(found, key=lambda one: one.rank)


def _firsts(found: Sequence[Found]) -> list[Found]:
    """Return each page's best value."""
    pages = dict.fromkeys(one.page for one in found)
    return [_best([one for one in found if one.page == page]) for page in pages]


def _column_total(totals: Sequence[Total]) -> list[Total]:
    """Return the one total of a column; subtotals of several parts are none."""
    grand = [total for total in totals if fold(total.label.text)[:2] in ("合計", "總計", "總額", "共計")]
    plain = [total for total in totals if not fold(total.label.text).startswith(("承", "接", "過", "本頁"))]
    candidates = grand or plain
    return list(candidates) if len({normalize(total.token.text) for total in candidates}) == 1 else []
