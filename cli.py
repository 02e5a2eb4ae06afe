"""The command line `claimsheet`. Each command parses its options, calls one function and prints.

Help texts: `review/command_help.py`.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO, cast

import typer
from pydantic import ValidationError

from extraction.batch import Plan, extract_all
from extraction.errors import ReaderError
from extraction.evaluation import LABELS, evaluate, judge_all, read_labels
from extraction.inputs import Found, Source, find_documents
from extraction.pipeline import make_pipeline
from extraction.readers import READERS, profile_of
from extraction.readers.base import DocumentTypeChoice
from extraction.readers.profiles import ReaderOptions
from review import keeping_commands, pause_commands
from review.bench.command import scale
from review.bench.desk_command import review as desk
from review.choice import ChoiceError, choose_readers
from review.command_help import FAILED, INTERRUPTED, LEFT_WAITING, SOME_FAILED, Command, Group, write_json
from review.command_help import command_settings as _settings
from review.command_help import command_texts as _texts
from review.command_help import refuse as _refuse
from review.export import ExportRow
from review.fault_command import faults
from review.output import STDOUT, Output
from review.rules_command import rules
from review.scoreboard import show_evaluation
from review.terminal import ResultTable, progress, report_failures, say
from schemas.reader_choice import names_in
from settings import Settings

if TYPE_CHECKING:
    from review.stored import Workspace

SERVER = Path(__file__).with_name("server.py")


class Type(StrEnum):
    """What a document is said to be."""

    AUTO = "auto"
    MEDICAL_RECEIPT = "medical_receipt"
    INVOICE = "invoice"


Paths = Annotated[list[str], typer.Argument(metavar="PATH")]
TypeOption = Annotated[Type, typer.Option("--type")]
Readers = Annotated[list[str] | None, typer.Option("--reader", metavar="NAME")]
BaseUrl = Annotated[str | None, typer.Option("--base-url", metavar="URL")]
Model = Annotated[str | None, typer.Option("--model", metavar="NAME")]
JsonFile = Annotated[str | None, typer.Option("--json", metavar="FILE")]
XlsxFile = Annotated[str | None, typer.Option("--xlsx", metavar="FILE")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, max=64)]


app = typer.Typer(cls=Group, name="claimsheet", no_args_is_help=True, add_completion=False,
                  pretty_exceptions_show_locals=False)  # fmt: skip  # locals would show patient data
command = partial(app.command, cls=Command)


@command()
def extract(
    paths: Paths,
    document_type: TypeOption = Type.AUTO,
    reader: Readers = None,
    base_url: BaseUrl = None,
    model: Model = None,
    json_file: JsonFile = None,
    xlsx: XlsxFile = None,
    jobs: Jobs = 1,
) -> None:
    """Read documents and write what stands on them; keeps no database."""
    settings, texts = _settings(), _texts()
    plan, _ = _plan(settings, document_type, reader, base_url, model)
    found = _find(paths, settings)
    output = _open(Output(texts, json_file, xlsx))
    raise typer.Exit(_extract(found, plan, output, jobs))


@command(name="evaluate")
def evaluate_folder(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER")],
    by_document: Annotated[bool, typer.Option("--by-document")] = False,
    reader: Readers = None,
    base_url: BaseUrl = None,
    model: Model = None,
    json_file: JsonFile = None,
    jobs: Jobs = 1,
) -> None:
    """Read a folder of documents with ground truth and print how much of it is right."""
    plan, _ = _plan(_settings(), Type.AUTO, reader, base_url, model)
    try:
        labels = read_labels(folder)
    except OSError:
        _refuse("cli.no_labels", path=folder / LABELS)
    judged = judge_all(folder, labels, plan, jobs)
    evaluation = evaluate(progress(judged, len(labels), _texts()("cli.reading")))
    if json_file:
        write_json(json_file, evaluation.to_json())
    if json_file != STDOUT:
        show_evaluation(evaluation, _texts(), by_document=by_document)


@command()
def serve(
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535)] = None,
    address: Annotated[str | None, typer.Option("--address")] = None,
) -> None:
    """Start the dashboard."""
    interface = _settings().interface
    address, port = address or interface.address, port or interface.port
    if not _is_free(address, port):
        _refuse("cli.port_busy", address=address, port=port, other=port % 65535 + 1)
    shown = f"[{address}]" if ":" in address else address
    say(_texts()("cli.serving", url=f"http://{shown}:{port}"))
    options = ["--server.port", str(port), "--server.address", address]
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(SERVER), *options])  # noqa: S606


@command()
def submit(paths: Paths, document_type: TypeOption = Type.AUTO, reader: Readers = None, base_url: BaseUrl = None,
           model: Model = None) -> None:  # fmt: skip
    """Queue documents to be read and print the batch id."""
    from review import stored

    settings = _settings()
    plan, options = _plan(settings, document_type, reader, base_url, model)
    found = _find(paths, settings)
    failures: list[ExportRow] = []
    with _workspace(settings) as workspace:
        files = stored.read_sources(found.sources, plan.limits, failures)
        shown = progress(files, len(found.sources), _texts()("cli.storing"))
        user = stored.user_of(settings)
        batch = workspace.submit(shown, document_type=plan.document_type, readers=plan.readers, options=options,
                                 user=user)  # fmt: skip
    print(batch)
    report_failures(failures, _texts())
    raise typer.Exit(SOME_FAILED if failures else 0)


@command()
def watch(folder: Annotated[Path, typer.Argument(metavar="FOLDER")], document_type: TypeOption = Type.AUTO,
          reader: Readers = None, base_url: BaseUrl = None, model: Model = None) -> None:  # fmt: skip
    """Queue what is put into a folder, until stopped."""
    from review import stored
    from review.watching import Watch

    settings = _settings()
    plan, options = _plan(settings, document_type, reader, base_url, model)
    if not folder.is_dir():
        _refuse("cli.no_such_path", path=folder)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _workspace(settings) as workspace, suppress(KeyboardInterrupt):
        submit = partial(workspace.submit, document_type=plan.document_type, readers=plan.readers, options=options,
                         user=stored.user_of(settings))  # fmt: skip
        say(_texts()("cli.watching", folder=folder))
        for taken in Watch(folder, submit, workspace.is_stored, plan.limits).forever():
            stored.tell(taken, _texts())


@command()
def worker(until_idle: Annotated[bool, typer.Option("--until-idle")] = False) -> None:
    """Read queued documents, here and for everyone who submits to the same database."""
    from review import stored

    settings = _settings()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service's stop is like Ctrl+C
    with _workspace(settings) as workspace, suppress(KeyboardInterrupt):
        say(_texts()("cli.working"))
        left = stored.work(workspace, settings, until_idle=until_idle)
        for reader, count in left.items():
            address = stored.address_of(reader, settings)
            say(_texts()("cli.left_waiting", count=count, reader=reader, address=address), style="red")
        if paused := workspace.count_paused() if until_idle else 0:
            say(_texts()("cli.left_paused", count=paused), style="red")
        raise typer.Exit(LEFT_WAITING if left or paused else 0)


@command()
def status(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Say how many records are in each status."""
    from review import stored

    with _workspace(_settings()) as workspace:
        counts, paused = workspace.counts(), workspace.count_paused()
    if as_json:
        print(json.dumps(counts))
    else:
        stored.show_counts(counts, _texts())
    if paused:
        say(_texts()("cli.left_paused", count=paused))


