"""The feeds that a page names: for programs in its head, for people as a link RSS or 订阅."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from feedsvc.domain.parsed import FeedLink
from feedsvc.parse.selection import text_of
from feedsvc.text.scrub import one_line
from feedsvc.text.urls import absolute

MOST_FEEDS = 20
_TYPES = re.compile(
    r"application/(?:(?:rss|atom|rdf)\+xml|feed\+json)|(?:application|text)/(?:xml|json)|application/x\.atom\+xml"
)
_PATH = re.compile(
    r"(?:^|[/._-])(?:rss|atom|feed|rdf)s?(?:[._/-]?\d+)?(?:\.(?:xml|php|aspx?|jsp|json|rss|rdf|html?))?/?(?:\?|$)|"
    r"\.(?:rss|atom|rdf)(?:\?|$)|/(?:rss|feeds?|atom)/[^?]*\.(?:xml|rss|atom|json)(?:\?|$)|[?&](?:feed|format)=(?:rss|atom)",
    re.IGNORECASE,
)
_WORDS = re.compile(r"\b(?:rss|atom|feed)\b|订阅本栏|RSS订阅|订阅源", re.IGNORECASE)
# A feed of readers' comments is not the site's articles.
_COMMENTS = re.compile(r"comment|评论", re.IGNORECASE)


def feed_links(tree: HtmlElement, base: str) -> tuple[FeedLink, ...]:
    """The feeds in the order of trust: declared ones, then linked ones; comments last."""
    found: dict[str, FeedLink] = {}
    for link in (*_declared(tree, base), *_linked(tree, base)):
        found.setdefault(link.url, link)
    ordered = sorted(
        found.values(),
        key=lambda link: (
            _COMMENTS.search(f"{link.title} {link.url}") is not None,
            not link.declared,
        ),
    )
    return tuple(ordered[:MOST_FEEDS])


def _declared(tree: HtmlElement, base: str) -> Iterator[FeedLink]:
    for node in tree.iter("link"):
        rels = (node.get("rel") or "").lower().split()
        kind = (node.get("type") or "").split(";")[0].strip().lower()
        if "alternate" not in rels or not _TYPES.fullmatch(kind) or node.get("hreflang"):
            continue
        if kind.endswith(("/xml", "/json")) and not _PATH.search(node.get("href") or ""):
            continue
        url = absolute(base, node.get("href") or "")
        if url is not None:
            yield FeedLink(url=url, title=one_line(node.get("title") or ""), declared=True)


def _linked(tree: HtmlElement, base: str) -> Iterator[FeedLink]:
    for node in tree.iter("a"):
        href = (node.get("href") or "").strip()
        url = absolute(base, href) if href and not href.startswith("#") else None
        if url is None:
            continue
        text = one_line(text_of(node)) or one_line(node.get("title") or "")
        path_says = _PATH.search(href) is not None
        if path_says and (len(text) <= 20 or _WORDS.search(text)):
            yield FeedLink(url=url, title=text)
