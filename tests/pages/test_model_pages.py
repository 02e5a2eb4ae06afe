"""The pages of model readers: profiles and their doctor, one picture on one reader, readers of an upload."""

import time

import pytest
from page_screen import Screen
from stored_work import picture, receipt
from vllm_dialect import DialectServer, endless, exclamation, plain, text

from extraction.readers.breaker import forget_outages
from extraction.readers.profiles import load_profiles, save_profile
from review.tries import Tries
from settings import get_settings

RECEIPT = "No. 40718\n2025/05/21\nConsultation 345\nMedicine 1,207\nSupplies 86\nTotal 1,638\n"


@pytest.fixture(autouse=True)
def _no_outages():
    forget_outages()


@pytest.fixture
def server(work):
    """A model server that the profile `rolmocr` asks."""
    with DialectServer(default=text(RECEIPT)) as server:
        point(server)
        yield server


def point(server: DialectServer, **changes: object) -> None:
    file = get_settings().profiles_file
    profile = load_profiles(file)["rolmocr"]
    save_profile(file, profile.model_copy(update={"base_url": server.base_url, "model": server.model, **changes}))


def settled(screen: Screen, is_done) -> Screen:
    """Run the page as its fragment does, until something is there."""
    until = time.monotonic() + 40
    while not is_done():
        assert time.monotonic() < until, [text.value for text in screen.app.text]
        time.sleep(0.1)
        screen.app.run()
        assert not screen.app.exception
    return screen


def texts(screen: Screen) -> str:
    parts = [*screen.app.text, *screen.app.caption, *screen.app.error, *screen.app.warning, *screen.app.success]
    return "\n".join(str(part.value) for part in parts)


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_doctor_of_a_profile_says_what_to_do(language, work):
    with DialectServer(default=exclamation()) as server:
        point(server)
        screen = Screen(language).open("models")
        screen.app.button(key="models.doctor.rolmocr").click().run()
        settled(screen, lambda: "--dtype bfloat16" in texts(screen))


def test_server_that_is_down_is_told_by_the_check(server):
    server.shutdown()
    server.server_close()
    screen = Screen("en").open("models")
    screen.app.button(key="models.health.rolmocr").click().run()
    settled(screen, lambda: "cannot be reached" in texts(screen))


def edited(screen: Screen) -> Screen:
    screen.app.button(key="models.edit.rolmocr").click().run()
    assert not screen.app.exception
    return screen


def test_profile_is_saved_to_the_file_of_the_office_and_its_key_never_shown(work):
    screen = edited(Screen("en").open("models"))
    screen.app.text_input(key="models.rolmocr.base_url").set_value("http://10.0.0.5:9000")
    screen.app.text_input(key="models.rolmocr.api_key").set_value("s3cret-key")
    screen.app.number_input(key="models.rolmocr.temperature").set_value(0.2)
    screen.app.text_area(key="models.rolmocr.prompt_transcribe").set_value("Write it all down.")
    screen.app.selectbox(key="models.rolmocr.as_second").set_value("when_in_doubt")
    screen.app.button(key="models.save").click().run()
    profile = load_profiles(get_settings().profiles_file)["rolmocr"]
    assert (profile.base_url, profile.sampling.temperature) == ("http://10.0.0.5:9000/v1", 0.2)
    assert profile.prompts.transcribe == "Write it all down."
    assert profile.as_second == "when_in_doubt"
    assert "As second reader: when in doubt" in texts(screen)
    assert profile.prompts.structure == "structure"
    assert profile.api_key.get_secret_value() == "s3cret-key"
    assert get_settings().profiles_file.stat().st_mode & 0o077 == 0
    edited(screen)
    assert screen.app.text_input(key="models.rolmocr.api_key").value == ""
    assert "s3cret-key" not in str(screen.app.main)


@pytest.mark.parametrize(("language", "told"), [("en", "it was trained on"), ("zh-Hant", "訓練時所用")])
def test_reasons_of_values_as_shipped_are_told_in_the_language_of_the_page(language, told, work):
    screen = edited(Screen(language).open("models"))
    assert told in texts(screen)
    screen.app.text_area(key="models.rolmocr.prompt_transcribe").set_value("Write it all down.")
    screen.app.button(key="models.save").click().run()
    assert told not in texts(edited(screen)), "the office has its own reasons"


def test_wrong_address_is_explained_and_what_was_typed_stays(work):
    screen = edited(Screen("en").open("models"))
    screen.app.text_input(key="models.rolmocr.base_url").set_value("ftp://x")
    screen.app.text_input(key="models.rolmocr.model").set_value("some/model")
    screen.app.button(key="models.save").click().run()
    assert "http://" in screen.app.error[0].value
    assert screen.app.text_input(key="models.rolmocr.model").value == "some/model"
    assert not get_settings().profiles_file.exists()


def test_key_does_not_go_to_another_server(work):
    from pydantic import SecretStr

    file = get_settings().profiles_file
    profile = load_profiles(file)["rolmocr"].model_copy(update={"api_key": SecretStr("s3cret")})
    save_profile(file, profile)
    screen = edited(Screen("en").open("models"))
    screen.app.text_input(key="models.rolmocr.base_url").set_value("http://elsewhere:1/v1")
    screen.app.button(key="models.save").click().run()
    assert load_profiles(file)["rolmocr"].api_key is None


def test_profile_can_be_as_shipped_again(server):
    screen = edited(Screen("en").open("models"))
    screen.app.button(key="models.reset").click().run()
    assert load_profiles(get_settings().profiles_file)["rolmocr"].base_url == "http://127.0.0.1:8000/v1"


