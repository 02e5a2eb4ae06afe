"""What on an invoice is doubtful in itself: pale print, day or month first, a total that nothing bears out."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from extraction.layout.invoice_date import IssueDate
from extraction.layout.invoice_items import Item, sum_of
from extraction.layout.invoice_party import Parties
from extraction.layout.invoice_place import Place
from extraction.layout.invoice_rows import Found
from extraction.layout.invoice_total import Totals
from schemas.identifiers import is_valid_tax_id
from schemas.result import Flag, Severity, Suggestion

_CLEAR, _CLEAR_AMOUNT, _CLEAR_NAME, _CLEAR_ID = 0.95, 0.97, 0.9, 0.75
"""Line score from which on a text can be trusted; on photos no wrong amount was seen above the second."""
_CHECKED = (
    "invoice_number",
    "issue_date",
    "seller_name",
    "seller_tax_id",
    "buyer_tax_id",
    "total_amount",
    "tax_amount",
)


def print_doubts(
    cells: Mapping[str, Found | None],
    date: IssueDate | None,
    totals: Totals,
    place: Place,
    parties: Parties,
    items: Sequence[Item],
) -> list[Flag]:
    """Return the doubts about what was read from the print."""
    adds_up = _adds_up(totals, items)
    return [
        *_of_date(date),
        *_of_total(totals),
        *([] if place.is_sure else [_warning("currency_unsure", "currency", {"chosen": place.currency})]),
        *_of_seller(parties),
        *_of_gaps({"seller_name": parties.seller, "buyer_name": parties.buyer}),
        *_of_items(cells, totals, items),
        *(flag for path in _CHECKED for flag in _of_print(path, cells.get(path), _clear(path, cells.get(path)))
          if not (adds_up and path.endswith("amount"))),
        *_of_lines(items, adds_up=adds_up),
    ]  # fmt: skip


def _clear(path: str, cell: Found | None) -> float:
    """Return the score that is asked for; a tax id's check digit speaks for it."""
    return _CLEAR_ID if path.endswith("tax_id") and cell is not None and is_valid_tax_id(cell.value) else _CLEAR


def _adds_up(totals: Totals, items: Sequence[Item]) -> bool:
    """Whether the lines make the sum, so that no digit of either can be wrong alone."""
    lines = sum_of(items)
    sums = [Decimal(cell.value) for cell in (totals.total, totals.sales) if cell is not None]
    return lines is not None and lines in sums


def _warning(code: str, path: str, parameters: dict[str, str], others: Sequence[str] = ()) -> Flag:
    suggestions = tuple(Suggestion(path=path, value=other, source="ocr") for other in others)
    return Flag(code=code, severity=Severity.WARNING, paths=(path,), parameters=parameters, suggestions=suggestions)


def _of_date(date: IssueDate | None) -> Iterator[Flag]:
    if date is None:
        return
    printed = date.cell.evidence.text
    if date.other is not None:
        other = date.other.isoformat()
        yield _warning(
            "date_order_unsure", "issue_date", {"printed": printed, "chosen": date.cell.value, "other": other}, [other]
        )
    elif date.rival is not None:
        parameters = {"chosen": date.cell.value, "other": date.rival.value}
        yield _warning("date_unsure", "issue_date", parameters, [date.rival.value])


def _of_total(totals: Totals) -> Iterator[Flag]:
    if totals.total is not None and not totals.is_sure:
        rivals = [rival.value for rival in totals.rivals[:3]]
        parameters = {"printed": totals.total.evidence.text, "others": ", ".join(rivals) or "–"}
        yield _warning("total_unsure", "total_amount", parameters, rivals)


def _of_seller(parties: Parties) -> Iterator[Flag]:
    if parties.seller is not None and not parties.seller_is_sure:
        yield _warning("seller_unsure", "seller_name", {"chosen": parties.seller.value})


def _of_gaps(names: Mapping[str, Found | None]) -> Iterator[Flag]:
    """Say that a thin ideograph may be missing: 杏一 under a stamp is read as 杏, each character beyond doubt."""
    for path, name in names.items():
        if name is not None and name.has_gap:
            yield _warning("character_skipped", path, {"printed": name.value})


def _of_items(cells: Mapping[str, Found | None], totals: Totals, items: Sequence[Item]) -> Iterator[Flag]:
    """Say that no line was found; a 電子發票證明聯 prints none, nor does the slip of a card terminal."""
    kind = cells.get("invoice_kind")
    if totals.total is not None and totals.is_all and not items:
        return
    if totals.total is not None and not items and not (kind is not None and kind.value == "electronic"):
        yield _warning("items_not_found", "items", {})


def _of_lines(items: Sequence[Item], *, adds_up: bool) -> Iterator[Flag]:
    for number, item in enumerate(items):
        for name, cell in item.cells.items():
            path = f"items.{number}.{name}"
            if name == "description":
                yield from _of_print(path, cell, _CLEAR_NAME)
            elif not adds_up:
                yield from _of_print(path, cell, _CLEAR_AMOUNT)


def _of_print(path: str, cell: Found | None, clear: float) -> Iterator[Flag]:
    if cell is not None and cell.evidence.score < clear:
        yield _warning("low_score", path, {"printed": cell.evidence.text, "score": f"{cell.evidence.score:.2f}"})
