"""The schema's version: bring it up, take it down, and refuse to work on another one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, inspect, select, text

from feedsvc.errors import SchemaOutdated, StoreError
from feedsvc.store.engine import Database

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
# Alembic's name for the newest script; known here so that a check need not load the scripts.
HEAD = "0018"
# Any number will do, as long as every process of ours asks for the same one.
UPGRADE_LOCK = 0x666565647376


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaState:
    """The version the database has (None: empty) and the one this code needs."""

    current: str | None
    head: str

    @property
    def is_current(self) -> bool:
        """Whether this code can work with the database."""
        return self.current == self.head


def check(db: Database) -> SchemaState:
    """Read which schema the database has."""
    with db.read() as session:
        return SchemaState(current=_current(session.connection()), head=HEAD)


def require_current(db: Database) -> None:
    """Return if the schema is the one this code needs; raises `SchemaOutdated`."""
    state = check(db)
    if not state.is_current:
        raise SchemaOutdated(
            "database",
            f"has schema {state.current or 'none'}, this version needs {state.head}; "
            "run `feedsvc db upgrade`",
        )


def upgrade(db: Database, revision: str = "head") -> None:
    """Bring the schema up to `revision`; any number of processes may do so at once.

    All of it happens in one transaction: a failure leaves the old schema.
    """
    if revision == "head" and check(db).is_current:
        return
    with db.migrate() as connection:
        _keep_others_out(connection)
        command.upgrade(alembic_config(connection), revision)
        _check_foreign_keys(connection)


def downgrade(db: Database, revision: str) -> None:
    """Take the schema down to `revision` ("base": no tables)."""
    with db.migrate() as connection:
        _keep_others_out(connection)
        command.downgrade(alembic_config(connection), revision)
        _check_foreign_keys(connection)


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's settings, made here so that neither a file nor the current folder matters."""
    config = Config()
    # Config values are interpolated, so a percent sign in the path stands doubled.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _keep_others_out(connection: Connection) -> None:
    """Wait until no other process migrates; on SQLite the transaction itself keeps them out."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(UPGRADE_LOCK)))


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise StoreError("database", f"the migration broke a reference in table {broken[0]!r}")
