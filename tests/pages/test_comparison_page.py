"""The readings of a document side by side: what differs is marked, and what is taken is corrected, told and undone."""

import json

from page_screen import Screen
from stored_work import picture, receipt

EXTRA = {"name": "證明書費", "self_pay_amount": "100"}


class Comparison(Screen):
    """The compare page of one record."""

    def __init__(self, record: str, language: str = "en") -> None:
        super().__init__(language)
        self.record = record
        self.open("compare", record=record)

    def data(self) -> dict:
        return json.loads(next(each for each in self.components() if '"sides"' in each))

    def take(self, kind: str, **detail: object) -> dict:
        self.sequence += 1
        action = {"sequence": self.sequence, "record": self.record, "kind": kind, **detail}
        self.app.session_state["compare.table"] = {"log": {"nonce": "tab", "actions": [action]}}
        self.app.run()
        assert not self.app.exception
        return self.data()


def differing(data):
    return {row["path"] for row in data["rows"] if row["differs"]}


def read_twice(work, *answers):
    work.workspace.submit([("a.png", picture())], readers=("fake", "local")[: len(answers)], user="ann")
    return work.read(*answers)[0]


def test_each_reading_stands_beside_what_the_record_holds(work):
    record = read_twice(work, receipt(), receipt(department="眼科"))
    data = Comparison(record).data()
    assert len(data["sides"]) == 2
    assert "department" in differing(data)
    row = next(row for row in data["rows"] if row["path"] == "department")
    assert [cell["text"] for cell in row["cells"]][-1] == "眼科"
    assert data["editable"]


def test_a_cell_taken_is_a_correction_that_can_be_undone(work):
    record = read_twice(work, receipt(), receipt(department="眼科"))
    page = Comparison(record)
    data = page.take("cell", path="department", text="眼科")
    assert work.workspace.record(record).extraction.document.department == "眼科"
    assert work.workspace.record(record).history[-1].action == "correct"
    assert data["undo"]
    page.take("undo")
    assert work.workspace.record(record).extraction.document.department is None


def test_a_whole_reading_taken_is_undone_by_one_key(work):
    items = receipt().values["items"]
    record = read_twice(work, receipt(), receipt(items=[*items, EXTRA], department="眼科"))
    before = work.workspace.record(record).extraction.document
    page = Comparison(record)
    page.take("all", side=1)
    taken = work.workspace.record(record).extraction.document
    assert [item.name for item in taken.items][-1] == "證明書費"
    assert taken.department == "眼科"
    page.take("undo")
    assert work.workspace.record(record).extraction.document == before


def test_what_somebody_else_changed_meanwhile_is_told_and_not_overwritten(work):
    record = read_twice(work, receipt(), receipt(department="眼科"))
    page = Comparison(record)
    work.correct(work.workspace.record(record), department="內科")
    data = page.take("cell", path="department", text="眼科")
    assert data["notice"]["level"] == "error"
    assert work.workspace.record(record).extraction.document.department == "內科"
    page.take("cell", path="department", text="眼科")
    assert work.workspace.record(record).extraction.document.department == "眼科"


def test_document_that_somebody_else_has_open_can_only_be_looked_at(work):
    record = read_twice(work, receipt(), receipt(department="眼科"))
    work.workspace.open_for_review(record, "bob")
    data = Comparison(record).data()
    assert not data["editable"]
    assert "bob" in data["notice"]["text"]


def test_a_reading_of_another_kind_of_document_is_told_but_not_mixed_in(work):
    record = read_twice(work, receipt(), receipt().model_copy(update={"document_type": "invoice", "values": {
        "invoice_number": "AB12345678"}}))  # fmt: skip
    data = Comparison(record).data()
    assert len(data["sides"]) == 1
    assert data["others"]


def test_the_other_language_and_records_without_a_reading_open_too(work):
    record = read_twice(work, receipt(), receipt(department="眼科"))
    assert Comparison(record, "zh-Hant").data()["labels"]["now"] == "目前"
    work.workspace.submit([("b.png", picture(7))], readers=("fake",), user="ann")
    unread = next(each.id for each in work.workspace.records() if each.status == "queued")
    assert Screen("en").open("compare", record=unread).app.info
    assert Screen("en").open("compare", record="nothing").app.warning
