"""The records page: filters, paging, downloads of what the filters let through."""

import io
import json

from openpyxl import load_workbook
from stored_work import receipt

from review.delivery import json_lines_of, workbook_of
from review.workflow import RecordFilter


def shown(screen) -> list[dict]:
    tables = [json.loads(each) for each in screen.components() if '"records"' in each]
    return tables[0]["records"] if tables else []


def test_filters_narrow_the_list(work, screen):
    work.add(receipt(), receipt(hospital_name="台灣基督長老教會馬偕醫療財團法人馬偕紀念醫院", self_pay_total="999"))
    assert len(shown(screen.open("records"))) == 2
    screen.app.text_input(key="records.text").input("馬偕").run()
    assert [record["party"] for record in shown(screen)] == ["台灣基督長老教會馬偕醫療財團法人馬偕紀念醫院"]
    screen.app.text_input(key="records.text").input("nobody").run()
    assert shown(screen) == []
    assert screen.app.info
    screen.app.text_input(key="records.text").input("").run()
    screen.app.toggle(key="records.flagged").set_value(True).run()
    assert [record["flags"][0][0] for record in shown(screen)] == ["error"]


def test_long_lists_come_page_by_page(work, screen):
    work.add(*[receipt()] * 60)
    assert len(shown(screen.open("records"))) == 50


def test_downloads_hold_the_filtered_records_and_are_noted_in_their_history(work):
    first, second = work.add(receipt(), receipt(patient_name="李大同"))
    wanted = RecordFilter(statuses=("to_review",))
    book = load_workbook(io.BytesIO(workbook_of(work.workspace, wanted, "en", "ann")))
    assert book["Receipts"].max_row == 3
    lines = json_lines_of(work.workspace, RecordFilter(text="1.png"), "en", "ann").decode().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [second]
    assert [entry.action for entry in work.workspace.record(first).history].count("exported") == 1
    assert [entry.action for entry in work.workspace.record(second).history].count("exported") == 2


def test_documents_not_yet_read_are_left_out_of_downloads(work):
    work.workspace.submit([("a.png", b"x")], user="ann")
    assert json_lines_of(work.workspace, RecordFilter(), "en", "ann") == b""
