"""What counts as a broken answer, on recorded ones and on right ones that repeat as receipts do."""

import json
import time
from pathlib import Path
from random import Random

import pytest
from answers import answers, long_inpatient_receipt, tokens_of, wire
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extraction.degeneration import Fault, Guard
from extraction.degeneration.guard import STRIDE
from extraction.degeneration.loops import WINDOW, count_tokens

SENTENCE = (
    "Happy birthday to you!🎂\n"  # ollama, glm-ocr: the excerpts are from public issues, see the README of the data
)
FORM_LINES = ["服务描述：项目名称：项目名称", "服务状态：已通过", "服务状态：已完成", "项目名称：项目名称"]
DRIFT = ["Hakate Toolbox", "Hekate Toolbox", "HakateToolbox"]
NOISE = "로부터千년윈絮ималь<|endoftext|>经济柰_fn卒\ufffd兼顾 рак程度ียKN羚로부터aset\ufffdyi济ракaxy\ufffd덴相"
NAMES = [
    "診察費",
    "藥費",
    "藥事服務費",
    "檢查費",
    "X光費",
    "注射技術費",
    "特殊材料費",
    "手術費",
    "麻醉費",
    "證明書費",
    "病房費",
    "膳食費",
]


def dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same answers in every run


def judge(text: str, *, is_json: bool = False, finish: str | None = "stop", size: int = 3) -> tuple[Fault | None, int]:
    """Stream a text in deltas of a size; return the fault and the characters that had come by then."""
    guard = Guard(is_json=is_json)
    for place in range(0, len(text), size):
        if fault := guard.feed(text[place : place + size]):
            return fault, place + size
    return guard.finish(finish), len(text)


def cause_of(text: str, **how: object) -> str | None:
    fault, _ = judge(text, **how)  # type: ignore[arg-type]
    return fault and fault.cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("!" * 200, "numeric_fault"),
        ("醫院\n" + "!" * 200, "numeric_fault"),
        ("<pad>" * 80, "numeric_fault"),
        ("next to cups." + "! " * 200, "repetition"),
        ("곧 " * 200, "repetition"),
        ("0" * 300, "repetition"),
        (SENTENCE * 30, "repetition"),
        ("6.3.1. 2 2 6.3.2 6.3.3. " * 100, "repetition"),
        ("<tr><td></td><td></td><td></td></tr>" * 60, "repetition"),
        ("<tr><td>藥費</td><td>1,500</td></tr>" * 120, "repetition"),
        (("醫院\n" + "".join(f"{name}  {len(name) * 37}\n" for name in NAMES)) * 12, "repetition"),
        ("藥費 0 0\n" * 90, "near_duplicate_lines"),
        ("  |                 |\n" * 40, "repetition"),
        ("\n".join(dice(1).choices(FORM_LINES, k=60)), "near_duplicate_lines"),
        ("\n\n".join(dice(2).choices(DRIFT, k=60)), "near_duplicate_lines"),
        ("".join(f"藥費 {dice(n).randrange(9000)} 0\n" for n in range(120)), "near_duplicate_lines"),
        ("".join(f"Invoice Number: IV-{55168 + n // 2} " for n in range(60)), "counting"),
        ("".join(f"第{n}項 藥費 100 0\n" for n in range(1, 120)), "counting"),
        ("".join(f"{n}\n" for n in range(1, 400)), "counting"),
        (" \n" * 400, "whitespace"),
        (NOISE * 3, "script_noise"),
    ],
)  # fmt: skip
def test_broken_answer_is_found_while_it_streams(text, cause):
    fault, seen = judge(text)
    assert fault is not None
    assert fault.cause == cause
    assert seen <= len(text)
    assert len(fault.unit) <= 60


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ('{"hospital_name": ' + "\n \n " * 50, "whitespace"),
        ('{"notes":"' + "!" * 200, "numeric_fault"),
        ('{"notes":"' + "謝謝您的惠顧歡迎再度光臨" * 30, "repetition"),
        ('{"items":[' + '{"name":"藥費","nhi_amount":"0","self_pay_amount":"0"},' * 70, "repetition"),
        ('{"items":[' + "".join(f'{{"name":"IV-{55168 + n}","amount":null}},' for n in range(60)), "counting"),
        ('{"notes":"' + r"\n" * 200, "repetition"),
    ],
)
def test_broken_json_is_found_while_it_streams(answer, cause):
    fault, seen = judge(answer, is_json=True)
    assert fault is not None
    assert fault.cause == cause
    assert seen < len(answer)


