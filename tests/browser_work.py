"""Stored work that is in the data folder before a dashboard of the browser tests starts."""

from collections.abc import Callable, MutableMapping
from pathlib import Path

from stored_work import StoredWork

from schemas.result import Reading
from settings import Settings


def filled(records: MutableMapping[str, str], *answers: Reading) -> Callable[[Path], None]:
    """Return what reads these answers into a data folder; `records` gets the id of each by its receipt number."""

    def fill(data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        work = StoredWork(Settings(data=data))
        for answer, record_id in zip(answers, work.add(*answers), strict=True):
            records[str(answer.values["receipt_number"])] = record_id
        work.workspace.close()

    return fill
