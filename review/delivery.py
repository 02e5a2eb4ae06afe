"""Records out of the house in one go: those of a filter as a workbook or as JSON lines, noted in their history."""

from collections.abc import Iterator

from review.export import ExportRow, write_workbook
from review.i18n import catalog
from review.json_lines import json_line
from review.stored import row_of
from review.workflow import RecordFilter, Status, Workspace

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PAGE = 200
_LEFT_OUT = (Status.QUEUED, Status.READING, Status.SUPERSEDED)
"""What was not read yet, and what others took the place of."""


def workbook_of(workspace: Workspace, wanted: RecordFilter, language: str, user: str) -> bytes:
    """Return the records of a filter that were read as a workbook."""
    ids = _ids(workspace, wanted)
    content = write_workbook(_rows(workspace, ids), language)
    workspace.record_export(ids, user)
    return content


def json_lines_of(workspace: Workspace, wanted: RecordFilter, language: str, user: str) -> bytes:
    """Return the records of a filter that were read as JSON lines."""
    ids, texts = _ids(workspace, wanted), catalog(language)
    content = "".join(f"{json_line(row, texts)}\n" for row in _rows(workspace, ids)).encode()
    workspace.record_export(ids, user)
    return content


def _ids(workspace: Workspace, wanted: RecordFilter) -> list[str]:
    found: list[str] = []
    for offset in range(0, workspace.count_records(wanted), _PAGE):
        page = workspace.records(wanted, offset, _PAGE)
        found += [summary.id for summary in page if summary.status not in _LEFT_OUT]
    return found


def _rows(workspace: Workspace, ids: list[str]) -> Iterator[ExportRow]:
    for record_id in ids:
        yield row_of(workspace.record(record_id))
