"""What a person does on the review screen reaches the database in its order, once, and is told back."""

import pytest
from page_screen import Screen, cell
from stored_work import receipt

from extraction.errors import EncryptedPdfError
from review.workflow import StorageError
from schemas.result import Flag, Severity, Suggestion

ODD = {"self_pay_total": "999"}
TYPE_TOTAL = {"kind": "correct", "path": "self_pay_total", "text": "150"}


def open_flags(desk):
    return [flag["severity"] for flag in desk["flags"] if flag["open"] and flag["severity"] == "error"]


def test_total_that_does_not_add_up_is_flagged_and_its_correction_removes_the_flag(work, screen):
    record = work.add(receipt(**ODD))[0]
    desk = screen.open("review").desk()
    assert open_flags(desk)
    assert desk["todo"]
    assert "self_pay_total" in desk["todo"]
    desk = screen.act(TYPE_TOTAL)
    assert not open_flags(desk)
    assert cell(desk, "self_pay_total")["edited"]
    assert work.workspace.record(record).extraction.document.self_pay_total == 150
    assert desk["history"][0]["text"].startswith("Corrected")


def test_action_sent_again_is_done_once(work, screen):
    record = work.add(receipt())[0]
    screen.open("review")
    log = {"nonce": "tab", "actions": [{"sequence": 1, "record": record, "kind": "insert", "table": "items", "row": 2}]}
    assert len(screen.send(log)["tables"][0]["rows"]) == 3
    assert len(screen.send(log)["tables"][0]["rows"]) == 3
    log["actions"].append(
        {"sequence": 2, "record": record, "kind": "correct", "path": "items.2.name", "text": "證明書費"}
    )
    desk = screen.send(log)
    assert len(desk["tables"][0]["rows"]) == 3
    assert cell(desk, "items.2.name")["value"] == "證明書費"
    assert desk["ack"] == {"nonce": "tab", "sequence": 2}


def test_action_that_the_database_refused_for_a_moment_is_done_when_sent_again(work, screen, monkeypatch):
    record = work.add(receipt(**ODD))[0]
    screen.open("review")
    log = {"nonce": "tab", "actions": [{"sequence": 1, "record": record, **TYPE_TOTAL}]}
    with monkeypatch.context() as moment:
        moment.setattr(work.workspace, "correct", refuse)
        desk = screen.send(log)
    assert desk["stalled"]
    assert desk["ack"]["sequence"] == 0
    desk = screen.send(log)
    assert desk["ack"]["sequence"] == 1
    assert cell(desk, "self_pay_total")["value"] == "150"


def refuse(*arguments):
    raise StorageError


def test_value_read_from_a_box_takes_its_place_on_the_page_and_its_source_into_the_history(work, screen):
    record = work.add(receipt(**ODD))[0]
    screen.open("review")
    region = {"page": 0, "box": [0.7, 0.6, 0.8, 0.63], "text": "150元"}
    desk = screen.act({**TYPE_TOTAL, "region": region})
    assert [each["box"] for each in desk["viewer"]["boxes"] if each["path"] == "self_pay_total"] == [region["box"]]
    assert desk["history"][0]["text"].endswith("read from a box on the page")
    (change,) = work.workspace.record(record).history[-1].details["changes"]
    assert (change["after"]["source"], change["after"]["place"]["text"]) == ("region", "150元")
    desk = screen.act({"kind": "undo"})
    assert not [each for each in desk["viewer"]["boxes"] if each["path"] == "self_pay_total"]


def test_pictures_of_the_next_document_and_the_one_before_are_fetched_ahead(work, screen):
    first, second, third = work.add(receipt(), receipt(), receipt())
    screen.open("review", record=first)
    assert [page["key"].split("-")[0] for page in screen.desk()["viewer"]["ahead"]] == [second]
    desk = screen.act({"kind": "next"})
    assert [page["key"].split("-")[0] for page in desk["viewer"]["ahead"]] == [third, first]


