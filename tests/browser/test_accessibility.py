"""Names for screen readers, contrast, a focus that is seen and never caught: looked for on the screens as they are."""

from pathlib import Path

import pytest
from browser_work import filled
from conftest import READY
from playwright.sync_api import expect
from stored_work import receipt

from schemas.result import Flag, Severity, Suggestion

CHECK = (Path(__file__).parent / "accessibility.js").read_text(encoding="utf-8")
LONG = "長庚醫療財團法人高雄長庚紀念醫院附設嘉義分院暨護理之家附屬門診部"
DOUBT = Flag(code="readers_differ", severity=Severity.WARNING, paths=("patient_name",),
             suggestions=(Suggestion(path="patient_name", value="王大明", source="ocr"),))  # fmt: skip


@pytest.fixture(scope="module")
def fill(records):
    wrong = receipt(receipt_number="WRONG", hospital_name=LONG, self_pay_total="999", amount_paid="?", notes="12x")
    return filled(records, wrong.model_copy(update={"doubts": [DOUBT]}), receipt(receipt_number="CLEAN"))


@pytest.fixture(params=["light", "dark"])
def schemed(page, request):
    page.emulate_media(color_scheme=request.param)
    return page


def open_desk(page, record):
    page.goto(f"/review?record={record}")
    page.wait_for_selector(".desk .name:not(:empty)")
    page.wait_for_selector(READY)
    page.locator(".desk .entry[data-path='items.0.name']").focus()


def focused(page):
    """Where the focus is: what it is, its outline, whether it is within the desk."""
    return page.evaluate(
        "() => { let at = document.activeElement;"
        " while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;"
        " const style = getComputedStyle(at); return [at.className + '|' + (at.dataset?.path ?? at.dataset?.act ?? ''),"
        " style.outlineStyle !== 'none' || style.boxShadow !== 'none', Boolean(at.closest('.desk')), at.tagName]; }"
    )


@pytest.mark.parametrize("key", [None, "Alt+r", "F1", "Alt+p", "Alt+h", "Alt+l", "Alt+n", "Alt+x"])
def test_desk_its_menus_and_its_questions_are_named_and_legible(schemed, records, key):
    open_desk(schemed, records["WRONG"])
    if key:
        schemed.keyboard.press(key)
        schemed.wait_for_timeout(150)
    assert schemed.evaluate(CHECK) == []


@pytest.mark.parametrize("path", ["/", "/records", "/fields", "/upload", "/models"])
def test_other_screens_are_named_and_legible(schemed, path):
    schemed.goto(path)
    schemed.wait_for_selector(READY)
    schemed.wait_for_timeout(700)
    assert schemed.evaluate(CHECK) == []


def test_tab_walks_through_the_desk_with_a_focus_that_is_seen_and_leaves_it(page, records):
    open_desk(page, records["CLEAN"])
    seen = []
    for _ in range(120):
        page.keyboard.press("Tab")
        what, is_seen, is_inside, tag = focused(page)
        if not is_inside or tag == "BODY":
            break
        seen.append(what)
        assert is_seen, f"the focus on {what} is not seen"
    else:
        pytest.fail("Tab never leaves the desk")
    assert any("|items.1.self_pay_amount" in each for each in seen)
    page.keyboard.press("Shift+Tab")
    assert focused(page)[2], "Shift+Tab leads back"


@pytest.mark.parametrize("key", ["F1", "Alt+p", "Alt+h", "Alt+l", "Alt+n", "Alt+x", "Alt+r"])
def test_escape_closes_what_was_opened_and_the_focus_is_back_in_its_cell(page, records, key):
    open_desk(page, records["CLEAN"])
    page.keyboard.press(key)
    opened = page.locator("dialog[open], .desk-menu:not([hidden])")
    expect(opened).to_have_count(1)
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    assert focused(page)[0].endswith("|items.0.name")
