"""Rows, keys of one's own, and handing a document on: by keyboard alone, in a real browser."""

import pytest
from browser_work import filled
from playwright.sync_api import expect
from stored_work import receipt

ROWS = [
    {"name": "藥費", "nhi_amount": "412", "self_pay_amount": "0"},
    {"name": "檢查", "nhi_amount": "200", "self_pay_amount": None},
    {"name": "費", "nhi_amount": None, "self_pay_amount": "150"},
]


@pytest.fixture(scope="module")
def fill(records):
    return filled(records, *(receipt(items=ROWS, receipt_number=f"A-{number}") for number in range(8)))


def wait_for_names(screen, *wanted):
    rows = screen.page.locator(".items tbody tr td:nth-child(2) .entry")
    expect(rows).to_have_count(len(wanted))
    for number, name in enumerate(wanted):
        expect(rows.nth(number)).to_have_value(name)


def test_row_is_moved_by_key_and_the_focus_goes_with_it(screen, records):
    page = screen.page
    screen.open_record(records["A-0"])
    screen.cell("items.2.self_pay_amount").focus()
    page.keyboard.press("Alt+ArrowUp")
    wait_for_names(screen, "藥費", "費", "檢查")
    assert screen.focused() == "items.1.self_pay_amount"
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")  # the first row stays the first
    wait_for_names(screen, "費", "藥費", "檢查")
    page.keyboard.type("151")
    page.keyboard.press("Tab")
    screen.wait_until_saved()
    page.reload()
    wait_for_names(screen, "費", "藥費", "檢查")
    expect(screen.cell("items.0.self_pay_amount")).to_have_value("151")
    screen.cell("items.0.name").focus()
    for _ in range(3):
        page.keyboard.press("Control+z")
    wait_for_names(screen, "藥費", "檢查", "費")
    page.locator(".history summary").click()
    expect(page.locator(".history")).to_contain_text("Row moved")


def test_rows_are_merged_and_the_amounts_stay_in_their_columns(screen, records):
    page = screen.page
    screen.open_record(records["A-1"])
    screen.cell("items.2.name").focus()
    page.keyboard.press("Alt+Shift+M")
    wait_for_names(screen, "藥費", "檢查費")
    assert screen.focused() == "items.1.name"
    screen.wait_until_saved()
    expect(screen.cell("items.1.nhi_amount")).to_have_value("200")
    expect(screen.cell("items.1.self_pay_amount")).to_have_value("150")
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+m")
    wait_for_names(screen, "檢查費藥費")
    expect(screen.cell("items.0.nhi_amount")).to_have_value("612")
    for _ in range(3):
        page.keyboard.press("Control+z")
    wait_for_names(screen, "藥費", "檢查", "費")
    page.keyboard.press("Control+y")
    wait_for_names(screen, "藥費", "檢查費")


def test_row_is_split_and_the_rest_of_an_amount_is_worked_out(screen, records):
    page = screen.page
    screen.open_record(records["A-2"])
    screen.cell("items.0.nhi_amount").focus()
    page.keyboard.press("Alt+p")
    dialog = page.locator("dialog.split")
    expect(dialog).to_be_visible()
    page.keyboard.insert_text("藥")  # the name is marked: typing replaces it
    page.keyboard.press("Tab")
    page.keyboard.type("400")
    entries = dialog.locator("tbody tr").nth(1).locator(".entry")
    expect(entries.nth(1)).to_have_value("12")
    expect(dialog.locator("tfoot")).to_contain_text("✓ 412")
    entries.first.focus()
    page.keyboard.insert_text("服務費")
    page.keyboard.press("Enter")
    wait_for_names(screen, "藥", "服務費", "檢查", "費")
    screen.wait_until_saved()
    expect(screen.cell("items.0.nhi_amount")).to_have_value("400")
    expect(screen.cell("items.1.nhi_amount")).to_have_value("12")
    assert screen.focused() == "items.1.name"


def test_menu_of_a_row_is_used_by_keys_and_gives_the_focus_back(screen, records):
    page = screen.page
    screen.open_record(records["A-3"])
    screen.cell("items.1.nhi_amount").focus()
    page.keyboard.press("Alt+r")
    menu = page.get_by_role("menu")
    expect(menu).to_be_visible()
    expect(menu.get_by_role("menuitem", name="Move up")).to_be_enabled()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    assert screen.focused() == "items.1.nhi_amount"
    page.keyboard.press("Alt+r")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for_names(screen, "檢查", "藥費", "費")


