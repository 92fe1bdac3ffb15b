"""Many rows of one table in one go: the statement is made once, values are handed to the driver bare.

SQLAlchemy compiles nothing twice either, but prepares every row through its compiler: of the 88 µs
that storing one article cost beyond the database's own 44, this leaves 25 (benchmarks/bench_store.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Table
from sqlalchemy.orm import Session

from feedsvc.store.dialects import insert_into

Row = Mapping[str, Any]
Bind = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    """SQL as the driver takes it, the columns in its order, and what makes driver values of some."""

    sql: str
    names: tuple[str, ...]
    binds: tuple[tuple[str, Bind], ...]
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
    values = dict(row)
    for name, bind in statement.binds:
        values[name] = bind(values[name])
    return tuple(map(values.__getitem__, statement.names)) if statement.positional else values


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
    binds = (
        (name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names
    )
    return _Statement(
        sql=str(compiled),
        names=tuple(getattr(compiled, "positiontup", None) or names),
        binds=tuple((name, bind) for name, bind in binds if bind is not None),
        positional=dialect.positional,
    )
