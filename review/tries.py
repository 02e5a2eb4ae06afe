"""One picture read by one reader to see what it says; kept in the data folder, no part of the records."""

import datetime as dt
import io
import re
import shutil
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from pydantic import BaseModel, ValidationError

from extraction.page import PageImage
from extraction.pipeline import Outcome, Pipeline, with_eyes
from extraction.readers import READERS, make_readers, profile_of
from extraction.readers.base import DocumentTypeChoice
from extraction.readers.profiles import ReaderOptions
from extraction.remembering import PageEngine
from review.background import Task
from schemas.result import Attempt, Extraction
from settings import Settings

_MOST_KEPT = 100
"""Tries kept of all people together; the oldest go."""
_LONG_SIDE = 2000  # pixels of the picture as it is shown
_ID = re.compile(r"[0-9]{14}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Wish:
    """What is to be tried."""

    name: str
    data: bytes
    reader: str
    document_type: DocumentTypeChoice = "auto"
    options: ReaderOptions | None = None


class Said(BaseModel):
    """What a model said to one question, as it streamed."""

    kind: str
    question: int = 0
    """Its number; a question that is asked again has another."""
    text: str = ""


class Try(BaseModel):
    """One try as it is kept."""

    id: str
    at: dt.datetime
    user: str
    file: str
    reader: str
    document_type: str = "auto"
    options: ReaderOptions | None = None
    said: list[Said] = []
    extraction: Extraction | None = None
    """None where the program itself failed."""
    pages: int = 0

    @property
    def attempts(self) -> list[Attempt]:
        """The questions with what each cost."""
        readings = self.extraction.readings if self.extraction else []
        return [attempt for reading in readings for attempt in reading.attempts]


class Run:
    """A try on its way; may be looked at while it goes on."""

    def __init__(self, settings: Settings, history: "Tries", wish: Wish, user: str) -> None:
        """Begin in the background."""
        self.wish = wish
        self.started = time.monotonic()
        self.cancel = threading.Event()
        self._settings, self._history, self._user = settings, history, user
        self._said: list[Said] = []
        self._task: Task[Try] = Task(self._run)

    @property
    def is_done(self) -> bool:
        """Whether it ended."""
        return self._task.is_done

    @property
    def result(self) -> Try | None:
        """The try as it was kept; None before it ends, and where the program failed."""
        return self._task.value

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self.started

    @property
    def said(self) -> tuple[Said, ...]:
        """What came until now."""
        return tuple(self._said)

    def _hear(self, kind: str, question: int, piece: str) -> None:
        if not self._said or (self._said[-1].question, self._said[-1].kind) != (question, kind):
            self._said.append(Said(kind=kind, question=question))
        self._said[-1].text += piece

    def _run(self) -> Try:
        wish = self.wish
        outcome = self._pipeline().extract(
            wish.data, wish.name, document_type=wish.document_type, readers=(wish.reader,), cancel=self.cancel
        )
        made = Try(id=f"{dt.datetime.now(dt.UTC):%Y%m%d%H%M%S}-{uuid.uuid4().hex[:8]}", at=dt.datetime.now(dt.UTC),
                   user=self._user, file=wish.name, reader=wish.reader, document_type=wish.document_type,
                   options=wish.options, said=self._said, extraction=outcome.extraction,
                   pages=len(outcome.pages))  # fmt: skip
        self._history.keep(made, wish.data, outcome)
        return made

    def _pipeline(self) -> Pipeline:
        name, settings = self.wish.reader, self._settings
        engine = PageEngine(settings.ocr.threads)
        if name in READERS:
            readers = make_readers((name,), settings, engine=engine)
        else:
            from extraction.readers.vlm import VlmReader  # openai takes a second

            profile = profile_of(name, settings, self.wish.options)
            readers = {name: VlmReader(profile, hint=lambda page: engine.read(page.image, page.number),
                                       on_text=self._hear, rows=lambda page: _rows(page, engine))}  # fmt: skip
        return with_eyes(readers, settings, engine)


def _rows(page: PageImage, engine: PageEngine) -> int:
    from extraction.readers.bands import count_rows

    return count_rows(engine.find_boxes(page.image), page.image.size)


class Tries:
    """The history, one folder a try."""

    def __init__(self, data: Path) -> None:
        """Take the data folder."""
        self._folder = data / "tries"

    def keep(self, made: Try, original: bytes, outcome: Outcome) -> None:
        """Store a try with its picture; of too many the oldest go."""
        folder = self._folder / made.id
        folder.mkdir(parents=True)
        self._folder.chmod(0o700)
        (folder / "original").write_bytes(original)
        for page in outcome.pages:
            (folder / f"{page.number}.jpg").write_bytes(_jpeg(page))
        (folder / "try.json").write_text(made.model_dump_json(), encoding="utf-8")
        for old in sorted(self._ids())[:-_MOST_KEPT]:
            shutil.rmtree(self._folder / old, ignore_errors=True)

    def of(self, user: str) -> Sequence[Try]:
        """Return a person's tries, newest first."""
        found = (self.get(each, user) for each in sorted(self._ids(), reverse=True))
        return [each for each in found if each is not None]

    def get(self, try_id: str, user: str) -> Try | None:
        """Return one try of a person; None where it is gone or somebody else's."""
        if not _ID.fullmatch(try_id):
            return None
        try:
            made = Try.model_validate_json((self._folder / try_id / "try.json").read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            return None
        return made if made.user == user else None

    def pages(self, made: Try) -> list[bytes]:
        """Return the pages as JPEG."""
        return [path.read_bytes() for path in sorted((self._folder / made.id).glob("*.jpg"), key=lambda p: int(p.stem))]

    def original(self, made: Try) -> bytes:
        """Return the bytes that were read; OSError where they are gone."""
        return (self._folder / made.id / "original").read_bytes()

    def delete(self, made: Try) -> None:
        """Forget a try and its picture."""
        shutil.rmtree(self._folder / made.id, ignore_errors=True)

    def _ids(self) -> list[str]:
        return (
            [path.name for path in self._folder.glob("*") if _ID.fullmatch(path.name)] if self._folder.is_dir() else []
        )


def _jpeg(page: PageImage) -> bytes:
    image = page.image.copy()
    image.thumbnail((_LONG_SIDE, _LONG_SIDE), Image.Resampling.LANCZOS)
    held = io.BytesIO()
    image.convert("RGB").save(held, "JPEG", quality=85)
    return held.getvalue()
