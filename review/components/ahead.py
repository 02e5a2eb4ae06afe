"""What the browser fetches ahead: the pictures of the document that comes next, and of the one shown before."""

from typing import Any

from review.components.desk_actions import Memory, next_record
from review.components.document_viewer import pages_of
from review.workflow import Record, RecordNotFoundError, Workspace

_PAGES = 2
"""Of each document: the first cells to look at stand there as a rule."""


def pages_ahead(workspace: Workspace, user: str, record: Record, memory: Memory) -> list[dict[str, Any]]:
    """Return the first pages of the documents beside this one; asked for once a document, not at each key press."""
    if memory.ahead_of != record.id:
        beside = [next_record(workspace, user, record.id), memory.ahead_of]
        memory.ahead = [page for each in beside if each for page in _first_pages(workspace, each)]
        memory.ahead_of = record.id
    return memory.ahead


def _first_pages(workspace: Workspace, record: str) -> list[dict[str, Any]]:
    try:
        return pages_of(workspace.record(record))[:_PAGES]
    except RecordNotFoundError:  # erased meanwhile
        return []
