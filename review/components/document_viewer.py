"""The page images of a record with the boxes of its cells, as data for the viewer in the browser."""

from typing import Any

from review.components import resources
from review.components.cells import Sheet, boxes
from review.components.page_frame import Frame
from review.pictures import SMALL, WHOLE
from review.workflow import Record

_LABELS = ("zoom_out", "zoom_in", "fit_page", "fit_width", "turn", "contrast", "mark", "previous_page", "next_page",
           "boxes", "stage", "image", "no_image")  # fmt: skip


def viewer_data(frame: Frame, record: Record, sheet: Sheet | None) -> dict[str, Any]:
    """Return pages, boxes and labels for the browser; sizes left out are found when the picture is there."""
    return {
        "document": record.id,
        "pages": pages_of(record),
        "boxes": boxes(sheet) if sheet else [],
        "reading": resources.region_address(record) if sheet else None,
        "labels": viewer_labels(frame),
    }


def pages_of(record: Record) -> list[dict[str, Any]]:
    """Return the pages of a record, each with a small picture for now and the whole one for a closer look."""
    sizes = {}
    if record.extraction is not None:
        sizes = {page.page: page for reading in record.extraction.readings for page in reading.pages}
    pages = []
    for number in sorted(sizes) or range(max(record.page_count, 1)):
        source = resources.picture_address(record, number, SMALL)
        if source is None:
            continue
        size = sizes.get(number)
        pages.append({
            "number": number,
            "key": f"{record.id}-{resources.attempt_of(record)}-{number}",
            "source": source,
            "whole": resources.picture_address(record, number, WHOLE),
            "width": size.width if size else None,
            "height": size.height if size else None,
        })  # fmt: skip
    return pages


def viewer_labels(frame: Frame) -> dict[str, str]:
    """Return the texts of the viewer's buttons."""
    return {name: frame.text(f"viewer.{name}") for name in _LABELS}
