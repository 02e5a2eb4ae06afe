"""Files become upright pages on white, within limits; text layers are taken where they tell what is printed."""

import io
import json
import random
import threading

import numpy as np
import pytest
from PIL import Image

import settings
from extraction.errors import DocumentError, DocumentTooLargeError
from extraction.loading import load
from extraction.rectification import rectify
from tests.hostile import files, pdfs

LIMITS = settings.Limits()


def page_of(data: bytes):
    return load(data, "a", LIMITS).pages[0]


def lines_of(data: bytes) -> list[str]:
    return [line.text for line in page_of(data).text_layer]


def is_red(image: Image.Image, x: int, y: int) -> bool:
    red, green, blue = image.getpixel((x, y))
    return red > 140 and green < 100 and blue < 100


@pytest.mark.parametrize("value", range(1, 9))
def test_exif_orientation_is_undone(value):
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
    image = files.picture()
    stored = image.transpose(Image.Transpose(turns[value])) if value > 1 else image
    exif = Image.Exif()
    exif[0x0112] = value
    if value in (6, 8):  # the turn that undoes a quarter is the other quarter
        stored = image.transpose(Image.Transpose.ROTATE_90 if value == 6 else Image.Transpose.ROTATE_270)
    page = page_of(files.saved(stored, "JPEG", exif=exif.tobytes())).image
    assert page.size == image.size
    assert is_red(page, 5, 5) and not is_red(page, 290, 390)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "WEBP", "PNG", "HEIF", "AVIF"])
def test_position_and_camera_are_not_carried_along(kind):
    exif = Image.Exif()
    exif[0x0110] = "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    image = page_of(files.saved(files.picture(), kind, exif=exif.tobytes())).image
    assert not image.info and not image.getexif()
    out = io.BytesIO()
    image.save(out, "JPEG")
    assert b"Camera" not in out.getvalue()


@pytest.mark.parametrize("name", ["png_16_bit_grey.png", "jpeg_cmyk.jpg", "png_grey_alpha.png", "png_1_bit.png",
                                  "tiff_float.tif", "tiff_16_bit.tif", "tiff_32_bit.tif", "tiff_cmyk.tif",
                                  "tiff_group4.tif"])  # fmt: skip
def test_every_depth_and_colour_keeps_print_dark_on_white(name):
    grey = np.asarray(page_of(files.cases()[name][0]).image.convert("L"))
    plain = np.asarray(files.picture(mode="L"))
    assert np.abs(grey.astype(int) - plain).mean() < 25


def test_twelve_bits_in_sixteen_are_not_black():
    values = (np.asarray(files.picture(mode="L")).astype(np.uint16)) * 16
    assert np.asarray(page_of(files.saved(Image.fromarray(values), "PNG")).image).max() > 240


def test_transparent_parts_become_white():
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    assert page_of(files.saved(image, "PNG")).image.getpixel((50, 50)) == (255, 255, 255)


def test_a_large_picture_shrinks_and_a_long_slip_keeps_its_width():
    assert page_of(files.saved(Image.new("L", (6000, 5000)), "JPEG")).image.size == (4382, 3651)
    assert page_of(files.saved(Image.new("L", (800, 12_000)), "JPEG")).image.size == (800, 12_000)


def test_one_bad_page_costs_only_itself():
    loaded = load(files.cases()["tiff_3_pages_one_damaged.tif"][0], "a.tif", LIMITS)
    assert [page.number for page in loaded.pages] == [0, 2]
    assert list(loaded.failures) == [1] and loaded.page_count == 3


@pytest.mark.parametrize(
    ("limit", "code", "found"),
    [("bytes", "too_many_bytes", "0.0"), ("pixels", "too_many_pixels", "0"), ("side", "too_long_side", "400")],
)
def test_each_limit_has_its_error_with_found_and_allowed(limit, code, found):
    with pytest.raises(DocumentTooLargeError) as caught:
        load(files.saved(files.picture(), "PNG"), "a", LIMITS.model_copy(update={limit: 60}))
    assert caught.value.key == code
    assert caught.value.parameters["found"] == found and "allowed" in caught.value.parameters


def test_pages_over_the_limit_are_refused_with_their_number():
    with pytest.raises(DocumentTooLargeError) as caught:
        load(pdfs.paged([b""] * 3), "a", LIMITS.model_copy(update={"pages": 2}))
    assert caught.value.parameters == {"found": "3", "allowed": "2"}


def test_text_layer_stands_where_it_is_printed():
    content = pdfs.text(72, 700, "Registration fee 150") + pdfs.text(72, 500, "Medicine of the month 320")
    page = page_of(pdfs.paged([content]))
    grey = np.asarray(page.image.convert("L"))
    for line in page.text_layer:
        left, top, right, bottom = (
            round(at * grey.shape[axis]) for at, axis in zip(line.box, (1, 0, 1, 0), strict=True)
        )
        assert grey[top:bottom, left:right].min() < 60
        assert len(line.characters) == len(line.text)
    outside = grey.copy()
    for line in page.text_layer:
        left, top, right, bottom = (
            round(at * grey.shape[axis]) for at, axis in zip(line.box, (1, 0, 1, 0), strict=True)
        )
        outside[top - 1 : bottom + 1, left - 1 : right + 1] = 255
    assert outside.min() > 250


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_text_layer_follows_a_turned_page(rotate):
    matrix = {0: b"1 0 0 1 0 0", 90: b"0 1 -1 0 595 0", 180: b"-1 0 0 -1 595 842", 270: b"0 -1 1 0 0 842"}[rotate]
    content = b"q %s cm %s Q" % (matrix, pdfs.text(72, 400, "Amount due 1200 dollars"))
    page = page_of(pdfs.paged([content], page=b"/Rotate %d" % rotate))
    assert [line.text for line in page.text_layer] == ["Amount due 1200 dollars"]
    assert abs(page.text_layer[0].box.left - 72 / (595 if rotate % 180 == 0 else 842)) < 0.01


