"""Whatever the texts contain, documents are well-formed and say what was given."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.domain.feed import FORMATS, Entry
from feedsvc.domain.item import Dateline, Enclosure
from feedsvc.publish.check import check
from feedsvc.render.clean import cleaned, uri
from feedsvc.render.dispatch import render
from tests.render.conformance import (
    ATOM,
    CONTENT,
    DC,
    assert_valid_atom,
    assert_valid_json,
    assert_valid_rss,
    parse_strictly,
)
from tests.render.samples import SITE, entry, feed

# Every code point there is, lone surrogates and control characters among them.
ANYTHING = st.text(st.characters(), max_size=30)
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
        editors=(draw(PLAIN),),
        credit_line=draw(texts),
        dateline=Dateline(place=draw(texts)),
        rights=draw(texts),
        language=draw(texts),
        enclosures=(Enclosure(url=f"https://x.example/{draw(texts)}", media_type=draw(texts)),),
    )


def distinct(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[Entry]]:
    return st.lists(entries(texts), max_size=3, unique_by=lambda each: each.guid)


@settings(max_examples=40, deadline=None)
@given(distinct(ANYTHING), ANYTHING, ANYTHING)
def test_any_text_gives_valid_documents(shown: list[Entry], title: str, description: str) -> None:
    given_feed = feed(*shown, title=title, description=description)
    assert_valid_rss(render(given_feed, "rss", SITE))
    assert_valid_atom(render(given_feed, "atom", SITE))
    assert_valid_json(render(given_feed, "json", SITE))
    for fmt in FORMATS:
        check(render(given_feed, fmt, SITE), fmt, given_feed)


@settings(max_examples=40, deadline=None)
@given(distinct(ANYTHING))
def test_every_format_carries_the_texts_as_they_are(shown: list[Entry]) -> None:
    given_feed = feed(*shown)
    expected = [(each.content_html, each.rights.strip()) for each in cleaned(given_feed).entries]
    items = parse_strictly(render(given_feed, "rss", SITE)).findall("channel/item")
    atom = parse_strictly(render(given_feed, "atom", SITE)).findall(f"{ATOM}entry")
    in_json = json.loads(render(given_feed, "json", SITE))["items"]
    written = [
        [(i.findtext(f"{CONTENT}encoded"), i.findtext(f"{DC}rights") or "") for i in items],
        [(e.findtext(f"{ATOM}content"), e.findtext(f"{ATOM}rights") or "") for e in atom],
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
        assert found.link == given_entry.url
        assert _moment(found.published_parsed) == given_entry.published_at.replace(microsecond=0)
        assert _moment(found.updated_parsed) == given_entry.updated_at.replace(microsecond=0)
        assert found.content[0].value == given_entry.content_html
        assert [each.name for each in found.authors] == list(given_entry.authors)
        assert [each.name for each in found.contributors] == list(given_entry.editors)


def test_line_ends_stay_line_ends() -> None:
    (made,) = cleaned(feed(entry(1, summary="甲\r\n乙\r丙\n丁\x00"))).entries
    assert made.summary == "甲\n乙\n丙\n丁"


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
