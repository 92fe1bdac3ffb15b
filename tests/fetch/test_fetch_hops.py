"""Redirects: where they lead, and which are not followed."""

from __future__ import annotations

import pytest

from feedsvc.errors import RedirectFailed
from feedsvc.fetch.exchange import Hop
from feedsvc.fetch.hops import next_target
from feedsvc.fetch.target import read_target

SUBJECT = "http://partner.example/feed"


def follow(location: str | None, *, base: str = "http://partner.example/news/feed") -> str:
    hops = [Hop(url="http://partner.example/seen", status=302), Hop(url=base, status=301)]
    return next_target(read_target(base), location, hops=hops, subject=SUBJECT).url


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/rss", "http://partner.example/rss"),
        ("rss?a=1#top", "http://partner.example/news/rss?a=1"),
        ("../rss", "http://partner.example/rss"),
        ("//other.example/", "http://other.example/"),
        ("https://partner.example/feed", "https://partner.example/feed"),
        ("http://partner.example:8080", "http://partner.example:8080/"),
        ("?page=2", "http://partner.example/news/feed?page=2"),
        # Raw bytes in the header, GBK and UTF-8, stay the bytes that they are.
        ("/\xd2\xaa\xce\xc5/", "http://partner.example/%D2%AA%CE%C5/"),
        ("/a//\xd2\xaa", "http://partner.example/a//%D2%AA"),
        ("http://other.example/\xe8\xa6\x81", "http://other.example/%E8%A6%81"),
        ("//\xe6\x96\xb0\xe9\x97\xbb.example/", "http://xn--efvy88h.example/"),
    ],
)
def test_a_location_is_resolved_against_the_url_that_sent_it(location: str, url: str) -> None:
    assert follow(location) == url


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (None, "does not say where"),
        ("", "does not say where"),
        ("file:///etc/passwd", "only http"),
        ("gopher://127.0.0.1:6379/_INFO", "only http"),
        ("http://user:s3cret@partner.example/", "user name"),
        ("http://127.0.0.1\\@partner.example/", "backslash"),
        ("http://[::1/", "cannot be read"),
        ("/a\tb", "control character"),
        ("/seen", "circle"),
        ("/news/feed", "circle"),
        ("/news/feed#again", "circle"),
    ],
)
def test_some_redirects_are_not_followed(location: str | None, reason: str) -> None:
    with pytest.raises(RedirectFailed, match=reason) as caught:
        follow(location)
    assert caught.value.subject == SUBJECT
    assert "s3cret" not in str(caught.value)


def test_https_never_leads_back_to_http() -> None:
    with pytest.raises(RedirectFailed, match="from https to http"):
        follow("http://partner.example/b", base="https://partner.example/a")
    assert follow("/b", base="https://partner.example/a") == "https://partner.example/b"


@pytest.mark.parametrize(
    ("status", "permanent"), [(301, True), (308, True), (302, False), (307, False)]
)
def test_a_hop_knows_whether_it_is_for_good(status: int, *, permanent: bool) -> None:
    assert Hop(url=SUBJECT, status=status).permanent is permanent
