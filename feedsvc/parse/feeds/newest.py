"""The cap on items: a feed of a hundred thousand is not a poll but an archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from feedsvc.domain.item import Repair
from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.feeds.item import Told
from feedsvc.text.dates import read_date

MOST_ITEMS = 2_000
# Reading costs too: beyond this many the document's order must do (feeds begin with the newest). It
# is what a sitemap may hold.
MOST_READ = 50_000
_UNDATED = datetime(1, 1, 1, tzinfo=UTC)


def keep_newest(
    told: Sequence[tuple[Told, bool]], job: ParseJob
) -> tuple[Sequence[tuple[Told, bool]], tuple[Repair, ...]]:
    """Keep the 2,000 newest items, in document order, and note it; withdrawals always stay in."""
    if len(told) <= MOST_ITEMS:
        return told, ()

    def rank(at: int) -> tuple[bool, float, int]:
        item = told[at][0]
        read = read_date(item.updated or item.published, zone=job.timezone, seen_at=job.seen_at)
        return item.marker is None, -(read.at if read else _UNDATED).timestamp(), at

    keyed = sorted(range(len(told)), key=rank)
    kept = sorted(keyed[:MOST_ITEMS])
    note = Repair(kind="items_capped", detail=f"{len(told)} → {MOST_ITEMS}")
    return [told[at] for at in kept], (note,)
