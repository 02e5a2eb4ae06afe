import pytest
import zxingcpp
from PIL import Image

from extraction.readers.qr_code import find_codes, read_slip

KEY = "AAECAwQFBgcICQoLDA0ODw=="
LEFT = f"AB112233441020523999900000144000001540000000001234567{KEY}:**********:3:3:0:乾電池:1:105:"
RIGHT = "**口罩:1:210:牛奶:1:25"


def code(data: bytes | str, kind: zxingcpp.BarcodeFormat, scale: int) -> Image.Image:
    return Image.fromarray(zxingcpp.create_barcode(data, kind).to_image(scale=scale)).convert("RGB")


@pytest.fixture
def slip() -> Image.Image:
    """A slip with a Code 39 above two QR codes in Big5, the right one first."""
    page = Image.new("RGB", (700, 900), "white")
    page.paste(code("10206AB112233449999", zxingcpp.BarcodeFormat.Code39, 2), (60, 380))
    page.paste(code(RIGHT.encode("cp950"), zxingcpp.BarcodeFormat.QRCode, 4), (20, 520))
    page.paste(code(LEFT.encode("cp950"), zxingcpp.BarcodeFormat.QRCode, 4), (320, 520))
    return page


def test_both_qr_codes_and_the_code_39_are_found(slip):
    found = read_slip(find_codes(slip))
    assert [item.description for item in found.invoice.items] == ["乾電池", "口罩", "牛奶"]
    assert found.barcode.number == found.invoice.number == "AB11223344"
    assert found.has_right_code
    assert 0.5 < found.box.top < found.box.bottom < 0.95
    assert 0 < found.box.left < found.box.right < 1


def test_page_without_codes_has_no_slip():
    assert find_codes(Image.new("RGB", (40, 30), "white")) == []
    assert read_slip([]) is None


@pytest.mark.shared
def test_codes_of_photographed_slips_are_read(shared_data):
    for path in sorted((shared_data / "synthetic").rglob("F*_photo.jpg")):
        found = read_slip(find_codes(Image.open(path)))
        assert found is not None and found.has_right_code, path.name
