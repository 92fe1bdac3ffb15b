"""Proposals on list pages made at random: nearly all right, whatever rows, dates and names they have."""

from __future__ import annotations

import pytest

from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.survey import survey
from tests.parse.layouts import SEEN_AT, SHANGHAI
from tests.parse.mixed_layouts import BASE, mixed

LEAST_RIGHT = 0.95


def is_right(seed: int) -> bool:
    page = mixed(seed)
    job = ParseJob(kind="survey", body=page.markup.encode(), url=BASE, seen_at=SEEN_AT)
    proposals = survey(job).proposals
    if not proposals:
        return False
    read = tuple(
        (
            row.link,
            row.title,
            str(row.published_at.astimezone(SHANGHAI).date()) if row.published_at else "",
        )
        for row in proposals[0].rows
    )
    return read == page.rows


@pytest.mark.parametrize(
    "seeds", [range(100), pytest.param(range(100, 2000), marks=pytest.mark.thorough)]
)
def test_top_proposals_read_links_titles_and_days_of_made_lists(seeds: range) -> None:
    wrong = [seed for seed in seeds if not is_right(seed)]
    assert len(wrong) <= (1 - LEAST_RIGHT) * len(seeds), wrong
