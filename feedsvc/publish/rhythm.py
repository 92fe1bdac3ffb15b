"""How often a feed is worth asking for, from what it has shown: never from the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from feedsvc.domain.feed import LEAST_AGE, Entry

MOST_AGE = 3600
# Gaps of so many of the newest entries are looked at: what a feed did months ago says nothing of today.
RECENT = 20
# While a withdrawal is as young as this, everyone is to ask often: notices are still amended.
FRESH = timedelta(days=1)


def max_age(entries: Sequence[Entry], updated_at: datetime) -> int:
    """Return the seconds, whole minutes from 300 to 3600, that a reader may wait before it asks again.

    Half the median gap between the newest entries, so that half of them are waited for less than a
    quarter of a gap. The least for a feed too young to have a rhythm, and where a withdrawal is
    younger than a day, counted back from `updated_at`.
    """
    withdrawn = (entry.updated_at for entry in entries if entry.status == "withdrawn")
    if any(at >= updated_at - FRESH for at in withdrawn):
        return LEAST_AGE
    newest = sorted((entry.published_at for entry in entries), reverse=True)[: RECENT + 1]
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(newest)]
    if not gaps:
        return LEAST_AGE
    half = min(MOST_AGE, max(LEAST_AGE, int(median(gaps) / 2)))
    return half - half % 60
