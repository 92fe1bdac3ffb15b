"""Whatever the texts contain, documents are well-formed and say what was given."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from html import unescape
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.domain.feed import ALL, FORMATS, Entry, Feed, FeedLink, FeedState, Format, Site
from feedsvc.domain.item import Dateline, Enclosure
from feedsvc.publish.check import check
from feedsvc.render.clean import cleaned, plain, uri
from feedsvc.render.dispatch import render
from feedsvc.render.opml import render_opml
from feedsvc.render.tombstone import tombstone
from tests.render.conformance import (
    ATOM,
    CONTENT,
    DC,
    assert_valid_atom,
    assert_valid_json,
    assert_valid_rss,
    parse_strictly,
)
from tests.render.samples import AT, SITE, entry, feed

# Every code point there is, lone surrogates and control characters among them.
ANYTHING = st.text(st.characters(), max_size=30)
# What has broken feeds, beside every code point there is: CDATA's end, markup, line ends, marks of
# direction, a BOM, what XML forbids, astral characters, half of one.
TRAP = (
    "]]>&lt;<b>\r\n\x00\x0b\x1f\x7f\x85\u200f\u202e\u2028\ufeff\ufdd0\ufffe\uffff𠮷\U0001fffe\ud800"
)
HOSTILE = ANYTHING | st.sampled_from(
    [
        TRAP,
        "",
        " ",
        "]]>",
        "</item></channel>",
        "&#0;",
        "<![CDATA[",
        "<!--",
        "\u202e文",
        "\ud800",
        "%",
        "a b",
    ]
)
# Not texts but words of ours, and where a text stands in an address.
WRITTEN_BY_US = frozenset({"guid", "status", "ai_label"})
ADDRESSES = {"url": "https://news.example/", "origin_url": "https://partner.example/"}
# What a newsroom writes. feedparser takes "&" and "<" in RSS titles for markup, as tag soup has it,
# and two Latin-1 letters for the UTF-8 of one.
LATIN_1 = "".join(map(chr, range(0x80, 0x100)))
PLAIN = st.text(
    st.characters(
        codec="utf-8", categories=("L", "N", "P", "So"), exclude_characters=f"&<>{LATIN_1}"
    ),
    min_size=1,
    max_size=30,
)
MOMENTS = st.datetimes(
    datetime.fromisoformat("1990-01-01"),
    datetime.fromisoformat("2099-01-01"),
    timezones=st.just(UTC),
)


@st.composite
def entries(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> Entry:
    published, updated = sorted((draw(MOMENTS), draw(MOMENTS)))
    return entry(
        draw(st.integers(1, 999_999)),
        url=f"https://news.example/{draw(texts)}",
        category=draw(texts),
        tags=tuple(draw(st.lists(texts, max_size=3))),
        ai_label=draw(st.sampled_from(["", "generated", "assisted"])),
        source_url=draw(st.sampled_from(["", "https://partner.example/"])) + draw(texts),
        title=draw(texts),
        original_title=draw(texts),
        summary=draw(texts),
        content_html=f"<p>{draw(texts)}</p>",
        published_at=published,
        updated_at=updated,
        status=draw(st.sampled_from(["live", "corrected", "withdrawn"])),
        reason=draw(texts),
        category_title=draw(texts),
        attribution=draw(texts),
        origin_url=f"https://partner.example/{draw(texts)}",
        source_title=draw(texts),
        authors=(draw(PLAIN), draw(PLAIN)),
        editors=(draw(texts),),
        credit_line=draw(texts),
        dateline=Dateline(place=draw(texts), date=draw(texts), agency=draw(texts)),
        rights=draw(texts),
        language=draw(texts),
        enclosures=tuple(
            Enclosure(url=f"https://x.example/{draw(texts)}", media_type=draw(texts), length=length)
            for length in draw(st.lists(st.none() | st.integers(0, 10**9), max_size=3))
        ),
    )


def distinct(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[Entry]]:
    return st.lists(entries(texts), max_size=3, unique_by=lambda each: each.guid)


@st.composite
def feeds(draw: st.DrawFn) -> Feed:
    """A feed that says anything wherever a text may stand."""
    links = (FeedLink(rel="prev-archive", stem=f"https://news.example/{draw(HOSTILE)}"),)
    return feed(
        *draw(distinct(HOSTILE)),
        slug=f"x{draw(HOSTILE)}",
        title=draw(HOSTILE),
        description=draw(HOSTILE),
        page_url=f"https://news.example/feeds/{draw(HOSTILE)}",
        query=draw(st.sampled_from(["", "?since=1"])),
        links=draw(st.sampled_from([(), links])),
    )


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """A site whose settings hold anything."""
    return Site(
        base_url=SITE.base_url,
        title=draw(HOSTILE),
        rights=draw(HOSTILE),
        contact=draw(HOSTILE),
        licence=draw(st.sampled_from(["", "https://news.example/"])) + draw(HOSTILE),
    )


@settings(max_examples=60, deadline=None)
@given(feeds(), sites())
def test_any_text_anywhere_gives_valid_documents(given_feed: Feed, site: Site) -> None:
    assert_valid_rss(render(given_feed, "rss", site))
    assert_valid_atom(render(given_feed, "atom", site))
    assert_valid_json(render(given_feed, "json", site))
    for fmt in FORMATS:
        check(render(given_feed, fmt, site), fmt, given_feed)
    for each in given_feed.entries:
        parse_strictly(tombstone(replace(each, status="withdrawn"), site).encode())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE), max_size=3), sites())
def test_any_text_anywhere_gives_a_well_formed_directory(
    told: list[tuple[str, str, str]], site: Site
) -> None:
    states = [
        FeedState(
            slug=slug or "x",
            guid="urn:uuid:5a3c1f7e-0000-4000-8000-000000000001",
            title=title,
            description=description,
            selection=ALL,
            cursor=1,
            updated_at=AT,
        )
        for slug, title, description in told
    ]
    outlines = parse_strictly(render_opml(states, site)).findall("body/outline")
    assert len(outlines) == len(states)
    for outline in outlines:
        assert (outline.get("text") or "").strip()
        assert (outline.get("xmlUrl") or "").isascii()


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("name", [each.name for each in fields(Entry)])
def test_no_text_field_of_an_entry_can_break_a_document(name: str, fmt: Format) -> None:
    """Each field by itself, so that none is forgotten when one is added."""
    value = getattr(entry(1), name)
    if name not in WRITTEN_BY_US and isinstance(value, str):
        shown = feed(entry(1, **{name: ADDRESSES.get(name, "") + TRAP}))
        check(render(shown, fmt, SITE), fmt, shown)
    elif isinstance(value, tuple) and name != "enclosures":
        shown = feed(entry(1, **{name: (TRAP, "", TRAP)}))
        check(render(shown, fmt, SITE), fmt, shown)


@settings(max_examples=40, deadline=None)
@given(distinct(ANYTHING))
def test_every_format_carries_the_texts_as_they_are(shown: list[Entry]) -> None:
    given_feed = feed(*shown)
    expected = [(each.content_html, plain(each.rights)) for each in cleaned(given_feed).entries]
    items = parse_strictly(render(given_feed, "rss", SITE)).findall("channel/item")
    atom = parse_strictly(render(given_feed, "atom", SITE)).findall(f"{ATOM}entry")
    in_json = json.loads(render(given_feed, "json", SITE))["items"]
    written = [
        [(i.findtext(f"{CONTENT}encoded"), i.findtext(f"{DC}rights") or "") for i in items],
        [(e.findtext(f"{ATOM}content"), _rights(e)) for e in atom],
        [(i["content_html"], i["_feedsvc"].get("rights", "")) for i in in_json],
    ]
    for pairs in written:
        assert [(content, rights.strip()) for content, rights in pairs] == expected


@pytest.mark.parametrize("fmt", ["rss", "atom"])
@settings(max_examples=25, deadline=None)
@given(shown=distinct(PLAIN))
def test_a_feed_parser_reads_back_what_was_given(fmt: Any, shown: list[Entry]) -> None:
    read = feedparser.parse(render(feed(*shown), fmt, SITE), sanitize_html=False)
    assert not read.bozo
    assert [each.id for each in read.entries] == [each.guid for each in shown]
    for found, given_entry in zip(read.entries, cleaned(feed(*shown)).entries, strict=True):
        assert found.title == given_entry.title
        assert found.link == uri(given_entry.url)
        assert _moment(found.published_parsed) == given_entry.published_at.replace(microsecond=0)
        assert _moment(found.updated_parsed) == given_entry.updated_at.replace(microsecond=0)
        assert found.content[0].value == given_entry.content_html
        assert [each.name for each in found.authors] == list(given_entry.authors)
        assert [each.name for each in found.contributors] == list(given_entry.editors)


def test_line_ends_stay_line_ends() -> None:
    (made,) = cleaned(feed(entry(1, summary="甲\r\n乙\r丙\n丁\x00"))).entries
    assert made.summary == "甲\n乙\n丙\n丁"


@pytest.mark.parametrize("odd", ["\ufffd", "\u0085"])
def test_a_very_long_paragraph_is_mended_in_no_time(odd: str) -> None:
    # One expression that retried at every character took ten minutes for this one.
    long = "字" * 200_000
    (made,) = cleaned(feed(entry(1, content_html=f"<p>{long}{odd}{long}</p>"))).entries
    assert odd not in made.content_html
    assert made.content_html.count("字") == 400_000


def test_blanks_in_what_might_be_a_tag_are_read_once() -> None:
    assert plain("<a" + " " * 200_000 + "x &lt;b&gt;粗&lt;/b&gt;").endswith("粗")


def test_a_clean_feed_is_not_copied() -> None:
    given_feed = feed(entry(1))
    assert cleaned(given_feed) is given_feed


@given(ANYTHING)
def test_a_uri_is_ascii_and_made_once(address: str) -> None:
    made = uri(address.encode("utf-8", "ignore").decode())
    assert made.isascii()
    assert " " not in made
    assert uri(made) == made


def _moment(parsed: Any) -> datetime:
    year, month, day, hour, minute, second = parsed[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _rights(atom: etree._Element) -> str:
    """A text with tags in it is escaped HTML in Atom."""
    found = atom.find(f"{ATOM}rights")
    text = "" if found is None else found.text or ""
    return unescape(text) if found is not None and found.get("type") == "html" else text