def test_wrong_input_is_kept_and_explained(work, screen):
    work.add(receipt())
    screen.open("review")
    found = cell(screen.act({"kind": "correct", "path": "nhi_total", "text": "abc"}), "nhi_total")
    assert found["value"] == "abc"
    assert "abc" in found["problem"]
    assert found["level"] == "error"


def test_states_of_cells_are_four_things(work, screen):
    work.add(receipt(amount_paid="?"))
    desk = screen.open("review").desk()
    states = {path: cell(desk, path)["state"] for path in ("items.0.self_pay_amount", "department", "amount_paid")}
    assert states == {"items.0.self_pay_amount": "zero", "department": "blank", "amount_paid": "unreadable"}
    assert cell(desk, "items.0.self_pay_amount")["value"] == "0"
    assert cell(desk, "department")["value"] == ""


def test_dates_are_shown_as_the_paper_has_them_and_taken_in_both_calendars(work, screen):
    work.add(receipt())
    assert cell(screen.open("review").desk(), "visit_date")["value"] == "114/05/21"
    found = cell(screen.act({"kind": "correct", "path": "visit_date", "text": "2025-05-22"}), "visit_date")
    assert (found["value"], found["hint"]) == ("114/05/22", "2025-05-22")


def test_undo_and_redo(work, screen):
    work.add(receipt(**ODD))
    screen.open("review")
    desk = screen.act(TYPE_TOTAL)
    assert "undo" in desk["actions"]
    desk = screen.act({"kind": "undo"})
    assert cell(desk, "self_pay_total")["value"] == "999"
    assert "redo" in desk["actions"]
    assert cell(screen.act({"kind": "redo"}), "self_pay_total")["value"] == "150"


def test_swapping_all_rows_exchanges_both_columns(work, screen):
    work.add(receipt())
    screen.open("review")
    desk = screen.act({"kind": "swap", "table": "items", "row": None})
    assert cell(desk, "items.1.nhi_amount")["value"] == "150"
    assert cell(desk, "items.1.self_pay_amount")["value"] == "412"


def test_approval_goes_on_to_the_next_document(work, screen):
    first, second = work.add(receipt(), receipt(patient_name="李大同"))
    opened = screen.open("review").desk()["record"]["id"]
    for flag in [flag for flag in screen.desk()["flags"] if flag["open"] and flag["severity"] == "error"]:
        pytest.fail(f"the small receipt has an error: {flag['title']}")
    desk = screen.act({"kind": "approve", "overrides": {}})
    assert desk["record"]["id"] == ({first, second} - {opened}).pop()
    assert work.workspace.record(opened).status == "approved"


def test_error_blocks_approval_until_a_reason_is_given(work, screen):
    record = work.add(receipt(**ODD))[0]
    screen.open("review")
    desk = screen.act({"kind": "approve", "overrides": {}})
    assert desk["notice"]["level"] == "error"
    assert work.workspace.record(record).status == "in_review"
    reasons = {flag["key"]: "as on the paper" for flag in desk["flags"] if flag["open"] and flag["severity"] == "error"}
    log = [{"sequence": 9, "record": record, "kind": "approve", "overrides": reasons}]
    screen.app.session_state["review.desk"] = {"log": {"nonce": "tab", "actions": log}}
    screen.app.run()
    assert work.workspace.record(record).status == "approved"


def test_change_by_somebody_else_is_not_overwritten(work, screen):
    record = work.add(receipt(**ODD))[0]
    screen.open("review")
    other = work.open_one  # another tab of the same person: no lock stands between them
    assert other
    work.correct(work.workspace.record(record), self_pay_total="151")
    desk = screen.act(TYPE_TOTAL)
    assert "150" in desk["notice"]["text"]
    assert cell(desk, "self_pay_total")["value"] == "151"


def test_document_that_somebody_else_has_open_can_only_be_looked_at_until_taken_over(work, screen):
    record = work.add(receipt())[0]
    work.workspace.open_for_review(record, "bob")
    desk = screen.open("review", record=record).desk()
    assert not desk["editable"]
    assert "bob" in desk["notice"]["text"]
    assert "approve" not in desk["actions"]
    assert screen.act({"kind": "take_over"})["editable"]


