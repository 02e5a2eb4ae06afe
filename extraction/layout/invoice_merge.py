"""Two readings of one invoice, without red and in colour, made one."""

from typing import Any

from schemas.result import Evidence, Flag, Reading, Severity, Suggestion

_NEEDED = ("issue_date", "seller_name", "total_amount")
_ALSO_NEEDED = {"commercial": (), "exempt": ("seller_tax_id",)}
_UNIFORM = ("invoice_number", "seller_tax_id")
"""What every 統一發票 shows besides."""


def needs_colour(reading: Reading) -> bool:
    """Whether to read the page again in colour: red print (a seller's stamp, a red form) is gone without it."""
    values, doubts = reading.values, {flag.code for flag in reading.doubts}
    if values.get("currency") not in (None, "TWD"):
        return "total_unsure" in doubts or any(values.get(path) is None for path in _NEEDED)
    wanted = (*_NEEDED, *_ALSO_NEEDED.get(str(values.get("invoice_kind")), _UNIFORM))
    return bool(doubts & {"total_unsure", "seller_unsure"}) or any(values.get(path) is None for path in wanted)


def merge_readings(first: Reading, second: Reading) -> Reading:
    """Fill what the first lacks from the second; where both have a cell and differ, the first stays with a flag."""
    merged = first.model_copy(deep=True)
    for path, value in second.values.items():
        if path == "items":
            _merge_items(merged, second)
        elif value is not None:
            _merge_cell(merged, second, path, str(value))
    known = {(flag.code, flag.paths) for flag in merged.doubts}
    filled = {path for path, value in second.values.items() if value is not None and first.values.get(path) is None}
    merged.doubts += [
        flag for flag in second.doubts if (flag.code, flag.paths) not in known and filled & set(flag.paths)
    ]
    return merged


def _merge_cell(merged: Reading, second: Reading, path: str, value: str) -> None:
    mine = merged.values.get(path)
    if mine is None:
        merged.values[path] = value
        merged.evidence[path] = list(second.evidence.get(path, []))
        return
    if str(mine) == value or _is_code(merged.evidence.get(path, [])):
        return
    doubtful = {flag.code for flag in merged.doubts if path in flag.paths}
    if path in ("currency", "invoice_kind", "amount_in_words", "period", "notes") or "reads_differ" in doubtful:
        return
    suggestion = Suggestion(path=path, value=value, source="ocr")
    merged.doubts.append(
        Flag(code="reads_differ", severity=Severity.WARNING, paths=(path,),
             parameters={"first": str(mine), "second": value}, suggestions=(suggestion,))
    )  # fmt: skip


def _merge_items(merged: Reading, second: Reading) -> None:
    """Take the second's lines only where the first has none: lines of two readings cannot be paired safely."""
    theirs: list[dict[str, Any]] = second.values.get("items") or []
    if theirs and not merged.values.get("items"):
        merged.values["items"] = theirs
        merged.doubts = [flag for flag in merged.doubts if flag.code != "items_not_found"]
        merged.evidence |= {path: found for path, found in second.evidence.items() if path.startswith("items.")}


def _is_code(evidence: list[Evidence]) -> bool:
    return any(item.match == "qr" for item in evidence)
