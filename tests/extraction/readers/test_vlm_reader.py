"""A model behind a server: what is asked, what is asked again and why, and what of an answer reaches the reading."""

import logging
import threading

import pytest
import vllm_dialect as dialect
from PIL import Image
from pydantic import SecretStr

from extraction.errors import (
    DegenerateOutputError,
    ReaderError,
    ReaderUnavailableError,
    ReadingCancelledError,
    SchemaMismatchError,
    UnknownDocumentTypeError,
)
from extraction.page import PageImage
from extraction.prompts import prompt
from extraction.readers.profiles import Profile, shipped_profiles
from extraction.readers.vlm import VlmReader
from extraction.shaping import shape
from review.i18n import LANGUAGES, catalog
from review.messages import flag_message
from schemas.layout import BoundingBox, TextLine
from schemas.result import CellState, Severity

RECEIPT = {
    "hospital_name": "示範醫院", "patient_name": "王小明", "visit_date": "114/05/21",
    "items": [
        {"name": "診察費", "nhi_amount": "345", "copayment_amount": None, "self_pay_amount": "0"},
        {"name": "藥費", "nhi_amount": "412", "copayment_amount": None, "self_pay_amount": "15?"},
    ],
    "nhi_total": "999", "self_pay_total": "150",
}  # fmt: skip


@pytest.fixture
def server():
    with dialect.DialectServer() as running:
        yield running


def receipt(**changes):
    """The whole answer: every key of the schema, as a constrained model gives it."""
    return lambda asked: dialect.answer(
        {**dialect.sample(asked.body["response_format"]["json_schema"]["schema"]), **RECEIPT, **changes}
    )


def page(number=0, height=400):
    return PageImage(number, Image.new("RGB", (300, height), (250, 250, 250 - number)))


def reader(server, *, lines=(), **changes):
    given = {"strategy": "structure", "totals_witness": False, "logprobs": False, "base_url": server.base_url}
    profile = shipped_profiles()["rolmocr"].model_copy(update=given | changes)
    return VlmReader(Profile.model_validate(profile.__dict__), hint=lambda page: list(lines))


def line(text, top, left=0.1):
    return TextLine(text=text, box=BoundingBox(left, top, left + 0.2, top + 0.02))


def codes(reading):
    return [flag.code for flag in reading.doubts]


def causes(reading):
    return [attempt.cause for attempt in reading.attempts]


# -- one read --------------------------------------------------------------------------------------------------------


def test_structured_answer_becomes_a_reading_with_states(server):
    server.queue(receipt())
    reading = reader(server).read([page()], "medical_receipt")
    shaped = shape(reading)
    assert shaped.document.items[0].nhi_amount == 345
    assert shaped.states["items.0.self_pay_amount"] is CellState.ZERO
    assert shaped.states["items.0.copayment_amount"] is CellState.BLANK
    assert shaped.states["items.1.self_pay_amount"] is CellState.UNREADABLE
    assert (reading.reader, reading.model) == ("rolmocr", "reducto/RolmOCR")
    assert reading.prompt == prompt("structure").digest
    (attempt,) = reading.attempts
    assert (attempt.kind, attempt.cause, attempt.finish_reason) == ("structure", None, "stop")
    assert attempt.tokens_in and attempt.tokens_out and "示範醫院" in attempt.raw


def test_sum_that_does_not_add_up_never_goes_back_to_the_model(server):
    server.queue(receipt(nhi_total="999"))
    assert reader(server).read([page()], "medical_receipt").values["nhi_total"] == "999"
    assert len(server.history) == 1


def test_picture_stands_first_and_the_schema_is_sent_as_response_format(server):
    server.queue(receipt())
    reader(server).read([page()], "medical_receipt")
    (asked,) = server.history
    assert [part["type"] for part in asked.parts] == ["image_url", "text"]
    assert asked.body["response_format"]["type"] == "json_schema"
    assert "tools" not in asked.body
    assert "hospital_name" in asked.text, "the grammar is invisible to the model: the guide says the keys"


def test_transcript_goes_along_to_the_second_read_of_the_same_picture(server):
    server.queue(dialect.text("示範醫院 診察費 345"), receipt())
    reading = reader(server, strategy="transcribe_then_structure").read([page()], "medical_receipt")
    first, second = server.history
    assert first.images == second.images, "the same bytes, so that the prefix cache hits"
    assert "診察費 345" in second.text
    assert [attempt.kind for attempt in reading.attempts] == ["transcribe", "structure"]


