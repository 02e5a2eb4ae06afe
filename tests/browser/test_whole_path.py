"""Upload → progress → review by keyboard → approve → workbook, in a real browser on the built-in reader."""

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import TimeoutError, expect

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@pytest.fixture(scope="module")
def uploaded(chromium, server):
    """Two documents, uploaded through the drop zone and read; their records by file name."""
    page = chromium.new_context(base_url=server, viewport={"width": 1440, "height": 900}, locale="en-US").new_page()
    page.set_default_timeout(60_000)
    page.goto("/upload")
    files = [SAMPLES / "ruled_table.jpg", SAMPLES / "e_invoice.png"]
    page.locator(".drop input[type=file]").set_input_files(files)
    expect(page.get_by_text("2 documents")).to_be_visible()
    expect(page.get_by_text("2 to review")).to_be_visible(timeout=90_000)
    found = {}
    page.goto("/records")
    for file in files:
        page.locator(".records").get_by_role("button", name=file.name).click()
        page.wait_for_url("**/review?*record=*")
        expect(page.locator(".desk .about")).to_contain_text(file.name)
        found[file.name] = page.url.split("record=")[1].split("&")[0]
        page.goto("/records")
    page.context.close()
    return found


def test_a_file_of_another_kind_is_refused_by_its_content(screen, tmp_path):
    fake = tmp_path / "receipt.jpg"
    fake.write_bytes(b"<html>not a picture</html>" * 10)
    screen.open("/upload")
    screen.page.locator(".drop input[type=file]").set_input_files(fake)
    expect(screen.page.locator(".refused li")).to_contain_text("receipt.jpg")


def test_images_and_uploads_are_refused_without_a_signature(page, server, uploaded):
    record = uploaded["ruled_table.jpg"]
    assert page.request.get(f"{server}/api/pages/{record}/0.jpg").status == 403
    assert page.request.get(f"{server}/api/pages/{record}/0.jpg?e=9999999999&s={'0' * 32}").status == 403
    assert page.request.put(f"{server}/api/uploads/{'0' * 32}", data=b"\xff\xd8\xff").status == 403


def test_digits_typed_fast_arrive_complete(screen, uploaded):
    screen.open_record(uploaded["ruled_table.jpg"])
    cell = screen.cell("items.0.self_pay_amount")
    before = cell.input_value()
    cell.focus()
    screen.page.keyboard.type("987")
    screen.page.keyboard.press("Tab")
    expect(cell).to_have_value("987")
    screen.wait_until_saved()
    screen.page.reload()
    expect(cell).to_have_value("987")
    cell.focus()
    screen.page.keyboard.press("Control+z")
    expect(cell).to_have_value(before)


def test_a_row_typed_at_once_after_inserting_it_keeps_every_digit(screen, uploaded):
    screen.open_record(uploaded["ruled_table.jpg"])
    rows = screen.page.locator(".items tbody tr")
    before = rows.count()
    screen.cell("items.0.name").focus()
    for key in ("Alt+i", "證", "明", "Tab", "1", "2", "Tab", "Tab", "3", "4", "5", "Tab"):
        screen.page.keyboard.press(key) if len(key) > 1 or key.isascii() else screen.page.keyboard.insert_text(key)
    expect(screen.cell("items.1.self_pay_amount")).to_have_value("345")
    screen.wait_until_saved()
    screen.page.reload()
    expect(rows).to_have_count(before + 1)
    expect(screen.cell("items.1.name")).to_have_value("證明")
    expect(screen.cell("items.1.nhi_amount")).to_have_value("12")
    expect(screen.cell("items.1.self_pay_amount")).to_have_value("345")
    screen.cell("items.1.name").focus()
    screen.page.keyboard.press("Alt+Delete")
    expect(rows).to_have_count(before)
    screen.wait_until_saved()


def test_language_switched_while_typing_changes_all_texts_and_loses_no_digit(screen, uploaded):
    screen.open_record(uploaded["ruled_table.jpg"])
    cell = screen.cell("items.1.self_pay_amount")
    before = cell.input_value()
    cell.focus()
    screen.page.keyboard.type("4321")
    screen.page.get_by_text("繁中").first.click()
    expect(screen.page.locator(".desk .about")).to_contain_text("醫療費用收據")
    expect(cell).to_have_value("4,321")
    cell.focus()
    screen.page.keyboard.press("Control+z")
    expect(cell).to_have_value(before)


def test_wrong_input_is_kept_and_explained(screen, uploaded):
    screen.open_record(uploaded["ruled_table.jpg"])
    cell = screen.cell("amount_due")
    before = cell.input_value()
    cell.focus()
    screen.page.keyboard.type("12x")
    screen.page.keyboard.press("Tab")
    problem = screen.page.locator(".totals .field-problem:visible")
    expect(problem).to_contain_text("12x")
    expect(cell).to_have_value("12x")
    cell.focus()
    screen.page.keyboard.press("Control+z")
    expect(cell).to_have_value(before)


def test_text_not_yet_saved_outlives_a_reload(screen, uploaded):
    screen.open_record(uploaded["ruled_table.jpg"])
    screen.cell("notes").or_(screen.cell("department")).first.focus()
    path = screen.focused()
    screen.page.keyboard.type("眼科 X")
    screen.page.reload()
    expect(screen.cell(path)).to_have_value("眼科 X")
    screen.cell(path).focus()
    screen.page.keyboard.press("Escape")


