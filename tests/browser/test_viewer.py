"""The picture of a document: looked at from near and far, turned, and a part of it read again; all by keys, too."""

import io

import pytest
from drawing import Sheet
from playwright.sync_api import expect
from stored_work import StoredWork, receipt

from schemas.layout import BoundingBox
from schemas.result import Evidence, Flag, Severity, Suggestion
from settings import Settings

PRINTED = {
    "hospital_name": (520, 60, "示範醫院"), "patient_name": (150, 160, "王小明"), "visit_date": (900, 160, "114/05/21"),
    "items.0.name": (150, 400, "診察費"), "items.0.nhi_amount": (600, 400, "345"),
    "items.0.self_pay_amount": (1000, 400, "0"), "items.1.name": (150, 500, "藥費"),
    "items.1.nhi_amount": (600, 500, "412"), "items.1.self_pay_amount": (1000, 500, "150"),
    "nhi_total": (600, 700, "757"), "self_pay_total": (1000, 700, "150"),
}  # fmt: skip
SIZE = (1240, 900)
PICTURES = "/api/pictures/"
SCALE = 2.5
"""The pictures are as large as a scan, so that one is sent small at first."""


def drawn():
    sheet = Sheet(*SIZE, size=34)
    for x, y, text in PRINTED.values():
        sheet.text(x, y, text)
    return sheet.image.resize((int(SIZE[0] * SCALE), int(SIZE[1] * SCALE)))


def place(path, page=0):
    x, y, text = PRINTED[path]
    width = sum(17 if character.isascii() else 34 for character in text)
    box = BoundingBox((x - 6) / SIZE[0], (y - 24) / SIZE[1], (x + width + 6) / SIZE[0], (y + 24) / SIZE[1])
    return [Evidence(page=page, box=box, text=text)]


def reading(*, second_page=(), **values):
    evidence = {path: place(path, int(path in second_page)) for path in PRINTED}
    return receipt(**values).model_copy(update={"evidence": evidence})


DOUBTFUL = ("patient_name", "nhi_total", "self_pay_total")


def doubts():
    """Return a doubt about three cells; of one, what stands on the page is proposed."""
    proposed = (Suggestion(path="nhi_total", value="757", source="ocr"),)
    return [
        Flag(code="readers_differ", severity=Severity.WARNING, paths=(path,),
             suggestions=proposed if path == "nhi_total" else ())
        for path in DOUBTFUL
    ]  # fmt: skip


def tiff(*pages):
    buffer = io.BytesIO()
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    return buffer.getvalue()


DOCUMENTS = {
    "clean": reading(receipt_number="A-1"),
    "clean too": reading(receipt_number="A-2", patient_name="李大同"),
    "wrong total": reading(receipt_number="A-3", self_pay_total="999", patient_name="陳一"),
    "two pages": reading(receipt_number="A-4", patient_name="林二", second_page={"nhi_total", "self_pay_total"}),
    "doubtful": reading(receipt_number="A-5", patient_name="張三", nhi_total="751").model_copy(
        update={"doubts": doubts()}
    ),
}


@pytest.fixture(scope="module")
def fill(records):
    def put(data):
        work, page = StoredWork(Settings(data=data)), drawn()
        # the pixels differ, else each would be reported as a copy
        files = []
        for number, name in enumerate(DOCUMENTS):
            page.putpixel((0, 0), (number, 0, 0))
            files.append((f"{name}.tif", tiff(page, page) if name == "two pages" else tiff(page)))
        work.workspace.submit(files, readers=("fake",), user="ann")
        records.update(zip(DOCUMENTS, work.read(*DOCUMENTS.values()), strict=True))
        work.workspace.close()

    return put


@pytest.fixture
def desk(screen, records):
    screen.pictures = []
    screen.page.on(
        "request", lambda request: screen.pictures.append(request.url) if "/api/pictures/" in request.url else None
    )
    screen.open_named = lambda name: open_named(screen, records[name])
    return screen


def open_named(screen, record):
    screen.open_record(record)
    expect(screen.page.locator(".viewer .sheet img").first).to_have_js_property("complete", True)
    stand_still(screen)
    return screen


def stand_still(screen):
    screen.page.locator(".viewer .sheet").evaluate(
        "sheet => Promise.all(sheet.getAnimations().map(each => each.finished))"
    )


def stage(screen):
    return screen.page.locator(".viewer .stage").bounding_box()


def box(screen, path):
    stand_still(screen)
    element = screen.page.locator(f".viewer .box[data-path='{path}']")
    for _ in range(20):  # an answer of the server may put a new box in its place just now
        element.wait_for()
        if found := element.bounding_box():
            return found
    raise AssertionError(path)


def middle(rectangle):
    return rectangle["x"] + rectangle["width"] / 2, rectangle["y"] + rectangle["height"] / 2


