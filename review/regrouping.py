"""Documents split and joined by hand: new records take the place of the old ones, which stay linked and can be back."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from sqlalchemy.orm import Session

from review.intake import require_free
from review.parting import part_of
from review.steering import Steering
from schemas.layout import BoundingBox
from storage import jobs, queries, regroupings
from storage.edits import require_version
from storage.jobs import Unread
from storage.records import RegroupingKind, Status
from storage.regroupings import Source
from storage.tables import RecordRow, RegroupingRow

Axis = Literal["across", "down"]
"""A line across the page leaves an upper and a lower part, one down the page a left and a right one."""
_LEAST = 0.02
"""Share of a page that a part of it must have."""


class Regrouping(Steering):
    """Adds splitting and joining. What is made so is read anew, and what persons typed is taken along."""

    def split(self, record_id: str, version: int, starts: Sequence[int], *, user: str) -> list[str]:
        """Make documents of their own of a record's pages, a new one beginning at each of `starts` (from 1).

        Return the new records. KeyError where there is no such page; WrongStatusError where it is decided.
        """
        with self._database.write() as session:
            row, pages = self._open(session, record_id, version, user)
            edges = [0, *sorted(set(starts)), len(pages)]
            groups = [pages[begin:end] for begin, end in pairwise(edges)]
            if len(groups) < 2 or not all(groups):
                raise KeyError(tuple(starts))
            former = [(row.id, row.attempt)]
            new = _regroup(session, "split", [row], groups, user)
        return self._go_on(former, new)

    def cut_page(self, record_id: str, version: int, page: int, axis: Axis, at: float, *, user: str) -> list[str]:
        """Make two documents of a record by a line over one of its pages, at this share of its height or width.

        What stands above or left of it goes with the pages before, the rest with those behind.
        """
        with self._database.write() as session:
            row, pages = self._open(session, record_id, version, user)
            if not 0 <= page < len(pages) or not _LEAST <= at <= 1 - _LEAST:
                raise KeyError(page)
            boxes = {
                "across": (BoundingBox(0, 0, 1, at), BoundingBox(0, at, 1, 1)),
                "down": (BoundingBox(0, 0, at, 1), BoundingBox(at, 0, 1, 1)),
            }
            first, second = (pages[page].cut(box) for box in boxes[axis])
            groups = [[*pages[:page], first], [second, *pages[page + 1 :]]]
            former = [(row.id, row.attempt)]
            new = _regroup(session, "split", [row], groups, user)
        return self._go_on(former, new)

    def join(self, record_ids: Sequence[str], *, user: str) -> str:
        """Make one document of several of a batch, their pages in the order given, and return it.

        KeyError where there are not two of one batch; WrongStatusError where one is decided already.
        """
        with self._database.write() as session:
            ids = list(dict.fromkeys(record_ids))
            rows = queries.get_rows(session, ids, for_update=True)
            if len(rows) < 2 or len({row.batch_id for row in rows}) > 1:
                raise KeyError(tuple(ids))
            for row in rows:
                require_free(row, user)
            pages = [page for row in rows for page in _pages(session, row)]
            former = [(row.id, row.attempt) for row in rows]
            new = _regroup(session, "join", rows, [pages], user)
        return self._go_on(former, new)[0]

    def undo_regrouping(self, record_id: str, *, user: str) -> list[str]:
        """Take a split or a join back, named by any record of it, and return what stands there now.

        Where nobody has changed the new records, the old ones are what they were. Else a join is split, and a split
        joined, so that what was typed since is kept. WrongStatusError where one of the new records is decided.
        """
        with self._database.write() as session:
            row = queries.get_row(session, record_id)
            gone = row.status == Status.SUPERSEDED
            found = (regroupings.find_end if gone else regroupings.find_origin)(session, row.id)
            if found is None:
                raise KeyError(record_id)
            old, new = regroupings.members(session, found.id)
            rows = queries.get_rows(session, [member.record_id for member in new], for_update=True)
            for each in rows:
                require_free(each, user)
            former = [(each.id, each.attempt) for each in rows]
            if regroupings.has_new_work(session, found, [each.id for each in rows]):
                unread = self._reverse(session, found, [member.record_id for member in old], rows, user)
                shown = [item.record_id for item in unread]
            else:
                back = regroupings.restore(session, found, user)
                for each in back:
                    jobs.queue_again(session, each, user)
                unread, shown = _unread(back), [member.record_id for member in old]
        self._go_on(former, unread)
        return shown

    def _reverse(
        self, session: Session, done: RegroupingRow, old: Sequence[str], rows: Sequence[RecordRow], user: str
    ) -> list[Unread]:
        """Return the records that are put together as it was before, with what was typed since."""
        if done.kind == "split":
            return _regroup(session, "join", rows, [[page for row in rows for page in _pages(session, row)]], user)
        pages, groups, begin = _pages(session, rows[0]), [], 0
        for each in queries.get_rows(session, old):
            end = begin + len(_pages(session, each))
            groups.append(pages[begin:end])
            begin = end
        return _regroup(session, "split", rows, groups, user)

    def _open(self, session: Session, record_id: str, version: int, user: str) -> tuple[RecordRow, list[Source]]:
        row = queries.get_row(session, record_id, for_update=True)
        require_free(row, user)
        require_version(row, version)
        return row, _pages(session, row)

    def _go_on(self, former: Sequence[tuple[str, int]], unread: Sequence[Unread]) -> list[str]:
        """Take the jobs of what is superseded out of the queue, and read what is to be read: somebody waits for it."""
        self._client.cancel(former)
        for item in unread:
            self._client.enqueue(item.record_id, item.attempt, item.readers, urgent=True)
        return [item.record_id for item in unread]


def _regroup(
    session: Session, kind: RegroupingKind, old: Sequence[RecordRow], groups: Sequence[Sequence[Source]], user: str
) -> list[Unread]:
    return _unread(regroupings.regroup(session, kind, old, groups, user))


def _unread(rows: Sequence[RecordRow]) -> list[Unread]:
    return [Unread(row.id, row.attempt, tuple(json.loads(row.readers)), row.batch_id) for row in rows]


def _pages(session: Session, row: RecordRow) -> list[Source]:
    return regroupings.sources_of(session, row, part_of(session, row))
