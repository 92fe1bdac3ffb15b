"""Polite spacing: when the next fetch from a domain may start, agreed between all processes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import literal
from sqlalchemy.orm import Session

from feedsvc.store.columns import later
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import HOST_STATE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def reserve_slot(session: Session, domain: str, now: datetime, spacing: float) -> datetime:
    """Book the next free moment for a fetch from `domain`: not before `now`, and at least `spacing`
    seconds after the one booked before. Each moment is given out once."""
    wanted = (now - EPOCH) // MICROSECOND
    step = round(spacing * 1_000_000)
    statement = insert_into(dialect_of(session), HOST_STATE).values(
        domain=domain, reserved_us=wanted
    )
    statement = statement.on_conflict_do_update(
        index_elements=["domain"],
        set_={"reserved_us": later(HOST_STATE.c.reserved_us + step, literal(wanted))},
    )
    reserved = session.execute(statement.returning(HOST_STATE.c.reserved_us)).scalar_one()
    return EPOCH + int(reserved) * MICROSECOND
