"""What sums decide where a model and the page differ: which cells they prove, and which doubt a differing row explains.

A sum of which every part but one is agreed leaves no choice for that one. And where the rows as the page has them make
a sum right, the doubt is about the rows: the totals that both readings agree on are not named.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from extraction.placing import PAYERS, TOTALS, Placing, exchange, place
from extraction.validation.dates import check_order, check_stay
from extraction.validation.invoices import (
    check_line_amounts,
    check_line_sum,
    check_period,
    check_tax,
    check_total,
)
from extraction.validation.payment import check_amount_due, check_balance, check_paid, check_underpaid
from extraction.validation.rules import CannotCheck, Facts, RuleFunction
from extraction.validation.sums import (
    check_copayment_sum,
    check_line_copayment_sum,
    check_nhi_sum,
    check_self_pay_sum,
)
from schemas.document import Document, field_at, get_cell, lines_of, parse_cell, set_cell
from schemas.result import Agreement, Extraction, Flag, Severity

_RULES: Mapping[str, RuleFunction] = {
    "line_sum_nhi": check_nhi_sum,
    "line_sum_self_pay": check_self_pay_sum,
    "line_sum_copayment": check_line_copayment_sum,
    "copayment_sum": check_copayment_sum,
    "amount_due_identity": check_amount_due,
    "balance_identity": check_balance,
    "paid_exceeds_due": check_paid,
    "paid_below_due": check_underpaid,
    "line_sum_amount": check_line_sum,
    "line_amount": check_line_amounts,
    "invoice_total": check_total,
    "tax_rate": check_tax,
    "date_order": check_order,
    "long_stay": check_stay,
    "period_mismatch": check_period,
}
_EQUATIONS = (
    ("items", "nhi_amount", "nhi_total"),
    ("items", "self_pay_amount", "self_pay_total"),
    ("items", "copayment_amount", "copayment_total"),
    ("copayments", "amount", "copayment_total"),
    ("items", "amount", "sales_amount"),
    ("items", "amount", "total_amount"),
)
"""Line, cell, total: Σ of the cells = total, to the dollar."""
_OF_CELLS = {"not_on_page", "left_out", "readers_differ", "column_mismatch", "qr_differs"}
_OF_ROWS = {"row_missing", "row_invented"}
_TAKEN = {"ocr", "qr", "rule"}
"""Sources of suggestions that are the page's, or that follow from its totals."""


def weigh_doubts(extraction: Extraction, flags: Sequence[Flag]) -> list[Flag]:
    """Return the flags of a model's reading as the sums leave them; agreement of proven cells is settled in place."""
    if extraction.document is None:
        return list(flags)
    proven = set(_proven(extraction, flags))
    for path in proven:
        extraction.agreement.pop(path, None)
    return explain(extraction, _place(extraction, _soften(flags, proven), proven))


# -- cells that a sum proves


def _soften(flags: Sequence[Flag], proven: set[str]) -> list[Flag]:
    """Let a doubt about proven cells only inform."""
    return [
        flag.model_copy(update={"severity": Severity.INFO})
        if flag.code in _OF_CELLS - {"qr_differs"} and flag.paths and proven.issuperset(flag.paths)
        else flag
        for flag in flags
    ]


def _proven(extraction: Extraction, flags: Sequence[Flag]) -> Iterator[str]:
    """Yield the cells that a sum leaves no other value for: the one disputed cell of an agreed sum, or several.

    Several only where each stands in its row on the page, so that nothing but its column is disputed, and where the
    sum does not hold with what the witness says of them.
    """
    lines = {path.split(".")[0] for flag in flags if flag.code in _OF_ROWS for path in flag.paths}
    seen, _ = _as_on_page(extraction, flags)
    for line, cell, total in _equations(extraction):
        cells = [f"{line}.{index}.{cell}" for index in range(len(getattr(extraction.document, line)))]
        printed = _number(extraction.document, total)
        if line in lines or not printed or _sum(extraction.document, cells) != printed:
            continue
        disputed = [path for path in (*cells, total) if extraction.agreement.get(path) is not Agreement.AGREED]
        are_in_rows = total not in disputed and all(_is_in_row(extraction, path, flags) for path in disputed)
        if len(disputed) == 1 or (are_in_rows and _sum(seen, cells) != printed):
            yield from disputed


def _is_in_row(extraction: Extraction, path: str, flags: Sequence[Flag]) -> bool:
    """Whether the cell is empty, or its amount was found in its row on the page."""
    doubts = [flag for flag in flags if path in flag.paths and flag.code in _OF_CELLS]
    if not _number(extraction.document, path):
        return True
    if any(flag.code == "not_on_page" or flag.suggestions[:1] == () or flag.suggestions[0].source != "ocr"
           for flag in doubts):  # fmt: skip
        return False
    return bool(doubts) or bool(extraction.evidence.get(path))


def _equations(extraction: Extraction) -> Iterator[tuple[str, str, str]]:
    if extraction.document is None:
        return
    model = type(extraction.document)
    for line, cell, total in _EQUATIONS:
        part = lines_of(model).get(line)
        if part is not None and cell in part.model_fields and total in model.model_fields:
            yield line, cell, total


def _number(document: Document | None, path: str) -> Decimal:
    value = get_cell(document, path) if document is not None else None
    return value if isinstance(value, Decimal) else Decimal(0)


