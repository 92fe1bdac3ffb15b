"""Floor 8: the clock. APScheduler only wakes us; what is due stands in the database, under leases.

Any number of schedulers may tick on one database: a source, and a feed to be published, belongs to
whoever claimed it (docs/decisions/0003).
"""

from __future__ import annotations

import logging
import threading
import time

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from feedsvc.errors import FeedsvcError
from feedsvc.executors.chores import Chores
from feedsvc.executors.pictures import PictureEngine
from feedsvc.executors.threads import ThreadEngine
from feedsvc.services import Services

log = structlog.get_logger()

# A tick that finds the last one still at work is skipped, which is as it should be and no news.
logging.getLogger("apscheduler").setLevel(logging.ERROR)

POLL_EVERY = 1.0
PUBLISH_EVERY = 0.25
FILES_EVERY = 0.25
CHORES_EVERY = 5.0
# Sources that are due wait at most so long for others to end, so that they are claimed together.
CLAIM_GAP = 0.05
PICTURES_EVERY = 0.5
RELEASE_EVERY = 0.5
# A thread that fetches pictures looks after this long whether others should have a turn.
PICTURE_SHIFT = 30.0


class Scheduler:
    """Claims due sources and feeds until it is stopped."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._engine = ThreadEngine(
            services.poller.start,
            size=services.settings.polls_at_once,
            freed=self._claim_on,
        )
        self._chores = Chores(services.db, services.clock, services.chores)
        self._pictures = PictureEngine(
            lambda: services.pictures.fetch_due(seconds=PICTURE_SHIFT),
            size=services.settings.picture_workers,
        )
        self._claiming = threading.Lock()
        self._claimed_at = 0.0
        self._stopped = threading.Event()
        # Not by the clock that jobs run by: that one sleeps on where somebody puts the time back.
        self._releasing = threading.Thread(target=self._release, name="release", daemon=True)
        # misfire_grace_time=None: after a long pause of the machine the tick still comes.
        self._clock = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Make every feed's documents current, then begin to tick."""
        self._publish_missing()
        self._clock.add_job(self._claim, "interval", seconds=POLL_EVERY)
        self._clock.add_job(self._publish, "interval", seconds=PUBLISH_EVERY)
        if self._services.files is not None:
            self._clock.add_job(self._services.files.keep_up, "interval", seconds=FILES_EVERY)
        self._clock.add_job(self._chores.run_due, "interval", seconds=CHORES_EVERY)
        self._clock.add_job(self._pictures.wake, "interval", seconds=PICTURES_EVERY)
        self._clock.start()
        self._releasing.start()
        self._claim()

    def stop(self) -> None:
        """Take no more work, end running fetches, wait for the polls that run."""
        self._stopped.set()
        if self._releasing.is_alive():
            self._releasing.join()
        self._services.poller.stop()
        self._services.pictures.stop()
        self._clock.shutdown(wait=False)
        # A stranger's document may hold a parser for seconds; a stop does not wait for it.
        self._services.parsers.close()
        self._engine.stop()
        self._services.poller.close()
        self._pictures.stop()

    def _claim(self) -> None:
        """Claim as many due sources as there are free places."""
        with self._claiming:
            free = self._engine.free
            if not free or self._stopped.is_set():
                return
            self._claimed_at = time.monotonic()
            try:
                due = self._services.poller.claim_due(free)
                if due:
                    self._engine.submit(due)
            except FeedsvcError as error:
                log.error("claim_failed", kind=error.kind, error=str(error))  # noqa: TRY400 - an expected failure needs no traceback

    def _claim_on(self) -> None:
        """Claim again because a place is free, but many at once where that costs no time: a claim
        for each poll that ends would cost as much as the polls."""
        waited = time.monotonic() - self._claimed_at
        if waited >= CLAIM_GAP or self._engine.free >= self._services.settings.polls_at_once // 4:
            self._claim()

    def _release(self) -> None:
        """Publish what was held until now, and look again half a second later, whatever happens."""
        while not self._stopped.wait(RELEASE_EVERY):
            try:
                self._services.desk.release_due()
            except FeedsvcError as error:
                log.warning("release_failed", kind=error.kind, error=str(error))
            except Exception:  # loop edge: nothing else would ever release what is held
                log.exception("release_failed", kind="unexpected")

    def _publish(self) -> None:
        try:
            # Pictures first: what is withdrawn is gone before its notice is there.
            self._services.gallery.settle_due(self._services.clock())
            self._services.publisher.publish_due(self._services.clock())
        except FeedsvcError as error:
            log.error("publish_failed", kind=error.kind, error=str(error))  # noqa: TRY400 - as above

    def _publish_missing(self) -> None:
        try:
            self._services.publisher.refresh(self._services.clock())
        except FeedsvcError as error:
            log.error("refresh_failed", kind=error.kind, error=str(error))  # noqa: TRY400 - as above
