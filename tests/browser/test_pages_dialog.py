"""Documents of one upload are joined and brought back in a real browser, by keyboard alone."""

import re

import pytest
from browser_work import filled
from playwright.sync_api import expect
from stored_work import receipt


@pytest.fixture(scope="module")
def fill(records):
    return filled(records, receipt(receipt_number="J-1"), receipt(receipt_number="J-2", self_pay_total="151"))


def test_two_documents_become_one_and_two_again(screen, records):
    page = screen.page
    screen.open_record(records["J-1"])
    page.keyboard.press("Alt+g")
    card = page.locator(f".pages-card[data-record='{records['J-2']}']")
    card.focus()
    page.keyboard.press("Enter")
    expect(card).to_have_attribute("aria-pressed", "true")
    expect(card).to_be_focused()
    page.locator(".pages-join .primary").focus()
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile(records["J-1"]))
    joined = screen.record()
    expect(page.locator(".badge.status-in_review")).to_be_visible()
    expect(page.locator(".page-number")).to_contain_text("/ 2")

    page.keyboard.press("Alt+g")
    expect(page.locator(".pages-back button[data-run=goto]")).to_have_count(2)
    page.locator(".pages-back button[data-run=back]").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(records["J-1"]))
    screen.open_record(joined)
    expect(page.locator(".badge.status-superseded")).to_be_visible()
