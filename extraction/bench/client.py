"""Documents a minute through our own pipeline, beside a bare `openai` loop on the same endpoint in the same run.

The endpoint answers after a constant time, so a bare loop gives what the server can give, and what is missing from it
is ours: loading, the picture, the stream's guard, shaping, rules. One document is one question (strategy `structure`),
its type is known and no OCR runs: the built-in reader has its own measure, `benchmarks/reading.py`.
"""

import io
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from openai import OpenAI
from PIL import Image, ImageDraw

from extraction.bench.endpoint import MODEL, constant_latency
from extraction.pipeline import Pipeline
from extraction.prompts import prompt, render
from extraction.readers.picture import prepare
from extraction.readers.profiles import Bounds, Picture, Profile
from extraction.readers.vlm import VlmReader
from extraction.readers.wire import wire_model
from settings import Limits

LEVELS = (1, 4, 16, 64)
TARGET = 0.95
"""Of the bare loop's documents a minute."""
_TYPE: Literal["medical_receipt"] = "medical_receipt"
_PAGE = 1240, 1754  # A4 at 150 dots an inch, a usual photo of a receipt after cropping
_ROWS = 12
_AHEAD = 4  # one document is prepared for so many that are asked about
_PIECE = 4  # characters of a token of JSON
_SAMPLE = 0.05  # seconds between two looks at the memory
_MEMORY = Path("/proc/self/statm")


@dataclass(frozen=True)
class Pace:
    """What one loop did at one level."""

    per_minute: float
    """Documents, counted from when every worker had given its first one."""
    cpu: float
    """Seconds of one core that a document took of this process, on a machine however busy."""
    peak_memory: int | None
    """Bytes of this process; None where the system does not tell."""


@dataclass(frozen=True)
class Level:
    """Both loops at one number of questions at a time."""

    concurrency: int
    bare: Pace
    ours: Pace

    @property
    def ratio(self) -> float:
        """Our documents a minute, as a share of the bare loop's."""
        return self.ours.per_minute / self.bare.per_minute


