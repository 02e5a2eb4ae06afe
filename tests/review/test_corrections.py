"""What a person types becomes a cell, never a guess; what is said of a row stays with it."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.shaping import shape
from extraction.validation import validate
from review.corrections import Cell, Change, Draft, Step, cell_at, decided_flags, flag_key, typed_cell
from review.row_order import placed, placed_flag, places_of, with_moved, with_row, without_row
from schemas.layout import BoundingBox
from schemas.medical_receipt import FeeItem, MedicalReceipt
from schemas.result import CellState, Evidence, Extraction, Flag, Reading, Severity, Suggestion

BOX = BoundingBox(0, 0, 1, 1)


def extraction_of(*rows: dict[str, str | None], flags: tuple[Flag, ...] = (), **header: str) -> Extraction:
    reading = Reading(reader="fake", document_type="medical_receipt", values={**header, "items": list(rows)})
    shaped = shape(reading)
    made = Extraction(file="a.png", sha256="0", document_type="medical_receipt", document=shaped.document,
                      states=shaped.states, unparsed=shaped.unparsed, readings=[reading])  # fmt: skip
    found, made.checks = validate(made)
    made.flags = [*flags, *found]
    return made


def doubt(*paths: str, code: str = "column_mismatch") -> Flag:
    suggestions = tuple(Suggestion(path=path, value="1", source="ocr") for path in paths)
    return Flag(code=code, severity=Severity.WARNING, paths=paths, suggestions=suggestions)


@pytest.mark.parametrize(
    ("path", "text", "value", "state", "unparsed"),
    [
        ("items.0.nhi_amount", "1,200", "1200", CellState.VALUE, None),
        ("items.0.nhi_amount", " 1200 ", "1200", CellState.VALUE, None),
        ("items.0.nhi_amount", "壹仟貳佰元整", "1200", CellState.VALUE, None),
        ("items.0.nhi_amount", "0", "0", CellState.ZERO, None),
        ("items.0.nhi_amount", "", None, CellState.BLANK, None),
        ("items.0.nhi_amount", "  ", None, CellState.BLANK, None),
        ("items.0.nhi_amount", "?", None, CellState.UNREADABLE, None),
        ("items.0.nhi_amount", "?", None, CellState.UNREADABLE, None),
        ("items.0.nhi_amount", "1?00", None, CellState.UNREADABLE, "1?00"),
        ("items.0.nhi_amount", "12O0", None, CellState.UNREADABLE, "12O0"),
        ("visit_date", "114/5/21", "2025-05-21", CellState.VALUE, None),
        ("visit_date", "114/13/21", None, CellState.UNREADABLE, "114/13/21"),
        ("hospital_name", "示範醫院", "示範醫院", CellState.VALUE, None),
        ("hospital_name", "示?醫院", "示?醫院", CellState.VALUE, None),
        ("is_original", "正本", True, CellState.VALUE, None),
        ("is_original", "perhaps", None, CellState.UNREADABLE, "perhaps"),
        ("visit_kind", "門診", "outpatient", CellState.VALUE, None),
    ],
)
def test_typed_text_becomes_what_it_says_and_is_never_dropped(path, text, value, state, unparsed):
    assert typed_cell("medical_receipt", path, text) == Cell(value=value, state=state, unparsed=unparsed)


def test_unknown_cell_is_refused():
    with pytest.raises(KeyError):
        typed_cell("medical_receipt", "items.0.price", "1")
    with pytest.raises(KeyError):
        cell_at(extraction_of(), "items.0.name")


@given(st.text(max_size=12))
@settings(deadline=None)
def test_no_typed_text_crashes(text):
    for path in ("nhi_total", "visit_date", "hospital_name", "is_original", "national_id", "visit_kind"):
        cell = typed_cell("medical_receipt", path, text)
        assert cell.state is not CellState.VALUE or cell.value is not None
        assert cell.state is not CellState.UNREADABLE or cell.unparsed in (text, None)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3))
@settings(deadline=None)
def test_amounts_survive_being_stored(value):
    draft = Draft(extraction_of()).apply([Step("correct", "nhi_total", typed_json("nhi_total", f"{value:f}0"))])
    stored = Extraction.model_validate_json(draft.check().model_dump_json())
    assert stored.document.nhi_total == value


def typed_json(path: str, text: str) -> object:
    return typed_cell("medical_receipt", path, text).model_dump(mode="json")


def test_correction_settles_doubts_on_its_cell_and_no_other():
    base = extraction_of({"name": "藥費", "nhi_amount": "10"}, flags=(
        doubt("items.0.nhi_amount"),
        doubt("items.0.nhi_amount", "items.0.self_pay_amount", code="readers_differ"),
        doubt("hospital_name", code="not_on_page"),
        doubt(code="page_failed"),
    ))  # fmt: skip
    draft = Draft(base).apply([Step("correct", "items.0.nhi_amount", typed_json("items.0.nhi_amount", "12"))])
    flags = {flag.code: flag for flag in draft.check().flags}
    assert "column_mismatch" not in flags
    assert flags["readers_differ"].paths == ("items.0.self_pay_amount",)
    assert [item.path for item in flags["readers_differ"].suggestions] == ["items.0.self_pay_amount"]
    assert flags["not_on_page"].paths == ("hospital_name",)
    assert "page_failed" in flags
    assert draft.corrected == {"items.0.nhi_amount": "10"}


def test_doubt_of_a_reader_stays_though_a_rule_has_its_code():
    flag = doubt("items.0.nhi_amount", code="line_sum_nhi")
    base = extraction_of({"name": "藥費", "nhi_amount": "10"}, flags=(flag,), nhi_total="10")
    base.readings[0].doubts = [flag]
    draft = Draft(base).apply([Step("correct", "hospital_name", typed_json("hospital_name", "甲醫院"))])
    assert flag in draft.check().flags


def test_rule_is_run_anew_after_a_correction():
    base = extraction_of({"name": "藥費", "nhi_amount": "10"}, nhi_total="12")
    assert "line_sum_nhi" in {flag.code for flag in base.flags}
    draft = Draft(base).apply([Step("correct", "nhi_total", typed_json("nhi_total", "10"))])
    assert "line_sum_nhi" not in {flag.code for flag in draft.check().flags}


@pytest.mark.parametrize("path", ["nhi_total", "items.0.self_pay_amount", "visit_date", "is_original"])
def test_typed_text_that_is_no_value_is_always_flagged(path):
    draft = Draft(extraction_of({"name": "藥費"})).apply([Step("correct", path, typed_json(path, "1x1"))])
    extraction = draft.check()
    assert extraction.unparsed[path] == "1x1"
    assert any(path in flag.paths for flag in extraction.flags)


def test_base_is_never_changed():
    base = extraction_of({"name": "藥費", "nhi_amount": "10"}, flags=(doubt("items.0.name"),))
    before = base.model_dump_json()
    Draft(base).apply([Step("insert_row", "items.0", None), Step("swap_columns", "items.1", None),
                       Step("delete_row", "items.0", None)]).check()  # fmt: skip
    assert base.model_dump_json() == before


def test_swap_exchanges_value_state_text_and_place():
    base = extraction_of({"name": "藥費", "nhi_amount": "1x0", "self_pay_amount": "0"})
    base.evidence["items.0.nhi_amount"] = [Evidence(page=0, box=BOX, text="1x0")]
    after = Draft(base).apply([Step("swap_columns", "items.0", None)]).check()
    assert cell_at(after, "items.0.nhi_amount") == Cell(value="0", state=CellState.ZERO)
    assert cell_at(after, "items.0.self_pay_amount") == Cell(state=CellState.UNREADABLE, unparsed="1x0")
    assert list(after.evidence) == ["items.0.self_pay_amount"]


@pytest.mark.parametrize(
    ("path", "order", "expected"),
    [
        ("items.1.name", with_row(4, 2), "items.1.name"),
        ("items.2.name", with_row(4, 2), "items.3.name"),
        ("items.2", with_row(4, 2), "items.3"),
        ("items", with_row(4, 2), "items"),
        ("copayments.2.name", with_row(4, 2), "copayments.2.name"),
        ("nhi_total", with_row(4, 2), "nhi_total"),
        ("items.1.name", without_row(4, 2), "items.1.name"),
        ("items.2.name", without_row(4, 2), None),
        ("items.3.name", without_row(4, 2), "items.2.name"),
        ("items.3.name", with_moved(4, 3, 0), "items.0.name"),
        ("items.0.name", with_moved(4, 3, 0), "items.1.name"),
        ("items.1.name", with_moved(4, 1, 2), "items.2.name"),
        ("items.2.name", with_moved(4, 1, 2), "items.1.name"),
    ],
)
def test_paths_follow_their_row(path, order, expected):
    assert placed(path, "items", places_of(order)) == expected


@pytest.mark.parametrize(
    ("order", "at"),
    [
        (with_row(3, 0), 3),
        (with_row(3, 2), 2),
        (without_row(3, 1), 1),
        (without_row(3, 2), 2),
        (with_moved(3, 1, 0), 2),
    ],
)
def test_row_to_be_put_in_stays_behind_the_row_that_it_follows(order, at):
    missing = doubt("items.2.name", code="row_missing").model_copy(update={"paths": ("items",)})
    moved = placed_flag(missing, "items", places_of(order))
    assert [item.path for item in moved.suggestions] == [f"items.{at}.name"]


def test_dismissed_flag_stays_dismissed_when_its_row_moves():
    base = extraction_of({"name": "藥費"}, {"name": "診察費"}, flags=(doubt("items.1.name"),))
    flag = base.flags[0]
    draft = Draft(base).apply([Step("dismiss", flag_key(flag), flag.model_dump(mode="json")),
                               Step("insert_row", "items.0", None)])  # fmt: skip
    decided = decided_flags(draft.check(), draft.dismissed, {})
    moved = next(item for item in decided if item.flag.code == "column_mismatch")
    assert (moved.flag.paths, moved.decision) == (("items.2.name",), "dismissed")


def test_dismissed_flag_is_open_again_when_its_facts_change():
    flag = Flag(code="line_sum_nhi", severity=Severity.WARNING, paths=("nhi_total",), parameters={"sum": "10"})
    other = flag.model_copy(update={"parameters": {"sum": "11"}})
    assert flag_key(flag) != flag_key(other)


def test_inserting_a_row_answers_that_no_table_was_read():
    base = extraction_of()
    base.states["items"] = CellState.NOT_READ
    after = Draft(base).apply([Step("insert_row", "items.0", None)]).check()
    assert "items" not in after.states
    assert after.state("items.0.name") is CellState.BLANK


ACTIONS = st.sampled_from(["insert_row", "delete_row", "swap_columns", "move_row"])


@given(st.lists(st.tuples(ACTIONS, st.integers(0, 6)), max_size=8))
@settings(max_examples=60, deadline=None)
def test_all_that_is_said_of_a_row_stays_with_it(moves):
    """Each row has its number as its value, in its evidence, its flag and its reading; they agree after any moves."""
    rows = [{"name": f"r{n}", "nhi_amount": str(n + 1), "self_pay_amount": "0"} for n in range(4)]
    base = extraction_of(*rows, flags=tuple(
        doubt(f"items.{n}.name").model_copy(update={"parameters": {"row": f"r{n}"}}) for n in range(4)
    ))  # fmt: skip
    for n in range(4):
        base.evidence[f"items.{n}.name"] = [Evidence(page=0, box=BOX, text=f"r{n}")]
    draft = Draft(base)
    expected = [f"r{n}" for n in range(4)]
    for action, index in moves:
        if action == "insert_row" and index <= len(expected):
            expected.insert(index, "")
        elif action == "delete_row" and index < len(expected):
            del expected[index]
        elif action == "swap_columns" and index < len(expected):
            pass
        elif action == "move_row" and index < len(expected):
            expected.insert(0, expected.pop(index))
        else:
            continue
        draft.apply([Step(action, f"items.{index}", {"to": 0} if action == "move_row" else None)])
    after = draft.check()
    names = [item.name or "" for item in after.document.items]
    assert names == expected
    for n, name in enumerate(names):
        assert (after.states.get(f"items.{n}.name") is CellState.BLANK) == (not name)
        assert [e.text for e in after.evidence.get(f"items.{n}.name", [])] == ([name] if name else [])
        assert [f.parameters["row"] for f in after.flags if f.code == "column_mismatch" and
                f.paths == (f"items.{n}.name",)] == ([name] if name else [])  # fmt: skip
        read = after.readings[0].values["items"]
        assert (read[n].get("name", "") if n < len(read) else "") == name
    stray = [path for path in (*after.states, *after.evidence) if path.startswith("items.")]
    assert all(int(path.split(".")[1]) < len(names) for path in stray)


def test_cells_read_as_people_write_them():
    document = MedicalReceipt(visit_date=dt.date(2025, 5, 21), nhi_total=Decimal("1200.50"), is_original=True)
    document.items.append(FeeItem(name="藥費"))
    extraction = Extraction(file="a", sha256="0", document_type="medical_receipt", document=document,
                            states={"doctor": CellState.NOT_READ, "notes": CellState.UNREADABLE})  # fmt: skip
    paths = ("visit_date", "nhi_total", "is_original", "doctor", "notes", "items.0.name", "department")
    assert [cell_at(extraction, path).text for path in paths] == [
        "2025-05-21", "1200.5", "true", None, "?", "藥費", ""
    ]  # fmt: skip
    assert Change("a", "b").text == "b"
