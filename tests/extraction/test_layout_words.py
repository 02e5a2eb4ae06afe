import pytest

from extraction.layout.total_words import is_copayment_line, total_field
from extraction.layout.words import Role, head_word, looks_like_fee, section_payer, split_tag


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("健保點數(含部分負擔)", Role.NHI),
        ("健保申報", Role.NHI),
        ("NHI(NT$)", Role.NHI),
        ("點數", Role.NHI),
        ("自費(元)", Role.SELF_PAY),
        ("自付費用", Role.SELF_PAY),
        ("自費金額 Self-Pay", Role.SELF_PAY),
        ("部份負擔", Role.COPAYMENT),
        ("項目名稱", Role.NAME),
        ("單價", Role.PRICE),
        ("合計", Role.LINE_TOTAL),
        ("金額", Role.AMOUNT),
    ],
)
def test_heads_are_told_by_their_words(text, role):
    word = head_word(text)
    assert word is not None and word.role is role and word.sure


@pytest.mark.parametrize("text", ["自費檢查費", "健保IC卡工本費", "健保合計", "自費合計", "診察費", "林大同", "1,412"])
def test_fees_totals_and_names_are_no_heads(text):
    assert head_word(text) is None


def test_misread_head_counts_only_beside_a_sure_one():
    word = head_word("健呆點數")
    assert word is not None and word.role is Role.NHI and not word.sure
    assert section_payer("健呆點數") is None


def test_item_head_names_its_payer():
    word = head_word("健保申報項目")
    assert word is not None and (word.role, word.payer) == (Role.NAME, Role.NHI)
    assert section_payer("<自費項目>") is Role.SELF_PAY


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("健保點數合計：", "nhi_total"),
        ("健保申報合計", "nhi_total"),
        ("健保呈報合計", "nhi_total"),
        ("部份負擔金額", "copayment_total"),
        ("健保部分負擔", "copayment_total"),
        ("自費費用合計", "self_pay_total"),
        ("其他自費金額", "self_pay_total"),
        ("優待減免", "discount"),
        ("本次應繳", "amount_due"),
        ("Amount Payable", "amount_due"),
        ("已繳金額", "amount_paid"),
        ("預繳金額", "prepaid"),
        ("尚欠金額", "balance"),
        ("小計", "subtotal"),
        ("費用總額", "grand"),
        ("診察費", None),
        ("基本部分負擔", None),
        ("本收據可作為申報所得稅列舉扣除額之憑證", None),
    ],
)
def test_labels_of_totals(label, field):
    assert total_field(label) == field


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("基本部份負擔", True),
        ("藥費部分負擔(代收)", True),
        ("部分負擔", False),
        ("健保部分負擔", False),
        ("藥費", False),
    ],
)
def test_copayment_by_kind_is_told_from_the_total(name, expected):
    assert is_copayment_line(name) is expected


def test_tags_name_the_payer():
    assert split_tag("護理費(健保)") == ("護理費", Role.NHI)
    assert split_tag("護理費（自費）".replace("（", "(").replace("）", ")")) == ("護理費", Role.SELF_PAY)
    assert split_tag("病房費(雙人房)") == ("病房費(雙人房)", None)


def test_fees_are_known_by_lexicon_or_ending():
    assert looks_like_fee("高壓氧治療費") and looks_like_fee("營養補充品")
    assert not looks_like_fee("自費") and not looks_like_fee("免費")
