"""What all sessions of this process share: the only caches, and whether `server.py` serves the pages."""

import base64
import dataclasses
import getpass
import logging
import threading
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from extraction.errors import ExtractionError
from extraction.validation.office import install
from review.pictures import WHOLE, scaled
from review.queue import start_worker
from review.signing import PICTURE_STEP, Signer, signer_of
from review.snippets import box_of, name_of, snippet
from review.workflow import OriginalMissingError, Record, StorageError, Workspace, open_workspace
from schemas.layout import BoundingBox
from settings import Settings, get_settings

logger = logging.getLogger(__name__)

SAMPLES = Path(__file__).parents[2] / "samples"
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif"}
_served = threading.Event()


def mark_served() -> None:
    """Note that this process has the image and upload routes and a worker of its own (`server.py` calls it)."""
    _served.set()


def is_served() -> bool:
    """Whether the image and upload routes are there; else pages fall back on what Streamlit itself offers."""
    return _served.is_set()


def settings() -> Settings:
    """Return the settings of this process."""
    return get_settings()


def user() -> str:
    """Return the name that is written to the history."""
    return settings().user or getpass.getuser()


@st.cache_resource(max_entries=4, show_spinner=False)
def _workspace(data: str, database_url: str | None) -> Workspace:  # the arguments are the key: tests use many folders
    install(settings().rules_files)  # a changed record is checked with the office's rules too
    return open_workspace(settings())


def workspace() -> Workspace:
    """Return the records of the data folder, opened once; without `server.py` the worker starts with it."""
    opened = _workspace(str(settings().data), settings().database_url)
    if not is_served():
        _worker(str(settings().data), settings().database_url)
    return opened


@st.cache_resource(max_entries=4, show_spinner=False)
def _worker(data: str, database_url: str | None) -> bool:
    start_worker(settings())
    return True


def page_image(record: str, page: int) -> tuple[bytes, str] | None:
    """Return a page for the browser and its media type: the upright page, else a small original that is a picture."""
    try:
        return workspace().page_image(record, page), "image/jpeg"
    except OriginalMissingError:
        return _original_picture(record) if page == 0 else None
    except StorageError:
        return None


def _original_picture(record: str) -> tuple[bytes, str] | None:
    try:
        _, content = workspace().original(record)
    except StorageError:
        return None
    kinds = (media_type for magic, media_type in _PICTURES.items() if content.startswith(magic))
    media_type = next(kinds, None)
    return (content, media_type) if media_type and len(content) <= settings().limits.bytes else None


def page_address(record: str, page: int) -> str | None:
    """Return what an `img` can load: a signed address, or the picture itself where no route is there."""
    if is_served():
        return signer().sign(f"/api/pages/{record}/{page}.jpg")
    image = page_image(record, page)
    return f"data:{image[1]};base64,{base64.b64encode(image[0]).decode()}" if image else None


def page_snippet(record: str, page: int, name: str) -> bytes | None:
    """Return the part of a page that an address names, None where there is no such page or part."""
    try:
        return snippet(workspace().page_image(record, page), box_of(name))
    except (StorageError, ValueError, OSError):
        return None


def read_part(record: str, attempt: int, asked: Mapping[str, str]) -> dict[str, object] | None:
    """Return what stands in a box of a page, for the cell and the document type that are named with it."""
    from extraction.ocr import OcrEngine  # OpenCV takes a second
    from review.region import read_region

    try:
        box, page = box_of(asked["box"]), int(asked["page"])
        if box is None:
            return None
        picture = workspace().page_image(record, page, attempt)
        found = read_region(picture, box, OcrEngine(settings().ocr.threads), asked["type"], asked["path"])
    except (StorageError, ExtractionError, KeyError, ValueError, OSError) as error:
        logger.warning("a part of record %s was not read: %s", record, type(error).__name__)
        return None
    return dataclasses.asdict(found)


def region_address(record: Record) -> str | None:
    """Return where a part of a record's pages is read again; None where no route is there, or nothing was read."""
    if not is_served() or record.extraction is None:
        return None
    return signer().sign(f"/api/regions/{record.id}/{record.attempt}")


def snippet_address(record: str, page: int, box: BoundingBox | None) -> str | None:
    """Return what an `img` can load for a part of a page, the whole page without a box."""
    name = name_of(box)
    if is_served():
        return signer().sign(f"/api/pages/{record}/{page}/{name}.jpg")
    image = page_snippet(record, page, name)
    return f"data:image/jpeg;base64,{base64.b64encode(image).decode()}" if image else None


def picture(record: str, attempt: int, page: int, side: int) -> tuple[bytes, str] | None:
    """Return a page of one attempt no larger than `side`, the whole of it where that is `WHOLE`."""
    try:
        if side == WHOLE:
            return workspace().page_image(record, page, attempt), "image/jpeg"
        return _scaled(str(settings().data), record, attempt, page, side), "image/jpeg"
    except OriginalMissingError:
        return _original(record, page, side)
    except (StorageError, ValueError, OSError):
        return None


def _original(record: str, page: int, side: int) -> tuple[bytes, str] | None:
    """Return the picture of a document that was not read yet, or not at all."""
    found = page_image(record, page)
    try:
        return (scaled(found[0], side), "image/jpeg") if found and side != WHOLE else found
    except (ValueError, OSError):
        return found


@st.cache_resource(max_entries=128, ttl=PICTURE_STEP, show_spinner=False)  # some 200 KB each; an erased record goes
def _scaled(data: str, record: str, attempt: int, page: int, side: int) -> bytes:
    return scaled(workspace().page_image(record, page, attempt), side)


def attempt_of(record: Record) -> int:
    """Return the attempt whose pages are shown; 0 stands for the original of what was not read yet."""
    return record.attempt if record.extraction is not None else 0


def picture_address(record: Record, page: int, side: int) -> str | None:
    """Return what an `img` can load for a page in a size; the same for an hour, so that the browser keeps it."""
    attempt = attempt_of(record)
    if is_served():
        return signer().sign(f"/api/pictures/{record.id}/{attempt}-{page}-{side}.jpg", step=PICTURE_STEP)
    found = picture(record.id, attempt, page, side)
    if found is None:
        return None
    if st.runtime.exists():
        files = st.runtime.get_instance().media_file_mgr
        return files.add(*found, coordinates=f"{record.id}-{page}-{side}")
    return f"data:{found[1]};base64,{base64.b64encode(found[0]).decode()}"


@st.cache_resource(max_entries=4, show_spinner=False)
def _signer(data: str) -> Signer:
    return signer_of(Path(data))


def signer() -> Signer:
    """Return the signer of the data folder."""
    return _signer(str(settings().data))