def _sum(document: Document | None, cells: Sequence[str]) -> Decimal:
    return sum((_number(document, path) for path in cells), Decimal(0))


# -- columns that only the sums tell


def _place(extraction: Extraction, flags: Sequence[Flag], proven: set[str]) -> list[Flag]:
    """Drop or narrow the doubt whose the amounts are, as far as the totals of both payers tell."""
    if not any(_is_about_columns(flag) for flag in flags):
        return list(flags)
    document, touched = _as_on_page(extraction, flags)
    known = [
        extraction.agreement.get(total) is Agreement.AGREED or total in proven or total in touched for total in TOTALS
    ]
    doubted = {int(path.split(".")[1]) for flag in flags if _is_about_columns(flag) for path in flag.paths}
    found = place(document, known, doubted) if document else Placing()
    if found.holds:
        return [flag for flag in flags if not _is_about_columns(flag)]
    if found.stands:
        return [flag for flag in map(partial(_left_out, extraction), flags) if flag is not None]
    if not found.exchanged or document is None:
        return list(flags)
    suggestions = [one for row in found.exchanged for one in exchange(document, row)]
    changed = {"paths": tuple(one.path for one in suggestions), "suggestions": tuple(suggestions)}
    return [flag.model_copy(update=changed) if _is_about_columns(flag) else flag for flag in flags]


def _left_out(extraction: Extraction, flag: Flag) -> Flag | None:
    """Keep of a doubt about columns the rows that hold no amount at all, although the page does."""
    if not _is_about_columns(flag):
        return flag
    told = {path.rpartition(".")[0] for path in flag.paths if _number(extraction.document, path)}
    paths = tuple(path for path in flag.paths if path.rpartition(".")[0] not in told)
    return flag.model_copy(update={"paths": paths}) if paths else None


def _is_about_columns(flag: Flag) -> bool:
    return flag.code == "layout_unsure" and any(path.rsplit(".", 1)[-1] in PAYERS for path in flag.paths)


# -- doubts that the rows of the page explain


def explain(extraction: Extraction, flags: Sequence[Flag]) -> list[Flag]:
    """Take agreed cells out of a failed sum that holds with what the page says in the other cells."""
    failed = [flag for flag in flags if flag.code in _RULES]
    document, touched = _as_on_page(extraction, flags) if failed else (None, set())
    if document is None or not touched:
        return list(flags)
    states = {path: state for path, state in extraction.states.items() if path not in touched}
    facts = Facts(extraction.model_copy(update={"document": document, "states": states}), dt.date.min)
    outcomes = {code: _RULES[code](facts) for code in {flag.code for flag in failed}}
    return [_narrowed(extraction, flag, touched, outcomes) for flag in flags]


def _narrowed(extraction: Extraction, flag: Flag, touched: set[str], outcomes: Mapping[str, Any]) -> Flag:
    outcome = outcomes.get(flag.code)
    if outcome is None or isinstance(outcome, CannotCheck) or any(doubt.paths == flag.paths for doubt in outcome):
        return flag
    agreement = extraction.agreement
    paths = tuple(path for path in flag.paths if path in touched or agreement.get(path) is not Agreement.AGREED)
    if not paths:
        lines = {path.split(".")[0] for path in touched if "." in path}
        paths = tuple(sorted(lines)) or tuple(sorted(touched))
    return flag.model_copy(update={"paths": paths})


def _as_on_page(extraction: Extraction, flags: Sequence[Flag]) -> tuple[Document | None, set[str]]:
    """Return the document with what the page says in the doubted cells, and their paths."""
    if extraction.document is None:
        return None, set()
    document: Document = extraction.document.model_copy(deep=True)
    touched: set[str] = set()
    for flag in flags:
        if flag.severity is not Severity.INFO and flag.code in _CHANGES:
            touched |= _CHANGES[flag.code](document, flag)
    return document, touched


def _take_cells(document: Document, flag: Flag) -> set[str]:
    changed = set()
    for one in flag.suggestions:
        if one.source in _TAKEN and one.path in flag.paths and _put(document, one.path, one.value):
            changed.add(one.path)
    return changed


def _take_row(document: Document, flag: Flag) -> set[str]:
    """Put a missing row at the end: its place makes no difference to a sum, and other paths stay."""
    line = flag.parameters.get("line", "")
    part = lines_of(type(document)).get(line)
    if part is None or any(one.source not in _TAKEN for one in flag.suggestions):
        return set()
    rows = getattr(document, line)
    rows.append(part())
    at = f"{line}.{len(rows) - 1}"
    for one in flag.suggestions:
        _put(document, f"{at}.{one.path.rsplit('.', 1)[-1]}", one.value)
    return {f"{at}.{cell}" for cell in part.model_fields}


def _empty_row(document: Document, flag: Flag) -> set[str]:
    return {path for path in flag.paths if _put(document, path, None)}


def _put(document: Document, path: str, text: str | None) -> bool:
    try:
        set_cell(document, path, parse_cell(field_at(type(document), path), text))
    except (KeyError, ValueError):
        return False
    return True


_CHANGES: Mapping[str, Callable[[Document, Flag], set[str]]] = {
    **dict.fromkeys((*_OF_CELLS, "layout_unsure"), _take_cells),
    "row_missing": _take_row,
    "row_invented": _empty_row,
}
