"""E-invoice slips: the codes are the truth, a difference from the print is a doubt."""

import pytest
import zxingcpp
from PIL import Image

from extraction.layout.invoice import merge_readings, needs_colour, read_invoice
from extraction.page import PageImage
from extraction.shaping import shape
from schemas.result import Evidence, Flag, Reading, Severity

KEY = "AAECAwQFBgcICQoLDA0ODw=="
LEFT = f"AB112233441020523999900000144000001540000000001234567{KEY}:**********:3:3:1:乾電池:1:105:"
RIGHT = "**口罩:1:210:牛奶:1:25"
SLIP = """
健康有限公司
電子發票證明聯
102年05-06月
AB-11223344
2013-05-23 11:22:33
隨機碼 9999    總計 340
賣方 01234567
"""


def page(*codes: str) -> PageImage:
    image = Image.new("RGB", (600, 800), "white")
    for number, text in enumerate(codes):
        made = zxingcpp.create_barcode(text.encode(), zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
        image.paste(Image.fromarray(made).convert("RGB"), (20 + 290 * number, 480))
    return PageImage(0, image)


@pytest.fixture
def read_slip(lines_of):
    def read(text: str, *codes: str) -> Reading:
        return read_invoice([page(*codes)], [lines_of(text)])

    return read


def test_codes_and_print_that_agree_leave_no_doubt(read_slip):
    reading = read_slip(SLIP, LEFT, RIGHT)
    document = shape(reading).document
    assert (document.invoice_number, document.invoice_kind, str(document.total_amount)) == (
        "AB11223344", "electronic", "340")  # fmt: skip
    assert [item.description for item in document.items] == ["乾電池", "口罩", "牛奶"]
    assert (document.seller_name, document.period) == ("健康有限公司", "102年05-06月")
    assert reading.doubts == []
    assert reading.evidence["total_amount"][0].match == "qr"
    assert reading.evidence["items.2.description"][0].box.top > 0.5


def test_print_that_differs_from_the_code_is_an_error_with_both_values(read_slip):
    reading = read_slip(SLIP.replace("340", "840"), LEFT, RIGHT)
    assert reading.values["total_amount"] == "340"
    flag = next(flag for flag in reading.doubts if flag.code == "qr_differs")
    assert (flag.severity, flag.paths) == (Severity.ERROR, ("total_amount",))
    assert [suggestion.value for suggestion in flag.suggestions] == ["340", "840"]


def test_slip_without_codes_is_read_from_print(read_slip):
    reading = read_slip(SLIP)
    assert (reading.values["invoice_number"], reading.values["random_code"]) == ("AB11223344", "9999")
    assert (reading.values["total_amount"], reading.values["seller_tax_id"]) == ("340", "01234567")
    assert reading.doubts == []


def test_code_alone_gives_the_invoice(read_slip):
    reading = read_slip("▮", LEFT, RIGHT)
    assert (reading.values["seller_tax_id"], reading.values["issue_date"]) == ("01234567", "2013-05-23")
    assert (reading.values["sales_amount"], reading.values["currency"]) == ("324", "TWD")


def test_missing_second_code_is_said(read_slip):
    reading = read_slip(SLIP, LEFT)
    assert [item["description"] for item in reading.values["items"]] == ["乾電池"]
    flag = next(flag for flag in reading.doubts if flag.code == "qr_items_missing")
    assert flag.parameters == {"expected": "3", "read": "1"}


def test_sales_amount_that_the_shop_did_not_part_stays_empty(read_slip):
    reading = read_slip(SLIP, LEFT.replace("00000144", "00000000"), RIGHT)
    assert reading.values["sales_amount"] is None


def test_two_slips_on_one_page_are_said(read_slip):
    reading = read_slip(SLIP, LEFT, LEFT.replace("AB11223344", "CD11223344"))
    assert "several_invoices" in {flag.code for flag in reading.doubts}


# -- the second read, in colour --------------------------------------------------------------------------------------


def reading(match="exact", **values) -> Reading:
    evidence = {path: [Evidence(page=0, box=(0, 0, 1, 1), text=value, match=match)]
                for path, value in values.items() if isinstance(value, str)}  # fmt: skip
    return Reading(reader="local", document_type="invoice", values=values, evidence=evidence)


def test_colour_is_needed_where_the_red_stamp_may_hold_what_is_missing():
    complete = {"invoice_number": "AB12345678", "issue_date": "2024-01-02", "seller_name": "甲", "total_amount": "5",
                "seller_tax_id": "04595257", "currency": "TWD"}  # fmt: skip
    assert not needs_colour(reading(**complete))
    assert needs_colour(reading(**complete | {"seller_tax_id": None}))
    assert not needs_colour(reading(**complete | {"seller_tax_id": None, "currency": "MYR"}))
    doubtful = reading(**complete)
    doubtful.doubts.append(Flag(code="total_unsure", severity=Severity.WARNING, paths=("total_amount",)))
    assert needs_colour(doubtful)


def test_second_read_fills_empty_cells_only():
    merged = merge_readings(reading(total_amount="5", seller_tax_id=None, items=[]),
                            reading(total_amount="5", seller_tax_id="04595257",
                                    items=[{"description": "口罩", "amount": "5"}]))  # fmt: skip
    assert merged.values["seller_tax_id"] == "04595257"
    assert merged.evidence["seller_tax_id"][0].text == "04595257"
    assert len(merged.values["items"]) == 1
    assert merged.doubts == []


def test_reads_that_differ_keep_the_first_with_a_doubt():
    merged = merge_readings(reading(total_amount="5"), reading(total_amount="6"))
    assert merged.values["total_amount"] == "5"
    assert [(flag.code, flag.suggestions[0].value) for flag in merged.doubts] == [("reads_differ", "6")]


def test_code_is_not_doubted_by_a_second_read():
    merged = merge_readings(reading("qr", total_amount="5"), reading(total_amount="6"))
    assert merged.doubts == []


@pytest.mark.parametrize(("kind", "is_needed"), [("exempt", True), ("triplicate", True), ("commercial", False)])
def test_colour_is_read_for_the_stamp_of_a_taiwanese_seller(kind, is_needed):
    values = {"issue_date": "2024-01-02", "seller_name": "甲", "total_amount": "5", "currency": "TWD"}
    assert needs_colour(reading(**values, invoice_number=None, seller_tax_id=None, invoice_kind=kind)) is is_needed
