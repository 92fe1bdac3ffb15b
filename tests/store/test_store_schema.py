from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

import feedsvc.store
from feedsvc.errors import SchemaOutdated
from feedsvc.store import categories, cursor, schema
from feedsvc.store.columns import Base
from feedsvc.store.engine import Database
from feedsvc.store.options import StoreOptions

# Rooms declare tables of their own; each must be known, whichever tests ran before.
for module in pkgutil.iter_modules(feedsvc.store.__path__):
    if module.name.startswith("tables"):
        importlib.import_module(f"feedsvc.store.{module.name}")

# SQLite keeps the parts of its full-text index as tables of its own, and PostgreSQL's is an index that
# SQLite does not have.
COMPARED = {
    "compare_type": True,
    "include_object": lambda _object, name, *_: (
        not str(name).startswith("search_words") and name != "ix_search_entry_words"
    ),
}
ROOT = Path(schema.__file__).parents[2]
UPGRADE = """
import sys
from feedsvc.store import schema
from feedsvc.store.engine import Database
from feedsvc.store.options import StoreOptions
print("ready", flush=True)
sys.stdin.readline()
schema.upgrade(Database(StoreOptions(url=sys.argv[1])))
"""


def tables(db: Database) -> set[str]:
    with db.read() as session:
        return set(inspect(session.connection()).get_table_names())


def test_up_down_up(db: Database) -> None:
    there = tables(db)
    schema.downgrade(db, "base")
    assert tables(db) <= {"alembic_version"}
    assert schema.check(db).current is None
    schema.upgrade(db)
    assert tables(db) == there
    assert schema.check(db).is_current
    with db.read() as session:
        assert cursor.latest(session) == 0


def test_models_and_migrations_say_the_same(db: Database) -> None:
    with db.migrate() as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, Base.metadata) == []


def test_drift_would_be_seen(db: Database) -> None:
    with db.migrate() as connection:
        connection.execute(text("DROP INDEX ix_article_shown_published_at_id_public_status"))
        connection.execute(text("ALTER TABLE feed_document DROP COLUMN edition"))
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert [each[0] for each in compare_metadata(context, Base.metadata)] == [
            "add_index",
            "add_column",
        ]


def test_head_is_the_newest_script(sqlite_db: Database) -> None:
    with sqlite_db.migrate() as connection:
        scripts = ScriptDirectory.from_config(schema.alembic_config(connection))
    assert scripts.get_current_head() == schema.HEAD


def test_a_failed_migration_leaves_the_old_schema(db: Database) -> None:
    there = tables(db)
    with db.migrate() as connection:
        # The way down drops the outbox first and stumbles over this later.
        connection.execute(text("DROP TABLE host_state"))
    with pytest.raises(SchemaOutdated):
        schema.downgrade(db, "base")
    assert tables(db) == there - {"host_state"}


def test_another_schema_is_refused(db: Database) -> None:
    schema.require_current(db)
    with db.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(SchemaOutdated, match="has schema 0000, this version needs"):
        schema.require_current(db)


def test_an_empty_database_is_outdated(tmp_path: Path) -> None:
    empty = Database(StoreOptions(url=f"sqlite:///{tmp_path / 'empty.db'}"))
    with pytest.raises(SchemaOutdated, match="feedsvc db upgrade"):
        schema.require_current(empty)
    with pytest.raises(SchemaOutdated, match="feedsvc db upgrade"), empty.read() as session:
        categories.all_categories(session)
    empty.dispose()


def test_a_missing_table_on_postgres_is_an_outdated_schema(postgres_db: Database) -> None:
    schema.downgrade(postgres_db, "base")
    with pytest.raises(SchemaOutdated, match="feedsvc db upgrade"), postgres_db.read() as session:
        categories.all_categories(session)


def test_processes_that_start_together_may_all_upgrade(db: Database, tmp_path: Path) -> None:
    """Also from a folder with nothing in it, and to a SQLite file that is not there yet."""
    schema.downgrade(db, "base")
    url = db.options.url if db.dialect == "postgresql" else f"sqlite:///{tmp_path / 'new.db'}"
    command = [sys.executable, "-c", UPGRADE, url]
    with ExitStack() as stack:
        starting = [
            stack.enter_context(
                subprocess.Popen(
                    command,
                    cwd=tmp_path,
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                )
            )
            for _ in range(2)
        ]
        for each in starting:
            assert each.stdout is not None
            assert each.stdout.readline() == b"ready\n"
        said = [each.communicate(b"go\n")[1] for each in starting]
    assert [(each.returncode, words) for each, words in zip(starting, said, strict=True)] == [
        (0, b"")
    ] * 2
    upgraded = Database(StoreOptions(url=url))
    assert schema.check(upgraded).is_current
    upgraded.dispose()