def test_transcript_alone_is_put_into_the_schema_by_our_own_code(server):
    table = "| 項目 | 健保點數 | 自費金額 |\n|---|---|---|\n| 診察費 | 345 | 0 |\n| 藥費 | 412 | 150 |\n"
    server.queue(dialect.text(table))
    reading = reader(server, strategy="transcribe").read([page()], "medical_receipt")
    assert [row["nhi_amount"] for row in reading.values["items"]] == ["345", "412"]
    assert "response_format" not in server.history[0].body
    assert reading.prompt == prompt("transcribe_rolmocr").digest


def test_lines_of_the_ocr_are_a_hint_where_the_profile_says_so(server):
    server.queue(receipt(), receipt())
    lines = [line("示範醫院", 0.1), line("藥費", 0.2)]
    for wanted in (True, False):
        reader(server, lines=lines, ocr_hint=wanted).read([page()], "medical_receipt")
    assert "<ocr_lines>" in server.history[0].text
    assert "<ocr_lines>" not in server.history[1].text


# -- evidence and doubts ---------------------------------------------------------------------------------------------


def test_value_that_stands_once_on_the_page_gets_its_box(server):
    server.queue(receipt(nhi_total="1,345"))
    lines = [line("示範醫院", 0.1), line("345", 0.2), line("412", 0.3), line("412", 0.4), line("點數 1345", 0.5)]
    reading = reader(server, lines=lines).read([page()], "medical_receipt")
    assert reading.evidence["hospital_name"][0].box == lines[0].box
    assert reading.evidence["items.0.nhi_amount"][0].box == lines[1].box, "345 is not a part of 1345"
    assert reading.evidence["nhi_total"][0].match == "folded"
    assert "items.1.nhi_amount" not in reading.evidence, "it stands twice"


def test_total_asked_for_alone_is_a_witness(server):
    totals = {"nhi_total": "999", "self_pay_total": "190", "amount_due": None}
    server.queue(receipt(), dialect.answer(totals))
    reading = reader(server, totals_witness=True).read([page()], "medical_receipt")
    (flag,) = [flag for flag in reading.doubts if flag.code == "totals_differ"]
    assert (flag.paths, flag.severity) == (("self_pay_total",), Severity.ERROR)
    assert {suggestion.value for suggestion in flag.suggestions} == {"150", "190"}
    assert reading.values["self_pay_total"] == "150"


def test_witness_that_says_nothing_of_use_costs_nothing(server):
    server.queue(receipt(), dialect.text("I see no totals."), dialect.text("Really none."))
    reading = reader(server, totals_witness=True).read([page()], "medical_receipt")
    assert "totals_differ" not in codes(reading)
    assert causes(reading) == [None, "schema_mismatch", "schema_mismatch"]


def test_unlikely_token_of_a_value_is_a_doubt_without_a_number(server):
    def unsure(asked):
        reply = receipt()(asked)
        return dialect.answer(__import__("json").loads(reply.text), logprob=-1.5)

    server.queue(unsure)
    reading = reader(server, logprobs=True).read([page()], "medical_receipt")
    flags = [flag for flag in reading.doubts if flag.code == "low_probability"]
    assert ("items.0.nhi_amount",) in [flag.paths for flag in flags]
    assert all(not flag.parameters for flag in flags)


def test_page_that_looks_like_another_type_is_doubted(server):
    server.queue(receipt())
    lines = [line("電子發票證明聯", 0.1), line("總計 100", 0.2), line("統一編號 12345675", 0.3)]
    assert codes(reader(server, lines=lines).read([page()], "medical_receipt"))[0] == "wrong_document_type"


# -- asked again -----------------------------------------------------------------------------------------------------


def test_broken_json_is_asked_again_once_and_both_answers_stay(server):
    server.queue(dialect.text('{"hospital_name": "示範'), receipt())
    reading = reader(server).read([page()], "medical_receipt")
    assert causes(reading) == ["schema_mismatch", None]
    assert reading.attempts[0].raw == '{"hospital_name": "示範'


