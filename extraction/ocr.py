"""RapidOCR with its bundled models: from a page image to text lines with a box for every character."""

import logging
import threading
import unicodedata
import weakref
from collections.abc import Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from extraction.errors import ReaderError, ReaderUnavailableError
from schemas.layout import BoundingBox, TextLine

Quads = NDArray[np.float32]
"""Detected lines, n × 4 corners × (x, y) in pixels: top left, top right, bottom right, bottom left."""

LONGEST_SIDE = 3200
"""Pixels beyond which a page is shrunk first: the print of a phone photo keeps far more than the recogniser's 48."""

_PARAMETERS = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "Global.text_score": 0.0,
    "Det.limit_type": "max",
    "Det.limit_side_len": 960,  # better and cheaper than more pixels, measured
    "Det.box_thresh": 0.3,  # keeps pale digits and dashes
    "Rec.rec_img_shape": [3, 48, 96],  # the smallest width of a batch; 320 pads every short cell
}
_FOREIGN_SCRIPTS = ("HIRAGANA", "KATAKANA", "HANGUL", "CYRILLIC", "THAI", "ARABIC")


class OcrEngine:
    """Reads traditional Chinese, Latin letters and digits. All engines of a process share one set of models."""

    def __init__(self, threads: int = 1) -> None:
        """Take the CPU threads of one reading; the models are loaded at the first use."""
        self._threads = threads

    def read(self, image: Image.Image, page: int = 0, *, red_channel: bool = True) -> list[TextLine]:
        """Return every line, those of a low score too; the red channel makes red stamps vanish."""
        with _LOCK:
            models = _models(self._threads)
            pixels = _pixels(image, red_channel)
            quads = models.detect(image, pixels, red_channel)
            return [line for line in models.recognize(pixels, quads, page) if line.text.strip()]

    def find_boxes(self, image: Image.Image) -> Quads:
        """Return where the detector sees text; a later `read` of the same image does not detect again."""
        with _LOCK:
            quads = _models(self._threads).detect(image, _pixels(image, True), True)
            return quads / np.float32(_scale(image))

    def read_boxes(self, image: Image.Image, boxes: Quads, *, red_channel: bool = True) -> list[TextLine]:
        """Return one line for each box (pixels of the image), its text empty where nothing was made out."""
        with _LOCK:
            models, scaled = _models(self._threads), boxes * np.float32(_scale(image))
            return models.recognize(_pixels(image, red_channel), scaled, 0)


class RememberingEngine(OcrEngine):
    """Gives the lines of an image that it has read before: several readers of one document share them."""

    def __init__(self, threads: int = 1) -> None:
        """Take the CPU threads of one reading."""
        super().__init__(threads)
        self._known: dict[tuple[int, bool], tuple[weakref.ref[Image.Image], list[TextLine]]] = {}

    def read(self, image: Image.Image, page: int = 0, *, red_channel: bool = True) -> list[TextLine]:
        """Return every line, as before where the image still is the same."""
        known = self._known.get((id(image), red_channel))
        if known is not None and known[0]() is image:
            return list(known[1])
        lines = super().read(image, page, red_channel=red_channel)
        self._known = {key: entry for key, entry in self._known.items() if entry[0]() is not None}
        self._known[id(image), red_channel] = (weakref.ref(image), lines)
        return list(lines)


_LOCK = threading.RLock()


class _Models:
    """Detector and recogniser, and the last detection, so that finding the orientation is not paid twice."""

    def __init__(self, threads: int) -> None:
        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
        from rapidocr import RapidOCR  # heavy, and it sets up its own logging

        try:
            rapid = RapidOCR(params={**_PARAMETERS, "EngineConfig.onnxruntime.intra_op_num_threads": threads})
            self._detector = rapid._load_det_model()
            self._recognizer = rapid._load_rec_model()
        except _engine_errors() as error:
            raise ReaderUnavailableError(reader="local", cause=type(error).__name__) from error
        self._crop = rapid.crop_text_regions
        self._recognizer.postprocess_op = _TraditionalOnly(self._recognizer.postprocess_op)
        self._last: tuple[weakref.ref[Image.Image], bool, Quads] | None = None

    def detect(self, image: Image.Image, pixels: NDArray[np.uint8], red_channel: bool) -> Quads:
        if self._last is not None and self._last[0]() is image and self._last[1] == red_channel:
            return self._last[2].copy()
        try:
            boxes = self._detector(pixels).boxes
        except _engine_errors() as error:
            raise ReaderError(cause=type(error).__name__) from error
        quads = np.zeros((0, 4, 2), np.float32) if boxes is None else np.asarray(boxes, np.float32)
        self._last = (weakref.ref(image), red_channel, quads)
        return quads.copy()

    def recognize(self, pixels: NDArray[np.uint8], quads: Quads, page: int) -> list[TextLine]:
        if len(quads) == 0:
            return []
        from rapidocr.ch_ppocr_rec import TextRecInput

        try:
            found = self._recognizer(TextRecInput(img=self._crop(pixels, quads), return_word_box=True))
        except _engine_errors() as error:
            raise ReaderError(cause=type(error).__name__) from error
        size = np.array([pixels.shape[1], pixels.shape[0]], np.float32)
        lines = zip(quads, found.txts or (), found.scores or (), found.word_results or (), strict=True)
        return [
            _line(quad, text, _clear_score(text, score, words), words, size, page) for quad, text, score, words in lines
        ]


