"""Where the errors of drivers and SQLAlchemy become ours.

psycopg's errors are known by their `sqlstate`: to name their class would load the driver, which
takes a tenth of a second, in every process that never speaks to PostgreSQL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

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
    state = getattr(original, "sqlstate", "")
    if state is None:
        # Nobody answers, or the connection broke under us.
        return type(original).__name__ == "OperationalError"
    return bool(state) and state.startswith(PASSING_STATES)


def _names_what_is_missing(original: BaseException | None) -> bool:
    if getattr(original, "sqlstate", None) in MISSING_STATES:
        return True
    return isinstance(original, sqlite3.OperationalError) and any(
        words in str(original) for words in MISSING_WORDS
    )