def test_answer_that_never_fits_is_an_error_with_all_attempts(server):
    server.queue(dialect.text("no"), dialect.text("still no"))
    with pytest.raises(SchemaMismatchError) as caught:
        reader(server).read([page()], "medical_receipt")
    assert [attempt.raw for attempt in caught.value.attempts] == ["no", "still no"]
    assert caught.value.__cause__ is None, "Instructor's error holds the picture"


def test_loop_is_asked_again_warmer_and_with_another_picture(server):
    server.queue(dialect.endless('{"name":"藥費","nhi_amount":"1"},', after='{"items":[', token_delay=0), receipt())
    reading = reader(server).read([page()], "medical_receipt")
    first, second = server.history
    assert second.body["temperature"] > first.body["temperature"]
    assert second.images != first.images
    assert reading.attempts[0].cause in ("repetition", "near_duplicate_lines")
    assert causes(reading)[-1] is None


def test_cut_off_answer_is_given_more_room(server):
    server.queue(dialect.truncated_json(), receipt())
    reading = reader(server).read([page()], "medical_receipt")
    first, second = server.history
    assert second.body["max_tokens"] == 2 * first.body["max_tokens"]
    assert causes(reading) == ["truncated", None]
    assert "truncated" not in codes(reading)


def test_answer_cut_off_again_keeps_what_is_whole_and_says_so(server):
    server.queue(dialect.truncated_json(), dialect.truncated_json())
    reading = reader(server).read([page()], "medical_receipt")
    assert reading.values["hospital_name"] == "示範醫院"
    assert reading.values["items"][0]["name"] == "診察費"
    assert "items.0.self_pay_amount" in reading.not_read
    (flag,) = [flag for flag in reading.doubts if flag.code == "truncated"]
    assert flag.severity is Severity.ERROR


@pytest.mark.parametrize("cut", ['{"nhi_total":34', '{"nhi_total":"34', '{"nhi_total":-'])
def test_number_that_was_cut_is_no_value(server, cut):
    server.queue(*[dialect.text(cut, finish_reason="length")] * 2)
    reading = reader(server).read([page()], "medical_receipt")
    assert reading.values["nhi_total"] is None
    assert "nhi_total" in reading.not_read


def test_page_cut_off_again_is_read_in_smaller_bands(server):
    lines = [line(f"項目{number} {number}00", number / 45) for number in range(40)]
    rows = [[{"name": f"項目{n}", "nhi_amount": f"{n}00", "copayment_amount": None, "self_pay_amount": None}
             for n in part] for part in (range(20), range(19, 40))]  # fmt: skip
    server.queue(dialect.truncated_json(), dialect.truncated_json(), *(receipt(items=part) for part in rows))
    reading = reader(server, lines=lines).read([page(height=1600)], "medical_receipt")
    names = [row["name"] for row in reading.values["items"]]
    assert len(names) == len(set(names)) >= 39
    assert len(set(server.history[2].images + server.history[3].images)) == 2


def rows(numbers):
    return [{"name": f"項目{n}", "nhi_amount": f"{n}00", "copayment_amount": None, "self_pay_amount": None}
            for n in numbers]  # fmt: skip


LOOP = dialect.endless("藥費很貴而且還要再說一次。", token_delay=0)


@pytest.mark.parametrize(
    ("failing", "code"),
    [([LOOP] * 3, "repetition"), ([dialect.text("no JSON")] * 2, "page_failed"),
     ([dialect.text('{"hospital_n', finish_reason="length")] * 2, "truncated")],
)  # fmt: skip
def test_band_that_fails_costs_its_own_rows_only_and_is_named(server, failing, code):
    lines = [line(f"項目{number} {number}00", number / 45) for number in range(30)]
    server.queue(receipt(items=rows(range(11))), *failing, receipt(items=rows(range(20, 30))))
    profile = shipped_profiles()["rolmocr"]
    bounds = profile.bounds.model_copy(update={"rows_per_band": 12})
    reading = reader(server, lines=lines, bounds=bounds).read([page(height=1600)], "medical_receipt")
    names = [row["name"] for row in reading.values["items"] if row["name"]]
    assert names == [f"項目{n}" for n in (*range(11), *range(20, 30))]
    (flag,) = [flag for flag in reading.doubts if flag.code == code]
    assert flag.severity is Severity.ERROR
    count, first, last = (flag.parameters[name] for name in ("rows", "first", "last"))
    assert int(count) == 10 and first.startswith("項目1") and last.startswith("項目19")
    assert 0 < int(flag.parameters["top"]) < int(flag.parameters["bottom"]) < 100
    for language in LANGUAGES:
        told = flag_message(catalog(language), flag)
        assert all(part in told for part in (count, first, last)) and "{" not in told