def test_failed_document_shows_its_cause_and_its_ways_out(work, screen):
    record = work.add(EncryptedPdfError())[0]
    desk = screen.open("review", record=record).desk()
    assert desk["notice"]["level"] == "error"
    assert {"retry", "reject"} <= set(desk["actions"])
    screen.act({"kind": "retry"})
    assert work.workspace.counts()["queued"] == 1


def test_rejected_document_can_be_reopened(work, screen):
    record = work.add(receipt(), receipt())[0]
    screen.open("review", record=record)
    screen.act({"kind": "reject", "reason": "a page is missing"})
    assert work.workspace.record(record).status == "rejected"
    again = Screen("en").open("review", record=record)
    assert "a page is missing" in again.desk()["history"][0]["text"]
    assert again.act({"kind": "reopen"})["editable"]


def test_unknown_record_is_named_as_such(work):
    screen = Screen("en").open("review", record="nothing")
    assert "no such record" in screen.app.warning[0].value


def test_invoice_uses_the_same_screen_with_its_own_columns(work, screen):
    from schemas.result import Reading

    item = {"description": "口罩", "quantity": "2", "unit_price": "50", "amount": "100"}
    values = {"invoice_number": "AB12345678", "issue_date": "114/05/21", "items": [item]}
    values |= {"total_amount": "105", "sales_amount": "100", "tax_amount": "5"}
    work.add(Reading(reader="fake", document_type="invoice", values=values))
    desk = screen.open("review").desk()
    names = [column["name"] for column in desk["tables"][0]["columns"]]
    assert names == ["description", "quantity", "unit_price", "amount", "tax_kind"]
    assert not desk["tables"][0]["swappable"]
    assert cell(desk, "total_amount")["value"] == "105"


def test_texts_of_a_document_reach_the_browser_as_data_only(work, screen):
    name = "![x](http://203.0.113.1/a.png)<img src=x>"
    work.add(receipt(hospital_name=name))
    screen.open("review")
    assert cell(screen.desk(), "hospital_name")["value"] == name
    for kind in ("markdown", "text", "caption"):
        assert not any("203.0.113.1" in element.value for element in getattr(screen.app, kind))


SAME = {"receipt_number": "A-123456"}


def test_record_that_may_be_the_same_is_shown_beside_and_a_decision_settles_it(work, screen):
    first, second = work.add(receipt(**SAME), receipt(**SAME | {"self_pay_total": "151"}))
    desk = screen.open("review", record=second).desk()
    (pair,) = desk["duplicates"]
    assert (pair["other"], len(pair["images"])) == (first, 2)
    differing = {tuple(row["values"]) for row in pair["rows"] if row["differs"]}
    assert differing == {("151", "150")}
    assert [flag["other"] for flag in desk["flags"] if flag["open"] and flag["other"]] == [first]
    desk = screen.act({"kind": "duplicate", "other": first, "decision": "both"})
    assert desk["duplicates"] == []
    assert work.workspace.record(second).duplicates[0].decision == "both"


def test_copy_that_is_not_kept_is_rejected_and_the_next_document_shown(work, screen):
    first, second = work.add(receipt(**SAME), receipt(**SAME))
    screen.open("review", record=second)
    desk = screen.act({"kind": "duplicate", "other": first, "decision": "other"})
    assert desk["record"]["id"] == first
    assert work.workspace.record(second).status == "rejected"


def test_readings_are_compared_from_the_desk(work, screen):
    record = work.add(receipt())[0]
    assert "compare" in screen.open("review").desk()["actions"]
    log = [{"sequence": 1, "record": record, "kind": "compare"}]
    screen.app.session_state["review.desk"] = {"log": {"nonce": "tab", "actions": log}}
    screen.app.run()
    assert not screen.app.exception
    assert any('"sides"' in component for component in screen.components())


