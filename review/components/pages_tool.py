"""What the person is shown to read a page again, to split a document and to join it with others of its upload."""

from typing import Any

from review.components import resources
from review.components.page_frame import Frame
from review.components.reader_options import model_profiles, reader_label
from review.workflow import Record, RecordFilter, RecordNotFoundError, Status, Workspace
from schemas.reader_choice import DEFAULT

_OPEN = (Status.QUEUED, Status.READING, Status.TO_REVIEW, Status.IN_REVIEW, Status.FAILED)
_MOST = 60
"""Documents of the same upload that are offered to be joined, those around the record at hand."""
_PAGES = 100


def pages_tool(frame: Frame, workspace: Workspace, record: Record) -> dict[str, Any]:
    """Return the readers, the pages in small, the other documents of the upload, and what can be taken back."""
    is_gone = record.status is Status.SUPERSEDED
    profiles = model_profiles(frame)
    names = [] if is_gone or record.status in (Status.QUEUED, Status.READING) else [DEFAULT, *profiles]
    count = max(record.page_count, 1)
    pages = [] if is_gone else [resources.snippet_address(record.id, page, None) for page in range(min(count, _PAGES))]
    return {
        "readers": [[name, reader_label(frame, name, profiles)] for name in names],
        "can_read_page": record.extraction is not None and record.extraction.document is not None and count > 1,
        "pages": pages,
        "others": [] if is_gone else _others(frame, workspace, record),
        "regrouped": None if record.regrouped is None else {
            "text": frame.text(f"review.regrouped_{record.regrouped.kind}_{'gone' if is_gone else 'new'}"),
            "records": [_link(frame, workspace, each) for each in record.regrouped.others],
        },
    }  # fmt: skip


def _others(frame: Frame, workspace: Workspace, record: Record) -> list[dict[str, Any]]:
    wanted = RecordFilter(batch_id=record.batch_id, statuses=_OPEN)
    found = workspace.records(wanted, 0, 1000)
    here = next((at for at, each in enumerate(found) if each.id == record.id), 0)
    begin = max(0, min(here - _MOST // 2, len(found) - _MOST - 1))
    near = [each for each in found[begin : begin + _MOST + 1] if each.id != record.id]
    return [
        {
            "id": each.id,
            "name": each.name,
            "about": " · ".join(filter(None, (frame.text(f"status.{each.status.value}"), each.party, each.patient))),
            "image": resources.snippet_address(each.id, 0, None),
            "locked": bool(each.lock and each.lock.user != frame.user),
        }
        for each in near
    ]


def _link(frame: Frame, workspace: Workspace, record_id: str) -> list[str]:
    try:
        found = workspace.record(record_id)
    except RecordNotFoundError:
        return [record_id, record_id]
    return [record_id, f"{found.name} · {frame.text(f'status.{found.status.value}')}"]
