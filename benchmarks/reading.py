"""Seconds a page and peak memory of the built-in reader, and the share of OCR: `python benchmarks/reading.py FOLDER`.

Ratios are what counts: the machines are noisy, so OCR alone and the whole pipeline run on the same pages in one run.
CPU seconds are of this process, on a machine however busy; with one thread they are what an idle core takes.
"""

import resource
import statistics
import sys
import time
from pathlib import Path

from extraction.loading import load
from extraction.ocr import OcrEngine
from extraction.pipeline import make_pipeline
from settings import Settings

TARGETS = {"without doubt": 2.2, "with a second read": 5.0}
"""Seconds a page on one core."""


def main(folder: str, count: int = 20) -> None:
    """Print the figures for the first `count` pictures of a folder."""
    settings = Settings()
    paths = sorted(path for path in Path(folder).iterdir() if path.suffix in {".png", ".jpg"})
    paths = paths[:: max(1, len(paths) // count)]
    engine, pipeline = OcrEngine(settings.ocr.threads), make_pipeline(settings)
    started = time.perf_counter()
    pipeline.extract(paths[0].read_bytes(), paths[0].name)
    print(f"first result after {time.perf_counter() - started:.1f} s")
    ocr: list[float] = []
    whole: list[float] = []
    cpu: dict[str, list[float]] = {kind: [] for kind in TARGETS}
    for path in paths:
        data = path.read_bytes()
        page = load(data, path.name, settings.limits).pages[0]
        started = time.perf_counter()
        engine.read(page.image)
        ocr.append(time.perf_counter() - started)
        started, begun = time.perf_counter(), time.process_time()
        readings = pipeline.extract(data, path.name).extraction.readings
        whole.append(time.perf_counter() - started)
        again = any(len(reading.attempts) > 1 for reading in readings)
        cpu["with a second read" if again else "without doubt"].append(time.process_time() - begun)
    print(f"{len(paths)} pages: OCR {statistics.mean(ocr):.2f} s, whole pipeline {statistics.mean(whole):.2f} s a page")
    print(f"ratio {sum(whole) / sum(ocr):.2f}, slowest page {max(whole):.2f} s")
    for kind, seconds in cpu.items():
        if seconds:
            mean, most = statistics.mean(seconds), max(seconds)
            print(
                f"{len(seconds)} pages {kind}: {mean:.2f} s of CPU a page, {most:.2f} at most, target {TARGETS[kind]}"
            )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1])