@pytest.mark.parametrize(
    "text",
    [
        "0\n" * 80,
        "藥費 0 " * 40,
        "| 藥費 | 0 | 0 |\n" * 40,
        "<tr><td>藥費</td><td>0</td></tr>" * 35,
        "診察費" + "." * 150 + "345\n" + "─" * 120 + "\n" + "= " * 80,
        "|" + "---|" * 40 + "\n" + "|  |  |  |  |  |\n" * 24,
        "簽章：" + r"\_" * 100,
        "姓名" + " " * 200 + "王小明" + "\n" * 60,
        "".join(f"114/05/{day:02} 病房費 1,500 0\n" for day in range(1, 32)),
        "".join(f"1140{5 + day // 31}{day % 31 + 1:02} 病房費 1,500 0\n" for day in range(40)),
        "".join(f"{number} 病房費 1,500 0\n" for number in range(1, 41)),
        "合計！！！ 謝謝惠顧!!!",
        "YOU DIDN'T COME THIS\nFAR TO ONLY COME\nTHIS FAR\n" * 3,
        "ご利用ありがとうございます 感謝 감사합니다 VAT는 10% Спасибо ขอบคุณ شكرا",
        "大丈夫なのですか…？\n大丈夫なのですよねよね…？\n",
        "missing in table",
    ],
)
def test_print_that_repeats_is_no_fault(text):
    assert judge(text)[0] is None


@pytest.mark.parametrize("rows", [10, 25, 31])
def test_same_room_charge_for_a_month_is_no_fault(rows):
    for name, is_json, text in answers(long_inpatient_receipt(rows)):
        if name == "indented wire" and rows > 25:  # 28 tokens a row; the servers are told to leave white space out
            continue
        assert judge(text, is_json=is_json)[0] is None, name


def test_forty_rows_of_empty_cells_are_no_fault():
    items = [{"name": f"{name}{kind}"} for kind in ("", "(自付)", "(差額)", "加成") for name in NAMES][:40]
    label = {"document_type": "medical_receipt", "document": {"items": items}}
    assert judge(wire(label), is_json=True)[0] is None
    assert judge(wire(label, 2), is_json=True)[0] is None


@pytest.mark.parametrize(
    ("text", "finish", "is_json", "cause"),
    [
        ("", "stop", False, "empty"),
        (" \n ", "stop", True, "empty"),
        ("", None, False, "empty"),
        ("", "length", False, "truncated"),
        ('{"hospital_name": "示範', "length", True, "truncated"),
        ("診察費 345 0\n" * 3, "length", False, "truncated"),
        ("| 藥費 | 1,500 | 0 |\n" * 45, "length", False, "repetition"),
        ("| 藥費 | 1,500 | 0 |\n" * 45, "stop", False, None),
        ('{"a": """"', "repetition", True, "repetition"),
        ("!" * 16, "length", False, "numeric_fault"),
        ("!" * 16, "stop", False, "numeric_fault"),
        ("診察費 345 0", "stop", False, None),
        ("診察費 345 0", None, False, None),
    ],
)
def test_end_of_the_answer_tells_what_the_stream_could_not(text, finish, is_json, cause):
    assert cause_of(text, finish=finish, is_json=is_json) == cause


def test_fault_says_where_it_begins_and_stays():
    guard = Guard(is_json=False)
    fault = guard.feed("A receipt of some hospital." + SENTENCE * 40)
    assert fault is not None
    assert 27 <= fault.at <= 27 + len(SENTENCE)
    assert guard.feed("and on it goes") == fault
    assert guard.finish("stop") == fault


# -- recorded answers ------------------------------------------------------------------------------------------------

SILENT = {"d03", "d16", "d17", "d18", "d20", "d21"}
ENOUGH_RECORDED = {
    "d01": "numeric_fault",
    "d02": "repetition",
    "d04": "near_duplicate_lines",
    "d05": "near_duplicate_lines",
    "d06": "repetition",
    "d07": "repetition",
    "d08": "near_duplicate_lines",
    "d09": "repetition",
    "d12": "counting",
    "d13": "repetition",
    "d14": "script_noise",
    "d15": "whitespace",
}
EXCERPTS = {"d10": ("6.3.1. 2 2 6.3.2 6.3.3. ", "repetition"), "d11": ("곧 ", "repetition")}
"""Quoted so shortly that no one could call them a loop: they go on as the threads say they did."""
JSON_ANSWERS = {"d15", "d16", "d20"}


@pytest.fixture(scope="session")
def recorded(shared_data: Path) -> dict[str, str]:
    lines = (shared_data / "degenerate" / "fixtures.jsonl").read_text(encoding="utf-8").splitlines()
    return {case["id"]: case["text"] for case in map(json.loads, lines)}


@pytest.mark.shared
def test_recorded_answers_are_told_apart(recorded):
    found = {name: cause_of(text, is_json=name in JSON_ANSWERS) for name, text in recorded.items() if name != "d19"}
    assert found == {name: ENOUGH_RECORDED.get(name) for name in found}
    assert set(SILENT) == {name for name, cause in found.items() if cause is None} - set(EXCERPTS)
    assert cause_of(recorded["d19"], finish="length") == "truncated"


