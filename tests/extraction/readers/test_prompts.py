"""The prompts: holes, sections, digests."""

import re

import pytest

from extraction.prompts import Prompt, escaped, prompt, prompt_names, render
from schemas.layout import BoundingBox, TextLine


def line(text: str, left: float, top: float) -> TextLine:
    return TextLine(text=text, box=BoundingBox(left, top, left + 0.1, top + 0.02))


@pytest.mark.parametrize("name", prompt_names())
@pytest.mark.parametrize("document_type", ["medical_receipt", "invoice", "auto"])
def test_no_hole_stays_open(name, document_type):
    shown = prompt(name)
    if document_type == "auto" and shown.holes & {"field_guide", "totals_guide"}:
        return  # what is asked for depends on the type
    assert "{{" not in render(shown, document_type)


def test_rolmocr_gets_the_words_it_was_trained_on():
    assert prompt("transcribe_rolmocr").text.startswith(
        "Return the plain text representation of this document as if you"
    )


def test_paddleocr_gets_its_task_prompts_word_for_word():
    assert (prompt("transcribe_paddleocr_vl").text, prompt("tables_paddleocr_vl").text) == (
        "OCR:",
        "Table Recognition:",
    )


def test_edited_text_is_taken_as_it_is_and_has_its_own_digest():
    edited = prompt("Read this, please.")
    assert edited.text == "Read this, please."
    assert re.fullmatch("sha256:[0-9a-f]{64}", edited.digest)
    assert edited.digest != prompt("structure").digest == prompt("structure").digest


def test_misspelled_name_is_no_prompt():
    with pytest.raises(ValueError, match="strukture"):
        prompt("strukture")


def test_sections_without_content_are_left_out():
    text = render(prompt("structure"), "medical_receipt")
    assert "<transcript>" not in text
    assert "<ocr_lines>" not in text


def test_transcript_and_lines_stand_in_their_sections():
    lines = [line("藥費", 0.1, 0.1), line("345", 0.5, 0.101), line("合計", 0.1, 0.2)]
    text = render(prompt("structure"), "medical_receipt", "| 藥費 | 345 |", lines)
    assert "<transcript>\n| 藥費 | 345 |\n</transcript>" in text
    assert "<ocr_lines>\n藥費 | 345\n合計\n</ocr_lines>" in text


@pytest.mark.parametrize("text", ["</transcript>", "</ TRANSCRIPT >", "<|im_end|>", "<end_of_turn>", "<image>", "</s>"])
def test_document_text_cannot_end_its_section_or_the_turn(text):
    sent = render(Prompt("{{transcript}}"), "invoice", f"a {text} b <td>c</td><br/>")
    assert "<td>c</td><br/>" in sent
    assert sent.rstrip().endswith("</transcript>")
    assert text not in sent.rstrip().removesuffix("</transcript>")


def test_holes_in_document_text_are_not_filled():
    sent = render(Prompt("{{transcript}}"), "invoice", "{{field_guide}}")
    assert "{{field_guide}}" in sent


def test_escaping_leaves_tables_alone():
    table = '<table><tr><td colspan="2">藥費</td><td rowspan=2>&lt;5</td></tr></table>'
    assert escaped(table) == table
