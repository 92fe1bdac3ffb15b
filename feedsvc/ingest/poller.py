"""Polls on behalf of schedulers and people: leases, polite spacing, and the edge of the loop."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from feedsvc.domain.item import Item
from feedsvc.domain.layout import Layout
from feedsvc.domain.page import Page
from feedsvc.domain.parsed import Parsed, ParseJob
from feedsvc.domain.response import KeptResponse
from feedsvc.domain.run import Run, RunError
from feedsvc.domain.source import Claim
from feedsvc.errors import Aborted, FeedsvcError, FetchError, ParserKilled
from feedsvc.fetch.client import Fetcher
from feedsvc.fetch.exchange import FetchRequest, FetchResponse
from feedsvc.ingest.archive import Archive
from feedsvc.ingest.identity import assign_keys
from feedsvc.ingest.options import IngestOptions
from feedsvc.ingest.pipeline import Poll, ingest, settle_unchanged
from feedsvc.ingest.stream import Ended, Landing, Stream
from feedsvc.parse.pool import ParserPool
from feedsvc.sources.reach import Collected
from feedsvc.store import articles, claims, hosts, layouts, pages, runs, sources
from feedsvc.store.engine import Database
from feedsvc.text.urls import registrable_domain

log = structlog.get_logger()

AWAIT_STEP = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateways:
    """What ingest needs of the world below."""

    db: Database
    fetcher: Fetcher
    parsers: ParserPool
    archive: Archive
    clock: Callable[[], datetime]


class Poller:
    """Carries claims out. Thread-safe; one per process."""

    def __init__(self, gateways: Gateways, options: IngestOptions) -> None:
        self._gateways = gateways
        self._options = options
        self._stopping = threading.Event()
        self._stream = Stream(self, gateways.fetcher, workers=options.workers)

    def claim_due(self, limit: int) -> list[Claim]:
        """Claim up to `limit` sources that are due now."""
        with self._gateways.db.write() as session:
            return claims.claim_due(
                session,
                self._gateways.clock(),
                limit=limit,
                seconds=self._options.lease_seconds,
            )

    def start(self, batch: Sequence[Claim], ended: Ended) -> None:
        """Poll claimed sources side by side without waiting for them.

        `ended` is called once for each, with its run, or None where the claim was given back
        because the queue for its domain is long. Every failure is in its run and stays there.
        Raises `StoreError`, before anything was begun, where no turns can be booked.
        """
        for claim, delay in zip(batch, self._turns(batch), strict=True):
            if delay is None:
                ended(None)
            else:
                self._stream.start(claim, ended, delay=delay)

    def poll_batch(self, batch: Sequence[Claim]) -> list[Run]:
        """Poll claimed sources side by side and wait for all; runs in the order in which they ended."""
        ended: queue.SimpleQueue[Run | None] = queue.SimpleQueue()
        self.start(batch, ended.put)
        runs = [ended.get() for _ in batch]
        return [run for run in runs if run is not None]

    def poll(self, claim: Claim) -> Run:
        """Poll one claimed source. Never raises: this is the edge of the loop."""
        return self.finish(self.begin(claim, 0.0), None)

    def begin(self, claim: Claim, delay: float) -> Poll:
        """Make one poll that starts `delay` seconds from now."""
        return Poll(
            claim=claim,
            started_at=self._gateways.clock() + timedelta(seconds=delay),
            clock=self._gateways.clock,
            debounce=self._options.debounce,
            dice=random.random(),  # noqa: S311 - spreads load, guards nothing
            near_duplicates=self._options.near_duplicates,
        )

    def finish(self, poll: Poll, landed: Landing | None) -> Run:
        """Carry a poll out; `landed` is what its first fetch brought, if that is done. Never raises."""
        reach = LeasedReach(self._gateways, self._options, poll.claim, self._stopping)
        reach.landed = landed
        try:
            run = ingest(poll, reach, self._gateways.db)
        except Aborted as error:
            self._give_back(reach.claim)
            run = self._unrecorded(poll, error)
        except FeedsvcError as error:
            run = self._unrecorded(poll, error)
        except (
            Exception
        ) as error:  # loop edge: one source never ends the scheduler; its lease runs out
            log.exception("poll_crashed", source=poll.claim.source.slug)
            run = self._unrecorded(poll, error)
        return _noted(run)

    def settle(self, seen: Sequence[tuple[Poll, Collected]]) -> list[Run]:
        """Record polls that brought nothing new, together. Never raises."""
        ended: Sequence[Run | Exception]
        try:
            ended = settle_unchanged(seen, self._gateways.db)
        except FeedsvcError as error:
            ended = [error] * len(seen)
        except Exception as error:  # loop edge: these are polled again when their leases run out
            log.exception("polls_not_settled", sources=[poll.claim.source.slug for poll, _ in seen])
            ended = [error] * len(seen)
        return [
            _noted(run if isinstance(run, Run) else self._unrecorded(poll, run))
            for (poll, _), run in zip(seen, ended, strict=True)
        ]

    def poll_now(self, slug: str) -> Run:
        """Poll one source at once; one that is already being polled is awaited, not repeated.

        Raises `NotFound` when there is no such source. When the other worker's lease runs out
        without a run, this one polls itself.
        """
        before = self._latest(slug)
        while not self._stopping.is_set():
            claim = self._claim_one(slug)
            if claim is not None:
                return self.poll(claim)
            finished = self._latest(slug)
            if finished is not None and finished != before:
                return finished
            self._stopping.wait(AWAIT_STEP)
        raise Aborted(slug, "the service is stopping")

    def stop(self) -> None:
        """End running polls soon: their fetches are aborted, waits end."""
        self._stopping.set()
        self._gateways.fetcher.abort()

    def close(self) -> None:
        """Wait for the polls that run (stop them first) and give the threads back."""
        self._stream.close()

    def _turns(self, batch: Sequence[Claim]) -> list[float | None]:
        """Book each claim's turn at its domain; None where the claim was given back instead.

        What would have to wait for half a lease is better asked for again, by whoever is free then.
        """
        spacing, longest = self._options.domain_spacing, self._options.lease_seconds / 2
        spaced = [claim for claim in batch if not claim.source.demo]
        if not spacing or not spaced:
            return [0.0] * len(batch)
        domains = [registrable_domain(claim.source.url) for claim in spaced]
        now = self._gateways.clock()
        delays: dict[int, float | None] = {}
        with self._gateways.db.write() as session:
            slots = hosts.reserve_slots(session, domains, now, spacing=spacing, within=longest)
            for claim, (at, booked) in zip(spaced, slots, strict=True):
                delays[claim.source.id] = max(0.0, (at - now).total_seconds()) if booked else None
                if not booked:
                    claims.release(session, claim, at)
        return [delays.get(claim.source.id, 0.0) for claim in batch]

    def _give_back(self, claim: Claim) -> None:
        """A poll cut short by our own stop is no failure: the source is due again at once."""
        try:
            with self._gateways.db.write() as session:
                claims.release(session, claim, self._gateways.clock())
        except FeedsvcError as error:
            log.warning("claim_not_released", source=claim.source.slug, error=str(error))

    def _claim_one(self, slug: str) -> Claim | None:
        with self._gateways.db.write() as session:
            now = self._gateways.clock()
            return claims.claim_one(session, slug, now, seconds=self._options.lease_seconds)

    def _latest(self, slug: str) -> Run | None:
        with self._gateways.db.read() as session:
            sources.get(session, slug)
            return next(iter(runs.latest(session, slug, limit=1)), None)

    def _unrecorded(self, poll: Poll, error: Exception) -> Run:
        """The run of a poll that could not be recorded."""
        known = isinstance(error, FeedsvcError)
        return Run(
            source=poll.claim.source.slug,
            status="failed",
            started_at=poll.started_at,
            finished_at=self._gateways.clock(),
            error=RunError(
                kind=error.kind if isinstance(error, FeedsvcError) else "internal",
                message=str(error) if known else f"{type(error).__name__}: {error}",
            ),
        )


def _noted(run: Run) -> Run:
    """Log a run. A source that has nothing new is asked again and again; that is no news to an operator."""
    (log.debug if run.status == "unchanged" else log.info)(
        "polled",
        source=run.source,
        status=run.status,
        new=run.new,
        updated=run.updated,
        withdrawn=run.withdrawn,
        error=run.error.message if run.error else None,
    )
    return run


class LeasedReach:
    """The `Reach` of one poll: fetches are spaced per domain and keep the lease alive."""

    def __init__(
        self,
        gateways: Gateways,
        options: IngestOptions,
        claim: Claim,
        stopping: threading.Event,
    ) -> None:
        self._gateways = gateways
        self._options = options
        self.claim = claim
        self._stopping = stopping
        self._answer: tuple[FetchRequest, FetchResponse] | None = None
        self._kept: list[KeptResponse] = []
        # The first list document that was read, for the proposals.
        self.list_job: ParseJob | None = None
        # What the poll's first fetch brought, where it was made before the poll.
        self.landed: Landing | None = None

    def layout(self) -> Layout:
        """Ask the store how the source usually looks."""
        with self._gateways.db.read() as session:
            return layouts.get(session, self.claim.source.id)

    def known_names(self) -> list[str]:
        """Ask the store what the source's newest articles are called."""
        with self._gateways.db.read() as session:
            return layouts.known_names(session, self.claim.source.id)

    def listed_before(self) -> list[str]:
        """Ask the store which known pages the list showed last."""
        with self._gateways.db.read() as session:
            return layouts.listed_links(session, self.claim.source.id)

    @property
    def kept(self) -> tuple[KeptResponse, ...]:
        """What was read so far and is kept."""
        return tuple(self._kept)

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """Wait for this domain's turn, see that the lease will last, and fetch."""
        if self.landed is not None:
            return self._take_landed(request)
        self._await_turn(request.url)
        self._keep_lease()
        if self.claim.source.demo:
            request = replace(request, admit=self._options.demo_endpoint())
        response = self._gateways.fetcher.fetch(request)
        self._answer = (request, response)
        return response

    def _take_landed(self, request: FetchRequest) -> FetchResponse:
        result, self.landed = self.landed, None
        self._keep_lease()
        if not isinstance(result, FetchResponse):
            raise result or Aborted(request.url, "nothing landed")
        self._answer = (request, result)
        return result

    def parse(self, job: ParseJob) -> Parsed:
        """Keep one document and read it in a guarded worker."""
        self._keep(job)
        if job.kind == "list" and self.list_job is None:
            self.list_job = job
        try:
            return self._gateways.parsers.parse(job)
        except ParserKilled as error:
            if self._stopping.is_set():
                raise Aborted(job.url, "the service is stopping") from error
            raise

    def known_links(self, links: Sequence[str]) -> set[str]:
        """Ask the store which links this source already gave us."""
        with self._gateways.db.read() as session:
            return articles.known_links(session, self.claim.source.id, links)

    def gave_before(self, items: Sequence[Item]) -> bool:
        """Ask the store whether this source already gave us one of these."""
        keys = [keys for _, keys in assign_keys(items)]
        with self._gateways.db.read() as session:
            found = articles.known(session, self.claim.source.id, keys)
        return any(each is not None and each.same_source for each in found)

    def watched(self, listed: Collection[str] | None, skipped: Collection[str]) -> list[Page]:
        """Ask the store which known pages are to be looked at now."""
        source_id = self.claim.source.id
        with self._gateways.db.read() as session:
            return pages.due(
                session, source_id, listed=listed, skipped=skipped, now=self._gateways.clock()
            )

    def _keep(self, job: ParseJob) -> None:
        if job.kind == "survey":
            return  # it is read once more as what it is
        answer = self._answer
        ours = answer if answer is not None and answer[1].body is job.body else None
        kept = self._gateways.archive.keep(job, ours)
        if kept is not None:
            self._kept.append(kept)

    def _await_turn(self, url: str) -> None:
        # The demo partner is ours and on this machine: politeness would only slow the first minute.
        if not self._options.domain_spacing or self.claim.source.demo:
            return
        domain = registrable_domain(url)
        now = self._gateways.clock()
        with self._gateways.db.write() as session:
            slot = hosts.reserve_slot(session, domain, now, self._options.domain_spacing)
        wait = (slot - now).total_seconds()
        if wait > self._options.lease_seconds:
            raise FetchError(url, f"{domain} has a queue of {wait:.0f} s; its turn comes later")
        if self._stopping.wait(max(wait, 0.0)):
            raise Aborted(url, "the service is stopping")

    def _keep_lease(self) -> None:
        """Renew once less than half of the lease is left, so that long lists are not polled twice."""
        now = self._gateways.clock()
        half = timedelta(seconds=self._options.lease_seconds / 2)
        if self.claim.expires_at - now > half:
            return
        with self._gateways.db.write() as session:
            self.claim = claims.renew(session, self.claim, now, seconds=self._options.lease_seconds)
