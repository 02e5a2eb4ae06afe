"""The JSON line: one document as other programs read it. Its shape is a contract (docs/command_line.md)."""

import json
from typing import Any

from review.export import ExportRow
from review.i18n import Catalog
from review.messages import failure_message, flag_message
from schemas.document import Document, lines_of
from schemas.result import Extraction


def json_line(row: ExportRow | Extraction, texts: Catalog) -> str:
    """Return the document as one line of JSON (the contract: docs/command_line.md), without a line break."""
    row = row if isinstance(row, ExportRow) else ExportRow(row)
    record = {"id": row.record_id, "status": row.status} if row.record_id is not None else {}
    text = json.dumps({**record, **_json_object(row, texts)}, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()  # a file name may hold half a surrogate pair


def _json_object(row: ExportRow, texts: Catalog) -> dict[str, Any]:
    extraction = row.extraction
    return {
        "file": extraction.file,
        "sha256": extraction.sha256,
        **({"part": extraction.part, "parts": extraction.parts} if extraction.parts > 1 else {}),
        "pages": extraction.page_count,
        "document_type": extraction.document_type,
        "document": None if extraction.document is None else _plain_document(extraction.document),
        "states": {path: state.value for path, state in extraction.states.items()},
        "evidence": {
            path: [{"page": e.page, "box": list(e.box.rounded()), "text": e.text, "match": e.match} for e in found]
            for path, found in extraction.evidence.items()
        },
        "flags": [
            {
                "code": flag.code,
                "severity": flag.severity.value,
                "paths": list(flag.paths),
                "message": flag_message(texts, flag, extraction.document_type),
                "suggestions": [one.model_dump(exclude={"evidence"}) for one in flag.suggestions],
            }
            for flag in row.open_flags
        ],
        "judgements": {path: judgement.value for path, judgement in extraction.judgements.items()},
        "checks": [check.model_dump(exclude_defaults=True, exclude={"words"}) for check in extraction.checks],
        "readings": [
            {
                "reader": reading.reader,
                "model": reading.model,
                "attempts": [{"cause": a.cause, "seconds": round(a.seconds, 3)} for a in reading.attempts],
                "prompt": reading.prompt,
            }
            for reading in extraction.readings
        ],
        "seconds": round(extraction.seconds, 3),
        "error": None
        if extraction.error is None
        else {"code": extraction.error.code, "message": failure_message(texts, extraction.error)},
    }


def _plain_document(document: Document) -> dict[str, Any]:
    """Return the document without computed fields: they follow from it, and a reader of the line must accept none."""
    computed = {name: {"__all__": set(part.model_computed_fields)} for name, part in lines_of(type(document)).items()}
    return document.model_dump(mode="json", exclude=computed)