def measure(levels: Sequence[int] = LEVELS, latency: float = 6.0, rounds: int = 3) -> Iterator[Level]:
    """Yield what both loops do at each level; `rounds` documents for each question at a time, at least two.

    More documents are in work than questions are asked at a time: the next picture is made while the server answers,
    as with a worker that takes some more than its reader's places. The
    endpoint lets no more than `bounds.concurrency` through.
    """
    page = draw_page()
    answer = make_answer()
    pieces = [answer[place : place + _PIECE] for place in range(0, len(answer), _PIECE)]
    with constant_latency(latency, pieces) as base_url:
        for concurrency in levels:
            profile = _profile(base_url, concurrency)
            ours = [_Ours(profile, page) for _ in range(concurrency + max(1, concurrency // _AHEAD))]
            bare = _Bare(profile, page, latency)
            count = concurrency * max(rounds, 2)
            paces = _pace([bare.ask] * concurrency, count), _pace([each.read for each in ours], count)
            yield Level(concurrency, *paces)


class _Bare:
    """What a script of ten lines would do: one question, made once."""

    def __init__(self, profile: Profile, page: bytes, latency: float) -> None:
        self._client = OpenAI(base_url=profile.base_url, api_key="none", max_retries=0, timeout=latency * 10 + 60)
        url = prepare(Image.open(io.BytesIO(page)), profile.picture).data_url
        text = render(prompt(profile.prompts.structure), _TYPE)
        picture = {"type": "image_url", "image_url": {"url": url}}
        schema = {"name": _TYPE, "schema": wire_model(_TYPE).model_json_schema()}
        self._question: dict[str, Any] = {
            "model": profile.model,
            "messages": [{"role": "user", "content": [picture, {"type": "text", "text": text}]}],
            "max_tokens": profile.bounds.structure_tokens,
            "temperature": 0.0,
            "response_format": {"type": "json_schema", "json_schema": schema},
            "stream": True,
        }

    def ask(self) -> None:
        answer = ""
        for chunk in self._client.chat.completions.create(**self._question):
            answer += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        json.loads(answer)


class _Ours:
    """One worker of the product."""

    def __init__(self, profile: Profile, page: bytes) -> None:
        self._pipeline = Pipeline({profile.name: VlmReader(profile)}, Limits())
        self._profile = profile
        self._page = page

    def read(self) -> None:
        outcome = self._pipeline.extract(self._page, "page.jpg", document_type=_TYPE, readers=(self._profile.name,))
        error = outcome.extraction.error
        if error is not None:
            raise RuntimeError(f"{error.code} {error.parameters}")


def _profile(base_url: str, concurrency: int) -> Profile:
    return Profile(
        name=f"bench_{concurrency}",
        base_url=base_url,
        model=MODEL,
        dialect="vllm",
        strategy="structure",
        picture=Picture(long_side=1700, tokens="patches28"),
        bounds=Bounds(concurrency=concurrency),
    )


def _pace(workers: Sequence[Callable[[], None]], count: int) -> Pace:
    """Let the workers read `count` documents after a first one each, and time those."""
    ends: list[float] = []
    left = iter(range(count))

    def work(read: Callable[[], None]) -> None:
        read()
        ends.append(time.perf_counter())
        for _ in left:
            read()
            ends.append(time.perf_counter())

    spent = time.process_time()
    with _Memory() as memory, ThreadPoolExecutor(len(workers)) as pool:
        for done in [pool.submit(work, read) for read in workers]:
            done.result()
    ends.sort()
    warm, total = len(workers), len(ends)
    per_minute = (total - warm) * 60 / (ends[-1] - ends[warm - 1])
    return Pace(per_minute, (time.process_time() - spent) / total, memory.peak)


class _Memory:
    """Watches what this process holds."""

    def __init__(self) -> None:
        self.peak: int | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        if not _MEMORY.exists():
            return
        while not self._stop.wait(_SAMPLE):
            pages = int(_MEMORY.read_text(encoding="ascii").split()[1])
            self.peak = max(self.peak or 0, pages * 4096)


def draw_page() -> bytes:
    """Draw a page with as much to compress as a photo has."""
    grain = np.random.default_rng(7).normal(244, 5, (_PAGE[1], _PAGE[0], 1))
    image = Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8).repeat(3, axis=2))
    draw = ImageDraw.Draw(image)
    for row in range(30):
        draw.text((90, 120 + 50 * row), f"{row:02} RECEIPT LINE {row * 7919 % 10007:>8} {row * 31 % 97:>8}", "black",
                  font_size=30)  # fmt: skip
    data = io.BytesIO()
    image.save(data, "JPEG", quality=92)
    return data.getvalue()


def make_answer() -> str:
    """Return what the made-up model says of the page."""
    names = (
        "診察費",
        "藥費",
        "藥事服務費",
        "檢查費",
        "注射技術費",
        "特殊材料費",
        "手術費",
        "麻醉費",
        "病房費",
        "膳食費",
    )
    items = [
        {"name": f"{names[row % 10]}", "nhi_amount": str(100 + row * 37), "copayment_amount": None,
         "self_pay_amount": str(row % 3 * 150)}
        for row in range(_ROWS)
    ]  # fmt: skip
    values: dict[str, Any] = {"hospital_name": "示範醫院", "patient_name": "王小明", "visit_date": "114/05/21",
                              "nhi_total": str(sum(int(item["nhi_amount"] or 0) for item in items)),
                              "self_pay_total": str(sum(int(item["self_pay_amount"] or 0) for item in items)),
                              "items": items, "copayments": []}  # fmt: skip
    return json.dumps({name: values.get(name) for name in wire_model(_TYPE).model_fields}, ensure_ascii=False)
