"""check: no document that is broken or shows something else may replace a good one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from feedsvc.domain.feed import FORMATS, Feed, Format
from feedsvc.errors import RenderError
from feedsvc.publish.check import check
from feedsvc.render.dispatch import render
from tests.render.samples import MIXED, SITE, entry, feed


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("shown", [MIXED, feed()], ids=["mixed", "empty"])
def test_a_good_document_passes(fmt: Format, shown: Feed) -> None:
    check(render(shown, fmt, SITE), fmt, shown)


@pytest.mark.parametrize("fmt", FORMATS)
def test_half_a_document_is_refused(fmt: Format) -> None:
    body = render(MIXED, fmt, SITE)
    with pytest.raises(RenderError, match="not well-formed"):
        check(body[: len(body) // 2], fmt, MIXED)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(
    "other",
    [
        replace(MIXED, entries=MIXED.entries[:-1]),
        replace(MIXED, entries=MIXED.entries[::-1]),
        replace(MIXED, entries=(*MIXED.entries[:-1], entry(99))),
    ],
    ids=["one too many", "another order", "another id"],
)
def test_other_entries_than_the_feed_s_are_refused(fmt: Format, other: Feed) -> None:
    with pytest.raises(RenderError, match="entries"):
        check(render(MIXED, fmt, SITE), fmt, other)


@pytest.mark.parametrize("fmt", FORMATS)
def test_one_id_twice_is_refused(fmt: Format) -> None:
    twice = feed(entry(1), entry(1, title="另一篇"))
    with pytest.raises(RenderError, match="twice"):
        check(render(twice, fmt, SITE), fmt, twice)


@pytest.mark.parametrize("fmt", FORMATS)
def test_an_entry_that_leads_nowhere_is_refused(fmt: Format) -> None:
    nowhere = feed(entry(1, url="/a/1"))
    with pytest.raises(RenderError, match="no link"):
        check(render(nowhere, fmt, SITE), fmt, nowhere)


@pytest.mark.parametrize("fmt", FORMATS)
def test_lost_content_is_refused(fmt: Format) -> None:
    body = render(feed(entry(1, content_html="", summary="")), fmt, SITE)
    if fmt == "json":
        body = body.replace(b"content_text", b"content_lost")
    with pytest.raises(RenderError, match="lost its content"):
        check(body, fmt, feed(entry(1)))


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_lost_title_is_refused(fmt: Format) -> None:
    title = entry(1).title
    body = render(feed(entry(1)), fmt, SITE).replace(title.encode(), b" ")
    with pytest.raises(RenderError, match="no title"):
        check(body, fmt, feed(entry(1)))


def test_a_control_character_is_refused_where_the_format_would_let_it_through() -> None:
    document = json.loads(render(feed(entry(1)), "json", SITE))
    document["items"][0]["content_html"] += "\x0b"
    with pytest.raises(RenderError, match="control character"):
        check(json.dumps(document).encode(), "json", feed(entry(1)))
