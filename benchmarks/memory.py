"""Peak memory of the built-in reader on a long scanned PDF: `python benchmarks/memory.py FOLDER [PAGES]`.

The PDF is made of a few pictures of the folder in a process of its own, so that only reading counts.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from extraction.pipeline import make_pipeline
from settings import Settings

TARGET = 1000
"""Megabytes."""
_DISTINCT = 5


def make_pdf(folder: str, pages: int, path: str) -> None:
    """Write a PDF whose pages are photographs of receipts, as a scanner's software makes it."""
    found = sorted(
        file for file in Path(folder).iterdir() if file.suffix == ".jpg" and file.stem.startswith(("A", "E"))
    )
    pictures = [Image.open(file).convert("RGB") for file in found[:: max(1, len(found) // _DISTINCT)][:_DISTINCT]]
    first, *rest = [pictures[number % len(pictures)] for number in range(pages)]
    first.save(path, "PDF", save_all=True, append_images=rest, resolution=150, quality=90)


def main(folder: str, pages: int = 100) -> None:
    """Print seconds a page and the peak; exit code 1 where it is over the target."""
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "long.pdf"
        maker = multiprocessing.get_context("spawn").Process(target=make_pdf, args=(folder, pages, str(path)))
        maker.start()
        maker.join()
        data = path.read_bytes()
    started = time.process_time()
    extraction = make_pipeline(Settings()).extract(data, path.name).extraction
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    error = extraction.error.code if extraction.error else "none"
    print(f"{pages} pages in {len(data) / 2**20:.0f} MB, error {error}: {seconds / pages:.2f} s of CPU a page")
    print(f"peak memory {peak:.0f} MB, target {TARGET} MB")
    sys.exit(peak > TARGET)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
