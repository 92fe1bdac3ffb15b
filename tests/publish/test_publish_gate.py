"""The gate: one article that would break a document stays behind, the feed goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.domain.feed import FORMATS, Format
from feedsvc.errors import RenderError
from feedsvc.publish.gate import pass_gate
from feedsvc.render.dispatch import render
from feedsvc.render.fragments import Fragments
from tests.render.samples import MIXED, SITE, entry, feed

# An address that no document may link to: the check refuses what the writers let pass.
BAD = entry(2, url="javascript:alert(1)")


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_sound_feed_passes_whole(fmt: Format) -> None:
    passed = pass_gate(MIXED, fmt, Fragments(SITE))
    assert (passed.rendered.body, passed.feed, passed.quarantined) == (
        render(MIXED, fmt, SITE),
        MIXED,
        (),
    )


@pytest.mark.parametrize("fmt", FORMATS)
def test_an_entry_that_fails_the_check_is_quarantined(fmt: Format) -> None:
    passed = pass_gate(feed(entry(1), BAD, entry(3)), fmt, Fragments(SITE))
    assert passed.quarantined == (BAD,)
    assert passed.rendered.body == render(feed(entry(1), entry(3)), fmt, SITE)
    assert [each.guid for each in passed.feed.entries] == [entry(1).guid, entry(3).guid]


def test_a_feed_of_nothing_but_broken_entries_is_refused() -> None:
    with pytest.raises(RenderError):
        pass_gate(feed(BAD), "rss", Fragments(SITE))


def test_entries_that_break_only_together_are_refused() -> None:
    twice = feed(entry(1), replace(entry(2), guid=entry(1).guid))
    with pytest.raises(RenderError, match="shows one id twice"):
        pass_gate(twice, "rss", Fragments(SITE))
