"""Leases on chores, so that of several schedulers one does the housekeeping."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import CHORE


def claim(session: Session, name: str, now: datetime, *, seconds: float) -> int | None:
    """Lease a chore that is due; None where it is not, or somebody is at it. New ones are due at once."""
    session.execute(
        insert_into(dialect_of(session), CHORE)
        .values(name=name, due_at=now, lease=0, lease_expires_at=None)
        .on_conflict_do_nothing()
    )
    free = or_(CHORE.c.lease_expires_at.is_(None), CHORE.c.lease_expires_at <= now)
    row = session.execute(
        update(CHORE)
        .where(CHORE.c.name == name, CHORE.c.due_at <= now, free)
        .values(lease=CHORE.c.lease + 1, lease_expires_at=now + timedelta(seconds=seconds))
        .returning(CHORE.c.lease)
    ).first()
    return None if row is None else int(row.lease)


def finish(session: Session, name: str, lease: int, due_at: datetime) -> None:
    """Give a chore back until `due_at`; one that another has taken over since is left to that one."""
    session.execute(
        update(CHORE)
        .where(CHORE.c.name == name, CHORE.c.lease == lease)
        .values(due_at=due_at, lease_expires_at=None)
    )
