"""Every setting with its default and its environment variable. Entry points call get_settings(), hand groups down."""

import os
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import BaseModel, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SecondReader = Literal["never", "when_in_doubt", "always"]
"""When the readers after the first are asked."""


class Limits(BaseModel):
    """What one file may cost. Beyond it the file is refused by name, never half read."""

    bytes: int = Field(default=64 * 1024 * 1024, description="Largest file in bytes.")
    pixels: int = Field(default=120_000_000, description="Largest page in pixels (a 100-megapixel phone passes).")
    pages: int = Field(default=100, description="Most pages of one file.")
    side: int = Field(default=20_000, description="Longest side of a page in pixels.")
    upload_files: int = Field(default=500, description="Most files of one upload.")


class Ocr(BaseModel):
    """The built-in reader."""

    threads: int = Field(default=1, ge=1, description="CPU threads of one reading; 2 saves a third of the time.")


class ReaderFor(BaseModel):
    """The reader of each document type where a person names none."""

    medical_receipt: str | None = Field(default=None, description="Reader of medical receipts; default the built-in.")
    invoice: str | None = Field(default=None, description="Reader of invoices; default the built-in.")


class Approval(BaseModel):
    """What may be approved without a person."""

    automatic: bool = Field(
        default=False, description="Approve documents of which every value is confirmed and nothing is in doubt."
    )
    audit_share: float = Field(
        default=0.05, ge=0, le=1, description="Share of those that a person looks at nevertheless."
    )  # fmt: skip


class Interface(BaseModel):
    """The dashboard."""

    port: int = Field(default=8501, description="Port of the dashboard; it listens on this machine only.")
    address: str = Field(default="127.0.0.1", description="Address to listen on.")
    workers: int = Field(default=1, ge=0, description="Documents read at the same time by the dashboard's own worker.")
    requests: int = Field(
        default=16, ge=1, description="Documents that one worker has in work at a model server at most; a profile's "
        "own bound may be lower."
    )  # fmt: skip
    lock_minutes: int = Field(default=15, ge=1, description="Minutes until an idle person's lock on a record expires.")


class Settings(BaseSettings):
    """All settings; `CLAIMSHEET_<NAME>`, groups with two underscores: `CLAIMSHEET_LIMITS__PAGES`."""

    model_config = SettingsConfigDict(env_prefix="CLAIMSHEET_", env_nested_delimiter="__")

    data: Path = Field(
        default_factory=lambda: user_data_path("claimsheet"),
        description="Folder of the embedded database, the originals and the reader profiles.",
    )
    database_url: str | None = Field(default=None, description="SQLAlchemy URL; default SQLite in the data folder.")
    originals_url: str | None = Field(
        default=None, description="fsspec URL of the originals; default a folder in data."
    )
    readers: Path | None = Field(
        default=None, description="The office's file of reader profiles; default readers.toml in the data folder."
    )
    rules: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(), description="The office's own rules and lists, several files parted as in PATH (docs/rules.md)."
    )
    language: Literal["en", "zh-Hant"] | None = Field(
        default=None, description="Language of the texts; default: the browser's or the terminal's."
    )
    retention_days: int | None = Field(
        default=None,
        ge=1,
        description="Days after which decided records are erased: by a worker once a day, and by `claimsheet purge`.",
    )
    user: str | None = Field(default=None, description="Name written to the history; default: the system's user.")
    limits: Limits = Limits()
    ocr: Ocr = Ocr()
    reader_for: ReaderFor = ReaderFor()
    interface: Interface = Interface()
    approval: Approval = Approval()
    second_reader: SecondReader | None = Field(
        default=None,
        description="When readers after the first are asked: never, when_in_doubt, always; default: as profiles say.",
    )

    @field_validator("rules", mode="before")
    @classmethod
    def _parted(cls, value: object) -> object:
        return tuple(part for part in value.split(os.pathsep) if part) if isinstance(value, str) else value

    @property
    def rules_files(self) -> tuple[Path, ...]:
        """Where the office's rules and lists are: as set, else `rules.toml` in the data folder where there is one."""
        usual = self.data / "rules.toml"
        return self.rules or ((usual,) if usual.is_file() else ())

    @property
    def profiles_file(self) -> Path:
        """Where the office's reader profiles are, or would be."""
        return self.readers or self.data / "readers.toml"


@cache
def get_settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
