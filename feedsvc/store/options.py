"""What an operator may set of the store; apart from the engine, so that settings load quickly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOptions:
    """Where the data is: `url` is SQLAlchemy's (sqlite:///FILE or postgresql://…).

    `busy_seconds` bounds every wait for a lock, a statement or a free connection (PostgreSQL
    waits at most 10 s for a lock). At most `pool_size` + `pool_overflow` connections per process.
    """

    url: str
    busy_seconds: float = 30.0
    pool_size: int = 10
    pool_overflow: int = 20
