"""A page to print on that remembers where each value was printed."""

import random

from PIL import Image, ImageDraw

from structures.faces import Face, Style, font

Box = tuple[float, float, float, float]


class Canvas:
    """A white page in pixels; `boxes` are of the cells' paths."""

    def __init__(self, style: Style, height: int = 4200) -> None:
        self.style = style
        self.image = Image.new("RGB", (style.width, height), "white")
        self.boxes: dict[str, list[Box]] = {}
        self._draw = ImageDraw.Draw(self.image)

    @property
    def left(self) -> int:
        return self.style.margin

    @property
    def right(self) -> int:
        return self.style.width - self.style.margin

    def measure(self, text: str, size: int | None = None, face: Face | None = None) -> float:
        """Return the width of a text."""
        return font(face or self.style.data, size or self.style.size).getlength(text)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: str = "lm",
        path: str | None = None,
        size: int | None = None,
        form: bool = False,
    ) -> Box:
        """Print a text, in the form's ink or the printer's; return its box."""
        style = self.style
        if not form:
            x, y = x + style.shift[0], y + style.shift[1]
        face = font(style.form if form else style.data, size or style.size)
        self._draw.text((x, y), text, fill=style.ink if form else style.pen, font=face, anchor=anchor)
        box = self._draw.textbbox((x, y), text, font=face, anchor=anchor)
        self._note(path, box)
        return box

    def spread(self, x0: float, x1: float, y: float, text: str, *, path: str | None = None, form: bool = False) -> None:
        """Print a text with its characters set apart over a width."""
        size = self.style.size
        gap = (x1 - x0 - size) / max(1, len(text) - 1)
        boxes = [self.text(x0 + index * gap, y, character, form=form) for index, character in enumerate(text)]
        self._note(path, (boxes[0][0], min(b[1] for b in boxes), boxes[-1][2], max(b[3] for b in boxes)))

    def turned(self, x: float, y: float, text: str) -> None:
        """Print a text turned by 90° (read from below), centred."""
        face = font(self.style.form, self.style.size)
        left, top, right, bottom = face.getbbox(text)
        mask = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4), 0)
        ImageDraw.Draw(mask).text((2 - left, 2 - top), text, fill=255, font=face)
        mask = mask.transpose(Image.Transpose.ROTATE_90)
        self.image.paste(self.style.ink, (round(x - mask.width / 2), round(y - mask.height / 2)), mask)

    def rule(self, x0: float, y0: float, x1: float, y1: float, *, dotted: bool = False, width: int = 2) -> None:
        """Draw a ruling."""
        if not dotted:
            self._draw.line((x0, y0, x1, y1), fill=self.style.ink, width=width)
            return
        length = max(abs(x1 - x0), abs(y1 - y0))
        for start in range(0, int(length), 9):
            part, end = start / length, min(1.0, (start + 4) / length)
            self._draw.line(
                (x0 + (x1 - x0) * part, y0 + (y1 - y0) * part, x0 + (x1 - x0) * end, y0 + (y1 - y0) * end),
                fill=self.style.ink,
                width=width,
            )

    def stamp(self, rng: random.Random, x: float, y: float, size: int) -> None:
        """Press a red stamp, round or square, over what is printed."""
        layer = Image.new("RGBA", (size, size), (0, 0, 0, 0))
        pen = ImageDraw.Draw(layer)
        red = (200, 40, 50, rng.randint(110, 190))
        shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        shape((3, 3, size - 4, size - 4), outline=red, width=4)
        small = font(self.style.form, max(12, size // 7))
        texts = ("收費專用", f"{rng.randint(108, 114)}.{rng.randint(1, 12)}.{rng.randint(1, 28)}", "收訖")
        for line, text in enumerate(texts):
            pen.text((size / 2, size * (0.28 + 0.22 * line)), text, fill=red, font=small, anchor="mm")
        layer = layer.rotate(rng.uniform(-25, 25), Image.Resampling.BICUBIC, expand=True)
        self.image.paste(layer, (round(x - layer.width / 2), round(y - layer.height / 2)), layer)

    def scribble(self, rng: random.Random, x: float, y: float) -> None:
        """Leave a mark of a pen."""
        points = [(x + step * 9 + rng.uniform(-4, 4), y + rng.uniform(-14, 14)) for step in range(rng.randint(5, 14))]
        self._draw.line(points, fill=rng.choice(((30, 50, 150), (40, 40, 40))), width=3, joint="curve")

    def cut(self, bottom: float) -> None:
        """End the page below what is printed."""
        self.image = self.image.crop((0, 0, self.style.width, min(self.image.height, int(bottom))))
        self._draw = ImageDraw.Draw(self.image)

    def _note(self, path: str | None, box: tuple[float, float, float, float]) -> None:
        if path is not None:
            self.boxes.setdefault(path, []).append((box[0], box[1], box[2], box[3]))
