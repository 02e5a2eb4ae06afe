import pytest

from extraction.layout.flatten import Flattening
from extraction.layout.tokens import Token, TokenKind, cut
from schemas.layout import BoundingBox, TextLine


def tokens(text: str, score: float = 1.0) -> list[Token]:
    """Cut a line whose characters stand 0.01 apart, spaces as wide."""
    box = BoundingBox(0.1, 0.1, 0.1 + 0.01 * len(text), 0.115)
    return cut([TextLine(text=text, box=box, score=score)], Flattening(aspect=1.0))


def pairs(text: str) -> list[tuple[str, str]]:
    return [(token.kind.value, token.text) for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,412", [("amount", "1,412")]),
        ("$5804點", [("amount", "5804")]),
        ("NT$ 1,234元", [("amount", "1,234")]),
        ("１，２００", [("amount", "1,200")]),
        ("1200.0", [("amount", "1200.0")]),
        ("-50", [("amount", "-50")]),
        ("健保合計:2896", [("text", "健保合計"), ("amount", "2896")]),
        ("藥費150", [("text", "藥費"), ("amount", "150")]),
        ("114.3.$6144", [("text", "114.3."), ("amount", "6144")]),
        ("-", [("dash", "-")]),
        ("一", [("dash", "一")]),
    ],
)
def test_amounts_texts_and_dashes(text, expected):
    assert pairs(text) == expected


@pytest.mark.parametrize(
    "text",
    ["2024-03-11", "109.12.27", "10:30", "(02)2871-2121", "A5565613354", "040222", "X光費", "3天", "30日以內", "5%",
     "R117363***", "民國111年7月14日", "B12", "1O5"],
)  # fmt: skip
def test_other_digits_are_no_amount(text):
    assert TokenKind.AMOUNT not in {token.kind for token in tokens(text)}


def test_unit_is_kept_beside_the_number():
    (token,) = tokens("$256點")
    assert (token.text, token.unit, token.printed) == ("256", "點", "$256點")


def test_round_sign_alone_is_a_doubtful_zero():
    (token,) = tokens("O")
    assert (token.kind, token.text) == (TokenKind.AMOUNT, "0") and token.score < 0.97


def test_value_behind_a_colon_is_marked():
    assert [token.is_value for token in tokens("身分別:健保")] == [False, True]


def test_wide_gap_parts_two_texts():
    line = TextLine(text="健保自費", box=BoundingBox(0.1, 0.1, 0.5, 0.12), characters=(
        BoundingBox(0.10, 0.1, 0.12, 0.12), BoundingBox(0.12, 0.1, 0.14, 0.12),
        BoundingBox(0.40, 0.1, 0.42, 0.12), BoundingBox(0.42, 0.1, 0.44, 0.12)))  # fmt: skip
    assert [token.text for token in cut([line], Flattening(aspect=1.0))] == ["健保", "自費"]
