"""From bytes to a tree: the short way for clean UTF-8 gives what the long way gives, and nothing else passes it."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.domain.parsed import ParsedFeed, ParseJob
from feedsvc.errors import BrokenDocument, ParseError, TooComplex
from feedsvc.parse.feeds.feed import parse_feed
from feedsvc.parse.feeds.xml_source import parse_at_once

SEEN = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DOCUMENT = (
    "<rss version='2.0'><channel><title>青川</title><item xml:base='n/'><title>巡查&amp;服务</title>"
    "<link>1.html</link><guid>1</guid><description>&lt;p&gt;正文&lt;img src='1.jpg'&gt;</description>"
    "<pubDate>Fri, 09 Aug 2019 10:45:00 +0800</pubDate></item><!-- 二 -->"
    "<item><title><![CDATA[第二条 <b>]]></title><guid>2</guid></item></channel></rss>"
).encode()
PIECES = [b"\xff", b"\xe9\x9d", b"\x00", b"<", b"&", b"&nbsp;", b"\xef\xb7\x90", b"<item>", b"]]>", b"\x0b",
          b"<!DOCTYPE x>", b"<!--", b"\xed\xa0\x80", b"\xc0\xaf", b"<?x ?>", "é".encode("latin-1")]  # fmt: skip


def parsed(body: bytes) -> tuple[ParsedFeed, list[str]] | str:
    """What is read of a document, and the kinds of repairs, whose details name columns."""
    try:
        feed = parse_feed(ParseJob(kind="feed", body=body, url="http://p.example/f", seen_at=SEEN))
    except ParseError as error:
        return error.kind
    return replace(feed, repairs=()), [repair.kind for repair in feed.repairs]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(4, len(DOCUMENT)), st.sampled_from(PIECES)), max_size=2))
def test_the_short_way_gives_what_the_long_way_gives(edits: list[tuple[int, bytes]]) -> None:
    body = DOCUMENT
    for at, piece in edits:
        body = body[:at] + piece + body[at:]
    # A comment before the root is what the short way leaves to the long one.
    assert parsed(body) == parsed(b"<!---->" + body)


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=1, max_size=5), st.sampled_from([b"<r>%s</r>", b"<r><![CDATA[%s]]></r>", b"<r a='%s'/>"]))  # fmt: skip
def test_only_valid_utf8_is_parsed_at_once(piece: bytes, around: bytes) -> None:
    body = around % piece
    if parse_at_once(body, "x") is not None:
        body.decode()


@pytest.mark.parametrize("head", ["<!DOCTYPE rss>", "<!-- <rss> --><!DOCTYPE rss [<!ENTITY a 'b'>]>"])  # fmt: skip
def test_no_doctype_passes_the_short_way(head: str) -> None:
    assert parse_at_once(head.encode() + DOCUMENT, "x") is None


def test_a_gzip_file_is_read_as_what_is_in_it() -> None:
    assert parsed(gzip.compress(DOCUMENT)) == parsed(DOCUMENT)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (gzip.compress(DOCUMENT, mtime=0)[:-20], BrokenDocument),
        (b"\x1f\x8b\x08 no gzip at all", BrokenDocument),
        (gzip.compress(b"<rss>" + b" " * 11_000_000, mtime=0), TooComplex),
    ],
)
def test_a_bad_gzip_file_is_refused(body: bytes, kind: type[ParseError]) -> None:
    with pytest.raises(kind):
        parse_feed(ParseJob(kind="feed", body=body, url="http://p.example/f", seen_at=SEEN))


@pytest.mark.parametrize("codec", ["utf-8", "gbk"])
def test_a_doctype_in_the_words_of_an_entry_stays_there(codec: str) -> None:
    title = "写 <!DOCTYPE html> 与 <!ENTITY 的人"
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>'
        f"<title><![CDATA[{title}]]></title></entry></feed>"
    ).encode(codec)
    feed = parse_feed(ParseJob(kind="feed", body=body, url="http://p.example/f", seen_at=SEEN))
    assert feed.items[0].title == title
