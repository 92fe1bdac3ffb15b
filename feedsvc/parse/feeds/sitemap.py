"""Sitemaps (sitemaps.org 0.9), news sitemaps and sitemap indexes: addresses of pages, or of more sitemaps."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from feedsvc.domain.item import Enclosure
from feedsvc.domain.parsed import ParseJob
from feedsvc.errors import EmptyFeed
from feedsvc.parse.feeds.contents import Contents
from feedsvc.parse.feeds.item import Told
from feedsvc.parse.feeds.tree import Tree
from feedsvc.parse.feeds.words import inner_text
from feedsvc.parse.feeds.xml_source import name_of

# A sitemap has no guid and no text, and outside of news no title and often no date.
_UNASKED = frozenset({"missing_guid", "missing_title", "missing_date"})
_SEPARATORS = str.maketrans("，、；;", ",,,,")
# What stands around the words that matter: <news:news><news:publication>…, <image:image>…
_GROUPS = frozenset({"news:news", "news:publication", "image:image"})
Words = dict[str, list[str]]


def read(tree: Tree, job: ParseJob) -> Contents:
    """Read a sitemap's addresses as items without a text, or an index's as parts.

    Google's news elements give title, date, outlet, language and keywords. Raises EmptyFeed where
    no address stands.
    """
    _, root = name_of(tree.root)
    wanted = "sitemap" if root == "sitemapindex" else "url"
    found = tree.items(child for child in tree.root if name_of(child)[1] == wanted)
    words = [(_words(element), mended) for element, mended in found]
    rows = [(each, mended) for each, mended in words if "loc" in each]
    if not rows:
        raise EmptyFeed(job.url, "a sitemap without a single address")
    if root == "sitemapindex":
        return Contents(format="sitemap-index", parts=[_told(each, job) for each, _ in rows])
    has_news = any("news:title" in each for each, _ in rows)
    return Contents(
        format="sitemap-news" if has_news else "sitemap",
        items=[(_told(each, job), mended) for each, mended in rows],
    )


def _words(element: etree._Element) -> Words:
    found: Words = {}
    for word, text in _leaves(element):
        found.setdefault(word, []).append(text)
    return found


def _leaves(element: etree._Element) -> Iterable[tuple[str, str]]:
    """The elements that hold words, named by what their namespace is about, whatever its version."""
    for child in element:
        namespace, name = name_of(child)
        about = next((each for each in ("news", "image") if f"/sitemap-{each}/" in namespace), "")
        word = f"{about}:{name}" if about else name
        if word in _GROUPS:
            yield from _leaves(child)
        elif text := inner_text(child).strip():
            yield word, text


def _told(words: Words, job: ParseJob) -> Told:
    def first(word: str) -> str:
        return words.get(word, [""])[0]

    told = Told(
        base_url=job.base_url,
        link=first("loc"),
        title=first("news:title"),
        title_kind="text",
        published=first("news:publication_date"),
        updated=first("lastmod"),
        attribution=first("news:name"),
        language=first("news:language"),
        unasked=_UNASKED,
    )
    if keywords := first("news:keywords"):
        told.categories = keywords.translate(_SEPARATORS).split(",")
    told.enclosures = [Enclosure(url=url) for url in words.get("image:loc", ())]
    return told
