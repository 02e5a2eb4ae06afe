"""One picture on one model reader: point the profile to a server, watch the transcript, see the document."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from vllm_dialect import DialectServer, answer, sample, text

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "clinic_slip.jpg"
TRANSCRIPT = "示範醫院\n" + "".join(f"| 項目{number} | {100 + number} | 0 |\n" for number in range(30))


def model(asked):
    wanted = asked.body.get("response_format")
    if wanted is None:
        return text(TRANSCRIPT, token_delay=0.02)
    values = sample(wanted["json_schema"]["schema"])
    return answer(values | {"hospital_name": "示範醫院"} if "hospital_name" in values else values)


@pytest.fixture
def model_server():
    with DialectServer(default=model) as server:
        yield server


def test_transcript_streams_and_the_document_follows(page, server, model_server):
    page.goto(f"{server}/models?lang=en")
    page.locator(".st-key-models-edit-rolmocr button").first.click()
    address = page.get_by_role("textbox", name="Address")
    address.fill(model_server.base_url)
    page.locator(".st-key-models-save button").first.click()
    expect(page.get_by_text(model_server.root)).to_be_visible()

    page.goto(f"{server}/try?lang=en")
    page.locator("input[type=file]").set_input_files(SAMPLE)
    page.locator(".st-key-try-reader input").click()
    page.get_by_role("option", name="RolmOCR").click()
    page.get_by_role("radio", name="Medical receipt").click()
    page.locator(".st-key-try-start button:enabled").first.click()
    said = page.locator("pre.said").first
    expect(said).to_contain_text("示範醫院", timeout=90_000)
    expect(page.locator(".st-key-try-stop button").first).to_be_visible()  # it still goes on
    expect(page.locator("table.plain").first).to_contain_text("示範醫院", timeout=60_000)
    expect(page.locator(".viewer img")).to_be_visible()

    page.reload()
    expect(page.locator("table.plain").first).to_contain_text("示範醫院")
    page.get_by_role("button", name="Delete").first.click()
    expect(page.get_by_text("Nothing tried yet.")).to_be_visible()
