"""Every page opens: in both languages, with and without records."""

import pytest
from page_screen import Screen
from stored_work import receipt

from extraction.errors import EncryptedPdfError


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("page", ["overview", "upload", "review", "records", "compare", "fields", "models", "try"])
def test_page_opens_without_an_error(page, language, filled, work):
    if filled:
        work.add(receipt(), receipt(self_pay_total="999"), EncryptedPdfError())
    screen = Screen(language).open(page)
    assert screen.app.get("page_link")


def test_language_follows_the_address_then_the_setting_then_the_browser(work, monkeypatch):
    from settings import get_settings

    assert "總覽" in labels(Screen("zh-Hant").open("overview"))
    monkeypatch.setenv("CLAIMSHEET_LANGUAGE", "en")
    get_settings.cache_clear()
    assert "Overview" in labels(Screen("zh-Hant").open("overview"))
    asked = Screen("en")
    asked.app.query_params["lang"] = "zh-Hant"
    assert "總覽" in labels(asked.open("overview"))


def labels(screen: Screen) -> list[str]:
    return [link.proto.label for link in screen.app.get("page_link")]


def test_unexpected_error_becomes_an_apology_without_values(work, monkeypatch, caplog):
    def break_down():
        raise RuntimeError("王小明 A123456789")

    monkeypatch.setattr(work.workspace, "counts", break_down)
    screen = Screen("en")
    screen.app.run()
    assert not screen.app.exception
    assert "number" in screen.app.error[0].value
    assert "王小明" not in caplog.text + screen.app.error[0].value
    assert "RuntimeError" in caplog.text


def test_samples_are_queued_by_one_click(work):
    screen = Screen("en").open("overview")
    screen.app.button(key="overview.samples").click().run()
    assert work.workspace.counts()["queued"] == 6


def test_failed_document_tells_its_cause_and_can_be_read_again(work):
    record = work.add(EncryptedPdfError())[0]
    screen = Screen("en").open("upload")
    assert any("0.png" in text.value for text in screen.app.text)
    screen.app.button(key=f"retry_{record}").click().run()
    assert work.workspace.counts()["queued"] == 1


@pytest.mark.parametrize("scope", ["batch", "everything"])
def test_upload_or_everything_is_paused_and_resumed_by_a_button(scope, work):
    from stored_work import picture

    batch = work.workspace.submit([("0.png", picture())], readers=("fake",), user="ann")
    name = batch if scope == "batch" else "everything"
    screen = Screen("en").open("upload")
    screen.app.button(key=f"pause_{name}").click().run()
    assert work.workspace.batches()[0].pause.is_everything == (scope == "everything")
    screen = Screen("zh-Hant").open("review", record=work.workspace.records()[0].id)
    assert "暫停" in screen.desk()["notice"]["text"]
    screen = Screen("en").open("overview")
    screen.app.button(key=f"resume_{name}").click().run()
    assert work.workspace.batches()[0].pause is None
