"""When to poll a source next. Pure: the caller brings the clock and the dice."""

from __future__ import annotations

from datetime import datetime, timedelta

from feedsvc.domain.source import Source

SHORTEST = 1.0
LONGEST = 24 * 3600.0
JITTER = 0.1


def next_check(
    source: Source,
    now: datetime,
    *,
    failures: int,
    dice: float,
    retry_after: int | None = None,
) -> datetime:
    """Return when the source is due again.

    The wished interval, doubled for each failure in a row up to a day (never longer: a source is
    not given up), moved by at most a tenth so that sources do not march in step, and never before
    the partner's own Retry-After. `dice` is uniform in [0, 1).
    """
    interval = max(float(source.every_seconds), SHORTEST)
    if failures:
        interval = min(interval * 2.0 ** min(failures, 20), max(LONGEST, interval))
    interval *= 1 + JITTER * (2 * dice - 1)
    if retry_after is not None:
        interval = max(interval, float(retry_after))
    return now + timedelta(seconds=interval)
