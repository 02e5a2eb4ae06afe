"""Checks that everything the product needs is there and works, each with what to do where it does not."""

import platform
import re
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata

from PIL import Image, ImageDraw, ImageFont

from extraction.errors import ExtractionError
from extraction.ocr import OcrEngine
from extraction.validation.office import RulesError, load
from review.i18n import Catalog
from review.messages import rules_error_message
from review.workflow import StorageError, open_workspace
from settings import Settings

_PYTHON = (3, 11)
_PRINTED = "20250521"
_MEGABYTES_FREE = 500


@dataclass(frozen=True)
class Finding:
    """One check's outcome, as a sentence."""

    text: str
    is_well: bool


def examine(settings: Settings, texts: Catalog) -> Iterator[Finding]:
    """Yield the findings, each as soon as it is known."""
    checks: tuple[Callable[[Settings], tuple[str, bool, dict[str, object]]], ...] = (
        _python, _packages, _data_folder, _disk, _database, _ocr,
    )  # fmt: skip
    for check in checks:
        name, is_well, values = check(settings)
        yield Finding(texts(f"doctor.{name}_{'well' if is_well else 'ill'}", **values), is_well)
    yield _rules(settings, texts)


def _rules(settings: Settings, texts: Catalog) -> Finding:
    """Whether the office's rules and lists can be used, and what they hold."""
    try:
        office = load(settings.rules_files)
    except RulesError as error:
        return Finding(texts("doctor.rules_ill", reason=rules_error_message(texts, error)), is_well=False)
    if not office.files:
        return Finding(texts("doctor.rules_none"), is_well=True)
    counts = {"rules": len(office.codes), "fees": len(office.fees), "hospitals": len(office.hospitals)}
    return Finding(texts("doctor.rules_well", files=", ".join(map(str, office.files)), **counts), is_well=True)


def _python(_: Settings) -> tuple[str, bool, dict[str, object]]:
    return "python", sys.version_info >= _PYTHON, {"version": platform.python_version()}


def _packages(_: Settings) -> tuple[str, bool, dict[str, object]]:
    """Whether every package of the base (not the extras) is installed."""
    names = [re.split(r"[\s\[<>=!~;(]", line)[0] for line in metadata.requires("claimsheet") or ()
             if "extra ==" not in line]  # fmt: skip
    missing = [name for name in names if not _is_installed(name)]
    return "packages", not missing, {"count": len(names), "missing": ", ".join(missing)}


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _data_folder(settings: Settings) -> tuple[str, bool, dict[str, object]]:
    probe = settings.data / f".doctor-{uuid.uuid4().hex}"
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return "data", False, {"folder": settings.data, "reason": error.strerror or type(error).__name__}
    return "data", True, {"folder": settings.data}


def _disk(settings: Settings) -> tuple[str, bool, dict[str, object]]:
    try:
        free = shutil.disk_usage(settings.data).free // 2**20
    except OSError:
        free = 0
    return "disk", free >= _MEGABYTES_FREE, {"free": free, "needed": _MEGABYTES_FREE}


def _database(settings: Settings) -> tuple[str, bool, dict[str, object]]:
    """Opening it also brings it to the newest migration."""
    try:
        workspace = open_workspace(settings)
        try:
            counts = workspace.counts()
        finally:
            workspace.close()
    except (StorageError, OSError, ValueError) as error:
        reason = error.parameters.get("cause", error.key) if isinstance(error, StorageError) else type(error).__name__
        return "database", False, {"reason": reason}
    return "database", True, {"count": sum(counts.values())}


def _ocr(settings: Settings) -> tuple[str, bool, dict[str, object]]:
    """Whether the bundled models load and read a date that is drawn here."""
    image = Image.new("RGB", (640, 160), "white")
    ImageDraw.Draw(image).text((60, 40), _PRINTED, fill="black", font=ImageFont.load_default(64))
    try:
        lines = OcrEngine(settings.ocr.threads).read(image)
    except (ExtractionError, OSError, ImportError) as error:
        return "ocr", False, {"reason": str(error)}
    text = " ".join(line.text for line in lines)
    return "ocr", _PRINTED in text, {"reason": text}
