"""Draw receipts with their truth: `PYTHONPATH=tests python -m structures.draw OUT --seed 1 --count 40 --set open`."""

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from structures import held_out_kinds, more_kinds, open_kinds, opened_kinds
from structures.canvas import Box
from structures.document import Document
from structures.photo import degrade

LEVELS = ("clean", "light", "photo", "heavy")
SETS = {"open": open_kinds.KINDS + more_kinds.KINDS, "opened": opened_kinds.KINDS, "held-out": held_out_kinds.KINDS}


def draw_document(which: str, seed: int, index: int, *, noto_only: bool = False) -> Document:
    """Return one document, the same for the same set, seed, index and fonts."""
    kinds = SETS[which]
    rng = random.Random(f"{which} {seed} {index}")  # noqa: S311
    return kinds[index % len(kinds)](rng, noto_only=noto_only)


def pictures(document: Document, level: str, seed: str) -> Iterator[tuple[Image.Image, dict[str, list[list[float]]]]]:
    """Return the pages as pictures of a level, with the boxes as fractions of the page."""
    for number, page in enumerate(document.pages):
        rng = random.Random(f"{seed} {level} {number}")  # noqa: S311
        image, boxes = degrade(page.image, page.boxes, level, rng)
        yield image, {path: [_fraction(box, image) for box in found] for path, found in boxes.items()}


def _fraction(box: Box, image: Image.Image) -> list[float]:
    width, height = image.size
    edges = (box[0] / width, box[1] / height, box[2] / width, box[3] / height)
    return [round(min(1.0, max(0.0, edge)), 4) for edge in edges]


def label(document: Document, name: str, level: str, boxes: list[dict[str, list[list[float]]]]) -> dict[str, Any]:
    """Return the line of `labels.jsonl`; boxes of further pages stand in `more_boxes`."""
    found = {"file": name, "level": level, "document_type": "medical_receipt", "layout": document.kind, "variant": None,
             "kind": document.kind, "document": document.truth, "boxes": boxes[0]}  # fmt: skip
    if len(boxes) > 1:
        found["more_boxes"] = boxes[1:]
    if document.is_headless:
        found["headless"] = True
    return found


def write(out: Path, which: str, seed: int, indices: range, levels: list[str], *, noto_only: bool = False) -> None:
    """Draw documents into a folder, adding to the labels that it has."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / "labels.jsonl").open("a", encoding="utf-8") as labels:
        for index in indices:
            document = draw_document(which, seed, index, noto_only=noto_only)
            for level in levels:
                drawn = list(pictures(document, level, f"{which} {seed} {index}"))
                name = f"{document.kind}_{seed}_{index:03d}_{level}"
                name += _save([image for image, _ in drawn], out / name, level)
                line = label(document, name, level, [boxes for _, boxes in drawn])
                labels.write(json.dumps(line, ensure_ascii=False) + "\n")
                labels.flush()


def _save(images: list[Image.Image], path: Path, level: str) -> str:
    """Save the pages and return the ending that their format has."""
    if len(images) > 1:
        images[0].save(path.with_suffix(".tif"), save_all=True, append_images=images[1:], compression="tiff_lzw")
        return ".tif"
    ending = ".png" if level == "clean" else ".jpg"
    images[0].save(path.with_suffix(ending), quality=92)
    return ending


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="index of the first document")
    parser.add_argument("--levels", default="clean,photo", help=",".join(LEVELS))
    parser.add_argument("--set", choices=sorted(SETS), default="open", dest="which")
    options = parser.parse_args()
    indices = range(options.first, options.first + options.count)
    write(options.out, options.which, options.seed, indices, options.levels.split(","))


if __name__ == "__main__":
    main()
