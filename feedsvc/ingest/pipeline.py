"""One source, one run, read top-down:

    claim ── collect ── watch ────── assign_keys ── normalise ──┐
             (fetch,    (does it     (guid, URL,    (item →     │
              parse,     look as it   text hash)     draft)     │
              recheck)   did?)                                  │
      ┌─────────────────────────────────────────────────────────┘
      └─ screen ──── recall ───── decide ──── group ────── commit     (one transaction)
         (filters,   (which       (draft +    (whose       (articles, revisions, run,
          words of    article is   known →     repost is    validators, next due, errands)
          the house)  each?)       intent)     it?)

Nothing is fetched inside the transaction; what is known is read inside it, so that the decisions
hold when they are carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from feedsvc.domain.article import Draft
from feedsvc.domain.decision import Changes, Decision, Postponed
from feedsvc.domain.item import Repair
from feedsvc.domain.page import PagesSeen
from feedsvc.domain.parsed import Rejection
from feedsvc.domain.response import KeptResponse
from feedsvc.domain.run import Run, RunError
from feedsvc.domain.source import Claim, Source, Validators
from feedsvc.errors import Aborted, HttpStatus, IngestError, LeaseLost, StoreBusy
from feedsvc.ingest.cadence import next_check
from feedsvc.ingest.drift import LayoutWatch, Surroundings
from feedsvc.ingest.grouping import grouped
from feedsvc.ingest.identity import assign_keys
from feedsvc.ingest.judge import decided, normalised, screened
from feedsvc.ingest.recall import recall
from feedsvc.sources.collect import collect
from feedsvc.sources.reach import Collected, Reach
from feedsvc.store import articles, candidates, fingerprints, house
from feedsvc.store.engine import Database
from feedsvc.store.polls import PollOutcome, commit_poll, commit_unchanged

# A cross-source race for one URL, or a database that was busy for a moment, is decided anew.
COMMIT_ATTEMPTS = 4
# A run keeps this many repairs and rejections in words; their number is in the counts.
NOTES_KEPT = 50
# How soon (s) at the latest a poll goes on with the past that another one left to be read.
GOING_ON = 60

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One poll under way: the claim, its start (aware UTC), the clock that ends it, how long (s)
    changes are gathered before publishing, one throw of the dice (uniform in [0, 1)), and whether
    new articles are compared with those of other sources."""

    claim: Claim
    started_at: datetime
    clock: Callable[[], datetime]
    debounce: float
    dice: float
    near_duplicates: bool = True


class KeepingReach(Reach, Surroundings, Protocol):
    """A `Reach` that keeps what it read and knows what the source was like."""

    @property
    def kept(self) -> tuple[KeptResponse, ...]:
        """The partner's answers that were read in this poll and are kept."""
        ...


def ingest(poll: Poll, reach: KeepingReach, db: Database) -> Run:
    """Carry one claimed poll out and record it; a failure of the source is a failed run.

    Raises `LeaseLost` when another worker took over (nothing is stored then), `Aborted` when
    we are stopping, and `StoreError` when the database fails.
    """
    claim = poll.claim
    watch = LayoutWatch(claim.source, reach, poll.started_at)
    try:
        collected = watch.passed(collect(claim, reach, seen_at=poll.started_at))
    except Aborted:
        raise
    except IngestError as error:
        failed = _failed(poll, watch.explained(error))
        return _commit(poll, db, (), replace(failed, kept=reach.kept, layout=watch.layout))
    # Keyed apart: a page that is looked at again may stand in the document too.
    keyed = [*assign_keys(collected.items), *assign_keys(collected.rechecked)]
    drafts, rejections = normalised(keyed, poll.started_at)
    if collected.failure is None:
        outcome = _succeeded(poll, collected, drafts, rejections)
    else:
        outcome = replace(
            _failed(poll, collected.failure), pages=_pages_of(claim.source, collected)
        )
    return _commit(poll, db, drafts, replace(outcome, kept=reach.kept, layout=watch.layout))


def settle_unchanged(seen: Sequence[tuple[Poll, Collected]], db: Database) -> list[Run | LeaseLost]:
    """Record polls that brought nothing new, all in one transaction; the result is in their order.

    A lost lease is that poll's result and no concern of the others. Raises `StoreError`.
    """
    outcomes = [_succeeded(poll, collected, (), ()) for poll, collected in seen]

    def settle() -> list[Run | LeaseLost]:
        with db.write() as session:
            now = seen[0][0].clock()
            ended = [replace(each, run=replace(each.run, finished_at=now)) for each in outcomes]
            lost = commit_unchanged(session, ended)
        return [lost.get(each.claim.source.id) or each.run for each in ended]

    return _several_times(settle)


def _several_times(commit: Callable[[], Result]) -> Result:
    for _ in range(COMMIT_ATTEMPTS - 1):
        try:
            return commit()
        except StoreBusy:
            continue
    return commit()