def test_page_all_of_whose_bands_fail_fails(server):
    lines = [line(f"項目{number} {number}00", number / 45) for number in range(30)]
    server.default = LOOP
    bounds = shipped_profiles()["rolmocr"].bounds.model_copy(update={"rows_per_band": 20})
    with pytest.raises(DegenerateOutputError):
        reader(server, lines=lines, bounds=bounds).read([page(height=1600)], "medical_receipt")


def test_numeric_fault_is_not_asked_again(server):
    server.queue(dialect.exclamation())
    with pytest.raises(DegenerateOutputError) as caught:
        reader(server, strategy="transcribe_then_structure").read([page()], "medical_receipt")
    assert caught.value.parameters["cause"] == "numeric_fault"
    assert len(server.history) == 1


def test_context_that_is_too_long_shrinks_the_picture_by_steps(server):
    server.queue(dialect.context_too_long(), dialect.context_too_long(), receipt())
    reading = reader(server).read([page(height=1500)], "medical_receipt")
    sizes = [len(asked.images[0]) for asked in server.history]
    assert sizes == sorted(set(sizes), reverse=True)
    assert causes(reading) == ["context_too_long", "context_too_long", None]


def test_transcript_that_loops_is_left_out_with_a_warning(server):
    server.queue(*[dialect.endless("藥費很貴而且還要再說一次。", token_delay=0)] * 3, receipt())
    reading = reader(server, strategy="transcribe_then_structure").read([page()], "medical_receipt")
    assert [flag.severity for flag in reading.doubts if flag.code == "repetition"] == [Severity.WARNING]
    assert reading.values["hospital_name"] == "示範醫院"
    assert len(reading.attempts) == 4


def test_reading_that_is_called_off_ends_at_once(server):
    server.queue(dialect.hang(after="{"))
    reading = reader(server)
    reading.cancel = threading.Event()
    threading.Timer(0.3, reading.cancel.set).start()
    with pytest.raises(ReadingCancelledError) as caught:
        reading.read([page()], "medical_receipt")
    assert len(server.history) == 1
    assert caught.value.attempts[-1].cause == "cancelled"


def test_server_that_is_not_there_is_found_before_a_page_is_read():
    gone = shipped_profiles()["rolmocr"].model_copy(update={"base_url": "http://127.0.0.1:9/v1"})
    with pytest.raises(ReaderUnavailableError):
        VlmReader(gone).check()


@pytest.mark.parametrize("reply", [dialect.key_refused(), dialect.model_not_found("x"), dialect.no_images()])
def test_refusal_is_an_error_of_ours_that_names_no_key(server, reply, caplog):
    caplog.set_level(logging.DEBUG)
    server.queue(reply)
    with pytest.raises(ReaderError) as caught:
        reader(server, api_key=SecretStr("s3cret-key")).read([page()], "medical_receipt")
    assert "s3cret" not in f"{caught.value} {caught.value.parameters} {caplog.text}"


def test_no_log_holds_an_answer_or_a_picture(server, caplog):
    caplog.set_level(logging.DEBUG)
    server.queue(dialect.text("示範醫院 no JSON"), receipt())
    reader(server).read([page()], "medical_receipt")
    assert "示範醫院" not in caplog.text
    assert "base64" not in caplog.text


# -- pages -----------------------------------------------------------------------------------------------------------


def test_pages_are_read_one_by_one_and_joined_in_order(server):
    more = [{"name": "病房費", "nhi_amount": "5000", "copayment_amount": None, "self_pay_amount": "0"}]
    server.queue(receipt(self_pay_total=None), receipt(hospital_name=None, items=more, nhi_total="5757"))
    reading = reader(server).read([page(0), page(1)], "medical_receipt")
    assert [row["name"] for row in reading.values["items"]] == ["診察費", "藥費", "病房費"]
    assert reading.values["hospital_name"] == "示範醫院"
    assert reading.values["nhi_total"] == "5757", "a sum stands on the last page"
    assert [attempt.page for attempt in reading.attempts] == [0, 1]


