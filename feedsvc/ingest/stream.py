"""Many polls at the same time: one thread waits for all partners, a few read and store what changed.

    claims ── turns ── first fetches ─┬─ nothing new ── settled together, one transaction
              (spacing)  (one thread) └─ anything else ── a worker: the poll as `ingest` tells it

A partner that is slow or silent holds a place among the fetches until its own deadline, and nothing
else: no thread, no other source. Each changed source keeps its own transaction.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from feedsvc.domain.run import Run
from feedsvc.domain.source import Claim
from feedsvc.errors import FetchError
from feedsvc.fetch.client import Fetcher
from feedsvc.fetch.exchange import FetchResponse
from feedsvc.ingest.pipeline import Poll
from feedsvc.sources.collect import first_look, first_request
from feedsvc.sources.reach import Collected

# How long (s) polls without news are gathered before they are settled together.
GATHERED = 0.01

# Called once for each claim, from any thread; None where the claim was given back unpolled.
Ended = Callable[[Run | None], None]
Landing = FetchResponse | FetchError


class Polls(Protocol):
    """What the stream needs of whoever carries a single poll out; none of it raises."""

    def begin(self, claim: Claim, delay: float) -> Poll:
        """Make one poll that starts `delay` seconds from now."""
        ...

    def finish(self, poll: Poll, landed: Landing | None) -> Run | None:
        """Carry a poll out, given what its first fetch brought, if that is done."""
        ...

    def settle(self, seen: Sequence[tuple[Poll, Collected]]) -> Sequence[Run | None]:
        """Record polls that brought nothing new."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quiet:
    """A poll that found nothing new and is still to be recorded."""

    poll: Poll
    collected: Collected
    ended: Ended


class Stream:
    """Runs polls side by side. Thread-safe; its threads start with the first poll."""

    def __init__(self, polls: Polls, fetcher: Fetcher, *, workers: int) -> None:
        self._polls = polls
        self._fetcher = fetcher
        self._workers = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="poll")
        self._lock = threading.Lock()
        self._quiet: list[_Quiet] = []
        self._settling = False

    def start(self, claim: Claim, ended: Ended, *, delay: float = 0.0) -> None:
        """Begin one poll, its first fetch `delay` seconds from now."""
        poll = self._polls.begin(claim, delay)
        if claim.source.demo:
            # It is fetched under an admission of its own, which no other fetch may share.
            self._workers.submit(self._finish, poll, None, ended)
            return
        landed = partial(self._landed, poll, ended)
        self._fetcher.start(first_request(claim), landed, delay=delay)

    def close(self) -> None:
        """Wait for the polls that run; stop their fetches first."""
        self._workers.shutdown(wait=True)

    def _landed(self, poll: Poll, ended: Ended, result: Landing) -> None:
        """Take what the first fetch brought; on the thread that carries all fetches, so briefly."""
        if isinstance(result, FetchResponse):
            collected = first_look(poll.claim, result)
            quiet = collected.unchanged and not poll.claim.trails
            if quiet and not poll.claim.source.rechecks(collected.kind):
                self._settle_soon(_Quiet(poll=poll, collected=collected, ended=ended))
                return
        self._workers.submit(self._finish, poll, result, ended)

    def _finish(self, poll: Poll, landed: Landing | None, ended: Ended) -> None:
        ended(self._polls.finish(poll, landed))

    def _settle_soon(self, quiet: _Quiet) -> None:
        """Hand on to a worker, which takes along all that land until it begins."""
        with self._lock:
            self._quiet.append(quiet)
            if self._settling:
                return
            self._settling = True
        self._workers.submit(self._settle)

    def _settle(self) -> None:
        while True:
            # A transaction costs as much as settling ten polls in it.
            time.sleep(GATHERED)
            with self._lock:
                batch, self._quiet = self._quiet, []
                if not batch:
                    self._settling = False
                    return
            runs = self._polls.settle([(each.poll, each.collected) for each in batch])
            for each, run in zip(batch, runs, strict=True):
                each.ended(run)
