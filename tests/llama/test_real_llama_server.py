"""What our client needs of llama-server, on a real one whose weights are random: it reads nothing."""

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from real_llama import Llama

from extraction.degeneration import Guard
from extraction.degeneration.loops import count_tokens
from extraction.errors import DegenerateOutputError, ReaderError
from extraction.page import PageImage
from extraction.pipeline import Pipeline
from extraction.readers.doctor import diagnose
from extraction.readers.vlm import VlmReader
from extraction.readers.wire import totals_model
from review.export import ExportRow, write_workbook
from settings import Limits

pytestmark = [pytest.mark.llama, pytest.mark.timeout(600)]
SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "clinic_slip.jpg"


class Blind(Guard):
    """Finds no fault."""

    def feed(self, delta):
        return None

    def finish(self, finish_reason):
        return None


def question(text):
    return [{"role": "user", "content": [{"type": "text", "text": text}]}]


def test_probe_knows_llama_server(llama, llama_endpoint):
    found = llama_endpoint.probe(is_fresh=True)
    assert found.error is None
    assert (found.kind, found.context_length, found.models) == ("llama", 8192, (llama.model,))
    assert {"response_format", "logprobs", "images"} <= found.supports
    assert not {"structured_outputs", "repetition_detection"} & found.supports


def test_prompt_longer_than_a_slot_is_said_with_its_numbers(llama_endpoint):
    with pytest.raises(ReaderError) as caught:
        llama_endpoint.complete(question("診察費 345 " * 4000), max_tokens=64, guard=Guard(is_json=False))
    assert caught.value.key == "context_too_long"
    assert caught.value.parameters["limit"] == "8192"
    assert int(caught.value.parameters["tokens"]) > 8192


def test_answers_are_held_to_our_schema(llama_endpoint):
    model = totals_model("medical_receipt")
    wanted = {"type": "json_schema", "json_schema": {"name": "totals", "schema": model.model_json_schema()}}
    completion = llama_endpoint.complete(question("總計"), max_tokens=400, guard=Blind(is_json=True),
                                         response_format=wanted)  # fmt: skip
    model.model_validate_json(completion.choices[0].message.content)
    assert completion.usage.completion_tokens


@pytest.mark.parametrize("unit", ["Total amount of this receipt. ", "0 "])
def test_loop_is_cut_soon_after_it_can_be_known_and_the_server_freed(llama, llama_endpoint, unit):
    request = llama_endpoint._client.chat.completions.create
    sizes = [0]

    def create(**fields):  # random weights have no loop of their own
        extra = fields.pop("extra_body") | {"grammar": f'root ::= ("{unit}"){{600}}'}
        return request(**fields, extra_body=extra)

    llama_endpoint._client.chat.completions.create = create
    with pytest.raises(DegenerateOutputError) as caught:
        llama_endpoint.complete(question("read"), max_tokens=6000, guard=Guard(is_json=False),
                                on_text=lambda piece: sizes.append(sizes[-1] + len(piece)))  # fmt: skip
    assert llama.is_idle(2)
    assert caught.value.parameters["cause"] == "repetition"
    enough = max(3 * count_tokens(unit), 100)
    assert sum(count_tokens(caught.value.raw[:size]) > enough for size in sizes) <= 400


def test_doctor_tells_a_model_that_does_not_read(gemma):
    found = diagnose(gemma)
    assert [finding.code for finding in found if finding.is_well] == ["server", "context", "images", "schema"]
    [ill] = [finding for finding in found if not finding.is_well]
    assert ill.code in ("reads_nothing", "says_nothing", "babbles", "gibberish")


def test_doctor_tells_that_the_server_has_one_model_whatever_is_asked_for(llama, gemma):
    finding = diagnose(gemma.model_copy(update={"model": "another"}))[0]
    assert (finding.code, finding.parameters["known"]) == ("server_one_model", llama.model)


def test_doctor_tells_a_server_without_its_vision_part_and_a_small_context(gemma):
    with Llama(gemma.model, context=1024, sees=False) as server:
        found = diagnose(gemma.model_copy(update={"base_url": server.base_url}))
    assert [finding.code for finding in found] == ["server", "context_small", "text_only"]


def test_a_page_goes_the_whole_way_to_the_workbook(gemma, llama_endpoint):
    bounds = gemma.bounds.model_copy(update={"structure_tokens": 400})
    picture = gemma.picture.model_copy(update={"long_side": 700})
    gemma = gemma.model_copy(update={"ocr_hint": False, "bounds": bounds, "picture": picture})
    reader = VlmReader(gemma, endpoint=llama_endpoint)
    pipeline = Pipeline({gemma.name: reader}, Limits())
    found = pipeline.extract(SAMPLE.read_bytes(), SAMPLE.name, document_type="medical_receipt", readers=(gemma.name,))
    extraction = found.extraction
    assert isinstance(found.pages[0], PageImage)
    attempts = extraction.readings[0].attempts
    assert {"structure"} <= {attempt.kind for attempt in attempts}
    assert all(attempt.cause or attempt.raw for attempt in attempts)
    assert extraction.error is None
    assert extraction.flags
    assert load_workbook(io.BytesIO(write_workbook([ExportRow(extraction)], "en")))
