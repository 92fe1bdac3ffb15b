"""Reading Retry-After (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 31 * 24 * 3600


def read_retry_after(raw: str | None, now: datetime) -> int | None:
    """Seconds to wait from `now` (aware), 0 to 31 days; None when the partner said nothing readable."""
    if raw is None:
        return None
    words = raw.strip()
    if words.isascii() and words.isdigit():
        # A number too long to be meant is the longest wait; int() refuses thousands of digits.
        return min(int(words), LONGEST) if len(words) < 20 else LONGEST
    try:
        at = parsedate_to_datetime(words)
    except (ValueError, TypeError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(0, round((at - now).total_seconds())), LONGEST)
