"""Months of articles, as archives are cut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

# Months are those of the people who read: Beijing has had no other offset since 1991.
_BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month in Beijing."""

    year: int
    number: int

    @classmethod
    def of(cls, at: datetime) -> Month:
        """Return the month of a moment."""
        local = at.astimezone(_BEIJING)
        return cls(local.year, local.month)

    @classmethod
    def named(cls, name: str) -> Month:
        """Return the month that is written so: 2026-11."""
        year, _, number = name.partition("-")
        return cls(int(year), int(number))

    @property
    def span(self) -> tuple[datetime, datetime]:
        """When it begins and when the next one does."""
        start = datetime(self.year, self.number, 1, tzinfo=_BEIJING)
        return start, (start + timedelta(days=32)).replace(day=1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def archive_stem(page_url: str, month: Month) -> str:
    """Return the address of a month's archive without its format."""
    return f"{page_url}/{month}"
