"""Polite spacing: when the next fetch from a domain may start, agreed between all processes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from feedsvc.store.columns import later
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import HOST_STATE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def reserve_slots(
    session: Session, domains: Sequence[str], now: datetime, *, spacing: float, within: float
) -> list[tuple[datetime, bool]]:
    """Book a moment for one fetch from each domain, repeated ones one after the other.

    Where the queue is longer than `within` seconds nothing is booked: the moment is then when the
    queue will be half as long, to ask again, and the second value False.
    """
    known = _reserved(session, domains)
    slots = []
    for domain in domains:
        queue = timedelta(0)
        if domain in known:
            queue = max(known[domain] + timedelta(seconds=spacing) - now, queue)
        if queue.total_seconds() > within:
            slots.append((now + queue - timedelta(seconds=within / 2), False))
            continue
        known[domain] = reserve_slot(session, domain, now, spacing)
        slots.append((known[domain], True))
    return slots


def _reserved(session: Session, domains: Sequence[str]) -> dict[str, datetime]:
    rows = session.execute(
        select(HOST_STATE.c.domain, HOST_STATE.c.reserved_us).where(
            HOST_STATE.c.domain.in_(sorted(set(domains)))
        )
    )
    return {row.domain: EPOCH + row.reserved_us * MICROSECOND for row in rows}


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


def next_slot(session: Session, domain: str, now: datetime, spacing: float) -> datetime:
    """Return the moment that `reserve_slot` would book now, without booking it."""
    reserved = session.execute(
        select(HOST_STATE.c.reserved_us).where(HOST_STATE.c.domain == domain)
    ).scalar()
    if reserved is None:
        return now
    return max(now, EPOCH + int(reserved) * MICROSECOND + timedelta(seconds=spacing))
