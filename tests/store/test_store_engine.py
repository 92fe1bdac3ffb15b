from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError

from feedsvc.domain.feed import Category
from feedsvc.errors import ConfigError, SchemaOutdated, StoreBusy, StoreError
from feedsvc.store import categories, hosts
from feedsvc.store.columns import UtcDateTime, chunked
from feedsvc.store.engine import Database
from feedsvc.store.failures import store_error
from feedsvc.store.options import StoreOptions
from tests.store.samples import NOW

SQLITE = sqlite.dialect()
POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8))])


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("not a url", "is not a database URL"),
        ("", "is not a database URL"),
        ("mysql://localhost/x", "'mysql' is neither"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("postgresql://localhost:port/x", "is not a database URL"),
    ],
)
def test_a_url_that_cannot_work_is_refused_by_name(url: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint) as refused:
        Database(StoreOptions(url=url))
    assert refused.value.subject == "database_url"


def test_what_a_block_wrote_is_there_after_it(db: Database) -> None:
    with db.write() as session:
        categories.add(session, Category(slug="zhen", title="镇上"), NOW)
    with db.read() as session:
        assert categories.get(session, "zhen").created_at == NOW


def test_a_block_that_fails_leaves_nothing(db: Database) -> None:
    def fail() -> None:
        with db.write() as session:
            categories.add(session, Category(slug="zhen", title="镇上"), NOW)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with db.read() as session:
        assert categories.all_categories(session) == []


def test_a_reader_sees_one_state_throughout(db: Database) -> None:
    with db.read() as reading:
        assert categories.all_categories(reading) == []
        with db.write() as session:
            categories.add(session, Category(slug="zhen", title="镇上"), NOW)
        assert categories.all_categories(reading) == []
    with db.read() as reading:
        assert len(categories.all_categories(reading)) == 1


def test_a_reader_cannot_write_on_postgres(postgres_db: Database) -> None:
    with pytest.raises(StoreError, match="read-only"), postgres_db.read() as session:
        hosts.reserve_slot(session, "a.example", NOW, 1)


def test_writers_of_one_process_queue(db: Database) -> None:
    slots = []

    def reserve() -> None:
        for _ in range(10):
            with db.write() as session:
                slots.append(hosts.reserve_slot(session, "a.example", NOW, 1.0))

    threads = [threading.Thread(target=reserve) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(slots) == [NOW + timedelta(seconds=second) for second in range(40)]


def test_a_thread_waits_for_its_turn_only_so_long(sqlite_url: str) -> None:
    db = Database(StoreOptions(url=sqlite_url, busy_seconds=0.05))

    def write_inside() -> None:
        with db.write():
            pytest.fail("two threads wrote at once")

    with db.write(), pytest.raises(StoreBusy, match="another thread"):
        write_inside()
    db.dispose()


def test_a_pool_without_a_free_connection_is_busy(postgres_url: str) -> None:
    options = StoreOptions(url=postgres_url, busy_seconds=0.05, pool_size=1, pool_overflow=0)
    db = Database(options)
    with db.read() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(StoreBusy, match="no connection came free"):
            db.ping()
    db.dispose()


def test_a_server_that_does_not_answer_is_busy(tmp_path: Path) -> None:
    db = Database(StoreOptions(url=f"postgresql://nobody@/nothing?host={tmp_path}"))
    with pytest.raises(StoreBusy):
        db.ping()


def test_a_slow_statement_is_cut_short(postgres_url: str) -> None:
    db = Database(StoreOptions(url=postgres_url, busy_seconds=0.05))
    with pytest.raises(StoreBusy, match="statement timeout"), db.read() as session:
        session.execute(text("SELECT pg_sleep(30)"))
    db.dispose()


def test_a_lost_connection_is_replaced(postgres_db: Database) -> None:
    with postgres_db.read() as session:
        pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with postgres_db.write() as session:
        # The pool lends the connection that was given back last, so end all of them from another.
        other = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    assert other == pid
    with psycopg.connect(
        postgres_db.options.url.replace("+psycopg", ""), autocommit=True
    ) as killer:
        killer.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    postgres_db.ping()


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        (psycopg.errors.LockNotAvailable("x"), StoreBusy),
        (psycopg.errors.DeadlockDetected("x"), StoreBusy),
        (psycopg.errors.SerializationFailure("x"), StoreBusy),
        (psycopg.errors.QueryCanceled("x"), StoreBusy),
        (psycopg.errors.AdminShutdown("x"), StoreBusy),
        (psycopg.errors.CannotConnectNow("x"), StoreBusy),
        (psycopg.errors.TooManyConnections("x"), StoreBusy),
        (psycopg.errors.ConnectionFailure("x"), StoreBusy),
        (psycopg.errors.IdleInTransactionSessionTimeout("x"), StoreBusy),
        (psycopg.OperationalError("server closed the connection"), StoreBusy),
        (psycopg.errors.UndefinedTable("x"), SchemaOutdated),
        (psycopg.errors.UndefinedColumn("x"), SchemaOutdated),
        (psycopg.errors.UniqueViolation("x"), StoreError),
        (psycopg.errors.DiskFull("x"), StoreError),
        (psycopg.errors.InvalidPassword("x"), StoreError),
        (psycopg.DataError("no NUL"), StoreError),
        (sqlite3.OperationalError("no such table: feed"), SchemaOutdated),
        (sqlite3.OperationalError("disk I/O error"), StoreError),
        (sqlite3.IntegrityError("UNIQUE constraint failed"), StoreError),
        (sqlite3.DatabaseError("file is not a database"), StoreError),
        (None, StoreError),
    ],
)
def test_each_driver_error_is_one_of_ours(
    original: BaseException | None, expected: type[StoreError]
) -> None:
    assert type(store_error(original)) is expected


