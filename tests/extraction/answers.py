"""Answers that a model could give for a document of which the truth is known: right ones, which no guard may stop."""

import json
import random
from collections.abc import Iterator
from typing import Any

from schemas.document import cells_of, lines_of
from schemas.registry import DOCUMENT_TYPES

Label = dict[str, Any]


def tables(label: Label) -> tuple[list[tuple[str, str]], list[list[str]]]:
    """Return the label's header fields and its line items with a head."""
    document, model = label["document"], DOCUMENT_TYPES[label["document_type"]]
    lines = lines_of(model)
    header = [
        (str(cells_of(model)[name].title or name), str(value)) for name, value in document.items() if name not in lines
    ]
    rows: list[list[str]] = []
    for name, line in lines.items():
        columns = list(cells_of(line))
        if document.get(name):
            rows.append(columns)
            rows += [[str(item.get(column) or "") for column in columns] for item in document[name]]
    return header, rows


def markdown(label: Label) -> str:
    header, rows = tables(label)
    table = [f"| {' | '.join(row)} |" for row in rows]
    table[1:1] = ["|" + "---|" * len(rows[0])] if rows else []
    return "\n".join([f"**{name}**: {value}" for name, value in header] + [""] + table) + "\n"


def html(label: Label) -> str:
    header, rows = tables(label)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return "".join(f"<p>{name}: {value}</p>\n" for name, value in header) + f"<table><tbody>{body}</tbody></table>"


def indented_html(label: Label) -> str:
    return html(label).replace("<tr>", "\n  <tr>\n").replace("<td>", "    <td>").replace("</td>", "</td>\n")


def plain(label: Label) -> str:
    header, rows = tables(label)
    return "\n".join([f"{name}：{value}" for name, value in header] + ["  ".join(row) for row in rows])


def column_wise(label: Label) -> str:
    """A model that reads down the columns: names, then every amount of one column, zeros and all."""
    header, rows = tables(label)
    columns = zip(*rows, strict=True) if rows else ()
    return "\n".join(
        [f"{name}：{value}" for name, value in header] + [cell or "0" for column in columns for cell in column]
    )


def dotted(label: Label) -> str:
    header, rows = tables(label)
    return "\n".join(f"{row[0]}{'.' * 60}{row[-1] or 0}" for row in [*header, *rows]) + "\n" + "-" * 120


def wire(label: Label, indent: int | None = None) -> str:
    """The answer to the schema read: every cell there, blank ones null."""
    document, model = label["document"], DOCUMENT_TYPES[label["document_type"]]
    answer: dict[str, Any] = {name: document.get(name) for name in cells_of(model)}
    for name, line in lines_of(model).items():
        answer[name] = [{column: item.get(column) for column in cells_of(line)} for item in document.get(name) or ()]
    return json.dumps(answer, ensure_ascii=False, indent=indent, separators=None if indent else (",", ":"))


TEXTS = {write.__name__: write for write in (markdown, html, indented_html, plain, column_wise, dotted)}


def answers(label: Label) -> Iterator[tuple[str, bool, str]]:
    """Yield every way to write a label down: its name, whether it is JSON, and the text."""
    for name, write in TEXTS.items():
        yield name, False, write(label)
    yield "wire", True, wire(label)
    yield "indented wire", True, wire(label, 2)


def long_inpatient_receipt(rows: int = 30) -> Label:
    """A made-up inpatient receipt with the same room charge day after day."""
    items = [{"name": "病房費", "nhi_amount": "1500", "self_pay_amount": "0"} for _ in range(rows)]
    return {"document_type": "medical_receipt", "document": {"hospital_name": "示範醫院", "items": items}}


def tokens_of(text: str, seed: int = 0) -> list[str]:
    """Cut a text about as a tokenizer does: 1 or 2 CJK characters, up to 6 Latin ones, single digits."""
    dice, pieces, place = random.Random(seed), [], 0  # noqa: S311
    while place < len(text):
        first = text[place]
        size = 1 if first.isdigit() else dice.randint(1, 2) if ord(first) > 0x2E80 else dice.randint(1, 6)
        pieces.append(text[place : place + size])
        place += size
    return pieces