def tried(screen: Screen, reader: str = "rolmocr") -> Screen:
    screen.app.segmented_control(key="try.source").set_value("record").run()
    screen.app.selectbox(key="try.reader").set_value(reader).run()
    screen.app.segmented_control(key="try.type").set_value("medical_receipt").run()
    screen.app.button(key="try.start").click().run()
    return settled(screen, lambda: "try" in screen.app.query_params)


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_picture_tried_on_a_model_reader_shows_what_it_said_and_is_kept(language, work, server):
    server.default = plain
    work.add(receipt())
    tried(Screen(language).open("try"))
    made = Tries(get_settings().data).of("ann")[0]
    assert made.said[0].text == "示範醫院\n診察費 345 0\n藥費 412 150\n"
    assert {"transcribe", "structure", "totals"} == {attempt.kind for attempt in made.attempts}
    reloaded = Screen(language).open("try", **{"try": made.id})
    assert any(button.key == "try.again_button" for button in reloaded.app.button)
    kept = next(button for button in reloaded.app.button if str(button.key).startswith("try.delete."))
    kept.click().run()
    assert not any(str(button.key).startswith("try.delete.") for button in reloaded.app.button)


def test_question_that_is_asked_again_is_a_turn_of_its_own(work, server):
    server.queue(*[endless("藥費很貴而且還要再說一次。", token_delay=0)] * 2)
    server.default = plain
    work.add(receipt())
    screen = tried(Screen("en").open("try"))
    said = Tries(get_settings().data).of("ann")[0].said
    assert [each.kind for each in said][:4] == ["transcribe", "transcribe", "transcribe", "structure"]
    assert said[2].text == "示範醫院\n診察費 345 0\n藥費 412 150\n"
    assert "Transcript, asked again (3)" in texts(screen)


def test_again_takes_the_picture_and_the_prompts_along(work, server):
    server.default = plain
    work.add(receipt())
    screen = tried(Screen("en").open("try"))
    screen.app.button(key="try.again_button").click().run()
    assert screen.app.segmented_control(key="try.source").value == "again"
    screen.app.text_area(key="try.rolmocr.transcribe").set_value("Only the amounts.").run()
    first = screen.app.query_params["try"]
    screen.app.button(key="try.start").click().run()
    settled(screen, lambda: screen.app.query_params.get("try", first) != first)
    assert any("Only the amounts." in asked.text for asked in server.history)


def test_upload_sends_the_changes_of_a_model_reader_along(work, server, monkeypatch):
    sent = {}
    monkeypatch.setattr(work.workspace, "submit", lambda files, **more: sent.update(more))
    screen = Screen("en").open("upload")
    screen.app.multiselect(key="upload.readers").set_value(["local", "rolmocr"]).run()
    screen.app.number_input(key="upload.rolmocr.temperature").set_value(0.3).run()
    screen.app.button(key="upload.ask").click().run()
    assert "holds the model" in texts(screen)
    screen.app.file_uploader[0].set_value(("a.png", picture(), "image/png")).run()
    screen.app.button(key="upload.start").click().run()
    assert sent["readers"] == ("local", "rolmocr")
    assert sent["options"]["rolmocr"].temperature == 0.3


def test_upload_chooses_readers_by_type_and_for_some_pages(work, monkeypatch):
    monkeypatch.setenv("CLAIMSHEET_READER_FOR__INVOICE", "gemma3")
    get_settings.cache_clear()
    sent = {}
    monkeypatch.setattr(work.workspace, "submit", lambda files, **more: sent.update(more))
    screen = Screen("en").open("upload")
    screen.app.selectbox(key="upload.reader_for.medical_receipt").set_value("rolmocr").run()
    screen.app.selectbox(key="upload.pages_reader").set_value("internvl3").run()
    screen.app.text_input(key="upload.pages").set_value("3-1").run()
    assert "no pages" in texts(screen)
    screen.app.text_input(key="upload.pages").set_value("1 - 3").run()
    screen.app.file_uploader[0].set_value(("a.png", picture(), "image/png")).run()
    screen.app.button(key="upload.start").click().run()
    assert sent["readers"] == ("internvl3@1-3+medical_receipt=rolmocr+invoice=gemma3",)


def test_upload_says_before_that_the_server_is_down(work):
    screen = Screen("en").open("upload")
    with DialectServer() as gone:
        point(gone)
    screen.app.multiselect(key="upload.readers").set_value(["rolmocr"]).run()
    screen.app.button(key="upload.ask").click().run()
    assert "cannot be reached" in texts(screen)


def test_built_in_reader_can_be_tried_too(work):
    work.add(receipt())
    screen = tried(Screen("en").open("try"), "local")
    assert not screen.app.exception
    assert Tries(get_settings().data).of("ann")[0].reader == "local"


def test_stop_ends_a_model_that_streams_without_end(work, server):
    server.default = endless("診察費 345 ", token_delay=0.05)
    work.add(receipt())
    screen = Screen("en").open("try")
    screen.app.segmented_control(key="try.source").set_value("record").run()
    screen.app.selectbox(key="try.reader").set_value("rolmocr").run()
    screen.app.segmented_control(key="try.type").set_value("medical_receipt").run()
    screen.app.button(key="try.start").click().run()
    settled(screen, lambda: server.history)
    screen.app.button(key="try.stop").click().run()
    settled(screen, lambda: "try" in screen.app.query_params)
    assert Tries(get_settings().data).of("ann")[0].extraction.error is not None


def test_tries_of_others_are_not_shown(work, server):
    work.add(receipt())
    made = Tries(get_settings().data).of("ann")
    assert made == []
    tried(Screen("en").open("try"))
    kept = Tries(get_settings().data).of("ann")[0]
    assert Tries(get_settings().data).get(kept.id, "ben") is None
    assert Tries(get_settings().data).get("../" + kept.id, "ann") is None