def is_inside(inner, outer):
    return (
        outer["x"] - 1 <= inner["x"]
        and inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1
        and outer["y"] - 1 <= inner["y"]
        and inner["y"] + inner["height"] <= outer["y"] + outer["height"] + 1
    )


def test_small_picture_comes_at_once_and_the_whole_one_on_a_closer_look(desk):
    desk.open_named("clean")
    own = [url for url in desk.pictures if desk.record() in url]
    assert [url.split("-")[-1].split(".")[0] for url in own] == ["1400"]
    desk.page.locator(".viewer .stage").focus()
    with desk.page.expect_request(lambda request: f"{desk.record()}/1-0-0.jpg" in request.url):
        for _ in range(8):
            desk.page.keyboard.press("+")
    expect(desk.page.locator(".viewer .sheet img")).to_have_count(2)


def test_pictures_are_not_sent_again_with_an_edit_and_the_view_stays_put(desk):
    desk.open_named("clean")
    desk.cell("patient_name").focus()
    stand_still(desk)
    before, sent = box(desk, "patient_name"), len(desk.pictures)
    desk.page.keyboard.type("王大明")
    desk.page.keyboard.press("Control+a")
    desk.cell("patient_name").evaluate("node => node.blur()")
    desk.wait_until_saved()
    after = box(desk, "patient_name")
    assert (round(before["x"]), round(before["y"])) == (round(after["x"]), round(after["y"]))
    assert len(desk.pictures) == sent


def test_next_document_is_fetched_ahead(desk, records):
    desk.open_named("clean")
    others = {url.split("/")[5] for url in desk.pictures} - {records["clean"]}
    assert others
    following = others.pop()
    desk.page.locator("[data-act=next]").click()
    desk.page.wait_for_url(f"**record={following}*")
    expect(desk.page.locator(f".desk[data-record='{following}']")).to_be_visible()
    assert sum(f"{following}/1-0-1400" in url for url in desk.pictures) == 1


def test_wheel_zooms_to_the_pointer_and_a_drag_moves_the_page(desk):
    desk.open_named("clean")
    desk.page.locator(".viewer [data-do=fit_page]").click()
    at = middle(box(desk, "items.1.self_pay_amount"))
    desk.page.mouse.move(*at)
    desk.page.mouse.wheel(0, -500)
    near = middle(box(desk, "items.1.self_pay_amount"))
    assert max(abs(near[0] - at[0]), abs(near[1] - at[1])) < 3
    desk.page.mouse.down()
    desk.page.mouse.move(at[0] - 60, at[1] + 40, steps=4)
    desk.page.mouse.up()
    moved = middle(box(desk, "items.1.self_pay_amount"))
    assert (round(moved[0] - near[0]), round(moved[1] - near[1])) == (-60, 40)


def test_turned_page_keeps_its_boxes_and_brings_the_focused_one_into_view(desk):
    desk.open_named("clean")
    desk.page.locator(".viewer [data-do=turn]").click()
    upright = box(desk, "patient_name")
    assert upright["height"] > upright["width"]
    for path in ("items.1.self_pay_amount", "hospital_name"):
        desk.cell(path).focus()
        assert is_inside(box(desk, path), stage(desk))
    desk.page.locator(".viewer [data-do=fit_page]").click()
    desk.page.mouse.click(*middle(box(desk, "nhi_total")))
    assert desk.focused() == "nhi_total"


def test_width_contrast_and_boxes_are_switched_by_keys_and_buttons(desk):
    desk.open_named("clean")
    desk.page.locator(".viewer .stage").focus()
    desk.page.keyboard.press("w")
    stand_still(desk)
    sheet, frame = desk.page.locator(".viewer .sheet").bounding_box(), stage(desk)
    assert abs(sheet["width"] - frame["width"]) < 14
    desk.page.keyboard.press("c")
    image = desk.page.locator(".viewer .sheet img").first
    expect(desk.page.locator(".viewer [data-do=contrast]")).to_have_attribute("aria-pressed", "true")
    assert "contrast" in image.evaluate("node => getComputedStyle(node).filter")
    desk.page.locator(".viewer .show-boxes").uncheck()
    shown = desk.page.locator(".viewer .box[data-path='nhi_total']").evaluate(
        "node => getComputedStyle(node).outlineColor"
    )
    assert shown in ("rgba(0, 0, 0, 0)", "transparent")


def test_cell_on_another_page_turns_to_it(desk):
    desk.open_named("two pages")
    number = desk.page.locator(".viewer .page-number")
    expect(number).to_have_text("1 / 2")
    desk.cell("self_pay_total").focus()
    expect(number).to_have_text("2 / 2")
    assert is_inside(box(desk, "self_pay_total"), stage(desk))
    desk.page.locator(".viewer .stage").focus()
    desk.page.keyboard.press("PageUp")
    expect(number).to_have_text("1 / 2")