def test_pages_that_contradict_each_other_are_flagged(server):
    server.queue(receipt(), receipt(patient_name="李大華", items=[]))
    reading = reader(server).read([page(0), page(1)], "medical_receipt")
    (flag,) = [flag for flag in reading.doubts if flag.code == "pages_differ"]
    assert (flag.paths, flag.severity) == (("patient_name",), Severity.ERROR)
    assert reading.values["patient_name"] == "王小明"


def test_page_that_fails_costs_only_itself_and_is_flagged(server):
    server.queue(receipt(), dialect.exclamation())
    reading = reader(server).read([page(0), page(1)], "medical_receipt")
    assert reading.values["hospital_name"] == "示範醫院"
    (flag,) = [flag for flag in reading.doubts if flag.code == "numeric_fault"]
    assert flag.parameters == {"page": "2"}


def test_model_is_asked_while_the_ocr_still_looks_where_no_question_needs_it(server):
    lines = [line("示範醫院", 0.1), line("門診收據", 0.2), line("診察費 345", 0.3), line("自費金額", 0.4)]
    asked = threading.Event()

    def answering(request):
        asked.set()
        return receipt()(request)

    def hint(page):
        assert asked.wait(10), "the OCR came first"
        return list(lines)

    server.queue(answering)
    given = {"strategy": "structure", "totals_witness": False, "logprobs": False, "base_url": server.base_url}
    profile = Profile.model_validate(shipped_profiles()["rolmocr"].model_copy(update=given).__dict__)
    reading = VlmReader(profile, hint=hint, rows=lambda page: 4).read([page()], "medical_receipt")
    assert reading.evidence["hospital_name"][0].box == lines[0].box
    assert reading.lines == lines


@pytest.mark.parametrize(("changes", "rows", "choice"), [({"ocr_hint": True}, 4, "medical_receipt"),
                                                         ({}, 41, "medical_receipt"), ({}, 4, "auto")])  # fmt: skip
def test_ocr_comes_first_where_a_question_needs_it(server, changes, rows, choice):
    lines = [line(text, 0.1 * n) for n, text in enumerate(("示範醫院", "門診收據", "診察費", "健保點數", "自費金額"))]
    looked = []

    def hint(page):
        looked.append(len(server.history))
        return list(lines)

    server.queue(receipt())
    made = reader(server, **changes)
    VlmReader(made.profile, hint=hint, rows=lambda page: rows).read([page()], choice)
    assert looked == [0]


# -- the type --------------------------------------------------------------------------------------------------------

OTHER_LINES = [
    line(text, 0.1 * number) for number, text in enumerate(("親愛的", "你好嗎", "天氣好", "下次見", "再見了"))
]


def test_type_is_told_by_the_lines_of_the_ocr(server):
    lines = [line(text, 0.1 * n) for n, text in enumerate(("示範醫院", "門診收據", "診察費", "健保點數", "自費金額"))]
    server.queue(receipt())
    assert reader(server, lines=lines).read([page()], "auto").document_type == "medical_receipt"
    assert len(server.history) == 1


def test_type_is_asked_for_where_there_are_no_lines(server):
    server.queue(dialect.answer({"document_type": "medical_receipt"}), receipt())
    reading = reader(server).read([page()], "auto")
    assert reading.document_type == "medical_receipt"
    assert [attempt.kind for attempt in reading.attempts] == ["document_type", "structure"]


@pytest.mark.parametrize("lines", [OTHER_LINES, ()])
def test_paper_that_is_neither_is_said_to_be_so(server, lines):
    server.queue(dialect.answer({"document_type": "neither"}))
    with pytest.raises(UnknownDocumentTypeError):
        reader(server, lines=lines).read([page()], "auto")


def test_model_that_only_transcribes_tells_the_type_by_its_transcript(server):
    server.queue(dialect.text("示範醫院\n門診醫療費用收據\n健保點數\n診察費 345\n自費金額 0\n"))
    reading = reader(server, strategy="transcribe").read([page()], "auto")
    assert reading.document_type == "medical_receipt"
    assert len(server.history) == 1
