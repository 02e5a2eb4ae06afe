"""A database of an earlier version is brought up to date with everything that is in it."""

import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from review.workflow import Status, open_workspace
from storage.database import MIGRATIONS, database_url

NOW = "2026-05-21 08:00:00.000000"


def make_first_version(url):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        batch = {"now": NOW, "readers": '["local"]'}
        connection.execute(text("INSERT INTO batches VALUES ('b', :now, 'ann', 'auto', :readers)"), batch)
        columns = ("id, batch_id, position, name, sha256, requested_type, readers, attempt, status, version, overrides,"
                   " page_count, search, errors, warnings, infos, risk, priority, created_at, updated_at")  # fmt: skip
        values = ("'r', 'b', 0, 'a.png', 's', 'auto', :readers, 1, 'queued', 1, '{}', 0, 'a.png', 0, 0, 0, 0, 0,"
                  " :now, :now")  # fmt: skip
        connection.execute(text(f"INSERT INTO records ({columns}) VALUES ({values})"), batch)  # noqa: S608 - constants
    engine.dispose()


def test_first_version_is_upgraded_with_its_records(empty_settings):
    make_first_version(database_url(empty_settings.database_url, empty_settings.data))
    workspace = open_workspace(empty_settings)
    (record,) = workspace.records()
    assert (record.id, record.status, record.readers, record.wait) == ("r", Status.QUEUED, ("local",), None)
    assert (record.postponed_until, record.sent_to, workspace.queue_order("ann")) == (None, None, "risk")
    assert workspace.batches()[0].total == 1
    assert workspace.cancel("r", "ann") == 1
    workspace.close()
