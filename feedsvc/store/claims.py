"""Leases on sources: each due poll belongs to one worker, and a late worker's result is refused.

The truth is the row. A lease that runs out is claimed again, so a killed worker costs its lease
and no more; the lease number is the fencing token that `polls.commit_poll` checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from feedsvc.domain.source import Claim, Source, Trail, Validators
from feedsvc.errors import LeaseLost
from feedsvc.store.columns import AnyRow, chunked
from feedsvc.store.sources import not_found, select_sources, source_of
from feedsvc.store.tables import SOURCE, SOURCE_STATE


def claim_due(session: Session, now: datetime, *, limit: int, seconds: float) -> list[Claim]:
    """Lease up to `limit` due sources for `seconds`, longest due first.

    A common table expression picks the rows, because PostgreSQL may run a plain subquery with
    LIMIT and FOR UPDATE more than once and then lease more than asked for.
    """
    due = (
        select(SOURCE_STATE.c.source_id)
        .where(SOURCE_STATE.c.paused == false(), SOURCE_STATE.c.due_at <= now, _is_free(now))
        .order_by(SOURCE_STATE.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    picked = SOURCE_STATE.c.source_id.in_(select(due.c.source_id))
    rows = session.execute(_lease(now, seconds).where(picked)).all()
    return _claims(session, sorted(rows, key=lambda row: (row.due_at, row.source_id)))


def claim_one(session: Session, slug: str, now: datetime, *, seconds: float) -> Claim | None:
    """Lease one source whether it is due, or paused, or not; None while another worker holds it.

    Raises `NotFound`.
    """
    source_id = session.execute(select(SOURCE.c.id).where(SOURCE.c.slug == slug)).scalar()
    if source_id is None:
        raise not_found(slug)
    chosen = SOURCE_STATE.c.source_id == source_id
    rows = session.execute(_lease(now, seconds).where(chosen, _is_free(now))).all()
    return next(iter(_claims(session, rows)), None)


def renew(session: Session, claim: Claim, now: datetime, *, seconds: float) -> Claim:
    """Make a lease last until `now` + `seconds`; raises `LeaseLost` if another worker took it."""
    expires_at = now + timedelta(seconds=seconds)
    row = session.execute(
        update(SOURCE_STATE)
        .where(held_by(claim))
        .values(lease_expires_at=expires_at)
        .returning(SOURCE_STATE.c.lease)
    ).first()
    if row is None:
        raise lease_lost(claim)
    return replace(claim, expires_at=expires_at)


def release(session: Session, claim: Claim, due_at: datetime) -> None:
    """Give a lease back unused, so that the source is due at this time; a lost lease is left alone."""
    session.execute(
        update(SOURCE_STATE)
        .where(held_by(claim))
        .values(lease=SOURCE_STATE.c.lease + 1, lease_expires_at=None, due_at=due_at)
    )


def held_by(claim: Claim) -> ColumnElement[bool]:
    """Return the condition that the claim's lease is still the newest one on its source."""
    return (SOURCE_STATE.c.source_id == claim.source.id) & (SOURCE_STATE.c.lease == claim.lease)


def lease_lost(claim: Claim) -> LeaseLost:
    """Return the error for a claim that another worker took over."""
    return LeaseLost(f"source {claim.source.slug}", "another worker has taken over")


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(SOURCE_STATE.c.lease_expires_at.is_(None), SOURCE_STATE.c.lease_expires_at <= now)


def _lease(now: datetime, seconds: float) -> ReturningUpdate[*tuple[Any, ...]]:
    return (
        update(SOURCE_STATE)
        .values(lease=SOURCE_STATE.c.lease + 1, lease_expires_at=now + timedelta(seconds=seconds))
        .returning(SOURCE_STATE)
    )


def _claims(session: Session, rows: Sequence[AnyRow]) -> list[Claim]:
    sources: dict[int, Source] = {}
    for part in chunked([row.source_id for row in rows]):
        found = session.execute(select_sources().where(SOURCE.c.id.in_(part)))
        sources |= {row.id: source_of(row) for row in found}
    return [
        Claim(
            source=sources[row.source_id],
            lease=row.lease,
            expires_at=row.lease_expires_at,
            validators=Validators(
                etag=row.etag, last_modified=row.last_modified, body_hash=row.body_hash
            ),
            failures=row.failures,
            had_items=row.had_items,
            trails=tuple(Trail(**each) for each in row.trails),
        )
        for row in rows
    ]
