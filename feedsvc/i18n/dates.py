"""Times as people read them: always in Asia/Shanghai, the zone of our readers. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from feedsvc.i18n.catalogue import Language, translate

ZONE = ZoneInfo("Asia/Shanghai")


def long_date(language: Language, at: datetime) -> str:
    """Write the day of an aware time with its weekday: 2019年12月04日 星期三."""
    local = at.astimezone(ZONE)
    weekday = translate(language, "date.weekdays").split()[local.weekday()]
    return translate(
        language,
        "date.long",
        year=f"{local.year:04}",
        month=f"{local.month:02}",
        day=f"{local.day:02}",
        weekday=weekday,
    )


def minute(at: datetime) -> str:
    """Write an aware time to the minute: 2019-08-09 10:45."""
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"


def day(at: datetime) -> str:
    """Write the day of an aware time: 2019-08-09."""
    return f"{at.astimezone(ZONE):%Y-%m-%d}"


def machine_minute(at: datetime) -> str:
    """Write an aware time for a `datetime` attribute, with its offset: 2019-08-09T10:45:00+08:00."""
    return at.astimezone(ZONE).isoformat(timespec="seconds")
