"""The page images of a record with the boxes of its cells, as data for the viewer in the browser."""

from typing import Any

from review.components import resources
from review.components.cells import Sheet, boxes
from review.components.page_frame import Frame
from review.workflow import Record

_LABELS = ("zoom_out", "zoom_in", "fit_page", "fit_width", "turn", "previous_page", "next_page", "boxes", "stage",
           "image", "no_image")  # fmt: skip


def viewer_data(frame: Frame, record: Record, sheet: Sheet | None) -> dict[str, Any]:
    """Return pages, boxes and labels for the browser; sizes left out are found when the picture is there."""
    sizes = {}
    if record.extraction is not None:
        sizes = {page.page: page for reading in record.extraction.readings for page in reading.pages}
    numbers = sorted(sizes) or range(max(record.page_count, 1))
    pages = []
    for number in numbers:
        source = resources.page_address(record.id, number)
        if source:
            size = sizes.get(number)
            pages.append({"number": number, "source": source, "width": size.width if size else None,
                          "height": size.height if size else None})  # fmt: skip
    return {
        "document": record.id,
        "pages": pages,
        "boxes": boxes(sheet) if sheet else [],
        "labels": viewer_labels(frame),
    }


def viewer_labels(frame: Frame) -> dict[str, str]:
    """Return the texts of the viewer's buttons."""
    return {name: frame.text(f"viewer.{name}") for name in _LABELS}
