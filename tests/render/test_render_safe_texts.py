"""Plain texts arrive as they were written, however a reader decodes them, and each entry has its own time."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.domain.feed import ALL, FORMATS, FeedState
from feedsvc.domain.item import Item
from feedsvc.domain.parsed import ParseJob
from feedsvc.parse.feeds.feed import parse_feed
from feedsvc.render.clean import plain, printable
from feedsvc.render.dispatch import render
from feedsvc.render.opml import render_opml
from feedsvc.render.safe import safe_atom, safe_rss
from tests.render.conformance_atom import ATOM_BOOK
from tests.render.conformance_core import ATOM, Document, damaged, moment
from tests.render.conformance_opml import OPML, outlines_of
from tests.render.conformance_rss import RSS
from tests.render.samples import AT, SITE, entry, feed

AWKWARD = [
    "如何使用 <b> 与 </b> 标签",
    "R&D2 与 AT&T",
    "&nbsp; 与 &#39;",
    "甲 < 乙 <3",
    "]]> &amp;lt;",
]


@pytest.mark.parametrize("title", AWKWARD)
def test_a_title_that_looks_like_markup_breaks_no_rule_and_is_shown_as_written(title: str) -> None:
    shown = feed(entry(1, title=title, summary=title, rights=title, source_title=title))
    rss, atom = render(shown, "rss", SITE), render(shown, "atom", SITE)
    assert RSS.faults(Document(rss)) == []
    assert ATOM_BOOK.faults(Document(atom)) == []
    assert etree.fromstring(rss).findtext("channel/item/title") == plain(title)
    [read] = feedparser.parse(atom, sanitize_html=False, resolve_relative_uris=False).entries
    assert unescape(read.title) == plain(title)


@pytest.mark.parametrize("title", [*AWKWARD, "公安 & 交通", "<>", 'a"b'])
def test_a_section_that_looks_like_markup_is_listed_under_its_own_name(title: str) -> None:
    state = FeedState(
        slug="x", guid="urn:uuid:5a3c1f7e-0000-4000-8000-000000000001", title=title, description="",
        selection=ALL, cursor=1, updated_at=AT,
    )  # fmt: skip
    document = Document(render_opml([state], SITE))
    assert OPML.faults(document) == []
    [outline] = outlines_of(document)
    assert outline.get("title") == title
    assert unescape(outline.get("text") or "") == title


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20))
def test_safe_texts_say_the_same(text: str) -> None:
    title = etree.Element("title")
    title.text = text
    document = b"<x>" + etree.tostring(title, encoding="utf-8") + b"</x>"
    assert etree.fromstring(safe_rss(document)).findtext("title") == text
    again = etree.fromstring(safe_atom(document)).find("title")
    assert again is not None
    if again.get("type") == "html":
        told = etree.fromstring(f"<t>{again.text}</t>").text
        assert told == text
    else:
        assert (again.text or "") == text


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("标题\ufffd丢字", "标题□丢字"),
        ("cafÃ© naÃ¯ve", "café naïve"),
        ("<p>cafÃ©</p><p>新闻</p>", "<p>café</p><p>新闻</p>"),
        ("à Â«la", "à Â«la"),
        ("甲\u0095乙", "甲乙"),
    ],
)
def test_wrongly_decoded_text_is_mended(text: str, mended: str) -> None:
    assert printable(text) == mended


@given(st.text(st.characters(max_codepoint=0x100), max_size=20))
def test_mending_leaves_nothing_to_mend(text: str) -> None:
    made = printable(text)
    assert printable(made) == made
    assert list(damaged(made)) == []


def test_entries_of_one_minute_have_times_of_their_own_at_every_hop() -> None:
    entries = [entry(n, updated_at=AT, published_at=AT) for n in range(1, 51)]
    body = render(feed(*entries), "atom", SITE)
    assert ATOM_BOOK.faults(Document(body)) == []
    times = [each.findtext(f"{ATOM}updated") for each in etree.fromstring(body)][-50:]
    assert {moment(each).replace(microsecond=0) for each in times} == {AT.replace(microsecond=0)}
    # The next hop mints its own guid and address; the original's address stays.
    hop = [entry(n, guid=f"urn:uuid:2{each.guid[10:]}", url=f"https://third.example/{n}", updated_at=AT, published_at=AT) for n, each in enumerate(entries, 1)]  # fmt: skip
    told = [each.findtext(f"{ATOM}updated") for each in etree.fromstring(render(feed(*hop), "atom", SITE))][-50:]  # fmt: skip
    assert told == times


MOMENTS = st.datetimes(
    datetime.fromisoformat("1995-01-01"),
    datetime.fromisoformat("2026-01-01"),
    timezones=st.just(UTC),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(MOMENTS, MOMENTS, st.integers(0, 3), st.text(max_size=8)), min_size=1, max_size=5
    ),
)
def test_a_fraction_never_turns_time_round_and_is_cut_at_the_next_hop(
    told: list[tuple[datetime, datetime, int, str]],
) -> None:
    entries = [
        entry(
            number,
            published_at=min(one, other),
            # As often as not a change falls into the second of the publication.
            updated_at=max(one, other) if choice else min(one, other),
            origin_url=f"https://partner.example/{path}" if choice > 1 else "",
            source_url="",
        )
        for number, (one, other, choice, path) in enumerate(told, 1)
    ]
    newest = max((each.updated_at for each in entries), default=AT)
    shown = feed(*entries, updated_at=newest)
    body = render(shown, "atom", SITE)
    root = etree.fromstring(body)
    whole = moment(root.findtext(f"{ATOM}updated"))
    for each in root.findall(f"{ATOM}entry"):
        published, updated = (moment(each.findtext(f"{ATOM}{n}")) for n in ("published", "updated"))
        assert published <= updated <= whole
    read = {
        fmt: [(one.published_at, one.updated_at) for one in next_hop(render(shown, fmt, SITE))]
        for fmt in FORMATS
    }
    want = [
        tuple(at.replace(microsecond=0) for at in (one.published_at, one.updated_at))
        for one in entries
    ]
    assert read == dict.fromkeys(FORMATS, want)
    for at, elsewhere in zip(
        (each.findtext(f"{ATOM}updated") for each in root.findall(f"{ATOM}entry")),
        feedparser.parse(body).entries,
        strict=True,
    ):
        assert moment(at).astimezone(UTC).timetuple()[:6] == elsewhere.updated_parsed[:6]


def next_hop(body: bytes) -> tuple[Item, ...]:
    """What our own reader takes of a document."""
    return parse_feed(
        ParseJob(kind="feed", body=body, url="https://news.example/f", seen_at=AT)
    ).items
