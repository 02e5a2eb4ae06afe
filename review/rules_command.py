"""`claimsheet rules`: lists the rules, checks an office's files, and tries its rules on documents."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.table import Table

from extraction.validation.office import Office, RulesError, install
from extraction.validation.rules import Rule, rules_in_force, run_rules
from review.command_help import command_settings, command_texts, refuse
from review.i18n import Catalog
from review.messages import check_reason, check_title, flag_message, rules_error_message
from review.terminal import console, plain, say
from schemas.result import Check, Extraction
from settings import Settings

_MARKS = {"passed": "✓", "failed": "✗", "cannot_check": "–"}


def rules(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE")] = None,
    tried: Annotated[Path | None, typer.Option("--try", metavar="FILE")] = None,
    record: Annotated[str | None, typer.Option("--record", metavar="ID")] = None,
) -> None:
    """List the rules, check those of the office, and try them on documents."""
    settings, texts = command_settings(checks_rules=False), command_texts()
    try:
        office = install(tuple(files) if files else settings.rules_files)
    except RulesError as error:
        refuse("cli.wrong_rules", reason=rules_error_message(texts, error))
    if tried is None and record is None:
        _show(office, texts)
        return
    for extraction in _lines(tried) if tried else _stored(record or "", settings):
        _try(office, extraction, texts)


def _show(office: Office, texts: Catalog) -> None:
    table = Table(header_style="bold")
    for name in ("code", "title", "documents", "source"):
        table.add_column(texts(f"cli.rules.{name}"), overflow="fold")
    for each in rules_in_force():
        types = ", ".join(texts(f"document_type.{name}") for name in sorted(each.document_types))
        table.add_row(each.code, plain(_title(each, texts)), types or texts("cli.rules.all"), plain(each.source))
    console().print(table)
    if not office.files:
        say(texts("cli.rules.none"), stderr=False)
    elif office.fees or office.hospitals:
        say(texts("cli.rules.lists", fees=len(office.fees), hospitals=len(office.hospitals)), stderr=False)


def _title(each: Rule, texts: Catalog) -> str:
    return check_title(texts, Check(code=each.code, outcome="passed", words=each.words))


def _try(office: Office, extraction: Extraction, texts: Catalog) -> None:
    """Print what each rule of the office says of a document."""
    if extraction.document is None:
        say(texts("cli.rules.no_document", name=extraction.file), stderr=False)
        return
    say(extraction.file, stderr=False)
    for flags, check in run_rules(office.rules, extraction):
        said = [flag_message(texts, flag, extraction.document_type) for flag in flags]
        if check.outcome == "cannot_check" and not flags:
            said = [check_reason(texts, check, extraction.document_type)]
        for text in said or [""]:
            colon = ": " if text else ""
            style = "red" if flags else ""
            say(f"  {_MARKS[check.outcome]} {check_title(texts, check)}{colon}{text}", stderr=False, style=style)


def _lines(path: Path) -> Iterator[Extraction]:
    """Yield the documents of a file of JSON lines; of each only what rules look at."""
    names = ("file", "sha256", "document_type", "document", "states", "evidence")
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                told = json.loads(line)
                yield Extraction.model_validate({name: told[name] for name in names})
    except OSError:
        refuse("cli.no_such_path", path=path)
    except (ValueError, KeyError, TypeError, ValidationError):
        refuse("cli.rules.not_json", path=path)


def _stored(record_id: str, settings: Settings) -> Iterator[Extraction]:
    from review import stored

    try:
        with closing(stored.open_workspace(settings)) as workspace:
            extraction = workspace.record(record_id).extraction
    except stored.StorageError as error:
        if error.key != "record_not_found":
            refuse("cli.storage", reason=error.parameters.get("cause", error.key))
        extraction = None
    if extraction is None:
        refuse("cli.rules.no_record", id=record_id)
    yield extraction
