"""Profiles: shipped ones are complete and say why, the office's file overlays them, and a key never shows."""

import stat
from operator import attrgetter

import pytest
from pydantic import SecretStr, ValidationError

from extraction.errors import ReaderError
from extraction.prompts import prompt
from extraction.readers import profile_of, reader_names, second_policies
from extraction.readers.profiles import (
    AD_HOC,
    Profile,
    ReaderOptions,
    ad_hoc_profile,
    load_profiles,
    save_profile,
    shipped_profiles,
)
from review.i18n import catalog
from settings import Settings

SHIPPED = ("rolmocr", "internvl3", "gemma3", "qwen3_vl", "paddleocr_vl")


def test_five_profiles_are_shipped_and_are_readers():
    assert tuple(shipped_profiles()) == SHIPPED
    assert set(reader_names(Settings())) == {"local", "fake", *SHIPPED}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profile_says_why_and_that_it_was_not_run_on_real_weights(name):
    profile = shipped_profiles()[name]
    assert not profile.run_on_real_weights
    assert profile.sampling.presence_penalty is None, "a receipt repeats by nature"
    prefix = f"reason.{name}."
    paths = [key.removeprefix(prefix) for key in catalog("en").keys() if key.startswith(prefix)]  # noqa: SIM118
    assert len(paths) >= 4
    for path in paths:
        attrgetter(path)(profile)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profile_names_prompts_that_exist(name):
    prompts = shipped_profiles()[name].prompts
    for text in filter(None, (prompts.transcribe, prompts.tables, prompts.structure, prompts.totals)):
        assert prompt(text).text


def test_file_of_the_office_changes_single_values_and_adds_profiles(tmp_path):
    path = tmp_path / "readers.toml"
    path.write_text(
        '[profiles.rolmocr]\nbase_url = "http://gpu:9000"\n[profiles.rolmocr.bounds]\ntimeout = 60\n'
        '[profiles.ours]\nmodel = "house/model"\n',
        encoding="utf-8",
    )
    profiles = load_profiles(path)
    assert profiles["rolmocr"].base_url == "http://gpu:9000/v1"
    assert profiles["rolmocr"].bounds.timeout == 60
    assert profiles["rolmocr"].bounds.concurrency == shipped_profiles()["rolmocr"].bounds.concurrency
    assert profiles["ours"].model == "house/model"


def test_saved_profile_comes_back_and_only_its_owner_can_read_it(tmp_path):
    path, shipped = tmp_path / "new" / "readers.toml", shipped_profiles()["internvl3"]
    changed = shipped.model_copy(update={"title": 'Our "own"\n\\ 醫院\x7f', "api_key": SecretStr("s3cret")})
    save_profile(path, changed)
    save_profile(path, shipped_profiles()["gemma3"])
    assert load_profiles(path)["internvl3"] == changed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[profiles.rolmocr\n", "wrong_profiles_file"),
        ("profiles = 3\n", "wrong_profiles_file"),
        ('[profiles.rolmocr]\napi_key = "s3cret"\nmodle = "x"\n', "wrong_profile"),
        ('[profiles.x]\nmodel = "x"\nbase_url = "ftp://host"\n', "wrong_profile"),
    ],
)
def test_broken_file_is_named_without_its_key(tmp_path, text, code):
    path = tmp_path / "readers.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReaderError) as caught:
        load_profiles(path)
    assert caught.value.key == code
    assert "s3cret" not in f"{caught.value} {caught.value.parameters}"


def test_key_does_not_show_in_a_profile_as_text():
    profile = Profile(name="x", model="m", api_key=SecretStr("s3cret"))
    assert "s3cret" not in f"{profile!r} {profile} {profile.model_dump_json()}"


@pytest.mark.parametrize("url", ["gpu:8000", "http://user:word@gpu:8000", "file:///etc/passwd", ""])
def test_address_that_is_none_or_holds_a_password_is_refused(url):
    with pytest.raises(ValidationError):
        Profile(name="x", model="m", base_url=url)


def test_options_change_a_profile_for_one_run_only():
    profile = shipped_profiles()["rolmocr"]
    changed = profile.with_options(ReaderOptions(temperature=0.7, strategy="transcribe", structure="Copy it."))
    assert (changed.sampling.temperature, changed.strategy, changed.prompts.structure) == (
        0.7,
        "transcribe",
        "Copy it.",
    )
    assert changed.prompts.transcribe == profile.prompts.transcribe
    assert shipped_profiles()["rolmocr"] == profile


def test_server_named_by_address_and_model_is_asked_like_the_profile_of_that_model():
    known = load_profiles()
    found = ad_hoc_profile("reducto/RolmOCR", "http://gpu:1", known)
    assert (found.name, found.base_url, found.strategy) == (AD_HOC, "http://gpu:1/v1", known["rolmocr"].strategy)
    assert ad_hoc_profile("house/model", "http://gpu:1", known).dialect == "openai"


def test_key_goes_to_no_server_but_its_own(tmp_path, monkeypatch):
    path = tmp_path / "readers.toml"
    save_profile(path, shipped_profiles()["rolmocr"].model_copy(update={"api_key": SecretStr("s3cret")}))
    options = ReaderOptions(base_url="http://elsewhere:1", model="reducto/RolmOCR")
    settings = Settings(readers=path)
    assert profile_of(AD_HOC, settings, options).api_key is None
    assert profile_of("rolmocr", settings, options).api_key is None
    assert profile_of("rolmocr", settings, ReaderOptions(temperature=1)).api_key is not None


@pytest.mark.parametrize(("setting", "expected"), [
    (None, {"local": "always", "rolmocr": "when_in_doubt", "gemma3": "never", "internvl3": "always",
            "rolmocr@1+gemma3": "when_in_doubt", "medical_receipt=gemma3+invoice=local": "always"}),
    ("never", dict.fromkeys(("local", "rolmocr", "gemma3", "internvl3", "rolmocr@1+gemma3",
                             "medical_receipt=gemma3+invoice=local"), "never")),
])  # fmt: skip
def test_profile_says_when_its_model_is_asked_as_second_and_the_setting_goes_before_it(setting, expected, tmp_path):
    path = tmp_path / "readers.toml"
    path.write_text(
        '[profiles.rolmocr]\nas_second = "when_in_doubt"\n[profiles.gemma3]\nas_second = "never"\n', "utf-8"
    )
    settings = Settings(readers=path, second_reader=setting)
    assert second_policies(tuple(expected), settings) == expected


def test_server_given_by_address_is_asked_as_the_profile_of_its_model_says(tmp_path):
    path = tmp_path / "readers.toml"
    path.write_text('[profiles.rolmocr]\nas_second = "never"\n', "utf-8")
    options = ReaderOptions(base_url="http://gpu:1", model="reducto/RolmOCR")
    assert second_policies((AD_HOC,), Settings(readers=path), options) == {AD_HOC: "never"}
