"""Housekeeping by whichever scheduler comes first: leases on chores, and when to look again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from feedsvc.domain.chore import Chore
from feedsvc.errors import FeedsvcError
from feedsvc.store import chores as store
from feedsvc.store.engine import Database

log = structlog.get_logger()

# A chore does seconds of work at a time; a scheduler that is silent for longer is gone.
LEASE_SECONDS = 120.0
# Looks per interval: what is due a moment after one look is done at the next, not an interval later.
LOOKS = 10


class Chores:
    """Does what is due. Each process asks the database ten times per interval."""

    def __init__(
        self, db: Database, clock: Callable[[], datetime], chores: Sequence[Chore]
    ) -> None:
        self._db = db
        self._clock = clock
        self._chores = chores
        self._next_look = dict.fromkeys((each.name for each in chores), 0.0)

    def run_due(self) -> None:
        """Do one piece of every chore that is due; a failure is logged and tried again later."""
        for chore in self._chores:
            if time.monotonic() < self._next_look[chore.name]:
                continue
            self._next_look[chore.name] = time.monotonic() + chore.every_seconds / LOOKS
            try:
                more = self._leased(chore) if chore.shared else chore.work(self._clock())
            except (FeedsvcError, OSError) as error:
                log.warning("chore_failed", chore=chore.name, error=str(error))
                continue
            if more:
                self._next_look[chore.name] = 0.0

    def _leased(self, chore: Chore) -> bool:
        now = self._clock()
        with self._db.write() as session:
            lease = store.claim(session, chore.name, now, seconds=LEASE_SECONDS)
        if lease is None:
            return False
        more = False
        try:
            more = chore.work(now)
        finally:
            due_at = now if more else now + timedelta(seconds=chore.every_seconds)
            with self._db.write() as session:
                store.finish(session, chore.name, lease, due_at)
        return more
