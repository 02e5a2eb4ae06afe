"""Pictures as they are sent: size, tokens, nothing else of the file."""

import base64
import io

import pytest
from PIL import Image

from extraction.errors import ReaderError
from extraction.readers.picture import prepare, token_count
from extraction.readers.profiles import Picture

A4 = (1240, 1754)


def sent(data_url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(data_url.split(",", 1)[1])))


@pytest.mark.parametrize(("size", "kind", "tokens"), [  # counted by a real vLLM 0.32, less the words around the picture
    ((1202, 1700), "patches28", 2623),
    ((850, 1100), "patches28", 1170),
    ((300, 400), "patches28", 154),
    ((1202, 1700), "tiles448", 7 * 256),
    ((850, 1100), "tiles448", 13 * 256),
    ((300, 400), "tiles448", 13 * 256),
    ((1202, 1700), "unknown", None),
])  # fmt: skip
def test_tokens_are_those_that_the_server_counts(size, kind, tokens):
    assert token_count(*size, kind) == tokens


@pytest.mark.parametrize("kind", ["patches28", "patches32"])
@pytest.mark.parametrize("most", [1800, 1200, 600, 300])
def test_picture_shrinks_to_the_tokens_and_keeps_its_ratio(kind, most):
    shown = prepare(Image.new("RGB", A4), Picture(long_side=1700, tokens=kind), most)
    assert shown.tokens is not None
    assert 0.6 * most < shown.tokens <= most
    assert shown.shrunk
    assert shown.height / shown.width == pytest.approx(A4[1] / A4[0], rel=0.01)


@pytest.mark.parametrize("size", [A4, (2400, 3200), (300, 4000), (1700, 600), (2000, 2000)])
@pytest.mark.parametrize("most", [3000, 1800, 800, 300])
def test_tiles_are_saved_by_white_not_by_distortion(size, most):
    black = prepare(Image.new("RGB", size), Picture(long_side=1700, tokens="tiles448", format="png"), most)
    assert black.tokens is not None
    assert black.tokens <= most
    box = sent(black.data_url).convert("L").point(lambda level: 255 if level < 128 else 0).getbbox()
    assert box[2] / box[3] == pytest.approx(size[0] / size[1], rel=0.03)


def test_smaller_of_two_limits_counts():
    assert prepare(Image.new("RGB", A4), Picture(tokens="patches28", most_tokens=800), 2000).tokens <= 800


def test_picture_is_never_enlarged():
    shown = prepare(Image.new("RGB", (640, 900)), Picture(long_side=1700))
    assert (shown.width, shown.height, shown.shrunk) == (640, 900, False)


@pytest.mark.parametrize("form", ["jpeg", "png"])
def test_nothing_of_the_file_but_its_pixels_is_sent(form):
    image = Image.new("RGB", (600, 800), "red")
    exif = Image.Exif()
    exif[0x010E] = "secret"
    image.info.update(exif=exif.tobytes(), icc_profile=b"secret", comment=b"secret")
    shown = prepare(image, Picture(format=form))
    assert shown.data_url.startswith(f"data:image/{form};base64,")
    assert b"secret" not in base64.b64decode(shown.data_url.split(",", 1)[1])
    assert sent(shown.data_url).size == (600, 800)


def test_picture_far_longer_than_wide_is_refused_before_it_is_sent():
    with pytest.raises(ReaderError) as caught:
        prepare(Image.new("RGB", (10, 2010)), Picture())
    assert caught.value.key == "picture_too_narrow"


def test_narrow_slip_keeps_a_side_that_models_can_cut_into_patches():
    assert prepare(Image.new("RGB", (60, 6000)), Picture(long_side=1700)).width >= 56
