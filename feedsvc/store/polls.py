"""The end of a poll: everything it found out becomes true in one transaction, or nothing does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedsvc.domain.decision import Changes, Decision
from feedsvc.domain.response import KeptResponse
from feedsvc.domain.run import Run
from feedsvc.domain.source import Claim, SourceKind, Validators
from feedsvc.store import responses, runs, sources
from feedsvc.store.changes import log_changes
from feedsvc.store.claims import held_by, lease_lost
from feedsvc.store.save_articles import Origin, save_articles
from feedsvc.store.tables import CATEGORY, SOURCE, SOURCE_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """What a poll found out. `validators` None: keep those there are; the counts in `run` are filled in."""

    claim: Claim
    run: Run
    decisions: tuple[Decision, ...]
    validators: Validators | None
    next_due_at: datetime
    failures: int
    settled_kind: SourceKind | None = None
    settled_title: str = ""
    kept: tuple[KeptResponse, ...] = ()


def commit_poll(session: Session, outcome: PollOutcome, now: datetime, debounce: float) -> Changes:
    """Store a poll's outcome and give its lease back; feeds are to be published `debounce` s later.

    ack ── articles, revisions, names ── run, kept answers ── cursor ── changes, feeds, outbox

    The ack comes first, so that a worker that lost its lease writes nothing, and the cursor last
    (see `store.cursor`). An outcome is taken once: the ack ends the lease. Raises `LeaseLost`;
    and `StoreBusy` where another transaction came between decisions and commit, so that the
    caller decides again. The caller's transaction must then be dropped.
    """
    _acknowledge(session, outcome)
    saved = save_articles(session, outcome.decisions, _origin(session, outcome, now))
    run = replace(outcome.run, new=saved.new, updated=saved.updated, withdrawn=saved.withdrawn)
    source_id = outcome.claim.source.id
    runs.record(session, source_id, run)
    responses.note_all(session, source_id, outcome.kept)
    if outcome.settled_kind is not None:
        sources.settle_kind(session, source_id, outcome.settled_kind)
    if outcome.settled_title:
        sources.settle_title(session, source_id, outcome.settled_title)
    logged = log_changes(session, saved.changes, now, now + timedelta(seconds=debounce))
    return Changes(
        new=saved.new,
        updated=saved.updated,
        withdrawn=saved.withdrawn,
        feeds=logged.feeds,
        cursor=logged.cursor,
    )


def _acknowledge(session: Session, outcome: PollOutcome) -> None:
    """Put down where polling of the source stands, if the lease is still ours, and end the lease."""
    values: dict[str, Any] = {
        "lease": SOURCE_STATE.c.lease + 1,
        "lease_expires_at": None,
        "due_at": outcome.next_due_at,
        "failures": outcome.failures,
    }
    if outcome.validators is not None:
        values |= {
            "etag": outcome.validators.etag,
            "last_modified": outcome.validators.last_modified,
            "body_hash": outcome.validators.body_hash,
        }
    if outcome.run.seen:
        values["had_items"] = True
    statement = (
        update(SOURCE_STATE)
        .where(held_by(outcome.claim))
        .values(values)
        .returning(SOURCE_STATE.c.lease)
    )
    if session.execute(statement).first() is None:
        raise lease_lost(outcome.claim)


def _origin(session: Session, outcome: PollOutcome, now: datetime) -> Origin:
    claim = outcome.claim
    named = {each.draft.category for each in outcome.decisions if each.draft.category}
    row = session.execute(
        select(SOURCE.c.category_id, CATEGORY.c.slug)
        .join(CATEGORY, CATEGORY.c.id == SOURCE.c.category_id)
        .where(SOURCE.c.id == claim.source.id)
    ).one()
    return Origin(
        source_id=claim.source.id,
        source=claim.source.slug,
        category_id=row.category_id,
        category=row.slug,
        now=now,
        category_ids=_category_ids(session, named) if named else {},
    )


def _category_ids(session: Session, slugs: Collection[str]) -> dict[str | None, int]:
    rows = session.execute(
        select(CATEGORY.c.slug, CATEGORY.c.id).where(CATEGORY.c.slug.in_(sorted(slugs)))
    )
    return {row.slug: row.id for row in rows}