@command()
def export(
    wanted: Annotated[list[str] | None, typer.Option("--status", metavar="STATUS")] = None,
    json_file: JsonFile = None,
    xlsx: XlsxFile = None,
) -> None:
    """Write stored records to a workbook or to JSON lines; the history notes it."""
    from review import stored

    settings = _settings()
    if not json_file and not xlsx:
        _refuse("cli.export_where")
    for name in wanted or ():
        if name not in stored.STATUSES:
            _refuse("cli.no_status", name=name, known=", ".join(stored.STATUSES))
    output = _open(Output(_texts(), json_file, xlsx))
    with _workspace(settings) as workspace, output:
        count = stored.export_records(workspace, output, tuple(wanted or ()), stored.user_of(settings))
    say(_texts()("cli.exported", count=count))


@command()
def verify() -> None:
    """Recompute the history's chain of hashes."""
    with _workspace(_settings()) as workspace:
        broken = workspace.verify()
    if broken is None:
        say(_texts()("cli.verified"), stderr=False)
        return
    reason = _texts()(f"cli.broken.{broken.reason}")
    say(
        _texts()("cli.broken_link", sequence=broken.sequence, record=broken.record_id or "–", reason=reason),
        stderr=False,
    )
    raise typer.Exit(FAILED)


@command()
def doctor(reader: Readers = None) -> None:
    """Check that everything the product needs is there and works, or a model reader and its server."""
    from review.doctor import examine
    from review.model_doctor import examine_readers

    settings, texts, is_well = _settings(checks_rules=False), _texts(), True
    for finding in examine_readers(reader, settings, texts) if reader else examine(settings, texts):
        say(f"{'✓' if finding.is_well else '✗'} {finding.text}", stderr=False, style="" if finding.is_well else "red")
        is_well = is_well and finding.is_well
    say(texts("cli.doctor_well" if is_well else "cli.doctor_ill"), stderr=False)
    raise typer.Exit(0 if is_well else FAILED)


