"""A worker process whose reader asks one model server and nothing else: `python -m review.bench.worker`.

It reads one line of JSON (`data`, `database_url`, `reader`) on standard input and works until standard input ends.
"""

import json
import sys
from pathlib import Path
from typing import IO

from extraction.pipeline import Pipeline
from extraction.readers.profiles import load_profiles
from extraction.readers.vlm import VlmReader
from review.queue import start_worker, stop_worker
from settings import Limits, Settings


def main(given: IO[str]) -> None:
    """Work; says `started` when it has begun."""
    told = json.loads(given.readline())
    settings = Settings(data=Path(told["data"]), database_url=told["database_url"])
    profile = load_profiles(settings.profiles_file)[told["reader"]]
    # as `bench client`: no OCR turns the page or looks at the values, two cores would be busy with nothing else
    start_worker(settings, make=lambda names, _: Pipeline({name: VlmReader(profile) for name in names}, Limits()))
    print("started", flush=True)
    given.read()
    stop_worker()


if __name__ == "__main__":
    main(sys.stdin)