def test_columns_split_lines_and_words_do_not():
    row = pdfs.text(72, 700, "Drugs and dressings") + pdfs.text(300, 700, "7,023") + pdfs.text(330, 700, "150")
    assert lines_of(pdfs.paged([row])) == ["Drugs and dressings", "7,023", "150"]


def test_a_ruled_line_splits_cells_that_nearly_touch():
    row = pdfs.text(72, 700, "Medicine and dressing A") + pdfs.text(186, 700, "Bandages")
    assert lines_of(pdfs.paged([row])) == ["Medicine and dressing A Bandages"]
    assert lines_of(pdfs.paged([row + b"1 w 184 690 m 184 715 l S"])) == ["Medicine and dressing A", "Bandages"]


def test_text_behind_a_scan_is_not_trusted():
    layer = b"".join(pdfs.text(60, 700 - 20 * row, "Wrong guess of a scanner 1,234", mode=3) for row in range(9))
    assert lines_of(pdfs.scan(files.noisy_jpeg(), 300, 400, layer)) == []
    assert lines_of(pdfs.scan(files.noisy_jpeg(), 300, 400, layer.replace(b"3 Tr", b"0 Tr"))) == []
    assert lines_of(pdfs.paged([layer])) == []


def test_white_text_and_a_mere_page_number_are_not_trusted():
    assert lines_of(pdfs.paged([b"1 1 1 rg " + pdfs.RECEIPT])) == []
    assert lines_of(pdfs.paged([pdfs.text(280, 30, "Page 1")])) == []


def test_print_outside_the_text_layer_makes_it_untrusted():
    marks = b"".join(b"%d %d 4 7 re f\n" % (60 + 9 * (at % 40), 300 + 14 * (at // 40)) for at in range(200))
    assert lines_of(pdfs.paged([pdfs.RECEIPT + marks])) == []
    assert lines_of(pdfs.paged([pdfs.RECEIPT])) != []


def test_a_scan_keeps_its_own_resolution():
    jpeg = files.saved(Image.new("RGB", (1240, 1754), "white"), "JPEG")
    assert page_of(pdfs.scan(jpeg, 1240, 1754)).image.size in ((1240, 1754), (1240, 1755))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "HEIF", "AVIF", "PDF"])
def test_flipped_and_cut_bytes_end_in_pages_or_a_named_error(kind):
    whole = pdfs.scan(files.noisy_jpeg(), 300, 400) if kind == "PDF" else files.saved(files.picture(), kind)
    chance = random.Random(kind)  # noqa: S311
    for _ in range(25):
        data = bytearray(whole[: chance.randrange(8, len(whole))] if chance.random() < 0.3 else whole)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(min(len(data), 600) if chance.random() < 0.7 else len(data))] = chance.randrange(256)
        try:
            assert load(bytes(data), "a", LIMITS).pages
        except DocumentError as error:
            assert error.key != "extraction_failed"


def test_several_threads_may_load_at_once():
    data, results = pdfs.paged([pdfs.RECEIPT]), []
    threads = [threading.Thread(target=lambda: results.append(lines_of(data))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4 and all(result == results[0] != [] for result in results)


@pytest.mark.shared
def test_born_digital_invoices_need_no_ocr(shared_data):
    for path in sorted((shared_data / "real" / "files").glob("*.pdf")):
        page = page_of(path.read_bytes())
        assert bool(page.text_layer) == (path.name != "en_google_docai__google_invoice.pdf"), path.name


def on_table(share: float, table: int = 45) -> Image.Image:
    height = round((1200 * 1600 * share * 4 / 3) ** 0.5)
    receipt = Image.new("RGB", (height * 3 // 4, height), "white")
    receipt.paste(files.picture(height * 3 // 4 - 60, height - 60), (30, 30))
    receipt = receipt.rotate(7, expand=True, fillcolor=(table,) * 3, resample=3)
    scene = Image.new("RGB", (1200, 1600), (table,) * 3)
    scene.paste(receipt, ((1200 - receipt.width) // 2, (1600 - receipt.height) // 2))
    return scene


@pytest.mark.parametrize("share", [0.12, 0.3, 0.5])
def test_receipt_on_a_table_is_cut_out_with_a_margin(share):
    found = rectify(on_table(share))
    assert found is not None
    area = found.width * found.height / (1200 * 1600)
    assert share < area < 1.15 * share
    assert 0.7 < found.width / found.height < 0.8


@pytest.mark.parametrize("light", [0.3, 0.45, 0.6, 0.75])
def test_receipt_half_in_shadow_is_found_whole_or_left_alone(light):
    shaded = np.asarray(on_table(0.4)).copy()
    shaded[800:] = shaded[800:] * light
    found = rectify(Image.fromarray(shaded))
    assert found is None or found.width * found.height > 0.4 * 1200 * 1600


def test_white_table_or_a_page_that_fills_the_picture_is_left_alone():
    assert rectify(on_table(0.4, table=245)) is None
    assert rectify(files.picture(900, 1200)) is None


@pytest.mark.shared
def test_pages_that_fill_their_picture_are_left_alone(shared_data):
    labels = (shared_data / "synthetic" / "labels.jsonl").read_text(encoding="utf-8")
    for name in (json.loads(line)["file"] for line in labels.splitlines()):
        with Image.open(shared_data / "synthetic" / name) as picture:
            assert rectify(picture.convert("RGB")) is None, name
