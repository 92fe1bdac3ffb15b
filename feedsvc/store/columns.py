"""Column types that mean the same on SQLite and PostgreSQL, and the root of all tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Case,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    TypeDecorator,
    case,
)
from sqlalchemy.orm import DeclarativeBase

Value = TypeVar("Value")
# A row, and a query, whose columns are found by name.
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

# SQLite counts up only a column that is called INTEGER.
BigKey = BigInteger().with_variant(Integer(), "sqlite")

# Stays below the bound-parameter limits of both databases (32,766 and 65,535).
MOST_PARAMETERS = 10_000
UTC_OFFSET = len("+00:00")


# One encoder for all values: `json.dumps` with arguments builds a new one for each.
_COMPACT_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def compact_json(value: object) -> str:
    """Write JSON; empty lists are most of what articles have in such columns."""
    return "[]" if value == [] else _COMPACT_JSON.encode(value)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes in and out, to the microsecond; a naive one raises `ValueError`.

    SQLite keeps them as text that sorts as the time does, in the form that SQLAlchemy gives it. The
    processors are whole, not the usual two halves: a poll binds seven times per item.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], object]:
        """Turn any aware time into UTC."""
        return _utc_text if dialect.name == "sqlite" else _utc

    def result_processor(
        self, dialect: Dialect, _coltype: object
    ) -> Callable[[Any], datetime | None]:
        """Give the time its zone back."""
        return _from_text if dialect.name == "sqlite" else _utc


def _utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


# One poll stores the same moment hundreds of times.
@lru_cache(maxsize=256)
def _utc_text(value: datetime | None) -> str | None:
    aware = _utc(value)
    return None if aware is None else aware.isoformat(" ", "microseconds")[:-UTC_OFFSET]


def _from_text(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if value else None


class Base(DeclarativeBase):
    """The root of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own declaration
        str: Text,
        bool: Boolean,
        datetime: UtcDateTime,
        list[Any]: JSON,
        dict[str, Any]: JSON,
    }


def table_of(model: type[Base]) -> Table:
    """Return the table behind a model: bulk statements on it skip the unit of work."""
    return cast("Table", model.__table__)


def digest(*parts: str) -> bytes:
    """Return 16 bytes that stand for a name in an index: partners' names may have 2,000 bytes."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()


def later(column: ColumnElement[Any], value: ColumnElement[Any]) -> Case[Any]:
    """Return SQL for the greater of two: what neither database may let go back."""
    return case((column < value, value), else_=column)


def chunked(values: Sequence[Value], size: int = MOST_PARAMETERS) -> Iterator[Sequence[Value]]:
    """Yield `values` in parts that fit into one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
