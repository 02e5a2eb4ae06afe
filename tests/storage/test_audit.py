"""The history is a chain: whatever is changed behind its back is found, and where."""

import pytest
from sqlalchemy import text

from storage import audit
from storage.errors import StorageError


@pytest.fixture
def chain(work):
    with work.database.write() as session:
        for number in range(5):
            audit.append(session, "exported", "ann", None, {"number": number})
    return work


def tamper(work, statement):
    with work.database.write() as session:
        session.connection().exec_driver_sql(statement)


def test_untouched_history_holds(chain):
    assert chain.workspace.verify() is None


@pytest.mark.parametrize(
    ("statement", "sequence", "reason"),
    [
        ("UPDATE history SET details = '{\"number\":9}' WHERE sequence = 3", 3, "details"),
        ("UPDATE history SET \"user\" = 'eve' WHERE sequence = 2", 2, "hash"),
        ("UPDATE history SET at = '2020-01-01T00:00:00+00:00' WHERE sequence = 1", 1, "hash"),
        ("UPDATE history SET previous = hash WHERE sequence = 4", 4, "previous"),
        ("DELETE FROM history WHERE sequence = 2", 2, "missing"),
        ("DELETE FROM history WHERE sequence = 5", 5, "head"),
        ("DELETE FROM history", 1, "head"),
        ("UPDATE history SET sequence = 6 WHERE sequence = 5", 5, "missing"),
    ],
)
def test_what_was_tampered_with_is_named(chain, statement, sequence, reason):
    tamper(chain, statement)
    link = chain.workspace.verify()
    assert (link.sequence, link.reason) == (sequence, reason)


def test_entry_resealed_by_a_forger_breaks_the_next_one(chain):
    with chain.database.write() as session:
        row = session.get_one(audit.HistoryRow, 3)
        row.user = "eve"
        row.hash = audit._hash(row)
    assert chain.workspace.verify().sequence == 4


def test_approved_document_changed_in_the_table_is_found(work):
    record = work.open_one()
    work.workspace.approve(record.id, record.version, "ann")
    assert work.workspace.verify() is None
    tamper(work, "UPDATE current_extractions SET data = replace(data, '757', '999')")
    link = work.workspace.verify()
    assert (link.reason, link.record_id) == ("record", record.id)


def test_nothing_of_a_failed_change_is_in_the_history(chain):
    def fail():
        with chain.database.write() as session:
            audit.append(session, "exported", "ann")
            session.execute(text("INSERT INTO history_head VALUES (1, 0, '')"))

    with pytest.raises(StorageError):
        fail()
    assert chain.workspace.verify() is None


def test_details_have_one_form_whatever_the_order_of_their_keys():
    assert audit.canonical({"b": "姓名", "a": [1, None]}) == '{"a":[1,null],"b":"姓名"}'
