"""A feed's pace in words: about so many articles a day, a week, or a month. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from feedsvc.store.paces import Pace

DAY = 86_400.0
# A feed is judged by a day at least: what came in one hour says nothing of a day's.
SHORTEST = 1.0
Unit = Literal["day", "week", "month"]
_DAYS: dict[Unit, int] = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class Rate:
    """So many articles, at least 1, in each unit of time; the shortest unit that has one."""

    number: int
    unit: Unit


def rate(pace: Pace | None) -> Rate | None:
    """Return how often a feed has something new; None where it never had anything."""
    if pace is None or not pace.count:
        return None
    days = max(SHORTEST, (pace.newest - pace.since).total_seconds() / DAY)
    a_day = pace.count / days
    for unit, length in _DAYS.items():
        if a_day * length >= 1:
            return Rate(round(a_day * length), unit)
    return Rate(1, "month")
