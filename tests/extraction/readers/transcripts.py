"""Labels of made-up documents written down as a model would: in Markdown, HTML, OTSL or plain lines, by layout."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Rows = Sequence[Sequence[str]]

NAMES = {
    "patient_name": "姓名", "chart_number": "病歷號碼", "visit_date": "就診日期", "department": "科別",
    "receipt_number": "收據號碼", "patient_category": "身分別", "national_id": "身分證字號",
    "copayment_total": "健保部分負擔", "nhi_total": "健保合計", "self_pay_total": "自費金額合計",
    "amount_due": "應繳金額", "amount_paid": "實收金額",
}  # fmt: skip
GOODS = {"description": "品名", "quantity": "數量", "unit_price": "單價", "amount": "金額"}


def markdown(rows: Rows) -> str:
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def html(rows: Rows) -> str:
    """Cells of equal heads side by side become one that spans them."""
    lines = []
    for number, row in enumerate(rows):
        tag, cells, column = "th" if number == 0 else "td", [], 0
        while column < len(row):
            count = 1
            while number == 0 and row[column] and column + count < len(row) and row[column + count] == row[column]:
                count += 1
            cells.append(f"<{tag}{f' colspan={chr(34)}{count}{chr(34)}' if count > 1 else ''}>{row[column]}</{tag}>")
            column += count
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><thead>{lines[0]}</thead><tbody>{''.join(lines[1:])}</tbody></table>"


def otsl(rows: Rows) -> str:
    lines = []
    for number, row in enumerate(rows):
        cells = []
        for column, text in enumerate(row):
            goes_on = number == 0 and column and text and row[column - 1] == text
            cells.append("<lcel>" if goes_on else f"<fcel>{text}" if text else "<ecel>")
        lines.append("".join(cells) + "<nl>")
    return "".join(lines)


def aligned(rows: Rows) -> str:
    """Columns set with spaces, as wide characters are twice as wide."""
    widths = [max(_width(row[column]) for row in rows) + 3 for column in range(len(rows[0]))]
    return "\n".join(
        "".join(text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def single_spaced(rows: Rows) -> str:
    return "\n".join(" ".join(text for text in row if text) for row in rows)


WRITERS: dict[str, Callable[[Rows], str]] = {
    "markdown": markdown, "html": html, "otsl": otsl, "aligned": aligned, "single_spaced": single_spaced,
}  # fmt: skip


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def write(document: dict[str, Any], layout: str, write_table: Callable[[Rows], str]) -> str:
    """Return the transcript of a document of one layout."""
    return "\n".join(_LAYOUTS[layout](document, write_table))


def _header(document: dict[str, Any]) -> Iterable[str]:
    yield f"# {document['hospital_name']}"
    yield "醫療費用收據"
    names = ("patient_name", "chart_number", "visit_date", "department", "receipt_number", "patient_category",
             "national_id")  # fmt: skip
    shown = [f"{NAMES[name]}：{document[name]}" for name in names if document.get(name)]
    for start in range(0, len(shown), 3):
        yield "　　".join(shown[start : start + 3])
    yield ""


def _foot(document: dict[str, Any]) -> Iterable[str]:
    names = ("copayment_total", "nhi_total", "self_pay_total", "amount_due", "amount_paid")
    yield ""
    for start in (0, 3):
        yield "    ".join(f"{NAMES[name]}: {document[name]}" for name in names[start : start + 3])
    yield "※本收據可作為申報所得稅列舉扣除額之憑證，遺失恕不補發。"


def _ruled(document: dict[str, Any], write_table: Callable[[Rows], str]) -> Iterable[str]:
    yield from _header(document)
    rows = [[item["name"], _or_dash(item["nhi_amount"]), _or_dash(item["self_pay_amount"])]
            for item in document["items"]]  # fmt: skip
    yield write_table([["項目名稱", "健保點數", "自費金額"], *rows])
    yield from _foot(document)


def _or_dash(amount: str) -> str:
    return "-" if amount == "0" else f"{int(amount):,}"


def _two_groups(document: dict[str, Any], write_table: Callable[[Rows], str]) -> Iterable[str]:
    yield from _header(document)
    items = document["items"]
    rows = []
    for start in range(0, len(items), 2):
        pair = items[start : start + 2]
        row = [text for side in ("nhi_amount", "self_pay_amount") for item in (*pair, None)[:2]
               for text in ((item["name"], item[side]) if item else ("", ""))]  # fmt: skip
        rows.append(row)
    yield write_table([["健保費用(點)"] * 4 + ["自費費用"] * 4, *rows])
    yield from _foot(document)


def _sections(document: dict[str, Any], write_table: Callable[[Rows], str]) -> Iterable[str]:
    yield from _header(document)
    for head, side in (("健保項目(點數)", "nhi_amount"), ("自費費用", "self_pay_amount")):
        yield head
        pairs = [(item["name"], item[side]) for item in document["items"] if item[side] != "0"]
        for start in range(0, len(pairs), 3):
            yield "    ".join(f"{name} {amount}" for name, amount in pairs[start : start + 3])
        yield ""
    yield from _foot(document)


def _thermal(document: dict[str, Any], write_table: Callable[[Rows], str]) -> Iterable[str]:
    yield from _header(document)
    yield "-" * 30
    for side, unit in (("nhi_amount", "點"), ("self_pay_amount", "元")):
        for item in document["items"]:
            if item[side] != "0":
                yield f"{item['name']}          ${item[side]}{unit}"
    yield "-" * 30
    for name in ("copayment_total", "nhi_total", "self_pay_total", "amount_due", "amount_paid"):
        yield f"{NAMES[name]}：      ${document[name]}{'' if name == 'nhi_total' else '元'}"


def _inpatient(document: dict[str, Any], write_table: Callable[[Rows], str]) -> Iterable[str]:
    yield from _header(document)
    columns = ("nhi_amount", "copayment_amount", "self_pay_amount")
    rows = [[item["name"], *(f"${int(item[name]):,}" if item[name] != "0" else "0" for name in columns)]
            for item in document["items"]]  # fmt: skip
    sums = [f"${int(document[name]):,}" for name in ("nhi_total", "copayment_total", "self_pay_total")]
    yield write_table([["收費項目", "健保點數", "部分負擔", "自費(元)"], *rows, ["合計", *sums]])
    yield from _foot(document)


def _slip(document: dict[str, Any], write_table: Callable[[Rows], str]) -> Iterable[str]:
    yield document["seller_name"]
    yield "電子發票證明聯"
    year, month, _ = document["issue_date"].split("-")
    first = int(month) - (int(month) + 1) % 2
    yield f"{int(year) - 1911}年{first:02d}-{first + 1:02d}月"
    yield f"{document['invoice_number'][:2]}-{document['invoice_number'][2:]}"
    yield f"{document['issue_date']} 14:20:58"
    yield f"隨機碼 {document['random_code']}    總計 {document['total_amount']}"
    buyer = f"    買方 {document['buyer_tax_id']}" if document.get("buyer_tax_id") else ""
    yield f"賣方 {document['seller_tax_id']}{buyer}"


def _triplicate(document: dict[str, Any], write_table: Callable[[Rows], str]) -> Iterable[str]:
    year, month, day = (int(part) for part in document["issue_date"].split("-"))
    yield f"{document['invoice_number'][:2]} {document['invoice_number'][2:]}"
    yield "統一發票（三聯式）"
    yield f"中華民國{year - 1911}年{month - (month + 1) % 2:02d}、{month + month % 2:02d}月份"
    yield f"買受人：{document['buyer_name']}"
    yield f"統一編號：{document['buyer_tax_id']}    中華民國 {year - 1911} 年 {month} 月 {day} 日"
    rows = [[item[name] for name in GOODS] for item in document["items"]]
    yield write_table([list(GOODS.values()), *rows])
    yield f"銷售額合計    {document['sales_amount']}"
    yield f"營業稅    {document['tax_amount']}"
    yield f"總計    {document['total_amount']}"
    yield "營業人蓋用統一發票專用章"
    yield document["seller_name"]
    yield f"統一編號 {document['seller_tax_id']}"


_LAYOUTS: dict[str, Callable[[dict[str, Any], Callable[[Rows], str]], Iterable[str]]] = {
    "A": _ruled, "B": _two_groups, "C": _sections, "D": _thermal, "E": _inpatient, "F": _slip, "G": _triplicate,
}  # fmt: skip
