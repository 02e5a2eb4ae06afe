"""Milliseconds that checking a document of 40 rows takes beyond the OCR: `python benchmarks/checking.py [ROWS]`.

A made-up page of lines with boxes stands for the OCR's result; what is timed is everything that holds a model's reading
against it: alignment, grounding, rules, agreement of two readings, judgement. No model, no picture, no OCR.
"""

import statistics
import sys
import time

from extraction.assembly import conclude
from extraction.grounding import ground
from extraction.page import LoadedFile
from schemas.layout import BoundingBox, TextLine
from schemas.result import Evidence, Extraction, PageQuality, Reading

TARGET = 150.0
_NAMES = ("診察費", "藥費", "藥事服務費", "檢查費", "注射技術費", "特殊材料費", "手術費", "麻醉費", "病房費", "膳食費")
_COLUMNS = {"name": (0.1, 0.3), "nhi_amount": (0.5, 0.6), "self_pay_amount": (0.7, 0.8)}


def readings(rows: int) -> tuple[Reading, Reading]:
    """Return the witness's reading of a page of so many rows, and a model's with a swapped and a missing row."""
    items = [{"name": _NAMES[row % 10], "nhi_amount": str(100 + row * 37), "self_pay_amount": str(row % 3 * 150)}
             for row in range(rows)]  # fmt: skip
    header = {"hospital_name": "示範醫院", "patient_name": "王小明", "visit_date": "114/05/21",
              "receipt_number": "A0001", "nhi_total": str(sum(int(item["nhi_amount"]) for item in items)),
              "self_pay_total": str(sum(int(item["self_pay_amount"]) for item in items))}  # fmt: skip
    evidence, lines = {}, []
    cells = {name: (text, BoundingBox(0.1, 0.01 * number, 0.4, 0.01 * number + 0.008))
             for number, (name, text) in enumerate(header.items())}  # fmt: skip
    for index, item in enumerate(items):
        top = 0.1 + 0.85 * index / rows
        cells |= {f"items.{index}.{cell}": (item[cell], BoundingBox(left, top, right, top + 0.5 / rows))
                  for cell, (left, right) in _COLUMNS.items()}  # fmt: skip
    for path, (text, box) in cells.items():
        evidence[path] = [Evidence(page=0, box=box, text=text, score=0.99)]
        lines.append(TextLine(text=text, box=box, score=0.99))
    page = PageQuality(page=0, width=1240, height=1754)
    seen = Reading(reader="local", document_type="medical_receipt", values={**header, "items": items}, lines=lines,
                   evidence=evidence, pages=[page])  # fmt: skip
    told = [dict(item) for item in items if item is not items[3]]
    told[5]["nhi_amount"], told[5]["self_pay_amount"] = told[5]["self_pay_amount"], told[5]["nhi_amount"]
    model = Reading(reader="model", model="m", document_type="medical_receipt", values={**header, "items": told})
    return seen, model


def main(rows: int = 40, times: int = 20) -> None:
    """Print median and slowest time; exit code 1 where the median is over the target."""
    seen, model = readings(rows)
    spent = []
    for _ in range(times + 1):
        extraction = Extraction(file="a.png", sha256="", page_count=1, readings=[model.model_copy(deep=True)])
        started = time.perf_counter()
        conclude(extraction, LoadedFile("a.png", "", "image/png", ()), {0: ground(extraction.readings[0], seen)})
        spent.append((time.perf_counter() - started) * 1000)
    first, rest = spent[0], spent[1:]
    median = statistics.median(rest)
    print(f"{rows} rows: median {median:.0f} ms, slowest {max(rest):.0f} ms, the first of a process {first:.0f} ms; "
          f"{len(extraction.flags)} flags, target {TARGET:.0f} ms")  # fmt: skip
    raise SystemExit(0 if median <= TARGET else 1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
