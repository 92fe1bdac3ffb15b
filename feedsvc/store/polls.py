"""The end of a poll: everything it found out becomes true in one transaction, or nothing does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from feedsvc.domain.decision import Changes, Decision
from feedsvc.domain.layout import Layout
from feedsvc.domain.page import PagesSeen
from feedsvc.domain.response import KeptResponse
from feedsvc.domain.run import Run
from feedsvc.domain.source import Claim, Source, SourceKind, Trail, Validators
from feedsvc.errors import LeaseLost
from feedsvc.store import layouts, pages, responses, runs, sources
from feedsvc.store.changes import log_changes, sections
from feedsvc.store.claims import lease_lost
from feedsvc.store.columns import chunked
from feedsvc.store.save_articles import Origin, save_articles
from feedsvc.store.tables import CATEGORY, SOURCE, SOURCE_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """What a poll found out. `validators`, `trails` None: keep those there are.

    The counts in `run` are filled in.
    """

    claim: Claim
    run: Run
    decisions: tuple[Decision, ...]
    validators: Validators | None
    next_due_at: datetime
    failures: int
    settled_kind: SourceKind | None = None
    settled_title: str = ""
    discovered: Source | None = None
    pages: PagesSeen | None = None
    layout: Layout | None = None
    kept: tuple[KeptResponse, ...] = ()
    trails: tuple[Trail, ...] | None = None


def commit_poll(session: Session, outcome: PollOutcome, now: datetime, debounce: float) -> Changes:
    """Store a poll's outcome and give its lease back; feeds are to be published `debounce` s later.

    ack ── articles, revisions, names ── run, kept answers ── cursor ── changes, feeds, outbox

    The ack comes first, so that a worker that lost its lease writes nothing, and the cursor last
    (see `store.cursor`). An outcome is taken once: the ack ends the lease. Raises `LeaseLost`;
    and `StoreBusy` where another transaction came between decisions and commit, so that the
    caller decides again. The caller's transaction must then be dropped.
    """
    _acknowledge(session, outcome)
    origin = origin_of(session, outcome.claim.source, outcome.decisions, now)
    saved = save_articles(session, outcome.decisions, origin)
    run = replace(outcome.run, new=saved.new, updated=saved.updated, withdrawn=saved.withdrawn)
    source_id = outcome.claim.source.id
    runs.record(session, source_id, run)
    responses.note_all(session, source_id, outcome.kept)
    if outcome.pages is not None:
        pages.keep(session, source_id, outcome.pages, now)
    if outcome.layout is not None:
        layouts.keep(session, source_id, outcome.layout)
    if outcome.discovered is not None:
        sources.settle_discovery(session, source_id, outcome.discovered)
    elif outcome.settled_kind is not None:
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


def commit_unchanged(session: Session, outcomes: Sequence[PollOutcome]) -> dict[int, LeaseLost]:
    """Store outcomes that brought nothing but validators, in three statements, and end their leases.

    A claim whose lease another worker took over writes nothing; it is returned by its source's id.
    """
    held = _lock_held(session, [each.claim for each in outcomes])
    kept = [each for each in outcomes if held.get(each.claim.source.id) == each.claim.lease]
    if kept:
        session.execute(_SETTLE, [_settled(each) for each in kept])
        runs.record_all(session, [(each.claim.source.id, each.run) for each in kept])
    return {
        each.claim.source.id: lease_lost(each.claim)
        for each in outcomes
        if held.get(each.claim.source.id) != each.claim.lease
    }


def _lock_held(session: Session, claims: Sequence[Claim]) -> dict[int, int]:
    """Read the newest lease of each source and keep others from raising it until the commit."""
    ids = sorted(claim.source.id for claim in claims)
    found: dict[int, int] = {}
    for part in chunked(ids):
        rows = session.execute(_LEASES, {"of_sources": part})
        found |= {row.source_id: row.lease for row in rows}
    return found


_LEASES = (
    select(SOURCE_STATE.c.source_id, SOURCE_STATE.c.lease)
    .where(SOURCE_STATE.c.source_id.in_(bindparam("of_sources", expanding=True)))
    .order_by(SOURCE_STATE.c.source_id)
    .with_for_update()
)

_SETTLE = (
    update(SOURCE_STATE)
    .where(SOURCE_STATE.c.source_id == bindparam("of_source"))
    .values(
        lease=bindparam("to_lease"),
        lease_expires_at=None,
        due_at=bindparam("to_due_at"),
        failures=0,
        etag=bindparam("to_etag"),
        last_modified=bindparam("to_last_modified"),
        body_hash=bindparam("to_body_hash"),
    )
)


def _settled(outcome: PollOutcome) -> dict[str, Any]:
    validators = outcome.validators or outcome.claim.validators
    return {
        "of_source": outcome.claim.source.id,
        "to_lease": outcome.claim.lease + 1,
        "to_due_at": outcome.next_due_at,
        "to_etag": validators.etag,
        "to_last_modified": validators.last_modified,
        "to_body_hash": validators.body_hash,
    }


def _acknowledge(session: Session, outcome: PollOutcome) -> None:
    """Put down where polling of the source stands, if the lease is still ours, and end the lease."""
    values = _settled(outcome) | {
        "of_lease": outcome.claim.lease,
        "to_failures": outcome.failures,
    }
    left = outcome.trails is not None and outcome.trails != outcome.claim.trails
    if left:
        values["to_trails"] = [asdict(trail) for trail in outcome.trails or ()]
    statement = _ack(outcome.validators is not None, bool(outcome.run.seen), left)
    if session.execute(statement, values).first() is None:
        raise lease_lost(outcome.claim)


@cache
def _ack(validators: bool, seen: bool, trails: bool) -> ReturningUpdate[*tuple[Any, ...]]:  # noqa: FBT001 - keys of the cache
    values: dict[str, Any] = {
        "lease": SOURCE_STATE.c.lease + 1,
        "lease_expires_at": None,
        "due_at": bindparam("to_due_at"),
        "failures": bindparam("to_failures"),
    }
    if validators:
        names = ("etag", "last_modified", "body_hash")
        values |= {name: bindparam(f"to_{name}") for name in names}
    if seen:
        values["had_items"] = True
    if trails:
        values["trails"] = bindparam("to_trails", type_=SOURCE_STATE.c.trails.type)
    held = (SOURCE_STATE.c.source_id == bindparam("of_source")) & (
        SOURCE_STATE.c.lease == bindparam("of_lease")
    )
    return update(SOURCE_STATE).where(held).values(values).returning(SOURCE_STATE.c.lease)


def origin_of(
    session: Session, source: Source, decisions: Sequence[Decision], now: datetime
) -> Origin:
    """Return whose decisions these are and to which sections they go."""
    named = {each.draft.category for each in decisions if each.draft.category}
    row = session.execute(_PLACE, {"of_source": source.id}).one()
    return Origin(
        source_id=source.id,
        source=source.slug,
        category_id=row.category_id,
        category=row.slug,
        now=now,
        category_ids=_category_ids(session, named) if named else {},
        pictures=row.pictures,
    )


_PLACE = (
    select(SOURCE.c.category_id, SOURCE.c.pictures, CATEGORY.c.slug)
    .join(CATEGORY, CATEGORY.c.id == SOURCE.c.category_id)
    .where(SOURCE.c.id == bindparam("of_source"))
)


def _category_ids(session: Session, slugs: Collection[str]) -> dict[str | None, int]:
    """Find the sections that drafts name; one renamed since then by its former name."""
    return {slug: row.id for slug, row in sections(session, set(slugs)).items()}