for each in (keeping_commands.backup, keeping_commands.restore, keeping_commands.purge, pause_commands.pause,
             pause_commands.resume, rules):  # fmt: skip
    command()(each)

bench = typer.Typer(cls=Group, no_args_is_help=True)
app.add_typer(bench, name="bench")


bench.command(cls=Command)(faults)
bench.command(cls=Command)(scale)
bench.command("review", cls=Command)(desk)


@bench.command(cls=Command)
def client(
    level: Annotated[list[int] | None, typer.Option("--level", metavar="N", min=1, max=512)] = None,
    latency: Annotated[float, typer.Option("--latency", metavar="SECONDS", min=0.1, max=300)] = 6.0,
    rounds: Annotated[int, typer.Option("--rounds", metavar="N", min=2, max=100)] = 3,
    json_file: JsonFile = None,
) -> None:
    """Measure documents a minute of our own client beside a bare loop."""
    from extraction.bench.client import LEVELS, measure
    from review import pace

    wanted = tuple(level or LEVELS)
    levels = list(progress(measure(wanted, latency, rounds), len(wanted), _texts()("cli.measuring")))
    if json_file:
        write_json(json_file, pace.levels_to_json(levels))
    if json_file != STDOUT:
        pace.show_levels(levels, _texts())
    raise typer.Exit(0 if pace.is_enough(levels) else FAILED)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        cast(TextIO, stream).reconfigure(errors="replace")  # type: ignore[attr-defined]  # an old terminal, an odd file name
    app()


# -- what the commands share -----------------------------------------------------------------------------------------


def _plan(
    settings: Settings, document_type: Type, readers: Sequence[str] | None, base_url: str | None, model: str | None
) -> tuple[Plan, ReaderOptions | None]:
    try:
        choice = choose_readers(settings, readers, base_url, model)
        for name in names_in(choice.readers):
            if name not in READERS:
                profile_of(name, settings, choice.options)
    except ChoiceError as error:
        _refuse(error.key, **error.parameters)
    except ReaderError as error:
        _refuse(f"error.{error.key}", **error.parameters)
    except ValidationError as error:
        _refuse("cli.wrong_server", places=", ".join(".".join(map(str, found["loc"])) for found in error.errors()))
    make = partial(make_pipeline, settings, choice.readers, choice.options)
    wanted: DocumentTypeChoice = document_type.value
    return Plan(make, settings.limits, wanted, choice.readers), choice.options


def _find(paths: Sequence[str], settings: Settings) -> Found:
    try:
        found = find_documents(Path(path) for path in paths if path != STDOUT)
    except FileNotFoundError as error:
        _refuse("cli.no_such_path", path=error.args[0])
    if STDOUT in paths:
        found.sources.append(Source("stdin", data=sys.stdin.buffer.read(settings.limits.bytes + 1)))
    if not found.sources:
        _refuse("cli.no_documents", skipped=found.skipped)
    return found


@contextmanager
def _workspace(settings: Settings) -> "Iterator[Workspace]":
    from review import (
        stored,
    )  # here and in the commands: DBOS and SQLAlchemy take a second, and `extract` needs neither

    try:
        with closing(stored.open_workspace(settings)) as workspace:
            yield workspace
    except stored.StorageError as error:
        _refuse("cli.storage", reason=error.parameters.get("cause", error.key))


def _open(output: Output) -> Output:
    try:
        output.open()
    except OSError as error:
        _refuse("cli.cannot_write", path=error.filename, reason=error.strerror)
    return output


def _extract(found: Found, plan: Plan, output: Output, jobs: int) -> int:
    texts, failures, code = _texts(), [], 0
    table = ResultTable(texts)
    try:
        with output:
            extractions = extract_all(found.sources, plan, jobs)
            for extraction in progress(extractions, len(found.sources), texts("cli.reading")):
                row = ExportRow(extraction)
                table.add(row)
                if extraction.error:
                    failures.append(row)
                    code = SOME_FAILED
                output.add(row)
    except KeyboardInterrupt:
        code = INTERRUPTED
        say(texts("cli.interrupted"), style="red")
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - `| head` has seen enough
        return FAILED
    except OSError as error:  # documents have theirs as failures: what is left is the disk of the results
        code = FAILED
        say(texts("cli.write_failed", reason=error.strerror or type(error).__name__), style="red")
    if not output.owns_stdout:
        table.show(found.skipped)
    report_failures(failures, texts)
    return code


def _is_free(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
