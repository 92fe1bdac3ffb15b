"""When each part of the sitemap last changed, kept between requests."""

from __future__ import annotations

import threading
from datetime import datetime

from feedsvc.store import cursor, sitemap
from feedsvc.store.engine import Database


class PartDates:
    """When the articles of each part last changed; thread-safe.

    Kept between requests and brought up by the log of changes: only parts in which something
    changed are looked at again, so that an index of a million articles costs what a small one does.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._cursor = -1
        self._dates: dict[int, datetime | None] = {}

    def current(self) -> dict[int, datetime]:
        """Return the time of the last change by part, the newest part first; parts without a page are left out."""
        with self._lock:
            self._refresh()
            found = dict(self._dates)
        return {part: at for part, at in sorted(found.items(), reverse=True) if at is not None}

    def _refresh(self) -> None:
        with self._db.read() as session:
            latest = cursor.latest(session)
            if latest == self._cursor:
                return
            parts = set(range(1, sitemap.last_part(session) + 1))
            stale = parts - self._dates.keys()
            if self._dates:
                stale |= sitemap.changed_parts(session, self._cursor)
            fresh = {part: sitemap.newest_update(session, part) for part in stale}
        self._dates.update(fresh)
        self._cursor = latest
