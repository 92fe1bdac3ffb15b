"""Partners' answers are kept for a while, so that changed rules can be tried without fetching.

What is kept is bounded in days and bytes, the oldest goes first, and nothing here may fail a poll:
an answer that cannot be kept is a warning in the log.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from feedsvc.domain.parsed import ParseJob
from feedsvc.domain.response import KeptResponse
from feedsvc.domain.source import Source
from feedsvc.fetch.exchange import FetchRequest, FetchResponse
from feedsvc.ingest.replay import job_of, newest_by_address
from feedsvc.store import responses, runs
from feedsvc.store.engine import Database
from feedsvc.store.raw_files import SHARDS, RawFiles
from feedsvc.text.urls import canonical

log = structlog.get_logger()

GIB = 1024**3
BATCHES = 10
RUNS_AT_ONCE = 2000
WARN_EVERY = 60.0
# Saved as cases: enough to see a layout and how it goes on, few to look through.
SAMPLE_LISTS = 2
SAMPLE_PAGES = 5
# A file is written before its row is committed; a younger one may still get its row.
UNCLAIMED_FOR = 3600.0
PRUNE_EVERY = 600.0
SWEEP_EVERY = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveOptions:
    """How much is kept: days and GiB of answers (0 GiB: none), days of runs."""

    raw_keep_days: int = 30
    raw_max_gb: float = 5.0
    run_keep_days: int = 90


class Archive:
    """The kept answers of this machine and their rows. Thread-safe."""

    def __init__(self, files: RawFiles, options: ArchiveOptions) -> None:
        self._files = files
        self._options = options
        self._quiet_until = 0.0

    def keep(
        self, job: ParseJob, answer: tuple[FetchRequest, FetchResponse] | None
    ) -> KeptResponse | None:
        """Store the body that is about to be parsed; None where the operator keeps nothing.

        `answer` is the exchange that brought it. Where the disk is full the answer has no hash: it
        is known to have been there, so that older ones are not taken for the newest.
        """
        if not self._options.raw_max_gb:
            return None
        asked, response = answer or (None, None)
        try:
            known = response.body_hash if response else ""
            name, stored = self._files.keep(job.body, known)
        except OSError as error:
            self._warn(job.url, error)
            name, stored = "", 0
        return KeptResponse(
            asked_url=asked.url if asked else job.url,
            url=job.url,
            kind=job.kind,
            fetched_at=job.seen_at,
            body_hash=name,
            size=len(job.body),
            stored_size=stored,
            http_status=response.status if response else 200,
            content_type=job.content_type,
            content_location=job.content_location,
        )

    def body(self, response: KeptResponse) -> bytes | None:
        """Return what a partner sent; None where the body is not here any more."""
        return self._files.read(response.body_hash) if response.body_hash else None

    def prune(self, db: Database, now: datetime) -> bool:
        """Let go of what is too old or too much; True while there is more to go."""
        oldest = now - timedelta(days=self._options.raw_keep_days)
        most = int(self._options.raw_max_gb * GIB)
        for _ in range(BATCHES):
            with db.write() as session:
                gone = responses.prune_older(session, oldest)
                gone = gone or responses.prune_above(session, most)
                unknown = responses.unknown_bodies(session, gone)
            for name in unknown - {""}:
                self._files.drop(name)
            if not gone:
                return False
        return True

    def sweep(self, db: Database, now: datetime) -> bool:
        """Remove files that no row speaks of, one of 256 folders at a time.

        They come from polls that were killed before their commit, and from other machines' pruning.
        """
        shard = int(now.timestamp() // SWEEP_EVERY) % SHARDS
        idle = list(self._files.idle(shard, now.timestamp() - UNCLAIMED_FOR))
        if not idle:
            return False
        with db.read() as session:
            unknown = responses.unknown_bodies(session, [name for name, _ in idle if name])
        for name, path in idle:
            if not name or name in unknown:
                path.unlink(missing_ok=True)
        return False

    def prune_runs(self, db: Database, now: datetime) -> bool:
        """Let go of the record of polls that are too long ago; True while there is more to go."""
        before = now - timedelta(days=self._options.run_keep_days)
        reached: int | None = 0
        for _ in range(BATCHES):
            with db.write() as session:
                reached = runs.prune(session, before, after_id=reached or 0, limit=RUNS_AT_ONCE)
            if reached is None:
                return False
        return True

    def _warn(self, url: str, error: OSError) -> None:
        if time.monotonic() < self._quiet_until:
            return
        self._quiet_until = time.monotonic() + WARN_EVERY
        log.warning("raw_not_kept", url=url, error=error.strerror or str(error))


def newest_jobs(source: Source, kept: Sequence[KeptResponse], archive: Archive) -> list[ParseJob]:
    """How the newest kept documents of a source are read: its own, and a few of its article pages."""
    newest = list(newest_by_address(kept).values())
    own = [each for each in newest if each.kind in {"feed", "list"}]
    own.sort(key=lambda each: canonical(each.asked_url) != canonical(source.url))
    pages = [each for each in newest if each.kind == "page"]
    chosen = [*own[:SAMPLE_LISTS], *pages[:SAMPLE_PAGES]]
    bodies = [(each, archive.body(each)) for each in chosen]
    return [job_of(source, each, body) for each, body in bodies if body is not None]
