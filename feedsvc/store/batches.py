"""Decisions that no poll made (files, kept answers read anew), carried out in one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from feedsvc.domain.decision import Changes, Decision
from feedsvc.domain.source import Source
from feedsvc.errors import StoreBusy
from feedsvc.store.changes import log_changes
from feedsvc.store.polls import origin_of
from feedsvc.store.save_articles import save_articles
from feedsvc.store.tables import SOURCE_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """When it is, how long (s) changes gather before publishing, and who is on record ("": the source)."""

    now: datetime
    debounce: float = 0.0
    actor: str = ""


def commit_batch(
    session: Session, source: Source, decisions: Sequence[Decision], terms: Terms
) -> Changes:
    """Store decisions on a source's items as a poll would.

    A source has one writer at a time: raises `StoreBusy` while it is being polled, and where
    another transaction came between decisions and commit. The caller decides again then.
    """
    _keep_polls_out(session, source, terms.now)
    origin = replace(origin_of(session, source, decisions, terms.now), by=terms.actor)
    saved = save_articles(session, decisions, origin)
    due_at = terms.now + timedelta(seconds=terms.debounce)
    logged = log_changes(session, saved.changes, terms.now, due_at)
    return Changes(
        new=saved.new,
        updated=saved.updated,
        withdrawn=saved.withdrawn,
        feeds=logged.feeds,
        cursor=logged.cursor,
    )


def _keep_polls_out(session: Session, source: Source, now: datetime) -> None:
    """Lock the source's row until the commit, and outdate the token of a poll that fell silent."""
    expires_at = SOURCE_STATE.c.lease_expires_at
    row = session.execute(
        update(SOURCE_STATE)
        .where(SOURCE_STATE.c.source_id == source.id, or_(expires_at.is_(None), expires_at <= now))
        .values(lease=SOURCE_STATE.c.lease + 1)
        .returning(SOURCE_STATE.c.lease)
    ).first()
    if row is None:
        raise StoreBusy(f"source {source.slug}", "is being polled; try again")
