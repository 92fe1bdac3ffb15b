"""next_check: wished interval, back-off without giving up, and the partner's own wish."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.domain.source import Source
from feedsvc.ingest.cadence import next_check

NOW = datetime(2026, 8, 8, 2, 0, tzinfo=UTC)
MIDDLE = 0.5


def seconds(
    every: int, *, failures: int = 0, dice: float = MIDDLE, wait: int | None = None
) -> float:
    source = Source(slug="s", url="https://partner.example/", category="c", every_seconds=every)
    due = next_check(source, NOW, failures=failures, dice=dice, retry_after=wait)
    return (due - NOW).total_seconds()


@pytest.mark.parametrize(
    ("failures", "expected"),
    [(0, 600), (1, 1200), (2, 2400), (7, 76_800), (8, 86_400), (99, 86_400)],
)
def test_interval_doubles_with_each_failure_up_to_a_day(failures: int, expected: float) -> None:
    assert seconds(600, failures=failures) == expected


def test_partner_may_ask_for_more_time() -> None:
    assert seconds(600, failures=1, wait=7200) == 7200


def test_partner_may_not_ask_for_less() -> None:
    assert seconds(600, wait=1) == 600


@given(dice=st.floats(0, 1, exclude_max=True), every=st.integers(1, 86_400))
def test_jitter_stays_within_a_tenth(dice: float, every: int) -> None:
    assert 0.9 * every - 1e-5 <= seconds(every, dice=dice) <= 1.1 * every + 1e-5
