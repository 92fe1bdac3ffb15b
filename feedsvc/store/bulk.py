"""Many rows of one table in one go: the statement is made once, values are handed to the driver bare.

SQLAlchemy compiles nothing twice either, but prepares every row through its compiler: of the 88 µs
that storing one article cost beyond the database's own 44, this leaves 25 (benchmarks/bench_store.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Dialect, LargeBinary, Table
from sqlalchemy.orm import Session

from feedsvc.store.columns import compact_json
from feedsvc.store.dialects import insert_into

Row = Mapping[str, Any]
Bind = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    """SQL as the driver takes it, what picks a row's values in its order, and what some must become."""

    sql: str
    values: Callable[[Row], tuple[Any, ...]]
    names: tuple[str, ...]
    binds: tuple[tuple[int, Bind], ...]
    positional: bool


def insert_all(
    session: Session, table: Table, rows: Sequence[Row], *, only_free: bool = False
) -> int:
    """Insert rows that all have the same columns; return how many were stored.

    With `only_free` a row whose key is taken is left out; otherwise it fails the whole.
    """
    if not rows:
        return 0
    connection = session.connection()
    statement = _statement(connection.dialect, table, tuple(rows[0]), only_free)
    result = connection.exec_driver_sql(
        statement.sql,
        [_bound(row, statement) for row in rows],
        execution_options={"preserve_rowcount": True},
    )
    return int(result.rowcount)


def _bound(row: Row, statement: _Statement) -> Any:
    values = list(statement.values(row))
    for at, bind in statement.binds:
        values[at] = bind(values[at])
    return (
        tuple(values) if statement.positional else dict(zip(statement.names, values, strict=True))
    )


@lru_cache(maxsize=64)
def _statement(
    dialect: Dialect,
    table: Table,
    names: tuple[str, ...],
    only_free: bool,  # noqa: FBT001 - a key of the cache
) -> _Statement:
    insert = insert_into(dialect.name, table)
    if only_free:
        insert = insert.on_conflict_do_nothing()
    compiled = insert.compile(dialect=dialect, column_keys=list(names))
    names = tuple(getattr(compiled, "positiontup", None) or names)
    binds = ((at, _bind(table.c[name], dialect)) for at, name in enumerate(names))
    return _Statement(
        sql=str(compiled),
        # With one name alone an itemgetter gives no tuple.
        values=itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],),
        names=names,
        binds=tuple((at, bind) for at, bind in binds if bind is not None),
        positional=dialect.positional,
    )


def _bind(column: Column[Any], dialect: Dialect) -> Bind | None:
    """What a value must become for the driver; both drivers take truth values and bytes as they are."""
    if isinstance(column.type, Boolean | LargeBinary):
        return None
    if isinstance(column.type, JSON) and dialect.name == "sqlite":
        return _json_or_null if column.type.none_as_null else compact_json
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _json_or_null(value: object) -> str | None:
    return None if value is None else compact_json(value)
