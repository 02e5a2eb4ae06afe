"""What the command line does with stored work: submit sources, export records, say where they stand."""

import datetime as dt
import getpass
import time
from collections.abc import Iterable, Iterator, Mapping

from rich.table import Table

from extraction.batch import content_of, failed
from extraction.errors import DocumentError
from extraction.inputs import Source
from extraction.readers.profiles import load_profiles
from review.export import ExportRow
from review.i18n import Catalog
from review.output import Output
from review.queue import start_worker, stop_worker
from review.terminal import console, say
from review.watching import Taken
from review.workflow import Record, RecordFilter, RecordNotFoundError, Status, StorageError, Workspace, open_workspace
from schemas.result import Extraction
from settings import Limits, Settings

__all__ = ["STATUSES", "RecordNotFoundError", "StorageError", "Workspace", "address_of", "export_records",
           "open_workspace", "read_sources", "row_of", "show_counts", "tell", "user_of", "work"]  # fmt: skip

STATUSES = tuple(status.value for status in Status if status is not Status.SUPERSEDED)
_LOOK_SECONDS = 0.5
_SETTLED_LOOKS = 6  # a worker takes what is due within a second
_PATIENCE_SECONDS = 60  # a document in work is finished before the worker ends
_PAGE = 200
_UNREAD = (Status.QUEUED, Status.READING)


def user_of(settings: Settings) -> str:
    """Return the name that the history gets: the setting, else the system's user."""
    return settings.user or getpass.getuser()


def read_sources(sources: Iterable[Source], limits: Limits, failures: list[ExportRow]) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each file when it is asked for; what cannot be read is added to `failures`."""
    for source in sources:
        try:
            yield source.name, content_of(source, limits)
        except DocumentError as error:
            failures.append(ExportRow(failed(source, error)))


def tell(taken: Taken, texts: Catalog) -> None:
    """Print what a look at a watched folder brought, nothing where it brought nothing."""
    if taken.batch_id:
        say(texts("cli.taken", count=len(taken.submitted), batch=taken.batch_id), stderr=False)
    if taken.known:
        say(texts("cli.known_already", count=taken.known))
    for name, error in taken.refused.items():
        reason = texts(f"error.{error.key}", **error.parameters)
        say(texts("cli.put_aside", name=name, reason=reason), style="red")


def export_records(workspace: Workspace, output: Output, statuses: tuple[str, ...], user: str) -> int:
    """Write the records of these statuses (none named: all that were read), note it in the history, return how many."""
    wanted = RecordFilter(statuses=statuses)
    ids: list[str] = []
    for offset in range(0, workspace.count_records(wanted), _PAGE):
        page = workspace.records(wanted, offset, _PAGE)
        ids += [summary.id for summary in page if statuses or summary.status not in _UNREAD]
    for record_id in ids:
        output.add(row_of(workspace.record(record_id)))
    workspace.record_export(ids, user)
    return len(ids)


def row_of(record: Record) -> ExportRow:
    """Return a record as a row: corrections in force, only the flags that are still open."""
    extraction = record.extraction or Extraction(file=record.name, sha256=record.sha256,
                                                 page_count=record.page_count)  # fmt: skip
    if record.error and extraction.document is None:
        extraction = extraction.model_copy(update={"error": record.error})
    flags = tuple(item.flag for item in record.flags if item.is_open)
    return ExportRow(extraction, record.id, record.status.value, flags)


def show_counts(counts: Mapping[str, int], texts: Catalog) -> None:
    """Print how many records are in each status."""
    table = Table(show_header=False)
    for status, count in counts.items():
        table.add_row(texts(f"workbook.status.{status}"), str(count))
    console().print(table)


def work(workspace: Workspace, settings: Settings, *, until_idle: bool) -> Mapping[str, int]:
    """Read queued documents until interrupted, or until nothing is left to do.

    Return how many documents still wait, by the reader whose server is out of reach.
    """
    began = dt.datetime.now(dt.UTC)
    workspace.try_now()  # what waits since an earlier run is asked once before it is given up
    start_worker(settings, concurrency=max(settings.interface.workers, 1))
    try:
        left = _Left(workspace, began)
        while not (until_idle and left.is_settled()):
            time.sleep(_LOOK_SECONDS)
        return left.waiting
    finally:
        stop_worker(patience_seconds=_PATIENCE_SECONDS)


class _Left:
    """What is left to do: nothing, or documents that only wait, and have for some looks."""

    def __init__(self, workspace: Workspace, began: dt.datetime) -> None:
        self._workspace, self._began = workspace, began
        self._looks = 0
        self.waiting: Mapping[str, int] = {}

    def is_settled(self) -> bool:
        found = self._workspace.standstill(self._began)
        self._looks = 0 if found is None else self._looks + 1
        self.waiting = found or {}
        return found == {} or self._looks >= _SETTLED_LOOKS


def address_of(reader: str, settings: Settings) -> str:
    """Return where a reader's server is; its name where no profile tells."""
    profile = load_profiles(settings.profiles_file).get(reader)
    return reader if profile is None else profile.base_url.removesuffix("/v1")
