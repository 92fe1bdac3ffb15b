"""How long a document may be kept: from stored times alone, in bounds, and longer only where less comes."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.domain.feed import LEAST_AGE, Entry
from feedsvc.publish.rhythm import MOST_AGE, RECENT, max_age
from tests.render.samples import AT, WITHDRAWN, entry

GAPS = st.lists(st.integers(0, 10 * 86400), min_size=1, max_size=40)


def spaced(gaps: list[int]) -> list[Entry]:
    """A feed whose entries stand so many seconds apart, the newest first."""
    times = [AT]
    for gap in gaps:
        times.append(times[-1] - timedelta(seconds=gap))
    return [entry(number, published_at=at, updated_at=at) for number, at in enumerate(times, 1)]


@given(GAPS)
def test_it_is_whole_minutes_in_bounds_and_the_same_every_time(gaps: list[int]) -> None:
    age = max_age(spaced(gaps), AT)
    assert LEAST_AGE <= age <= MOST_AGE
    assert age % 60 == 0
    assert age == max_age(list(reversed(spaced(gaps))), AT)


@given(GAPS, st.integers(0, 86400), st.randoms())
def test_longer_gaps_never_make_it_shorter(gaps: list[int], more: int, dice: st.DataObject) -> None:
    longer = [gap + (more if dice.random() < 0.5 else 0) for gap in gaps]  # type: ignore[attr-defined]
    assert max_age(spaced(longer), AT) >= max_age(spaced(gaps), AT)


def test_it_is_half_the_usual_gap_of_the_newest_entries() -> None:
    assert max_age(spaced([1800] * 10), AT) == 900
    assert max_age(spaced([60] * 10), AT) == LEAST_AGE
    assert max_age(spaced([86400] * 10), AT) == MOST_AGE
    # One quiet night changes nothing, and neither does what was long ago.
    assert max_age(spaced([1800, 1800, 40000, 1800, 1800]), AT) == 900
    assert max_age(spaced([1800] * RECENT + [5] * 100), AT) == 900


def test_a_feed_without_a_rhythm_is_asked_for_often() -> None:
    assert max_age([], AT) == max_age([entry(1)], AT) == LEAST_AGE


def test_after_a_withdrawal_everyone_asks_often_for_a_day() -> None:
    quiet = spaced([86400] * 10)
    assert max_age([*quiet, WITHDRAWN], AT) == LEAST_AGE
    assert max_age([*quiet, WITHDRAWN], AT + timedelta(days=2)) == MOST_AGE