def test_the_box_of_the_focused_cell_is_in_the_visible_part_of_the_image(screen, uploaded):
    screen.open_record(uploaded["ruled_table.jpg"])
    paths = screen.page.locator(".viewer .box").evaluate_all("boxes => boxes.map(box => box.dataset.path)")
    assert len(paths) > 10
    stage = screen.page.locator(".viewer .stage").bounding_box()
    for path in (paths[0], paths[len(paths) // 2], paths[-1]):
        screen.cell(path).focus()
        screen.page.wait_for_timeout(250)  # the move is animated
        box = screen.page.locator(f".viewer .box.on[data-path='{path}']").first.bounding_box()
        assert stage["x"] <= box["x"] and box["x"] + box["width"] <= stage["x"] + stage["width"] + 1
        assert stage["y"] <= box["y"] and box["y"] + box["height"] <= stage["y"] + stage["height"] + 1


def test_a_click_on_a_box_leads_to_its_cell(screen, uploaded):
    screen.open_record(uploaded["ruled_table.jpg"])
    screen.page.locator(".viewer [data-do=fit_page]").click()
    screen.page.wait_for_timeout(250)
    screen.page.locator(".viewer .box[data-path='patient_name']").click()
    assert screen.focused() == "patient_name"


def test_review_screen_needs_no_page_scrolling(screen, uploaded):
    screen.open_record(uploaded["ruled_table.jpg"])
    for width, height in ((1440, 900), (1024, 768)):
        screen.page.set_viewport_size({"width": width, "height": height})
        screen.page.wait_for_timeout(200)
        desk = screen.page.locator(".desk").bounding_box()
        assert desk["y"] + desk["height"] <= height
        assert desk["x"] + desk["width"] <= width


def accept_errors(page):
    override = page.locator(".flag.error:not(.settled) [data-action=override]")
    while override.count():
        override.first.click()
        page.locator("dialog.ask textarea").fill("as on the paper")
        page.locator("dialog.ask .primary").click()


def test_a_reading_is_taken_back_by_keyboard_on_the_compare_screen(screen, uploaded):
    page, record = screen.page, uploaded["ruled_table.jpg"]
    screen.open_record(record)
    before = screen.cell("department").input_value()
    screen.cell("department").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("家醫科")
    page.keyboard.press("Tab")
    screen.wait_until_saved()
    page.keyboard.press("Alt+c")
    page.wait_for_url("**/compare?*record=*")
    different = page.locator(".readings td.differs")
    expect(different).to_have_count(1)
    page.keyboard.press("Enter")  # the first cell that differs has the focus
    expect(different).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(different).to_have_count(1)
    page.keyboard.press("Alt+1")
    expect(page.locator(".readings .none")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_url("**/review?*record=*")
    expect(screen.cell("department")).to_have_value(before)


def test_one_field_of_many_documents_is_corrected_and_accepted_by_keyboard(screen, uploaded):
    page = screen.page
    screen.open("/fields")
    cards = page.locator(".snippet")
    expect(cards).to_have_count(2)
    first = cards.first.locator(".entry")
    expect(first).to_be_focused()
    before = first.input_value()
    page.keyboard.type("1234")
    page.keyboard.press("Enter")
    expect(cards.nth(1).locator(".entry")).to_be_focused()
    expect(first).to_have_value("1,234")
    page.keyboard.press("Control+z")
    expect(first).to_have_value(before)
    expect(cards.locator("img").first).to_have_js_property("complete", True)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".snippet.seen")).not_to_have_count(0)


def test_corrected_and_approved_by_keyboard_it_comes_out_in_the_workbook(screen, uploaded):
    page, record = screen.page, uploaded["ruled_table.jpg"]
    screen.open_record(record)
    screen.cell("patient_name").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("王小明")
    page.keyboard.press("Tab")
    screen.wait_until_saved()
    accept_errors(page)
    for _ in range(20):  # each key press leads to a warning not looked at yet, the last one approves
        page.keyboard.press("Control+Enter")
        try:
            page.wait_for_url(lambda url: record not in url, timeout=2_000)
            break
        except TimeoutError:
            continue
    screen.open(f"/review?record={record}")
    expect(page.locator(".badge.status-approved")).to_be_visible()

    screen.open("/records")
    page.get_by_role("button", name="Approved").click()
    expect(page.get_by_text("1 records")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel").click()
    book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    cells = [cell.value for row in book["Receipts"].iter_rows() for cell in row]
    assert "王小明" in cells
    assert "ruled_table.jpg" in cells
    screen.open(f"/review?record={record}")
    page.locator(".history summary").click()
    expect(page.locator(".history li").first).to_contain_text("Exported")


def test_clean_document_is_approved_with_one_key(screen, uploaded):
    record = uploaded["e_invoice.png"]
    screen.open_record(record)
    if screen.page.locator(".flag:not(.settled)").count():
        pytest.skip("the reader has doubts about this sample")
    screen.page.keyboard.press("Control+Enter")
    expect(
        screen.page.get_by_text("Nothing waits for review").or_(screen.page.get_by_text("✓ Approved."))
    ).to_be_visible()
    screen.open(f"/review?record={record}")
    expect(screen.page.locator(".badge.status-approved")).to_be_visible()


def test_both_languages_are_complete_and_set_for_screen_readers(screen, uploaded):
    page = screen.page
    screen.open_record(uploaded["e_invoice.png"])
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_text("繁中").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant-TW")
    expect(page.locator(".desk .primary").first).to_contain_text("核准")
    assert screen.record() == uploaded["e_invoice.png"]
    page.reload()
    expect(page.locator(".desk .primary").first).to_contain_text("核准")