@cache
def _models(threads: int) -> _Models:
    return _Models(threads)


def _engine_errors() -> tuple[type[Exception], ...]:
    from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError

    return (ONNXRuntimeError, cv2.error, OSError, ValueError, RuntimeError)


class _TraditionalOnly:
    """Keeps the recogniser to what Taiwan prints: the largest single gain measured, on photos 6 lines in 100.

    The alphabet also holds simplified, Japanese and Korean characters; their probability is set to zero before the
    best one of a place is taken.
    """

    def __init__(self, decode: Any) -> None:  # noqa: ANN401 - rapidocr has no types
        self._decode = decode
        self._keep = np.array([_is_printed_here(text) for text in decode.character], np.float32)

    def __call__(self, predictions: NDArray[np.float32], *more: Any, **named: Any) -> Any:  # noqa: ANN401
        return self._decode(predictions * self._keep, *more, **named)


def _is_printed_here(text: str) -> bool:
    if len(text) != 1 or text.isascii():
        return True  # "blank" of the CTC, Latin letters, digits
    name = unicodedata.name(text, "")
    if name.startswith(("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH")):
        try:
            text.encode("cp950")
        except UnicodeEncodeError:
            return False
        return True
    return not name.startswith(_FOREIGN_SCRIPTS)


def _scale(image: Image.Image) -> float:
    return min(1.0, LONGEST_SIDE / max(image.size))


def _pixels(image: Image.Image, red_channel: bool) -> NDArray[np.uint8]:
    if (scale := _scale(image)) < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    colour = np.asarray(image.convert("RGB"))
    return np.repeat(colour[:, :, :1], 3, axis=2) if red_channel else np.ascontiguousarray(colour[:, :, ::-1])


# -- lines -----------------------------------------------------------------------------------------------------------


def _line(quad: Quads, text: str, score: float, words: Any, size: NDArray[np.float32], page: int) -> TextLine:  # noqa: ANN401
    corners = quad / size
    return TextLine(
        text=text,
        box=_around(corners),
        page=page,
        score=round(float(score), 4),
        character_scores=tuple(round(float(conf), 3) for conf in words.confs) if len(words.confs) == len(text) else (),
        corners=tuple((round(float(x), 5), round(float(y), 5)) for x, y in corners),
        characters=_characters(text, words, quad, size),
    )


def _clear_score(text: str, score: float, words: Any) -> float:  # noqa: ANN401
    """Return the mean score without the spaces: the recogniser is never sure of those, whatever the print."""
    if len(words.confs) != len(text) or not text.strip():
        return score if text.strip() else 0.0
    printed = [conf for character, conf in zip(text, words.confs, strict=True) if not character.isspace()]
    return float(sum(printed)) / len(printed)


def _around(points: NDArray[np.float32]) -> BoundingBox:
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return BoundingBox(float(left), float(top), float(right), float(bottom)).rounded()


def _characters(text: str, words: Any, quad: Quads, size: NDArray[np.float32]) -> tuple[BoundingBox, ...]:  # noqa: ANN401
    """Return a box for each character from the recogniser's columns; nothing where the line stands upright."""
    width, height = np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[3] - quad[0])
    columns = [column for word in words.word_cols for column in word]
    printed = [character for character in text if not character.isspace()]
    if not words.line_txt_len or height >= 1.5 * width or len(columns) != len(printed):
        return tuple(_around(quad / size) for _ in text) if len(text) == 1 else ()
    spans = _spans(printed, [(column + 0.5) / words.line_txt_len for column in columns], float(height / width))
    boxes, upcoming, end = [], iter(spans), 0.0
    for character in text:
        start, end = (end, end) if character.isspace() else next(upcoming)
        top, bottom = quad[1] - quad[0], quad[2] - quad[3]
        points = [quad[0] + top * start, quad[0] + top * end, quad[3] + bottom * start, quad[3] + bottom * end]
        boxes.append(_around(np.array(points, np.float32) / size))
    return tuple(boxes)


def _spans(characters: Sequence[str], centers: list[float], square: float) -> list[tuple[float, float]]:
    """Return from where to where each character reaches along the line; `square` is the line's height on that scale."""
    spans = []
    for index, (character, center) in enumerate(zip(characters, centers, strict=True)):
        # The detector pads its boxes: print is about 0.6 of their height, a digit half as wide as that.
        half = square * (0.18 if character.isascii() else 0.34)
        before = center - centers[index - 1] if index else 2 * half
        after = centers[index + 1] - center if index + 1 < len(centers) else 2 * half
        left, right = center - min(half, before / 2), center + min(half, after / 2)
        spans.append((min(max(left, 0.0), 1.0), min(max(right, 0.0), 1.0)))
    return spans
