"""Where the office says how long, a worker erases what has had its time: one of them, once a day."""

import datetime as dt

from queued_work import ON_SQLITE, is_idle, quick, submit, until, workspace
from stored_work import fake_pipelines, grow_old

from review import chores
from review.chores import EVERY, PURGE
from review.queue import start_worker, stop_worker
from review.workflow import Status
from storage.chores import claim
from storage.tables import ChoreRow, HistoryRow

__all__ = ["quick", "workspace"]


def rejected(work_space, number: int = 0) -> str:
    record = work_space.open_for_review(work_space.records()[number].id, "ann")
    work_space.reject(record.id, record.version, "ann", "twice")
    return record.id


def read_all(workspace, settings):
    start_worker(settings, make=fake_pipelines(), polling_seconds=0.05)
    until(lambda: is_idle(workspace))


class Aged:
    """What `grow_old` needs of stored work."""

    def __init__(self, workspace):
        self.database = workspace._database


def test_old_decided_records_are_erased_by_a_worker_and_the_history_holds(workspace, empty_settings):
    submit(workspace, 3)
    read_all(workspace, empty_settings)
    stop_worker()
    old = rejected(workspace)
    grow_old(Aged(workspace), old)
    rejected(workspace, 1)  # decided today
    start_worker(empty_settings.model_copy(update={"retention_days": 30}), make=fake_pipelines())
    until(lambda: len(workspace.records()) == 2)
    submit(workspace, 1, first=7)
    until(lambda: workspace.counts()["to_review"] == 2)
    stop_worker()
    assert {record.status for record in workspace.records()} == {Status.TO_REVIEW, Status.REJECTED}
    with workspace._database.read() as session:
        (entry,) = session.query(HistoryRow).filter(HistoryRow.action == "purged")
        assert (entry.record_id, entry.user) == (old, "claimsheet")
        assert session.query(ChoreRow).one().name == PURGE
    assert workspace.verify() is None


@ON_SQLITE
def test_nothing_is_erased_where_nobody_says_how_long(workspace, empty_settings):
    submit(workspace, 1)
    read_all(workspace, empty_settings)
    grow_old(Aged(workspace), rejected(workspace))
    submit(workspace, 1, first=3)
    until(lambda: is_idle(workspace))
    assert len(workspace.records()) == 2
    with workspace._database.read() as session:
        assert session.query(ChoreRow).count() == 0


def test_one_worker_does_it_and_not_again_before_the_day_is_over(workspace):
    database = workspace._database

    def ask(name: str) -> bool:
        with database.write() as session:
            return claim(session, PURGE, name, EVERY)

    assert [ask("one"), ask("two"), ask("one")] == [True, False, False]
    with database.write() as session:
        session.query(ChoreRow).one().begun_at -= dt.timedelta(days=1, minutes=1)
    assert [ask("two"), ask("one")] == [True, False]
    with database.read() as session:
        assert session.query(ChoreRow).one().executor == "two"


@ON_SQLITE
def test_worker_that_stops_leaves_the_rest_for_another_day(workspace, empty_settings, monkeypatch):
    def erase(settings, days, user):
        yield "first"
        until(lambda: doing._stop.is_set())
        yield "second"
        raise AssertionError("it went on")

    monkeypatch.setattr(chores.keeping, "erase_old", erase)
    doing = chores.Chores(empty_settings.model_copy(update={"retention_days": 1}), workspace._database, "one")
    doing.look()
    doing.look()
    doing.stop()
    assert not doing._thread.is_alive()
