"""What is wrong with a picture is measured and said, and a good one is left in peace."""

import numpy as np
import pytest
from drawing import Sheet
from PIL import Image, ImageDraw, ImageFilter

from extraction.layout.doubts import doubt_pages
from extraction.page import PageImage
from extraction.picture_quality import causes, measure
from extraction.readers.about_pages import quality
from review.i18n import LANGUAGES, catalog
from review.messages import flag_message
from schemas.layout import TextLine
from schemas.result import PageQuality, Reading


def _sheet() -> Sheet:
    sheet = Sheet()
    sheet.header()
    sheet.table(
        340, [(80, "lm"), (700, "rm"), (1100, "rm")], [("診察費", "320", "0"), ("特殊材料費", "4,410", "150")] * 6
    )
    return sheet


def _found(image: Image.Image, lines: list[TextLine], score: float = 0.98) -> list[str]:
    scored = [line.model_copy(update={"score": score}) for line in lines]
    return causes(quality(PageImage(0, image), scored))


def _on_grey_paper(sheet: Sheet) -> Image.Image:
    return sheet.image.point(lambda level: round(30 + level * 0.74))


def test_good_page_has_nothing_to_say() -> None:
    sheet = _sheet()

    assert _found(sheet.image, sheet.lines) == []
    assert _found(_on_grey_paper(sheet), sheet.lines) == []


@pytest.mark.parametrize(("score", "said"), [(0.98, []), (0.92, ["small"])])
def test_small_print_counts_where_it_is_not_read_clearly(score: float, said: list[str]) -> None:
    sheet = _sheet()

    assert _found(sheet.image.resize((620, 500), Image.Resampling.BOX), sheet.lines, score) == said


def test_blur_is_told_from_poor_print() -> None:
    sheet = _sheet()
    blurred = sheet.image.filter(ImageFilter.GaussianBlur(4))

    assert _found(blurred, sheet.lines, 0.85) == ["blurred"]
    assert _found(sheet.image, sheet.lines, 0.85) == ["poor"]
    assert measure(blurred, sheet.lines)["blur"] > 3 * measure(sheet.image, sheet.lines)["blur"]


@pytest.mark.parametrize(("lift", "said"), [(12, ["dark"]), (225, ["pale"])])
def test_dark_and_pale_pictures_are_told_apart(lift: int, said: list[str]) -> None:
    sheet = _sheet()

    assert _found(sheet.image.point(lambda level: round(lift + level * 0.06)), sheet.lines) == said


def test_reflection_over_print_is_seen() -> None:
    sheet = _sheet()
    picture = _on_grey_paper(sheet)
    ImageDraw.Draw(picture).ellipse((420, 380, 900, 700), fill="white")
    left = [line for line in sheet.lines if not (0.3 < line.box.center[0] < 0.75 and line.box.top > 0.35)]

    assert _found(picture, left) == ["glare"]
    assert measure(picture, left)["glare"] > 0.05


def test_light_that_grows_over_the_page_is_no_reflection() -> None:
    sheet = _sheet()
    pixels = np.asarray(sheet.image).astype(float)
    grown = pixels * np.linspace(0.7, 1.02, pixels.shape[1])[None, :, None]

    assert _found(Image.fromarray(np.clip(grown, 0, 255).astype(np.uint8)), sheet.lines) == []


def test_edge_that_print_runs_off_is_named() -> None:
    sheet = Sheet(1000, 800)
    for row in range(8):
        sheet.text(60 + row * 7, 100 + row * 70, "特殊材料費及處置費用合計金額", size=40)
    right = sheet.image.crop((0, 0, 500, 800))
    lines = [_cut(line, 2.0) for line in sheet.lines]

    assert _found(right, lines) == ["cut_right"]
    assert _found(sheet.image, sheet.lines) == []


def _cut(line: TextLine, stretch: float) -> TextLine:
    corners = tuple((min(x * stretch, 1.0), y) for x, y in line.corners)
    box = line.box._replace(left=line.box.left * stretch, right=1.0)
    return line.model_copy(update={"corners": corners, "box": box})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_is_said_in_words(language: str) -> None:
    page = PageQuality(page=1, width=900, height=900, text_height=20, score=0.5, blur=0.2, contrast=10, paper=30,
                       glare=0.2, cut=("left", "top", "right", "bottom"))  # fmt: skip
    reading = Reading(reader="local", document_type="invoice")
    pale, poor = (
        page.model_copy(update={"paper": 200}),
        PageQuality(page=0, width=9, height=9, text_height=40, score=0.5),
    )

    doubt_pages(reading, [page, pale, poor])

    texts = catalog(language)
    for flag in reading.doubts:
        message = flag_message(texts, flag)
        assert "{" not in message
        assert "…" not in message
        assert all(
            texts(f"flag.photograph_again.cause.{cause}") in message for cause in flag.parameters["causes"].split(",")
        )
    assert "2" in flag_message(texts, reading.doubts[0])
