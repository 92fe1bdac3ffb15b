"""The day that an article's address carries: `/202607/t20260731_835839.html`, `/2026-05/24/content_1.htm`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from feedsvc.text.dates import ReadDate, read_date

_DAY = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<gap>[-/_]?)(?P<month>0[1-9]|1[0-2])[-/_]?(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)


def address_date(url: str, *, zone: str, seen_at: datetime) -> ReadDate | None:
    """Read the day in an address's path, in `zone`; None without one, or where it has yet to come.

    Editing systems put the day of publication there; it is a day, never a minute.
    """
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    for found in _DAY.finditer(path):
        day = f"{found['year']}-{found['month']}-{found['day']}"
        read = read_date(day, zone=zone, seen_at=seen_at)
        if read is not None and read.at <= seen_at + timedelta(days=1):
            return read
    return None
