"""Pictures with zoom, without cells: the document viewer on its own."""

import base64
from collections.abc import Sequence

from review.components.assets import component, read
from review.components.document_viewer import viewer_labels
from review.components.page_frame import Frame

_viewer = component(
    "picture",
    html=read("document_viewer.html"),
    js=("region_marker.js", "document_viewer.js", "picture_viewer.js"),
    css=("base.css", "document_viewer.css", "picture_viewer.css"),
)


def picture_viewer(frame: Frame, document: str, pages: Sequence[bytes], media_type: str = "image/jpeg") -> None:
    """Show pages; `document` is a name that changes with them."""
    sources = [f"data:{media_type};base64,{base64.b64encode(page).decode()}" for page in pages]
    shown = [
        {"number": number, "source": source, "width": None, "height": None} for number, source in enumerate(sources)
    ]
    _viewer(
        key="picture.viewer", data={"document": document, "pages": shown, "boxes": [], "labels": viewer_labels(frame)}
    )
