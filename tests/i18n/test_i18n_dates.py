"""Times as people read them, in the zone of the readers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.i18n import dates

LATE = datetime(2019, 12, 3, 16, 5, 9, tzinfo=UTC)


def test_the_day_is_the_one_in_shanghai() -> None:
    assert dates.long_date("zh", LATE) == "2019年12月04日 星期三"
    assert dates.long_date("en", LATE) == "Wednesday, 2019-12-04"
    assert dates.day(LATE) == "2019-12-04"
    assert dates.minute(LATE) == "2019-12-04 00:05"
    assert dates.machine_minute(LATE) == "2019-12-04T00:05:09+08:00"


def test_every_weekday_has_its_name() -> None:
    monday = datetime(2026, 11, 23, 4, tzinfo=UTC)
    names = [dates.long_date("zh", monday + timedelta(days=n))[-1] for n in range(7)]
    assert "".join(names) == "一二三四五六日"


@given(st.floats(700_000_000, 4_000_000_000))
@settings(max_examples=40)
def test_machine_times_read_back(timestamp: float) -> None:
    at = datetime.fromtimestamp(timestamp, UTC)
    assert datetime.fromisoformat(dates.machine_minute(at)) == at.replace(microsecond=0)