@pytest.mark.shared
@pytest.mark.parametrize("name", EXCERPTS)
def test_recorded_excerpts_are_found_once_they_go_on(recorded, name):
    unit, cause = EXCERPTS[name]
    assert recorded[name].startswith(unit)
    assert cause_of(unit * 200) == cause


@pytest.mark.shared
def test_no_right_answer_raises_an_alarm_however_it_is_cut(shared_data):
    labels = (shared_data / "synthetic" / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(labels) == 84
    for label in map(json.loads, labels):
        for name, is_json, text in answers(label):
            for size in (7, 1000):
                assert judge(text, is_json=is_json, size=size)[0] is None, (label["file"], name)


# -- promises --------------------------------------------------------------------------------------------------------


def made_up(seed: int, rows: int = 14) -> dict[str, object]:
    chance = dice(seed)
    items = [
        {"name": name, "nhi_amount": str(chance.choice([0, 0, 345, chance.randrange(9000)])), "self_pay_amount": "0"}
        for name in chance.choices(NAMES, k=rows)
    ]
    header = {"hospital_name": "示範醫院", "patient_name": "王小明", "visit_date": "2025-05-21", "nhi_total": "7023"}
    return {"document_type": "medical_receipt", "document": {**header, "items": items}}


CONTROLS = [(is_json, text) for seed in range(4) for _, is_json, text in answers(made_up(seed))]
controls = st.sampled_from(CONTROLS)
real_lines = [line for is_json, text in CONTROLS if not is_json for line in text.splitlines()]
tokens = st.text(st.sampled_from("0369ab eTtZ,:()的費藥診은ー!?#"), min_size=1, max_size=4)
lines = st.lists(
    st.sampled_from(sorted(line for line in set(real_lines) if len(line) < 200)), min_size=1, max_size=3
).map(lambda some: "\n".join(some) + "\n")
units = st.one_of(
    tokens, lines, st.just("\n"), st.just(" "), st.just("<td></td>"), st.just('{"name":"藥費","nhi_amount":"0"},')
)


@given(controls, st.lists(st.integers(1, 200), min_size=1, max_size=40), units, st.integers(0, 300))
def test_chunking_changes_no_verdict(control, sizes, unit, times):
    is_json, text = control[0], control[1] + unit * times
    expected = judge(text, is_json=is_json, size=1)[0]
    guard, place = Guard(is_json=is_json), 0
    fault = None
    while place < len(text) and not fault:
        size = sizes[place % len(sizes)]
        fault = guard.feed(text[place : place + size])
        place += size
    assert (fault or guard.finish("stop")) == expected


@settings(max_examples=300)
@given(controls, units)
@example((False, ""), "|---|---|\n")
@example((True, '{"items":['), '{"name":"藥費","nhi_amount":"0","copayment_amount":null,"self_pay_amount":"0"},')
@example((False, ""), "| 特殊材料費 | 1,500 | 0 |\n" * 3)
@example((False, ""), "本院收據請妥善保存,遺失恕不補發。\n" * 10)
def test_loop_behind_any_answer_is_cut_within_400_tokens_of_being_recognisable(control, unit):
    is_json, start = control
    loop = unit * (6000 // len(unit) + 4)
    fault, seen = judge(start + loop, is_json=is_json, size=1)
    assert fault is not None
    assert fault.cause in ("repetition", "whitespace", "near_duplicate_lines", "numeric_fault", "script_noise")
    length = seen - len(start)
    # Recognisable: three whole units, and more of them than a receipt may well hold (eight rows of text, 16 of markup).
    recognisable = max(3 * count_tokens(unit), 360 if '"' in unit or "</" in unit else 100)
    assert count_tokens(loop[:length]) - recognisable <= 400 + count_tokens("費" * STRIDE)


@settings(max_examples=100)
@given(st.permutations(real_lines), st.sampled_from(["\n", "\n\n"]))
def test_shuffled_real_lines_raise_no_alarm(some, separator):
    assert judge(separator.join(some))[0] is None


def test_guard_costs_less_than_two_percent_of_a_core_for_64_streams():
    pieces = [(is_json, tokens_of(text)) for is_json, text in CONTROLS]
    best = 1.0
    for _ in range(5):
        count, started = 0, time.thread_time()
        for is_json, deltas in pieces:
            feed = Guard(is_json=is_json).feed
            for delta in deltas:
                feed(delta)
            count += len(deltas)
        best = min(best, (time.thread_time() - started) / count)
    assert best * 200 * 64 <= 0.02


def test_long_answers_take_no_more_memory():
    guard = Guard(is_json=False)
    rows = "".join(f"{a}{b} {n}\n" for n, (a, b) in enumerate((a, b) for a in NAMES for b in NAMES))
    for n in range(200):
        assert guard.feed("\n".join(dice(n).sample(rows.splitlines(), k=100))) is None
    assert len(guard._text) + len(guard._folded) <= 2 * WINDOW
    assert len(guard._lines._places) <= 200
