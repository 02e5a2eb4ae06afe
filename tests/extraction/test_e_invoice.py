"""The payloads of /shared/domain/qr_samples.md, the worked examples of the specification, and arbitrary bytes."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.readers.e_invoice import EInvoiceError, parse_barcode, parse_e_invoice

KEY = "AAECAwQFBgcICQoLDA0ODw=="
SPEC = f"AB112233441020523999900000144000001540000000001234567{KEY}:**********:3:3:"
SPEC_ITEMS = [("乾電池", "1", "105"), ("口罩", "1", "210"), ("牛奶", "1", "25")]
CUFF = f"ZZ1234568011406307090000003b8000003e80000000010458575{KEY}:**********:"
CUFF_ITEMS = [("血壓計臂帶", "1", "600"), ("耳溫槍耳套", "2", "200")]


def utf8(*parts: str | bytes) -> bytes:
    return b"".join(part if isinstance(part, bytes) else part.encode() for part in parts)


def items(invoice):
    return [(item.description, str(item.quantity), str(item.unit_price)) for item in invoice.items]


SAMPLES = {
    "1 UTF-8": (utf8(SPEC, "1:乾電池:1:105:"), utf8("**口罩:1:210:牛奶:1:25"), SPEC_ITEMS),
    "2 Big5": (
        utf8(SPEC, "0", bytes.fromhex("3ab0aeb971a6c03a313a3130353a")),
        utf8("**", bytes.fromhex("a466b86e3a313a3231303aa4fba5a43a313a3235")),
        SPEC_ITEMS,
    ),
    "5 split in a token": (utf8(CUFF, "2:2:1:血壓計臂"), utf8("**帶:1:600:耳溫槍耳套:2:200"), CUFF_ITEMS),
    "6 split in a character": (
        utf8(CUFF, "2:2:1", bytes.fromhex("3ae8a180e5a393e8")),
        utf8("**", bytes.fromhex("a888e88782e5b8b63a313a3630303ae880b3e6baabe6a78de880b3e5a5973a323a323030")),
        CUFF_ITEMS,
    ),
    "7 right begins with a colon": (utf8(CUFF, "2:2:1:血壓計臂帶:1:600"), utf8("**:耳溫槍耳套:2:200"), CUFF_ITEMS),
    "both have the colon": (utf8(CUFF, "2:2:1:血壓計臂帶:1:600:"), utf8("**:耳溫槍耳套:2:200"), CUFF_ITEMS),
    "neither has the colon": (utf8(CUFF, "2:2:1:血壓計臂帶:1:600"), utf8("**耳溫槍耳套:2:200"), CUFF_ITEMS),
    "8 fewer than on the invoice": (utf8(CUFF, "2:5:1:血壓計臂帶:1:600:"), utf8("**耳溫槍耳套:2:200"), CUFF_ITEMS),
    "9 note": (utf8(CUFF, "1:1:1:醫療用品一批:1:1000:會員點數折抵0"), b"**", [("醫療用品一批", "1", "1000")]),
    "13 wrong order": (utf8("**口罩:1:210:牛奶:1:25"), utf8(SPEC, "1:乾電池:1:105:"), SPEC_ITEMS),
    "Base64 over both codes": (utf8(SPEC, "2:5Lm+6Zu75rGg"),
                               b"**OjE6MTA1OuWPo+e9qToxOjIxMDrniZvlpbY6MToyNQ==", SPEC_ITEMS),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_items_of_both_codes_are_joined_before_they_are_decoded(name):
    left, right, expected = SAMPLES[name]
    invoice = parse_e_invoice(left, right)
    assert items(invoice) == expected


def test_header_of_the_worked_example():
    invoice = parse_e_invoice(*SAMPLES["1 UTF-8"][:2])
    assert (invoice.number, invoice.date, invoice.random_code) == ("AB11223344", dt.date(2013, 5, 23), "9999")
    assert (invoice.sales, invoice.total, invoice.buyer_tax_id, invoice.seller_tax_id) == (324, 340, None, "01234567")
    assert (invoice.area, invoice.in_codes, invoice.on_invoice, invoice.encoding, invoice.note) == (
        "**********", 3, 3, "1", None)  # fmt: skip


def test_business_buyer_is_kept():
    left = utf8(f"ZZ123456781140521042700000bb800000c4e0459525710458575{KEY}:**********:1:1:1:醫療耗材:3:1000")
    invoice = parse_e_invoice(left, b"**")
    assert (invoice.sales, invoice.total, invoice.buyer_tax_id) == (3000, 3150, "04595257")
    assert items(invoice) == [("醫療耗材", "3", "1000")]


def test_sales_amount_may_be_zero_or_the_total():
    zero = utf8(f"ZZ123456791140521183400000000000002a80000000010458575{KEY}:**********:2:2:1:成人紙尿褲:2:290:")
    invoice = parse_e_invoice(zero, utf8("**紗布:1:100"))
    assert (invoice.sales, invoice.total, len(invoice.items)) == (0, 680, 2)
    same = b"MF1687991111404137095000001f4000001f40000000034785923VG9sG89nFznfPnKYFRlsoA==:**********:2:2:1:"
    invoice = parse_e_invoice(same, b"**")
    assert (invoice.sales, invoice.total, items(invoice)) == (500, 500, [])


def test_fractions_discounts_and_the_merchants_area():
    left = utf8(
        f"ZZ12345681115010200010000011e0000012c0000000010458575{KEY}:A1B2C3D4E5:2:2:1:紗布卷:2.5:140:折扣:1:-50"
    )
    invoice = parse_e_invoice(left, b"**")
    assert sum(item.quantity * item.unit_price for item in invoice.items) == invoice.total == 300
    assert (invoice.area, invoice.date) == ("A1B2C3D4E5", dt.date(2026, 1, 2))


def test_base64_in_the_left_code_alone():
    left = f"ZZ12345682114071555660000012c0000013b0000000010458575{KEY}:**********:1:1:2:57at5LuW5ZG9QzoxOjMxNQ=="
    assert items(parse_e_invoice(left.encode(), b"**")) == [("維他命C", "1", "315")]


def test_header_alone_is_an_invoice_without_items():
    left = f"ZZ123456831140715556700000064000000690000000010458575{KEY}"
    invoice = parse_e_invoice(left.encode(), b"**")
    assert (invoice.number, invoice.total, invoice.items, invoice.area) == ("ZZ12345683", 105, (), None)


def test_cross_border_amounts_stand_behind_the_encoding():
    header = f"AB112233441140523999900000000000000000000000042526502{KEY}:**********:1:1:3"
    invoice = parse_e_invoice(utf8(header, ":0000000000:0000016B63:Cloud storage:1:363.99"), b"**")
    assert invoice.total == Decimal("363.99")
    assert items(invoice) == [("Cloud storage", "1", "363.99")]


def test_hyphen_in_the_number_and_a_blank_random_code_are_accepted():
    hyphen = "AB-112233441070111236000000B2900000BB800000000123456782sC0uFVAs3JzahfvrCvgKg==:**********:1:1:1"
    assert parse_e_invoice(hyphen.encode(), utf8("**點數儲值3000點:1:3000")).number == "AB11223344"
    blank = SPEC.replace("05239999", "0523    ")
    assert parse_e_invoice(blank.encode()).random_code is None


def test_price_that_the_missing_right_code_may_go_on_is_dropped():
    cut = utf8(CUFF, "2:2:1:血壓計臂帶:1:600:耳溫槍耳套:2:20")
    assert items(parse_e_invoice(cut)) == CUFF_ITEMS[:1]
    whole = utf8(CUFF, "2:2:1:血壓計臂帶:1:600:耳溫槍耳套:2:200")
    assert items(parse_e_invoice(whole)) == CUFF_ITEMS, "the sum equals the total: nothing can be missing"


def test_wrong_flag_falls_back_to_the_other_encoding():
    left = utf8(CUFF, "1:1:1:", "紗布".encode("cp950"), ":1:1000")
    assert items(parse_e_invoice(left, b"**")) == [("紗布", "1", "1000")]


def test_kanji_mode_of_the_qr_code_is_shift_jis_whatever_the_flag_says():
    left = utf8(CUFF, "2:2:1:", "彈性繃帶".encode("shift_jis"), ":1:600:")
    right = utf8("**", "人工皮".encode("shift_jis"), ":2:200   ")
    assert items(parse_e_invoice(left, right)) == [("彈性繃帶", "1", "600"), ("人工皮", "2", "200")]


def test_only_complete_items_may_be_added_up():
    assert parse_e_invoice(*SAMPLES["1 UTF-8"][:2]).has_all_items
    assert not parse_e_invoice(*SAMPLES["8 fewer than on the invoice"][:2]).has_all_items


@pytest.mark.parametrize("left", [
    "AB1122334410205239999",
    f"ab1122334411406307090000003b8000003e80000000010458575{KEY}",
    f"A11122334411406307090000003b8000003e80000000010458575{KEY}",
    f"ZZ12345680114063070900000zz44000003e80000000010458575{KEY}",
    f"ZZ1234568011406307090000003b8000003e80000000010458575{KEY}XX",
    f"ZZ1234568011413307090000003b8000003e80000000010458575{KEY}",
    "https://example.org/menu",
    "**口罩:1:210",
    "",
])  # fmt: skip
def test_other_codes_are_refused(left):
    with pytest.raises(EInvoiceError):
        parse_e_invoice(left.encode())


@pytest.mark.parametrize("text", ["10404UZ176908720122", "*10404UZ176908720122*"])
def test_code_39(text):
    barcode = parse_barcode(text)
    assert (barcode.period, barcode.number, barcode.random_code) == ("10404", "UZ17690872", "0122")


@pytest.mark.parametrize("text", ["10206AB112233449999", "11406ZZ123456780427", "11502ZZ123456810001"])
def test_code_39_of_the_samples(text):
    assert parse_barcode(text).number == text[5:15]


@pytest.mark.parametrize("text", ["10405UZ176908720122", "10414UZ176908720122", "/ABC+123", "", "10404UZ17690872012"])
def test_other_barcodes_are_refused(text):
    with pytest.raises(EInvoiceError):
        parse_barcode(text)


@given(st.binary(max_size=200), st.none() | st.binary(max_size=60), st.binary(max_size=120))
def test_any_bytes_give_an_invoice_or_the_declared_error(left, right, body):
    for first in (left, SPEC.encode() + body, SPEC.encode()[:77] + b":" + body):
        for second in (right, None if right is None else b"**" + right):
            try:
                parse_e_invoice(first, second)
            except EInvoiceError:
                continue


@given(st.text(max_size=30))
def test_any_text_is_a_barcode_or_the_declared_error(text):
    try:
        parse_barcode(text)
    except EInvoiceError:
        return
