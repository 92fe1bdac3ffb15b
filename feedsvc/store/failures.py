"""Where the errors of drivers and SQLAlchemy become ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from feedsvc.errors import SchemaOutdated, StoreBusy, StoreError

SUBJECT = "database"
# SQLSTATE classes and codes that pass by themselves (PostgreSQL manual, appendix A): connection
# lost, too many connections, shutdown, lock not available, deadlock, serialization, time out.
PASSING_STATES = (
    "08", "53300", "57P", "57014", "55P03", "40", "25P03", "25P04",
)  # fmt: skip
# Undefined table and undefined column.
MISSING_STATES = ("42P01", "42703")
MISSING_WORDS = ("no such table", "no such column", "has no column named")
SQLITE_PRIMARY_CODE = 0xFF


@contextmanager
def mapped() -> Iterator[None]:
    """Turn what a driver raises inside the block into `StoreBusy`, `SchemaOutdated` or `StoreError`."""
    try:
        yield
    except NoConnectionFree as error:
        raise StoreBusy(SUBJECT, "no connection came free; try again") from error
    except DBAPIError as error:
        raise store_error(error.orig) from error


def store_error(original: BaseException | None) -> StoreError:
    """Judge one driver error; its first line is the cause, never the values of the statement."""
    cause = next(iter(str(original).splitlines()), type(original).__name__)
    if _is_passing(original):
        return StoreBusy(SUBJECT, cause)
    if _names_what_is_missing(original):
        return SchemaOutdated(SUBJECT, f"{cause}; run `feedsvc db upgrade`")
    return StoreError(SUBJECT, cause)


def _is_passing(original: BaseException | None) -> bool:
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorcode", 0) & SQLITE_PRIMARY_CODE
        return code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    if isinstance(original, psycopg.Error):
        if original.sqlstate is None:
            # Nobody answers, or the connection broke under us.
            return isinstance(original, psycopg.OperationalError)
        return original.sqlstate.startswith(PASSING_STATES)
    return False


def _names_what_is_missing(original: BaseException | None) -> bool:
    if isinstance(original, psycopg.Error):
        return original.sqlstate in MISSING_STATES
    return isinstance(original, sqlite3.OperationalError) and any(
        words in str(original) for words in MISSING_WORDS
    )