def test_judgements_differ_in_shape_and_not_in_colour_alone(desk):
    desk.open_named("wrong total")
    expect(desk.page.locator(".viewer .box[data-path='self_pay_total'] .mark")).to_have_text("✕")
    expect(desk.page.locator(".viewer .box[data-path='patient_name'] .mark")).to_have_count(0)
    styles = desk.page.locator(".viewer .boxes").evaluate(
        """layer => ['error', 'warning', 'info'].map(level => {
            const node = document.createElement('button');
            node.className = `box ${level}`;
            layer.append(node);
            return getComputedStyle(node).outlineStyle;
        })"""
    )
    assert styles == ["solid", "dashed", "dotted"]


def status(screen):
    return screen.page.locator(".viewer .region-status")


def test_box_drawn_on_the_page_is_read_into_the_focused_cell(desk):
    desk.open_named("wrong total")
    cell = desk.cell("self_pay_total")
    cell.focus()
    printed = box(desk, "items.1.self_pay_amount")
    desk.page.keyboard.down("Shift")
    desk.page.mouse.move(printed["x"] - 3, printed["y"] - 2)
    desk.page.mouse.down()
    desk.page.mouse.move(printed["x"] + printed["width"] + 3, printed["y"] + printed["height"] + 2, steps=5)
    desk.page.mouse.up()
    desk.page.keyboard.up("Shift")
    expect(cell).to_have_value("150", timeout=60_000)  # the first use loads the models
    expect(status(desk)).to_contain_text("150")
    assert desk.focused() == "self_pay_total"
    desk.page.keyboard.press("Tab")
    desk.wait_until_saved()
    expect(status(desk)).to_be_hidden()
    desk.page.locator(".history summary").click()
    expect(desk.page.locator(".history li").first).to_contain_text("read from a box")
    desk.cell("self_pay_total").focus()
    row = desk.page.locator(".viewer .box[data-path='items.1.self_pay_amount']").bounding_box()
    assert abs(box(desk, "self_pay_total")["y"] - row["y"]) < 12
    desk.page.keyboard.press("Control+z")
    expect(cell).to_have_value("999")


def test_box_with_nothing_in_it_says_so_and_changes_nothing(desk):
    desk.open_named("wrong total")
    cell = desk.cell("self_pay_total")
    cell.focus()
    desk.page.keyboard.press("Alt+b")
    expect(desk.page.locator(".viewer .region")).to_be_visible()
    for _ in range(20):
        desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".viewer .region-status.error")).to_contain_text("Nothing can be read", timeout=60_000)
    expect(cell).to_have_value("999")
    desk.page.keyboard.press("Escape")
    expect(status(desk)).to_be_hidden()


def test_answer_for_a_document_that_was_left_is_given_up(desk, records):
    desk.open_named("wrong total")
    desk.page.route("**/api/regions/**", lambda route: None)  # never answers
    desk.cell("self_pay_total").focus()
    desk.page.keyboard.press("Alt+b")
    desk.page.keyboard.press("Enter")
    expect(status(desk)).to_contain_text("Reading the box")
    with desk.page.expect_event("requestfailed", lambda request: "/api/regions/" in request.url):
        desk.page.locator("[data-act=next]").click()
    expect(desk.page.locator(f".desk[data-record='{records['wrong total']}']")).to_have_count(0)
    expect(status(desk)).to_be_hidden()


def test_document_with_doubtful_cells_is_approved_with_two_keys_for_each_at_most(desk, records):
    desk.open_named("doubtful")
    keys = ["Enter", "Alt+1", "Enter", "Control+Enter"]  # seen, the proposal taken, on, approved
    assert len(keys) <= 2 * len(DOUBTFUL) + 1
    for path, key in zip((*DOUBTFUL[:2], DOUBTFUL[1], DOUBTFUL[2]), keys, strict=True):
        expect(desk.page.locator(f".viewer .box.on[data-path='{path}']")).to_be_visible()
        assert desk.focused() == path
        assert is_inside(box(desk, path), stage(desk))
        desk.page.keyboard.press(key)
    desk.page.wait_for_function("record => !location.href.includes(record)", arg=records["doubtful"])
    desk.open_record(records["doubtful"])
    expect(desk.page.locator(".badge.status-approved")).to_be_visible()
    expect(desk.cell("nhi_total")).to_have_value("757")


def test_clean_document_is_approved_with_one_key(desk, records):
    desk.open_named("clean too")
    assert not desk.page.locator(".flag:not(.settled)").count()
    desk.page.keyboard.press("Control+Enter")
    desk.page.wait_for_function("record => !location.href.includes(record)", arg=records["clean too"])
    desk.open_record(records["clean too"])
    expect(desk.page.locator(".badge.status-approved")).to_be_visible()
