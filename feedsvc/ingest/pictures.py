"""Fetching pictures: after the article is committed, so that no picture delays or loses a text.

    claim ── fetch ─────── examine ────── keep bytes ── one transaction
    (lease)  (guarded,     (type, size    (withheld)    (picture, changes,
              page as       by its own                   feeds; shown first)
              Referer)      bytes)

The lease is the truth: a worker that dies is replaced when it runs out. A picture that cannot be had
is tried again, less and less often; meanwhile, and afterwards, pages link to the partner's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from feedsvc.errors import (
    Aborted,
    AddressRefused,
    BadUrl,
    FeedsvcError,
    HttpStatus,
    IngestError,
    LeaseLost,
    TooLarge,
)
from feedsvc.fetch.exchange import FetchRequest
from feedsvc.ingest.options import IngestOptions
from feedsvc.ingest.poller import Gateways
from feedsvc.parse.raster import examine
from feedsvc.store import hosts, picture_claims, pictures
from feedsvc.store.media import Media
from feedsvc.store.picture_claims import KeptFile, WantedPicture

log = structlog.get_logger()

ACCEPT = "image/avif,image/webp,image/png,image/jpeg,image/gif;q=0.9,*/*;q=0.1"
# After these the next try: minutes at first, because partners put the article up before its picture.
PAUSES = tuple(timedelta(minutes=each) for each in (1, 5, 30, 180, 720))
LONGEST_PAUSE = timedelta(days=1)
# Pictures of one page arrive one after the other; a feed is not made anew for each of them.
GATHER_SECONDS = 2.0


class PictureFetcher:
    """Fetches what articles want; thread-safe, any number of threads and processes at once."""

    def __init__(self, gateways: Gateways, options: IngestOptions, media: Media) -> None:
        self._gateways = gateways
        self._options = options
        self._media = media
        self._stopping = threading.Event()

    def fetch_due(self, *, seconds: float, sources: Sequence[str] = ()) -> int:
        """Fetch pictures until none is due or `seconds` have passed; returns how many were tried.

        `sources` (slugs) restricts it to theirs. Never raises: this is the edge of the loop.
        """
        deadline = time.monotonic() + seconds
        tried = 0
        try:
            while time.monotonic() < deadline and not self._stopping.is_set():
                wanted = self._claim(sources)
                if wanted is None:
                    break
                self._fetch_one(wanted)
                tried += 1
        except FeedsvcError as error:
            log.warning("pictures_not_fetched", kind=error.kind, error=str(error))
        except Exception:  # loop edge: one picture never ends the others; its lease runs out
            log.exception("pictures_crashed")
        return tried

    def stop(self) -> None:
        """End soon; the fetcher is aborted by the poller."""
        self._stopping.set()

    def _claim(self, sources: Sequence[str]) -> WantedPicture | None:
        now = self._gateways.clock()
        with self._gateways.db.read() as session:
            if not picture_claims.any_due(session, now):
                return None
        with self._gateways.db.write() as session:
            return picture_claims.claim(
                session, now, seconds=self._options.lease_seconds, sources=sources
            )

    def _fetch_one(self, wanted: WantedPicture) -> None:
        now = self._gateways.clock()
        try:
            if wanted.referer is None:
                self._postpone(wanted, now + LONGEST_PAUSE)
            elif self._await_turn(wanted, now):
                self._keep(wanted, self._fetch(wanted))
        except Aborted:
            self._postpone(wanted, now)
        except LeaseLost:
            return
        except IngestError as error:
            self._failed(wanted, error, now)

    def _fetch(self, wanted: WantedPicture) -> bytes:
        request = FetchRequest(
            url=wanted.url,
            referer=wanted.referer,
            accept=ACCEPT,
            admit=self._options.demo_endpoint() if wanted.demo else None,
        )
        return self._gateways.fetcher.fetch(request).body

    def _keep(self, wanted: WantedPicture, data: bytes) -> None:
        """Keep bytes and row together: the public has the file before any page points to it."""
        raster = examine(data, wanted.url)
        now = self._gateways.clock()
        due_at = now + timedelta(seconds=max(self._options.debounce, GATHER_SECONDS))
        name = "" if raster.is_tracker else self._media.keep(data)
        file = KeptFile(name=name, raster=raster, length=len(data))
        with self._gateways.db.write() as session:
            picture_claims.keep(session, wanted, file, now, due_at)
            if name and pictures.shown_names(session, [name]):
                with self._media.alone():
                    self._media.show(name)
        log.debug("picture_kept", picture=wanted.id, type=raster.media_type, bytes=len(data))

    def _failed(self, wanted: WantedPicture, error: IngestError, now: datetime) -> None:
        final = wanted.tries >= len(PAUSES) or _is_final(error)
        log.info(
            "picture_failed", picture=wanted.id, kind=error.kind, error=str(error), final=final
        )
        with self._gateways.db.write() as session:
            if final:
                picture_claims.refuse(session, wanted, error.kind, now)
                return
            pause = PAUSES[wanted.tries]
            if isinstance(error, HttpStatus) and error.retry_after is not None:
                pause = min(max(pause, timedelta(seconds=error.retry_after)), LONGEST_PAUSE)
            picture_claims.postpone(session, wanted, now + pause, error.kind)

    def _postpone(self, wanted: WantedPicture, due_at: datetime) -> None:
        with self._gateways.db.write() as session:
            picture_claims.postpone(session, wanted, due_at)

    def _await_turn(self, wanted: WantedPicture, now: datetime) -> bool:
        """Wait for this domain's turn, as polls do; False where that is too far away."""
        if not self._options.domain_spacing or wanted.demo:
            return True
        spacing = self._options.domain_spacing
        with self._gateways.db.write() as session:
            slot = hosts.next_slot(session, wanted.domain, now, spacing)
            if slot - now > timedelta(seconds=self._options.lease_seconds / 2):
                # Not booked: who comes back later must not keep polls from their turn.
                picture_claims.postpone(session, wanted, slot)
                return False
            slot = hosts.reserve_slot(session, wanted.domain, now, spacing)
        wait = (slot - now).total_seconds()
        if self._stopping.wait(max(wait, 0.0)):
            raise Aborted(wanted.url, "the service is stopping")
        return True


def _is_final(error: IngestError) -> bool:
    """Whether another try cannot help. A picture that is not there (404) may come a little later."""
    if isinstance(error, HttpStatus):
        return error.status == 410
    return error.permanent or isinstance(error, AddressRefused | BadUrl | TooLarge)
