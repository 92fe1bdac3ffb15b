"""Connections and transactions, alike on SQLite and PostgreSQL; the only place that sees the driver."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, event, make_url, text
from sqlalchemy.orm import Session

from feedsvc.errors import ConfigError, StoreBusy
from feedsvc.store.columns import compact_json
from feedsvc.store.failures import mapped
from feedsvc.store.options import StoreOptions

# How long PostgreSQL waits for one lock: shorter than a statement may take, so that the message
# names the lock.
LONGEST_LOCK_WAIT = 10.0
LONGEST_PAUSE = 30
WAL_RETRY = 0.02


class Database:
    """One database, any number of threads. Nothing is connected before the first use."""

    def __init__(self, options: StoreOptions) -> None:
        self.options = options
        self._url = _read_url(options.url)
        self.dialect: str = self._url.get_backend_name()
        self._engine = _build_engine(self._url, options)
        if self.dialect == "sqlite":
            self._reader = self._engine.execution_options(begin="BEGIN")
            self._writer = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        else:
            self._reader = self._engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._writer = self._engine.execution_options(isolation_level="READ COMMITTED")
        # SQLite has one writer at a time and its waiting is a poll that can starve a thread; threads
        # of one process queue here instead, so only processes meet at the file lock.
        self._turn = threading.Lock() if self.dialect == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that sees one state of the database throughout; nothing is kept.

        Raises `StoreBusy` where the database is locked or away, `StoreError` otherwise.
        """
        with mapped(), Session(self._reader, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session whose work is committed at the end of the block, or not at all.

        SQLite admits one writer at a time from the first statement on. Raises as `read` does.
        """
        with mapped(), self._my_turn(), Session(self._writer, info={"writes": True}) as session:
            yield session
            session.commit()

    @contextmanager
    def migrate(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that changes the schema and keeps others out.

        Foreign keys are not enforced meanwhile on SQLite, where a table is changed by replacing
        it, and no statement is cut short on PostgreSQL.
        """
        engine = _build_engine(self._url, self.options, migrating=True)
        try:
            with mapped(), engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def ping(self) -> None:
        """Return when the database answers; raises `StoreBusy` or `StoreError`."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def dispose(self) -> None:
        """Close all idle connections; the next use opens new ones."""
        self._engine.dispose()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=self.options.busy_seconds):
            raise StoreBusy("database", "another thread keeps writing; try again")
        try:
            yield
        finally:
            self._turn.release()


def writes(session: Session) -> bool:
    """Tell whether the session came from `Database.write`."""
    return bool(session.info.get("writes"))


def _read_url(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (sqlalchemy.exc.ArgumentError, ValueError) as error:
        raise ConfigError("database_url", "is not a database URL such as sqlite:///FILE") from error
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise ConfigError("database_url", "SQLite needs a file: sqlite:///FILE")
        return parsed.set(drivername="sqlite+pysqlite")
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise ConfigError("database_url", f"{backend!r} is neither sqlite nor postgresql")


def _build_engine(url: URL, options: StoreOptions, *, migrating: bool = False) -> Engine:
    sqlite = url.get_backend_name() == "sqlite"
    engine = sqlalchemy.create_engine(
        url,
        pool_size=1 if migrating else options.pool_size,
        max_overflow=options.pool_overflow,
        # The one used last: SQLite drops the pages that a connection keeps once another has written,
        # so taking turns would fill the memory of each and serve none.
        pool_use_lifo=True,
        pool_timeout=options.busy_seconds,
        pool_pre_ping=not sqlite,
        connect_args=_sqlite_arguments(options)
        if sqlite
        else _postgres_arguments(options, migrating),
        json_serializer=compact_json,
    )
    if sqlite:
        _own_transactions(engine, options, foreign_keys=not migrating)
    return engine


def _sqlite_arguments(options: StoreOptions) -> dict[str, Any]:
    return {"timeout": options.busy_seconds, "check_same_thread": False, "isolation_level": None}


def _postgres_arguments(options: StoreOptions, migrating: bool) -> dict[str, Any]:  # noqa: FBT001 - private
    wait = min(options.busy_seconds, LONGEST_LOCK_WAIT)
    limits = {
        "timezone": "UTC",
        "lock_timeout": f"{options.busy_seconds if migrating else wait:.3f}s",
        "statement_timeout": "0" if migrating else f"{options.busy_seconds:.3f}s",
        # A worker that is stopped between taking the cursor's lock and its commit would hold up
        # every other writer.
        "idle_in_transaction_session_timeout": f"{LONGEST_PAUSE}s",
    }
    return {
        "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        "connect_timeout": max(2, round(wait)),
        "application_name": "feedsvc",
    }


def _own_transactions(engine: Engine, options: StoreOptions, *, foreign_keys: bool) -> None:
    """Issue BEGIN ourselves: pysqlite would begin only before a write, so reads would not be one snapshot."""

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # Of use to a new file only. An article dirties six pages, most of them in indexes: half as
        # many pages of twice the size cost a third less to write and to checkpoint (measured).
        connection.execute("PRAGMA page_size=8192")
        _enter_wal(connection, options.busy_seconds)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)


def _enter_wal(connection: sqlite3.Connection, seconds: float) -> None:
    """Switch to WAL, which lasts; SQLite does not wait by itself for a process that does the same."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(WAL_RETRY)
        else:
            return
