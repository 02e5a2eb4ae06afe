"""Reader profiles: which model server to ask, how, and why so. Shipped ones, overlaid by the office's own file."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from extraction.errors import ReaderError
from settings import SecondReader

Dialect = Literal["vllm", "llama", "openai"]
"""Which fields beyond OpenAI's own may be sent: `openai` sends none."""
Strategy = Literal["structure", "transcribe_then_structure", "transcribe"]
TokenRule = Literal["patches28", "patches32", "tiles448", "unknown"]
"""How a model counts the tokens of a picture."""

AD_HOC = "endpoint"
"""Name of the reader that the command line makes of `--base-url` and `--model` alone."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Prompts(_Part):
    """Each a name of `extraction/prompts/*.md`, or the text itself where it was edited."""

    transcribe: str = "transcribe"
    tables: str | None = None
    """A second transcription, of the tables only, for models that have a task prompt of their own for it."""
    structure: str = "structure"
    totals: str = "totals"


class Picture(_Part):
    """How a page is sent."""

    long_side: int = Field(default=1700, ge=224, le=8192)
    format: Literal["jpeg", "png"] = "jpeg"
    quality: int = Field(default=90, ge=50, le=100)
    tokens: TokenRule = "unknown"
    most_tokens: int | None = Field(default=None, ge=64)


class Sampling(_Part):
    """What is always sent: left to the server, a model's own file decides, and some tax repeated digits."""

    temperature: float = Field(default=0.0, ge=0, le=2)
    repetition_penalty: float = Field(default=1.0, gt=0, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = None


class Bounds(_Part):
    """Limits of one question, in tokens and seconds, and of the server."""

    transcript_tokens: int = Field(default=2048, ge=64)
    structure_tokens: int = Field(default=3072, ge=64)
    rows_per_band: int = Field(default=40, ge=4)
    timeout: float = Field(default=180.0, gt=0)
    connect_timeout: float = Field(default=5.0, gt=0)
    concurrency: int = Field(default=16, ge=1, le=1024)


class Profile(_Part):
    """How one model on one server is asked."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")
    title: str = ""
    base_url: str = "http://127.0.0.1:8000/v1"
    api_key: SecretStr | None = None
    model: str = Field(min_length=1)
    dialect: Dialect = "openai"
    strategy: Strategy = "structure"
    as_second: SecondReader = "always"
    """When it is asked where another reader is named before it; `CLAIMSHEET_SECOND_READER` goes before this."""
    ocr_hint: bool = False
    """Give the lines of the built-in OCR to the model as a hint."""
    totals_witness: bool = False
    """Ask for the three totals once more, alone, and compare."""
    logprobs: bool = False
    """Ask for token probabilities; the least of each value is one input of its flags."""
    prompts: Prompts = Prompts()
    picture: Picture = Picture()
    sampling: Sampling = Sampling()
    bounds: Bounds = Bounds()
    reasons: dict[str, str] = Field(default_factory=dict)
    """Why the office chose a value, by dotted path; of shipped ones the locale files say it."""
    run_on_real_weights: bool = False
    """Whether these values were ever tried on the model itself."""

    @field_validator("base_url")
    @classmethod
    def _complete_url(cls, url: str) -> str:
        return _complete(url)

    def with_options(self, options: "ReaderOptions | None") -> "Profile":
        """Return the profile as it is used in one run."""
        if options is None:
            return self
        changes: dict[str, Any] = options.model_dump(include={"base_url", "model", "strategy"}, exclude_none=True)
        prompts = options.model_dump(include={"transcribe", "structure", "totals"}, exclude_none=True)
        if prompts:
            changes["prompts"] = self.prompts.model_copy(update=prompts)
        if options.base_url is not None and options.base_url != self.base_url:
            changes["api_key"] = None  # a key belongs to the server that it was given for
        if options.temperature is not None:
            changes["sampling"] = self.sampling.model_copy(update={"temperature": options.temperature})
        return Profile.model_validate({**self.__dict__, **changes})


class ReaderOptions(_Part):
    """What a person changes of a profile for one run or one batch; what is None stays as the profile has it."""

    base_url: str | None = None
    model: str | None = None
    strategy: Strategy | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    transcribe: str | None = None
    """Text of a prompt, or the name of one."""
    structure: str | None = None
    totals: str | None = None

    @field_validator("base_url")
    @classmethod
    def _complete_url(cls, url: str | None) -> str | None:
        return None if url is None else _complete(url)


@cache
def shipped_profiles() -> dict[str, Profile]:
    """Return the profiles that come with the product."""
    text = files("extraction.readers").joinpath("profiles.toml").read_text(encoding="utf-8")
    return {name: Profile(name=name, **table) for name, table in tomllib.loads(text)["profiles"].items()}


def load_profiles(path: Path | None = None) -> dict[str, Profile]:
    """Return the shipped profiles, overlaid value by value by the office's file; ReaderError where that is broken."""
    profiles = dict(shipped_profiles())
    for name, table in _read(path).items():
        base = profiles[name].model_dump() if name in profiles else {}
        try:
            profiles[name] = Profile.model_validate(_overlaid(base, {**table, "name": name}))
        except ValidationError as error:
            places = ", ".join(".".join(map(str, found["loc"])) for found in error.errors())
            raise ReaderError("wrong_profile", profile=name, places=places) from None  # pydantic's text quotes the key
    return profiles


def save_profile(path: Path, profile: Profile) -> None:
    """Put a profile into the office's file, which only its owner may read: it may hold a key."""
    _write(path, {**_read(path), profile.name: _plain(profile)})


def drop_profile(path: Path, name: str) -> None:
    """Take a profile out of the office's file: a shipped one is as shipped again, another is gone."""
    tables = _read(path)
    if tables.pop(name, None) is not None:
        _write(path, tables)


def changed_profiles(path: Path) -> frozenset[str]:
    """Return the names of the profiles that the office's file holds."""
    return frozenset(_read(path))


def ad_hoc_profile(model: str, base_url: str, profiles: Mapping[str, Profile]) -> Profile:
    """Return a profile for a server named on the command line: like that of the same model, where there is one."""
    like = next((known for known in profiles.values() if known.model.lower() == model.lower()), None)
    if like is None:
        return Profile(name=AD_HOC, model=model, base_url=base_url)
    options = ReaderOptions(base_url=base_url, model=model)
    return like.model_copy(update={"name": AD_HOC, "api_key": None}).with_options(options)


def _complete(url: str) -> str:
    """Add `/v1` where only a server is named; a user and password in the address would end up in messages."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise ValueError("an address begins with http:// or https:// and holds no password")
    address = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
    return address if parts.path.strip("/") else f"{address}/v1"


def _read(path: Path | None) -> dict[str, dict[str, Any]]:
    if path is None or not path.exists():
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("profiles", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReaderError("wrong_profiles_file", path=path, reason=type(error).__name__) from error
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise ReaderError("wrong_profiles_file", path=path, reason="[profiles.NAME]")
    return tables


def _write(path: Path, tables: Mapping[str, Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.touch(mode=0o600)
    part.write_text("".join(_toml(table, f"profiles.{name}") for name, table in tables.items()), encoding="utf-8")
    part.replace(path)


def _overlaid(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        inner = merged.get(key)
        merged[key] = _overlaid(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged


def _plain(profile: Profile) -> dict[str, Any]:
    table = profile.model_dump(exclude={"name", "api_key"}, exclude_none=True)
    if profile.api_key is not None:
        table["api_key"] = profile.api_key.get_secret_value()
    return table


def _toml(table: Mapping[str, Any], name: str) -> str:
    """Return a table in TOML: JSON's strings, numbers and truth values are TOML's too, but for one character."""
    cells = {key: value for key, value in table.items() if not isinstance(value, dict)}
    lines = [f"[{name}]", *(f"{_key(key)} = {_value(value)}" for key, value in cells.items()), ""]
    inner = [_toml(value, f"{name}.{_key(key)}") for key, value in table.items() if isinstance(value, dict)]
    return "\n".join(lines) + "\n" + "".join(inner)


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _value(key)


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
