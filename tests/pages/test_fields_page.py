"""One field of many documents: what is accepted or typed reaches each record, and nobody else's work is touched."""

import io
import json

import pytest
from page_screen import Screen
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient
from stored_work import receipt

from review.components import resources
from review.snippets import box_of, name_of, snippet
from schemas.layout import BoundingBox
from schemas.result import Evidence, Flag, Severity


class Fields(Screen):
    """The page of one field."""

    def __init__(self, choice: str = "total", language: str = "en") -> None:
        super().__init__(language)
        self.app.session_state["fields.choice"] = choice
        self.open("fields")

    def data(self) -> dict:
        return json.loads(next(each for each in self.components() if '"cards"' in each))

    def cards(self) -> dict[str, dict]:
        return {card["record"]: card for card in self.data()["cards"]}

    def act(self, *actions: dict) -> dict:
        log = []
        for action in actions:
            self.sequence += 1
            log.append({"sequence": self.sequence, **action})
        self.app.session_state["fields.grid"] = {"log": {"nonce": "tab", "actions": log}}
        self.app.run()
        assert not self.app.exception
        return self.data()


def doubtful(path, **values):
    """A receipt whose reader doubts one cell and says where it stands."""
    reading = receipt(**values)
    flag = Flag(code="low_score", severity=Severity.WARNING, paths=(path,), parameters={"value": "x", "score": "70"})
    box = Evidence(page=0, box=BoundingBox(0.2, 0.3, 0.5, 0.34), text="x")
    return reading.model_copy(update={"doubts": [*reading.doubts, flag], "evidence": {path: [box]}})


def doubts(work, record, path):
    return [item for item in work.workspace.record(record).flags if item.is_open and item.flag.paths == (path,)
            and item.flag.severity is Severity.WARNING]  # fmt: skip


def test_only_documents_that_wait_and_that_nobody_else_has_open_are_shown(work):
    mine, theirs, done = work.add(receipt(), receipt(), receipt())
    work.workspace.open_for_review(theirs, "bob")
    work.workspace.reject(done, work.workspace.open_for_review(done, "ann").version, "ann", "x")
    work.workspace.open_for_review(mine, "ann")
    assert set(Fields().cards()) == {mine}


def test_a_typed_value_is_a_correction_and_the_document_is_given_back(work):
    record = work.add(receipt())[0]
    page = Fields("patient")
    page.act({"record": record, "kind": "correct", "path": "patient_name", "text": "李大同"})
    found = work.workspace.record(record)
    assert found.extraction.document.patient_name == "李大同"
    assert found.history[-1].action == "correct"
    assert found.lock is None
    assert page.cards()[record]["seen"]


def test_accepting_settles_the_doubt_about_this_cell_only_and_can_be_undone(work):
    record = work.add(doubtful("patient_name"))[0]
    assert doubts(work, record, "patient_name")
    page = Fields("patient")
    page.act({"record": record, "kind": "accept", "path": "patient_name"})
    assert not doubts(work, record, "patient_name")
    assert page.cards()[record]["seen"]
    page.act({"record": "", "kind": "undo"})
    assert doubts(work, record, "patient_name")
    assert not page.cards()[record]["seen"]


def test_wrong_input_is_kept_explained_and_not_counted_as_looked_at(work):
    record = work.add(receipt())[0]
    page = Fields()
    path = page.cards()[record]["path"]
    page.act({"record": record, "kind": "correct", "path": path, "text": "12x"})
    card = page.cards()[record]
    assert card["value"] == "12x"
    assert "12x" in card["problem"]
    assert not card["seen"]


@pytest.mark.parametrize("kind", ["correct", "accept"])
def test_what_somebody_else_changed_meanwhile_is_told_and_not_overwritten(work, kind):
    first, second = work.add(receipt(), receipt())
    page = Fields("patient")
    work.correct(work.workspace.record(first), patient_name="王大明")
    data = page.act(
        {"record": first, "kind": kind, "path": "patient_name", "text": "王小名"},
        {"record": second, "kind": "correct", "path": "patient_name", "text": "李大同"},
    )
    assert data["notice"]["level"] == "error"
    assert not page.cards()[first]["seen"]
    assert work.workspace.record(first).extraction.document.patient_name == "王大明"
    assert work.workspace.record(second).extraction.document.patient_name == "李大同"


def test_document_that_somebody_opened_meanwhile_is_left_to_them(work):
    record = work.add(receipt())[0]
    page = Fields("patient")
    work.workspace.open_for_review(record, "bob")
    data = page.act({"record": record, "kind": "correct", "path": "patient_name", "text": "李大同"})
    assert "bob" in data["notice"]["text"]
    assert data["cards"] == []
    assert work.workspace.record(record).extraction.document.patient_name != "李大同"


def test_a_value_with_a_place_shows_it_and_one_without_shows_the_whole_page(work):
    coded = doubtful("patient_name")
    place = coded.evidence["patient_name"][0].model_copy(update={"match": "qr"})
    coded = coded.model_copy(update={"evidence": {"patient_name": [place]}})
    placed, lost, in_code = work.add(doubtful("patient_name"), receipt().model_copy(update={"evidence": {}}), coded)
    cards = Fields("patient").cards()
    assert not cards[placed]["whole"]
    assert cards[lost]["whole"]
    assert cards[in_code]["whole"]
    assert all(card["snippet"] for card in cards.values())


def test_a_snippet_is_the_place_with_a_margin(work):
    page = Image.new("RGB", (1000, 2000), "white")
    page.paste("black", (300, 400, 500, 440))
    buffer = io.BytesIO()
    page.save(buffer, "JPEG")
    box = BoundingBox(0.3, 0.2, 0.5, 0.22)
    assert box_of(name_of(box)) == box
    with Image.open(io.BytesIO(snippet(buffer.getvalue(), box))) as part:
        assert 200 < part.width < 320
        assert 40 < part.height < 110
        assert part.getpixel((part.width // 2, part.height // 2))[0] < 40
        assert part.getpixel((2, 2))[0] > 200


def test_a_snippet_is_refused_without_a_signature_and_for_another_place(work, monkeypatch):
    from server import ROUTES

    record = work.add(doubtful("patient_name"))[0]
    monkeypatch.setattr(resources, "is_served", lambda: True)
    address = resources.snippet_address(record, 0, BoundingBox(0.2, 0.3, 0.5, 0.34))
    client = TestClient(Starlette(routes=ROUTES))
    assert client.get(address).headers["content-type"] == "image/jpeg"
    assert client.get(address.partition("?")[0]).status_code == 403
    assert client.get(address.replace("3400", "3500")).status_code == 403
    for wrong in ("x", "1-2-3", "5-5-1-1-1"):
        signed = resources.signer().sign(f"/api/pages/{record}/0/{wrong}.jpg")
        assert client.get(signed).status_code == 404