def test_check_that_could_not_be_made_says_why(work, screen):
    work.add(receipt())
    checks = screen.open("review").desk()["checks"]
    assert ["More paid than due", "no amount due printed"] in checks["skipped"] or [
        "實收大於應繳", "沒有印出應繳金額"] in checks["skipped"]  # fmt: skip
    assert checks["passed"] + len(checks["skipped"]) <= checks["total"]


def test_next_document_follows_the_order_that_was_chosen(work, screen):
    first, second, third = work.add(receipt(), receipt(**ODD), receipt(self_pay_total="9999"))
    assert screen.open("review").desk()["record"]["id"] == third, "most money at risk first"
    work.workspace.choose_order("ann", "age")
    assert screen.act({"kind": "next"})["record"]["id"] == first
    assert screen.act({"kind": "next"})["record"]["id"] == second
    assert screen.act({"kind": "back"})["record"]["id"] == first


def test_keys_of_a_person_are_kept_for_them(work, screen):
    work.add(receipt())
    screen.open("review")
    own = {"insert": "Alt+J", "nonsense": "Alt+K"}
    assert screen.act({"kind": "keys", "own": own})["keys"]["own"] == {"insert": "Alt+J"}
    assert Screen("en").open("review").desk()["keys"]["own"] == {"insert": "Alt+J"}


def test_comment_postponement_and_sending_are_told_on_the_screen(work, screen):
    first, second, _ = work.add(receipt(), receipt(patient_name="李大同"), receipt(patient_name="陳大文"))
    work.workspace.choose_order("ann", "age")
    screen.open("review", record=first)
    desk = screen.act({"kind": "comment", "remark": "see the stamp"})
    assert [(each["who"], each["text"]) for each in desk["remarks"]] == [("ann", "see the stamp")]
    desk = screen.act({"kind": "postpone", "until": "2030-01-01T09:00:00.000Z", "reason": "later"})
    assert desk["record"]["id"] == second
    assert desk["waiting"] == "2 waiting · 1 postponed"
    screen.act({"kind": "send_back", "to": "bob", "reason": "which visit?"})
    again = Screen("en").open("review", record=second).desk()
    assert again["record"]["marks"] == ["→ bob"]
    assert again["notice"]["text"] == "ann sent this to bob: which visit?"
    assert [each["name"] for each in again["people"]] == []


def test_missing_row_is_offered_as_a_row_and_never_written_over_another(work, screen):
    cells = {"items.1.name": "檢查費", "items.1.nhi_amount": "200"}
    missing = Flag(
        code="row_missing", severity=Severity.WARNING, paths=("items",),
        parameters={"name": "檢查費", "amounts": "200", "source": "ocr", "line": "items", "index": "1"},
        suggestions=tuple(Suggestion(path=path, value=value, source="ocr") for path, value in cells.items()),
    )  # fmt: skip
    work.add(receipt().model_copy(update={"doubts": [missing]}))
    (flag,) = [each for each in screen.open("review").desk()["flags"] if each["open"] and each["suggestions"]]
    (proposal,) = flag["suggestions"]
    assert proposal["label"] == "Put in row 2: 檢查費 · 200"
    before = cell(screen.desk(), "items.1.name")["value"]
    desk = screen.act({"kind": "put_in", "flag": flag["key"]})
    assert [cell(desk, f"items.{number}.name")["value"] for number in (1, 2)] == ["檢查費", before]
    assert not [each for each in desk["flags"] if each["open"] and each["key"] == flag["key"]]
    assert len(screen.act({"kind": "undo"})["tables"][0]["rows"]) == 2


def test_cell_says_how_far_it_may_be_trusted_and_why(work, screen):
    work.add(receipt(**ODD))
    desk = screen.open("review").desk()
    doubted = cell(desk, "items.1.self_pay_amount")
    assert doubted["judgement"] == "doubtful"
    assert "does not hold" in doubted["judged"]
    assert cell(desk, "department")["judged"] == ""
    typed = cell(screen.act(TYPE_TOTAL), "self_pay_total")
    assert (typed["judgement"], typed["judged"]) == ("confirmed", "Confirmed: a person's word")
