"""From the review screen a page is read again, a document split and joined, and all of it taken back."""

import pytest
from page_screen import Screen
from paged_work import PagedReader, pages, paper, read, submitted

PAPERS = {(0, 0): paper(("診察費", "345"), receipt_number="A1"), (0, 1): paper(("藥費", "200"), receipt_number="B2"),
          (5, 0): paper(("檢查費", "50"), receipt_number="C3")}  # fmt: skip
READER = PagedReader("fake", PAPERS)


@pytest.fixture
def record(work):
    return submitted(work, 2, READER)


def sent(screen: Screen, work, record: str, **action):
    """Do something that leaves the document, as the browser does, and open what is shown then."""
    log = {"nonce": "tab", "actions": [{"sequence": 1, "record": record, **action}]}
    screen.app.session_state["review.desk"] = {"log": log}
    screen.app.run()
    assert not screen.app.exception
    return screen.desk()


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_tool_comes_when_it_is_asked_for(work, record, language):
    work.workspace.submit([("b.tif", pages(1, 5))], readers=("fake",), user="ann")
    screen = Screen(language).open("review", record=record)
    assert "pages" in screen.desk()["actions"]
    assert screen.desk()["tool"] is None
    tool = screen.act({"kind": "pages"})["tool"]
    assert (len(tool["pages"]), tool["can_read_page"], tool["others"], tool["regrouped"]) == (2, True, [], None)
    assert tool["readers"][0][0] == "local"
    assert screen.act({"kind": "undo"})["tool"] is None


@pytest.mark.parametrize(("page", "readers"), [(None, ("rolmocr",)), (1, ("rolmocr@2+fake",))])
def test_whole_document_or_one_page_is_read_again(work, record, page, readers):
    desk = sent(
        Screen("en").open("review", record=record), work, record, kind="read_again", reader="rolmocr", page=page
    )
    assert (desk["record"]["id"], desk["poll"]) == (record, True)
    assert work.workspace.record(record).readers == readers


def test_document_is_split_and_the_first_part_shown_until_it_is_taken_back(work, record):
    desk = sent(Screen("en").open("review", record=record), work, record, kind="split_document", starts=[1])
    part = desk["record"]["id"]
    assert part != record
    read(work, READER)
    screen = Screen("en").open("review", record=part)
    tool = screen.act({"kind": "pages"})["tool"]
    assert [each[0] for each in tool["regrouped"]["records"]] == [record]
    assert len(tool["others"]) == 1
    gone = Screen("en").open("review", record=record).desk()
    assert "was split" in gone["notice"]["text"]
    assert {"approve", "reject", "reopen"}.isdisjoint(gone["actions"])
    desk = sent(Screen("zh-Hant").open("review", record=part), work, part, kind="undo_regrouping")
    assert desk["record"]["id"] == record
    assert desk["editable"]


def test_documents_of_an_upload_are_joined(work):
    work.workspace.submit([("a.tif", pages(1)), ("b.tif", pages(1, 5))], readers=("fake",), user="ann")
    first, second = read(work, READER)
    screen = Screen("en").open("review", record=second)
    (other,) = screen.act({"kind": "pages"})["tool"]["others"]
    assert (other["id"], other["locked"], other["name"]) == (first, False, "a.tif")
    desk = sent(Screen("en").open("review", record=second), work, second, kind="join", records=[first, second])
    assert work.workspace.record(desk["record"]["id"]).page_count == 2


def test_page_is_cut_and_nonsense_refused(work, record):
    screen = Screen("en").open("review", record=record)
    assert sent(screen, work, record, kind="cut_page", page=0, axis="across", at=5)["notice"]["level"] == "error"
    screen = Screen("en").open("review", record=record)
    assert sent(screen, work, record, kind="cut_page", page=0, axis="up", at=0.5)["notice"]["level"] == "error"
    screen = Screen("en").open("review", record=record)
    assert sent(screen, work, record, kind="cut_page", page=0, axis="down", at=0.5)["record"]["id"] != record