def every_error(root: type[BaseException]) -> Iterator[type[BaseException]]:
    for child in root.__subclasses__():
        yield child
        yield from every_error(child)


@pytest.mark.parametrize("root", [psycopg.Error, sqlite3.Error])
def test_no_driver_error_escapes_the_mapping(root: type[BaseException]) -> None:
    for kind in every_error(root):
        assert isinstance(store_error(kind("first line\nvalues nobody may see")), StoreError)
        assert "nobody" not in str(store_error(kind("first line\nvalues nobody may see")))


def test_a_file_that_is_no_database_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database " * 1000)
    db = Database(StoreOptions(url=f"sqlite:///{tmp_path / 'text.db'}"))
    with pytest.raises(StoreError, match="not a database"):
        db.ping()
    db.dispose()


def test_a_naive_time_is_refused(db: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="has no time zone"), db.write() as session:
        categories.add(session, Category(slug="zhen", title="镇上"), naive)


def test_times_come_back_in_utc_whatever_zone_they_had(db: Database) -> None:
    shanghai = NOW.astimezone(timezone(timedelta(hours=8)))
    with db.write() as session:
        categories.add(session, Category(slug="zhen", title="镇上"), shanghai)
    with db.read() as session:
        stored = categories.get(session, "zhen").created_at
    assert stored == NOW
    assert stored is not None
    assert stored.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1, 1, 2), timezones=ZONES))  # noqa: DTZ001 - hypothesis asks for it
def test_the_time_column_only_changes_the_zone(at: datetime) -> None:
    for dialect in (SQLITE, POSTGRES):
        column = UtcDateTime()
        bind, read = column.bind_processor(dialect), column.result_processor(dialect, None)
        assert read(bind(at)) == at
        assert read(bind(None)) is None


@given(st.lists(st.datetimes(min_value=datetime(1, 1, 2), timezones=ZONES)))  # noqa: DTZ001 - as above
def test_the_text_of_times_sorts_as_the_times_do(times: list[datetime]) -> None:
    bind = UtcDateTime().bind_processor(SQLITE)
    texts = [str(bind(at)) for at in times]
    assert sorted(texts) == [str(bind(at)) for at in sorted(times)]


def test_long_lists_are_cut_into_parts() -> None:
    assert [list(part) for part in chunked([1, 2, 3, 4, 5], 2)] == [[1, 2], [3, 4], [5]]
    assert list(chunked([])) == []
