"""Which pictures the public may have: settled after every change that shows or hides one.

What an article's change means for the files is decided from the database after the change is
committed, by one mover at a time; so a picture is with the public exactly while some public article
shows it, whoever else names it, and whatever was killed in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from feedsvc.store import outbox, pictures
from feedsvc.store.engine import Database
from feedsvc.store.media import Media

ERRANDS_AT_ONCE = 100
LEASE_SECONDS = 15
FILES_AT_ONCE = 200
# Files and rows that nothing needs are left alone for so long: a fetch under way may need them.
UNUSED_FOR = timedelta(days=1)
CLEAN_EVERY = 3600.0

log = structlog.get_logger()


class Gallery:
    """Moves pictures into and out of the public's reach; safe in several processes at once."""

    def __init__(self, db: Database, media: Media) -> None:
        self._db = db
        self._media = media

    def settle_due(self, now: datetime) -> int:
        """Settle all articles whose pictures may have to be shown or withheld; returns how many."""
        settled = 0
        while True:
            with self._db.read() as session:
                if not outbox.pending(session, outbox.PICTURES):
                    return settled
            with self._db.write() as session:
                errands = outbox.claim(
                    session, outbox.PICTURES, now, limit=ERRANDS_AT_ONCE, seconds=LEASE_SECONDS
                )
            if not errands:
                return settled
            self._settle([errand.subject for errand in errands])
            with self._db.write() as session:
                for errand in errands:
                    outbox.settle(session, errand)
            settled += len(errands)

    def clean(self, now: datetime) -> bool:
        """Forget pictures that no article names any more; a chore: says that nothing is left to do."""
        with self._db.write() as session:
            forgotten = pictures.forget_unnamed(session, now - UNUSED_FOR)
        if forgotten:
            log.info("pictures_forgotten", pictures=forgotten)
        return False

    def clean_files(self, now: datetime) -> bool:  # noqa: ARG002 - the shape of a chore
        """Delete files that are no picture's, left by a death or forgotten since; a chore."""
        seconds = UNUSED_FOR.total_seconds()
        stale = self._media.stale(seconds)
        removed = 0
        for start in range(0, len(stale), FILES_AT_ONCE):
            part = stale[start : start + FILES_AT_ONCE]
            with self._media.alone(), self._db.read() as session:
                known = pictures.known_names(session, part)
                removed += sum(
                    self._media.remove(name, seconds) for name in part if name not in known
                )
        if removed:
            log.info("picture_files_removed", files=removed)
        return False

    def _settle(self, subjects: Sequence[str]) -> None:
        ids = [int(subject) for subject in subjects if subject.isdecimal() and len(subject) < 20]
        named = {subject for subject in subjects if len(subject) >= 20}
        with self._media.alone(), self._db.read() as session:
            names = named | pictures.names_of(session, ids)
            shown = pictures.shown_names(session, names)
            for name in sorted(names):
                (self._media.show if name in shown else self._media.withhold)(name)