def _commit(poll: Poll, db: Database, drafts: tuple[Draft, ...], outcome: PollOutcome) -> Run:
    return _several_times(partial(_commit_once, poll, db, drafts, outcome))


def _commit_once(poll: Poll, db: Database, drafts: tuple[Draft, ...], outcome: PollOutcome) -> Run:
    claim = poll.claim
    now = poll.clock()
    source = claim.source
    with db.write() as session:
        drafts, blocked = screened(drafts, house.load(session, source.id))
        drafts, known = recall(drafts, partial(articles.known, session, source.id))
        reviews = candidates.open_kinds(session, source.id)
        decisions = decided(drafts, known, source, reviews=reviews, now=now)
        if poll.near_duplicates:
            look_up = partial(fingerprints.neighbourhood, session, source.id)
            decisions = grouped(decisions, source, look_up)
        rejections = (*outcome.run.rejections, *blocked)[:NOTES_KEPT]
        run = replace(outcome.run, finished_at=now, rejections=rejections)
        outcome = _with_decisions(replace(outcome, run=run), decisions)
        changes = commit_poll(session, outcome, now, poll.debounce)
    return _counted(outcome.run, changes)


def _with_decisions(outcome: PollOutcome, decisions: tuple[Decision, ...]) -> PollOutcome:
    """What is postponed must be seen again, so the partner may not answer that nothing changed."""
    postponed = {each.draft.link for each in decisions if isinstance(each, Postponed)}
    if postponed:
        outcome = replace(outcome, validators=Validators())
    if postponed and outcome.pages is not None:
        known = tuple(page for page in outcome.pages.looked_at if page.link not in postponed)
        outcome = replace(outcome, pages=replace(outcome.pages, looked_at=known))
    return replace(outcome, decisions=decisions)


def _counted(run: Run, changes: Changes) -> Run:
    return replace(run, new=changes.new, updated=changes.updated, withdrawn=changes.withdrawn)


def _succeeded(
    poll: Poll,
    collected: Collected,
    drafts: tuple[Draft, ...],
    rejections: tuple[Rejection, ...],
) -> PollOutcome:
    repairs = (*collected.repairs, *_repairs_of(drafts))
    run = Run(
        source=poll.claim.source.slug,
        status="unchanged" if collected.unchanged and not drafts else "ok",
        started_at=poll.started_at,
        finished_at=poll.started_at,
        http_status=collected.http_status,
        wire_bytes=collected.wire_bytes,
        seen=len(collected.items),
        repairs=repairs[:NOTES_KEPT],
        rejections=(*collected.rejections, *rejections)[:NOTES_KEPT],
    )
    source = poll.claim.source
    return PollOutcome(
        claim=poll.claim,
        run=run,
        decisions=(),
        # What is held back must be seen again.
        validators=Validators() if collected.held_back else collected.validators,
        next_due_at=next_check(
            _hurried(source, collected), poll.started_at, failures=0, dice=poll.dice
        ),
        failures=0,
        trails=collected.trails,
        settled_kind=collected.kind if source.kind == "auto" != collected.kind else None,
        settled_title="" if source.title else collected.title,
        discovered=collected.discovered,
        pages=_pages_of(source, collected),
    )


def _hurried(source: Source, collected: Collected) -> Source:
    """What a poll left to be read is not kept waiting."""
    if not collected.trails:
        return source
    return replace(source, every_seconds=min(source.every_seconds, GOING_ON))


def _pages_of(source: Source, collected: Collected) -> PagesSeen | None:
    if not source.rechecks(collected.kind):
        return None
    if collected.held_back or collected.failure is not None:
        return PagesSeen(looked_at=collected.looked_at)
    return PagesSeen(looked_at=collected.looked_at, listed=collected.listed)


def _repairs_of(drafts: tuple[Draft, ...]) -> list[Repair]:
    return [
        replace(repair, detail=f"{draft.keys.primary} {repair.detail}".strip())
        for draft in drafts
        for repair in draft.repairs
    ]


def _failed(poll: Poll, error: IngestError) -> PollOutcome:
    claim = poll.claim
    failures = claim.failures + 1
    status = error.status if isinstance(error, HttpStatus) else None
    run = Run(
        source=claim.source.slug,
        status="failed",
        started_at=poll.started_at,
        finished_at=poll.started_at,
        http_status=status,
        error=RunError(kind=error.kind, message=str(error), permanent=error.permanent),
    )
    return PollOutcome(
        claim=claim,
        run=run,
        decisions=(),
        validators=None,
        next_due_at=next_check(
            claim.source,
            poll.started_at,
            failures=failures,
            dice=poll.dice,
            retry_after=error.retry_after if isinstance(error, HttpStatus) else None,
        ),
        failures=failures,
        settled_kind=None,
    )