def test_key_is_changed_refused_where_taken_and_given_back(screen, records):
    page = screen.page
    screen.open_record(records["A-4"])
    page.keyboard.press("F1")
    dialog, note = page.locator("dialog.help"), page.locator("dialog.help .key-note")
    dialog.get_by_role("button", name="Change the key for: Insert a row below").click()
    page.keyboard.press("Alt+s")
    expect(note).to_contain_text("Alt+S is taken by “Swap NHI and self-pay in the row”")
    page.keyboard.press("q")
    expect(note).to_contain_text("needed for typing")
    page.keyboard.press("F5")
    expect(note).to_contain_text("belongs to the browser")
    page.keyboard.press("Alt+j")
    expect(note).to_contain_text("Alt+J: Insert a row below")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    screen.wait_until_saved()
    screen.cell("items.0.name").focus()
    page.keyboard.press("Alt+i")
    page.keyboard.press("Alt+j")
    wait_for_names(screen, "藥費", "", "檢查", "費")
    screen.wait_until_saved()
    page.reload()
    expect(screen.cell("items.1.name")).to_be_visible()
    screen.cell("items.1.name").focus()
    page.keyboard.press("?")  # within a cell it is a text
    expect(dialog).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.press("F1")
    row = dialog.locator(".key-row.own")
    expect(row).to_contain_text("Alt+J")
    row.get_by_role("button", name="Default key for").click()
    expect(dialog.locator(".key-row.own")).to_have_count(0)
    page.keyboard.press("Escape")
    screen.wait_until_saved()


def test_all_proposals_get_another_modifier_at_once(screen, records):
    page = screen.page
    screen.open_record(records["A-4"])
    page.keyboard.press("F1")
    page.get_by_role("button", name="Change the key for: Take this proposal").click()
    page.keyboard.press("Enter")
    expect(page.locator("dialog.help .key-note")).to_contain_text("a digit with Ctrl or Alt")
    page.keyboard.press("Control+Alt+3")
    expect(page.locator("dialog.help .key-row.own")).to_contain_text("Ctrl+Alt+1…9")
    page.get_by_role("button", name="All defaults").click()
    expect(page.locator("dialog.help .key-row.own")).to_have_count(0)


def test_comment_is_shown_and_stays_in_the_history(screen, records):
    page = screen.page
    screen.open_record(records["A-5"])
    screen.cell("items.0.name").focus()
    page.keyboard.press("Alt+n")
    expect(page.locator("dialog.hand .primary")).to_be_disabled()
    page.keyboard.type("Stamp hard to read")
    page.locator("dialog.hand .primary").press("Enter")
    expect(page.locator(".remarks")).to_contain_text("Stamp hard to read")
    page.locator(".history summary").click()
    expect(page.locator(".history li").first).to_contain_text("Stamp hard to read")


def test_postponed_document_gives_way_to_the_next_and_is_found_and_brought_back(screen, records):
    page, record = screen.page, records["A-6"]
    screen.open_record(record)
    page.keyboard.press("Alt+l")
    page.locator("dialog.hand").get_by_role("button", name="Tomorrow at 9").click()
    page.locator("dialog.hand textarea").fill("ask the hospital")
    page.locator("dialog.hand .primary").click()
    page.wait_for_url(lambda url: record not in url)
    expect(page.locator(".bar .waiting")).to_contain_text("1 postponed")
    screen.open_record(record)
    expect(page.locator(".notice")).to_contain_text("ask the hospital")
    expect(page.locator(".badge.mark")).to_contain_text("until")
    page.keyboard.press("Alt+l")
    page.locator("dialog.hand").get_by_role("button", name="Back into the queue now").click()
    expect(page.locator(".badge.mark")).to_have_count(0)


def test_document_is_sent_to_somebody_with_a_reason(screen, records):
    page, record = screen.page, records["A-7"]
    screen.open_record(record)
    page.keyboard.press("Alt+h")
    page.locator("dialog.hand").get_by_role("button", name="ann (submitted it)").click()
    page.keyboard.type("Which visit is this?")
    page.locator("dialog.hand .primary").click()
    page.wait_for_url(lambda url: record not in url)
    screen.open_record(record)
    expect(page.locator(".notice")).to_contain_text("sent this to ann: Which visit is this?")


def test_document_before_is_shown_again_by_key(screen, records):
    page = screen.page
    screen.open_record(records["A-0"])
    page.keyboard.press("Alt+PageDown")
    page.wait_for_url(lambda url: records["A-0"] not in url)
    expect(page.locator(".desk .name:not(:empty)")).to_be_visible()
    screen.wait_until_saved()
    page.keyboard.press("Alt+PageUp")
    page.wait_for_url(lambda url: records["A-0"] in url)
