"""Two receipts that lie on one page without desk between them are told by their titles."""

import pytest

from extraction.readers.about_pages import several_papers
from schemas.layout import BoundingBox, TextLine


def page(*texts):
    return [TextLine(text=text, box=BoundingBox(0.1, 0.1, 0.2, 0.2), page=0, score=0.95) for text in texts]


@pytest.mark.parametrize(
    ("texts", "is_told"),
    [
        (("國泰綜合醫院", "醫療費用收據", "藥費"), False),
        (("醫 療 費 用 收 據", "本收據遺失恕不補發", "收據號碼"), False),
        (("急診醫療費用收據", "健保門診收據"), True),
        (("國泰綜合醫院醫療費用收據(正本)", "仁愛診所門診收據"), True),
    ],
)
def test_two_titles_tell_of_two_receipts(texts, is_told):
    assert (several_papers([page(*texts)]) is not None) == is_told


def test_pages_of_one_receipt_may_each_bear_the_title():
    assert several_papers([page("醫療費用收據"), page("醫療費用收據")]) is None
