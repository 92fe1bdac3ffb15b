"""Fragments: the same bytes as a render from scratch, whatever was rendered before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.domain.feed import FORMATS, Entry, Format
from feedsvc.errors import RenderError
from feedsvc.render import dispatch, fragments
from feedsvc.render.dispatch import render, render_pieces
from feedsvc.render.fragments import Fragments
from tests.render.samples import MIXED, SITE, entry, feed
from tests.render.test_render_properties import ANYTHING, distinct


@pytest.mark.parametrize("fmt", FORMATS)
@settings(max_examples=40, deadline=None)
@given(before=distinct(ANYTHING), after=distinct(ANYTHING), kept=st.integers(0, 3))
def test_a_feed_put_together_is_the_feed_made_from_scratch(
    fmt: Format, before: list[Entry], after: list[Entry], kept: int
) -> None:
    made = Fragments(SITE)
    old = feed(*before)
    assert made.render(old, fmt).body == render(old, fmt, SITE)
    known = {each.guid for each in after}
    new = replace(
        old,
        entries=(*after, *(each for each in before[:kept] if each.guid not in known)),
        updated_at=old.updated_at.replace(hour=9),
        title="别的标题",
    )
    assert made.render(new, fmt).body == render(new, fmt, SITE)
    assert made.render(old, fmt).body == render(old, fmt, SITE)


@pytest.mark.parametrize("fmt", FORMATS)
def test_pieces_are_one_for_each_entry_and_joined_the_document(fmt: Format) -> None:
    pieces = render_pieces(MIXED, fmt, SITE)
    assert len(pieces.entries) == len(MIXED.entries)
    assert pieces.body == render(MIXED, fmt, SITE)
    empty = render_pieces(replace(MIXED, entries=()), fmt, SITE)
    assert empty.entries == ()
    assert empty.body == render(replace(MIXED, entries=()), fmt, SITE)


@pytest.mark.parametrize("fmt", FORMATS)
def test_words_that_look_like_markup_are_not_taken_for_pieces(fmt: Format) -> None:
    trap = '</item><item></entry><entry>,"items":[{]}'
    odd = feed(entry(1, title=trap, summary=trap, content_html=f"<p>{trap}</p>"), entry(2))
    assert len(render_pieces(odd, fmt, SITE).entries) == 2


def test_only_what_is_new_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = dispatch.render_pieces

    def counting(one, fmt, site):  # type: ignore[no-untyped-def]
        asked.append(len(one.entries))
        return real(one, fmt, site)

    monkeypatch.setattr(fragments, "render_pieces", counting)
    made = Fragments(SITE)
    made.render(feed(entry(1), entry(2)), "rss")
    made.render(feed(entry(3), entry(1), entry(2)), "rss")
    made.render(feed(entry(3), entry(1)), "rss")
    made.render(feed(entry(1, title="改过的标题")), "rss")
    assert asked == [2, 1, 0, 1]


def test_what_is_kept_has_a_bound() -> None:
    made = Fragments(SITE, most_bytes=1)
    assert made.render(MIXED, "rss").body == render(MIXED, "rss", SITE)
    assert made.render(MIXED, "rss").body == render(MIXED, "rss", SITE)


def test_an_entry_that_the_writer_refuses_is_left_out_and_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refuse(monkeypatch, "刺")
    bad = entry(2, title="刺头")
    rendered = Fragments(SITE).render(feed(entry(1), bad, entry(3)), "atom")
    assert rendered.refused == (bad,)
    assert rendered.body == render(feed(entry(1), entry(3)), "atom", SITE)


def test_a_feed_that_cannot_be_written_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "公安")
    with pytest.raises(RenderError):
        Fragments(SITE).render(feed(entry(1), title="公安"), "rss")


def refuse(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Make every writer stumble over a title that begins with a word, as a hole in our nets would."""
    real = dispatch.render_pieces

    def stumbling(one, fmt, site):  # type: ignore[no-untyped-def]
        if one.title.startswith(word) or any(each.title.startswith(word) for each in one.entries):
            raise RenderError(one.slug, "the writer refused it")
        return real(one, fmt, site)

    monkeypatch.setattr(fragments, "render_pieces", stumbling)
